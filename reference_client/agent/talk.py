"""The stream of agent messages between client and guest, and how it begins, breaks off and begins again.

An agent that is there is greeted at once: AGENT_START, then ANNOUNCE_CAPABILITIES, which asks for the agent's. What depends
on the agent's capabilities is said when those have come. When the agent is gone, what waits for it is dropped, what it
announced is forgotten, and half a message is no message; another one is greeted like the first.

Messages of types that mean nothing, and bodies that can not be parsed, are passed over. After a stream that can not be
followed, as an AGENT_DATA of another protocol, the client waits for one that begins a message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from reference_client.agent.clipboard import AgentClipboard
from reference_client.agent.files import AgentFiles
from reference_client.agent.monitors import AgentMonitors
from reference_client.agent.part import Part
from reference_client.agent.volume import AgentVolume
from reference_client.events import Event
from reference_client.host import Host
from spiceproto import limits
from spiceproto.agent import AgentReader, talk
from spiceproto.agent.outbox import Outbox
from spiceproto.agent.terms import Terms, mask
from spiceproto.agent.tokens import Tokens
from spiceproto.enums.agent import AgentCapability
from spiceproto.errors import RemoteError
from spiceproto.messages import agent, main

__all__ = ["CAPABILITIES", "Agent", "AgentAnnounced", "AgentGone", "AgentHere", "AgentSkipped"]

CAPABILITIES: Final = (
    AgentCapability.MOUSE_STATE,
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.DISPLAY_CONFIG,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
    AgentCapability.MAX_CLIPBOARD,
    AgentCapability.AUDIO_VOLUME_SYNC,
    AgentCapability.MONITORS_CONFIG_POSITION,
    AgentCapability.FILE_XFER_DETAILED_ERRORS,
    AgentCapability.CLIPBOARD_NO_RELEASE_ON_REGRAB,
    AgentCapability.CLIPBOARD_GRAB_SERIAL,
)
"""What this client announces."""

TOKENS: Final = (1 << 32) - 1
"""Tokens for the server: as many as can be said, so that none is ever given back."""

_ROOM: Final = 128 << 10
"""Bytes in the outbox below which files are read on."""

_AT_ONCE: Final = 64
"""Pieces that leave together."""

_TURNS: Final = 8
"""How often that happens before others have their turn: 1 MiB."""


class AgentHere(Event, frozen=True, tag="agent"):
    """There is an agent, and the client may send so many messages until it gets more tokens."""

    tokens: int


class AgentAnnounced(Event, frozen=True, tag="agent-capabilities"):
    """The agent has said what it can do."""

    capabilities: tuple[str, ...]


class AgentGone(Event, frozen=True, tag="agent-gone"):
    """There is no agent any more."""


class AgentSkipped(Event, frozen=True, tag="agent-skipped"):
    """Something of the agent's that was passed over; ``type`` is the number of the message, 0 where there is none."""

    type: int
    text: str


class Agent:
    """The talk with the agent of the guest.

    ``send``     sends messages on the main channel; ``plan`` takes the time at which :meth:`tick` is due, None for never
    ``present``  whether an agent is there and was greeted
    ``held``     whether the way to the server is full: then no file is read on
    """

    clipboard_class: ClassVar[type[AgentClipboard]] = AgentClipboard
    files_class: ClassVar[type[AgentFiles]] = AgentFiles
    monitors_class: ClassVar[type[AgentMonitors]] = AgentMonitors
    volume_class: ClassVar[type[AgentVolume]] = AgentVolume

    def __init__(self, host: Host, send: Callable[..., None], plan: Callable[[float | None], None]) -> None:
        self.host = host
        self.send = send
        self.plan = plan
        self.terms = Terms(mask(CAPABILITIES), client=True)
        self.tokens = Tokens()
        self.outbox = Outbox(self.tokens)
        self.reader = AgentReader()
        self.present = False
        self.held = self._more = False
        self.clipboard = self.clipboard_class(self)
        self.files = self.files_class(self)
        self.monitors = self.monitors_class(self)
        self.volume = self.volume_class(self)
        self.parts: tuple[Part, ...] = (self.clipboard, self.monitors, self.volume, self.files)
        self._handlers = {kind: (part, method) for part in self.parts for kind, method in part.handlers.items()}

    # -- what main says

    def here(self, tokens: int | None) -> None:
        """An agent is there; with ``tokens`` the client's begin anew, else they stay as they were."""
        if self.present:
            self.gone()
        if tokens is not None:
            self.tokens.set(tokens)
        if not self.host.options.agent:
            return
        self.present = True
        self.host.tell(AgentHere(self.tokens.left))
        self.begin()

    def inherit(self, before: Agent) -> None:
        """The session has gone to another server: what its user wished of the agent there is wished of this one."""
        self.clipboard.inherit(before.clipboard)
        self.files.inherit(before.files)
        self.monitors.wanted = before.monitors.wanted

    def begin(self) -> None:
        """What an agent is told first."""
        self.send(main.AgentStart(TOKENS))
        self.say(self.terms.announce())

    def gone(self) -> None:
        """The agent is gone, and with it all that was about it."""
        if not self.present:
            return
        self.present = False
        self.outbox.drop()
        self.terms.reset()
        self.reader = AgentReader()
        for part in self.parts:
            part.lost(self.host.now)
        self.host.tell(AgentGone())

    def more_tokens(self, count: int) -> None:
        """The server gives tokens back."""
        self.tokens.add(count)
        self.flush()

    def receive(self, data: bytes, now: float) -> None:
        """The bytes of an AGENT_DATA. Nothing is raised, whatever they are."""
        if not self.present:
            return  # it was under way
        try:
            for type, _, body in self.reader.receive(data):
                self._take(type, body, now)
        except RemoteError as error:
            self.confused(error)
        self.flush()

    def _take(self, type: int, body: bytes, now: float) -> None:
        if self.outbox.messages >= limits.AGENT_ANSWERS:
            self.host.tell(AgentSkipped(type, "the agent does not take what was answered before"))
            return
        try:
            value = talk.parse(self.terms, type, body)
        except RemoteError as error:
            self.malformed(type, error)
            return
        if value is None:
            self.unknown(type)
        else:
            self.handle(value, now)

    def confused(self, error: RemoteError) -> None:
        """The stream can not be followed until a message begins."""
        self.reader.lose()
        self.host.tell(AgentSkipped(0, str(error)))

    def malformed(self, type: int, error: RemoteError) -> None:
        """A message that is none (SPICE-AGENT-013)."""
        self.host.tell(AgentSkipped(type, str(error)))

    def unknown(self, type: int) -> None:
        """A message of a type that means nothing (SPICE-AGENT-011)."""
        self.host.tell(AgentSkipped(type, "unknown"))

    def handle(self, value: Any, now: float) -> None:
        """A message of the agent; one that no part takes changes nothing."""
        if isinstance(value, agent.AnnounceCapabilities):
            self.announced(value, now)
        elif (found := self._handlers.get(type(value))) is not None:
            part, method = found
            getattr(part, method.__name__)(value, now)

    def announced(self, value: agent.AnnounceCapabilities, now: float) -> None:
        """What the agent can do; it may ask for what the client can."""
        first, before = not self.terms.heard, self.terms.peer
        self.answer(value)
        if not first and self.terms.peer == before:
            return  # it was asked for once more
        names = tuple([kind.name.lower() for kind in AgentCapability if self.terms.peer_has(kind)])
        self.host.tell(AgentAnnounced(names))
        for part in self.parts:
            part.agreed(now)

    def answer(self, value: agent.AnnounceCapabilities) -> None:
        """Go by what the agent has announced, and announce what the client can if that was asked for (SPICE-AGENT-022)."""
        self.say(self.terms.receive(value))

    # -- what parts say

    def say(self, *values: Any) -> None:
        """Messages for the agent, as soon as there are tokens; None among them is left out."""
        self.queue(*values)
        self.flush()

    def queue(self, *values: Any) -> None:
        """The same for :meth:`Part.fill`, which is asked by who sends."""
        for value in values:
            if value is not None and self.present:
                self.put(*talk.build(self.terms, value))

    def put(self, type: int, body: bytes) -> None:
        """One message for the agent, behind those that wait."""
        self.outbox.put(type, body)

    def flush(self) -> None:
        """Send what there are tokens for; of much that could be sent a part now, and the next when others had their turn."""
        self._more = False
        for _ in range(_TURNS if self.present else 0):
            if self.outbox.waiting < _ROOM and not self.held:
                for part in self.parts:
                    part.fill(self.host.now)
            pieces = list(self.outbox.take(_AT_ONCE))
            if not pieces:
                break
            self.send_pieces(pieces)
        else:
            self._more = self.present
        self._plan()

    def send_pieces(self, pieces: list[bytes]) -> None:
        """Pieces of messages, each for a token."""
        self.send(*[main.AgentData(piece) for piece in pieces])

    def hold(self, held: bool) -> None:
        """The way to the server is full, or there is room again."""
        self.held = held
        if not held:
            self.flush()

    # -- time

    def _plan(self) -> None:
        times = [part.deadline for part in self.parts if part.deadline is not None]
        self.plan(min([*times, *([self.host.now] if self._more else [])], default=None))

    def tick(self, now: float) -> None:
        """Time has passed."""
        for part in self.parts:
            if part.deadline is not None and part.deadline <= now:
                part.tick(now)
        self.flush()

    def state(self) -> dict[str, Any]:
        """What is known of the agent, in values that JSON has."""
        return {"agent": self.present, "agent_capabilities": self.terms.heard}
