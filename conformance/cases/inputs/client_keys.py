"""Clients: keys (4.5, 13.1 to 13.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.inputs.keyboard import TYPED, bytes_of
from conformance.cases.mouse.pointer import used
from conformance.expectation import check_value

_RIGHT: Final = 0x14D
"""The arrow to the right, e0 4d, as a client is told of it."""


_BITS: Final = ("SPICE-MOUSE-026/down-and-up",)
"""The case of a key without a prefix."""


@client_case("SPICE-MOUSE-025/e0-first", channel="inputs", needs=("act:key",), requires=_BITS)
def e0_first(server: SuiteServer) -> None:
    """The arrow to the right goes down and up: e0 is the first byte, and the second has its bit of the release."""
    keyboard = used(server).mouse
    for down, name, code in ((True, "KEY_DOWN", b"\xe0\x4d"), (False, "KEY_UP", b"\xe0\xcd")):
        server.act("key", code=_RIGHT, down=down)
        message = keyboard.expect_message(name, "KEY_SCANCODE")
        check_value(message.name, "bytes of the scan code", bytes_of(message).hex(" "), code.hex(" "))


@client_case("SPICE-MOUSE-026/down-and-up", channel="inputs", needs=("act:key",))
def down_and_up(server: SuiteServer) -> None:
    """A goes down and up: the code of the press, and the same with its bit of the release."""
    keyboard = used(server).mouse
    for down, name, code in ((True, "KEY_DOWN", b"\x1e"), (False, "KEY_UP", b"\x9e")):
        server.act("key", code=0x1E, down=down)
        message = keyboard.expect_message(name, "KEY_SCANCODE")
        check_value(message.name, "bytes of the scan code", bytes_of(message).hex(" "), code.hex(" "))


@client_case("SPICE-MOUSE-025/arrow-and-letter-by-bytes", "e04d e0cd 1e 9e", channel="inputs", needs=("act:scancode",))
@client_case("SPICE-MOUSE-025/pause-by-bytes", "e11d45 e19dc5", channel="inputs", needs=("act:scancode",))
def by_bytes(server: SuiteServer, codes: str) -> None:
    """Bytes of a keyboard for a server that announced KEY_SCANCODE: they come in this order, in whatever messages."""
    keyboard = used(server).mouse
    wanted = bytes.fromhex(codes)
    server.act("scancode", data=wanted.hex())
    server.run(lambda: len(b"".join(map(bytes_of, keyboard.unread(*TYPED)))) >= len(wanted) or keyboard.closed)
    found = b"".join(map(bytes_of, server.so_far(keyboard, *TYPED)))
    check_value("keys", "bytes of the scan codes", found.hex(" "), wanted.hex(" "))


_PAUSE: Final = 0xE11D45
"""Pause, as a client is told of it."""


@client_case("SPICE-KEY-011/pause", channel="inputs", needs=("act:key",), requires=("SPICE-MOUSE-025/e0-first",))
def pause(server: SuiteServer) -> None:
    """Pause goes down and up: three bytes each, in whatever messages, and nothing else."""
    keyboard = used(server).mouse
    for down, code in ((True, "e1 1d 45"), (False, "e1 9d c5")):
        server.act("key", code=_PAUSE, down=down)
        server.run(lambda: len(b"".join(map(bytes_of, keyboard.unread(*TYPED)))) >= len(code.split()) or keyboard.closed)  # noqa: B023 - called at once
        found = b"".join(map(bytes_of, server.so_far(keyboard, *TYPED)))
        check_value("Pause", "bytes of the scan code", found.hex(" "), code)
