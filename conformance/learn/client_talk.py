"""A conversation with a client: the suite is its server, and main is linked. A PING behind each letter shows its end.

An answer is what it says on main, and which channels it links; those are served as in every case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.learn.alphabet import Alphabet
from conformance.learn.answer import answer
from conformance.learn.model import NOTHING
from conformance.learn.seen import broken
from conformance.learn.talks import UNBEGUN
from conformance.learn.words import folded, word
from conformance.network import ClientNetwork
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable
from conformance.target import Target
from spiceproto.channels import channel_name
from spiceproto.messages import common

__all__ = ["ClientTalk"]

_FENCE: Final = 0x1EA4
_OWED: Final = 2.0
_PONG: Final = 0.5
"""Seconds in which the PONG of the fence comes, or the client answers none in this state."""

_UNHEARD: Final = frozenset({"PONG", "ACK"})


class ClientTalk:
    """One conversation."""

    def __init__(self, target: Target, alphabet: Alphabet, quiet: float) -> None:
        network = target.open(alphabet.case())
        assert isinstance(network, ClientNetwork)
        self.target = target
        self.alphabet = alphabet
        self.quiet = quiet
        self.network = network
        self.server = SuiteServer(network, target)
        self.over = False
        self._fences = 0
        self._broken: Mapping[str, str] = {}
        self._linked = 0
        self._said: list[str] = []
        self._closed = False
        try:
            wire = self.server.asked()
            self.talk = wire.link(self.server.usual())
            self.server.talks[wire.asked.channel] = self.talk
            self._linked = len(self.server.links)
            self.greeting = f"link {wire.asked.name}; {self._answer(None)}"
        except (Failure, Blocked, NotApplicable, TargetUnusable) as error:
            self.greeting, self.over = f"{UNBEGUN}{error}", True

    def say(self, letter: str, known: str | None) -> str:
        """What a letter brings."""
        self.alphabet.letter(letter).act(self)
        found = self._answer(known)
        self.over = self.over or self.talk.closed or not self.talk.stream.open
        if self.target.ended:
            found, self.over = f"{found}; process ended", True
        return found

    def send(self, *values: Any) -> None:
        """Messages on main."""
        self.talk.send(*values)

    def _answer(self, known: str | None) -> str:
        found = answer(
            self.server.run,
            self._words,
            None if self.network.virtual else known,
            first=self._fence,
            owed=_OWED,
            quiet=self.quiet,
        )
        self._said.clear()
        self._linked = len(self.server.links)
        self._closed = self.talk.closed
        return found

    def _fence(self) -> None:
        """Until all that was said before a PING is answered."""
        if not self.talk.stream.open:
            return
        self._fences += 1
        before = self.talk.count("PONG")
        self.talk.send(common.Ping(_FENCE + self._fences, 0, b""))
        self.server.run(lambda: self.talk.heard.get("PONG", 0) > before or self.talk.closed, _PONG)

    def _words(self) -> str:
        while self.talk.inbox:
            message = self.talk.inbox.popleft()
            if message.name not in _UNHEARD:
                self._said.append(word(message))
        self.talk.pieces.clear()
        ended = ["closed"] if self.talk.closed and not self._closed else []
        main = folded([*self._said, *ended])
        links = sorted({channel_name(asked.channel[0]) for asked in self.server.links[self._linked :]})
        parts = [main] if main != NOTHING else []
        parts += [f"links {' and '.join(links)}"] if links else []
        return "; ".join(parts) or NOTHING

    def broken(self) -> Mapping[str, str]:
        """Sentences that the client was seen to break, and how."""
        self._broken = broken(self.network.transcript, self._broken)
        return self._broken

    def end(self) -> None:
        """It is over."""
        if not self.target.ended:
            self.server.finish()
        self.target.close(self.network)
