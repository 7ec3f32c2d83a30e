"""Servers: keys that are down when the channel ends (13.4)."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.inputs.guest_keyboard import EVENTS, need_scancode, typing
from spiceproto.messages import inputs


@server_case("SPICE-KEY-014/two-keys", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-001/two-bytes",))
def two_keys(client: SuiteClient) -> None:
    """A and the arrow up go down, and the connection is closed: both go up in the guest."""
    talk, guest = typing(client)
    talk.send(inputs.KeyDown(0x1E), inputs.KeyDown(0x48E0))
    guest.expect("1e e0 48", "both keys go down")
    talk.close()
    guest.expect_keys({("1e", False), ("e048", False)}, "both keys were down when the channel ended")


@server_case("SPICE-KEY-014/by-scancode", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-014/two-keys",))
def by_scancode(client: SuiteClient) -> None:
    """B goes down by KEY_SCANCODE, and main is closed: it goes up in the guest."""
    talk, guest = typing(client)
    need_scancode(talk)
    talk.send(inputs.KeyScancode(b"\x30"))
    guest.expect("30", "B goes down")
    client.main_talk.close()
    guest.expect_keys({("30", False)}, "B was down when the session ended")


@server_case("SPICE-KEY-015/up-already", channel="inputs", needs=EVENTS, requires=("SPICE-KEY-001/two-bytes",))
def up_already(client: SuiteClient) -> None:
    """A and the arrow up go down and up, B goes up alone, and the connection is closed: nothing more happens in the guest."""
    talk, guest = typing(client)
    talk.send(inputs.KeyDown(0x1E), inputs.KeyDown(0x48E0), inputs.KeyUp(0xC8E0), inputs.KeyUp(0x9E), inputs.KeyUp(0xB0))
    guest.expect("1e e0 48 e0 c8 9e b0", "both keys go down and up")
    talk.close()
    guest.expect_keys(set(), "no key was down when the channel ended")
