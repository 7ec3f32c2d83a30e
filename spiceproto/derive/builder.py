"""Source text of fast builders: straight-line Python that does what :func:`spiceproto.wire.build` does.

For the body of a message, ``build_NAME(v) -> bytes``; for a record that is reached by pointer or stands in a sequence
with elements of differing sizes, ``write_NAME(v, base, q) -> bytes``, where ``base`` is the place of its first byte in
the message and pointers met are added to ``q``. Whatever goes wrong, :func:`spiceproto.building.blame` finds the field:
a builder only has to raise *something* for every value that construct refuses.

A message is bytes in line and, behind them, what its pointers lead to. Where a target begins is known as soon as all
sizes before it are, so a builder of a message with pointers has three sections and never patches what it has packed:

    measure    everything of unknown size in line becomes bytes in a variable, which has a length; a choice whose
               branch holds a pointer only notes its size
    follow     pointers in the order of the message: ``x1`` becomes the bytes of a target and ``r1`` their offset, and
               choices that had to wait are packed
    join       runs of numbers are packed, offsets among them, and all is put together with one copy

Only pointers of targets (the palette of an image) are not known in time; ``q`` has them and ``building.place`` puts
them in. Functions without pointers are the first section and the last.

What makes it fast: a run of numbers is one ``pack``, with the records in it flattened. The numbers before a sequence are
packed together with its elements, and the shortest lengths have a branch of their own. A choice that ends a function
returns from its branches. Discriminators are made plain numbers by ``+`` first: ``&`` of an IntFlag is Python code that
takes a microsecond, and comparing an IntEnum twice costs more than converting it.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto import wire
from spiceproto.derive.branches import alternatives, condition_test, opposite
from spiceproto.derive.line import Line, numbers, total
from spiceproto.derive.sections import Sections
from spiceproto.derive.source import Constants, Lines, fixed_form, short_lengths
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure

__all__ = ["Function", "module_source"]

NAMES = "wxyz"
"""Names of the elements of a short sequence."""


def module_source(module: str, messages: Iterable[Structure], write: Iterable[Structure]) -> str:
    """The text of ``spiceproto/generated/build_{module}.py``."""
    constants = Constants()
    blocks = [Function(item, constants).writer() for item in write]
    blocks += [Function(item, constants, message=True).builder() for item in messages]
    head = f'"""Builders of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


class Function(Sections):
    """Writes one function."""

    def builder(self) -> str:
        name = self.top.class_name
        self.constants.use("spiceproto.building", "blame")
        if self.top.size == 0:
            wanted = self.constants.value_class(self.top)
            return (
                f"def build_{name}(v):\n    if not isinstance(v, {wanted}):\n"
                f"        blame({self.top.name!r}, v, TypeError())\n    return b''"
            )
        self.out.depth = self.later.depth = 2
        self._structure(self.top, "v", last=not self.follows)
        self._finish()
        return (
            f"def build_{name}(v):\n    try:\n{self.out.text()}\n"
            f"    except Exception as error:\n        blame({self.top.name!r}, v, error)"
        )

    def writer(self) -> str:
        self._structure(self.top, "v", last=True)
        self._finish()
        return f"def write_{self.top.class_name}(v, base, q):\n{self.out.text()}"

    def _finish(self) -> None:
        """The second section, and the last."""
        if self.targets:
            self.line.close()
            self.out.add(f"o = {total(self.line.terms())}")
        self.out.lines += self.later.lines
        if self.ended:
            return
        whole = self.line.whole(*self.targets)
        targets = [node.target for node in _references(self.top)]
        if self.follows and any(isinstance(target, Structure) and target.has_pointer for target in targets):
            self.constants.use("spiceproto.building", "place")
            self.out.lines.insert(0, "    " * self.out.depth + "q = []")
            self.out.add(f"m = {whole}")
            whole = "place(m, q) if q else m"
        self.out.add(f"return {whole}")

    # -- members

    def _structure(self, item: Structure, value: str, *, last: bool = False) -> None:
        """Members of ``item``; ``last`` if the function ends with them."""
        members = list(item.members)
        while members:
            branches = alternatives(members)
            del members[: sum(map(len, branches))]
            if branches[0][0].condition is None:
                self._member(item, branches[0][0], value, last=last and not members)
            else:
                self._choice(item, branches, value, last=last and not members)

    def _member(self, item: Structure, member: Member, value: str, *, last: bool = False) -> None:
        place = f"{value}.{member.name}"
        match member.node:
            case Scalar(order=order, code=code, size=size):
                number = self._counted(item, member.counts, value) if member.counts else place
                self.line.number(code, size, number, order)
                if member.counts and self._replaced(item.member(member.counts)):
                    self.line.waits = True
            case Structure():
                if member.node.members:
                    self._structure(member.node, self.value(place), last=last)
            case Bytes():
                self._bytes(item, member.node, value, self.value(place), member.name)
            case Items():
                self._check(item, member.node.count, value, self.value(place), member.name)
                self._items(member.node, self.value(place), last=last)
            case Reference():
                self._reference(item, member, value)
            case Handle():
                return

    def _counted(self, item: Structure, name: str, value: str) -> str:
        """The length of the field ``name``, for the field that counts it."""
        counted = item.member(name)
        if isinstance(counted.node, Reference) and counted.node.announced:
            self.constants.use("spiceproto.unsent", "announced")
            number = self.variable("n")
            self.out.add(f"{number} = announced({self.value(f'{value}.{name}')})")
            return number
        if counted.condition is not None or (isinstance(counted.node, Reference) and counted.node.nullable):
            place = f"{value}.{name}" if counted.condition is not None else self.value(f"{value}.{name}")
            if self.line.before or not self._replaced(counted):
                return f"(0 if {place} is None else len({place}))"
        return f"len({self.value(f'{value}.{name}')})"

    def _replaced(self, member: Member) -> bool:
        """True if the second section replaces None in this field by what a null pointer leads to: no bytes."""
        node = member.node
        if not isinstance(node, Reference) or node.announced:
            return False
        return self.follows and member.condition is None and isinstance(node.target, Bytes)

    def _check(self, item: Structure, count: wire.Count, value: str, place: str, name: str, out: Lines | None = None) -> None:
        """Refuse a length that the receiver would compute differently."""
        match count:
            case wire.Fixed():
                wanted = str(count.number)
            case wire.By():
                counted = item.member(count.name).counts or ""
                if counted == name:
                    return
                wanted = self._counted(item, counted, value)
            case wire.Product():
                wanted = " * ".join(f"{value}.{field}" for field in count.names)
            case wire.PackedRows():
                wanted = f"({value}.{count.width} * {count.bits} + 7) // 8 * {value}.{count.height}"
            case _:
                return
        (out or self.out).add(f"if len({place}) != {wanted}:", "    raise ValueError")

    def _bytes(self, item: Structure, node: Bytes, value: str, found: str, name: str) -> None:
        self._check(item, node.count, value, found, name)
        match node.count:
            case wire.Fixed(number=number):
                self.constants.use("spiceproto.building", "octets")
                self.out.add(f"if type({found}) is not bytes:", f"    {found} = octets({found})")
                self.line.number(f"{number}s", number, found)
            case wire.ZeroTerminated():
                self.out.add(f"if 0 in {found}:", "    raise ValueError")
                self.line.part(found, f"len({found})")
                self.line.part("b'\\0'", "1")
            case _:
                self.line.part(found, f"len({found})")

    # -- sequences

    def _items(self, node: Items, elements: str, *, last: bool = False) -> None:
        self.refuse_others(elements, self.out)
        element = node.element
        form = element.order + element.code if isinstance(element, Scalar) else fixed_form(element)
        if form is not None:
            if self.line.waits or self.line.order != form[0]:
                self.line.close()
                self.line.order = form[0]
            self._short_items(element, form, elements, last=last)
        elif isinstance(element, Structure):
            self._loop(element, elements)

    def _loop(self, element: Structure, elements: str) -> None:
        """Elements whose sizes differ."""
        outer, known, value = self.line, self.known, self.variable("e")
        parts = self.variable("p")
        self.out.add(f"{parts} = []", f"for {value} in {elements}:")
        self.out.depth += 1
        self.line, self.known = Line(self.constants), dict(known)
        self._structure(element, value)
        self.out.add(f"{parts}.append({self.line.whole()})")
        self.out.depth -= 1
        self.line, self.known = outer, known
        joined = self.variable("c")
        self.out.add(f"{joined} = b''.join({parts})")
        self.line.part(joined, f"len({joined})")

    def _short_items(self, element: Scalar | Structure, form: str, elements: str, *, last: bool) -> None:
        """The run and the elements behind it: one ``pack`` if there are few of them."""
        start = self.line if last else self.line.without_run()
        name = "" if last else self.variable("c")
        length = f"len({elements})"
        for number in short_lengths(form):
            line, names = start.copy(), NAMES[:number]
            line.numbers = [str(number) if text == length else text for text in line.numbers]
            packed = line.packed(form[1:] * number, [text for x in names for text in numbers(element, x)])
            line.parts.append((packed, ""))
            self.out.add(
                f"{'if' if number == 1 else 'elif'} {length} == {number}:",
                f"    {', '.join(names)}{',' * (number == 1)} = {elements}",
                f"    {'return' if last else f'{name} ='} {line.whole()}",
            )
        line = start.copy()
        if isinstance(element, Scalar):
            line.packed_sequence(element, elements)
        else:
            line.part(self._joined(element, elements), "")
        if last:
            self.out.add(f"return {line.whole()}")
            self.ended = True
        else:
            self.out.add("else:", f"    {name} = {line.whole()}")
            self.line.parts.append((name, f"len({name})"))

    def _joined(self, element: Structure, elements: str) -> str:
        """The expression of all elements."""
        form = fixed_form(element)
        if form is None:
            return f"b''.join([{self._writer_name(element)}(x, 0, None) for x in {elements}])"
        return f"b''.join([{self.constants.packer(form)}({', '.join(numbers(element, 'x'))}) for x in {elements}])"

    def _writer_name(self, element: Structure) -> str:
        write = f"write_{element.class_name}"
        if not self.local and element.module != self.top.module:
            self.constants.use(f"spiceproto.generated.build_{element.module}", write)
        return write

    # -- choices

    def _choice(self, item: Structure, branches: list[list[Member]], value: str, *, last: bool) -> None:
        """Members of which at most one branch is there; what is not there must be None."""
        tests = [self._test(branch[0].condition, value) for branch in branches]
        names = dict.fromkeys(member.name for branch in branches for member in branch if not member.counts)
        outer, known, known_targets = self.line, self.known, len(self.targets)
        waiting = [self.follows and any(_references(member.node) for member in branch) for branch in branches]
        whole, size = "", ""
        if not last:
            outer.close()
            whole = self.variable("c")
            self.out.add(f"{whole} = b''")
        if any(waiting):
            size = self.variable("s")
            self.out.add(f"{size} = 0")
            self.count_targets()
        following: list[list[str]] = []
        uncounted = self.uncounted
        mark = len(self.later.lines)
        for index, (branch, test) in enumerate(zip(branches, tests, strict=True)):
            otherwise = index > 0 and opposite(branch[0].condition, branches[0][0].condition)
            self.out.add("else:" if otherwise else f"{'elif' if index else 'if'} {test}:")
            self.out.depth += 1
            self.later.depth += 1
            self.known, self.uncounted = dict(known), []
            self.line = outer.copy() if last else Line(self.constants, outer.terms())
            self.refuse_values([name for name in names if all(name != member.name for member in branch)], value)
            for member in branch:
                self._member(item, member, value, last=last and member is branch[-1])
            if size:
                self.out.add(f"{size} = {self.line.size()}")
            if not self.ended:
                (self.later if waiting[index] else self.out).add(
                    f"{whole} = {self.line.whole()}" if whole else f"return {self.line.whole()}"
                )
            self.ended = last and otherwise
            following.append(self.later.lines[mark:])
            del self.later.lines[mark:]
            uncounted = uncounted + self.uncounted
            self.out.depth -= 1
            self.later.depth -= 1
        self.line, self.known, self.uncounted = outer, known, uncounted
        if not otherwise:
            self.refuse_values(list(names), value, word="elif")
        if any(waiting):
            # Tests of branches that give the same field may hold together: the first one decides, so it must stay.
            self._follow_choice(
                [found for found in zip(tests, following, strict=True) if found[1] or len(names) == 1],
                self.targets[known_targets:],
            )
        if whole:
            outer.part(whole, size or f"len({whole})")

    def _follow_choice(self, branches: list[tuple[str, list[str]]], targets: list[str]) -> None:
        """The same choice in the second section: test and lines of each branch."""
        self.later.add(f"{' = '.join(targets)} = b''")
        for index, (test, lines) in enumerate(branches):
            self.later.add(f"{'elif' if index else 'if'} {test}:")
            self.later.lines += lines or ["    " * self.later.depth + "    pass"]

    def _test(self, condition: Condition | None, value: str) -> str:
        assert condition is not None
        holder, _, field = f"{value}.{condition.on}".rpartition(".")
        place = f"+{self.known.get(holder, holder)}.{field}"
        if place not in self.known:
            self.known[place] = self.variable("t")
            self.out.add(f"{self.known[place]} = {place}")
        return condition_test(condition, self.known[place])

    # -- pointers

    def _reference(self, item: Structure, member: Member, value: str) -> None:
        node = member.node
        assert isinstance(node, Reference)
        found = self.value(f"{value}.{member.name}")
        at = self.line.terms()
        if not self.follows:
            self.line.number("L", 4, "0")
            self._defer(node, found, total(["base", *at]))
            return
        offset = self.variable("r")
        self.line.number("L", 4, offset)
        self.line.waits = True
        self.count_targets()
        if isinstance(node.target, Bytes) and not self.line.before:
            self._follow_bytes(item, member, value, found, offset, total(at))
            return
        target = self.variable("x")
        self._follow_if(node, found, offset, target)
        self.later.add(f"{target} = {self._target(item, member, value, found)}")
        empty = isinstance(node.target, Bytes | Items) and not isinstance(node.target.count, wire.ZeroTerminated)
        self.later.add(f"{offset} = o if {target} else {total(at)}" if empty else f"{offset} = o")
        self.later.depth -= node.nullable
        self.targets.append(target)
        self.uncounted.append(f"len({target})")

    def _follow_if(self, node: Reference, found: str, offset: str, target: str) -> None:
        """What a null pointer gives; otherwise the next lines, until ``later.depth`` is set back."""
        if node.nullable:
            self.later.add(f"if {self._null(node, found)}:", f"    {target} = b''", f"    {offset} = 0", "else:")
            self.later.depth += 1

    def _null(self, node: Reference, found: str) -> str:
        """The expression that is true if the pointer is null."""
        if not node.announced:
            return f"{found} is None"
        self.constants.use("spiceproto.unsent", "Unsent")
        return f"{found} is None or isinstance({found}, Unsent)"

    def _follow_bytes(self, item: Structure, member: Member, value: str, found: str, offset: str, at: str) -> None:
        """A pointer to bytes outside of any choice: the value is the target, there is nothing to be made."""
        node = member.node
        assert isinstance(node, Reference) and isinstance(node.target, Bytes)
        self._follow_if(node, found, offset, found)
        ends = [found, "b'\\0'"]
        if not isinstance(node.target.count, wire.ZeroTerminated):
            self._check(item, node.target.count, value, found, member.name, self.later)
            self.later.add(f"{offset} = o if {found} else {at}")
            ends = [found]
        else:
            self.later.add(f"if 0 in {found}:", "    raise ValueError")
            if node.nullable:
                self.later.add(f"{found} = b''.join(({', '.join(ends)}))")
                ends = [found]
            self.later.add(f"{offset} = o")
        self.later.depth -= node.nullable
        self.targets += ends
        self.uncounted += [f"len({found})", "1"][: len(ends)]

    def _target(self, item: Structure, member: Member, value: str, found: str) -> str:
        """The expression of the bytes that a pointer leads to."""
        assert isinstance(member.node, Reference)
        node = member.node.target
        match node:
            case Structure():
                if not member.node.nullable:
                    self.later.add(f"if {found} is None:", "    raise ValueError")
                return f"{self._writer_name(node)}({found}, o, {'q' if node.has_pointer else None})"
            case Bytes(count=wire.ZeroTerminated()):
                self.later.add(f"if 0 in {found}:", "    raise ValueError")
                return f"b''.join(({found}, b'\\0'))"
            case Bytes():
                self._check(item, node.count, value, found, member.name, self.later)
                return found
            case Items(element=Scalar() as element):
                self._check(item, node.count, value, found, member.name, self.later)
                self.refuse_others(found, self.later)
                return f"{self.constants.packers(element.order, element)}[len({found})](*{found})"
            case Items(element=Structure() as element):
                self._check(item, node.count, value, found, member.name, self.later)
                self.refuse_others(found, self.later)
                return self._joined(element, found)
        raise TypeError(node)

    def _defer(self, node: Reference, found: str, at: str) -> None:
        """Leave a pointer to ``building.place``."""
        target = node.target
        match target:
            case Structure():
                write = self._writer_name(target)
            case Bytes(count=wire.ZeroTerminated()):
                write = self.constants.use("spiceproto.building", "terminated")
            case Bytes():
                write = self.constants.use("spiceproto.building", "raw")
            case Items(element=Scalar() as element):
                pack = self.constants.packers(element.order, element)
                self.constants.use("spiceproto.building", "sequence")
                write = f"lambda x, base, q: {pack}[len(sequence(x))](*x)"
            case Items(element=Structure() as element):
                self.constants.use("spiceproto.building", "sequence")
                write = f"lambda x, base, q: {self._joined(element, 'sequence(x)')}"
            case _:
                raise TypeError(target)
        if node.nullable:
            self.out.add(f"if not ({self._null(node, found)}):" if node.announced else f"if {found} is not None:")
            self.out.add(f"    q.append(({at}, {write}, {found}))")
        else:
            self.out.add(f"if {found} is None:", "    raise ValueError", f"q.append(({at}, {write}, {found}))")


def _references(node: Node) -> list[Reference]:
    """Pointers that stand in ``node``."""
    if isinstance(node, Structure):
        return [found for member in node.members for found in _references(member.node)]
    return [node] if isinstance(node, Reference) else []
