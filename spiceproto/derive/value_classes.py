"""Source text of the value classes: what parsing gives and building takes.

One module ``spiceproto.messages.NAME`` for each schema file. The classes are msgspec structs: immutable, with slots,
comparable, hashable, and printed as the call that makes them. A field that only counts another is a property.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto import wire
from spiceproto.walk import Bytes, Handle, Items, Member, Node, Reference, Scalar, Structure

__all__ = ["module_source"]

_UNSENT = "spiceproto.unsent"

HEAD = '''"""Values of {what}. Made from spiceproto/schema/{module}.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

{imports}
'''


def module_source(module: str, found: Iterable[Structure]) -> str:
    """The text of ``spiceproto/messages/{module}.py``; ``found`` in an order in which parts come first."""
    enums: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    blocks = [_class(item, enums, others) for item in found]
    imports = ["import msgspec"]
    tables = [f"from {name} import {', '.join(sorted(kinds))}" for name, kinds in sorted(enums.items())]
    classes = [
        f"from {name if name == _UNSENT else f'spiceproto.messages.{name}'} import {', '.join(sorted(kinds))}"
        for name, kinds in sorted(others.items())
        if name != module
    ]
    if tables or classes:
        imports += ["", *tables, *classes]
    return HEAD.format(what=module, module=module, imports="\n".join(imports)) + "\n\n" + "\n\n\n".join(blocks) + "\n"


def _class(item: Structure, enums: dict[str, set[str]], others: dict[str, set[str]]) -> str:
    lines = [f"class {item.class_name}(msgspec.Struct, frozen=True, gc=False):", f'    """{item.doc}']
    about: list[str] = []
    optional_from = _first_optional(item)
    body: list[str] = []
    for index, (name, variants) in enumerate(item.variants()):
        kinds = sorted({_type(variant.node, enums, others) for variant in variants})
        text = " | ".join(kinds)
        if _can_be_none(variants) and kinds != ["None"]:
            text += " | None"
        body.append(f"    {name}: {text}" + (" = None" if index >= optional_from else ""))
        about.append(
            f"    * ``{name}`` {_wire_type(variants[0].node)}{_when(variants[0])}: {variants[0].doc}{_unit(variants[0])}"
        )
    if about:
        lines += ["", *about, '    """', "", *body]
    else:
        lines[-1] += '"""'
    for name in (member.name for member in item.members if member.counts):
        counted = item.member(name).counts
        lines += ["", "    @property", f"    def {name}(self) -> int:"]
        lines += [f'        """Length of ``{counted}``."""']
        members = [member for member in item.members if member.name == counted]
        nullable = _can_be_none(members)
        length = f"len(self.{counted})"
        if isinstance(members[0].node, Reference) and members[0].node.announced:
            others.setdefault(_UNSENT, set()).add("announced")
            lines += [f"        return announced(self.{counted})"]
            continue
        lines += [f"        return {length}" if not nullable else f"        return 0 if self.{counted} is None else {length}"]
    return "\n".join(lines)


def _first_optional(item: Structure) -> int:
    """Index from which on every field of the value may be left out."""
    fields = list(item.variants())
    index = len(fields)
    while index and _can_be_none(fields[index - 1][1]):
        index -= 1
    return index


def _can_be_none(variants: list[Member]) -> bool:
    node = variants[0].node
    return variants[0].condition is not None or (isinstance(node, Reference) and node.nullable) or isinstance(node, Handle)


def _type(node: Node, enums: dict[str, set[str]], others: dict[str, set[str]]) -> str:
    match node:
        case Scalar(table=None):
            return "int"
        case Scalar():
            assert node.table is not None
            enums.setdefault(node.table.__module__, set()).add(node.table.__name__)
            return f"{node.table.__name__} | int"
        case Bytes():
            return "bytes"
        case Items():
            return f"tuple[{_type(node.element, enums, others)}, ...]"
        case Reference():
            return _type(node.target, enums, others)
        case Structure():
            others.setdefault(node.module, set()).add(node.class_name)
            return node.class_name
        case Handle():
            return "None"


def _wire_type(node: Node) -> str:
    match node:
        case Scalar():
            return node.alias or node.label
        case Bytes(count=wire.Fixed(number=number)):
            return f"{number} bytes"
        case Bytes():
            return "bytes"
        case Items():
            return f"{_wire_type(node.element)}s"
        case Reference():
            return f"offset to {_wire_type(node.target)}"
        case Structure():
            return node.class_name
        case Handle():
            return "file descriptor"


def _when(member: Member) -> str:
    condition = member.condition
    if condition is None:
        return ""
    names = " or ".join(item.name or "" for item in condition.members)
    return f" if ``{condition.on}`` {'has' if condition.is_flags else 'is'}{' not' * condition.negated} {names}"


def _unit(member: Member) -> str:
    return f" ({member.unit})" if member.unit else ""
