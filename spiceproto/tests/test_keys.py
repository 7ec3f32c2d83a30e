"""The keys of a client, read off its messages: which are down, and what is wrong with how it says so."""

from __future__ import annotations

from typing import Any

import pytest

from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs
from spiceproto.session import Session

_NAMES: dict[type, str] = {
    inputs.KeyDown: "KEY_DOWN",
    inputs.KeyUp: "KEY_UP",
    inputs.KeyScancode: "KEY_SCANCODE",
    inputs.KeyModifiers: "KEY_MODIFIERS",
}
D, U, S = inputs.KeyDown, inputs.KeyUp, inputs.KeyScancode


class Told:
    """A session with an inputs channel; each message is a tenth of a second behind the one before."""

    def __init__(self, **options: Any) -> None:
        self.session = Session(**options)
        self.member = self.session.link(ChannelType.INPUTS, 0, 1)
        self.session.message(self.member, "server", "INIT", inputs.Init(0))
        self.session.take_findings()
        self.now = 0.0

    def client(self, *values: Any, sender: str = "client") -> list[str]:
        for value in values:
            self.now += 0.1
            self.session.message(self.member, sender, _NAMES[type(value)], value, self.now)
        return [f"{item.requirement}: {item.text}" for item in self.session.take_findings()]

    def of_keys(self, *values: Any) -> list[str]:
        """What is said of keys alone, and not of when they come."""
        return [text for text in self.client(*values) if text.startswith("SPICE-KEY-")]

    def locks(self, sender: str, *flags: int) -> list[str]:
        return self.client(*[inputs.KeyModifiers(each) for each in flags], sender=sender)


@pytest.mark.parametrize(
    "values",
    [
        (D(0x1E), D(0x1E), U(0x9E)),
        (D(0x1DE0), U(0x9DE0)),
        (D(0x451DE1), U(0xC59DE1)),
        (D(0x1DE1), D(0x45), U(0x9DE1), U(0xC5)),
        (S(b"\xe1"), S(b"\x1d\x45\xe1"), S(b"\x9d\xc5")),
        (S(b"\x1e\xe0"), S(b"\x48\x9e"), S(b"\xe0\xc8")),
        (S(bytes.fromhex("2a e0aa e052 e0d2 e02a aa")),),  # Insert with Shift, as a keyboard sends it
        (S(bytes.fromhex("e0b6 e053 e0d3 e036")),),
    ],
    ids=["A", "right Ctrl", "Pause", "Pause in two", "Pause in pieces", "two at once", "Insert", "Delete"],
)
def test_keys_that_go_down_and_up(values: tuple[Any, ...]) -> None:
    assert Told().client(*values) == []


def test_a_release_without_its_press() -> None:
    told = Told()
    assert told.client(U(0x9E)) == ["SPICE-KEY-013: RELEASE of key 30 in state up"]
    assert told.client(D(0x1E), U(0x9DE0)) == ["SPICE-KEY-013: RELEASE of key 7648 in state up"]
    assert told.client(S(b"\x9e\x9e")) == ["SPICE-KEY-013: RELEASE of key 30 in state up"]


@pytest.mark.parametrize("options", [{"whole": False}, {"destination": True}])
def test_nothing_is_said_of_keys_that_may_have_been_down_before(options: dict[str, Any]) -> None:
    told = Told(**options)
    assert told.of_keys(U(0x9E), D(0x30), U(0xB0)) == []
    assert told.of_keys(U(0xB0)) != [], "this one is known by now"


def test_behind_a_code_that_is_none_nobody_knows_what_is_down() -> None:
    told = Told()
    assert told.client(D(0xE048)) == ["SPICE-MOUSE-025: KEY_DOWN with a prefix behind its scan code"]
    assert told.client(U(0x9E), U(0xC8E0)) == []


def test_what_was_missed_is_not_judged() -> None:
    told = Told()
    told.client(D(0x1E), S(b"\xe0"))
    told.session.missed(told.member, "client", told.now)
    assert told.client(S(b"\x9e"), U(0xB0)) == []


def test_no_scan_code() -> None:
    told = Told()
    assert told.client(S(b"")) == ["SPICE-KEY-008: KEY_SCANCODE without a byte"]
    assert told.client(D(0)) == ["SPICE-KEY-002: KEY_DOWN has code outside of its values"]
    assert told.client(S(b"\x1e\0\x9e")) == ["SPICE-KEY-007: KEY_SCANCODE has data outside of its values"]


def test_an_end_that_asks_first_changes_nothing() -> None:
    session = Session("client")
    member = session.link(ChannelType.INPUTS, 0, 1)
    for _ in range(2):
        assert session.objections(member, "KEY_SCANCODE", S(b"\x1e\xe0")) == ()
        (finding,) = session.objections(member, "KEY_UP", U(0x9E))
        assert finding.requirement == "SPICE-KEY-013"


# -- wishes


def test_a_wish_that_is_said_again_and_again() -> None:
    told = Told()
    found = [told.locks("client", 4) + told.locks("server", 0) for _ in range(9)]
    assert [bool(each) for each in found] == [False] * 4 + [True] + [False] * 4, "it is said once"
    assert found[4][0].startswith("SPICE-KEY-022: KEY_MODIFIERS once more")


def test_wishes_that_have_a_reason() -> None:
    told = Told()
    for _ in range(9):
        assert told.locks("client", 4) + told.locks("server", 4) == [], "granted"
        assert told.locks("client", 2) + told.locks("server", 0) == [], "another one each time"
    for _ in range(9):
        assert told.locks("client", 4) + told.locks("server", 0) == []
        told.now += 2.0  # as the window gets the keyboard
