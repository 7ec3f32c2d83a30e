"""Options of an adapter, as they stand in an address: ``qemu:?ticket=sesame&tls=1``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["check_options", "flag", "number", "words"]


def check_options(scheme: str, options: Mapping[str, str], known: Iterable[str]) -> None:
    """Raise LocalError for an option that the adapter does not have."""
    known = sorted(known)
    for name in options:
        if name not in known:
            raise LocalError("no such option", where=f"{scheme}:", expected=expected(name, known) or "none", actual=name)


def flag(options: Mapping[str, str], name: str, default: str = "0") -> bool:
    """Whether an option is set: 1, yes, true, on; or 0, no, false, off; if it is not there, the default."""
    value = options.get(name, default)
    if value in ("1", "yes", "true", "on", ""):
        return True
    if value in ("0", "no", "false", "off"):
        return False
    raise LocalError("not yes or no", path=name, expected="1 or 0", actual=value)


def number(options: Mapping[str, str], name: str, default: int) -> int:
    """An option that is a whole number above 0."""
    value = options.get(name, str(default))
    if not value.isdecimal() or not int(value):
        raise LocalError("not a number above 0", path=name, actual=value)
    return int(value)


def words(value: str) -> list[str]:
    """What is joined by plus signs, commas or spaces in an option."""
    return value.replace("+", " ").replace(",", " ").split()
