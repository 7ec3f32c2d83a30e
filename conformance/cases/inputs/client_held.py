"""Clients: keys that are down when the user goes (13.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import opened
from conformance.cases.inputs.keyboard import TYPED, bytes_of
from conformance.expectation import check_value
from conformance.talk import Message, Talk
from spiceproto.scan_codes import ScanCodes

_KEYS: Final = (0x1E, 0x14D)
"""A and the arrow to the right, as a client is told of them."""

_DOWN: Final = {"1e", "e04d"}
_BITS: Final = ("SPICE-MOUSE-026/down-and-up", "SPICE-MOUSE-025/e0-first")


def _pressed(server: SuiteServer) -> Talk:
    """An inputs channel on which two keys went down; nobody moved the pointer, so no window has grabbed it. Raises Failure."""
    keyboard = opened(server, "inputs", answering=True)
    for code in _KEYS:
        server.act("key", code=code, down=True)
        keyboard.expect_message("KEY_DOWN", "KEY_SCANCODE")
    return keyboard


def _check_released(found: list[Message]) -> None:
    """Both keys go up in these messages. Raises Failure."""
    keys = ScanCodes().feed(b"".join(map(bytes_of, found)))
    released = {code.hex() for code, down in keys if not down}
    check_value("keys", "those that go up", ", ".join(sorted(released & _DOWN)) or "none", ", ".join(sorted(_DOWN)))


@client_case("SPICE-KEY-016/user-leaves", channel="inputs", needs=("act:key", "act:disconnect"), requires=_BITS)
def user_leaves(server: SuiteServer) -> None:
    """Two keys go down, and the user leaves: both go up before the channel is closed."""
    keyboard = _pressed(server)
    server.act("disconnect")
    keyboard.wait_closed()
    _check_released(keyboard.unread(*TYPED))


@client_case("SPICE-KEY-017/another-window", channel="inputs", needs=("act:key", "act:focus"), requires=_BITS)
def another_window(server: SuiteServer) -> None:
    """Two keys go down, and another window gets the keyboard: both go up."""
    keyboard = _pressed(server)
    server.act("focus", here=False)
    server.run(lambda: len(keyboard.unread(*TYPED)) >= len(_KEYS) or keyboard.closed)
    _check_released(server.so_far(keyboard, *TYPED))
