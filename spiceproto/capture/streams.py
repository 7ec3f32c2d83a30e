"""A capture as a whole: every connection that carries SPICE, as ordered bytes, pushed into the caller's sinks.

    class Mine:
        def data(self, from_client, chunk, time_ns, frame): ...
        def gap(self, from_client, size, time_ns, frame): ...
        def problem(self, code, text, from_client, time_ns, frame): ...
        def closed(self, time_ns, frame): ...

    Capture("session.pcapng").run(lambda connection: Mine())

:func:`spiceproto.capture.events.read` gives the same as an iterator, a little slower. Bytes are handed on as soon as they are
known to be the next ones; memory does not grow with the file. When the file is damaged, what was read before is delivered
and the sinks are closed, then the error is raised.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from spiceproto.capture import pcap
from spiceproto.capture.foreign import STRANGE, Foreign, Severity
from spiceproto.capture.internet import Internet
from spiceproto.capture.layers import Connection, Refusal, Sink, Totals, Unrecognised
from spiceproto.capture.limits import KEY_LOG, RECENT_BYTES, REFUSALS, WARNINGS
from spiceproto.capture.places import Place, Places
from spiceproto.capture.seen_twice import SeenTwice
from spiceproto.capture.source import Readable, Source, can_be_read_again
from spiceproto.capture.tcp import FlowTable
from spiceproto.capture.tls_secrets import GrowingLog, Secrets
from spiceproto.errors import LocalError, RemoteError, SpiceError

if TYPE_CHECKING:
    from spiceproto.capture.order import Order
    from spiceproto.capture.pcapng import PcapngFile

__all__ = ["Capture", "Warned"]

_COLLECT_EVERY_BYTES = 1 << 28
_COLLECT_EVERY_CONNECTIONS = 1 << 14
"""Input between two runs of the garbage collector, which is off while a capture is read."""


_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"

_OTHER_FORMATS: Final = {b"snoo": "snoop", b"RTSS": "Microsoft Network Monitor 1", b"GMBU": "Microsoft Network Monitor 2"}
"""First bytes of files that another program has to convert."""


class Warned(msgspec.Struct, frozen=True):
    """Something about the file; not an error."""

    code: str
    text: str
    frame: int
    severity: Severity = "warning"


class Capture:
    """One capture, read once.

    * ``keylog``: file with TLS secrets in NSS format; those in a pcapng file are used anyway
    * ``ports``: TCP ports whose connections are SPICE whatever their first bytes are
    * ``decode_as``: the same for pairs of server address (None: any) and port, and for those of a client and a server
    * ``in_order``: an answer is handed on behind its question, whatever the order of their packets in the file
    * ``progress``: called now and then with the bytes of the file consumed and its size, if known
    * ``live``: the capture is being written, and so is the key log: secrets may come behind what they open

    After :meth:`run`: ``totals``, ``warnings`` (the first ones; ``warning_count`` counts all) and ``format``.
    """

    def __init__(
        self,
        path_or_file: str | os.PathLike[str] | Readable,
        *,
        keylog: str | os.PathLike[str] | None = None,
        ports: Collection[int] = (),
        decode_as: Collection[Place] = (),
        in_order: bool = False,
        progress: Callable[[int, int | None], object] | None = None,
        live: bool = False,
    ) -> None:
        self.in_order = in_order
        self.compares = in_order or live or not can_be_read_again(path_or_file)
        """What comes again is compared while the file is read, and not in a second look at it."""
        self.totals = Totals()
        self.warnings: list[Warned] = []
        self.warning_count = 0
        self.format = ""
        self.secrets = Secrets()
        self._live = live
        self._keylog = keylog is not None
        self._log = GrowingLog(keylog) if live and keylog is not None else None
        if self._log is not None:
            self.secrets.add_log(self._log.more())
        elif keylog is not None:
            self.secrets.add_log(_read_key_log(keylog))
        self._forced = Places({(None, port): "" for port in ports} | dict.fromkeys(decode_as, ""))
        self._progress = progress
        self._path_or_file = path_or_file
        self._factory: Callable[[Connection], Sink | None] = _refuse
        self._number = 0
        self.last_time_ns = 0
        """Of the last packet."""
        self.spice_servers: set[tuple[str, int]] = set()
        """Addresses where SPICE was spoken."""
        self.unrecognised: dict[Unrecognised, None] = {}
        """Connections of which nobody knows yet what they are, oldest first."""
        self.unrecognised_bytes = 0
        self.strange: set[tuple[str, str]] = set()
        """Clients and servers between which there was a connection of which nobody knows what it was, the first ones."""
        self.refusals: list[Refusal] = []
        """Attempts to connect that came to nothing, the first ones; ``refusal_count`` counts all."""
        self.refusal_count = 0
        self._source: Source | None = None
        self._foreign = Foreign()
        self._seen_twice = SeenTwice()
        self._again: list[Connection] = []
        self._start: int = 0 if self.compares or isinstance(path_or_file, (str, os.PathLike)) else path_or_file.tell()  # type: ignore[attr-defined]
        self.flows = FlowTable(self)
        self._order: Order | None = None
        if in_order:
            from spiceproto.capture.order import Order  # not at import: few captures need it

            self._order = Order(self.flows)
        self.internet = Internet(self, self.flows, self._order)

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
        interrupted = True
        try:
            collected = connections = 0
            try:
                for _ in self._open(source).walk():
                    if self._log is not None:
                        self.secrets.add_log(self._log.more())
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
                    self.warn("truncated-file", f"the {source.truncated} data end too early", self.totals.frames)
                interrupted = False
            except RemoteError:
                interrupted = False
                raise
            finally:
                self.totals.file_bytes = source.consumed
                if self._log is not None:
                    self.secrets.add_log(self._log.more())
                    self._log.close()
                self.secrets.finish()
                if self._order is not None:
                    self._order.finish()
                self.flows.close(self.last_time_ns, self.totals.frames)
                if self._again and not interrupted:
                    self._look_again()
                self._tell_what_is_missing()
        finally:
            if collecting:
                gc.enable()
            source.close()

    def hand_on(self, internet: Internet) -> Iterator[None]:
        """All frames as they come, in pieces of some 100 KB; no connection is followed."""
        self.internet = internet
        source = Source(self._path_or_file)
        try:
            yield from self._open(source).walk()
        finally:
            source.close()

    def _look_again(self) -> None:
        """Compare what came again with what came first."""
        from spiceproto.capture.second_look import SecondLook  # not at import: few captures need it

        file, end = self._path_or_file, 0
        if not isinstance(file, (str, os.PathLike)):
            end = file.tell()  # type: ignore[attr-defined]
            file.seek(self._start)  # type: ignore[attr-defined]
        again = Capture(file)
        look = SecondLook(self._again, again.flows)
        last = max(connection.last_again for connection in self._again)
        try:
            for _ in again.hand_on(Internet(again, again.flows, look)):
                if look.frame >= last:
                    break
        except SpiceError:
            pass  # it was met and said before
        finally:
            if not isinstance(file, (str, os.PathLike)):
                file.seek(end)  # type: ignore[attr-defined]
        for (number, side), found in sorted(look.found.items()):
            self._seen_twice.differs(number, found.others)
            if found.settled:
                self.warn("versions-settled", f"connection {number}: {found.settled_words(side)}", found.dropped, "note")
            if found.holes:
                self.warn("versions", f"connection {number}: {found.contested_words(side)}", found.second)
        for number, size in sorted(look.uncompared.items()):
            self._tell_of_the_uncompared(number, size)

    def _tell_of_the_uncompared(self, number: int, size: int) -> None:
        text = f"connection {number}: {size} bytes came again more than {RECENT_BYTES} bytes later and were not compared"
        self.warn("versions-not-compared", text, 0, "note")

    def _open(self, source: Source) -> pcap.PcapFile | PcapngFile:
        magic = source.read_exactly(4)
        if magic == _PCAPNG:
            from spiceproto.capture import pcapng  # not at import: half of all captures need it

            self.format = "pcapng"
            if source.path is not None:
                path = source.path
                self.secrets.search = lambda: _search(path, self.secrets)
            return pcapng.PcapngFile(source, self, self.internet)
        self.secrets.complete = not self._live
        if magic in pcap.MAGICS:
            self.format = "pcap"
            return pcap.PcapFile(source, magic, self, self.internet)
        if magic in _OTHER_FORMATS:
            raise RemoteError(
                f"a capture in the format of {_OTHER_FORMATS[magic]}",
                where=source.name,
                offset=0,
                expected=f"pcap or pcapng: `editcap -F pcapng {source.name} NEW.pcapng`, of Wireshark, converts it",
            )
        nothing = f"the {source.truncated} data end too early" if source.truncated else "the file is empty"
        raise RemoteError(
            "not a capture file" if magic else nothing,
            where=source.name,
            offset=0,
            expected="pcap (a1b2c3d4 and variants) or pcapng (0a0d0d0a), perhaps in gzip, bzip2, xz, zstd or lz4",
            actual=magic.hex() or "nothing",
        )

    def _tell_what_is_missing(self) -> None:
        totals = self.totals
        if self._keylog and not self.secrets.fitting:
            self._tell_of_the_key_log()
        if totals.truncated_frames:
            text = f"{totals.truncated_frames} of {totals.frames} packets are cut to {totals.snapshot_length} bytes, "
            text += f"{totals.truncated_bytes} bytes are missing: capture whole packets, with `tcpdump -s 0`"
            self.warn("snapshot-length", text, 0)
        if totals.undecoded_frames:
            text = f"{totals.undecoded_frames} of {totals.frames} packets have an IP or TCP header that makes no sense"
            self.warn("headers", text, 0)
        if self._order is not None and self._order.disorder:
            self.warn("disorder", self._order.disorder, self._order.frame)
        if str(self._seen_twice):
            self.warn("seen-twice", str(self._seen_twice), 0, "note")
        for severity, text in self._foreign.notes():
            self.warn("not-decoded", text, 0, severity)
        if not totals.frames:
            self.warn("nothing", "the file has no packets", 0, "note")
        elif not totals.tcp_connections and not self.warnings:
            text = f"no TCP connection in {totals.frames} packet{'s'[: totals.frames != 1]}: SPICE needs one"
            self.warn("nothing", text, 0, "note")

    def _tell_of_the_key_log(self) -> None:
        """It was given, and is of no use."""
        count, asked = self.secrets.sessions, self.secrets.asked
        if not count:
            text = "the key log has no secrets: it should have lines in NSS format, as a client writes where SSLKEYLOGFILE says"
        elif asked:
            text = f"the key log has secrets of {count} session{'s'[: count != 1]}, and none for the {asked} TLS "
            text += f"connection{'s'[: asked != 1]} of the capture: it is that of another run, or not whole"
        else:
            text = "the key log is of no use: the capture has no beginning of a TLS connection"
        self.warn("key-log", text, 0)

    # What the layers ask

    def warn(self, code: str, text: str, frame: int, severity: Severity = "warning") -> None:
        """Note something about the file."""
        self.warning_count += 1
        if len(self.warnings) < WARNINGS:
            self.warnings.append(Warned(code, text, frame, severity))

    def foreign(self, connection: Connection, name: str) -> None:
        """A connection carries something else."""
        self.totals.foreign_connections += 1
        self._foreign.connection(connection, name)
        if name.startswith(STRANGE) and len(self.strange) < REFUSALS:
            self.strange.add((connection.client[0], connection.server[0]))

    def over(self, connection: Connection) -> None:
        """A connection has ended, or the capture has."""
        self._seen_twice.connection(connection)
        if not connection.number:
            return
        if connection.last_again >= 0 and not self.compares:
            self._again.append(connection)
        if connection.uncompared:
            self._tell_of_the_uncompared(connection.number, connection.uncompared)

    def came_again(self, frame: int) -> None:
        """A connection that has ended begins again, with the same numbers."""
        self._seen_twice.copy(frame)

    def refused(self, refusal: Refusal) -> None:
        """An attempt to connect came to nothing."""
        self.refusal_count += 1
        if len(self.refusals) < REFUSALS:
            self.refusals.append(refusal)

    def unused(self, connection: Connection, name: str) -> None:
        """Nobody said anything on a connection."""
        self._foreign.connection(connection, name)

    def foreign_packet(self, name: str) -> None:
        """A packet carries something else in which SPICE may be."""
        self._foreign.packets(name)

    def learn(self, server: tuple[str, int]) -> None:
        """SPICE is spoken at this address: connections that were not clear may be now."""
        if server not in self.spice_servers:
            self.spice_servers.add(server)
            for waiting in tuple(self.unrecognised):
                if server in (waiting.connection.client, waiting.connection.server):
                    waiting.look()

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
        return self._forced.side(connection.client, connection.server) if self._forced else None


def _refuse(connection: Connection) -> Sink | None:
    return None


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
    from spiceproto.capture import pcapng

    source = Source(path)
    try:
        pcapng.find_secrets(source, secrets.add_log)
    except RemoteError:
        pass  # the reader proper will meet the same damage and say so
    finally:
        source.close()
