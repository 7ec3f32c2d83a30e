"""Values in the messages of a page, which may be anything. Each raises LocalError for what is not there, or not so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["choice", "integer", "text", "truth"]

_SHOWN: Final = 40


def _wrong(values: Mapping[str, object], name: str, expected: str) -> LocalError:
    actual = repr(values[name])[:_SHOWN] if name in values else "nothing"
    return LocalError(f"{name} is wrong", expected=expected, actual=actual)


def integer(values: Mapping[str, object], name: str, least: int, most: int) -> int:
    """A whole number in these bounds."""
    found = values.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise _wrong(values, name, f"{least} to {most}")
    return found


def truth(values: Mapping[str, object], name: str) -> bool:
    """True or false."""
    found = values.get(name)
    if not isinstance(found, bool):
        raise _wrong(values, name, "true or false")
    return found


def text(values: Mapping[str, object], name: str, most: int) -> str:
    """A text of so many characters at most."""
    found = values.get(name)
    if not isinstance(found, str) or len(found) > most:
        raise _wrong(values, name, f"a text of at most {most} characters")
    return found


def choice(values: Mapping[str, object], name: str, *known: str) -> str:
    """One of these words."""
    found = values.get(name)
    if not isinstance(found, str) or found not in known:
        raise _wrong(values, name, " or ".join(known))
    return found
