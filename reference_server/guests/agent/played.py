"""An agent as programs in real guests are: it says what it can do, and does what the messages of clients ask of it.

    stream of port 1    what a client says: clipboards, files, monitors, volume, the look of the desktop
    stream of port 2    what the server says: the pointer, the graphics devices, that the client is gone

It does so to the devices of its guest: ``clipboard``, ``disk``, ``screens``, ``speaker``, ``microphone``, ``pointer``. Messages
that mean nothing are ignored. A stream that is none makes it start anew, as a service of a real guest does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal

import msgspec

from reference_server.guest import AgentChanged, AgentChunk, AgentSlowed, Cleared, Copied, Guest
from reference_server.guest.clipboard import Wanted as WantedOfClient
from reference_server.guests.agent.files import Files
from reference_server.guests.agent.monitors import Monitors
from reference_server.guests.agent.mouse import Hand
from reference_server.watched import Watched
from spiceproto.agent.clipboard import Clipboards, Content, Denied, Grabbed, Released, Wanted
from spiceproto.agent.outbox import Outbox
from spiceproto.agent.pieces import AgentReader
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort, AgentReplyError
from spiceproto.errors import RemoteError
from spiceproto.messages import agent

__all__ = ["CAPABILITIES", "DesktopConfigured", "LineEnds", "PlayedAgent"]

LineEnds = Literal["lf", "crlf"]
"""How text of the guest ends its lines."""

CAPABILITIES: Final = (
    AgentCapability.MOUSE_STATE,
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.DISPLAY_CONFIG,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
    AgentCapability.SPARSE_MONITORS_CONFIG,
    AgentCapability.MAX_CLIPBOARD,
    AgentCapability.AUDIO_VOLUME_SYNC,
    AgentCapability.MONITORS_CONFIG_POSITION,
    AgentCapability.GRAPHICS_DEVICE_INFO,
    AgentCapability.CLIPBOARD_NO_RELEASE_ON_REGRAB,
    AgentCapability.CLIPBOARD_GRAB_SERIAL,
)
"""What it can do, besides one of the two kinds of line ends."""

_ENDS: Final = {"lf": AgentCapability.GUEST_LINEEND_LF, "crlf": AgentCapability.GUEST_LINEEND_CRLF}
_SOUND: Final = 2
"""Sound channels of the guest."""


class DesktopConfigured(msgspec.Struct, frozen=True):
    """The client wants a plainer desktop, or the usual one: ``flags`` of DISPLAY_CONFIG, and ``depth`` in bits."""

    flags: int
    depth: int


class PlayedAgent(Watched):
    """Plays in ``guest``, which has so many displays, until :meth:`stop`. Tells :class:`DesktopConfigured`.

    ``devices``   what the server has said of the displays
    ``monitors``  those that it has set up last
    """

    def __init__(self, guest: Guest, displays: int = 1, *, line_ends: LineEnds = "lf") -> None:
        super().__init__()
        self.guest = guest
        self.terms = Terms(mask((*CAPABILITIES, _ENDS[line_ends])), client=False)
        self.clipboards = Clipboards(self.terms)
        self.monitors = Monitors(guest, displays)
        self.files = Files(self.terms, guest.disk, self._say)
        self.hand = Hand(guest.pointer)
        self.devices: tuple[agent.DeviceDisplayInfo, ...] = ()
        self._outbox = Outbox()
        self._starting = False
        guest.agent.watch(self._changed, AgentChanged)
        guest.agent.watch(self._heard, AgentChunk)
        guest.agent.watch(self._slowed, AgentSlowed)
        guest.clipboard.watch(self._copied, Copied)
        guest.clipboard.watch(self._cleared, Cleared)
        guest.clipboard.watch(self._ask, WantedOfClient)
        self._begin()

    def _begin(self) -> None:
        self._readers = {AgentPort.CLIENT_PORT: AgentReader(), AgentPort.SERVER_PORT: AgentReader()}
        self.guest.agent.set_present(True)
        self._say(self.terms.announce())

    def _changed(self, news: AgentChanged) -> None:
        if not news.present and not self._starting:
            self._leave()  # somebody else has ended it

    def stop(self) -> None:
        """Leave the guest."""
        self._leave()
        self.guest.agent.set_present(False)

    def _leave(self) -> None:
        port, clipboard = self.guest.agent, self.guest.clipboard
        for device, told in (
            (port, self._changed),
            (port, self._heard),
            (port, self._slowed),
            (clipboard, self._copied),
            (clipboard, self._cleared),
            (clipboard, self._ask),
        ):
            device.unwatch(told)
        self._client_gone()
        self.hand.release()

    def _client_gone(self) -> None:
        """Whatever the client had begun is void, and the next one knows nothing."""
        self._readers[AgentPort.CLIENT_PORT] = AgentReader()
        self._outbox.drop()
        self.files.stop()
        for event in self.clipboards.reset():
            self.guest.clipboard.withdraw(event.selection)
        self.terms.reset()

    # -- bytes

    def _say(self, value: Any) -> None:
        if value is not None:
            self._outbox.put(*build(self.terms, value))
            self._speak()

    def _speak(self) -> None:
        """A piece is a chunk; while the server wants nothing, it waits."""
        port = self.guest.agent
        while self._outbox.waiting and not port.slow:
            for piece in self._outbox.take(1):
                port.say(AgentPort.CLIENT_PORT, piece)

    def _slowed(self, news: AgentSlowed) -> None:
        self._speak()

    def _heard(self, news: AgentChunk) -> None:
        reader = self._readers.get(news.port)  # type: ignore[call-overload]
        if reader is None:
            return
        acts = self.client_messages if news.port == AgentPort.CLIENT_PORT else self.server_messages
        try:
            for type, _, body in reader.receive(news.data):
                act = acts.get(type)
                if act is not None:
                    self._act(act, type, body)
        except RemoteError:
            self._restart()

    def _restart(self) -> None:
        self._starting = True
        self._client_gone()
        self.guest.agent.set_present(False)
        self._starting = False
        self._begin()

    def _act(self, act: Callable[[Any, Any], None], type: int, body: bytes) -> None:
        try:
            value = parse(self.terms, type, body)
        except RemoteError:  # a body that is none
            if type == AgentMessageType.MONITORS_CONFIG:
                self._reply(type, False)
            return
        act(self, value)

    # -- what clients say

    def _announced(self, value: agent.AnnounceCapabilities) -> None:
        if value.request:
            for event in self.clipboards.reset():
                self.guest.clipboard.withdraw(event.selection)
        self._say(self.terms.receive(value))
        if value.request:
            for selection in self.guest.clipboard.selections:
                self._copied(Copied(selection))

    def _set_monitors(self, value: agent.MonitorsConfig) -> None:
        done = self.monitors.set(value)
        self._reply(AgentMessageType.MONITORS_CONFIG, done)

    def _configure(self, value: agent.DisplayConfig) -> None:
        self.tell(DesktopConfigured(int(value.flags), value.depth))
        self._reply(AgentMessageType.DISPLAY_CONFIG, True)

    def _reply(self, type: int, done: bool) -> None:
        if self.terms.peer_has(AgentCapability.REPLY) or not self.terms.heard:
            self._say(agent.Reply(type, AgentReplyError.SUCCESS if done else AgentReplyError.ERROR))

    def _limit(self, value: agent.MaxClipboard) -> None:
        self.terms.max_clipboard = value.max

    def _set_volume(self, value: agent.AudioVolumeSync) -> None:
        if value.volume:
            sides = (value.volume * _SOUND)[:_SOUND]
            device = self.guest.speaker if value.is_playback else self.guest.microphone
            device.set_level((sides[0], sides[1]), muted=bool(value.mute))

    def _clipboard(self, value: Any) -> None:
        event = self.clipboards.receive(value)
        clipboard = self.guest.clipboard
        if isinstance(event, Grabbed):
            clipboard.offer(event.types, event.selection)
        elif isinstance(event, Released):
            clipboard.withdraw(event.selection)
        elif isinstance(event, Wanted):
            data = clipboard.contents(event.selection).get(event.type)
            supply = self.clipboards.supply
            self._say(supply(event.selection) if data is None else supply(event.selection, event.type, data))
        elif isinstance(event, Denied):
            self._say(event.answer)
        elif isinstance(event, Content):
            clipboard.arrive(event.type, event.data, event.selection)

    def _file(self, value: Any) -> None:
        self.files.receive(value)

    client_messages: ClassVar[dict[int, Callable[[Any, Any], None]]] = {
        AgentMessageType.ANNOUNCE_CAPABILITIES: _announced,
        AgentMessageType.MONITORS_CONFIG: _set_monitors,
        AgentMessageType.DISPLAY_CONFIG: _configure,
        AgentMessageType.MAX_CLIPBOARD: _limit,
        AgentMessageType.AUDIO_VOLUME_SYNC: _set_volume,
        AgentMessageType.CLIPBOARD: _clipboard,
        AgentMessageType.CLIPBOARD_GRAB: _clipboard,
        AgentMessageType.CLIPBOARD_REQUEST: _clipboard,
        AgentMessageType.CLIPBOARD_RELEASE: _clipboard,
        AgentMessageType.FILE_XFER_START: _file,
        AgentMessageType.FILE_XFER_STATUS: _file,
        AgentMessageType.FILE_XFER_DATA: _file,
    }

    # -- what the server says

    def _point(self, value: agent.MouseState) -> None:
        self.hand.set(value)

    def _described(self, value: agent.GraphicsDeviceInfo) -> None:
        self.devices = value.display_info

    def _disconnected(self, value: agent.ClientDisconnected) -> None:
        self._client_gone()

    server_messages: ClassVar[dict[int, Callable[[Any, Any], None]]] = {
        AgentMessageType.MOUSE_STATE: _point,
        AgentMessageType.GRAPHICS_DEVICE_INFO: _described,
        AgentMessageType.CLIENT_DISCONNECTED: _disconnected,
    }

    # -- what programs of the guest do

    def _copied(self, news: Copied) -> None:
        if self.guest.clipboard.owner(news.selection) == "guest":
            self._say(self.clipboards.grab(news.selection, self.guest.clipboard.types(news.selection)))

    def _cleared(self, news: Cleared) -> None:
        self._say(self.clipboards.release(news.selection))

    def _ask(self, news: WantedOfClient) -> None:
        request = self.clipboards.request(news.selection, news.type)
        if request is None:
            self.guest.clipboard.arrive(0, b"", news.selection)
        else:
            self._say(request)
