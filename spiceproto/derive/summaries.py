"""Source text of one-line summaries: ``summary_NAME(b, tail=None) -> str`` for the body of a message.

A message of fixed size is checked for its size and printed straight from the unpacked numbers; no value is made. Its function
has an attribute ``fixed``: the size, the ``%`` template, and the function that gives what goes into it, for those who
print many. Any other message is parsed first. Either way a body that cannot be parsed raises what its parser raises.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto.derive.parser import _form
from spiceproto.derive.source import Constants
from spiceproto.walk import Items, Node, Scalar, Structure

__all__ = ["module_source"]


def module_source(module: str, messages: Iterable[tuple[Structure, tuple[str, ...]]]) -> str:
    """The text of ``spiceproto/generated/summary_{module}.py``; each message comes with the fields that matter."""
    constants = Constants()
    blocks = [_function(item, fields or _default(item), constants) for item, fields in messages]
    head = f'"""Summaries of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


def _default(item: Structure) -> tuple[str, ...]:
    """The scalars, then short sequences."""
    scalars = tuple(m.name for m in item.members if isinstance(m.node, Scalar) and not m.counts)
    return (scalars or tuple(m.name for m in item.members if not isinstance(m.node, Items) or m.counts))[:8]


def _function(item: Structure, fields: tuple[str, ...], constants: Constants) -> str:
    name = item.class_name
    if item.size == 0:
        return f"def summary_{name}(b, tail=None):\n    if b and tail is not None:\n        tail(0)\n    return ''"
    form = _form(item)
    if form is not None:
        leaves = dict(_leaves(item, ""))
        variables = {path: f"v{index}" for index, path in enumerate(leaves, 1)}
        text: list[str] = []
        arguments: list[str] = []
        for path in fields:
            node = _find(item, path)
            label = path.rpartition(".")[2]
            if isinstance(node, Scalar):
                text.append(f"{label}=%s" if node.table else f"{label}=%d")
                arguments.append(_shown(node, variables[path], constants))
            elif isinstance(node, Structure) and node.value_fields == ("x", "y"):
                text.append(f"{label}=(%d,%d)")
                arguments += [variables[f"{path}.x"], variables[f"{path}.y"]]
            elif isinstance(node, Structure) and node.value_fields == ("top", "left", "bottom", "right"):
                text.append(f"{label}=(%d,%d)-(%d,%d)")
                arguments += [variables[f"{path}.{side}"] for side in ("left", "top", "right", "bottom")]
            else:
                break
        else:
            constants.use("struct", "Struct")
            constants.use("spiceproto.bounds", "short")
            layout, offset = [], 0
            for path, node in leaves.items():
                layout.append((offset, node.size, path))
                offset += node.size
            table = constants.name("_l", repr(tuple(layout)))
            names = ", ".join(variables.values()) + ("," if len(variables) == 1 else "")
            return (
                f"def values_{name}(b, tail=None):\n    n = len(b)\n    if n != {item.size}:\n        if n < {item.size}:\n"
                f"            raise short({table}, 0, n)\n        if tail is not None:\n            tail({item.size})\n"
                f"    {names} = {constants.unpacker(form)}(b)\n"
                f"    return {', '.join(arguments)},\n\n\n"
                f"def summary_{name}(b, tail=None):\n    return {' '.join(text)!r} % values_{name}(b, tail)\n\n\n"
                f"summary_{name}.fixed = {item.size}, {' '.join(text)!r}, values_{name}"
            )
    constants.use("spiceproto.summary", "line")
    constants.use(f"spiceproto.generated.parse_{item.module}", f"parse_{name}")
    return f"def summary_{name}(b, tail=None):\n    return line(parse_{name}(b, tail), {fields!r})"


def _shown(node: Scalar, variable: str, constants: Constants) -> str:
    if node.table is None:
        return variable
    constants.use("spiceproto.enums.base", "NameTable")
    constants.use(node.table.__module__, node.table.__name__)
    return f"{constants.name('_n', f'NameTable({node.table.__name__})')}[{variable}]"


def _leaves(item: Structure, prefix: str) -> list[tuple[str, Scalar]]:
    found: list[tuple[str, Scalar]] = []
    for member in item.members:
        path = f"{prefix}{member.name}"
        if isinstance(member.node, Scalar):
            found.append((path, member.node))
        elif isinstance(member.node, Structure):
            found += _leaves(member.node, f"{path}.")
    return found


def _find(item: Structure, path: str) -> Node:
    node: Node = item
    for name in path.split("."):
        assert isinstance(node, Structure)
        node = node.member(name).node
    return node
