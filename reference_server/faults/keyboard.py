"""Faults of keys and lock keys (spec/13-keyboard.md)."""

from __future__ import annotations

from typing import Any, Final

from reference_server.channels.inputs import InputsChannel
from reference_server.faults.fault import fault
from reference_server.guest import LocksChanged
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.messages import inputs
from spiceproto.scan_codes import ScanCodes

_LOCK_KEYS: Final = (b"\x3a", b"\x45", b"\x46")
_LOCKS: Final = int(KeyboardModifierFlags.SCROLL_LOCK | KeyboardModifierFlags.NUM_LOCK | KeyboardModifierFlags.CAPS_LOCK)
_SHORT: Final = 200

# -- keys, SPICE-KEY-001 to 012


@fault("keys-backwards", "SPICE-KEY-001", "SPICE-KEY-005", "SPICE-KEY-012", "SPICE-KEY-014", "SPICE-KEY-015")
class KeysBackwards(InputsChannel):
    """Hands the bytes of KEY_DOWN and KEY_UP to the guest with the last one first."""

    def bytes_of(self, value: inputs.KeyDown | inputs.KeyUp) -> bytes:
        return super().bytes_of(value)[::-1]


@fault("releases-for-presses", "SPICE-KEY-001", "SPICE-KEY-005", "SPICE-KEY-014", "SPICE-KEY-015", "SPICE-MIG-059")
class ReleasesForPresses(InputsChannel):
    """Takes KEY_UP for another press of the key."""

    def bytes_of(self, value: inputs.KeyDown | inputs.KeyUp) -> bytes:
        code = super().bytes_of(value)
        return code[:-1] + bytes((code[-1] & 0x7F,)) if code and isinstance(value, inputs.KeyUp) else code


@fault("zero-bytes-passed-over", "SPICE-KEY-001")
class ZeroBytesPassedOver(InputsChannel):
    """Goes on behind a zero byte in KEY_DOWN and KEY_UP."""

    def bytes_of(self, value: inputs.KeyDown | inputs.KeyUp) -> bytes:
        return value.code.to_bytes(4, "little").replace(b"\0", b"")


@fault("one-key-a-message", "SPICE-KEY-001")
class OneKeyAMessage(InputsChannel):
    """Forgets what stands behind the first key in KEY_DOWN and KEY_UP."""

    def bytes_of(self, value: inputs.KeyDown | inputs.KeyUp) -> bytes:
        code = super().bytes_of(value)
        return code[:1] if code[:1] not in (b"", b"\xe0", b"\xe1") else code


@fault("closes-for-no-key", "SPICE-KEY-003")
class ClosesForNoKey(InputsChannel):
    """Closes the channel for KEY_DOWN or KEY_UP with the code 0."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, inputs.KeyDown | inputs.KeyUp) and not value.code:
            self.line.drop("no scan code")
        else:
            super().handle(value, now)


@fault("ff-is-a-prefix", "SPICE-KEY-003")
class FfIsAPrefix(InputsChannel):
    """Waits behind ff and fe for the rest of a scan code, as behind e0."""

    waits = False

    def hand_on(self, code: bytes, down: bool) -> None:
        waited, self.waits = self.waits, code in (b"\x7e", b"\x7f")
        if not waited and not self.waits:
            super().hand_on(code, down)


@fault("no-repetitions", "SPICE-KEY-004")
class NoRepetitions(InputsChannel):
    """Hands on no press of a key that is down already."""

    def hand_on(self, code: bytes, down: bool) -> None:
        if not down or code not in self.held_keys:
            super().hand_on(code, down)


@fault("releases-what-went-down", "SPICE-KEY-005", "SPICE-KEY-015")
class ReleasesWhatWentDown(InputsChannel):
    """Hands on no release of a key that did not go down before."""

    def hand_on(self, code: bytes, down: bool) -> None:
        if down or code in self.held_keys:
            super().hand_on(code, down)


@fault("scancodes-begin-anew", "SPICE-KEY-006")
class ScancodesBeginAnew(InputsChannel):
    """Takes every message for the beginning of a scan code, but for Pause."""

    def type(self, data: bytes) -> None:
        if not self._scan_codes.rest.startswith(b"\xe1"):
            self._scan_codes = ScanCodes()
        super().type(data)


@fault("scancode-first-key-alone", "SPICE-KEY-006")
class ScancodeFirstKeyAlone(InputsChannel):
    """Takes the first two bytes of KEY_SCANCODE alone, unless it begins with a prefix."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, inputs.KeyScancode) and value.data[:1] not in (b"\xe0", b"\xe1"):
            value = inputs.KeyScancode(value.data[:2])
        super().handle(value, now)


@fault("closes-for-no-byte", "SPICE-KEY-009")
class ClosesForNoByte(InputsChannel):
    """Closes the channel for KEY_SCANCODE without a byte."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, inputs.KeyScancode) and not value.data:
            self.line.drop("no scan code")
        else:
            super().handle(value, now)


@fault("closes-for-many-keys", "SPICE-KEY-010")
class ClosesForManyKeys(InputsChannel):
    """Closes the channel for KEY_SCANCODE with more than 200 bytes."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, inputs.KeyScancode) and len(value.data) > _SHORT:
            self.line.drop("so many keys")
        else:
            super().handle(value, now)


@fault("no-pause", "SPICE-KEY-012")
class NoPause(InputsChannel):
    """Does not know Pause: hands on Num Lock in its place."""

    def hand_on(self, code: bytes, down: bool) -> None:
        super().hand_on(code[2:] or code, down)


# -- keys that are down, SPICE-KEY-014 and 015


@fault("keys-stay-down", "SPICE-KEY-014")
class KeysStayDown(InputsChannel):
    """Releases nothing when the channel ends."""

    def release_keys(self) -> None:
        pass


@fault("releases-one-key", "SPICE-KEY-014")
class ReleasesOneKey(InputsChannel):
    """Releases the key that went down last when the channel ends, and no other."""

    def release_keys(self) -> None:
        for code in list(self.held_keys)[:-1]:
            del self.held_keys[code]
        super().release_keys()


@fault("releases-what-is-up", "SPICE-KEY-015")
class ReleasesWhatIsUp(InputsChannel):
    """Releases every key that was ever down when the channel ends."""

    def release_keys(self) -> None:
        self.held_keys |= self.pressed
        super().release_keys()

    @property
    def pressed(self) -> dict[bytes, None]:
        """The keys that were ever down."""
        found: dict[bytes, None] = self.__dict__.setdefault("_pressed", {})
        return found

    def hand_on(self, code: bytes, down: bool) -> None:
        self.pressed[code] = None
        super().hand_on(code, down)


# -- lock keys, SPICE-KEY-018 to 024


@fault("init-without-locks", "SPICE-KEY-018")
class InitWithoutLocks(InputsChannel):
    """Says in INIT that no lock key is on."""

    def send(self, *values: Any) -> None:
        none = inputs.Init(KeyboardModifierFlags(0))
        super().send(*[none if isinstance(value, inputs.Init) else value for value in values])


@fault("locks-untold", "SPICE-KEY-019", "SPICE-KEY-021")
class LocksUntold(InputsChannel):
    """Never sends KEY_MODIFIERS."""

    def _locks_changed(self, news: LocksChanged) -> None:
        pass


@fault("wishes-ignored", "SPICE-KEY-020", "SPICE-KEY-021")
class WishesIgnored(InputsChannel):
    """Does nothing about KEY_MODIFIERS of a client."""

    def wish(self, locks: int) -> None:
        pass


@fault("wish-presses-all", "SPICE-KEY-020", "SPICE-KEY-021", "SPICE-KEY-024")
class WishPressesAll(InputsChannel):
    """Presses all lock keys for KEY_MODIFIERS of a client, whatever they are."""

    def wish(self, locks: int) -> None:
        for code in _LOCK_KEYS:
            for down in (True, False):
                self.host.guest.keyboard.key(code, down)


@fault("locks-held", "SPICE-KEY-020")
class LocksHeld(InputsChannel):
    """Presses lock keys for KEY_MODIFIERS of a client, and does not release them."""

    def wish(self, locks: int) -> None:
        keyboard = self.host.guest.keyboard
        for code, bit in zip(_LOCK_KEYS, (4, 2, 1), strict=True):
            if (locks ^ keyboard.locks) & bit:
                keyboard.key(code, True)
                keyboard.set_locks(KeyboardModifierFlags(int(keyboard.locks) & ~bit | locks & bit))


@fault("closes-for-other-locks", "SPICE-KEY-024")
class ClosesForOtherLocks(InputsChannel):
    """Closes the channel for KEY_MODIFIERS with bits that are no lock key."""

    def wish(self, locks: int) -> None:
        if locks & ~_LOCKS:
            self.line.drop("no such lock key")
        else:
            super().wish(locks)
