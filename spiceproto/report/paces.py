"""Video streams one by one: how many frames a second came, and what the client says that it dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

__all__ = ["PACED", "Pace", "Paces"]

_STREAMS: Final = 1 << 10
"""Streams of a capture that are told one by one."""

_NOTHING: Final = 0xFFFFFFFF
"""Drops of a report that says that the stream can not be decoded."""

PACED: Final = frozenset(
    {"STREAM_CREATE", "STREAM_DATA", "STREAM_DATA_SIZED", "STREAM_DESTROY", "STREAM_DESTROY_ALL", "STREAM_REPORT"}
)
"""Messages that are looked at."""


class Pace(msgspec.Struct):
    """One stream; ``codec`` and size are None where its beginning was not seen.

    * ``seconds``: from its first frame to its last
    * ``reported``, ``dropped``: frames of the client's reports
    * ``undecodable``: reports that say that the client can not decode it
    """

    connection: int
    channel: str
    id: int
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    frames: int = 0
    bytes: int = 0
    seconds: float = 0.0
    reports: int = 0
    reported: int = 0
    dropped: int = 0
    undecodable: int = 0

    @property
    def rate(self) -> float | None:
        """Frames a second; None of a single frame."""
        return (self.frames - 1) / self.seconds if self.seconds > 0 else None


class Paces:
    """``more``: streams that began and are not told, since there were too many."""

    def __init__(self) -> None:
        self._streams: list[Pace] = []
        self._open: dict[tuple[int, int], tuple[Pace, int]] = {}
        self._rest = Pace(0, "", 0)
        self.more = 0

    def __iter__(self) -> Iterator[Pace]:
        return iter(self._streams)

    def message(self, connection: int, channel: str, name: str, value: Any, time_ns: int) -> None:
        """One of :data:`PACED`."""
        if name == "STREAM_CREATE":
            codec = getattr(value.codec_type, "name", f"codec {int(value.codec_type)}")
            self._begin(Pace(connection, channel, value.id, codec, value.stream_width, value.stream_height))
        elif name == "STREAM_DESTROY":
            self._open.pop((connection, value.id), None)
        elif name == "STREAM_DESTROY_ALL":
            self._open = {key: found for key, found in self._open.items() if key[0] != connection}
        elif name == "STREAM_REPORT":
            self._report(self._of(connection, channel, value.stream_id)[0], value)
        else:
            pace, first = self._of(connection, channel, value.base.id)
            if not pace.frames:
                first = time_ns
                if pace is not self._rest:
                    self._open[connection, value.base.id] = pace, first
            pace.frames += 1
            pace.bytes += len(value.data)
            pace.seconds = max(time_ns - first, 0) / 1e9

    def _begin(self, pace: Pace) -> None:
        self._open.pop((pace.connection, pace.id), None)
        if len(self._streams) < _STREAMS:
            self._streams.append(pace)
            self._open[pace.connection, pace.id] = pace, 0
        else:
            self.more += 1

    def _of(self, connection: int, channel: str, id: int) -> tuple[Pace, int]:
        """The stream and the time of its first frame; one that is not told, if there are too many."""
        found = self._open.get((connection, id))
        if found is None and len(self._streams) < _STREAMS:
            self._begin(Pace(connection, channel, id))
            found = self._open[connection, id]
        return found or (self._rest, 0)

    @staticmethod
    def _report(pace: Pace, value: Any) -> None:
        pace.reports += 1
        if value.num_drops == _NOTHING:
            pace.undecodable += 1
            return
        pace.reported += value.num_frames
        pace.dropped += value.num_drops
