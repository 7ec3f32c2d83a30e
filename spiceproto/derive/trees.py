"""Fast printers of the fields of a message with their places and bytes: straight-line Python, made at run time.

    show = compile_tree(structure)
    show(body)                      the text, or None: this body is not well formed, or some of its bytes belong to no field

        [0:4]      surface_id: 0                          00 00 00 00
        [4:20]     box: Rect
            [4:8]      top: 0                             00 00 00 00

The text is what :func:`spiceproto.report.tree.tree` makes of the spans of a body, letter for letter, a good ten times as
fast. A printer knows only bodies that are right and whole. For any other it answers None, and whoever asked goes
through :mod:`spiceproto.derive.spans`, which keeps what stands before an error and names the bytes that nobody reads. So
there are no paths, no offsets of errors and no messages here: that something is wrong is all that is found out.

What makes them fast: fields of fixed size that follow each other are a *run*. A run is unpacked by one Struct and
printed with one ``%``. Its template holds indentation, names, and the places, for these depend only on where the run
begins. In front of the first field of free size that is a constant; behind it :class:`Places` keeps a template for each
beginning that was met, since most messages of a kind are laid out alike. What is filled in for a number is its value and
its bytes, and :class:`Column` keeps that for the numbers that were met.

Texts are gathered in a list in the order in which they are printed. A structure of free size does not know its end when
its line is due, so the run that holds the line is printed later, at the index that was kept for it.

What stands in line is one function. A structure behind a pointer is another one, for each name and depth of indentation,
and it is made when the first such pointer is met: most messages with a mask in their schema have no mask.

A body is covered if what stands in line, and what each pointer leads to, leave no gap when put in order. Each of these
is contiguous, so there are no more of them than pointers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from struct import Struct, error
from typing import Any, Final

from spiceproto import wire
from spiceproto.derive.branches import condition_test, excludes
from spiceproto.derive.filling import Later, Odd, Places, columns, numbers, octets, part, quoted, text
from spiceproto.derive.source import Lines, count_text, join
from spiceproto.derive.tree_run import Run
from spiceproto.shown import FORMS
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure

__all__ = ["COLUMN", "HEX", "PLACE", "STEP", "Show", "compile_tree"]

STEP: Final = "    "
"""Indentation of each level."""

PLACE: Final = 10
"""Width of ``[start:end]``."""

COLUMN: Final = 44
"""Width of indentation, name and value, before the bytes."""

HEX: Final = 16
"""Bytes of one field that are shown in the column of bytes."""

Show = Callable[[bytes], str | None]


@cache
def compile_tree(structure: Structure) -> Show:
    """The printer of a message's body; the same one for the same structure."""
    return _Function(structure, 1).printer()


@cache
def _reader(structure: Structure, name: str, depth: int) -> Callable[..., int]:
    """``read(body, offset, end, lines, regions) -> offset behind``: adds the lines of what a pointer leads to."""
    return _Function(structure, depth).reader(name)


# -- the generator -----------------------------------------------------------------------------------------------------


class _Function:
    """Writes one function. Its variables:

    ``b``, ``n``   the body and its size
    ``o``          offset of the next field, where that is not known beforehand
    ``l``, ``a``   the lines, and what appends one
    ``r``          regions (start, end) behind pointers
    """

    def __init__(self, top: Structure, depth: int) -> None:
        self.top = top
        self.depth = depth
        self.out = Lines()
        self.space: dict[str, Any] = {"Odd": Odd, "error": error, "octets": octets, "quoted": quoted, "text": text}
        self.base: int | None = 0
        """Offset of the run; None if it is in ``o`` alone."""
        self.run = Run()
        self.number = 0
        self.raw: dict[str, str] = {}
        """Dotted name of a number -> the variable that holds it."""

    # -- the two kinds of function

    def printer(self) -> Show:
        self._members(self.top, "", self.depth)
        if not self.out.lines:
            return self._compile("b", self._whole())
        self._flush()
        end = self._offset()
        if self.top.has_pointer:
            self.out.add(
                f"h = {end}", "for s, e in sorted(r):", "    if s > h:", "        return None", "    if e > h:", "        h = e"
            )
            end = "h"
        self.out.add(f"return '\\n'.join(l) if {end} == n else None")
        body = "\n".join("    " + line for line in self.out.lines)
        return self._compile(
            "b",
            f"    n = len(b)\n    l = []\n    a = l.append\n    r = []\n    try:\n{body}\n"
            f"    except (Odd, error):\n        return None",
        )

    def _whole(self) -> str:
        """A message that is one run: no list, and its size is checked by unpacking."""
        run = self.run
        if not run.lines:
            return "    return None if b else ''"
        unpack = self._constant("u", Struct(run.order + run.codes).unpack)
        template = self._constant("t", Places("\n".join(run.lines), run.places)[0])
        return (
            f"    try:\n        {run.targets}{unpack}(b)\n    except error:\n        return None\n"
            f"    return {run.filled(template, '0')}"
        )

    def reader(self, name: str) -> Callable[..., int]:
        self.base = None
        self._structure(self.top, name, (), "", self.depth)
        self._flush()
        return self._compile("b, o, n, l, r", f"    a = l.append\n{self.out.text()}\n    return o")

    def _compile(self, parameters: str, text: str) -> Callable[..., Any]:
        exec(compile(f"def tree({parameters}):\n{text}", f"<tree of {self.top.name}>", "exec"), self.space)
        return self.space["tree"]  # type: ignore[no-any-return]

    # -- pieces

    def _variable(self) -> str:
        self.number += 1
        return f"v{self.number}"

    def _constant(self, prefix: str, value: Any) -> str:
        name = f"_{prefix}{len(self.space)}"
        self.space[name] = value
        return name

    def _offset(self) -> str:
        return "o" if self.base is None else str(self.base)

    def _to_variable(self) -> None:
        """From here on the offset is in ``o``."""
        if self.base is not None:
            self.out.add(f"o = {self.base}")
            self.base = None

    def _line(self, depth: int, name: str, text: str, size: int, *arguments: str) -> None:
        """A line of the run for the next ``size`` bytes, or for more than the run if they are a structure's."""
        self.run.lines.append(f"{STEP * depth}%-{PLACE}s {name}: {text}")
        self.run.places.append((self.run.size, self.run.size + size))
        self.run.arguments += arguments

    def _flush(self) -> None:
        """Unpack the run, and print it unless it has to wait."""
        run = self.run
        if not run.lines:
            return
        at = run.start = self._offset()
        if run.codes:
            unpack = self._constant("u", Struct(run.order + run.codes).unpack_from)
            self.out.add(f"{run.targets}{unpack}(b, {at})")
        if run.waiting:
            run.index = self._variable()
            if self.base is None:
                run.start = self._variable()
                self.out.add(f"{run.start} = o")
            self.out.add(f"{run.index} = len(l)", "a('')")
        else:
            self.out.add(f"a({self._shown(run)})")
        if self.base is None:
            if run.size:
                self.out.add(f"o += {run.size}")
        else:
            self.base += run.size
        self.run = Run()

    def _shown(self, run: Run) -> str:
        """The expression of the text of a run."""
        places = Places("\n".join(run.lines), run.places)
        if run.start.isdigit():
            return run.filled(self._constant("t", places[int(run.start)]), run.start)
        return run.filled(f"{self._constant('t', places)}[{run.start}]", run.start)

    def _take(self, code: str, size: int) -> None:
        self.run.codes += code
        self.run.size += size

    def _members(self, item: Structure, prefix: str, depth: int) -> None:
        names = [member.name for member in item.members]
        before: list[Condition] = []
        for member in item.members:
            if member.condition is None:
                before = []
                self._node(member.node, member.name, prefix, depth, member.shown)
            else:
                several = names.count(member.name) > 1
                alone = several or member.counts is not None
                chained = bool(before) and not alone and all(excludes(member.condition, one) for one in before)
                self._conditional(member, member.condition, prefix, depth, several=several, chained=chained)
                before = [] if alone else [*before, member.condition] if chained else [member.condition]

    def _conditional(
        self, member: Member, condition: Condition, prefix: str, depth: int, *, several: bool, chained: bool
    ) -> None:
        """A member that is there or not. ``several`` have its name, and the first that is there counts."""
        path = join(prefix, member.name)
        self._flush()
        self._to_variable()
        if member.counts is not None:  # what an absent number counts is empty
            self.raw[path] = self._variable()
            self.out.add(f"{self.raw[path]} = 0")
        test = condition_test(condition, self.raw[join(prefix, condition.on)])
        if several:
            seen = f"{path} is there"
            if seen not in self.raw:
                self.raw[seen] = self._variable()
                self.out.add(f"{self.raw[seen]} = 0")
            test = f"not {self.raw[seen]} and ({test})"
        self.out.add(f"{'elif' if chained else 'if'} {test}:")
        self.out.depth += 1
        found = self._node(member.node, member.name, prefix, depth, member.shown)
        self._flush()
        if several:
            self.out.add(f"{self.raw[seen]} = {found}")
        self.out.add("pass")
        self.out.depth -= 1

    def _node(self, node: Node, name: str, prefix: str, depth: int, shown: str = "") -> str:
        """Print a node under ``name``. The answer is an expression that is true unless it was a null pointer."""
        match node:
            case Scalar():
                self._scalar(node, name, prefix, depth, shown)
            case Structure():
                self._structure(node, name, (), join(prefix, name), depth)
            case Bytes():
                self._bytes(node, name, prefix, depth, shown)
            case Items():
                self._items(node, name, prefix, depth, shown)
            case Reference():
                return self._reference(node, name, prefix, depth)
            case Handle():
                pass
        return "1"

    def _scalar(self, node: Scalar, name: str, prefix: str, depth: int, shown: str) -> None:
        value = self._unpacked(node, join(prefix, name))
        column = self._constant("c", columns(node, _width(name, depth), shown))
        self._line(depth, name, "%%s", node.size, f"{column}[{value}]")
        self._take(node.code, node.size)

    def _unpacked(self, node: Scalar, path: str = "") -> str:
        """The variable of a number that is about to be added to the run; ``path`` if others ask for it."""
        if self.run.order != node.order:
            self._flush()
            self.run.order = node.order
        value = self.raw.get(path) or self._variable()
        if path:
            self.raw[path] = value
        self.run.names.append(value)
        return value

    def _structure(self, item: Structure, name: str, index: tuple[str, ...], prefix: str, depth: int) -> None:
        """A structure in line; ``index`` is the variable that goes into the name of an element."""
        if all(member.condition is not None or isinstance(member.node, Handle) for member in item.members):
            self._bare(item, name, prefix, depth)
            return
        if item.size is not None:
            self._line(depth, name, item.class_name, item.size, *index)
            self._members(item, prefix, depth + 1)
            return
        run, behind, slot = self.run, self.run.size, len(self.run.arguments)
        run.lines.append(f"{STEP * depth}%%-{PLACE}s {name}: {item.class_name}")
        run.arguments += ["", *index]
        run.waiting += 1
        self._members(item, prefix, depth + 1)
        self._flush()
        end = self._offset()
        start = str(int(run.start) + behind) if run.start.isdigit() else f"{run.start} + {behind}" if behind else run.start
        run.waiting -= 1
        if run.waiting and self.base is None:  # it is printed later, when ``o`` is another
            end = self._variable()
            self.out.add(f"{end} = o")
        run.arguments[slot] = f"f'[{{{start}}}:{{{end}}}]'"
        if not run.waiting:
            self.out.add(f"l[{run.index}] = {self._shown(run)}")

    def _bare(self, item: Structure, name: str, prefix: str, depth: int) -> None:
        """A structure that may have no fields: then its line has the column of bytes, and no bytes to put there."""
        self._flush()
        start, line = self._reserve()
        self._members(item, prefix, depth + 1)
        self._flush()
        form = f"{STEP * depth}%-{PLACE}s {name}: "
        full, empty = (
            self._constant("f", form + text) for text in (item.class_name, f"{item.class_name:{_width(name, depth)}} ")
        )
        self.out.add(f"l[{line}] = ({full} if len(l) > {line} + 1 else {empty}) % f'[{{{start}}}:{{{self._offset()}}}]'")

    def _reserve(self) -> tuple[str, str]:
        """Keep a line for what ends nobody knows where; the variables of offset and index."""
        start, line = self._variable(), self._variable()
        self.out.add(f"{start} = {self._offset()}", f"{line} = len(l)", "a('')")
        return start, line

    def _bytes(self, node: Bytes, name: str, prefix: str, depth: int, form: str) -> None:
        shown = self._constant("s", partial(part, FORMS[form])) if form else "quoted" if node.text else "octets"
        if isinstance(node.count, wire.Fixed):
            size = node.count.number
            start, end = (f"{{at}} + {self.run.size}", f"{{at}} + {self.run.size + size}")
            self._line(depth, name, "%%s", size, f"{shown}(b, {start}, {end})")
            self._take(f"{size}x", size)
            return
        self._flush()
        start = self._offset()
        place, end = "e", "e"
        if isinstance(node.count, wire.Rest):
            self.out.add("e = n")
        elif isinstance(node.count, wire.ZeroTerminated):
            self.out.add(f"e = b.find(0, {start})", "if e < 0:", "    raise Odd")
            place = "e + 1"
        else:
            self.out.add(f"e = {start} + {count_text(node.count, prefix, self.raw)}", "if e > n:", "    raise Odd")
        form = self._constant("f", f"{STEP * depth}%-{PLACE}s {name}: %s")
        self.out.add(f"a({form} % (f'[{{{start}}}:{{{place}}}]', {shown}(b, {start}, {end})))", f"o = {place}")
        self.base = None

    def _items(self, node: Items, name: str, prefix: str, depth: int, shown: str) -> None:
        self._flush()
        self._to_variable()
        count, index = self._variable(), self._variable()
        if isinstance(node.count, wire.Rest):
            self.out.add(f"{count} = (n - o) // {node.smallest}")
        else:
            self.out.add(
                f"{count} = {count_text(node.count, prefix, self.raw)}",
                f"if {count} * {node.smallest} > n - o:",
                "    raise Odd",
            )
        start, line = self._reserve()
        self.out.add(f"for {index} in range({count}):")
        self.out.depth += 1
        element = node.element
        if isinstance(element, Scalar):
            self._element(element, index, depth + 1)
        else:
            self._structure(element, "[%%d]", (index,), f"{join(prefix, name)}[]", depth + 1)
        self._flush()
        self.out.depth -= 1
        none = f"{'0 elements':{_width(name, depth)}} "
        form = self._constant("f", f"{STEP * depth}%-{PLACE}s {name}: %s")
        behind = ""
        if shown and isinstance(element, Scalar):
            shape = self._constant("s", partial(numbers, FORMS[shown], element.order + element.code))
            behind = f"{{{shape}(b, {start}, o)}}"
        text = f"f'{{{count}}} elements{behind}' if {count} > 1 else f'1 element{behind}' if {count} else {none!r}"
        self.out.add(f"l[{line}] = {form} % (f'[{{{start}}}:{{o}}]', {text})")

    def _element(self, node: Scalar, index: str, depth: int) -> None:
        """A number of a sequence. Its index is as wide as it is, and the column of bytes does not move."""
        value = self._unpacked(node)
        size, text = self.run.size, f"text({self._constant('n', node)}, {value})" if node.table or node.alias else value
        self.run.lines.append(f"{STEP * depth}%-{PLACE}s %%-{_width('', depth) + 2}s %%s")
        self.run.places.append((size, size + node.size))
        self.run.arguments += [f"f'[{{{index}}}]: {{{text}}}'", f"b[{{at}} + {size}:{{at}} + {size + node.size}].hex(' ')"]
        self._take(node.code, node.size)

    def _reference(self, node: Reference, name: str, prefix: str, depth: int) -> str:
        pointer = self._unpacked(Scalar("uint32", "<", "L", 4, None, ""))
        null = f"{'null':{_width(name, depth)}} 00 00 00 00"
        shown, count = f"f'offset {{{pointer}}}' if {pointer} else {null!r}", getattr(node.target, "count", None)
        if node.announced and isinstance(count, wire.By):
            number = count_text(count, prefix, self.raw)
            unsent = f"f'null, and {{{number}}} bytes are announced 00 00 00 00'"
            shown = f"{unsent} if {number} and not {pointer} else {shown}"
        self._line(depth, name, "%%s", 4, shown)
        self._take("L", 4)
        self._flush()
        base = self.base
        behind = self._variable()
        self.out.add(f"if {pointer}:", f"    if {pointer} >= n:", "        raise Odd")
        self.out.depth += 1
        if base is None:
            self.out.add(f"{behind} = o")
        self.out.add(f"o = {pointer}")
        self.base = None
        target = node.target
        if isinstance(target, Structure):
            self._behind(target, name, depth + 1)
        else:
            self._node(target, name, prefix, depth + 1)
            self._flush()
        self.out.add(f"r.append(({pointer}, o))")
        if base is None:
            self.out.add(f"o = {behind}")
        self.out.depth -= 1
        self.base = base
        if not node.nullable:
            self.out.add("else:", "    raise Odd")
        elif isinstance(count, wire.By):
            least = "n" if node.announced else "0"
            self.out.add(f"elif {count_text(count, prefix, self.raw)} > {least}:", "    raise Odd")
        return pointer

    def _behind(self, target: Structure, name: str, depth: int) -> None:
        read = f"_r{len(self.space)}"
        self.space[read] = Later(partial(_reader, target, name, depth), self.space, read)
        self.out.add(f"o = {read}(b, o, n, l, r)")


def _width(name: str, depth: int) -> int:
    """Width of a value, so that the column of bytes stands where it should."""
    return max(COLUMN - len(name) - len(STEP) * depth, 1)
