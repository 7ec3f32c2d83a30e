"""Source text of one-line summaries: ``summary_NAME(b, tail=None) -> str`` for the body of a message.

A message of fixed size is checked for its size and printed straight from the unpacked numbers; no value is made. Its function
has an attribute ``fixed`` for those who print many: the size, the ``%`` template, the function that gives what goes into it,
and one that gives the same of many bodies, one behind the other, as columns. Any other message is parsed first. Either way a
body that cannot be parsed raises what its parser raises. Of a message with fields that people read in another form there is
an attribute ``shown``: name of the field to function.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto.derive.source import Constants, fixed_form
from spiceproto.walk import Items, Member, Node, Scalar, Structure

__all__ = ["module_source"]


def module_source(module: str, messages: Iterable[tuple[Structure, tuple[str, ...]]]) -> str:
    """The text of ``spiceproto/generated/summary_{module}.py``; each message comes with the fields that matter."""
    constants = Constants()
    blocks = [
        _function(item, fields or _default(item), constants) + _shown_fields(item, constants) for item, fields in messages
    ]
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
    form = fixed_form(item)
    if form is not None:
        leaves = dict(_leaves(item, ""))
        variables = {path: f"v{index}" for index, path in enumerate(leaves, 1)}
        text: list[str] = []
        arguments: list[str] = []
        for path in fields:
            node = _find(item, path)
            label = path.rpartition(".")[2]
            if isinstance(node, Scalar):
                shown = _member(item, path).shown
                text.append(f"{label}=%s" if node.table or shown else f"{label}=%d")
                arguments.append(_shown(node, shown, variables[path], constants))
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
            columns = [_column(shown) for shown in arguments]
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
                f"def columns_{name}(b):\n    {names} = zip(*{constants.iterator(form)}(b))\n"
                f"    return {', '.join(columns)},\n\n\n"
                f"summary_{name}.fixed = {item.size}, {' '.join(text)!r}, values_{name}, columns_{name}"
            )
    constants.use("spiceproto.summary", "line")
    constants.use(f"spiceproto.generated.parse_{item.module}", f"parse_{name}")
    forms = _forms(item, fields, constants)
    return f"def summary_{name}(b, tail=None):\n    return line(parse_{name}(b, tail), {fields!r}{forms})"


def _shown_fields(item: Structure, constants: Constants) -> str:
    """The attribute that tells others which fields people read in another form."""
    shown = {member.name: member.shown for member in item.members if member.shown}
    for form in shown.values():
        constants.use("spiceproto.shown", form)
    forms = ", ".join([f"{name!r}: {form}" for name, form in shown.items()])
    return f"\n\n\nsummary_{item.class_name}.shown = {{{forms}}}" if shown else ""


def _forms(item: Structure, fields: tuple[str, ...], constants: Constants) -> str:
    """The argument of ``line`` for what is not shown as it is, or nothing."""
    forms = []
    for member in item.members:
        node = member.node
        if member.name not in fields:
            continue
        if member.shown:
            constants.use("spiceproto.shown", member.shown)
            forms.append(f"{member.name!r}: {member.shown}")
        elif isinstance(node, Scalar) and node.is_flags:  # with bits that have no name they are numbers in values
            forms.append(f"{member.name!r}: {_names(node, constants)}.__getitem__")
    return f", {{{', '.join(forms)}}}" if forms else ""


def _shown(node: Scalar, shown: str, variable: str, constants: Constants) -> str:
    if shown:
        constants.use("spiceproto.shown", "Shown")
        constants.use("spiceproto.shown", shown)
        return f"{constants.name('_s', f'Shown({shown})')}[{variable}]"
    return variable if node.table is None else f"{_names(node, constants)}[{variable}]"


def _names(node: Scalar, constants: Constants) -> str:
    assert node.table is not None
    constants.use("spiceproto.enums.base", "NameTable")
    constants.use(node.table.__module__, node.table.__name__)
    return constants.name("_n", f"NameTable({node.table.__name__})")


def _column(shown: str) -> str:
    """The same of a column: a look-up becomes a map."""
    table, bracket, variable = shown.removesuffix("]").partition("[")
    return f"map({table}.__getitem__, {variable})" if bracket else shown


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
    return _member(item, path).node


def _member(item: Structure, path: str) -> Member:
    first, *rest = path.split(".")
    member = item.member(first)
    for name in rest:
        assert isinstance(member.node, Structure)
        member = member.node.member(name)
    return member
