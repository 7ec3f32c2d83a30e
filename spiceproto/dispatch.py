"""From a number on the wire to the message it means, its parser and its builder.

Needs no construct: it reads the generated catalogue and imports a generated module when a message of it is first met.
A *table* is a channel (``"main"``, ``"display"``, ...) or a layer inside one (``"agent"``, ``"vsc"``, ``"migration"``).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from spiceproto.errors import LocalError, RemoteError
from spiceproto.generated.catalogue import TABLES

__all__ = ["Row", "build", "parse", "row", "row_of", "rows"]


class Row:
    """One message of one table and sender.

    ``name``      the wire constant without its prefix: ``DRAW_COPY``
    ``constant``  the whole wire constant: ``SPICE_MSG_DISPLAY_DRAW_COPY``
    """

    __slots__ = (
        "_build",
        "_class",
        "_parse",
        "_summary",
        "class_name",
        "constant",
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
        number, self.name, prefix, self.module, self.class_name = entry.split()
        self.number = int(number)
        start = "SPICE_MSG" if sender == "server" else "SPICE_MSGC"
        if prefix.startswith(("VD_", "VSC", "MIGRATE")):
            start, prefix = prefix, ""
        self.constant = "_".join(part for part in (start, prefix, self.name) if part not in ("", "-"))
        self._parse: Callable[..., Any] | None = None
        self._build: Callable[[Any], bytes] | None = None
        self._summary: Callable[..., str] | None = None
        self._class: Any = None

    @property
    def parse(self) -> Callable[..., Any]:
        """``parse(body, tail=None) -> value``; raises RemoteError. ``tail`` is called with the offset of unread bytes."""
        found = self._parse
        if found is None:
            module = import_module(f"spiceproto.generated.parse_{self.module}")
            found = self._parse = getattr(module, f"parse_{self.class_name}")
        return found

    @property
    def build(self) -> Callable[[Any], bytes]:
        """``build(value) -> body``; raises LocalError."""
        found = self._build
        if found is None:
            module = import_module(f"spiceproto.generated.build_{self.module}")
            found = self._build = getattr(module, f"build_{self.class_name}")
        return found

    @property
    def summary(self) -> Callable[..., str]:
        """``summary(body, tail=None) -> str``: the fields that matter in one line; raises RemoteError."""
        found = self._summary
        if found is None:
            module = import_module(f"spiceproto.generated.summary_{self.module}")
            found = self._summary = getattr(module, f"summary_{self.class_name}")
        return found

    @property
    def value_class(self) -> Any:
        """The class of the values of this message."""
        found = self._class
        if found is None:
            found = self._class = getattr(import_module(f"spiceproto.messages.{self.module}"), self.class_name)
        return found

    def __repr__(self) -> str:
        return f"<{self.constant} {self.number}, {self.table} {self.sender}>"


_rows: dict[tuple[str, str], dict[int, Row]] = {}
_by_class: dict[tuple[str, str], dict[type, Row]] = {}


def rows(table: str, sender: str) -> dict[int, Row]:
    """Number to row; ``table`` and ``sender`` ("server" or "client") must exist."""
    found = _rows.get((table, sender))
    if found is None:
        made = [Row(table, sender, entry) for entry in TABLES[table][sender].splitlines()]
        found = _rows[table, sender] = {item.number: item for item in made}
    return found


def row(table: str, sender: str, number: int) -> Row | None:
    """The message that ``number`` means, or None."""
    return rows(table, sender).get(number)


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
