"""What a server can be told from outside while it runs: a method for each verb of servers in :mod:`spiceproto.controls`.

The command takes them as JSON lines: :mod:`reference_server.program_controls`. What takes time gives an awaitable back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from reference_server.departure import Destination, Kind
from reference_server.guest import (
    AgentChanged,
    AgentChunk,
    Browser,
    CardReader,
    Heard,
    Pasted,
    Picture,
    Port,
    Recorder,
    on_cards,
)
from reference_server.guest.port_log import PortLog
from reference_server.guests import GUESTS
from reference_server.guests.agent import PlayedAgent
from reference_server.server import Server
from spiceproto import file_endings, limits, png, regular_file
from spiceproto.enums.agent import ClipboardSelection, ClipboardType
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.wav import Kept

__all__ = ["Controls", "HandOver", "write_picture"]

_TYPES: Final = {
    "text": ClipboardType.UTF8_TEXT,
    "png": ClipboardType.IMAGE_PNG,
    "bmp": ClipboardType.IMAGE_BMP,
    "tiff": ClipboardType.IMAGE_TIFF,
    "jpeg": ClipboardType.IMAGE_JPG,
    "files": ClipboardType.FILE_LIST,
}
_SELECTIONS: Final = {str(item.name).lower(): int(item) for item in ClipboardSelection}
_TEXT: Final = 1000
"""Letters of a text that are told."""

_LARGEST: Final = limits.AGENT_MESSAGE - 64
"""Bytes of a file that is copied: with its headers, what an agent can say."""

_CARDS: Final = 1000
"""Events of cards that are kept."""

_BESIDE: Final = Destination("127.0.0.1", 5900)
"""How clients are told of a server in the same memory, which they reach in another way."""


HandOver = Callable[[Destination, Kind, str], Awaitable[Any]]
"""Hands the guest over: who is told where to go, how, and where the guest goes. What came of it."""


class Controls:
    """Of one server. ``end`` is called for ``shutdown``. ``destination`` is a server beside it to which the guest can go: once
    it has, that one is told. ``hand_over`` is for a destination somewhere else.
    """

    def __init__(
        self,
        server: Server,
        end: Callable[[], None] | None = None,
        *,
        destination: Server | None = None,
        hand_over: HandOver | None = None,
    ) -> None:
        self._end = end or server.shutdown
        self._heard = Kept()
        self._pasted: dict[int, Pasted] = {}
        self._on_device = False
        self._chunks: list[AgentChunk] = []
        self._cards: list[dict[str, Any]] = []
        self._source = server
        self._destination = destination
        self._hand_over = hand_over
        self._tell(server)
        if destination is not None:
            destination.await_guest()

    def _tell(self, server: Server) -> None:
        """It is this server that is told from now on."""
        self.server = server
        self.guest = server.guest
        self._inputs = Recorder(self.guest)
        self._agent: PlayedAgent | None = None
        self._ports = PortLog(self.guest.ports)
        self._browser: Browser | None = None
        self.guest.microphone.watch(self._hear, Heard)
        self.guest.clipboard.watch(self._keep, Pasted)
        on_cards(self.guest, self._note_card)

    def _hear(self, news: Heard) -> None:
        self._heard.play(news.time, news.frequency, news.samples)

    def _keep(self, news: Pasted) -> None:
        self._pasted[news.selection] = news

    def _note_card(self, name: str, fields: dict[str, Any]) -> None:
        self._cards = [*self._cards[1 - _CARDS :], {"event": name} | fields]

    # -- who may log in

    def do_set_password(self, password: str) -> None:
        self.server.set_password(password)

    def do_expire_password(self, seconds: float) -> None:
        self.server.set_password(self.server.policy.password, expires=self.server.now + seconds)

    # -- what the guest shows and plays

    def do_pointer(self, kind: Any) -> None:
        self.guest.pointer.set_kind(kind)

    def do_lock_keys(self, flags: int) -> None:
        self.guest.keyboard.set_locks(KeyboardModifierFlags(flags))

    def do_input_events(self) -> list[Any]:
        return list(self._inputs.take())

    def do_animate(self, count: int) -> None:
        self.guest.screens[0].animate(count)

    def do_picture(self, path: str, display: int) -> Any:
        write_picture(path, self.guest.screens[display].picture)

    def do_guest(self, name: str) -> None:
        GUESTS[name](self.guest, self.server.listing.displays)

    def do_heard(self, path: str) -> None:
        regular_file.check(path)
        self._heard.write(path)

    def do_volume(self, left: int, right: int, muted: bool) -> None:
        self.guest.speaker.set_level((left, right), muted=muted)
        self.guest.microphone.set_level((left, right), muted=muted)

    def do_image_compression(self, compression: str) -> None:
        self.server.compression.set(compression)

    def do_streaming_video(self, mode: str) -> None:
        self.server.streaming.set(mode)

    # -- the agent

    def do_agent(self, present: bool) -> None:
        port = self.guest.agent
        if present and not port.present:
            self._agent = self.server.played_class(self.guest, self.server.listing.displays)
        elif not present:
            port.set_present(False)

    def do_agent_device(self, port: int, data: bytes) -> list[dict[str, Any]]:
        device = self.guest.agent
        if not self._on_device:
            device.set_present(False)
            self._watch_device()
            device.set_present(True)
        if data:
            device.say(port, data)
        found = [{"port": chunk.port, "data": chunk.data.hex()} for chunk in self._chunks]
        self._chunks.clear()
        return found

    def _watch_device(self) -> None:
        self.guest.agent.watch(self._chunks.append, AgentChunk)
        self.guest.agent.watch(self._left_device, AgentChanged)
        self._on_device = True

    def _left_device(self, news: AgentChanged) -> None:
        if not news.present:
            self._on_device = False
            self.guest.agent.unwatch(self._chunks.append)
            self.guest.agent.unwatch(self._left_device)

    def do_copy(self, text: str, path: str, format: str, selection: str) -> None:
        if bool(text) == bool(path):
            raise LocalError("nothing was copied", expected="either text or path")
        data = regular_file.read(path, _LARGEST) if path else text.encode()
        self.guest.clipboard.copy({_TYPES[format]: data}, _SELECTIONS[selection])

    def do_release_clipboard(self, selection: str) -> None:
        self.guest.clipboard.clear(_SELECTIONS[selection])

    def do_paste(self, format: str, selection: str) -> None:
        self._pasted.pop(_SELECTIONS[selection], None)
        self.guest.clipboard.paste(_TYPES[format], _SELECTIONS[selection])

    def do_clipboard(self, path: str, format: str, selection: str) -> dict[str, Any]:
        number, kind = _SELECTIONS[selection], _TYPES[format]
        clipboard = self.guest.clipboard
        data = clipboard.contents(number).get(kind)
        pasted = self._pasted.get(number)
        if data is None and pasted is not None and pasted.type == kind:
            data = pasted.data
        if path and data is not None:
            regular_file.write(path, data)
        found: dict[str, Any] = {
            "owner": clipboard.owner(number),
            "types": [_named(each) for each in clipboard.types(number)],
            "size": None if data is None else len(data),
        }
        if data is not None and kind == ClipboardType.UTF8_TEXT:
            found["text"] = data[: 4 * _TEXT].decode(errors="replace")[:_TEXT]
        return found

    def do_files(self) -> list[dict[str, Any]]:
        return [{"name": file.name, "size": file.size, "have": file.have, "whole": file.whole} for file in self.guest.disk.log]

    def do_monitors(self) -> list[dict[str, int]]:
        return [
            {
                "display": number,
                "number": head.monitor_id,
                "width": head.width,
                "height": head.height,
                "x": head.x,
                "y": head.y,
            }
            for number in range(self.server.listing.displays)
            for head in self.guest.screens[number].heads
        ]

    # -- ports, and a folder of the client

    def _port(self, number: int) -> Port:
        key = (int(ChannelType.PORT), number)
        if key not in self.guest.ports.keys:
            raise LocalError("the guest has no such port", actual=str(number))
        return self.guest.ports[key]

    def do_port_write(self, data: bytes, port: int) -> None:
        self._port(port).write(data)

    def do_port_open(self, opened: bool, port: int) -> None:
        self._port(port).set_open(opened)

    def do_port_break(self, port: int) -> None:
        self._port(port).send_break()

    def do_port_read(self, port: int) -> dict[str, Any]:
        return self._ports.take((int(ChannelType.PORT), port))

    def do_browse(self, path: str) -> None:
        key = (int(ChannelType.WEBDAV), 0)
        if self._browser is None:
            if key not in self.guest.ports.keys:
                raise LocalError("the guest has no port for a folder")
            self._browser = Browser(self.guest.ports[key])
        if self._browser.get(path) is None:
            raise LocalError("no client has linked the port for a folder")

    def do_browsed(self) -> list[dict[str, Any]]:
        answers = () if self._browser is None else self._browser.answers()
        return [{"number": number, "data": data.hex(), "over": over} for number, data, over in answers]

    # -- smart cards

    def do_card_command(self, data: bytes) -> None:
        readers = [reader for reader in self.guest.readers if isinstance(reader, CardReader) and reader.atr is not None]
        if not readers:
            raise LocalError("the guest sees no smart card")
        readers[-1].transmit(data)

    def do_card_events(self) -> list[dict[str, Any]]:
        found, self._cards = self._cards, []  # since the last call
        return found

    # -- sessions

    def do_add_channel(self, channel_type: int, channel_id: int) -> None:
        self.server.add_channel(channel_type, channel_id)

    def do_expect_migration(self, session_id: int) -> None:
        self.server.expect_migration(session_id)

    def do_migrate_begin(self) -> None:
        there = self._beside()
        self._source.migrate_begin(_BESIDE)
        for session in self._source.sessions:
            there.expect_migration(session)

    def do_migrate_finish(self) -> None:
        there = self._beside()
        self._source.late = there.take_late
        try:
            there.load(self._source.save())
        except (LocalError, RemoteError, OSError) as error:
            self.do_migrate_cancel()
            raise LocalError(f"the guest can not go there: {error}") from None
        self._source.migrate_finish()
        self._tell(there)
        if self._on_device:
            self._watch_device()

    def do_migrate_cancel(self) -> None:
        there = self._beside()
        self._source.migrate_cancel()
        there.forget_migrations("the migration was cancelled")

    def _beside(self) -> Server:
        if self._destination is None:
            raise LocalError("there is no server beside this one")
        return self._destination

    def do_migrate(self, host: str, port: int, tls_port: int, subject: str, kind: Any, guest: str) -> Awaitable[Any]:
        if self._hand_over is None:
            raise LocalError("a server in memory has nowhere to go")
        destination = Destination(host=host, port=port, tls_port=tls_port, subject=subject)
        return self._hand_over(destination, kind, guest)

    def do_shutdown(self) -> None:
        self._end()


def write_picture(path: str, picture: Picture) -> None:
    """A PNG file of what a screen shows. Raises LocalError, OSError."""
    file_endings.check("picture", path, ".png")
    regular_file.check(path)
    regular_file.write(path, png.encode(picture[..., 2::-1]))


def _named(kind: int) -> str:
    """A type of the clipboard in the words of the verbs, or as the wire names it."""
    for name, number in _TYPES.items():
        if number == kind:
            return name
    found = ClipboardType._value2member_map_.get(kind)
    return str(kind) if found is None else str(found.name).lower()
