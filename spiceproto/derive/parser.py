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

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any

from spiceproto import wire
from spiceproto.derive.source import Constants, Lines, short_lengths
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Reference, Scalar, Structure, structures, walk

__all__ = ["alternatives", "compile_parser", "condition_test", "module_source", "readers"]


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
            elif isinstance(target, Items) and isinstance(target.element, Structure) and _form(target.element) is None:
                found.add(target.element.name)
    return found


def module_source(module: str, messages: Iterable[Structure], read: Iterable[Structure]) -> str:
    """The text of ``spiceproto/generated/parse_{module}.py``."""
    constants = Constants()
    blocks = [_Function(item, constants).reader() for item in read]
    blocks += [_Function(item, constants).parser() for item in messages]
    blocks += [""]
    head = f'"""Parsers of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks).rstrip() + "\n"


def compile_parser(record: wire.Record) -> Callable[..., Any]:
    """A parser of any record, made now: for schemas that are not part of this package."""
    top = walk(record)
    constants = Constants()
    needed = readers(top)
    inner = [item for item in structures(top) if item.name in needed]
    blocks = [_Function(item, constants, local=True).reader() for item in inner]
    blocks.append(_Function(top, constants, local=True).parser())
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


def _form(item: Structure) -> str | None:
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
            inner = _form(node)
            if inner is None:
                return None
            orders.add(inner[0])
            codes += inner[1:]
        else:
            return None
    return orders.pop() + codes if len(orders) == 1 else None


class _Function:
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
        form = _form(self.top)
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
            test = condition_test(condition, self.raw[_join(prefix, condition.on)])
            if index and _opposite(condition, branches[0][0].condition):
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
                    self.out.add(f"if {names[member.name]} is None:", f"    {self.raw[_join(prefix, member.name)]} = 0")
                else:
                    values[member.name] = names[member.name]

    def _member(self, member: Member, prefix: str) -> str:
        path = _join(prefix, member.name)
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

    def _count(self, count: wire.Count, prefix: str) -> str:
        match count:
            case wire.Fixed():
                return str(count.number)
            case wire.By():
                return self.raw[_join(prefix, count.name)]
            case wire.Product():
                return " * ".join(self.raw[_join(prefix, name)] for name in count.names)
            case wire.PackedRows():
                width, height = self.raw[_join(prefix, count.width)], self.raw[_join(prefix, count.height)]
                return f"({width} * {count.bits} + 7) // 8 * {height}"
        raise TypeError(count)

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
        count = self._count(node.count, prefix)
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

    def _elements(
        self, node: Items, prefix: str, path: str, name: str, start: str, *, in_line: bool = False
    ) -> None:
        """``name`` becomes the elements at ``start``, and ``e`` their end."""
        element = node.element
        if isinstance(node.count, wire.Rest):
            self.out.add(f"c = (n - {start}) // {node.smallest}")
            count = "c"
        else:
            count = self._count(node.count, prefix)
        self.out.add(f"e = {start} + {count}{f' * {node.smallest}' if node.smallest > 1 else ''}")
        if not isinstance(node.count, wire.Rest):
            self.constants.use("spiceproto.bounds", "crowded")
            self.out.add("if e > n:", f"    raise crowded({path!r}, {start}, {count}, {node.smallest}, n)")
        form = element.order + element.code if isinstance(element, Scalar) else _form(element)
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
        inner = _Function(self.top, self.constants, letter="w")
        found = [inner._scalar(element, "") if isinstance(element, Scalar) else inner._structure(element, "")
                 for _ in range(number)]  # fmt: skip
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
        self.out.add(f"{name} = []", *([f"o = {start}"] * (in_line and start != "o")), *([f"e = {start}"] * (not in_line)),
                     f"for {index} in range({count}):", "    try:")  # fmt: skip
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
        inner = _Function(self.top, self.constants, local=self.local, letter=f"{self.letter}{self.number}_")
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
        elif isinstance(count, wire.By):
            self.constants.use("spiceproto.bounds", "null_with_count")
            number = self._count(count, prefix)
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


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def alternatives(members: list[Member]) -> list[list[Member]]:
    """Members at the front, in branches of which at most one is there.

    Conditions of one branch are the same. Branches exclude each other: a field has one of different values, or the
    first that gives a field of this name wins. A member without condition is alone.
    """
    branches = [_together(members)]
    rest = members[len(branches[0]) :]
    while rest and rest[0].condition is not None:
        branch = _together(rest)
        opposite = len(branches) == 1 and _opposite(branch[0].condition, branches[0][0].condition)
        same_name = len({member.name for found in (*branches, branch) for member in found}) == 1
        disjoint = all(_excludes(branch[0].condition, found[0].condition) for found in branches)
        if not (opposite or same_name or disjoint):
            break
        branches.append(branch)
        del rest[: len(branch)]
        if opposite:
            break
    return branches


def _together(members: list[Member]) -> list[Member]:
    """Members at the front that have the same condition."""
    condition = members[0].condition
    if condition is None:
        return members[:1]
    return list(takewhile(lambda member: member.condition == condition, members))


def condition_test(condition: Condition, number: str) -> str:
    """The expression of ``condition``; ``number`` is that of the field it asks for."""
    if condition.is_flags:
        return f"{'not ' * condition.negated}{number} & {condition.mask}"
    if len(condition.members) == 1:
        return f"{number} {'!=' if condition.negated else '=='} {int(condition.members[0])}"
    return f"{number} {'not ' * condition.negated}in {tuple(int(item) for item in condition.members)}"


def _excludes(one: Condition | None, other: Condition | None) -> bool:
    """True if not both can hold."""
    if one is None or other is None or one.on != other.on:
        return False
    if one.is_flags or other.is_flags or one.negated or other.negated:
        return False
    return not set(one.members) & set(other.members)


def _opposite(one: Condition | None, other: Condition | None) -> bool:
    """True if exactly one of both holds."""
    if one is None or other is None:
        return False
    return one.on == other.on and one.members == other.members and one.negated != other.negated
