"""What the generators of functions share: numbered constants of a module, indented lines, names, sizes.

form, readers     which structures are one unpack, and which need a function of their own
count             the expression of a count
join              dotted names
"""

from __future__ import annotations

from collections.abc import Mapping

from spiceproto import wire
from spiceproto.walk import Handle, Items, Reference, Scalar, Structure, structures

__all__ = ["Constants", "Lines", "count_text", "fixed_form", "join", "readers", "short_lengths"]


def short_lengths(layout: str) -> range:
    """Lengths of sequences that have a branch of their own in generated code; ``layout`` is that of one element.

    Most sequences are short, and what is made for any length (a slice, an iterator, a list) costs more than one or two
    elements. The fewer numbers an element has, the more lengths that is true of.
    """
    numbers = len(layout) - 1
    return range(1, max(2, min(4, 9 // numbers)) + 1)


def join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def fixed_form(item: Structure) -> str | None:
    """The struct format of a structure made of fixed-size scalars only, or None."""
    codes = ""
    orders: set[str] = set()
    for member in item.members:
        node = member.node
        if member.condition is not None:
            return None
        if isinstance(node, Handle):
            continue
        if isinstance(node, Scalar):
            codes += node.code
            orders.add(node.order)
        elif isinstance(node, Structure):
            inner = fixed_form(node)
            if inner is None:
                return None
            orders.add(inner[0])
            codes += inner[1:]
        else:
            return None
    return orders.pop() + codes if len(orders) == 1 else None


def readers(top: Structure) -> set[str]:
    """Names of the structures inside ``top`` that need a ``read_`` function: those that a pointer leads to."""
    found: set[str] = set()
    for item in structures(top):
        for member in item.members:
            if not isinstance(member.node, Reference):
                continue
            target = member.node.target
            if isinstance(target, Structure):
                found.add(target.name)
            elif isinstance(target, Items) and isinstance(target.element, Structure) and fixed_form(target.element) is None:
                found.add(target.element.name)
    return found


def count_text(count: wire.Count, prefix: str, numbers: Mapping[str, str]) -> str:
    """The expression of a count; ``numbers`` is dotted name -> the variable that holds its number."""
    match count:
        case wire.Fixed():
            return str(count.number)
        case wire.By():
            return numbers[join(prefix, count.name)]
        case wire.Product():
            return " * ".join(numbers[join(prefix, name)] for name in count.names)
        case wire.PackedRows():
            width, height = numbers[join(prefix, count.width)], numbers[join(prefix, count.height)]
            return f"({width} * {count.bits} + 7) // 8 * {height}"
    raise TypeError(count)


class Constants:
    """Module-level constants and imports of a generated module, each written once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.imports: dict[str, set[str]] = {}

    def name(self, prefix: str, text: str) -> str:
        """The name of the constant whose value is ``text``."""
        if text not in self._names:
            number = sum(1 for name in self._names.values() if name.startswith(prefix))
            self._names[text] = f"{prefix}{number}"
        return self._names[text]

    def unpacker(self, form: str) -> str:
        self.use("struct", "Struct")
        return self.name("_u", f"Struct({form!r}).unpack_from")

    def iterator(self, form: str) -> str:
        self.use("struct", "Struct")
        return self.name("_i", f"Struct({form!r}).iter_unpack")

    def packer(self, form: str) -> str:
        self.use("struct", "Struct")
        return self.name("_p", f"Struct({form!r}).pack")

    def unpackers(self, node: Scalar) -> str:
        """Length -> unpack_from of a sequence of numbers."""
        self.use("spiceproto.arrays", "Unpackers")
        return self.name("_a", f"Unpackers({node.order!r}, {node.code!r})")

    def packers(self, head: str, node: Scalar) -> str:
        """Length -> pack of a sequence of numbers behind those of ``head``, which begins with the byte order."""
        self.use("spiceproto.arrays", "Packers")
        return self.name("_a", f"Packers({head!r}, {node.code!r})")

    def lookup(self, node: Scalar) -> str:
        """What turns a number into a member, as a function."""
        return self.name("_g", f"{self.table(node)}.__getitem__")

    def table(self, node: Scalar) -> str:
        """The table that turns a number into a member."""
        assert node.table is not None
        kind = node.table.__name__
        table = "FlagsTable" if node.is_flags else "EnumTable"
        self.use("spiceproto.enums.base", table)
        self.use(node.table.__module__, kind)
        text = f"{table}({kind})"
        self._names.setdefault(text, f"_{kind}")
        return self._names[text]

    def use(self, module: str, name: str) -> str:
        self.imports.setdefault(module, set()).add(name)
        return name

    def value_class(self, item: Structure) -> str:
        """The value class, imported under a name that tells modules apart."""
        alias = f"{item.module}_{item.class_name}"
        self.use(f"spiceproto.messages.{item.module}", f"{item.class_name} as {alias}")
        return alias

    def text(self) -> str:
        """The import and constant lines."""
        lines = []
        for module in sorted(self.imports, key=lambda name: (name.startswith("spiceproto"), name)):
            lines.append(f"from {module} import {', '.join(sorted(self.imports[module]))}")
        constants = [f"{name} = {text}" for text, name in self._names.items()]
        return "\n".join(lines) + ("\n\n" + "\n".join(constants) if constants else "")


class Lines:
    """Lines of a function, with an indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def add(self, *lines: str) -> None:
        self.lines.extend("    " * self.depth + line for line in lines)

    def text(self) -> str:
        return "\n".join(self.lines)
