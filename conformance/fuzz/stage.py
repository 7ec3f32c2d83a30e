"""Where conversations take place: a target, started anew when one was its end, and what each of them has shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from conformance.client_sockets import SocketClientNetwork
from conformance.fuzz.ends import CASES, LISTED, MAIN, SECURE, AsClient, End, Place, open_end
from conformance.fuzz.play import Escape, Play
from conformance.fuzz.steps import Step, parse
from conformance.fuzz.told import verbs_of
from conformance.fuzz.verdict import Finding, conclude, of_escape, of_process
from conformance.fuzz.watch import Watch
from conformance.judge import Judge
from conformance.network import Network
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable
from conformance.reference_target import MemoryClient, MemoryServer
from conformance.target import Target
from conformance.transcript import Transcript
from spiceproto.channels import channel_name
from spiceproto.errors import LocalError
from spiceproto.machine import Coverage
from spiceproto.message import Sender
from spiceproto.rules import MACHINES
from spiceproto.size_limits import CHANNELS

__all__ = ["Author", "Shown", "Stage"]

Author = Callable[[Play], None]
"""Plays steps, one after the other."""

_SETTLE, _SETTLED = 0.005, 0.1
"""Seconds in which a channel that another thread of a program closes is seen to be closed: at first, and when it matters."""

_ENDING: Final = 1.0
"""Seconds in which a process that has lost its connections is seen to have ended."""

_RESTART: Final = 1.0
"""Seconds between two looks for a server that somebody else may start anew."""

_BEGINNINGS: Final = 3
"""Sessions that are tried before a target counts as one that cannot be tested."""


class Shown(msgspec.Struct):
    """What a conversation has shown.

    * ``steps``: those that were played
    * ``findings``: what was wrong
    * ``pairs``: what was said in which states; ``rows``: the rows of tables that were used, if they were counted
    * ``transcript``: all that was said
    """

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    pairs: frozenset[str]
    rows: frozenset[str]
    transcript: Transcript


class Stage:
    """``target`` is not started yet; a client among programs is told of a port with TLS alone if it is to be ``secure``.

    * ``own``: the role of the suite
    * ``places``: channels besides main on which it may speak; ``verbs``: what the target may be told
    * ``layers``: what is around the bytes of SPICE, "tls" or "websocket"
    * ``conversations``: how many there were
    * ``at_start``: what was wrong before any conversation was made up, and in which one
    """

    def __init__(self, target: Target, *, secure: bool = False) -> None:
        if secure and (target.role == "server" or target.virtual):
            raise LocalError("TLS for who is no client of the suite's", expected="a program; of a server the address says it")
        self.target = target
        self._secure = secure
        self.role = target.role
        self.own: Sender = "client" if target.role == "server" else "server"
        self.places: tuple[Place, ...] = ()
        self.verbs: tuple[str, ...] = ()
        self.layers: frozenset[str] = frozenset()
        self.watch = Watch(target)
        self.conversations = 0
        self._package = f"reference_{target.role}" if isinstance(target, (MemoryServer, MemoryClient)) else ""
        self._by_links = False
        self.at_start: list[tuple[Finding, Shown]] = []

    def start(self) -> None:
        """Start the target, and see how it can be seen to go on. Raises TargetUnusable."""
        self.target.start()
        if self._secure and not self.target.meets("client-tls"):
            raise TargetUnusable("it cannot be told of a port with TLS")
        wrong = ""
        for _ in range(_BEGINNINGS):
            wrong = self._look()
            if not wrong:
                self.verbs = verbs_of(self.target)
                self._ask_twice()
                return
        raise TargetUnusable(wrong)

    def stop(self) -> None:
        """End the target."""
        self.target.stop()

    def _look(self) -> str:
        network, end = self._open()
        try:
            end.begin(LISTED)
            self.layers = end.main.stream.layers
            if isinstance(end, AsClient):
                self.places = tuple([place for place in end.places if channel_name(place[0]) in CHANNELS])
            else:
                end.alive()
                self.places = self._linked(end)
            return ""
        except (Failure, Blocked, NotApplicable) as error:
            return str(error)
        finally:
            self._close(network, end)

    def _ask_twice(self) -> None:
        """See whether a server names its channels whenever it is asked: else it is asked by links whether it goes on."""
        if self.role == "client":
            return
        deaf: list[tuple[Finding, Shown]] = []
        for number in range(_BEGINNINGS):
            shown = self.replay([parse("main: ATTACH_CHANNELS")])
            deaf += [(finding, shown) for finding in shown.findings if finding.kind == "deaf"]
            if len(deaf) <= number:
                break
        self._by_links = len(deaf) == _BEGINNINGS
        self.at_start = deaf[:1] if self._by_links else []
        self.conversations = 0

    @staticmethod
    def _linked(end: End) -> tuple[Place, ...]:
        """Those of the channels that a client links when they are listed."""
        server: Any = end.peer
        server.link_others()
        return tuple([place for place in LISTED if place in server.talks])

    def _open(self) -> tuple[Network, End]:
        network = self.target.open(SECURE if self._secure else CASES[self.role])
        if self._secure and isinstance(network, SocketClientNetwork):
            network.offer_tls_only()
        return network, open_end(network, self.target, by_links=self._by_links)

    def _close(self, network: Network, end: End, play: Play | None = None) -> None:
        """Leave as clients do, unless a channel is hurt for which that would be waited."""
        if play is None or not (play.hurt or play.over):
            with suppress(Failure, Blocked, TargetUnusable):
                end.peer.finish()
        self.target.close(network)

    # -- conversations

    def converse(self, author: Author, wanted: Iterable[Place] = (), *, count_rows: bool = False, again: bool = False) -> Shown:
        """A conversation of which ``author`` says the steps; ``wanted`` are channels on which there will be any.

        Raises TargetUnusable where no session begins.
        """
        self.conversations += 1
        network, end = self._open()
        coverage = {name: Coverage(machine) for name, machine in MACHINES.items()} if count_rows else None
        if coverage is not None:
            network.transcript.judge = Judge(coverage)
        self.watch.begin()
        play = Play(end, self._package)
        try:
            findings = self._held(play, author, wanted, _SETTLED if again else _SETTLE)
        finally:
            self._close(network, end, play)
        findings = self._of_process(play, again or bool(findings)) or findings
        rows = [
            f"{name}: {rule.state} {rule.sender} {rule.message}"
            for name, used in (coverage or {}).items()
            for rule in used.used
        ]
        return Shown(tuple(play.steps), tuple(findings), frozenset(play.pairs), frozenset(rows), network.transcript)

    def replay(self, steps: Sequence[Step], *, count_rows: bool = False, again: bool = True) -> Shown:
        """These steps; if they are played ``again``, what other threads of the target are about to do is waited for."""
        wanted = dict.fromkeys([step.place for step in steps])
        return self.converse(lambda play: play.play(steps), wanted, count_rows=count_rows, again=again)

    def _held(self, play: Play, author: Author, wanted: Iterable[Place], settle: float) -> list[Finding]:
        try:
            play.begin(wanted)
            author(play)
            if not play.network.virtual:
                play.end.peer.run(lambda: False, settle)
            return conclude(play, self.role)
        except Escape as escape:
            return [of_escape(play, escape, self.role)]
        except (Failure, Blocked, NotApplicable) as error:
            if self.watch.ended:
                return []
            return [Finding("hang", "SPICE-LINK-001", detail=str(error))]

    def _of_process(self, play: Play, wrong: bool) -> list[Finding]:
        """What became of the process of the target: it goes before what else was found, which follows from it.

        One that is worn out is started anew for the next. Who has done something ``wrong`` may be about to end.
        """
        process = self.watch.process
        if process is None:
            return []
        if wrong:
            process.wait(_ENDING if play.over or MAIN not in play.talks else _SETTLED)
        if how := self.watch.ended:
            return [of_process(play, "ended", self.role, how)]
        if how := self.watch.sanitizer():
            return [of_process(play, "sanitizer", self.role, how)]
        if how := self.watch.too_much:
            self._renew()
            return [of_process(play, "memory", self.role, how)]
        return []

    def _renew(self) -> None:
        self.target.stop()
        self.target.start()

    def gone(self) -> str:
        """Why a server that nobody here can start anew begins no session any more; "" if it does."""
        if self.role == "client" or self.target.virtual or self.watch.process is not None:
            return ""
        why = ""
        for number in range(_BEGINNINGS):
            if number:
                time.sleep(_RESTART)
            why = self._look()
            if not why:
                return ""
        return why

    def renew(self) -> None:
        """A fresh process, for who plays something again."""
        if self.watch.process is not None:
            self._renew()
