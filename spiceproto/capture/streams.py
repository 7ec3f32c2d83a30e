"""A capture as a whole: every connection that carries SPICE, as ordered bytes, pushed into the caller's sinks.

    class Mine:
        def data(self, from_client, chunk, time_ns, frame): ...
        def gap(self, from_client, size, time_ns, frame): ...
        def problem(self, code, text, from_client, time_ns, frame): ...
        def closed(self, time_ns, frame): ...

    Capture("session.pcapng").run(lambda connection: Mine())

:func:`read` gives the same as an iterator of events, a little slower.  Bytes are handed on as soon as they are known
to be the next ones; memory does not grow with the file.  When the file is damaged, what was read before is delivered
and the sinks are closed, then the error is raised.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, NamedTuple

from ..errors import LocalError, RemoteError
from .internet import Internet
from .layers import Connection, Sink, Totals
from .limits import KEY_LOG, WARNINGS
from .source import Readable, Source
from .tcp import FlowTable
from .tls_secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from .pcap import PcapFile
    from .pcapng import PcapngFile

__all__ = ["Capture", "Closed", "Data", "Event", "Gap", "Opened", "Problem", "Warned", "read"]

_COLLECT_EVERY_BYTES = 1 << 28
_COLLECT_EVERY_CONNECTIONS = 1 << 14
"""Input between two runs of the garbage collector, which is off while a capture is read."""


class Warned(NamedTuple):
    """Something about the file; not an error."""

    code: str
    text: str
    frame: int


class Capture:
    """One capture, read once.

    ``keylog``     file with TLS secrets in NSS format; those in a pcapng file are used anyway
    ``ports``      TCP ports whose connections are SPICE whatever their first bytes are
    ``decode_as``  the same for pairs of server address (None: any) and port
    ``progress``   called now and then with the bytes of the file consumed and its size, if known

    After :meth:`run`: ``totals``, ``warnings`` (the first ones; ``warning_count`` counts all) and ``format``.
    """

    def __init__(
        self,
        path_or_file: str | os.PathLike[str] | Readable,
        *,
        keylog: str | os.PathLike[str] | None = None,
        ports: Collection[int] = (),
        decode_as: Collection[tuple[str | None, int]] = (),
        progress: Callable[[int, int | None], object] | None = None,
    ) -> None:
        self.totals = Totals()
        self.warnings: list[Warned] = []
        self.warning_count = 0
        self.format = ""
        self.secrets = Secrets()
        if keylog is not None:
            self.secrets.add_log(_read_key_log(keylog))
        self._forced = frozenset({(None, port) for port in ports} | {_normal(*pair) for pair in decode_as})
        self._progress = progress
        self._path_or_file = path_or_file
        self._factory: Callable[[Connection], Sink | None] = _refuse
        self._number = 0
        self.last_time_ns = 0
        """Of the last packet."""
        self._source: Source | None = None
        self.flows = FlowTable(self)
        self.internet = Internet(self, self.flows)

    def run(self, sink_factory: Callable[[Connection], Sink | None]) -> Totals:
        """Read everything; ``sink_factory`` makes a sink for a connection, or None where it is of no interest.

        Raises :class:`~spiceproto.errors.RemoteError` for a file that is not a capture or is damaged,
        :class:`~spiceproto.errors.LocalError` for one that cannot be read.
        """
        for _ in self.steps(sink_factory):
            pass
        return self.totals

    def steps(self, sink_factory: Callable[[Connection], Sink | None]) -> Iterator[None]:
        """:meth:`run` in pieces of some 100 KB."""
        if self._source is not None:
            raise LocalError("a capture is read only once")
        self._factory = sink_factory
        self._source = source = Source(self._path_or_file)
        collecting = gc.isenabled()
        gc.disable()
        try:
            collected = connections = 0
            try:
                for _ in self._open(source).walk():
                    if self._progress is not None:
                        self._progress(source.consumed, source.file_size)
                    if (
                        source.consumed - collected > _COLLECT_EVERY_BYTES
                        or self.totals.tcp_connections - connections > _COLLECT_EVERY_CONNECTIONS
                    ):
                        collected, connections = source.consumed, self.totals.tcp_connections
                        gc.collect()
                    yield
                if source.truncated:
                    self.warn("truncated-file", "the gzip data end too early", self.totals.frames)
            finally:
                self.totals.file_bytes = source.consumed
                self.secrets.finish()
                self.flows.close(self.last_time_ns, self.totals.frames)
        finally:
            if collecting:
                gc.enable()
            source.close()

    def _open(self, source: Source) -> PcapFile | PcapngFile:
        from . import pcap, pcapng

        magic = source.read_exactly(4)
        if magic == pcapng.MAGIC:
            self.format = "pcapng"
            if source.path is not None:
                path = source.path
                self.secrets.search = lambda: _search(path, self.secrets)
            return pcapng.PcapngFile(source, self)
        self.secrets.complete = True
        if magic in pcap.MAGICS:
            self.format = "pcap"
            return pcap.PcapFile(source, magic, self)
        raise RemoteError(
            "not a capture file" if magic else "the file is empty",
            where=source.name,
            offset=0,
            expected="pcap (a1b2c3d4 and variants) or pcapng (0a0d0d0a), perhaps in gzip",
            actual=magic.hex() or "nothing",
        )

    # What the layers ask

    def warn(self, code: str, text: str, frame: int) -> None:
        """Note something about the file."""
        self.warning_count += 1
        if len(self.warnings) < WARNINGS:
            self.warnings.append(Warned(code, text, frame))

    def open_sink(self, connection: Connection) -> Sink | None:
        """Ask the caller for a sink."""
        connection.number = self._number + 1
        sink = self._factory(connection)
        if sink is None:
            connection.number = 0
        else:
            self._number += 1
        return sink

    def forced_side(self, connection: Connection) -> str | None:
        """Which end the caller named as a SPICE server."""
        if self._forced:
            for side, (address, port) in (("server", connection.server), ("client", connection.client)):
                if (None, port) in self._forced or (address, port) in self._forced:
                    return side
        return None


def _refuse(connection: Connection) -> Sink | None:
    return None


def _normal(address: str | None, port: int) -> tuple[str | None, int]:
    """The address as connections write it."""
    if address is None:
        return None, port
    from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

    family = AF_INET6 if ":" in address else AF_INET
    try:
        return inet_ntop(family, inet_pton(family, address)), port
    except (OSError, ValueError) as error:
        raise LocalError(
            "not an IP address", expected="for instance 192.0.2.1 or 2001:db8::1", actual=address
        ) from error


def _read_key_log(path: str | os.PathLike[str]) -> bytes:
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            text = file.read(KEY_LOG + 1)
    except OSError as error:
        raise LocalError(
            "the key log cannot be read", where=name, expected="a text file in NSS format", actual=error.strerror or "?"
        ) from error
    if len(text) > KEY_LOG:
        raise LocalError("the key log is too long", where=name, expected=f"at most {KEY_LOG} bytes")
    return text


def _search(path: str, secrets: Secrets) -> None:
    """Read the rest of the file ahead, for secrets only."""
    from .pcapng import find_secrets

    source = Source(path)
    try:
        find_secrets(source, secrets.add_log)
    except RemoteError:
        pass  # the reader proper will meet the same damage and say so
    finally:
        source.close()


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

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """See :class:`Data`."""
        self._events.append(Data(self._connection, from_client, chunk, time_ns, frame))

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """See :class:`Gap`."""
        self._events.append(Gap(self._connection, from_client, size, time_ns, frame))

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """See :class:`Problem`."""
        self._events.append(Problem(self._connection, code, text, from_client, time_ns, frame))

    def closed(self, time_ns: int, frame: int, /) -> None:
        """See :class:`Closed`."""
        self._events.append(Closed(self._connection, time_ns, frame))


def read(
    path_or_file: str | os.PathLike[str] | Readable,
    *,
    keylog: str | os.PathLike[str] | None = None,
    ports: Collection[int] = (),
    decode_as: Collection[tuple[str | None, int]] = (),
    progress: Callable[[int, int | None], object] | None = None,
) -> Iterator[Event]:
    """The events of a capture, for :class:`Capture`'s arguments, which see."""
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
