"""A capture file from beginning to end: transport, SPICE, sessions, and a consumer that takes what they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.foreign import refused
from spiceproto.capture.glance import is_disordered
from spiceproto.capture.layers import Connection, Refusal
from spiceproto.capture.migrations import Migrations, Moved
from spiceproto.capture.outcomes import Outcomes, Takeover, Unlinked
from spiceproto.capture.places import Named, Places
from spiceproto.capture.repeats import Repeats
from spiceproto.capture.sessions import Sessions
from spiceproto.capture.source import Readable
from spiceproto.capture.spice import Spice
from spiceproto.capture.streams import Capture
from spiceproto.channels import NAMES
from spiceproto.errors import LocalError
from spiceproto.generated.catalogue import TABLES

__all__ = ["Decoder"]


class Decoder:
    """Reads one capture.

    * ``keylog``: file with TLS secrets (NSS format), besides those in the capture
    * ``in_order``: answers are told behind their questions, for those who judge them; None: if the file needs it
    * ``decode_as``: (server address or None, port), or the same of a client and a server in a row -> channel name, perhaps
      with ``:id``, or "" for a connection that begins with the link stage: connections to be taken for SPICE whatever they
      begin with
    * ``live``: the capture and the key log are still being written

    After :meth:`run`:

    * ``number``: of messages; while it runs, of the last one
    * ``connections``, ``sessions``, ``capture.totals``: what there was
    * ``undecoded``: bytes that nobody could read (malformed or unknown messages, encrypted parts, what was skipped after a
      gap)
    * ``moved``: sessions that went to another server, or should have
    * ``takeovers``: sessions that ended because another client came
    * ``unlinked``: channels that were listed and not linked; of those that were refused there is a problem instead
    * ``incomplete``: bytes of messages that the end of a stream cut off
    * ``trailing``: bytes that follow the end of messages and mean nothing
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Readable,
        consumer: Consumer,
        *,
        keylog: str | os.PathLike[str] | None = None,
        decode_as: Named | None = None,
        in_order: bool | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        live: bool = False,
    ) -> None:
        self.consumer = consumer
        self.sessions = Sessions()
        self.outcomes = Outcomes()
        self.migrations = Migrations(consumer, self.sessions)
        self.repeats = Repeats()
        self.moved: list[Moved] = []
        self.takeovers: list[Takeover] = []
        self.unlinked: list[Unlinked] = []
        self.undecoded = 0
        self.incomplete = 0
        self.trailing = 0
        self.connections = 0
        self.number = 0
        self._named = Places(decode_as or {})
        for name in (decode_as or {}).values():
            channel, _, number = name.partition(":")
            if name and (channel not in TABLES or (number and not number.isdigit())):
                raise LocalError("no such channel", expected=", ".join(NAMES), actual=name)
        if in_order is None:
            in_order = not live and is_disordered(path)
        self.capture = Capture(
            path, keylog=keylog, decode_as=tuple(decode_as or {}), in_order=in_order, progress=progress, live=live
        )

    def run(self) -> None:
        """Read everything. Raises LocalError or RemoteError for a file that cannot be read; what was read was handed on."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[None]:
        """:meth:`run` in pieces of some 100 KB."""
        try:
            yield from self.capture.steps(self._open)
        finally:
            for warning in self.capture.warnings:
                at = At("", 0, warning.frame)
                self.consumer.problem(Diagnostic(severity=warning.severity, code=warning.code, text=warning.text, at=at))
            more = self.capture.warning_count - len(self.capture.warnings)
            if more:
                text = f"warnings about the file that are not shown: {more}"
                self.consumer.problem(Diagnostic(severity="warning", code="more-warnings", text=text, at=At("", 0, 0)))
            self._conclude()

    def _conclude(self) -> None:
        """What became of the sessions."""
        self.moved = self.migrations.moved()
        self.takeovers = self.outcomes.takeovers()
        told: set[Refusal] = set()
        for item in self.outcomes.unlinked(self.capture.refusals, self.capture.strange, self.capture.last_time_ns):
            if item.all_refused:
                at = At("server", item.refused[-1].time_ns, item.refused[-1].frame)
                code, text = "channels-refused", str(item)
                self.consumer.problem(Diagnostic(severity="warning", code=code, text=text, at=at))
            else:
                self.unlinked.append(item)
            told.update(item.refused)
        for severity, text in refused([refusal for refusal in self.capture.refusals if refusal not in told]):
            self.consumer.problem(Diagnostic(severity=severity, code="refused", text=text, at=At("server", 0, 0)))

        more = self.capture.refusal_count - len(self.capture.refusals)
        if more:
            text = f"{more} more attempts to connect came to nothing"
            self.consumer.problem(Diagnostic(severity="note", code="refused", text=text, at=At("", 0, 0)))

    def _open(self, connection: Connection) -> Spice:
        self.connections += 1
        channel = self._named.find(connection.client, connection.server)
        found = connection.recognised
        if found is not None:
            return Spice(self, connection, channel=found.channel, mini=found.mini)
        return Spice(self, connection, channel=channel if connection.forced and channel else None)
