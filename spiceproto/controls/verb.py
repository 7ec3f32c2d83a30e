"""What a verb is: who can be told, with which values, and how those are read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from spiceproto.errors import LocalError

__all__ = ["REQUIRED", "SELECTION", "UINT8", "UINT32", "Control", "Role", "Value"]

Role = Literal["server", "client"]
Kind = Literal["integer", "number", "boolean", "text", "hexadecimal", "choice"]

REQUIRED: Final = object()
"""Default of a value that has to be given."""


class Value(msgspec.Struct, frozen=True):
    """One value of a verb.

    * ``kind``: integer, number (of seconds), boolean, text, hexadecimal (digits of bytes), choice (one of ``choices``)
    * ``default``: what it is when it is not given; :data:`REQUIRED` if it has to be. Where it is None, null may be given
    * ``least``, ``most``: the range of a number, both included; of a text ``most`` is of its bytes in UTF-8
    * ``zero``: whether U+0000 may be in a text
    """

    name: str
    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()
    default: Any = REQUIRED
    least: int | None = None
    most: int | None = None
    zero: bool = True

    def read(self, found: Any) -> Any:
        """The value of a JSON value. Raises LocalError."""
        if found is None and self.default is None:
            return None
        if self.kind == "text":
            return self._text(found)
        good = {
            "integer": isinstance(found, int) and not isinstance(found, bool),
            "number": isinstance(found, int | float) and not isinstance(found, bool) and _is_finite(found),
            "boolean": isinstance(found, bool),
            "hexadecimal": isinstance(found, str),
            "choice": isinstance(found, str) and found in self.choices,
        }[self.kind]
        if good and self.kind in ("integer", "number"):
            # Whoever sends what no message can say is told so here, and not by what becomes of it.
            good = (self.least is None or found >= self.least) and (self.most is None or found <= self.most)
        if good and self.kind == "hexadecimal":
            try:
                return bytes.fromhex(found)
            except ValueError:
                good = False
        if not good:
            raise self._wrong(repr(found)[:80])
        return found

    def _text(self, found: Any) -> str:
        if not isinstance(found, str):
            raise self._wrong(repr(found)[:80])
        try:
            size = len(found.encode())
        except UnicodeEncodeError as error:  # half of a pair of UTF-16
            raise self._wrong(f"U+{ord(found[error.start]):04X} at {error.start}") from None
        if self.most is not None and size > self.most:
            raise self._wrong(f"{size} bytes")
        if not self.zero and "\0" in found:
            raise self._wrong(f"U+0000 at {found.index(chr(0))}")
        return found

    def _wrong(self, actual: str) -> LocalError:
        return LocalError(f"{self.name} is not what it should be", expected=self.described, actual=actual)

    @property
    def described(self) -> str:
        """What may stand there, in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.kind == "text":
            limit = f" of at most {self.most} bytes in UTF-8" if self.most is not None else ""
            return f"text{limit}" + ("" if self.zero else " without U+0000")
        if self.most is not None:
            return f"{self.kind} from {self.least or 0} to {self.most}"
        least = f" of {self.least} or more" if self.least is not None else ""
        return self.kind + (" digits" if self.kind == "hexadecimal" else least)


def _is_finite(found: float) -> bool:
    try:
        return math.isfinite(found)
    except OverflowError:  # an integer that no float is near
        return False


class Control(msgspec.Struct, frozen=True):
    """One verb.

    * ``role``: who can be told
    * ``meaning``: what it does, as a sentence about whoever can be told; a case that needs it is not applicable where that
      is not so
    * ``values``: in the order in which they are given where they have no names
    """

    verb: str
    role: Role
    meaning: str
    values: tuple[Value, ...] = ()

    @property
    def need(self) -> str:
        """How a case says that it needs this."""
        return f"{'control' if self.role == 'server' else 'act'}:{self.verb}"

    @property
    def method(self) -> str:
        """Name of the method that does it, where methods do such things: ``do_mouse_mode``."""
        return f"do_{self.verb.replace('-', '_')}"

    def read(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Values by name, those with a default filled in. Raises LocalError for one that is missing, wrong or unknown."""
        unknown = set(found) - {value.name for value in self.values}
        if unknown:
            names = ", ".join(value.name for value in self.values) or "none"
            raise LocalError(f"a value that {self.verb} does not have", expected=names, actual=", ".join(sorted(unknown)))
        read: dict[str, Any] = {}
        for value in self.values:
            if value.name in found:
                read[value.name] = value.read(found[value.name])
            elif value.default is REQUIRED:
                raise LocalError(f"a value is missing: {value.name}", expected=value.described)
            else:
                read[value.name] = value.default
        return read


UINT8: Final[Mapping[str, Any]] = {"least": 0, "most": 0xFF}
UINT32: Final[Mapping[str, Any]] = {"least": 0, "most": 0xFFFFFFFF}

SELECTION: Final = Value(
    "selection",
    "choice",
    "what is copied on purpose, or what is marked in X11",
    ("clipboard", "primary", "secondary"),
    default="clipboard",
)
