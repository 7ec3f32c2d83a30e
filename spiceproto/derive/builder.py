"""Source text of fast builders: straight-line Python that does what :func:`spiceproto.wire.build` does.

For the body of a message, ``build_NAME(v) -> bytes``; for a record that is reached by pointer or stands in a sequence
with elements of differing sizes, ``write_NAME(v, base, q) -> bytes``, where ``base`` is the place of its first byte in
the message and pointers met are added to ``q``. Whatever goes wrong, :func:`spiceproto.building.blame` finds the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spiceproto import wire
from spiceproto.derive.parser import _form, _opposite, readers
from spiceproto.derive.source import Constants, Lines
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Reference, Scalar, Structure, structures, walk

__all__ = ["compile_builder", "module_source"]


def module_source(module: str, messages: Iterable[Structure], write: Iterable[Structure]) -> str:
    """The text of ``spiceproto/generated/build_{module}.py``."""
    constants = Constants()
    blocks = [_Function(item, constants).writer() for item in write]
    blocks += [_Function(item, constants, message=True).builder() for item in messages]
    head = f'"""Builders of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


def compile_builder(record: wire.Record) -> Callable[[Any], bytes]:
    """A builder of any record, made now: for schemas that are not part of this package."""
    top = walk(record)
    constants = Constants()
    needed = readers(top)
    blocks = [_Function(item, constants, local=True).writer() for item in structures(top) if item.name in needed]
    blocks.append(_Function(top, constants, local=True, message=True).builder())

    def blame(name: str, value: Any, error: Exception) -> None:
        wire.build(record, value)
        raise error

    constants.imports.get("spiceproto.building", set()).discard("blame")
    constants.imports = {module: names for module, names in constants.imports.items()
                         if names and not module.startswith("spiceproto.messages.")}  # fmt: skip
    space: dict[str, Any] = {"blame": blame, f"{top.module}_{top.class_name}": record.value_class}
    exec(compile(constants.text() + "\n\n" + "\n\n".join(blocks), f"<builder of {record.name}>", "exec"), space)
    return space[f"build_{top.class_name}"]  # type: ignore[no-any-return]


class _Function:
    """Writes one function."""

    def __init__(self, top: Structure, constants: Constants, *, local: bool = False, message: bool = False) -> None:
        self.top = top
        self.constants = constants
        self.local = local
        self.message = message
        self.out = Lines()
        self.run: list[tuple[str, int, str]] = []
        self.run_order = "<"
        self.base: int | None = 0
        self.number = 0
        self.parts: list[str] = []
        """Expressions of bytes that follow each other and are not in the list ``p`` yet."""
        self.listed = False
        """True once the list ``p`` exists."""
        self.values: dict[str, str] = {}
        """``v.descriptor`` -> the local variable that holds it."""

    def builder(self) -> str:
        name = self.top.class_name
        self.constants.use("spiceproto.building", "blame")
        if self.top.size == 0:
            wanted = self.constants.value_class(self.top)
            return (f"def build_{name}(v):\n    if not isinstance(v, {wanted}):\n"
                    f"        blame({self.top.name!r}, v, TypeError())\n    return b''")  # fmt: skip
        tail = f"\n    except Exception as error:\n        blame({self.top.name!r}, v, error)"
        self.out.depth = 2
        if self.top.has_pointer and self._in_one_piece():
            return f"def build_{name}(v):\n    try:\n{self.out.text()}{tail}"
        if self.top.has_pointer:
            self.out.add("q = []")
        self._structure(self.top, "v")
        whole = self._whole()
        if self.top.has_pointer:
            self.constants.use("spiceproto.building", "place")
            whole = f"place({whole}, q)"
        self.out.add(f"return {whole}")
        return f"def build_{name}(v):\n    try:\n{self.out.text()}{tail}"

    def _in_one_piece(self) -> bool:
        """Emit a message of fixed size whose pointers all lead to bytes: where those begin is known beforehand.

        False, with nothing emitted, if the message is of another kind.
        """
        targets: list[tuple[str, Member, str]] = []
        """The variable that shall hold the bytes, the pointer, and the value that has it."""
        if self.top.size is None or not self._flat(self.top, "v", targets):
            self.out.lines, self.run, self.number = [], [], 0
            return False
        end = str(self.top.size)
        for name, member, value in targets:
            node = member.node
            assert isinstance(node, Reference)
            place = f"{value}.{member.name}"
            if isinstance(getattr(node.target, "count", None), wire.ZeroTerminated):
                self.constants.use("spiceproto.building", "terminated")
                read, start = f"terminated({place}, 0, None)", end
            else:
                at = sum(item[1] for item in self.run[: [item[2] for item in self.run].index(f"o{name}")])
                read, start = place, f"{end} if {name} else {at}"
            if node.nullable:
                self.out.add(f"if {place} is None:", f"    {name} = b''", f"    o{name} = 0", "else:",
                             f"    {name} = {read}", f"    o{name} = {start}")  # fmt: skip
            else:
                self.out.add(f"{name} = {read}", f"o{name} = {start}")
            end += f" + len({name})"
        self.out.add(f"return {' + '.join([self._packed(), *(name for name, _, _ in targets)])}")
        return True

    def _flat(self, item: Structure, value: str, targets: list[tuple[str, Member, str]]) -> bool:
        """Collect the numbers of ``item``; False if there is anything but numbers and pointers to bytes."""
        names = {member.name: self._variable() for member in item.members if isinstance(member.node, Reference)}
        for member in item.members:
            node = member.node
            if member.condition is not None:
                return False
            if isinstance(node, Structure) and node.members:
                inner = self._variable()
                self.out.add(f"{inner} = {value}.{member.name}")
                if not self._flat(node, inner, targets):
                    return False
            elif isinstance(node, Scalar):
                if self.run and self.run_order != node.order:
                    return False
                if member.counts and member.counts not in names:
                    return False
                counted = f"len({names[member.counts]})" if member.counts else f"{value}.{member.name}"
                self._pack(node, counted)
            elif isinstance(node, Reference) and isinstance(node.target, Bytes):
                count = node.target.count
                counted_here = isinstance(count, wire.By) and item.member(count.name).counts == member.name
                if not (counted_here or isinstance(count, wire.ZeroTerminated)) or (self.run and self.run_order != "<"):
                    return False
                self._pack(Scalar("uint32", "<", "L", 4, None, ""), f"o{names[member.name]}")
                targets.append((names[member.name], member, value))
            elif not isinstance(node, Handle):
                return False
        return True

    def writer(self) -> str:
        self._structure(self.top, "v")
        self.out.add(f"return {self._whole()}")
        return f"def write_{self.top.class_name}(v, base, q):\n{self.out.text()}"

    def _whole(self) -> str:
        """The expression of everything that was met."""
        self._flush()
        last = max((index for index, line in enumerate(self.out.lines) if "q.append(" in line), default=-1)
        self.out.lines = [line for index, line in enumerate(self.out.lines)
                          if index < last or not line.lstrip().startswith(("o = ", "o += "))]  # fmt: skip
        if not self.listed:
            if len(self.parts) <= 3:
                parts = self.parts if self.parts[0].startswith("_p") else ["b''", *self.parts]
                return " + ".join(parts)
            return f"b''.join(({', '.join(self.parts)}))"
        self._list()
        return "b''.join(p)"

    def _list(self) -> None:
        """Put the parts met so far into ``p``."""
        if not self.listed:
            self.out.add(f"p = [{', '.join(self.parts)}]")
        elif len(self.parts) == 1:
            self.out.add(f"p.append({self.parts[0]})")
        elif self.parts:
            self.out.add(f"p += {', '.join(self.parts)}")
        self.listed = True
        self.parts = []

    # -- pieces

    def _variable(self) -> str:
        self.number += 1
        return f"a{self.number}"

    def _packed(self) -> str:
        form = self.run_order + "".join(item[0] for item in self.run)
        self.constants.use("struct", "Struct")
        return f"{self.constants.packer(form)}({', '.join(item[2] for item in self.run)})"

    def _flush(self) -> None:
        if not self.run:
            return
        size = sum(item[1] for item in self.run)
        self.parts.append(self._packed())
        if self.base is not None:
            self.base += size
        elif self.top.has_pointer:
            self.out.add(f"o += {size}")
        self.run = []

    def _to_variable(self) -> None:
        if self.base is not None:
            if self.top.has_pointer:
                self.out.add(f"o = {self.base}")
            self.base = None

    def _append(self, expression: str) -> None:
        """Add bytes whose number is not known beforehand."""
        self._flush()
        self._to_variable()
        if self.top.has_pointer:
            name = self._variable()
            self.out.add(f"{name} = {expression}", f"o += len({name})")
            expression = name
        self.parts.append(expression)

    def _pack(self, node: Scalar, expression: str) -> None:
        if self.run and self.run_order != node.order:
            self._flush()
        self.run_order = node.order
        self.run.append((node.code, node.size, expression))

    def _structure(self, item: Structure, value: str) -> None:
        members = list(item.members)
        while members:
            member = members.pop(0)
            if member.condition is None:
                self._member(item, member, value)
                continue
            group = [member]
            while members and members[0].condition is not None and members[0].name == member.name:
                group.append(members.pop(0))
            self._conditional(item, group, value)

    def _conditional(self, item: Structure, group: list[Member], value: str) -> None:
        self._flush()
        self._to_variable()
        self._list()
        for index, member in enumerate(group):
            condition = member.condition
            assert condition is not None
            self.test_at = len(self.out.lines)
            opposite = index > 0 and _opposite(condition, group[0].condition)
            self.out.add("else:" if opposite else f"{'elif' if index else 'if'} {self._test(condition, value)}:")
            self.out.depth += 1
            mark = len(self.out.lines)
            self._member(item, member, value)
            self._flush()
            self._list()
            if len(self.out.lines) == mark:
                self.out.add("pass")
            self.out.depth -= 1
        if not group[0].counts:
            self.out.add(f"elif {value}.{group[0].name} is not None:", "    raise ValueError")

    def _test(self, condition: Condition, value: str) -> str:
        holder, _, field = f"{value}.{condition.on}".rpartition(".")
        name = f"{self.values.get(holder, holder)}.{field}"
        if name not in self.values:
            self.values[name] = self._variable()
            # Conditions of one group follow each other, so this stands before the first of them.
            self.out.lines.insert(self.test_at, "    " * self.out.depth + f"{self.values[name]} = {name}")
        name = self.values[name]
        if condition.is_flags:
            return f"{'not ' * condition.negated}{name} & {condition.mask}"
        if len(condition.members) == 1:
            return f"{name} {'!=' if condition.negated else '=='} {int(condition.members[0])}"
        return f"{name} {'not ' * condition.negated}in {tuple(int(item) for item in condition.members)}"

    def _counted(self, item: Structure, name: str, value: str) -> str:
        """The number that the counting field ``name`` holds."""
        counted = item.member(item.member(name).counts or "")
        place = f"{value}.{counted.name}"
        optional = counted.condition is not None or (isinstance(counted.node, Reference) and counted.node.nullable)
        return f"(0 if {place} is None else len({place}))" if optional else f"len({place})"

    def _member(self, item: Structure, member: Member, value: str) -> None:
        place = f"{value}.{member.name}"
        match member.node:
            case Scalar():
                self._pack(member.node, self._counted(item, member.name, value) if member.counts else place)
            case Structure():
                if not member.node.members:
                    return
                name = self.values[place] = self._variable()
                self.out.add(f"{name} = {place}")
                self._structure(member.node, name)
            case Handle():
                return
            case Bytes():
                self._check(item, member.node.count, value, place, member.name)
                if isinstance(member.node.count, wire.ZeroTerminated):
                    self.constants.use("spiceproto.building", "terminated")
                    self._append(f"terminated({place}, 0, None)")
                else:
                    self._append(place)
            case Items():
                self._check(item, member.node.count, value, place, member.name)
                self.constants.use("spiceproto.building", "sequence")
                self.out.add(f"if type({place}) is not tuple:", f"    sequence({place})")
                self._append(self._joined(member.node, place, place))
            case Reference():
                self._reference(item, member, value, place)

    def _check(self, item: Structure, count: wire.Count, value: str, place: str, name: str) -> None:
        """Refuse a length that the receiver would compute differently."""
        match count:
            case wire.Fixed():
                wanted = str(count.number)
            case wire.By():
                if item.member(count.name).counts == name:
                    return
                wanted = self._counted(item, count.name, value)
            case wire.Product():
                wanted = " * ".join(f"{value}.{field}" for field in count.names)
            case wire.PackedRows():
                wanted = f"({value}.{count.width} * {count.bits} + 7) // 8 * {value}.{count.height}"
            case _:
                return
        self.out.add(f"if len({place}) != {wanted}:", "    raise ValueError")

    def _joined(self, node: Items, place: str, elements: str) -> str:
        element = node.element
        if isinstance(element, Scalar):
            if element.code == "B":
                return f"bytes({elements})"
            return f"{self.constants.packers(element)}[len({place})](*{elements})"
        form = _form(element)
        if form is None:
            return f"b''.join([{self._writer_name(element)}(x, 0, None) for x in {elements}])"
        inner = _Function(element, self.constants)
        inner._structure(element, "x")
        for line in inner.out.lines:  # names of records inside the element, written out
            name, _, path = line.strip().partition(" = ")
            inner.run = [(code, size, _replace(text, name, path)) for code, size, text in inner.run]
        return f"b''.join([{inner._packed()} for x in {elements}])"

    def _writer_name(self, element: Structure) -> str:
        write = f"write_{element.class_name}"
        if not self.local and element.module != self.top.module:
            self.constants.use(f"spiceproto.generated.build_{element.module}", write)
        return write

    def _reference(self, item: Structure, member: Member, value: str, place: str) -> None:
        node = member.node
        assert isinstance(node, Reference)
        target = node.target
        self._pack(Scalar("uint32", "<", "L", 4, None, ""), "0")
        self._flush()
        at = "o - 4" if self.base is None else str(self.base - 4)
        if not self.message:
            at = f"base + {at}"
        match target:
            case Structure():
                write = self._writer_name(target)
            case Bytes(count=wire.ZeroTerminated()):
                write = self.constants.use("spiceproto.building", "terminated")
            case Bytes():
                write = self.constants.use("spiceproto.building", "raw")
            case Items():
                self.constants.use("spiceproto.building", "sequence")
                write = f"lambda x, base, q: {self._joined(target, 'x', 'sequence(x)')}"
            case _:
                raise TypeError(target)
        if node.nullable:
            self.out.add(f"if {place} is not None:", f"    q.append(({at}, {write}, {place}))")
        else:
            self.out.add(f"if {place} is None:", "    raise ValueError", f"q.append(({at}, {write}, {place}))")


def _replace(text: str, name: str, path: str) -> str:
    return path + text[len(name) :] if text.startswith(name + ".") else text
