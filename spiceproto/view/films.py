"""The video streams of a capture as films: frames with their times, what was dropped of them, and pictures of those that a
browser can not read.

A frame of MJPEG is a picture that browsers know. It stands in the body of its message, which the page has; all it may lack are
tables that an earlier frame had. Frames of other codecs are decoded, and kept as JPEG.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from typing import Any, ClassVar, Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import Diagnostic
from spiceproto.codecs import video
from spiceproto.enums.display import StreamFlags, VideoCodecType
from spiceproto.errors import MissingExtraError, SpiceError
from spiceproto.report.extraction.extraction import HOLES
from spiceproto.view.panes import Pane, Spot

__all__ = ["ROOM", "Films"]

ROOM: Final = 12 << 20
"""Bytes of decoded frames that a page has."""

_STREAMS: Final = 500
_FRAMES: Final = 50_000
"""Streams, and frames of all of them, that a page has."""

_NOTHING: Final = 0xFFFFFFFF
"""Drops of a report that says that the stream can not be decoded."""

_REPORTED: Final = 1000
"""Frames that a report may be about: clients say one for some frames."""

_QUALITY: Final = 75


class _Film:
    """One stream."""

    def __init__(self, said: dict[str, Any], key: tuple[int, int]) -> None:
        self.said = said
        self.key = key
        self.codec = 0
        self.decoder: video.Decoder | None = None
        self.tables = video.MjpegTables()
        self.failed = ""


class Films(Pane):
    """A list of streams: ``name``, ``codec``, ``width``, ``height``, ``top_down``, ``reports``, ``dropped``, ``rows`` of its
    beginning and end (-1: not seen), ``tables``, and ``frames``:

    * row, time on the multimedia clock in ms, seconds, and where its data begin in the body
    * number of the tables that it lacks, -1 for none; number of its picture, -1: it is in the body, -2: it has none
    * 1 where the client says that of those around it some were dropped, 2 where the capture lacks something before it
    """

    name: ClassVar = "films"

    def __init__(self, *, draws: bool) -> None:
        super().__init__()
        self._draws = draws
        self._all: list[_Film] = []
        self._open: dict[tuple[int, int], _Film] = {}
        self._holes: set[int] = set()
        self._frames = 0
        self._room = ROOM
        self._left: dict[str, int] = {}

    def wanted(self, table: str, sender: str) -> Collection[str]:
        if table != "display":
            return ()
        if sender == "client":
            return ("STREAM_REPORT",)
        return ("STREAM_CREATE", "STREAM_DATA", "STREAM_DATA_SIZED", "STREAM_DESTROY", "STREAM_DESTROY_ALL")

    def problem(self, conversation: Conversation, problem: Diagnostic) -> None:
        if problem.code in HOLES and conversation.channel == "display" and problem.at.sender == "server":
            self._holes.add(conversation.connection.number)

    def message(self, conversation: Conversation, spot: Spot, name: str, value: Any, body: bytes) -> None:
        number = conversation.connection.number
        if name == "STREAM_CREATE":
            self._create(conversation, spot, value)
        elif name == "STREAM_DESTROY":
            self._end((number, value.id), spot)
        elif name == "STREAM_DESTROY_ALL":
            for key in [key for key in self._open if key[0] == number]:
                self._end(key, spot)
        elif name == "STREAM_REPORT":
            self._report((number, value.stream_id), value)
        else:
            film = self._open.get((number, value.base.id))
            if film is None:
                self._leave("their STREAM_CREATE was not seen, or has no room")
            else:
                self._frame(film, spot, value, body)

    def _create(self, conversation: Conversation, spot: Spot, value: Any) -> None:
        key = conversation.connection.number, value.id
        self._end(key, None)
        if len(self._all) >= _STREAMS:
            return
        session = conversation.session.number if conversation.session is not None else 0
        codec = VideoCodecType._value2member_map_.get(int(value.codec_type))
        said = {
            "name": f"session {session}, {conversation.place}, stream {value.id}",
            "codec": codec.name if codec is not None else f"codec {int(value.codec_type)}",
            "width": value.stream_width,
            "height": value.stream_height,
            "top_down": bool(value.flags & StreamFlags.TOP_DOWN),
            "rows": [spot.row, -1],
            "tables": [],
            "frames": [],
            "reports": 0,
            "dropped": 0,
            "undecodable": 0,
        }
        film = self._open[key] = _Film(said, key)
        film.codec = int(value.codec_type)
        self._all.append(film)
        if film.codec != VideoCodecType.MJPEG:
            if not self._draws:
                film.failed = "it is not decoded, for the capture is large (--pictures)"
                return
            try:
                film.decoder = video.decoder(film.codec, top_down=said["top_down"])
            except (MissingExtraError, SpiceError) as error:
                film.failed = str(error)

    def _end(self, key: tuple[int, int], spot: Spot | None) -> None:
        film = self._open.pop(key, None)
        if film is not None:
            film.decoder = None
            if spot is not None:
                film.said["rows"][1] = spot.row

    def _frame(self, film: _Film, spot: Spot, value: Any, body: bytes) -> None:
        self._frames += 1
        if self._frames > _FRAMES:
            self._leave(f"a page has at most {_FRAMES}")
            return
        data = bytes(value.data)
        tables, picture = -1, -2
        if film.codec == VideoCodecType.MJPEG:
            picture = -1
            try:
                lacks, sent = film.tables.older(data)
                film.tables.keep(sent)
            except SpiceError:
                lacks, picture = b"", -2
            if lacks:
                text = b64encode(lacks).decode("ascii")
                known = film.said["tables"]
                if text not in known[-4:]:
                    known.append(text)
                tables = len(known) - 1 - known[::-1].index(text)
        elif film.decoder is not None:
            picture = self._decoded(film, data)
        flags = 2 if film.key[0] in self._holes else 0
        self._holes.discard(film.key[0])
        at = round(spot.seconds, 6)
        film.said["frames"].append([spot.row, value.base.multi_media_time, at, len(body) - len(data), tables, picture, flags])

    def _decoded(self, film: _Film, data: bytes) -> int:
        """The number of a frame's picture; -2 where it has none."""
        assert film.decoder is not None
        if self._room <= 0:
            self._leave(f"there is room for {ROOM >> 20} MiB of decoded frames")
            return -2
        try:
            pictures = film.decoder.decode(data)
            if not pictures:
                return -2
            coded = video.MjpegEncoder(_QUALITY).encode(pictures[-1])
        except (MissingExtraError, SpiceError) as error:
            film.failed = film.failed or str(error)
            return -2
        self._room -= len(coded)
        self.texts.append(b64encode(coded).decode("ascii"))
        return len(self.texts) - 1

    def _report(self, key: tuple[int, int], value: Any) -> None:
        film = self._open.get(key)
        if film is None:
            return
        film.said["reports"] += 1
        if value.num_drops == _NOTHING:
            film.said["undecodable"] += 1
            return
        film.said["dropped"] += value.num_drops
        if not value.num_drops:
            return
        first, last = value.start_frame_mm_time, value.end_frame_mm_time
        for frame in film.said["frames"][-_REPORTED:]:
            if (frame[1] - first) & 0xFFFFFFFF <= (last - first) & 0xFFFFFFFF:
                frame[6] |= 1

    def _leave(self, why: str) -> None:
        self._left[why] = self._left.get(why, 0) + 1

    def as_values(self) -> list[dict[str, Any]]:
        self.said += [f"{count} frames of video are not shown in this page: {why}" for why, count in self._left.items()]
        return [film.said | {"failed": film.failed} for film in self._all]
