"""The keyboard: keys, and the locks that some of them turn on and off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from reference_server.guest.value import integer
from reference_server.watched import Watched
from spiceproto.enums.inputs import KeyboardModifierFlags

__all__ = ["Key", "Keyboard", "LocksChanged", "Modifiers"]

_LOCK_KEYS: Final = {
    b"\x46": KeyboardModifierFlags.SCROLL_LOCK,
    b"\x45": KeyboardModifierFlags.NUM_LOCK,
    b"\x3a": KeyboardModifierFlags.CAPS_LOCK,
}
"""Scan codes of the lock keys."""

_LOCKS: Final = int(sum(_LOCK_KEYS.values()))


class LocksChanged(msgspec.Struct, frozen=True):
    """Lock keys went on or off."""

    locks: KeyboardModifierFlags


class Key(msgspec.Struct, frozen=True, tag="key", tag_field="input"):
    """A key went down or up; ``code`` is the scan code of its press in hexadecimal."""

    code: str
    down: bool


class Modifiers(msgspec.Struct, frozen=True, tag="modifiers", tag_field="input"):
    """The client wants these lock keys to be on."""

    locks: int


class Keyboard(Watched):
    """``locks`` are those that are on. Tells :class:`LocksChanged`, and what a client does with it."""

    def __init__(self) -> None:
        super().__init__()
        self.locks = KeyboardModifierFlags(0)
        self._held: set[bytes] = set()

    def key(self, code: bytes, down: bool) -> None:
        """Press or release the key with this scan code (that of its press); "down" of one that is down repeats it."""
        self._say(code, down)
        lock = _LOCK_KEYS.get(code)
        if lock is None:
            return
        if down and code not in self._held:
            self._held.add(code)
            self.set_locks(self.locks ^ lock)
        elif not down:
            self._held.discard(code)

    def _say(self, code: bytes, down: bool) -> None:
        if self.listeners(Key):
            self.tell(Key(code.hex(), down))

    def modifiers(self, locks: int) -> None:
        """A client wants these lock keys to be on: each that is not so goes down and up, unless it is down already."""
        self.tell(Modifiers(locks))
        changed = self.locks
        for code, lock in _LOCK_KEYS.items():
            if (locks ^ self.locks) & lock and code not in self._held:
                self._say(code, True)
                self._say(code, False)
                changed ^= lock
        self.set_locks(changed)

    @property
    def held_locks(self) -> tuple[bytes, ...]:
        """Scan codes of the lock keys that are down."""
        return tuple(sorted(self._held))

    def unpack(self, locks: KeyboardModifierFlags, held: Iterable[bytes]) -> None:
        """The guest comes from another server, where these locks were on, and these lock keys down; nobody is told."""
        self.locks = locks
        self._held = set(held) & set(_LOCK_KEYS)

    def set_locks(self, locks: KeyboardModifierFlags) -> None:
        """Have these lock keys on. Raises ValueError for what is no sum of lock keys."""
        locks = KeyboardModifierFlags(integer("a sum of lock keys", locks, 0, _LOCKS))
        if locks != self.locks:
            self.locks = locks
            self.tell(LocksChanged(locks))
