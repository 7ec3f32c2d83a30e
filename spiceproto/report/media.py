"""What a capture has of video and of sound: on each channel, of which codec or mode, how much.

Messages of video come on a display channel, where most are others: :meth:`Media.looks` are functions for those that matter, and
nobody else is slower by them. Where few messages come, :meth:`Media.beside` looks at all. What cannot be read is not counted;
the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import msgspec

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.errors import RemoteError

__all__ = ["Media", "Sound", "Video"]

_STREAMS: Final = 1 << 10
"""Streams of a channel that are remembered; there are 64 at most."""

_FORMATS: Final = 1 << 5
"""Formats of sound of a channel that are told apart; what comes in more counts as of none that is known."""

_DIGITS: Final = 9
"""Of a fraction of seconds, as everywhere in JSON lines."""

_BESIDE: Final = frozenset({("display", "client"), ("playback", "server"), ("record", "server"), ("record", "client")})
"""Table and sender where few messages come."""

Look = Callable[[bytes], bool]


class Video(msgspec.Struct):
    """Streams of one ``codec`` on one channel, None where it was not seen.

    * ``least``, ``most``: width and height of the smallest and the largest
    * ``bytes``: of the frames
    * ``reports``: STREAM_REPORT of the client
    """

    kind: ClassVar = "video"

    connection: int
    channel: str
    codec: str | None
    streams: int = 0
    least: tuple[int, int] | None = None
    most: tuple[int, int] | None = None
    frames: int = 0
    bytes: int = 0
    reports: int = 0

    def begin(self, size: tuple[int, int]) -> None:
        """One more stream."""
        self.streams += 1
        self.least = size if self.least is None else min(self.least, size, key=_area)
        self.most = size if self.most is None else max(self.most, size, key=_area)

    def __str__(self) -> str:
        kind = self.codec or "codec not seen"
        if self.least is not None and self.most is not None:
            kind += f" {_size(self.least)}" + f" to {_size(self.most)}" * (self.least != self.most)
        counts = f"{_count(self.streams, 'stream')}, {_count(self.frames, 'frame')} of {self.bytes} bytes"
        said = f"{kind}, {counts}, {_count(self.reports, 'report')}"
        return f"video on connection {self.connection}, {self.channel}: {said}"


class Sound(msgspec.Struct):
    """DATA of one ``mode`` and format on one channel; what was not seen is None.

    * ``channels``, ``frequency``: of START, what the encoder was given
    * ``seconds``: of those packets that say how long they are
    """

    kind: ClassVar = "sound"

    connection: int
    channel: str
    mode: str | None
    channels: int | None
    frequency: int | None
    packets: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        form = "format not seen" if self.frequency is None else f"{self.channels} x {self.frequency} Hz"
        size = f"{_count(self.packets, 'packet')} of {self.bytes} bytes"
        said = f"{self.mode or 'mode not seen'}, {form}, {size}, {self.seconds:.3f} s"
        return f"sound on connection {self.connection}, {self.channel}: {said}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s'[: number != 1]}"


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


class _Streams:
    """The streams of one display channel: ``codecs`` is number of a codec to what there was of it, ``ids`` what each has."""

    def __init__(self, connection: int, channel: str) -> None:
        self.codecs: dict[int | None, Video] = {}
        self.ids: dict[int, Video] = {}
        self._place = connection, channel

    def _of(self, codec: int | None) -> Video:
        found = self.codecs.get(codec)
        if found is None:
            found = self.codecs[codec] = Video(*self._place, None if codec is None else _codec(codec))
        return found

    def message(self, name: str, value: Any) -> None:
        if name == "STREAM_CREATE":
            found = self._of(int(value.codec_type))
            found.begin((value.stream_width, value.stream_height))
            if value.id in self.ids or len(self.ids) < _STREAMS:
                self.ids[value.id] = found
        elif name == "STREAM_REPORT":
            (self.ids.get(value.stream_id) or self._of(None)).reports += 1
        elif name in ("STREAM_DATA", "STREAM_DATA_SIZED"):
            found = self.ids.get(value.base.id) or self._of(None)
            found.frames += 1
            found.bytes += len(value.data)

    def __iter__(self) -> Iterator[Video]:
        return iter(self.codecs.values())


class _Track:
    """The sound of one playback or record channel."""

    def __init__(self, connection: int, channel: str) -> None:
        self._place = connection, channel
        self._sounds: dict[tuple[int | None, int | None, int | None], Sound] = {}
        self._mode: int | None = None
        self._channels: int | None = None
        self._frequency: int | None = None

    def message(self, name: str, value: Any) -> None:
        if name == "MODE":
            self._mode = int(value.mode)
        elif name == "START":
            self._channels, self._frequency = value.channels, value.frequency
        elif name == "DATA":
            self._data(value.data)

    def _data(self, data: Any) -> None:
        from spiceproto.stretch import seconds  # not at import: few captures have sound

        key = self._mode, self._channels, self._frequency
        if key not in self._sounds and len(self._sounds) >= _FORMATS:
            key = None, None, None
        found = self._sounds.get(key)
        if found is None:
            found = self._sounds[key] = Sound(*self._place, None if key[0] is None else _mode(key[0]), *key[1:])
        found.packets += 1
        found.bytes += len(data)
        found.seconds = round(found.seconds + (seconds(*key, data) or 0.0), _DIGITS)

    def __iter__(self) -> Iterator[Sound]:
        return iter(self._sounds.values())


_KINDS: Final[dict[str, type[_Streams | _Track]]] = {"display": _Streams, "playback": _Track, "record": _Track}
"""Table to what its messages mean."""

_READ: Final = frozenset({"STREAM_CREATE", "STREAM_DATA", "STREAM_DATA_SIZED", "STREAM_REPORT", "MODE", "START", "DATA"})


class Media:
    """The video and the sound of a capture."""

    def __init__(self) -> None:
        self._channels: dict[int, _Streams | _Track] = {}

    def __iter__(self) -> Iterator[Video | Sound]:
        for channel in self._channels.values():
            yield from channel

    def looks(self, conversation: Conversation, sender: str) -> dict[int, Look]:
        """Number to what counts a message, where few of many matter; it returns False: nothing is in doubt."""
        if (conversation.table, sender) != ("display", "server") or conversation.copy_of is not None:
            return {}
        note = self._of(conversation).message
        return {number: _look(row, note) for number, row in dispatch.rows("display", sender).items() if row.name in _READ}

    def beside(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """The same, which counts where few messages come."""
        if (conversation.table, sender) not in _BESIDE or conversation.copy_of is not None:
            return emit
        note = self._of(conversation).message
        rows = dispatch.rows(conversation.table, sender)
        looks = {number: _look(row, note) for number, row in rows.items() if row.name in _READ}

        def look(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            if number in looks:
                looks[number](body)

        return look

    def _of(self, conversation: Conversation) -> _Streams | _Track:
        number = conversation.connection.number
        found = self._channels.get(number)
        if found is None:
            found = self._channels[number] = _KINDS[conversation.table](number, conversation.place)
        return found

    def as_dict(self) -> dict[str, list[Any]]:
        """For JSON lines."""
        found: dict[str, list[Any]] = {"video": [], "sound": []}
        for item in self:
            found[item.kind].append(msgspec.to_builtins(item))
        return found


def _look(row: dispatch.Row, note: Callable[[str, Any], None]) -> Look:
    def look(body: bytes) -> bool:
        try:
            value = row.parse(memoryview(body))
        except RemoteError:
            return False  # the report says so
        note(row.name, value)
        return False

    return look


def _codec(number: int) -> str:
    from spiceproto.enums.display import VideoCodecType

    found = VideoCodecType._value2member_map_.get(number)
    return f"codec {number}" if found is None else str(found.name)


def _mode(number: int) -> str:
    from spiceproto.enums.audio import AudioDataMode

    found = AudioDataMode._value2member_map_.get(number)
    return f"mode {number}" if found is None else str(found.name)
