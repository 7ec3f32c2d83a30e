"""What a client says of its keyboard: scan codes as a keyboard gives them, which keys are down, and which locks it wants.

Which keys are down is a table (:mod:`spiceproto.rules.keys`). Here is what comes before it: keys are made of the bytes in
KEY_DOWN, KEY_UP and KEY_SCANCODE, which are one stream; a code may begin in one message and end in another. Where a code is
wrong, nobody knows any more what is down, and no more is said of it. Beside it is what no table compares: the bytes of one
field, and a wish with an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spiceproto.comparison import Carried
from spiceproto.finding import Finding
from spiceproto.machine import PRESS, RELEASE
from spiceproto.scan_codes import ScanCodes

__all__ = ["REQUIREMENTS", "TIMED", "Keyboard"]

_ORDER, _RELEASE_BIT = "SPICE-MOUSE-025", "SPICE-MOUSE-026"
_EMPTY, _WISH = "SPICE-KEY-008", "SPICE-KEY-022"

REQUIREMENTS: Final = {
    _ORDER: "is about the bytes of one field",
    _RELEASE_BIT: "is about the bits of one field",
    _EMPTY: "is about the size of one field",
    _WISH: "compares the fields of several messages, and how much time is between them",
}
"""Sentences that are judged here, and why no machine can."""

TIMED: Final = frozenset({_WISH})
"""Those that rest on how much time has passed."""

_PREFIXES: Final = (0xE0, 0xE1)
_RELEASED: Final = 0x80
_CODES: Final = ("KEY_DOWN", "KEY_UP", "KEY_SCANCODE")

_FAKE: Final = frozenset({b"\xe0\x2a", b"\xe0\x36"})
"""A keyboard sends them of itself around other keys, the release first; nobody presses them."""

_AT_ONCE: Final = 1.0
"""Seconds within which a wish follows what said that it was not granted."""

_AGAIN: Final = 4
"""Such wishes in a row, which are no chance any more."""


class Keyboard:
    """The keyboard of one inputs channel, as its client tells of it.

    ``known``  whether every scan code was one so far
    ``wished``, ``denied``, ``again``  the last wish for lock keys, when it was said that they are others, and how many wishes
    in a row only repeated one behind that
    """

    __slots__ = ("_codes", "again", "channel", "denied", "known", "wished")

    def __init__(self, channel: tuple[int, int]) -> None:
        self.channel = channel
        self.known = True
        self._begin()

    def forget(self, sender: str) -> None:
        """Something was missed."""
        self._begin()

    def _begin(self) -> None:
        self._codes = ScanCodes()
        self.wished: int | None = None
        self.denied: float | None = None
        self.again = 0

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding | Carried]:
        """A message of the channel: what is wrong with it, and what keys did by it."""
        yield from self._compare(sender, name, value, now)
        if sender == "client":
            for event, key in self._keys(name, value):
                yield Carried(event, {"key": key}, inside=False)

    def _compare(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        if value is None:
            if name in _CODES:
                self.known = False
        elif name == "KEY_MODIFIERS":
            yield from self._locks(sender, int(value.modifiers), now)
        elif name in ("KEY_DOWN", "KEY_UP"):
            for finding in self._code(name, int(value.code).to_bytes(4, "little").rstrip(b"\0"), now):
                self.known = False
                yield finding
        elif name == "KEY_SCANCODE" and not value.data:
            yield self._finding(_EMPTY, "KEY_SCANCODE without a byte", "a scan code", "", now)

    def _keys(self, name: str, value: Any) -> Iterator[tuple[str, int]]:
        """What keys did by a message that was judged: the event of a machine, and the scan code of the press."""
        if name not in _CODES or value is None or not self.known:
            return
        data = value.data if name == "KEY_SCANCODE" else int(value.code).to_bytes(4, "little").partition(b"\0")[0]
        # That there are zero bytes is found elsewhere.
        for code, down in self._codes.feed(bytes(data).replace(b"\0", b"")):
            if code not in _FAKE:
                yield PRESS if down else RELEASE, int.from_bytes(code, "little")

    def _code(self, name: str, data: bytes, now: float) -> Iterator[Finding]:
        if not data:
            return  # that there is no code is found elsewhere
        found = data.hex(" ")
        if len(data) > 1 and data[-1] in _PREFIXES:
            text = f"{name} with a prefix behind its scan code"
            yield self._finding(_ORDER, text, f"{data[-1]:02x} first", found, now)
        elif bool(data[-1] & _RELEASED) != (name == "KEY_UP") and data[-1] not in _PREFIXES:
            text = f"{name} with the scan code of a {'press' if name == 'KEY_UP' else 'release'}"
            wanted = f"bit 7 of the last byte {'set' if name == 'KEY_UP' else 'clear'}"
            yield self._finding(_RELEASE_BIT, text, wanted, found, now)

    def _locks(self, sender: str, locks: int, now: float) -> Iterator[Finding]:
        if sender == "server":
            self.denied = now if self.wished not in (None, locks) else None
            return
        again = self.wished == locks and self.denied is not None and now - self.denied <= _AT_ONCE
        self.again = self.again + 1 if again else 0
        self.wished, self.denied = locks, None
        if self.again == _AGAIN:
            text = f"KEY_MODIFIERS once more, {_AGAIN} times behind one that did not grant it"
            yield self._finding(_WISH, text, "a wish is said once", f"{locks} each time", now)

    def _finding(self, requirement: str, text: str, expected: str, actual: str, now: float) -> Finding:
        return Finding(requirement, "client", self.channel, text, expected, actual, now)
