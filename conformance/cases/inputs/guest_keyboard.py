"""The keyboard of a server's guest: which bytes it got, and what they mean.

Guests tell of it in different ways: events with the byte, events with the scan code of the press and whether it went down, or
lines ``key 1e``. What is left is the bytes that a keyboard would have sent. Between two keys a guest may take its time, so
what came is looked at once there is enough of it and nothing follows.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.cases.framing.server_steps import opened
from conformance.expectation import check_value
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.scan_codes import ScanCodes, release_code

__all__ = ["EVENTS", "GuestKeyboard", "need_scancode", "typing"]

EVENTS: Final = ("control:input-events",)
"""What cases need that look at the guest."""


def _bytes_of(events: Any) -> bytes:
    """The bytes of the keyboard in what a target says of its guest."""
    if isinstance(events, str):
        words = [line.split() for line in events.splitlines()]
        return bytes([int(line[1], 16) for line in words if len(line) == 2 and line[0].lower() == "key"])
    found = b""
    for event in events:
        byte, code = getattr(event, "byte", None), getattr(event, "code", None)
        if byte is not None:
            found += bytes((byte,))
        elif code is not None:
            pressed = bytes.fromhex(code)
            number = int.from_bytes(pressed, "little")
            found += (number if event.down else release_code(number)).to_bytes(len(pressed), "little")
    return found


class GuestKeyboard:
    """What the guest's keyboard got since the case began to look."""

    def __init__(self, client: SuiteClient) -> None:
        self._client = client
        # What earlier cases typed may still be on its way.
        client.wait_quiet()
        client.control("input-events")

    def take(self, least: int = 0) -> bytes:
        """So many bytes, if they come in time, and those that follow in a short quiet time."""
        found = bytearray()

        def enough() -> bool:
            found.extend(_bytes_of(self._client.control("input-events")))
            return len(found) >= least

        self._client.run(enough)
        self._client.wait_quiet()
        enough()
        return bytes(found)

    def expect(self, wanted: str, why: str) -> None:
        """These bytes, in hexadecimal, and no others. Raises Failure."""
        data = bytes.fromhex(wanted)
        found = self.take(len(data))
        check_value("the guest's keyboard", "bytes", found.hex(" "), data.hex(" "), why=why)

    def expect_last(self, wanted: str, why: str) -> None:
        """These bytes behind whatever else came. Raises Failure."""
        data = bytes.fromhex(wanted)
        found = bytearray()

        def arrived() -> bool:
            found.extend(_bytes_of(self._client.control("input-events")))
            return found.endswith(data)

        self._client.run(arrived)
        check_value("the guest's keyboard", "last bytes", bytes(found[-len(data) :]).hex(" "), data.hex(" "), why=why)

    def expect_keys(self, wanted: set[tuple[str, bool]], why: str) -> None:
        """These keys go down (True) or up, by the scan codes of their presses, in whatever order. Raises Failure."""
        least = sum(len(code) // 2 for code, _ in wanted)
        found = [(code.hex(), down) for code, down in ScanCodes().feed(self.take(least))]
        check_value("the guest's keyboard", "keys", _said(found), _said(wanted), why=why)


def _said(keys: Any) -> str:
    return ", ".join(sorted([f"{code} {'down' if down else 'up'}" for code, down in keys])) or "none"


def typing(client: SuiteClient) -> tuple[Talk, GuestKeyboard]:
    """An inputs channel, and the keyboard that it is for. Raises NotApplicable if there is none."""
    talk = opened(client, "inputs")
    return talk, GuestKeyboard(client)


def need_scancode(talk: Talk) -> None:
    """Raises NotApplicable where the server did not announce KEY_SCANCODE."""
    if not talk.server.has(InputsCapability.KEY_SCANCODE):
        raise NotApplicable("the server did not announce KEY_SCANCODE")
