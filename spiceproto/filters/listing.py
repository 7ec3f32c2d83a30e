"""The names that filters know, by channel, in Markdown: what ``decode --names`` prints, and docs/filters.md has."""

from __future__ import annotations

from collections.abc import Iterator

from spiceproto import dispatch
from spiceproto.filters.fields import Field, Kind, fields
from spiceproto.filters.matching import members
from spiceproto.filters.names import HEADER, IMAGE, LAYERS, image_kind
from spiceproto.generated.catalogue import TABLES

__all__ = ["listing"]

_FORMS = {"number": "number", "bytes": "bytes", "word": "word"}
_ABOVE = 16
"""Names of an enumeration that are listed with each field."""

_VARIANTS = ("agent_selection", "agent_serial", "agent_selection_serial")
"""Tables of the agent with fields more, which are named by :data:`_MORE`."""


def listing() -> str:
    """All of it."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "## Names of every message"
    yield ""
    for name, known in HEADER.items():
        yield f"* `{name}` ({known.kind.form}): {known.text}"
    yield ""
    yield "## Names of images"
    yield ""
    for name, text in IMAGE.items():
        yield f"* `{name}`{f' ({_kind(image_kind(name))})' if '.' in name else ''}: {text}"
    for table, (protocol, channel) in LAYERS.items():
        if table in _VARIANTS:
            continue
        for sender in TABLES[table]:
            yield ""
            inside = f", protocol {protocol}" if protocol != "spice" else ""
            yield f"## Fields: {channel}{inside}, from {sender}"
            yield ""
            for row in dispatch.rows(table, sender).values():
                found = ", ".join(_said(field) for field in fields(row.value_class))
                yield f"* {row.name}{': ' if found else ''}{found}"


def _said(field: Field) -> str:
    return f"`{field.path}` ({_kind(field.kind)})"


def _kind(kind: Kind) -> str:
    if kind.table is None:
        return _FORMS[kind.form]
    names = list(members(kind.table))
    return (
        f"{'flags ' if kind.form == 'flags' else ''}{kind.table.__name__}"
        if len(names) > _ABOVE
        else (f"{'flags: ' if kind.form == 'flags' else ''}{' '.join(names)}")
    )
