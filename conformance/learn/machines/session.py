"""The life of a session: which channels are linked, in which order, and what becomes of the others when one goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.client_wire import Ask
from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.talks import Talks
from conformance.talk import Message, Talk
from spiceproto.enums.link import ChannelType

__all__ = ["SESSION"]

_NO_SESSION: Final = 0x5EED5EED


class SessionTalks(Talks):
    """Any number of channels, none at first; each name has one connection at a time."""

    several = True

    def begin(self) -> None:
        """Nothing is linked."""

    def check(self) -> None:
        """It is never over: what is closed can be linked again."""

    def words(self, name: str, talk: Talk, message: Message) -> list[str]:
        # What a server can do, and its mode, which it may keep from the session before, is the matter of other machines.
        return ["INIT"] if message.name == "INIT" else super().words(name, talk, message)

    def open(self, name: str) -> bool:
        """Whether a channel is linked."""
        return name in self.talks and self.talks[name].stream.open

    def link(self, name: str, ask: Ask) -> None:
        """A channel, if it is not linked yet; of main, what INIT says counts from now on."""
        if self.open(name):
            return
        super().link(name, ask)
        talk = self.talks.get(name)
        if talk is None or ask.channel_type != ChannelType.MAIN or not talk.stream.open:
            return
        # Its INIT stays in the inbox, for it is an answer.
        if talk.wait_count("INIT", within=2.0):
            init = next((item.value for item in talk.inbox if item.name == "INIT" and item.value is not None), None)
            self.client.session_id = init.session_id if init is not None else self.client.session_id


def _links(name: str, ask: Ask) -> Callable[[SessionTalks], None]:
    def act(talks: SessionTalks) -> None:
        talks.link(name, ask)

    return act


def _closes(name: str) -> Callable[[SessionTalks], None]:
    def act(talks: SessionTalks) -> None:
        if talks.open(name):
            talks.talks.pop(name).close()

    return act


_INPUTS: Final = ChannelType.INPUTS

SESSION: Final = Alphabet(
    name="session",
    role="server",
    doc="The channels of a session: how each is linked, and what becomes of the others when one goes.",
    begin=SessionTalks,
    letters=(
        Letter("link main", _links("main", Ask())),
        Letter("link another main", _links("another main", Ask())),
        Letter("link another main, wrong password", _links("another main", Ask(password="wrong")), needs=("ticket",)),
        Letter("link inputs", _links("inputs", Ask(_INPUTS))),
        Letter("link inputs, no such session", _links("inputs", Ask(_INPUTS, connection_id=_NO_SESSION))),
        Letter("close main", _closes("main")),
        Letter("close inputs", _closes("inputs")),
    ),
)
