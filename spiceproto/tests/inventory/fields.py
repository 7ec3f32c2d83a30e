"""Fields of a structure, one by one: name, order, kind, names of values, count, pointer, condition, offset, text.

The inventory tells of fields in two forms: as the description has them (``inventory_field``), and as a C header has them
(``header_field``), which names no enumerations and no conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from construct import Construct

from spiceproto import wire
from spiceproto.tests.inventory.difference import Found, Pair, class_name, note
from spiceproto.tests.inventory.sizes import extent, offsets


def inventory_count(count: Mapping[str, str]) -> str:
    return "rest" if count["kind"] == "rest-of-message" else count["expr"]


def inventory_when(when: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    tests = {test["test"] for test in when["any"]}
    names = {name for test in when["any"] for name in test.get("values", [test.get("value")])}
    assert len(tests) == 1, when
    return when["on"], "is" if tests == {"is"} else "is-not", frozenset(names)


def inventory_field(item: Mapping[str, Any]) -> dict[str, object]:
    """What the inventory says of a field of the description."""
    told: dict[str, object] = {"wire": item.get("struct", item["wire"])}
    if item.get("alias") == "fixed28_4":
        told["alias"] = "fixed28_4"
    for kind in ("enum", "flags"):
        if kind in item:
            told["names"] = (kind, class_name(item[kind]))
    if "count" in item:
        told["count"] = inventory_count(item["count"])
    if "pointer" in item:
        told["pointer"] = "null" if item["pointer"]["null_allowed"] else "not null"
    if "when" in item:
        told["when"] = inventory_when(item["when"])
    return told


def header_field(item: Mapping[str, Any]) -> dict[str, object]:
    """What the inventory says of a member of a C structure."""
    told: dict[str, object] = {"wire": item["type"]}
    if "count" in item:
        told["count"] = "rest" if item["count"] == "rest of message" else str(item["count"])
    return told


def schema_count(count: wire.Count) -> str:
    match count:
        case wire.Fixed():
            return str(count.number)
        case wire.By():
            return count.name
        case wire.Product():
            return " * ".join(count.names)
        case wire.PackedRows(bits=1):
            return f"ceil({count.width} / 8) * {count.height}"
        case wire.PackedRows(bits=8):
            return f"{count.width} * {count.height}"
        case wire.PackedRows():
            return f"ceil({count.bits} * {count.width} / 8) * {count.height}"
        case wire.Rest():
            return "rest"
    return "zero-terminated"


def schema_field(node: Construct) -> dict[str, object]:
    """The same of a field of the schema."""
    match node:
        case wire.When():
            names = frozenset((member.name or "").lstrip("_") for member in node.members)
            return schema_field(node.subcon) | {"when": (node.on, node.test, names)}
        case wire.Pointer():
            return schema_field(node.target) | {"pointer": "null" if node.nullable else "not null"}
        case wire.Sequence():
            return schema_field(node.element) | {"count": schema_count(node.count)}
        case wire.Data():
            return {"wire": "uint8", "count": schema_count(node.count)}
        case wire.Enumeration():
            return schema_field(node.subcon) | {"names": ("enum", node.kind.__name__)}
        case wire.FlagSet():
            return schema_field(node.subcon) | {"names": ("flags", node.kind.__name__)}
        case wire.Integer():
            found: dict[str, object] = {"wire": node.label}
            return found | ({"alias": node.alias} if node.alias else {})
        case wire.Record():
            return {"wire": node.class_name}
        case wire.Descriptor():
            return {"wire": "unix_fd"}
    raise AssertionError(node)


def is_text(node: Construct) -> bool:
    match node:
        case wire.Data():
            return node.text
        case wire.Pointer():
            return is_text(node.target)
    return False


def numbered(names: Iterable[str]) -> list[str]:
    """Names that may repeat as names that do not: ``glyphs``, ``glyphs-2``, ``glyphs-3``."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return out


def compare_fields(
    found: Found,
    path: str,
    listed: list[dict[str, Any]],
    record: wire.Record,
    *,
    header: bool = False,
    shift: int = 0,
    prefix: str = "",
    renamed: Mapping[str, str] | None = None,
) -> None:
    """Compare fields one by one. ``header``: from a C header, which names no enums; ``prefix`` begins its structures' names,
    and ``renamed`` has those that are called otherwise here."""
    theirs = dict(zip(numbered(item["name"] for item in listed), listed, strict=True))
    ours = dict(
        zip(numbered(item.name for item in record.fields), zip(record.fields, offsets(record), strict=True), strict=True)
    )
    for name in theirs.keys() - ours.keys():
        found[f"{path}.{name}"] = Pair("there", None)
    for name in ours.keys() - theirs.keys():
        found[f"{path}.{name}"] = Pair(None, "there")
    shared = [name for name in theirs if name in ours]
    note(found, f"{path}.order", shared, [name for name in ours if name in theirs])
    for name in shared:
        item, (field, offset) = theirs[name], ours[name]
        one = header_field(item) if header else inventory_field(item)
        other = schema_field(field.subcon)
        if header:
            other.pop("names", None)
            structure = str(one["wire"])
            one["wire"] = (renamed or {}).get(structure, structure).removeprefix(prefix)
        for aspect in one.keys() | other.keys():
            note(found, f"{path}.{name}.{aspect}", one.get(aspect), other.get(aspect))
        if "offset" in item:
            note(found, f"{path}.{name}.offset", item["offset"], None if offset is None else offset - shift)
        if "text" in item and not is_text(field.subcon):
            found[f"{path}.{name}.text"] = Pair(item["text"], "bytes")


def compare_size(found: Found, path: str, item: Mapping[str, Any], record: wire.Record) -> None:
    """Compare the fewest bytes that a structure takes, and whether it can take more."""
    smallest, exact = extent(record)
    note(found, f"{path}.size", item.get("size", item.get("min_size")), smallest)
    note(found, f"{path}.exact", "size" in item, exact)
