"""From a number on the wire to the message it means, its parser and its builder.

Needs no construct: it reads the generated catalogue and imports a generated module when a message of it is first met.
A *table* is a channel (``"main"``, ``"display"``, ...) or a layer inside one (``"agent"``, ``"vsc"``, ``"usb"``,
``"migration"``).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from spiceproto.errors import LocalError, RemoteError
from spiceproto.generated.catalogue import SENTENCES, TABLES

if TYPE_CHECKING:
    from spiceproto.domain import Outside

__all__ = ["COMMON", "SENTENCES", "Row", "build", "outside", "parse", "row", "row_of", "rows"]


class Row:
    """One message of one table and sender.

    ``name``      the wire constant without its prefix: ``DRAW_COPY``
    ``constant``  the whole wire constant: ``SPICE_MSG_DISPLAY_DRAW_COPY``
    ``has_domain``  whether any of its fields may have some values only
    """

    __slots__ = (
        "_build",
        "_class",
        "_outside",
        "_parse",
        "_summary",
        "class_name",
        "constant",
        "has_domain",
        "module",
        "name",
        "number",
        "sender",
        "table",
    )

    def __init__(self, table: str, sender: str, entry: str) -> None:
        """``entry`` is a line of the catalogue."""
        self.table = table
        self.sender = sender
        number, self.name, prefix, self.module, self.class_name, values = entry.split()
        self.number = int(number)
        self.has_domain = values == "values"
        start = "SPICE_MSG" if sender == "server" else "SPICE_MSGC"
        if prefix.startswith(("VD_", "VSC", "USB_REDIR", "MIGRATE")):
            start, prefix = prefix, ""
        self.constant = "_".join(part for part in (start, prefix, self.name) if part not in ("", "-"))
        self._parse: Callable[..., Any] | None = None
        self._build: Callable[[Any], bytes] | None = None
        self._summary: Callable[..., str] | None = None
        self._class: Any = None
        self._outside: Callable[[Any], tuple[Outside, ...]] | None = None

    @property
    def parse(self) -> Callable[..., Any]:
        """``parse(body, tail=None) -> value``; raises RemoteError. ``tail`` is called with the offset of unread bytes."""
        found = self._parse
        if found is None:
            found = self._parse = self._generated("parse", "parse")
        return found

    @property
    def build(self) -> Callable[[Any], bytes]:
        """``build(value) -> body``; raises LocalError."""
        found = self._build
        if found is None:
            found = self._build = self._generated("build", "build")
        return found

    @property
    def summary(self) -> Callable[..., str]:
        """``summary(body, tail=None) -> str``: the fields that matter in one line; raises RemoteError."""
        found = self._summary
        if found is None:
            found = self._summary = self._generated("summary", "summary")
        return found

    @property
    def outside(self) -> Callable[[Any], tuple[Outside, ...]]:
        """``outside(value) -> fields whose values are not in their domain``; none for a message without domains."""
        found = self._outside
        if found is None:
            found = _unlimited
            if self.has_domain:
                found = self._generated("domain", "outside")
            self._outside = found
        return found

    def suspect(self, body: bytes) -> Any:
        """The value of a body with something outside of its domain; None for any other, and for one that does not parse."""
        if not self.has_domain:
            return None
        parse, outside = self._parse or self.parse, self._outside or self.outside
        try:
            value = parse(body)
        except RemoteError:
            return None
        return value if outside(value) else None

    @property
    def value_class(self) -> Any:
        """The class of the values of this message."""
        found = self._class
        if found is None:
            found = self._class = getattr(import_module(f"spiceproto.messages.{self.module}"), self.class_name)
        return found

    def _generated(self, file: str, function: str) -> Any:
        """A generated function of this message; its module is imported here first."""
        return getattr(import_module(f"spiceproto.generated.{file}_{self.module}"), f"{function}_{self.class_name}")

    def __repr__(self) -> str:
        return f"<{self.constant} {self.number}, {self.table} {self.sender}>"


def _unlimited(value: Any) -> tuple[Outside, ...]:
    return ()


COMMON: Final = "common"
"""The table of the messages that every channel has, for a connection of which nobody knows the channel."""

_OWN: Final = 100
"""Where the numbers of a channel's own messages begin."""

_rows: dict[tuple[str, str], dict[int, Row]] = {}
_by_class: dict[tuple[str, str], dict[type, Row]] = {}
_limited: dict[tuple[str, str], dict[type, Callable[[Any], tuple[Outside, ...]]]] = {}


def rows(table: str, sender: str) -> dict[int, Row]:
    """Number to row; ``table`` and ``sender`` ("server" or "client") must exist."""
    found = _rows.get((table, sender))
    if found is None:
        made = [Row(table, sender, entry) for entry in TABLES[table if table != COMMON else "main"][sender].splitlines()]
        if table == COMMON:
            made = [item for item in made if item.number < _OWN]
        found = _rows[table, sender] = {item.number: item for item in made}
    return found


def row(table: str, sender: str, number: int) -> Row | None:
    """The message that ``number`` means, or None."""
    return (_rows.get((table, sender)) or rows(table, sender)).get(number)


def row_of(table: str, sender: str, value: Any) -> Row:
    """The message that ``value`` is. Raises LocalError if this sender has none like it on this table."""
    found = _by_class.get((table, sender))
    if found is None:
        found = _by_class[table, sender] = {item.value_class: item for item in rows(table, sender).values()}
    try:
        return found[type(value)]
    except KeyError:
        raise LocalError(f"a {sender} sends no such message here", where=table, actual=repr(value)[:80]) from None


def parse(table: str, sender: str, number: int, body: bytes, tail: Callable[[int], object] | None = None) -> Any:
    """Parse one message body. Raises RemoteError, also for a number that means nothing."""
    found = row(table, sender, number)
    if found is None:
        raise RemoteError("an unknown message", where=f"{table}, from {sender}", actual=f"type {number}")
    try:
        return found.parse(body if type(body) is bytes else bytes(body), tail)
    except RemoteError as error:
        error.where = error.where or f"{table} {found.name}"
        raise


def build(table: str, sender: str, value: Any) -> tuple[int, bytes]:
    """Number and body of ``value``. Raises LocalError."""
    found = row_of(table, sender, value)
    return found.number, found.build(value)


def outside(table: str, sender: str, value: Any) -> tuple[Outside, ...]:
    """What is wrong with the values of a message; nothing if ``value`` is no message that this sender has here."""
    found = _limited.get((table, sender))
    if found is None:
        limited = [item for item in rows(table, sender).values() if item.has_domain]
        found = _limited[table, sender] = {item.value_class: item.outside for item in limited}
    check = found.get(type(value))
    return () if check is None else check(value)
