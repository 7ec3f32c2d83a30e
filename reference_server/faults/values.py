"""Faults of values (chapter 2, section 8)."""

from __future__ import annotations

import msgspec

from reference_server.channels.cursor import CursorChannel
from reference_server.channels.display import DisplayChannel
from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from spiceproto.enums.capabilities import DisplayCapability, MainCapability
from spiceproto.enums.display import ClipType, StreamFlags, VideoCodecType
from spiceproto.messages import cursor, display, main
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect
from spiceproto.unsent import Unsent


@fault("doubly-visible", "SPICE-FRAME-040")
class DoublyVisible(CursorChannel):
    """Says 2 of the pointer, which is visible or is not."""

    def init(self) -> cursor.Init:
        return msgspec.structs.replace(super().init(), visible=2)


@fault("h264-uninvited", "SPICE-FRAME-045")
class H264Uninvited(DisplayChannel):
    """Begins a stream of H.264 for a client that did not announce it."""

    def show(self) -> None:
        super().show()
        if self.client_has(DisplayCapability.CODEC_H264):
            return
        stream = display.StreamCreate(
            surface_id=0,
            id=0,
            flags=StreamFlags.TOP_DOWN,
            codec_type=VideoCodecType.H264,
            stamp=0,
            stream_width=8,
            stream_height=8,
            src_width=8,
            src_height=8,
            dest=Rect(top=0, left=0, bottom=8, right=8),
            clip=Clip(ClipType.NONE),
        )
        self.send(stream, display.StreamDestroy(0))


@fault("subject-announced-and-null", "SPICE-FRAME-046", "SPICE-MIG-006", "SPICE-MIG-057")
class SubjectAnnouncedAndNull(MainChannel):
    """Begins a migration with a subject of nine bytes behind a null pointer, and cancels it."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        if self.client_has(MainCapability.SEMI_SEAMLESS_MIGRATE):
            here = main.DstInfo(port=5900, sport=0, host_data=b"localhost\0", cert_subject_data=Unsent(9))
            self.send(main.MigrateBegin(here), main.MigrateCancel())
        return super().channels_list(*added)
