"""What a value is expected to be, field by field, and how it differs.

    check(what, value, **fields)        the fields of a message or structure in hand
    check_value(what, field, found, wanted)
                                        a single value in hand: a count, a size, a byte
    one_of, other_than, at_most, at_least, among, having, lacking, such
                                        what stands in place of a value where several are right
    Expected, says                      a message that is to come, with its fields
    differences, described, holds       what the words of :mod:`conformance.talk` are made of

A field is compared with ``==``, or asked of the object that stands in its place. What differs is said twice: in words, and
as :class:`conformance.results.Difference` for whoever reads results with a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from conformance.naming import shown
from conformance.outcome import Failure
from conformance.results import Difference

__all__ = [
    "Expected",
    "Wanted",
    "among",
    "at_least",
    "at_most",
    "check",
    "check_value",
    "described",
    "differences",
    "having",
    "holds",
    "lacking",
    "one_of",
    "other_than",
    "says",
    "such",
]


class Wanted(msgspec.Struct, frozen=True):
    """Stands in place of a value.

    * ``text``: what is right, for people
    * ``holds``: whether a value is
    """

    text: str
    holds: Callable[[Any], bool]

    def __str__(self) -> str:
        return self.text


def such(text: str, holds: Callable[[Any], bool]) -> Wanted:
    """A value of which ``holds`` is true; ``text`` says which that is."""
    return Wanted(text, holds)


def one_of(*values: Any) -> Wanted:
    """One of these values."""
    return Wanted(" or ".join([shown(value) for value in values]), lambda found: found in values)


def at_most(limit: float) -> Wanted:
    """A number that is not larger."""
    return Wanted(f"at most {limit:g}", lambda found: found <= limit)


def at_least(limit: float) -> Wanted:
    """A number that is not smaller."""
    return Wanted(f"at least {limit:g}", lambda found: found >= limit)


def among(bits: int) -> Wanted:
    """Flags that are all among these."""
    return Wanted(f"nothing but {shown(bits)}", lambda found: not int(found) & ~int(bits))


def having(bits: int) -> Wanted:
    """Flags with all of these, and others or not."""
    return Wanted(f"{shown(bits)}, and others or not", lambda found: int(found) & int(bits) == int(bits))


def lacking(bits: int) -> Wanted:
    """Flags with none of these."""
    return Wanted(f"no {shown(bits)}", lambda found: not int(found) & int(bits))


def other_than(*values: Any) -> Wanted:
    """Anything but these values."""
    return Wanted(f"anything but {' or '.join([shown(value) for value in values])}", lambda found: found not in values)


class Expected(msgspec.Struct, frozen=True):
    """A message that is to come; see :func:`says`."""

    name: str
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        return described(self.name, self.fields)


def says(name: str, /, **fields: Any) -> Expected:
    """A message with this name, and with these fields."""
    return Expected(name, fields)


def holds(found: Any, wanted: Any) -> bool:
    """Whether a value is the one that is wanted, or one of those."""
    return wanted.holds(found) if isinstance(wanted, Wanted) else bool(found == wanted)


def described(what: str, fields: Mapping[str, Any], found: Any = None) -> str:
    """``MOUSE_MODE with supported_modes 3, current_mode CLIENT (2)``; numbers are named as those of ``found`` are."""
    said = [f"{name} {shown(wanted, getattr(found, name, None))}" for name, wanted in fields.items()]
    return f"{what} with {', '.join(said)}" if said else what


def differences(what: str, found: Any, fields: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Where the fields of ``found`` are not as they should be."""
    different = []
    for name, wanted in fields.items():
        value = getattr(found, name)
        if not holds(value, wanted):
            different.append(Difference(what, name, shown(wanted, value), shown(value, wanted)))
    return tuple(different)


def check(what: str, found: Any, /, *, why: str = "", **fields: Any) -> None:
    """The fields of a value in hand: ``check("INIT", init, current_mouse_mode=MouseMode.SERVER)``. Raises Failure."""
    different = differences(what, found, fields)
    if different:
        reason = f" ({why})" if why else ""
        values = {name: getattr(found, name) for name in fields}
        raise Failure(described(what, fields, found) + reason, described(what, values), different)


def check_value(what: str, field: str, found: Any, wanted: Any, *, why: str = "") -> None:
    """A single value in hand: ``check_value("link header", "minor version", minor, 2)``. Raises Failure."""
    if not holds(found, wanted):
        expected, actual = shown(wanted, found), shown(found, wanted)
        reason = f" ({why})" if why else ""
        of = f" of the {what}" if what else ""
        raise Failure(f"{field}{of}: {expected}{reason}", actual, [Difference(what, field, expected, actual)])
