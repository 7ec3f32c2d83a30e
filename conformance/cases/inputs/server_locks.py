"""Servers: lock keys (13.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import goes_on, opened
from conformance.cases.inputs.guest_keyboard import EVENTS, GuestKeyboard
from conformance.expectation import check
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.messages import inputs

_SWITCH: Final = ("control:lock-keys",)
_CAPS: Final = KeyboardModifierFlags.CAPS_LOCK
_NUM: Final = KeyboardModifierFlags.NUM_LOCK
_ALL: Final = KeyboardModifierFlags.CAPS_LOCK | KeyboardModifierFlags.NUM_LOCK | KeyboardModifierFlags.SCROLL_LOCK
_NONE: Final = KeyboardModifierFlags(0)
_OTHERS: Final = 0xFFF8
"""All bits that are no lock key."""

_WITHIN: Final = 5.0
"""Seconds in which a server says what became of a wish."""


def _greeted(client: SuiteClient) -> tuple[Talk, KeyboardModifierFlags]:
    """An inputs channel, and which lock keys are on by its INIT."""
    talk = opened(client, "inputs", read=False)
    return talk, KeyboardModifierFlags(int(talk.wait_for("INIT").keyboard_modifiers))


@server_case("SPICE-KEY-018/some-and-none", channel="inputs", needs=_SWITCH)
def init(client: SuiteClient) -> None:
    """The guest has two lock keys on, then none, then one, and each time a client links inputs: INIT says so."""
    try:
        for locks in (_CAPS | _NUM, _NONE, _CAPS):
            client.control("lock-keys", int(locks))
            talk, found = _greeted(client)
            check("INIT", inputs.Init(found), keyboard_modifiers=locks, why="the guest was told to have these on")
            talk.close()
    finally:
        client.control("lock-keys", 0)


@server_case("SPICE-KEY-019/on-and-off", channel="inputs", needs=_SWITCH, requires=("SPICE-KEY-018/some-and-none",))
def changed(client: SuiteClient) -> None:
    """The guest switches lock keys on and off: KEY_MODIFIERS says each time which are on."""
    client.control("lock-keys", 0)
    talk, _ = _greeted(client)
    try:
        for locks in (_CAPS, _ALL, _NUM, _NONE):
            client.control("lock-keys", int(locks))
            talk.wait_for("KEY_MODIFIERS", modifiers=locks, why="the guest was told to have these on")
    finally:
        client.control("lock-keys", 0)


@server_case("SPICE-KEY-020/caps-lock", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-001/one-byte",))
def pressed(client: SuiteClient) -> None:
    """Wishes for Caps Lock as it is, as it is not, the same again, and as it was: the guest's key is pressed twice in all."""
    talk, locks = _greeted(client)
    talk.send(inputs.KeyModifiers(locks))
    guest = GuestKeyboard(client)
    for wanted, found, why in (
        (locks ^ _CAPS, "3a ba", "Caps Lock is not as it is wanted"),
        (locks ^ _CAPS, "", "all lock keys are as they are wanted"),
        (locks, "3a ba", "Caps Lock is not as it is wanted"),
    ):
        talk.send(inputs.KeyModifiers(wanted))
        guest.expect(found, why)


@server_case("SPICE-KEY-020/all-three", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-020/caps-lock",))
def all_three(client: SuiteClient) -> None:
    """A wish for all three as they are not, and one for what was: each key goes down and up, twice."""
    talk, locks = _greeted(client)
    talk.send(inputs.KeyModifiers(locks))
    guest = GuestKeyboard(client)
    for wanted in (locks ^ _ALL, locks):
        talk.send(inputs.KeyModifiers(wanted))
        keys = {(code, down) for code in ("3a", "45", "46") for down in (True, False)}
        guest.expect_keys(keys, "no lock key is as it is wanted")


@server_case("SPICE-KEY-021/caps-lock", channel="inputs", slow=_WITHIN)
def told(client: SuiteClient) -> None:
    """A wish for Caps Lock as it is not, and one for what was: KEY_MODIFIERS says what they are, each time."""
    talk, locks = _greeted(client)
    for wanted in (locks ^ _CAPS, locks):
        talk.drop("KEY_MODIFIERS")
        talk.send(inputs.KeyModifiers(wanted))
        try:
            talk.wait_for("KEY_MODIFIERS", modifiers=wanted, within=_WITHIN, why="a wish that changes lock keys")
        except Failure:
            talk.close()
            _, found = _greeted(client)
            if found == wanted:
                raise
            raise NotApplicable("the wish changes nothing in the guest: INIT of another link says so") from None


@server_case("SPICE-KEY-024/goes-on", channel="inputs")
def other_bits(client: SuiteClient) -> None:
    """A wish with all bits besides what is on already: the channel goes on."""
    talk, locks = _greeted(client)
    talk.send(inputs.KeyModifiers(_OTHERS | locks))
    goes_on(client, talk, "KEY_MODIFIERS with bits that are no lock key")
    talk.expect_open()


@server_case("SPICE-KEY-024/no-key", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-020/caps-lock",))
def other_bits_press_nothing(client: SuiteClient) -> None:
    """A wish with all bits besides what is on already: no key goes down in the guest."""
    talk, locks = _greeted(client)
    talk.send(inputs.KeyModifiers(locks))
    guest = GuestKeyboard(client)
    talk.send(inputs.KeyModifiers(_OTHERS | locks))
    guest.expect("", "the lock keys are as they are wanted, and other bits mean nothing")
