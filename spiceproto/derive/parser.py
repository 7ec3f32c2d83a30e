"""Source text of fast parsers: straight-line Python that does what :func:`spiceproto.wire.parse` does.

For a record that is the body of a message, ``parse_NAME(b, tail=None) -> value``: ``b`` is the whole body, ``tail`` is
called with the offset behind everything read if bytes remain. For a record that is reached by pointer or stands in a
sequence with elements of differing sizes, ``read_NAME(b, o, n) -> (value, end)``.

What makes them fast: fields of fixed size that follow each other are unpacked by one compiled Struct; records inside
records are flattened; names of enums are looked up in a dict; sequences of one or two fixed-size elements are one unpack,
longer ones a comprehension over ``iter_unpack``; elements whose sizes differ are read where they stand, without a call.
Bounds are checked before every unpack, once for a run of fields; which field of the run did not fit is found only when
it matters. Names of what surrounds a field are put into an error on its way out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spiceproto import wire
from spiceproto.derive.branches import alternatives, condition_test, opposite
from spiceproto.derive.source import Constants, Lines, count_text, fixed_form, join, short_lengths
from spiceproto.walk import Bytes, Handle, Items, Member, Reference, Scalar, Structure

__all__ = ["Function", "module_source"]


def module_source(module: str, messages: Iterable[Structure], read: Iterable[Structure]) -> str:
    """The text of ``spiceproto/generated/parse_{module}.py``."""
    constants = Constants()
    blocks = [Function(item, constants).reader() for item in read]
    blocks += [Function(item, constants).parser() for item in messages]
    blocks += [""]
    head = f'"""Parsers of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks).rstrip() + "\n"


class Function:
    """Writes one function."""

    def __init__(self, top: Structure, constants: Constants, *, local: bool = False, letter: str = "v") -> None:
        self.top = top
        self.letter = letter
        self.constants = constants
        self.local = local
        self.out = Lines()
        self.base: int | None = 0
        """Offset of the next field from ``o`` at the start; None once it is in the variable ``o`` alone."""
        self.run: list[tuple[str, int, str, str]] = []
        self.run_order = "<"
        self.number = 0
        self.raw: dict[str, str] = {}
        """Dotted name of a scalar -> the variable that holds its number."""
        self.follows = False

    # -- the two kinds of function

    def parser(self) -> str:
        name = self.top.class_name
        form = fixed_form(self.top)
        head = f"def parse_{name}(b, tail=None):\n    n = len(b)\n"
        if self.top.size == 0:
            value = self.constants.value_class(self.top)
            return head + f"    if n and tail is not None:\n        tail(0)\n    return {value}()"
        self.follows = self.top.has_pointer
        if self.follows:
            self.out.add("h = 0")
        value = self._structure(self.top, "")
        if form is not None:
            # One comparison on the way through: the size is right.
            layout = self._layout()
            self.constants.use("spiceproto.bounds", "short")
            size = self.top.size
            names = "".join(f"{variable}, " for _, _, variable, _ in self.run)
            unpack = self.constants.unpacker(self.run_order + "".join(code for code, _, _, _ in self.run))
            return (
                head
                + f"    if n != {size}:\n        if n < {size}:\n            raise short({layout}, 0, n)\n"
                + f"        if tail is not None:\n            tail({size})\n"
                + f"    {names.rstrip(', ') if len(self.run) > 1 else names.rstrip()} = {unpack}(b)\n    return {value}"
            )
        self._flush()
        if self._rest_consumed():
            self.out.lines.pop()  # o = n
        else:
            end = self._offset()
            if self.follows:
                self.out.add(f"if h < {end}:", f"    h = {end}")
                end = "h"
            self.out.add(f"if {end} < n and tail is not None:", f"    tail({end})")
        self.out.add(f"return {value}")
        return head + self.out.text()

    def _rest_consumed(self) -> bool:
        """True if the last member takes all that is left."""
        node: Any = self.top
        while isinstance(node, Structure) and node.members:
            member = node.members[-1]
            if member.condition is not None:
                return False
            node = member.node
        return isinstance(node, Bytes) and isinstance(node.count, wire.Rest)

    def reader(self) -> str:
        self.base = None
        self.follows = self.top.has_pointer
        if self.follows:
            self.out.add("h = 0")
        value = self._structure(self.top, "")
        self._flush()
        end = "o"
        if self.follows:
            self.out.add("if h < o:", "    h = o")
            end = "h"
        self.out.add(f"return {value}, {end}")
        return f"def read_{self.top.class_name}(b, o, n):\n{self.out.text()}"

    # -- pieces

    def _variable(self) -> str:
        self.number += 1
        return f"{self.letter}{self.number}"

    def _offset(self) -> str:
        return "o" if self.base is None else str(self.base)

    def _to_variable(self) -> None:
        """From here on the offset is in ``o``."""
        if self.base is not None:
            self.out.add(f"o = {self.base}")
            self.base = None

    def _layout(self) -> str:
        fields, offset = [], 0
        for _, size, _, path in self.run:
            fields.append((offset, size, path))
            offset += size
        return self.constants.name("_l", repr(tuple(fields)))

    def _flush(self) -> None:
        """Unpack the run of fixed-size fields met so far."""
        if not self.run:
            return
        self.constants.use("struct", "Struct")
        self.constants.use("spiceproto.bounds", "short")
        size = sum(item[1] for item in self.run)
        unpack = self.constants.unpacker(self.run_order + "".join(item[0] for item in self.run))
        names = ", ".join(item[2] for item in self.run) + ("," if len(self.run) == 1 else "")
        layout = self._layout()
        if self.base is None:
            self.out.add(f"if o + {size} > n:", f"    raise short({layout}, o, n)", f"{names} = {unpack}(b, o)", f"o += {size}")
        else:
            place = f"b, {self.base}" if self.base else "b"
            self.out.add(f"if n < {self.base + size}:", f"    raise short({layout}, {self.base}, n)")
            self.out.add(f"{names} = {unpack}({place})")
            self.base += size
        self.run = []

    def _scalar(self, node: Scalar, path: str) -> str:
        if self.run and self.run_order != node.order:
            self._flush()
        self.run_order = node.order
        name = self._variable()
        self.constants.use("struct", "Struct")
        self.run.append((node.code, node.size, name, path))
        self.raw[path] = name
        return self._named(node, name)

    def _named(self, node: Scalar, name: str) -> str:
        return name if node.table is None else f"{self.constants.table(node)}[{name}]"

    def _structure(self, item: Structure, prefix: str) -> str:
        """Emit the reading of ``item``; the expression of its value."""
        values: dict[str, str] = {}
        members = list(item.members)
        while members:
            branches = alternatives(members)
            del members[: sum(map(len, branches))]
            if branches[0][0].condition is None:
                member = branches[0][0]
                value = self._member(member, prefix)
                if not member.counts:
                    values[member.name] = value
            else:
                self._conditional(branches, prefix, values)
        arguments = ", ".join(values[name] for name in item.value_fields)
        return f"{self.constants.value_class(item)}({arguments})"

    def _conditional(self, branches: list[list[Member]], prefix: str, values: dict[str, str]) -> None:
        self._flush()
        self._to_variable()
        names = {member.name: "" for branch in branches for member in branch}
        names.update((name, self._variable()) for name in names)
        self.out.add(" = ".join(names.values()) + " = None")
        for index, branch in enumerate(branches):
            condition = branch[0].condition
            assert condition is not None
            test = condition_test(condition, self.raw[join(prefix, condition.on)])
            if index and opposite(condition, branches[0][0].condition):
                self.out.add("else:")
            else:
                self.out.add(f"{'elif' if index else 'if'} {test}:")
            self.out.depth += 1
            found = [(names[member.name], self._member(member, prefix)) for member in branch]
            self._flush()
            self.out.add(*(f"{name} = {value}" for name, value in found))
            self.out.depth -= 1
        for branch in branches:
            for member in branch:
                if member.counts:  # its number is 0 where it is absent
                    self.out.add(f"if {names[member.name]} is None:", f"    {self.raw[join(prefix, member.name)]} = 0")
                else:
                    values[member.name] = names[member.name]

    def _member(self, member: Member, prefix: str) -> str:
        path = join(prefix, member.name)
        match member.node:
            case Scalar():
                return self._scalar(member.node, path)
            case Structure():
                return self._structure(member.node, path)
            case Handle():
                return "None"
            case Bytes():
                return self._bytes(member.node, prefix, path)
            case Items():
                return self._items(member.node, prefix, path)
            case Reference():
                return self._reference(member.node, prefix, path)

    def _bytes(self, node: Bytes, prefix: str, path: str) -> str:
        if isinstance(node.count, wire.Fixed):
            name = self._variable()
            self.run.append((f"{node.count.number}s", node.count.number, name, path))
            return name
        self._flush()
        name = self._variable()
        if isinstance(node.count, wire.Rest):
            self.out.add(f"{name} = b[{self._offset()}:]" if self.base != 0 else f"{name} = b", "o = n")
            self.base = None
            return name
        self._to_variable()
        self._take(node, prefix, path, name, "o")
        self.out.add("o = e")
        return name

    def _take(self, node: Bytes, prefix: str, path: str, name: str, start: str) -> None:
        """``name`` becomes the bytes at ``start``, and ``e`` their end."""
        if isinstance(node.count, wire.ZeroTerminated):
            self.constants.use("spiceproto.bounds", "unterminated")
            self.out.add(
                f"e = b.find(0, {start})",
                "if e < 0:",
                f"    raise unterminated({path!r}, {start}, n)",
                f"{name} = b[{start}:e]",
                "e += 1",
            )
            return
        self.constants.use("spiceproto.bounds", "crowded")
        count = count_text(node.count, prefix, self.raw)
        if not count.isidentifier():
            self.out.add(f"c = {count}")
            count = "c"
        self.out.add(
            f"e = {start} + {count}",
            "if e > n:",
            f"    raise crowded({path!r}, {start}, {count}, 1, n)",
            f"{name} = b[{start}:e]",
        )

    def _items(self, node: Items, prefix: str, path: str) -> str:
        self._flush()
        name = self._variable()
        self._elements(node, prefix, path, name, self._offset(), in_line=True)
        self.base = None
        if self.out.lines[-1].strip() != "e = o":
            self.out.add("o = e")
        else:
            self.out.lines.pop()
        return name

    def _elements(self, node: Items, prefix: str, path: str, name: str, start: str, *, in_line: bool = False) -> None:
        """``name`` becomes the elements at ``start``, and ``e`` their end."""
        element = node.element
        if isinstance(node.count, wire.Rest):
            self.out.add(f"c = (n - {start}) // {node.smallest}")
            count = "c"
        else:
            count = count_text(node.count, prefix, self.raw)
        self.out.add(f"e = {start} + {count}{f' * {node.smallest}' if node.smallest > 1 else ''}")
        if not isinstance(node.count, wire.Rest):
            self.constants.use("spiceproto.bounds", "crowded")
            self.out.add("if e > n:", f"    raise crowded({path!r}, {start}, {count}, {node.smallest}, n)")
        form = element.order + element.code if isinstance(element, Scalar) else fixed_form(element)
        if form is not None:
            self._short_elements(element, form, name, start, count)
        elif isinstance(element, Structure):
            self._loop(element, path, name, start, count, in_line=in_line)

    def _short_elements(self, element: Scalar | Structure, form: str, name: str, start: str, count: str) -> None:
        """Elements of fixed size: few of them, or any number."""
        for number in short_lengths(form):
            taken = f"{self.constants.unpacker(form[0] + form[1:] * number)}(b, {start})"
            self.out.add(f"{'if' if number == 1 else 'elif'} {count} == {number}:")
            if isinstance(element, Scalar) and element.table is None:
                self.out.add(f"    {name} = {taken}")
            else:
                names, values = self._element(element, number)
                self.out.add(f"    {names} = {taken}", f"    {name} = ({values}{',' * (number == 1)})")
        self.out.add("else:", f"    {name} = {self._many(element, form, start, count)}")

    def _element(self, element: Scalar | Structure, number: int = 1) -> tuple[str, str]:
        """The variables to unpack ``number`` elements into, and the expressions of their values.

        Variables of a comprehension must not hide those of the function; so these begin with another letter.
        """
        inner = Function(self.top, self.constants, letter="w")
        found = [
            inner._scalar(element, "") if isinstance(element, Scalar) else inner._structure(element, "") for _ in range(number)
        ]
        names = ", ".join(item[2] for item in inner.run)
        return names if len(inner.run) > 1 else f"{names},", ", ".join(found)

    def _many(self, element: Scalar | Structure, form: str, start: str, count: str) -> str:
        """The expression of any number of elements."""
        if isinstance(element, Structure):
            names, value = self._element(element)
            return f"tuple([{value} for {names} in {self.constants.iterator(form)}(b[{start}:e])])"
        numbers = f"{self.constants.unpackers(element)}[{count}](b, {start})" if element.size > 1 else f"b[{start}:e]"
        if element.table is not None:
            return f"tuple(map({self.constants.lookup(element)}, {numbers}))"
        return f"tuple({numbers})" if element.size == 1 else numbers

    def _loop(self, element: Structure, path: str, name: str, start: str, count: str, *, in_line: bool) -> None:
        """Elements whose sizes differ. Those in line are read here, the others by a function of their own."""
        self.constants.use("spiceproto.errors", "RemoteError")
        index = self._variable()
        self.out.add(
            f"{name} = []",
            *([f"o = {start}"] * (in_line and start != "o")),
            *([f"e = {start}"] * (not in_line)),
            f"for {index} in range({count}):",
            "    try:",
        )
        if in_line:
            self.out.add(*(f"        {line}" for line in self._body(element)))
        else:
            self.out.add(f"        x, e = {self._reader_name(element)}(b, e, n)")
        self.out.add(
            "    except RemoteError as error:",
            f"        error.within(f'[{{{index}}}]')",
            f"        error.within({path!r})",
            "        raise",
            f"    {name}.append(x)",
            f"{name} = tuple({name})",
            *(["e = o"] * in_line),
        )

    def _body(self, element: Structure) -> list[str]:
        """What reads one element at ``o`` into ``x``."""
        inner = Function(self.top, self.constants, local=self.local, letter=f"{self.letter}{self.number}_")
        inner.base = None
        inner.out.depth = 0
        value = inner._structure(element, "")
        inner._flush()
        return [*inner.out.lines, f"x = {value}"]

    def _reader_name(self, element: Structure) -> str:
        read = f"read_{element.class_name}"
        if not self.local and element.module != self.top.module:
            self.constants.use(f"spiceproto.generated.parse_{element.module}", read)
        return read

    def _reference(self, node: Reference, prefix: str, path: str) -> str:
        self._scalar(Scalar("uint32", "<", "L", 4, None, ""), path)
        pointer = self.run[-1][2]
        del self.raw[path]
        self._flush()
        at = "o - 4" if self.base is None else str(self.base - 4)
        name = self._variable()
        target = node.target
        count = getattr(target, "count", None)
        self.constants.use("spiceproto.bounds", "outside")
        self.out.add(f"if {pointer} == 0:")
        if not node.nullable:
            self.constants.use("spiceproto.bounds", "null")
            self.out.add(f"    raise null({path!r}, {at})")
        elif isinstance(count, wire.By) and node.announced:
            self.constants.use("spiceproto.bounds", "crowded")
            self.constants.use("spiceproto.unsent", "Unsent")
            number = count_text(count, prefix, self.raw)
            self.out.add(f"    if {number} > n:", f"        raise crowded({path!r}, 0, {number}, 1, n)")
            self.out.add(f"    {name} = Unsent({number}) if {number} else None")
        elif isinstance(count, wire.By):
            self.constants.use("spiceproto.bounds", "null_with_count")
            number = count_text(count, prefix, self.raw)
            self.out.add(f"    if {number}:", f"        raise null_with_count({path!r}, {at}, {number})")
            self.out.add(f"    {name} = None")
        else:
            self.out.add(f"    {name} = None")
        self.out.add(f"elif {pointer} >= n:", f"    raise outside({path!r}, {at}, {pointer}, n)", "else:")
        self.out.depth += 1
        match target:
            case Structure():
                self.constants.use("spiceproto.errors", "RemoteError")
                self.out.add(
                    "try:",
                    f"    {name}, e = {self._reader_name(target)}(b, {pointer}, n)",
                    "except RemoteError as error:",
                    f"    error.within({path!r})",
                    "    raise",
                )
            case Bytes():
                self._take(target, prefix, path, name, pointer)
            case Items():
                self._elements(target, prefix, path, name, pointer)
            case _:
                raise TypeError(target)
        self.out.add("if e > h:", "    h = e")
        self.out.depth -= 1
        return name
