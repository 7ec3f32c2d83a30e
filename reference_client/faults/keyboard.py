"""Faults of keys and lock keys (spec/13-keyboard.md)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import InputsChannel
from reference_client.faults.fault import fault
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.messages import inputs
from spiceproto.scan_codes import PAUSE, release_code, wire_code


@fault("no-code-for-a-release", "SPICE-KEY-002", "SPICE-MOUSE-026", "SPICE-FRAME-005")
class NoCodeForARelease(InputsChannel):
    """Sends KEY_UP with the code 0."""

    def send(self, *values: Any) -> None:
        super().send(*[inputs.KeyUp(0) if isinstance(value, inputs.KeyUp) else value for value in values])


@fault("scan-codes-of-four-bytes", "SPICE-KEY-007", "SPICE-MOUSE-025")
class ScanCodesOfFourBytes(InputsChannel):
    """Fills the bytes of KEY_SCANCODE up with zeros, as KEY_DOWN has them."""

    def send(self, *values: Any) -> None:
        super().send(
            *[inputs.KeyScancode(bytes(v.data).ljust(8, b"\0")) if isinstance(v, inputs.KeyScancode) else v for v in values]
        )


@fault("scancode-of-no-byte", "SPICE-KEY-008")
class ScancodeOfNoByte(InputsChannel):
    """Sends KEY_SCANCODE without a byte before each one with some."""

    def send_codes(self, data: bytes) -> None:
        if self.server_has(InputsCapability.KEY_SCANCODE):
            self.send(inputs.KeyScancode(b""))
        super().send_codes(data)


@fault("pause-is-num-lock", "SPICE-KEY-011")
class PauseIsNumLock(InputsChannel):
    """Does not know Pause: sends Num Lock in its place."""

    def key(self, code: int, down: bool = True) -> None:
        super().key(PAUSE >> 16 if wire_code(code) == PAUSE else code, down)


@fault("releases-every-key-twice", "SPICE-KEY-013")
class ReleasesEveryKeyTwice(InputsChannel):
    """Sends KEY_UP once more for a key that is up."""

    def key(self, code: int, down: bool = True) -> None:
        super().key(code, down)
        if not down and code == 0x1E:
            self.send(inputs.KeyUp(release_code(code)))


@fault("leaves-keys-down", "SPICE-KEY-016")
class LeavesKeysDown(InputsChannel):
    """Releases nothing when the user leaves."""

    def leave(self, now: float) -> None:
        pass


@fault("keeps-keys-down", "SPICE-KEY-017")
class KeepsKeysDown(InputsChannel):
    """Releases nothing when another window gets the keyboard."""

    def focus(self, here: bool) -> None:
        if here:
            super().focus(here)


@fault("insists-on-locks", "SPICE-KEY-022")
class InsistsOnLocks(InputsChannel):
    """Wishes for the lock keys that its user wants whenever KEY_MODIFIERS says that they are others."""

    def on_key_modifiers(self, value: inputs.KeyModifiers, now: float) -> None:
        super().on_key_modifiers(value, now)
        if value.modifiers != (self.wished or 0):
            self.send_wish(self.wished or 0)


@fault("other-locks-fatal", "SPICE-KEY-023")
class OtherLocksFatal(InputsChannel):
    """Ends the session for bits that are no lock key."""

    def _set_modifiers(self, flags: int) -> None:
        if flags & ~7:
            self.host.end("no such lock key", orderly=False)
        else:
            super()._set_modifiers(flags)


@fault("wishes-for-one-lock", "SPICE-KEY-025")
class WishesForOneLock(InputsChannel):
    """Names the lock key that changes in KEY_MODIFIERS, and not all that should be on."""

    def modifiers(self, flags: int) -> None:
        self.send_wish(flags ^ (self.wished or 0))
        self.wished = flags
