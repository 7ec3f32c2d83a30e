"""The server's end of the agent's port: clients and the agent speak through it, and the server has a word of its own.

    client fragments ──> write ──> port 1 ──> agent         at most one client's message at a time
    server           ──> point, describe, leave ──> port 2  the pointer, the graphics devices, that the client is gone
    agent ──> port 1 ──> FromAgent ──> main channels        in pieces of at most 2048 bytes

What a filter takes out (``copy_paste``, ``file_transfer`` of the options) vanishes in both directions, and the announcement of
the agent says so. An agent whose stream is no stream of messages is taken for gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from reference_server.fragments import Piece, Pieces
from reference_server.guest import Agent, AgentChanged, AgentSaid
from reference_server.options import Options
from reference_server.watched import Watched
from spiceproto import dispatch
from spiceproto.agent.pieces import chunks
from spiceproto.agent.terms import bits_of, mask, words_of
from spiceproto.enums.agent import AgentButtonMask, AgentCapability, AgentMessageType, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import (
    AnnounceCapabilities,
    ClientDisconnected,
    DeviceDisplayInfo,
    GraphicsDeviceInfo,
    MouseState,
)

__all__ = ["AgentBroken", "AgentLine", "AgentMessage", "FromAgent"]

_TABLE: Final = "agent"
"""What the server says has one layout, whatever was announced."""

_CLIPBOARD: Final = frozenset(
    {
        AgentMessageType.CLIPBOARD,
        AgentMessageType.CLIPBOARD_GRAB,
        AgentMessageType.CLIPBOARD_REQUEST,
        AgentMessageType.CLIPBOARD_RELEASE,
    }
)
_FILES: Final = frozenset(
    {AgentMessageType.FILE_XFER_START, AgentMessageType.FILE_XFER_STATUS, AgentMessageType.FILE_XFER_DATA}
)
_COPIES: Final = mask(
    (
        AgentCapability.CLIPBOARD,
        AgentCapability.CLIPBOARD_BY_DEMAND,
        AgentCapability.CLIPBOARD_SELECTION,
        AgentCapability.CLIPBOARD_NO_RELEASE_ON_REGRAB,
        AgentCapability.CLIPBOARD_GRAB_SERIAL,
    )
)

_MOVES: Final = 32
"""Chunks that the agent has not read, above which movements of the pointer give way to later ones."""


_UNREAD: Final = 512
"""Chunks that the agent has not read, above which it does not get those of clients that are gone: 1 MiB."""


class FromAgent(msgspec.Struct, frozen=True):
    """The agent says something to clients: ``data`` of one AGENT_DATA, which ``begins`` a message or not."""

    data: bytes
    begins: bool = True


class AgentMessage(msgspec.Struct, frozen=True):
    """A message begins: of whom (``client``, ``agent`` or ``server``), its type, and the bytes of its body."""

    sender: str
    type: int
    size: int
    filtered: bool = False


class AgentBroken(msgspec.Struct, frozen=True):
    """The agent's stream is none, and the agent is taken for gone."""

    text: str


class _Waiting(msgspec.Struct, frozen=True):
    sender: object
    fragment: bytes
    last: bool
    read: Callable[[], None] | None


class AgentLine(Watched):
    """Between the main channels and ``agent``. Tells :class:`FromAgent`, :class:`AgentMessage` and :class:`AgentBroken`.

    ``capabilities``  what the agent has announced, as bits; 0 before that
    ``talking``       clients that have sent AGENT_START to this agent
    ``pieces``        where the agent is in its stream
    """

    def __init__(self, agent: Agent, options: Options, devices: Callable[[], tuple[DeviceDisplayInfo, ...]]) -> None:
        super().__init__()
        self.agent = agent
        self.filtered: frozenset[int] = frozenset(
            {*(() if options.copy_paste else _CLIPBOARD), *(() if options.file_transfer else _FILES)}
        )
        self._options = options
        self._devices = devices
        self._reset()
        # Looked up when something is told: a server may become one with a fault here (Server.become).
        agent.watch(lambda news: self._said(news), AgentSaid)
        agent.watch(lambda news: self._changed(news), AgentChanged)

    def _reset(self) -> None:
        self.capabilities = 0
        self.talking: set[object] = set()
        self._slow: set[object] = set()
        self._writer: object = None
        self._waiting: deque[_Waiting] = deque()
        self.pieces = Pieces(AgentMessageType.ANNOUNCE_CAPABILITIES)
        self._pointed: MouseState | None = None
        self._buttons = 0

    def _changed(self, news: AgentChanged) -> None:
        self._reset()

    # -- the agent comes from another server

    def state(self) -> tuple[int, int, tuple[bytes, int, int, int, bool]]:
        """What is known of the agent, for :meth:`resume` of another one."""
        return self.capabilities, self._buttons, self.pieces.state()

    def resume(self, state: tuple[int, int, tuple[bytes, int, int, int, bool]]) -> None:
        """Know the same."""
        self.capabilities, self._buttons, pieces = state
        self.pieces.resume(pieces)

    # -- what clients say

    def start(self, sender: object) -> None:
        """A client begins to speak to this agent."""
        self.talking.add(sender)

    def begins(self, type: int, size: int) -> bool:
        """A client's message begins; whether it is for the agent at all."""
        filtered = type in self.filtered
        if self.listeners(AgentMessage):
            self.tell(AgentMessage(sender="client", type=type, size=size, filtered=filtered))
        return not filtered

    def write(self, sender: object, fragment: bytes, *, last: bool, read: Callable[[], None] | None = None) -> None:
        """A fragment for the agent, the ``last`` of its message or not; ``read`` is called once the agent has read it.

        While a message of another client is under way, it waits.
        """
        if self._writer is sender or (self._writer is None and not self._waiting):
            self._writer = None if last else sender
            self.agent.deliver(AgentPort.CLIENT_PORT, fragment, read)
            if self._waiting and last:
                self._next()
        else:
            self._waiting.append(_Waiting(sender, fragment, last, read))

    def _next(self) -> None:
        """A message is over: those that wait have their turn, whole messages one after the other."""
        progress = True
        while progress:
            progress = False
            for item in tuple(self._waiting):
                if self._writer is None or self._writer is item.sender:
                    self._waiting.remove(item)
                    self._writer = None if item.last else item.sender
                    self.agent.deliver(AgentPort.CLIENT_PORT, item.fragment, item.read)
                    progress = True

    def go_on(self, sender: object, chunks: Iterable[bytes], read: Callable[[], None], *, under_way: bool) -> None:
        """A client comes from another server, where the agent had not read these fragments; of the last one's message more is
        ``under_way`` or not.
        """
        for chunk in chunks:
            self.agent.deliver(AgentPort.CLIENT_PORT, chunk, read)
        if under_way:
            self._writer = sender

    def leave(self, sender: object) -> None:
        """A client is gone, and the agent is told (SPICE-AGENT-018): what it had begun is void."""
        if sender not in self.talking:
            return
        self.talking.discard(sender)
        self.slow_down(sender, False)
        self._waiting = deque([item for item in self._waiting if item.sender is not sender])
        if self._writer is sender:
            self._writer = None
        if not self.talking and self.agent.unread > _UNREAD:
            self.agent.drop(AgentPort.CLIENT_PORT)
        self.say(ClientDisconnected())
        self._next()

    # -- what the server says

    def say(self, value: Any) -> None:
        """A message of the server's own, on port 2."""
        type, body = dispatch.build(_TABLE, "server", value)
        if self.listeners(AgentMessage) and not isinstance(value, MouseState):
            self.tell(AgentMessage(sender="server", type=type, size=len(body)))
        for piece in chunks(type, body):
            self.agent.deliver(AgentPort.SERVER_PORT, piece)

    @property
    def points(self) -> bool:
        """Whether the agent moves the pointer: it may, is there, and has not announced that it does not."""
        may = self._options.agent_mouse and self.agent.present
        return may and (not self.capabilities or bool(self.capabilities >> AgentCapability.MOUSE_STATE & 1))

    def point(self, x: int, y: int, buttons: int, display: int) -> None:
        """The pointer is there, and these buttons are down (a mask of the inputs channel): MOUSE_STATE for the agent.

        While the agent reads slowly, a place gives way to a later one; buttons never do.
        """
        state = MouseState(x=x, y=y, buttons=AgentButtonMask(buttons << 1), display_id=display)
        if self._pointed is not None:
            if self._pointed.buttons != state.buttons:
                self._deliver(self._pointed)
            self._pointed = None
        if self.agent.unread >= _MOVES and int(state.buttons) == self._buttons:
            self._pointed = state
        else:
            self._deliver(state)

    def _deliver(self, state: MouseState) -> None:
        self._buttons = int(state.buttons)
        type, body = dispatch.build(_TABLE, "server", state)
        for piece in chunks(type, body):
            self.agent.deliver(AgentPort.SERVER_PORT, piece, self._read_place)

    def _read_place(self) -> None:
        state, self._pointed = self._pointed, None
        if state is not None:
            self._deliver(state)

    def describe(self) -> None:
        """Which outputs of which devices the displays are, for an agent that wants to know."""
        devices = self._devices()
        if devices and self.capabilities >> AgentCapability.GRAPHICS_DEVICE_INFO & 1:
            self.say(GraphicsDeviceInfo(devices))

    # -- what the agent says

    def slow_down(self, listener: object, slow: bool) -> None:
        """Somebody cannot take more of what the agent says for now, or can again."""
        (self._slow.add if slow else self._slow.discard)(listener)
        self.agent.slow_down(bool(self._slow))

    def _said(self, news: AgentSaid) -> None:
        if news.port != AgentPort.CLIENT_PORT:
            return  # answers to the server, which asks nothing
        try:
            for piece in self.pieces.receive(news.data):
                self._pass(piece)
        except RemoteError as error:
            self.tell(AgentBroken(str(error)))
            self.agent.set_present(False)

    def _pass(self, piece: Piece) -> None:
        filtered = piece.type in self.filtered
        if piece.begins and self.listeners(AgentMessage):
            self.tell(AgentMessage(sender="agent", type=piece.type, size=piece.size, filtered=filtered))
        if filtered:
            return
        if piece.type == AgentMessageType.ANNOUNCE_CAPABILITIES:
            for number, data in enumerate(self._announced(piece.data)):
                self.tell(FromAgent(data, begins=not number))
            self.describe()
        else:
            self.tell(FromAgent(piece.data, begins=piece.begins))

    def _announced(self, message: bytes) -> list[bytes]:
        """The agent's announcement as clients get it."""
        type = AgentMessageType.ANNOUNCE_CAPABILITIES
        value: AnnounceCapabilities = dispatch.parse(_TABLE, "server", type, message[20:])
        self.capabilities = bits_of(value.caps)
        if not self.filtered:
            return chunks(type, message[20:])
        bits = self.capabilities
        if not self._options.copy_paste:
            bits &= ~_COPIES
        if not self._options.file_transfer:
            bits |= 1 << AgentCapability.FILE_XFER_DISABLED
        words = words_of(bits)
        words += (0,) * (len(value.caps) - len(words))
        _, body = dispatch.build(_TABLE, "server", AnnounceCapabilities(value.request, words))
        return chunks(type, body)
