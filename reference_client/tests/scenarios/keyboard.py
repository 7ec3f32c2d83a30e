"""Faults of keys and lock keys (spec/13-keyboard.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import ScriptedServer, session
from spiceproto.messages import inputs
from spiceproto.scan_codes import PAUSE, release_code


def _act(server: ScriptedServer, verb: str, *values: Any) -> None:
    getattr(server.client.inputs, verb)(*values)
    server.run()


def _keys(make: Make) -> bool:
    """A and Pause go down and up, and two keys by their bytes."""
    server = session(make())
    for code in (0x1E, 0xE11D45):
        _act(server, "key", code, True)
        _act(server, "key", code, False)
    _act(server, "scancode", "1e9e30b0")
    codes = inputs.KeyScancode(bytes.fromhex("1e9e30b0"))
    pause = [inputs.KeyDown(PAUSE), inputs.KeyUp(release_code(PAUSE))]
    return server.inputs.got == [inputs.KeyDown(0x1E), inputs.KeyUp(0x9E), *pause, codes]


def _nothing_stays_down(make: Make) -> bool:
    """Two keys go down, and another window gets the keyboard; then one goes down, and the user leaves."""
    server = session(make())
    for code in (0x1E, 0x14D):
        _act(server, "key", code, True)
    _act(server, "focus", False)
    _act(server, "key", 0x30, True)
    server.leave()
    ups = [value for value in server.inputs.got if isinstance(value, inputs.KeyUp)]
    return sorted(value.code for value in ups[:2]) == [0x9E, 0xCDE0] and ups[2:] == [inputs.KeyUp(0xB0)]


def _wishes(make: Make) -> bool:
    """The user wants lock keys, and the server has it otherwise: each wish is said once, and names all of them."""
    server = session(make())
    for flags in (4, 6, 2):
        _act(server, "modifiers", flags)
        server.inputs.send(*[inputs.KeyModifiers(flags ^ 7)] * 3)
    return server.inputs.got == [inputs.KeyModifiers(flags) for flags in (4, 6, 2)]


def _goes_on(make: Make) -> bool:
    server = session(make())
    server.inputs.send(inputs.KeyModifiers(0xFFF8))
    return alive(server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "no-code-for-a-release": _keys,
    "scan-codes-of-four-bytes": _keys,
    "scancode-of-no-byte": _keys,
    "pause-is-num-lock": _keys,
    "releases-every-key-twice": _keys,
    "leaves-keys-down": _nothing_stays_down,
    "keeps-keys-down": _nothing_stays_down,
    "insists-on-locks": _wishes,
    "wishes-for-one-lock": _wishes,
    "other-locks-fatal": _goes_on,
}
