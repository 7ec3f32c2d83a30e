"""Faults of a client that shares a folder (spec/15-byte-channels.md, 15.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from reference_client.sharing import Folder
from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, ServerLine
from spiceproto import byte_channel
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages import port, spicevmc
from spiceproto.mux import Demultiplexer, multiplex
from spiceproto.port_bytes import PortBytes

_KEY = (int(ChannelType.WEBDAV), 0)
_INIT = port.Init(b"org.spice-space.webdav.0\0", 1)
_LARGE = bytes(range(256)) * 800


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class _Guest:
    """A server whose guest asks for files of a folder, with what it is answered; ``wrong`` are sentences that were broken."""

    def __init__(self, make: Make, place: str) -> None:
        folder = Path(place) / "shared"
        if not folder.is_dir():
            folder.mkdir()
            (folder / "hello").write_bytes(b"hello")
            (folder / "large").write_bytes(_LARGE)
            (Path(place) / "secret").write_bytes(b"what nobody may read")
            (folder / "link").symlink_to(Path(place) / "secret")
        known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {_KEY: COMMON}
        self.server = ScriptedServer(make(share=Folder(folder).visit), channels=known)
        self.server.init()
        self.server.listing(*LISTED, _KEY)
        self.line: ServerLine = self.server.lines[_KEY]
        self.judged = PortBytes(_KEY, "webdav")
        self.wrong = [item.requirement for item in self.judged.judge("server", "INIT", _INIT, 0.0)]
        self.line.send(_INIT)
        self.said: dict[int, bytes] = {}
        self.over: set[int] = set()

    def say(self, stretch: bytes, size: int = 1 << 20) -> None:
        """Bytes of the stream, in pieces."""
        for at in range(0, len(stretch), size):
            value = spicevmc.Data(stretch[at : at + size])
            self.wrong += [item.requirement for item in self.judged.judge("server", "DATA", value, 0.0)]
            self.line.send(value)
        for _ in range(10):
            self.server.wait(0)
        parts = Demultiplexer()
        for value in self.line.take():
            self.wrong += [item.requirement for item in self.judged.judge("client", "DATA", value, 0.0)]
            for chunk in parts.receive(byte_channel.unpack(value)):
                if chunk.data:
                    self.said[chunk.client] = self.said.get(chunk.client, b"") + chunk.data
                else:
                    self.over.add(chunk.client)

    def has(self, number: int, content: bytes) -> bool:
        """Whether a connection was answered with this, and nothing else."""
        said = self.said.pop(number, b"")
        return said.startswith(b"HTTP/1.1 200 ") and said.partition(b"\r\n\r\n")[2] == content

    @property
    def fine(self) -> bool:
        return not self.wrong and alive(self.server) and not self.line.closed_by_client


def _played(*steps: Callable[[_Guest], bool]) -> Callable[[Make], bool]:
    def play(make: Make) -> bool:
        with TemporaryDirectory() as place:
            return all(step(guest) and guest.fine for step in steps for guest in (_Guest(make, place),))

    return play


def _any_pieces(guest: _Guest) -> bool:
    guest.say(multiplex(1, _get("/hello")) + multiplex(2, _get("/hello")), 7)
    return guest.has(1, b"hello") and guest.has(2, b"hello")


def _apart(guest: _Guest) -> bool:
    """Pieces in turn; one connection ends before it has asked, and begins again."""
    request = _get("/hello")
    guest.say(multiplex(1, request[:9]) + multiplex(2, request[:9]) + multiplex(1, request[9:]) + multiplex(2, request[9:]))
    in_turn = guest.has(1, b"hello") and guest.has(2, b"hello")
    guest.say(multiplex(3, request[:9]) + multiplex(4, request[:9]) + multiplex(3, b"") + multiplex(4, request[9:]))
    one_ends = guest.has(4, b"hello") and 3 not in guest.said
    guest.say(multiplex(3, request))
    return in_turn and one_ends and guest.has(3, b"hello")


def _no_http(guest: _Guest) -> bool:
    guest.say(multiplex(1, b"\0\1\2\r\n\r\n") + multiplex(2, _get("/hello")))
    return guest.has(2, b"hello") and 1 in guest.over


def _nothing_from_outside(guest: _Guest) -> bool:
    guest.say(multiplex(1, _get("/link")) + multiplex(2, _get("/../secret")))
    return not any(b"what nobody may read" in guest.said.pop(number, b"") for number in (1, 2))


def _closed_port(guest: _Guest) -> bool:
    guest.line.send(spicevmc.Data(multiplex(1, _get("/hello"))[:9]), port.Event(PortEvent.CLOSED), port.Event(PortEvent.OPENED))
    guest.say(multiplex(2, _get("/hello")))
    return guest.has(2, b"hello")


def _whole(guest: _Guest) -> bool:
    guest.say(multiplex(1, _get("/large")))
    return guest.has(1, _LARGE)


def _any_number(guest: _Guest) -> bool:
    numbers = (1, 0x7F5C_0C00_1230, -2, (1 << 63) - 1)
    for number in numbers:
        guest.say(multiplex(number, _get("/hello")))
    return all(guest.has(number, b"hello") for number in numbers)


def _refuses(make: Make) -> bool:
    known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {_KEY: COMMON}
    server = ScriptedServer(make(), channels=known)
    server.init()
    server.listing(*LISTED, _KEY)
    line = server.lines[_KEY]
    line.send(_INIT, spicevmc.Data(multiplex(1, _get("/"))))
    return line.take() == [spicevmc.Data(multiplex(1, b""))] and not line.closed_by_client and alive(server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "chunk-for-nobody": _played(_any_pieces),
    "bytes-behind-the-end": _played(_no_http),
    "chunks-in-one-message": _played(_any_pieces),
    "one-connection-for-all": _played(_apart),
    "one-end-ends-all": _played(_apart),
    "half-a-request-kept": _played(_apart),
    "nothing-shared-closes": _refuses,
    **dict.fromkeys(["links-lead-out", "dots-lead-out"], _played(_nothing_from_outside)),
    "no-http-closes": _played(_no_http),
    "half-a-chunk-kept": _played(_closed_port),
    "large-files-cut": _played(_whole),
    "small-numbers-only": _played(_any_number),
}
