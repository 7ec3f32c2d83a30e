"""What the generators of parsers and builders share: numbered constants of a generated module, and indented lines."""

from __future__ import annotations

from spiceproto.walk import Scalar, Structure

__all__ = ["Constants", "Lines", "short_lengths"]


def short_lengths(form: str) -> range:
    """Lengths of sequences that have a branch of their own in generated code; ``form`` is that of one element.

    Most sequences are short, and what is made for any length (a slice, an iterator, a list) costs more than one or two
    elements. The fewer numbers an element has, the more lengths that is true of.
    """
    numbers = len(form) - 1
    return range(1, max(2, min(4, 9 // numbers)) + 1)


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
