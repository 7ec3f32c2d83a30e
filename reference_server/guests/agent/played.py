"""An agent as programs in real guests are: it says what it can do, and does what the messages of clients ask of it.

    stream of port 1    what a client says: clipboards, files, monitors, volume, the look of the desktop
    stream of port 2    what the server says: the pointer, the graphics devices, that the client is gone

It does so to the devices of its guest: ``clipboard``, ``disk``, ``screens``, ``speaker``, ``microphone``, ``pointer``. Messages
that mean nothing are ignored. A stream that is none makes it start anew, as a service of a real guest does.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, Final, Literal

import msgspec

from reference_server.guest import AgentChanged, AgentChunk, AgentSlowed, Cleared, Copied, Guest
from reference_server.guest.clipboard import Wanted as WantedOfClient
from reference_server.guests.agent.files import Files, MovedFiles
from reference_server.guests.agent.monitors import Monitor, Monitors
from reference_server.guests.agent.mouse import Hand
from reference_server.watched import Watched
from spiceproto import limits
from spiceproto.agent.clipboard import Clipboards, Content, Denied, Grabbed, Known, Released, Wanted
from spiceproto.agent.outbox import Outbox
from spiceproto.agent.pieces import AgentReader
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort, AgentReplyError
from spiceproto.errors import RemoteError
from spiceproto.messages import agent

__all__ = ["CAPABILITIES", "DesktopConfigured", "LineEnds", "MovedAgent", "PlayedAgent"]

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


class MovedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent on its way to another server.

    * ``terms``: capabilities of the client, whether both sides have announced, the longest clipboard
    * ``selections``, ``files``, ``monitors``, ``devices``: what it knows of them
    * ``held``, ``place``: buttons that it holds down, and where it has put the pointer
    * ``waiting``, ``begun``: pieces that have not left, by message, and bytes of the first message that have
    * ``due``: contents that the client waits for: selection and type
    * ``halves``: the beginnings of messages of the client and of the server
    """

    line_ends: LineEnds
    terms: tuple[int, bool, bool, int]
    selections: dict[int, Known]
    monitors: tuple[Monitor, ...]
    files: MovedFiles
    held: int
    place: tuple[int, int, int] | None
    devices: tuple[agent.DeviceDisplayInfo, ...]
    waiting: tuple[tuple[bytes, ...], ...]
    begun: int
    due: tuple[tuple[int, int], ...]
    halves: tuple[bytes, bytes]


class PlayedAgent(Watched):
    """Plays in ``guest``, which has so many displays, until :meth:`stop`. Tells :class:`DesktopConfigured`.

    For agents that are to be tried: one that breaks a rule is a subclass. It overrides :meth:`say`, :meth:`put`,
    ``files_class``, or what is done with a message, :meth:`announced` and those behind it.

    ``devices``   what the server has said of the displays
    ``monitors``  those that it has set up last
    """

    files_class: ClassVar[type[Files]] = Files

    def __init__(self, guest: Guest, displays: int = 1, *, line_ends: LineEnds = "lf", moved: MovedAgent | None = None) -> None:
        super().__init__()
        self.guest = guest
        self.line_ends: LineEnds = line_ends
        self.terms = Terms(mask((*CAPABILITIES, _ENDS[line_ends])), client=False)
        self.clipboards = Clipboards(self.terms)
        self.monitors = Monitors(guest, displays)
        self.files = self.files_class(self.terms, guest.disk, self.say)
        self.hand = Hand(guest.pointer)
        self.devices: tuple[agent.DeviceDisplayInfo, ...] = ()
        self._starting = False
        guest.agent.watch(self._changed, AgentChanged)
        guest.agent.watch(self._heard, AgentChunk)
        guest.agent.watch(self._slowed, AgentSlowed)
        guest.clipboard.watch(self.copied, Copied)
        guest.clipboard.watch(self.cleared, Cleared)
        guest.clipboard.watch(self._ask, WantedOfClient)
        self._reset()
        if moved is None:
            self._begin()
        else:
            self._unpack(moved)

    def _reset(self) -> None:
        self._outbox = Outbox()
        self._due: deque[tuple[int, int]] = deque()
        self._deaf = self._speaking = False
        self._readers = {AgentPort.CLIENT_PORT: AgentReader(), AgentPort.SERVER_PORT: AgentReader()}

    def _begin(self) -> None:
        self.guest.agent.player = self
        self.guest.agent.set_present(True)
        self.say(self.terms.announce())

    # -- the guest goes to another server

    def pack(self) -> MovedAgent:
        """What it knows. Raises OSError where a file that is coming can not be read."""
        waiting, begun = self._outbox.pack()
        return MovedAgent(
            line_ends=self.line_ends,
            terms=(self.terms.peer, self.terms.said, self.terms.heard, self.terms.max_clipboard),
            selections=self.clipboards.pack(),
            monitors=self.monitors.now,
            files=self.files.pack(),
            held=self.hand.held,
            place=self.hand.place,
            devices=self.devices,
            waiting=waiting,
            begun=begun,
            due=tuple(self._due),
            halves=(self._readers[AgentPort.CLIENT_PORT].half, self._readers[AgentPort.SERVER_PORT].half),
        )

    def _unpack(self, moved: MovedAgent) -> None:
        """Go on in a guest in which an agent is there already."""
        self.guest.agent.player = self
        self.terms.peer, self.terms.said, self.terms.heard, self.terms.max_clipboard = moved.terms
        self.clipboards.unpack(moved.selections)
        self.monitors.now = moved.monitors
        self.hand.held, self.hand.place = moved.held, moved.place
        self.devices = moved.devices
        self._outbox.unpack(moved.waiting, moved.begun)
        self._due.extend(moved.due)
        for port, half in zip((AgentPort.CLIENT_PORT, AgentPort.SERVER_PORT), moved.halves, strict=True):
            for _ in self._readers[port].receive(half):
                pass  # a half is no message
        self.files.unpack(moved.files)

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
            (clipboard, self.copied),
            (clipboard, self.cleared),
            (clipboard, self._ask),
        ):
            device.unwatch(told)
        self._client_gone()
        self.hand.release()

    def _client_gone(self) -> None:
        """Whatever the client had begun is void, and the next one knows nothing."""
        self._readers[AgentPort.CLIENT_PORT] = AgentReader()
        self._outbox.drop()
        self._due.clear()
        self._forget()
        self.terms.reset()

    def _forget(self) -> None:
        self.files.stop()
        for event in self.clipboards.reset():
            self.guest.clipboard.withdraw(event.selection)

    # -- bytes

    def say(self, value: Any) -> None:
        """A message for the client; nothing for None."""
        if value is not None:
            self.put(*build(self.terms, value))

    def put(self, type: int, body: bytes) -> None:
        """Type and body of a message; every one passes here."""
        self._outbox.put(type, body)
        self._speak()

    def _speak(self) -> None:
        """A piece is a chunk; while the server wants nothing, it waits. Who takes no answers is not listened to."""
        if self._speaking:
            return
        port = self.guest.agent
        self._speaking = True
        while (self._outbox.waiting or self._due) and not port.slow:
            if not self._outbox.waiting:
                self._supply(*self._due.popleft())
            for piece in self._outbox.take(1):
                port.say(AgentPort.CLIENT_PORT, piece)
        self._speaking = False
        deaf, self._deaf = self._deaf, self._outbox.messages >= limits.AGENT_ANSWERS
        if self._deaf and not deaf:
            port.hold()
        elif deaf and not self._deaf:
            port.go_on()

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
        self._reset()
        self._begin()

    def _act(self, act: str, type: int, body: bytes) -> None:
        try:
            value = parse(self.terms, type, body)
        except RemoteError:  # a body that is none
            if type == AgentMessageType.MONITORS_CONFIG:
                self.reply(type, False)
            return
        getattr(self, act)(value)

    # -- what clients say

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        """ANNOUNCE_CAPABILITIES: an answer is due if it asks for one, and what the guest owns is told the client."""
        if value.request:
            self._forget()  # another client, or the same one anew
        self.say(self.terms.receive(value))
        if value.request:
            for selection in self.guest.clipboard.selections:
                self.copied(Copied(selection))

    def set_monitors(self, value: agent.MonitorsConfig) -> None:
        """MONITORS_CONFIG."""
        done = self.monitors.set(value)
        self.reply(AgentMessageType.MONITORS_CONFIG, done)

    def configure(self, value: agent.DisplayConfig) -> None:
        """DISPLAY_CONFIG."""
        self.tell(DesktopConfigured(int(value.flags), value.depth))
        self.reply(AgentMessageType.DISPLAY_CONFIG, True)

    def reply(self, type: int, done: bool) -> None:
        """Whether what was asked for was done; the client need not have announced REPLY (SPICE-AGENT-024)."""
        self.say(agent.Reply(type, AgentReplyError.SUCCESS if done else AgentReplyError.ERROR))

    def limit(self, value: agent.MaxClipboard) -> None:
        """MAX_CLIPBOARD."""
        self.terms.max_clipboard = value.max

    def set_volume(self, value: agent.AudioVolumeSync) -> None:
        """AUDIO_VOLUME_SYNC."""
        if value.volume:
            sides = (value.volume * _SOUND)[:_SOUND]
            device = self.guest.speaker if value.is_playback else self.guest.microphone
            device.set_level((sides[0], sides[1]), muted=bool(value.mute))

    def clipboard(self, value: Any) -> None:
        """One of the messages of the clipboard."""
        event = self.clipboards.receive(value)
        clipboard = self.guest.clipboard
        if isinstance(event, Grabbed):
            clipboard.offer(event.types, event.selection)
        elif isinstance(event, Released):
            clipboard.withdraw(event.selection)
        elif isinstance(event, Wanted):
            self._due.append((event.selection, event.type))
            self._speak()
        elif isinstance(event, Denied):
            self.say(event.answer)
        elif isinstance(event, Content):
            clipboard.arrive(event.type, event.data, event.selection)

    def _supply(self, selection: int, type: int) -> None:
        """Contents leave one after the other: a client may ask for the same again and again, and take nothing."""
        data = self.guest.clipboard.contents(selection).get(type)
        supply = self.clipboards.supply
        self.say(supply(selection) if data is None else supply(selection, type, data))

    def file(self, value: Any) -> None:
        """One of the messages of files."""
        self.files.receive(value)

    client_messages: ClassVar[dict[int, str]] = {
        AgentMessageType.ANNOUNCE_CAPABILITIES: "announced",
        AgentMessageType.MONITORS_CONFIG: "set_monitors",
        AgentMessageType.DISPLAY_CONFIG: "configure",
        AgentMessageType.MAX_CLIPBOARD: "limit",
        AgentMessageType.AUDIO_VOLUME_SYNC: "set_volume",
        AgentMessageType.CLIPBOARD: "clipboard",
        AgentMessageType.CLIPBOARD_GRAB: "clipboard",
        AgentMessageType.CLIPBOARD_REQUEST: "clipboard",
        AgentMessageType.CLIPBOARD_RELEASE: "clipboard",
        AgentMessageType.FILE_XFER_START: "file",
        AgentMessageType.FILE_XFER_STATUS: "file",
        AgentMessageType.FILE_XFER_DATA: "file",
    }

    # -- what the server says

    def point(self, value: agent.MouseState) -> None:
        """MOUSE_STATE."""
        self.hand.set(value)

    def described(self, value: agent.GraphicsDeviceInfo) -> None:
        """GRAPHICS_DEVICE_INFO."""
        self.devices = value.display_info

    def disconnected(self, value: agent.ClientDisconnected) -> None:
        """CLIENT_DISCONNECTED."""
        self._client_gone()

    server_messages: ClassVar[dict[int, str]] = {
        AgentMessageType.MOUSE_STATE: "point",
        AgentMessageType.GRAPHICS_DEVICE_INFO: "described",
        AgentMessageType.CLIENT_DISCONNECTED: "disconnected",
    }

    # -- what programs of the guest do

    def copied(self, news: Copied) -> None:
        """A program of the guest has copied: it is offered to the client."""
        if self.guest.clipboard.owner(news.selection) == "guest":
            self.say(self.clipboards.grab(news.selection, self.guest.clipboard.types(news.selection)))

    def cleared(self, news: Cleared) -> None:
        """What a program had copied is gone."""
        self.say(self.clipboards.release(news.selection))

    def _ask(self, news: WantedOfClient) -> None:
        request = self.clipboards.request(news.selection, news.type)
        if request is None:
            self.guest.clipboard.arrive(0, b"", news.selection)
        else:
            self.say(request)
