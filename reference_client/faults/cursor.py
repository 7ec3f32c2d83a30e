"""Faults on the cursor channel (spec/09-cursor.md)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import CursorChannel
from reference_client.faults.fault import fault
from spiceproto.enums.cursor import CursorFlags
from spiceproto.messages import cursor


class Fatal(CursorChannel):
    """Ends the session because of what it is told."""

    def hates(self, value: Any) -> bool:
        """Whether a message ends the session."""
        return False

    def handle(self, value: Any, now: float) -> None:
        if self.hates(value):
            self.host.end("that is not for me", orderly=False)
        else:
            super().handle(value, now)


@fault("trail-fatal", "SPICE-CURSOR-014")
class TrailFatal(Fatal):
    """Does not know TRAIL."""

    def hates(self, value: Any) -> bool:
        return isinstance(value, cursor.Trail)


@fault("cursor-without-header-fatal", "SPICE-CURSOR-015")
class CursorWithoutHeaderFatal(Fatal):
    """Wants a header behind the flags of every cursor."""

    def hates(self, value: Any) -> bool:
        return isinstance(value, cursor.Set) and bool(value.cursor.flags & CursorFlags.NONE) and not value.cursor.data


@fault("cursor-with-header-fatal", "SPICE-CURSOR-015")
class CursorWithHeaderFatal(Fatal):
    """Wants nothing behind the flag NONE."""

    def hates(self, value: Any) -> bool:
        return isinstance(value, cursor.Set) and bool(value.cursor.flags & CursorFlags.NONE) and bool(value.cursor.data)


@fault("unknown-shape-fatal", "SPICE-CURSOR-017")
class UnknownShapeFatal(Fatal):
    """Does not live without a shape that it is to take from its cache; there is none."""

    kept = False

    def hates(self, value: Any) -> bool:
        if not isinstance(value, cursor.Set):
            return False
        self.kept |= bool(value.cursor.flags & CursorFlags.CACHE_ME)
        return bool(value.cursor.flags & CursorFlags.FROM_CACHE) and not self.kept


@fault("short-shape-fatal", "SPICE-CURSOR-017", "SPICE-CURSOR-023")
class ShortShapeFatal(Fatal):
    """Does not live with a shape whose data are too short."""

    def hates(self, value: Any) -> bool:
        header = value.cursor.header if isinstance(value, cursor.Set) else None
        if header is None or value.cursor.flags & CursorFlags.FROM_CACHE:
            return False
        return len(value.cursor.data) < header.width * header.height // 8


@fault("unknown-shape-drop-fatal", "SPICE-CURSOR-018")
class UnknownShapeDropFatal(Fatal):
    """Does not live with an INVAL_ONE of a shape that it does not have."""

    kept = False

    def hates(self, value: Any) -> bool:
        if isinstance(value, cursor.Set):
            self.kept |= bool(value.cursor.flags & CursorFlags.CACHE_ME)
        return isinstance(value, cursor.InvalOne) and not self.kept
