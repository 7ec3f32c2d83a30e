"""Parsers and builders that are made now, of any record: for schemas that are not part of this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiceproto import wire
from spiceproto.derive import builder, parser
from spiceproto.derive.source import Constants, readers
from spiceproto.walk import Structure, structures, walk

__all__ = ["compile_builder", "compile_parser"]


def compile_parser(record: wire.Record) -> Callable[..., Any]:
    """A parser of any record, made now: for schemas that are not part of this package."""
    top = walk(record)
    constants = Constants()
    needed = readers(top)
    inner = [item for item in structures(top) if item.name in needed]
    blocks = [parser.Function(item, constants, local=True).reader() for item in inner]
    blocks.append(parser.Function(top, constants, local=True).parser())
    for module in [name for name in constants.imports if name.startswith("spiceproto.messages.")]:
        del constants.imports[module]
    space: dict[str, Any] = {f"{item.module}_{item.class_name}": _class_of(record, item) for item in structures(top)}
    exec(compile(constants.text() + "\n\n" + "\n\n".join(blocks), f"<parser of {record.name}>", "exec"), space)
    return space[f"parse_{top.class_name}"]  # type: ignore[no-any-return]


def _class_of(record: wire.Record, item: Structure) -> Any:
    pending = [record]
    while pending:
        found = pending.pop()
        if found.name == item.name:
            return found.value_class
        pending += wire.parts(found)
    raise KeyError(item.name)


def compile_builder(record: wire.Record) -> Callable[[Any], bytes]:
    """A builder of any record, made now: for schemas that are not part of this package."""
    top = walk(record)
    constants = Constants()
    needed = readers(top)
    blocks = [builder.Function(item, constants, local=True).writer() for item in structures(top) if item.name in needed]
    blocks.append(builder.Function(top, constants, local=True, message=True).builder())

    def blame(name: str, value: Any, error: Exception) -> None:
        wire.build(record, value)
        raise error

    constants.imports.get("spiceproto.building", set()).discard("blame")
    constants.imports = {
        module: names for module, names in constants.imports.items() if names and not module.startswith("spiceproto.messages.")
    }
    space: dict[str, Any] = {"blame": blame, f"{top.module}_{top.class_name}": record.value_class}
    exec(compile(constants.text() + "\n\n" + "\n\n".join(blocks), f"<builder of {record.name}>", "exec"), space)
    return space[f"build_{top.class_name}"]  # type: ignore[no-any-return]
