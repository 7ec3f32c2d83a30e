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
    blocks += [_Function(item, constants).builder() for item in messages]
    head = f'"""Builders of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


def compile_builder(record: wire.Record) -> Callable[[Any], bytes]:
    """A builder of any record, made now: for schemas that are not part of this package."""
    top = walk(record)
    constants = Constants()
    needed = readers(top)
    blocks = [_Function(item, constants, local=True).writer() for item in structures(top) if item.name in needed]
    blocks.append(_Function(top, constants, local=True).builder())

    def blame(name: str, value: Any, error: Exception) -> None:
        wire.build(record, value)
        raise error

    constants.imports.get("spiceproto.building", set()).discard("blame")
    constants.imports = {module: names for module, names in constants.imports.items() if names}
    space: dict[str, Any] = {"blame": blame}
    exec(compile(constants.text() + "\n\n" + "\n\n".join(blocks), f"<builder of {record.name}>", "exec"), space)
    return space[f"build_{top.class_name}"]  # type: ignore[no-any-return]


class _Function:
    """Writes one function."""

    def __init__(self, top: Structure, constants: Constants, *, local: bool = False) -> None:
        self.top = top
        self.constants = constants
        self.local = local
        self.out = Lines()
        self.run: list[tuple[str, int, str]] = []
        self.run_order = "<"
        self.base: int | None = 0
        self.number = 0

    def builder(self) -> str:
        name = self.top.class_name
        self.constants.use("spiceproto.building", "blame")
        if self.top.size == 0:
            wanted = self.constants.value_class(self.top) if not self.local else None
            if wanted is None:
                return f"def build_{name}(v):\n    return b''"
            return f"def build_{name}(v):\n    if not isinstance(v, {wanted}):\n        blame({self.top.name!r}, v, TypeError())\n    return b''"
        head = f"def build_{name}(v):\n    try:\n"
        tail = f"\n    except Exception as error:\n        blame({self.top.name!r}, v, error)"
        self.out.depth = 2
        if _form(self.top) is not None:
            self._structure(self.top, "v")
            self.out.add(f"return {self._packed()}")
            return head + self.out.text() + tail
        self.out.add("p = []")
        if self.top.has_pointer:
            self.out.add("q = []")
        self._structure(self.top, "v")
        self._flush()
        if self.top.has_pointer:
            self.constants.use("spiceproto.building", "place")
            self.out.add("return place(b''.join(p), q)")
        else:
            self.out.add("return b''.join(p)")
        return head + self.out.text() + tail

    def writer(self) -> str:
        self.out.add("p = []")
        self._structure(self.top, "v")
        self._flush()
        self.out.add("return b''.join(p)")
        return f"def write_{self.top.class_name}(v, base, q):\n{self.out.text()}"

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
        self.out.add(f"p.append({self._packed()})")
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
            self.out.add(f"x = {expression}", "p.append(x)", "o += len(x)")
        else:
            self.out.add(f"p.append({expression})")

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
        for index, member in enumerate(group):
            condition = member.condition
            assert condition is not None
            opposite = index > 0 and _opposite(condition, group[0].condition)
            self.out.add("else:" if opposite else f"{'elif' if index else 'if'} {self._test(condition, value)}:")
            self.out.depth += 1
            self._member(item, member, value)
            self._flush()
            self.out.depth -= 1
        if not group[0].counts:
            self.out.add(f"elif {value}.{group[0].name} is not None:", "    raise ValueError")

    @staticmethod
    def _test(condition: Condition, value: str) -> str:
        name = f"{value}.{condition.on}"
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
                name = self._variable()
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
                self._append(self._joined(member.node, place))
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

    def _joined(self, node: Items, place: str) -> str:
        element = node.element
        if isinstance(element, Scalar):
            if element.code == "B":
                return f"bytes({place})"
            self.constants.use("struct", "pack")
            return f"pack(f'{element.order}{{len({place})}}{element.code}', *{place})"
        form = _form(element)
        if form is None:
            return f"b''.join([{self._writer_name(element)}(x, 0, None) for x in {place}])"
        inner = _Function(element, self.constants)
        inner._structure(element, "x")
        for line in inner.out.lines:  # names of records inside the element, written out
            name, _, path = line.strip().partition(" = ")
            inner.run = [(code, size, _replace(text, name, path)) for code, size, text in inner.run]
        return f"b''.join([{inner._packed()} for x in {place}])"

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
        if not self._is_message():
            at = f"base + {at}"
        match target:
            case Structure():
                write = self._writer_name(target)
            case Bytes(count=wire.ZeroTerminated()):
                write = self.constants.use("spiceproto.building", "terminated")
            case Bytes():
                write = self.constants.use("spiceproto.building", "raw")
            case Items():
                write = f"lambda x, base, q: {self._joined(target, 'x')}"
            case _:
                raise TypeError(target)
        if node.nullable:
            self.out.add(f"if {place} is not None:", f"    q.append(({at}, {write}, {place}))")
        else:
            self.out.add(f"if {place} is None:", "    raise ValueError", f"q.append(({at}, {write}, {place}))")

    def _is_message(self) -> bool:
        return self.out.depth >= 2


def _replace(text: str, name: str, path: str) -> str:
    return path + text[len(name) :] if text.startswith(name + ".") else text
