"""A recording that is played: its events in order, each when its time has come; what the target says is kept.

Heard      something that the target said, or that the recording has of its side
Unsaid     a message of the recording that was not said again, and why
Played     what came of it
Player     the playing; what is special about a side is in ``as_client`` and ``as_server``
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

import msgspec

from conformance.naming import error_name
from conformance.outcome import Flooded
from conformance.peer import Peer
from conformance.replay.bound import Binding
from conformance.replay.pacing import Causes, Steps
from conformance.replay.recording import Channel, Linked, Recording, Said
from conformance.replay.tokens import NO_AGENT, NO_TOKEN, Tokens
from conformance.talk import Talk
from spiceproto.capabilities import Capabilities

__all__ = ["LINK", "Heard", "Pace", "Played", "Player", "Unsaid", "link_fields"]

LINK: Final = "LINK"
"""Name that the link of a channel has among its messages."""

_NOT_REPEATED: Final = {
    "client": frozenset({"ACK", "ACK_SYNC", "PONG"}),
    "server": frozenset(),
}
"""What the end that plays a side says by itself."""

_NO_DESCRIPTOR: Final = "a scanout goes with a file descriptor"
_DESCRIPTORS: Final = frozenset({"GL_SCANOUT_UNIX", "GL_SCANOUT2_UNIX", "GL_DRAW", "GL_DRAW_DONE"})


class Heard(msgspec.Struct, frozen=True):
    """``value`` is a message, None for one that could not be parsed: then ``body`` is compared; ``number`` counts from 1.

    ``facts`` are what there is of a link in place of a value.
    """

    name: str
    number: int
    value: Any = None
    body: bytes = b""
    facts: tuple[tuple[str, str], ...] = ()


class Unsaid(msgspec.Struct, frozen=True):
    """A message that was not said again."""

    said: Said
    why: str


class Pace(msgspec.Struct, frozen=True):
    """``speed``: so many times as fast as recorded; 0 for as soon as what came before has come. ``steps``: see there."""

    speed: float = 0.0
    steps: Steps | None = None


class Played(msgspec.Struct):
    """What came of it.

    * ``found``: what the target said, by channel
    * ``absent``: channels that could not be had, and why
    * ``closed``: channels that the target has closed
    * ``said``, ``unsaid``: how many messages were said again; which were not
    * ``seconds``: how long it took
    * ``remarks``: what else there is to say
    """

    found: dict[Channel, list[Heard]]
    absent: dict[Channel, str]
    closed: list[Channel] = []
    said: int = 0
    unsaid: list[Unsaid] = []
    seconds: float = 0.0
    remarks: list[str] = []


def link_fields(kind: int, announced: Capabilities) -> tuple[tuple[str, str], ...]:
    """What a side announced on a channel, a name each."""
    common, channel = announced.names(kind)
    return tuple(
        [(name, "announced") for name in (*[f"common {bit}" for bit in common], *[f"channel {bit}" for bit in channel])]
    )


class Player(ABC):
    """Plays the side ``own`` of a recording; ``role`` is that of the target."""

    own: str
    role: str

    def __init__(self, recording: Recording, peer: Peer, pace: Pace) -> None:
        self.recording = recording
        self.peer = peer
        self.pace = pace
        self.played = Played({}, {}, closed=[], unsaid=[], remarks=[])
        self.binding = Binding()
        self.tokens = Tokens()
        self.causes = Causes(peer, self.role)
        self.talks: dict[Channel, Talk] = {}
        self._over: set[Channel] = set()
        self._begun = 0.0

    # -- what a side knows

    @abstractmethod
    def begin(self) -> None:
        """Before the first event. Raises TargetUnusable, Failure."""

    @abstractmethod
    def link(self, event: Linked) -> None:
        """A channel was linked in the recording."""

    @abstractmethod
    def talk(self, channel: Channel) -> Talk | None:
        """The channel, once it is there; None, with a reason in ``absent``, if it can not be had."""

    @abstractmethod
    def admitted(self, said: Said, value: Any) -> None:
        """Wait until the target takes one more message on a channel."""

    @abstractmethod
    def heard(self, channel: Channel, value: Any) -> None:
        """The target said something."""

    @abstractmethod
    def sent(self, said: Said, value: Any) -> None:
        """Something was said."""

    # -- playing

    def play(self) -> Played:
        """Say everything. Raises TargetUnusable or Failure where there is nobody to say it to."""
        self.peer.add_pump(self._collect)
        try:
            self.begin()
            self._begun = self.peer.now
            self._events()
            self.causes.wait()
            self.peer.wait_quiet()
        except Flooded as flood:
            self.played.remarks.append(f"ended: {flood}")
        self._collect()
        self.played.seconds = self.peer.now
        return self.played

    def _events(self) -> None:
        stopped = ""
        for event in self.recording.events:
            if isinstance(event, Linked):
                if not stopped:
                    self.causes.wait()
                    self.link(event)
            elif event.sender == self.role:
                if stopped:
                    continue
                self.binding.recorded(event.channel, event.value if event.channel[0] == "display" else None)
                self.causes.recorded(event)
            elif not event.inside and event.name not in _NOT_REPEATED[self.own]:
                if stopped:
                    self.played.unsaid.append(Unsaid(event, stopped))
                elif not self._say(event):
                    stopped = "it was not wanted"

    def _say(self, said: Said) -> bool:
        """Say a message again, or note why not; whether more is wanted."""
        talk = self.talk(said.channel)
        if talk is None:
            self.played.unsaid.append(Unsaid(said, self.played.absent[said.channel]))
            return True
        self.causes.wait()
        self._in_time(said)
        if self.pace.steps is not None and not self.pace.steps.next(self.peer, f"{said.number} {said.place} {said.name}"):
            self.played.unsaid.append(Unsaid(said, "it was not wanted"))
            return False
        value = said.value
        self.admitted(said, value)
        why = self._withheld(said, value, talk)
        if why:
            self.played.unsaid.append(Unsaid(said, why))
            return True
        if said.sub_list and talk.mini_header:
            remark = f"{said.place}: what is inside message {said.number} is lost, for there are short headers now"
            self.played.remarks.append(remark)
        body = self.binding.body(said, value, self.peer.now - self._begun - said.at)
        talk.send_raw(said.type, body, sub_list=said.sub_list, text=f"{said.name}, message {said.number}")
        self.binding.sent(said, talk.sent_serial)
        self.played.said += 1
        self.sent(said, value)
        if said.name == "AGENT_DATA":
            self.tokens.spent()
        return True

    def _in_time(self, said: Said) -> None:
        if self.pace.speed:
            left = said.at / self.pace.speed - (self.peer.now - self._begun)
            if left > 0:
                self.peer.run(lambda: False, left)

    def _withheld(self, said: Said, value: Any, talk: Talk) -> str:
        """Why a message is not said; "" if it is."""
        if talk.closed:
            return f"the channel was {talk.stream.ended}"
        if said.name in _DESCRIPTORS:
            return _NO_DESCRIPTOR
        if said.name in ("AGENT_START", "AGENT_DATA") and said.channel[0] == "main":
            if not self.tokens.connected:
                return NO_AGENT
            if said.name == "AGENT_DATA" and not self.peer.run(self.tokens.ready, self.causes.patience):
                return NO_TOKEN
        return self.binding.missing(said, value)

    # -- hearing

    def opened(self, channel: Channel, talk: Talk, facts: tuple[tuple[str, str], ...]) -> None:
        """A channel is there."""
        self.talks[channel] = talk
        self.played.found.setdefault(channel, []).append(Heard(LINK, 0, facts=facts))

    def refused(self, channel: Channel, why: str, error: int | None = None) -> None:
        """A channel can not be had."""
        self.played.absent[channel] = why if error is None else f"{why}: {error_name(error)}"
        self.causes.dead(channel)

    def _collect(self) -> None:
        for channel, talk in list(self.talks.items()):
            talk.pump()
            while talk.inbox:
                message = talk.inbox.popleft()
                talk.pieces.clear()
                heard = self.played.found[channel]
                heard.append(Heard(message.name, len(heard), message.value, b"" if message.value is not None else message.body))
                self.causes.heard(channel, message.name)
                self.binding.heard(channel, message.value)
                if channel[0] == "main":
                    self.tokens.heard(message.value)
                self.heard(channel, message.value)
            if (talk.closed or talk.broken) and channel not in self._over:
                self._over.add(channel)
                self.causes.dead(channel)
                if talk.closed:
                    self.played.closed.append(channel)
                else:
                    self.played.remarks.append(f"{channel[0]}:{channel[1]}: bytes that are no message: {talk.broken}")
