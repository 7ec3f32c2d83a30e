"""What a verb is: who can be told, with which values, and how those are read."""

from __future__ import annotations

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
    * ``least``, ``most``: the range of a number, both included
    """

    name: str
    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()
    default: Any = REQUIRED
    least: int | None = None
    most: int | None = None

    def read(self, found: Any) -> Any:
        """The value of a JSON value. Raises LocalError."""
        if found is None and self.default is None:
            return None
        good = {
            "integer": isinstance(found, int) and not isinstance(found, bool),
            "number": isinstance(found, int | float) and not isinstance(found, bool),
            "boolean": isinstance(found, bool),
            "text": isinstance(found, str),
            "hexadecimal": isinstance(found, str),
            "choice": found in self.choices,
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
            raise LocalError(f"{self.name} is not what it should be", expected=self.described, actual=repr(found)[:80])
        return found

    @property
    def described(self) -> str:
        """What may stand there, in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.most is not None:
            return f"{self.kind} from {self.least or 0} to {self.most}"
        least = f" of {self.least} or more" if self.least is not None else ""
        return self.kind + (" digits" if self.kind == "hexadecimal" else least)


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
