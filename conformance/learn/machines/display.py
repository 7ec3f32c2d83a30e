"""A display channel of a server."""

from __future__ import annotations

from typing import Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.machines.main import control, sends, unknown
from conformance.learn.talks import Talks
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, display

__all__ = ["DISPLAY"]

_CACHE: Final = 1 << 20
_NO_REPORT: Final = display.StreamReport(
    stream_id=7,
    unique_id=7,
    start_frame_mm_time=0,
    end_frame_mm_time=0,
    num_frames=0,
    num_drops=0,
    last_frame_delay=0,
    audio_delay=0,
)


class DisplayTalks(Talks):
    """One display channel of a session, on which INIT was not said."""

    def begin(self) -> None:
        self.session()
        self.channel("display", ChannelType.DISPLAY)
        self._said["main"] = []

    def check(self) -> None:
        self.over = self.over or any(talk.closed for talk in self.talks.values())


_INIT: Final = display.Init(pixmap_cache_id=1, pixmap_cache_size=_CACHE, glz_dictionary_id=1, glz_dictionary_window_size=_CACHE)

DISPLAY: Final = Alphabet(
    name="display",
    role="server",
    doc="A display channel, from its INIT.",
    begin=DisplayTalks,
    channel="display",
    letters=(
        Letter("INIT", sends(_INIT, on="display"), owed={"SURFACE_CREATE": "SPICE-DISPLAY-006"}),
        Letter("PREFERRED_COMPRESSION", sends(display.PreferredCompression(ImageCompression.LZ), on="display")),
        Letter("PREFERRED_COMPRESSION 99", sends(display.PreferredCompression(99), on="display")),
        Letter("PREFERRED_VIDEO_CODEC_TYPE", sends(display.PreferredVideoCodecType((1,)), on="display")),
        Letter("PREFERRED_VIDEO_CODEC_TYPE 99", sends(display.PreferredVideoCodecType((99,)), on="display")),
        Letter("PREFERRED_VIDEO_CODEC_TYPE none", sends(display.PreferredVideoCodecType(()), on="display")),
        Letter("STREAM_REPORT", sends(_NO_REPORT, on="display")),
        Letter("GL_DRAW_DONE", sends(display.GlDrawDone(), on="display")),
        Letter("ACK", sends(common.Ack(), on="display")),
        Letter("ACK_SYNC", sends(common.AckSync(0), on="display")),
        Letter("PONG", sends(common.Pong(0x5EED, 0), on="display")),
        Letter("MIGRATE_DATA", sends(common.MigrateData(b""), on="display")),
        Letter("MIGRATE_FLUSH_MARK", sends(common.MigrateFlushMark(), on="display")),
        Letter("DISCONNECTING", sends(common.Disconnecting(0, 0), on="display")),
        Letter("type 199", unknown("display")),
        Letter("(the guest draws)", control("animate", 1), needs=("control:animate",)),
    ),
)
