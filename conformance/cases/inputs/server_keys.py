"""Servers: keys that come, as bytes and as codes (13.1 to 13.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import goes_on, opened
from conformance.cases.inputs.guest_keyboard import EVENTS, need_scancode, typing
from spiceproto.messages import inputs

_ONE_BYTE: Final = ("SPICE-KEY-001/one-byte",)
_TWO_BYTES: Final = ("SPICE-KEY-001/two-bytes",)
_AT_ONCE: Final = ("SPICE-KEY-006/two-keys",)


def _type(*codes: int) -> list[Any]:
    """KEY_DOWN and KEY_UP by turns, with these codes."""
    return [(inputs.KeyUp if at % 2 else inputs.KeyDown)(code) for at, code in enumerate(codes)]


@server_case("SPICE-KEY-001/one-byte", (0x1E, 0x9E), "1e 9e", channel="inputs", needs=EVENTS)
@server_case("SPICE-KEY-001/two-bytes", (0x48E0, 0xC8E0), "e0 48 e0 c8", channel="inputs", needs=EVENTS, requires=_ONE_BYTE)
@server_case(
    "SPICE-KEY-001/four-bytes",
    (0x2E301E1F, 0xAEB09E9F),
    "1f 1e 30 2e 9f 9e b0 ae",
    channel="inputs",
    needs=EVENTS,
    requires=_ONE_BYTE,
)
@server_case(
    "SPICE-KEY-001/a-zero-byte-before-another",
    (0x30001E, 0xB0009E),
    "1e 9e",
    channel="inputs",
    needs=EVENTS,
    requires=_ONE_BYTE,
)
def down_and_up(client: SuiteClient, codes: tuple[int, ...], wanted: str) -> None:
    """KEY_DOWN and KEY_UP: the guest gets the bytes of the scan code, the lowest first."""
    talk, guest = typing(client)
    talk.send(*_type(*codes))
    guest.expect(wanted, "the bytes of KEY_DOWN, and those of KEY_UP")


_NO_KEYS: Final = (0, 0xE2, 0xFF, 0xFE, 0xE0)
"""Codes of which no key comes."""


@server_case("SPICE-KEY-003/no-keys", channel="inputs")
def no_keys(client: SuiteClient) -> None:
    """KEY_DOWN and KEY_UP with the code 0, and with codes that no keyboard sends: the channel goes on."""
    talk = opened(client, "inputs")
    for code in _NO_KEYS:
        talk.send(inputs.KeyDown(code), inputs.KeyUp(code))
    # Behind a prefix the rest of a code may come.
    talk.send(*_type(0x48, 0xC8E0))
    goes_on(client, talk, "codes of which no key comes")
    talk.expect_open()


@server_case(
    "SPICE-KEY-003/a-key-behind-them",
    channel="inputs",
    needs=EVENTS,
    requires=("SPICE-KEY-003/no-keys", *_ONE_BYTE),
)
def a_key_behind_them(client: SuiteClient) -> None:
    """KEY_DOWN and KEY_UP with the code 0, e2, ff and fe, then A: it reaches the guest."""
    talk, guest = typing(client)
    for code in _NO_KEYS[:-1]:
        talk.send(inputs.KeyDown(code), inputs.KeyUp(code))
    talk.send(*_type(0x1E, 0x9E))
    guest.expect_last("1e 9e", "A goes down and up")


@server_case("SPICE-KEY-004/three-presses", channel="inputs", needs=EVENTS, requires=_ONE_BYTE)
def repeats(client: SuiteClient) -> None:
    """A goes down, repeats twice, and goes up: the guest gets each press."""
    talk, guest = typing(client)
    talk.send(*[inputs.KeyDown(0x1E)] * 3, inputs.KeyUp(0x9E))
    guest.expect("1e 1e 1e 9e", "each press, and the release")


@server_case("SPICE-KEY-005/not-pressed", channel="inputs", needs=EVENTS, requires=_ONE_BYTE)
def not_pressed(client: SuiteClient) -> None:
    """KEY_UP of B and of the arrow up, which nobody pressed: the guest gets their releases."""
    talk, guest = typing(client)
    talk.send(inputs.KeyUp(0xB0), inputs.KeyUp(0xC8E0))
    guest.expect("b0 e0 c8", "a release is handed on although the key did not go down before")


@server_case("SPICE-KEY-006/two-keys", ("1e9e30b0",), "1e 9e 30 b0", channel="inputs", needs=EVENTS)
@server_case(
    "SPICE-KEY-006/cut-behind-e0",
    ("e0", "48e0", "c8"),
    "e0 48 e0 c8",
    channel="inputs",
    needs=EVENTS,
    requires=_AT_ONCE,
)
def as_bytes(client: SuiteClient, messages: tuple[str, ...], wanted: str) -> None:
    """KEY_SCANCODE: the guest gets its bytes, wherever one message ends and the next begins."""
    talk, guest = typing(client)
    need_scancode(talk)
    talk.send(*[inputs.KeyScancode(bytes.fromhex(data)) for data in messages])
    guest.expect(wanted, "the bytes of KEY_SCANCODE")


@server_case(
    "SPICE-KEY-006/begun-in-key-down",
    channel="inputs",
    needs=EVENTS,
    requires=(*_TWO_BYTES, "SPICE-KEY-006/cut-behind-e0"),
)
def across(client: SuiteClient) -> None:
    """e0 in KEY_DOWN, and the rest of the arrow up, with its release, in KEY_SCANCODE: one key goes down and up."""
    talk, guest = typing(client)
    need_scancode(talk)
    talk.send(inputs.KeyDown(0xE0), inputs.KeyScancode(bytes.fromhex("48e0c8")))
    guest.expect("e0 48 e0 c8", "all three messages are one stream of bytes")


@server_case("SPICE-KEY-009/no-byte", channel="inputs")
def no_byte(client: SuiteClient) -> None:
    """KEY_SCANCODE without a byte: the channel goes on."""
    talk = opened(client, "inputs")
    need_scancode(talk)
    talk.send(inputs.KeyScancode(b""))
    goes_on(client, talk, "KEY_SCANCODE without a byte")
    talk.expect_open()


@server_case("SPICE-KEY-010/2048-bytes", channel="inputs")
def many_bytes(client: SuiteClient) -> None:
    """KEY_SCANCODE with 1024 presses and releases of F13, as many bytes as it may have: the channel goes on."""
    talk = opened(client, "inputs")
    need_scancode(talk)
    talk.send(inputs.KeyScancode(b"\x64\xe4" * 1024))
    goes_on(client, talk, "KEY_SCANCODE with 2048 bytes")
    talk.expect_open()


_PAUSE: Final = {
    "one-message-each": _type(0x451DE1, 0xC59DE1),
    "two-messages-each": [inputs.KeyDown(0x1DE1), inputs.KeyDown(0x45), inputs.KeyUp(0x9DE1), inputs.KeyUp(0xC5)],
    "scancode": [inputs.KeyScancode(bytes.fromhex("e11d45e19dc5"))],
}


@server_case("SPICE-KEY-012/one-message-each", "one-message-each", channel="inputs", needs=EVENTS, requires=_ONE_BYTE)
@server_case("SPICE-KEY-012/two-messages-each", "two-messages-each", channel="inputs", needs=EVENTS, requires=_ONE_BYTE)
@server_case("SPICE-KEY-012/scancode", "scancode", channel="inputs", needs=EVENTS, requires=_AT_ONCE)
def pause(client: SuiteClient, how: str) -> None:
    """Pause goes down and up: the guest gets its six bytes in their order."""
    talk, guest = typing(client)
    if how == "scancode":
        need_scancode(talk)
    talk.send(*_PAUSE[how])
    guest.expect("e1 1d 45 e1 9d c5", "Pause goes down and up")
