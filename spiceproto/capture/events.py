"""The streams of a capture as an iterator of events, for who does not want to be called."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from spiceproto.capture.layers import Connection
from spiceproto.capture.places import Place
from spiceproto.capture.source import Readable
from spiceproto.capture.streams import Capture
from spiceproto.errors import RemoteError

__all__ = ["Closed", "Data", "Event", "Gap", "Opened", "Problem", "read"]


class Opened(NamedTuple):
    """A connection that carries SPICE, or is opaque."""

    connection: Connection


class Data(NamedTuple):
    """The next bytes of one direction."""

    connection: Connection
    from_client: bool
    chunk: bytes
    time_ns: int
    frame: int


class Gap(NamedTuple):
    """Bytes that the capture does not have."""

    connection: Connection
    from_client: bool
    size: int
    time_ns: int
    frame: int


class Problem(NamedTuple):
    """Something below SPICE is not as it should be."""

    connection: Connection
    code: str
    text: str
    from_client: bool
    time_ns: int
    frame: int


class Closed(NamedTuple):
    """The end of a connection, or of the file."""

    connection: Connection
    time_ns: int
    frame: int


Event = Opened | Data | Gap | Problem | Closed


class _Recorder:
    """A sink that writes events down."""

    __slots__ = ("_connection", "_events")

    def __init__(self, connection: Connection, events: list[Event]) -> None:
        self._connection = connection
        self._events = events
        events.append(Opened(connection))

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """See :class:`Data`."""
        self._events.append(Data(self._connection, from_client, chunk, time_ns, frame))

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """See :class:`Gap`."""
        self._events.append(Gap(self._connection, from_client, size, time_ns, frame))

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """See :class:`Problem`."""
        self._events.append(Problem(self._connection, code, text, from_client, time_ns, frame))

    def closed(self, time_ns: int, frame: int) -> None:
        """See :class:`Closed`."""
        self._events.append(Closed(self._connection, time_ns, frame))


def read(
    path_or_file: str | os.PathLike[str] | Readable,
    *,
    keylog: str | os.PathLike[str] | None = None,
    ports: Collection[int] = (),
    decode_as: Collection[Place] = (),
    progress: Callable[[int, int | None], object] | None = None,
) -> Iterator[Event]:
    """The events of a capture, for the arguments of :class:`~spiceproto.capture.streams.Capture`."""
    events: list[Event] = []
    capture = Capture(path_or_file, keylog=keylog, ports=ports, decode_as=decode_as, progress=progress)
    try:
        for _ in capture.steps(lambda connection: _Recorder(connection, events)):
            yield from events
            events.clear()
    except RemoteError:  # what came before the damage is good
        yield from events
        raise
    yield from events
