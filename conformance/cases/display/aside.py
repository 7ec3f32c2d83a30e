"""What a client is sent that takes one picture and leaves: drawn on a surface that is not shown, and shown by one copy.

Such a client writes its picture when the first thing is drawn on the screen. So everything is drawn beside it: messages are
about :data:`ASIDE` where they would be about the screen, which is surface 0. What only the screen can be told has no place
there.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec

from conformance.outcome import NotApplicable
from spiceproto.messages import display
from spiceproto.messages.draw import DisplayBase
from spiceproto.messages.image import Surface

__all__ = ["ASIDE", "placed", "placed_raw"]

ASIDE: Final = 900
"""The surface instead of the screen; no case has one with this number."""

_OF_THE_SCREEN: Final = (display.SurfaceCreate, display.SurfaceDestroy, display.StreamCreate)


def placed(value: Any) -> Any:
    """A message, about the other surface. Raises NotApplicable for what is about the screen itself."""
    whole = isinstance(value, _OF_THE_SCREEN) and not value.surface_id
    if whole or isinstance(value, display.MonitorsConfig):
        raise NotApplicable("the target takes one picture, when the first thing is drawn on the screen")
    return _placed(value)


def _placed(value: Any) -> Any:
    if isinstance(value, DisplayBase | Surface) and not value.surface_id:
        return msgspec.structs.replace(value, surface_id=ASIDE)
    if not isinstance(value, msgspec.Struct):
        return value
    found = {name: getattr(value, name) for name in value.__struct_fields__}
    other = {name: _placed(one) for name, one in found.items()}
    changed = {name: one for name, one in other.items() if one is not found[name]}
    return msgspec.structs.replace(value, **changed) if changed else value


def placed_raw(body: bytes) -> bytes:
    """The body of a drawing message, about the other surface: its number comes first."""
    return struct.pack("<I", ASIDE) + body[4:] if body[:4] == bytes(4) else body
