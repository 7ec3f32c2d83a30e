"""Clients: lock keys (13.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import opened
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.messages import inputs

_ALL: Final = 7
_ROUNDS: Final = 8
_INSISTS: Final = 4
"""Rounds in a row in which a wish only repeats what was not granted."""


def _argue(server: SuiteServer, keyboard: Talk, wished: int | None) -> None:
    """The server says the opposite of each wish: the client does not insist. Raises Failure."""
    insists = 0
    for _ in range(_ROUNDS):
        denied = _ALL if wished is None else wished ^ _ALL
        keyboard.send(inputs.KeyModifiers(denied))
        server.wait_quiet()
        found = [int(message.parsed.modifiers) for message in server.so_far(keyboard, "KEY_MODIFIERS")]
        insists = insists + 1 if wished is not None and wished in found else 0
        if insists == _INSISTS:
            raise Failure(
                "no wish that only repeats what KEY_MODIFIERS has not granted",
                f"KEY_MODIFIERS {wished} behind each of {insists} KEY_MODIFIERS {denied}",
            )
        wished = found[-1] if found else wished


@client_case("SPICE-KEY-022/unasked", channel="inputs")
def unasked(server: SuiteServer) -> None:
    """KEY_MODIFIERS that nobody asked for, and the opposite of whatever the client wishes because of it: it does not insist."""
    keyboard = opened(server, "inputs", answering=True)
    before = [int(message.parsed.modifiers) for message in keyboard.unread("KEY_MODIFIERS")]
    keyboard.drop()
    _argue(server, keyboard, before[-1] if before else None)


@client_case("SPICE-KEY-022/wished", channel="inputs", needs=("act:modifiers",), requires=("SPICE-KEY-025/none-one-and-all",))
def wished(server: SuiteServer) -> None:
    """The user wants Caps Lock, and the server says the opposite: the client does not insist."""
    keyboard = opened(server, "inputs", answering=True)
    keyboard.drop()
    server.act("modifiers", flags=int(KeyboardModifierFlags.CAPS_LOCK))
    keyboard.expect("KEY_MODIFIERS", modifiers=KeyboardModifierFlags.CAPS_LOCK)
    _argue(server, keyboard, int(KeyboardModifierFlags.CAPS_LOCK))


@client_case("SPICE-KEY-023/all-bits", channel="inputs")
def all_bits(server: SuiteServer) -> None:
    """INIT and KEY_MODIFIERS with all bits, and with those that are no lock key: the client goes on."""
    server.greetings["inputs"] = (inputs.Init(0xFFFF),)
    keyboard = server.session_on("inputs")
    server.alive(keyboard, "INIT with all bits")
    for bits in (0xFFFF, 0xFFF8, 0):
        keyboard.send(inputs.KeyModifiers(bits))
        server.alive(keyboard, f"KEY_MODIFIERS {bits:#x}")


@client_case("SPICE-KEY-025/none-one-and-all", channel="inputs", needs=("act:modifiers",))
def all_of_them(server: SuiteServer) -> None:
    """The user wants one lock key, all, another one, and none: KEY_MODIFIERS has all of them at once, each time."""
    keyboard = opened(server, "inputs", answering=True)
    keyboard.drop()
    for flags in (4, _ALL, 2, 1, 0):
        server.act("modifiers", flags=flags)
        keyboard.expect("KEY_MODIFIERS", modifiers=KeyboardModifierFlags(flags), why="these should be on, and no others")
