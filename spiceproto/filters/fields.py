"""The fields of values of messages, by the end of their paths: ``width`` is any field whose path ends in it.

Items of a sequence have the path of the sequence. What counts other fields (``num_ents``) is a field, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import NoneType
from typing import Any, Final, Literal, NamedTuple, get_args, get_type_hints

from spiceproto.enums.base import WireEnum, WireFlags

__all__ = ["BYTES", "NUMBER", "WORD", "Field", "Kind", "fields", "named", "reader", "there"]
_DESCRIPTOR: Final = "None | None"
"""How a file descriptor, which is in no capture, is annotated."""


class Kind(NamedTuple):
    """What values are: numbers, bytes, words; ``table`` has the names of an enumeration or of flags."""

    form: Literal["number", "bytes", "word", "enum", "flags"]
    table: type[WireEnum] | type[WireFlags] | None = None


NUMBER: Final = Kind("number")
BYTES: Final = Kind("bytes")
WORD: Final = Kind("word")


class Field(NamedTuple):
    """A field of a class of values: its path from there."""

    path: str
    kind: Kind


@cache
def fields(value_class: type) -> tuple[Field, ...]:
    """All of them, in the order of the wire; structures are no fields, what they are made of is."""
    return tuple(_fields(value_class, ""))


def _fields(value_class: Any, before: str) -> Iterator[Field]:
    said = {name: hint for name, hint in value_class.__annotations__.items() if hint != _DESCRIPTOR}
    hints = get_type_hints(type("Hints", (), {"__module__": value_class.__module__, "__annotations__": said}))
    for name in said:
        yield from _of(hints[name], f"{before}{name}")
    for name, member in vars(value_class).items():
        if isinstance(member, property):
            yield Field(f"{before}{name}", NUMBER)


def _of(hint: Any, path: str) -> Iterator[Field]:
    kinds = [kind for kind in get_args(hint) or (hint,) if kind not in (NoneType, Ellipsis)]
    named = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, WireEnum | WireFlags)]
    for kind in named or kinds:
        if get_args(kind):
            yield from _of(kind, path)
        elif kind is int:
            yield Field(path, NUMBER)
        elif kind is bytes:
            yield Field(path, BYTES)
        elif issubclass(kind, WireEnum | WireFlags):
            yield Field(path, Kind("flags" if issubclass(kind, WireFlags) else "enum", kind))
        elif hasattr(kind, "__struct_fields__"):
            yield from _fields(kind, f"{path}.")


@cache
def named(value_class: type, name: str) -> tuple[Field, ...]:
    """Those whose path is ``name``, or ends in it."""
    behind = f".{name}"
    return tuple([field for field in fields(value_class) if field.path == name or field.path.endswith(behind)])


@cache
def there(value_class: type, name: str) -> tuple[str, ...]:
    """The paths that are ``name``, or end in it, of fields and of structures."""
    found: dict[str, None] = {}
    for field in fields(value_class):
        parts = field.path.split(".")
        found |= {".".join(parts[:end]): None for end in range(1, len(parts) + 1)}
    return tuple([path for path in found if path == name or path.endswith(f".{name}")])


@cache
def reader(path: str) -> Callable[[Any], list[Any]]:
    """``value -> what is there``: nothing where a structure on the way is absent, each item of a sequence."""
    steps = path.split(".")

    def read(value: Any) -> list[Any]:
        found = [value]
        for step in steps:
            further: list[Any] = []
            for item in found:
                part = getattr(item, step, None)
                if type(part) is tuple:
                    further += part
                elif part is not None:
                    further.append(part)
            found = further
        return found

    return read
