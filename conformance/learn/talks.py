"""A conversation with a server that is past its link stage: one or several channels, each under a name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.client_wire import Ask
from conformance.learn.alphabet import Alphabet
from conformance.learn.answer import answer
from conformance.learn.model import NOTHING
from conformance.learn.seen import broken
from conformance.learn.words import folded, word
from conformance.network import ServerNetwork
from conformance.outcome import Failure, NotApplicable, TargetUnusable
from conformance.talk import Talk
from conformance.target import Target
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError
from spiceproto.messages import main

__all__ = ["UNBEGUN", "Talks"]

UNBEGUN: Final = "cannot begin: "
"""How the greeting of a conversation begins that did not come about."""

_OWED: Final = 2.0
"""Seconds in which what is owed has to come."""

_ENDED: Final = "process ended"
_BOTH: Final = int(MouseMode.SERVER | MouseMode.CLIENT)


class Talks:
    """One conversation. ``talks`` are the channels by the names that answers have for them.

    An answer is what has come on each, by name, and then what the guest tells.
    """

    guest_tells = False
    """Whether what the guest got belongs to an answer; in memory only, for elsewhere it comes when it comes."""

    several = False
    """Whether a channel is named even while it is the only one."""

    def __init__(self, target: Target, alphabet: Alphabet, quiet: float) -> None:
        needs = {need for letter in alphabet.letters for need in letter.needs} | set(alphabet.needs)
        needs = {need for need in needs if target.meets(need)}
        self.needs = frozenset(needs)
        network = target.open(alphabet.case(sorted(needs)))
        assert isinstance(network, ServerNetwork)
        self.target = target
        self.alphabet = alphabet
        self.quiet = quiet
        self.network = network
        self.client = SuiteClient(network, target)
        self.talks: dict[str, Talk] = {}
        self.over = False
        self._broken: Mapping[str, str] = {}
        self._said: dict[str, list[str]] = {}
        self._closed: set[str] = set()
        try:
            self.begin()
            self.greeting = self._answer(None, owed=False)
        except (Failure, NotApplicable, TargetUnusable) as error:
            self.greeting, self.over = f"{UNBEGUN}{error}", True
        self.check()

    # -- what a machine says of itself

    def begin(self) -> None:
        """Link what is there before the first letter. Raises Failure."""
        self.home()

    def check(self) -> None:
        """Whether it is over: nothing is left that could say anything."""
        self.over = self.over or all(talk.closed for talk in self.talks.values())

    # -- a letter

    def say(self, letter: str, known: str | None) -> str:
        """What a letter brings."""
        item = self.alphabet.letter(letter)
        note = ""
        try:
            item.act(self)
        except (Failure, NotApplicable, TargetUnusable, LocalError) as error:
            note = f"cannot be done: {error}"
        found = self._answer(known, owed=item.waits)
        if note:
            found = note if found == NOTHING else f"{found}; {note}"
        if self.target.ended:
            found, self.over = f"{found}; {_ENDED}", True
        self.check()
        return found

    def _answer(self, known: str | None, *, owed: bool) -> str:
        """What has come. For what is known is waited until it is there, and for what is owed a longer time than else."""
        found = answer(
            self.client.run,
            self._words,
            None if self.network.virtual else known,
            first=lambda: owed and self.client.run(lambda: self._words() != NOTHING, _OWED),
            owed=_OWED,
            quiet=self.quiet,
        )
        self._said.clear()
        self._closed |= {name for name, talk in self.talks.items() if talk.closed}
        return found

    def _words(self) -> str:
        """What has come on all channels since the last answer."""
        parts = []
        for name, talk in sorted(self.talks.items()):
            said = self._said.setdefault(name, [])
            while talk.inbox:
                said += self.words(name, talk, talk.inbox.popleft())
            talk.pieces.clear()
            ended = [talk.broken and "bytes that are no message"] if talk.broken and name not in self._closed else []
            ended += ["closed"] if talk.closed and name not in self._closed else []
            text = folded([*said, *ended])
            if text != NOTHING:
                parts.append(f"{name}: {text}" if self.several or len(self.talks) > 1 else text)
        if self.guest_tells and self.network.virtual:
            self._said.setdefault("guest", []).extend(self._guest())
            text = folded(self._said["guest"])
            parts += [f"guest: {text}"] if text != NOTHING else []
        return "; ".join(parts) or NOTHING

    def words(self, name: str, talk: Talk, message: Any) -> list[str]:
        """The words of a message of a channel."""
        return [word(message)]

    def _guest(self) -> Iterable[str]:
        return [
            str(getattr(event, "kind", "")) or type(event).__name__.lower()
            for event in self.target.tell(self.client, "input-events", {})
        ]

    # -- what letters do

    def send(self, *values: Any, on: str = "main") -> None:
        """Messages on a channel."""
        self.talks[on].send(*values)

    def control(self, verb: str, *values: Any) -> None:
        """Have something done to the server from outside."""
        self.client.control(verb, *values)

    def link(self, name: str, ask: Ask) -> None:
        """Link one more channel; why it was refused is a part of the answer."""
        wire = self.client.ask(ask)
        answer = wire.conclude()
        if answer.ok:
            self.talks[name] = wire.talk()
            self._closed.discard(name)
        else:
            error = LinkErr(answer.error).name if answer.error in list(LinkErr) else answer.error
            self._said.setdefault(name, []).append(f"{answer.kind} {error if error is not None else ''}".rstrip())

    def home(self) -> None:
        """Main, its INIT read, both modes if that can be, and SERVER the current one: servers keep a mode between sessions."""
        movable = "control:pointer" in self.needs
        if movable:
            self.control("pointer", "absolute")
        talk = self.talks["main"] = self.client.main()
        init = self.client.init
        modes = int(init.supported_mouse_modes), int(init.current_mouse_mode)
        with contextlib.suppress(Failure):
            if movable and modes[0] == MouseMode.SERVER:
                value = talk.wait_for("MOUSE_MODE", supported_modes=_BOTH, within=_OWED)
                modes = int(value.supported_modes), int(value.current_mode)
            if modes == (_BOTH, MouseMode.CLIENT):
                talk.send(main.MouseModeRequest(MouseMode.SERVER))
                talk.wait_for("MOUSE_MODE", current_mode=MouseMode.SERVER, within=_OWED)
                modes = _BOTH, int(MouseMode.SERVER)
        self._said["main"] = [f"INIT {modes[0]} {modes[1]} {init.agent_connected}"]

    def session(self) -> None:
        """The same, and the list of channels."""
        self.home()
        self.talks["main"].send(main.AttachChannels())
        self.talks["main"].expect("CHANNELS_LIST")

    def channel(self, name: str, kind: ChannelType) -> None:
        """A channel of the session, on which nothing is said yet."""
        self.talks[name] = self.client.link(Ask(kind))

    def broken(self) -> Mapping[str, str]:
        """Sentences that the server was seen to break, and how."""
        self._broken = broken(self.network.transcript, self._broken)
        return self._broken

    def end(self) -> None:
        """It is over."""
        if not self.target.ended:
            self.client.finish()
        self.target.close(self.network)
