"""Source text of ``spiceproto/generated/images.py``: where messages have images, and the numbers around their pixels.

    DRAWN           name of a message that draws on a surface -> value class
    IMAGES          name of a message -> path and role of each image, in the order in which a client comes to them
    offsets_NAME    the same as places in a body, 0 for an image that is not there; nothing is parsed for it
    DESCRIPTOR      what every image begins with
    OFFSETS         field of it -> place in the image
    VARIANTS        type of image -> field behind the descriptor, for those that have one
    PALETTED        the fields that may have a palette
    BEHIND          field -> the numbers that it begins with
    NAME_HEADER     header of a kind of stream; NAME_MAGIC and NAME_VERSION are what stands in it always

Roles are ``source``, ``pattern`` of a brush, ``operand`` (a second source), and ``mask``: one bit a pixel, never a stream, so
that masks have no part in ``offsets``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto import schema
from spiceproto.derive.source import Constants, Lines, join
from spiceproto.errors import SchemaError
from spiceproto.schema import codec
from spiceproto.schema.draw import DisplayBase
from spiceproto.schema.image import Image, ImageDescriptor, Palette
from spiceproto.walk import Condition, Items, Member, Node, Reference, Scalar, Structure, structures, walk
from spiceproto.wire import By

__all__ = ["module_source", "paths"]

_ROLES: Final = {"src_bitmap": "source", "mask_bitmap": "operand", "pat": "pattern", "bitmap": "mask"}
"""Name of a pointer to an image to what the image is for."""

_MASK: Final = "mask"

_DOC: Final = '''"""Images in messages, and what is around their pixels. Made from spiceproto/schema by
``python -m spiceproto.derive``; do not edit.
"""'''


def paths(item: Structure) -> tuple[tuple[str, str], ...]:
    """Path and role of the images of a message. Raises SchemaError for an image whose role nobody knows."""
    return tuple(_paths(item, ""))


def _paths(item: Structure, prefix: str) -> Iterator[tuple[str, str]]:
    for member in item.members:
        path, target = join(prefix, member.name), _target(member.node)
        if target is walk(Image):
            if member.name not in _ROLES:
                raise SchemaError("an image without a role", path=path)
            yield path, _ROLES[member.name]
        elif isinstance(target, Structure):
            yield from _paths(target, path)


def _target(node: Node) -> Node:
    return node.target if isinstance(node, Reference) else node


def _wanted(item: Structure) -> bool:
    return any(role != _MASK for _, role in paths(item))


def module_source() -> str:
    """The whole text."""
    drawn, pictured = {}, {}
    for name in schema.channels():
        for row in schema.rows(name, "server").values():
            item = walk(row.body)
            if any(member.node is walk(DisplayBase) for member in item.members):
                drawn[row.name] = item
            if paths(item):
                pictured[row.name] = item
    constants = Constants()
    functions = [_Offsets(item, constants).text() for item in pictured.values() if _wanted(item)]
    tables = [*_messages(drawn, pictured), *_image(constants), *_headers(constants)]
    return "\n\n\n".join([f"{_DOC}\n\n{constants.text()}\n\n" + "\n".join(tables), *functions]) + "\n"


def _messages(drawn: dict[str, Structure], pictured: dict[str, Structure]) -> Iterator[str]:
    yield "DRAWN = {"
    yield from [f"    {name!r}: {item.class_name!r}," for name, item in drawn.items()]
    yield "}\n\nIMAGES = {"
    yield from [f"    {name!r}: {paths(item)!r}," for name, item in pictured.items()]
    yield "}\n"


def _image(constants: Constants) -> Iterator[str]:
    image, descriptor = walk(Image), walk(ImageDescriptor)
    yield f"DESCRIPTOR = {_struct(descriptor, constants)}"
    offsets, at = {}, 0
    for member in descriptor.members:
        assert isinstance(member.node, Scalar)
        offsets[member.name] = at
        at += member.node.size
    yield f"OFFSETS = {offsets!r}"
    behind = {item.name: item.node for item in image.members if isinstance(item.node, Structure) and item.condition is not None}
    types = {
        int(kind): member.name for member in image.members if member.condition is not None for kind in member.condition.members
    }
    yield f"VARIANTS = {dict(sorted(types.items()))!r}"
    paletted = tuple(name for name, item in behind.items() if any(part is walk(Palette) for part in structures(item)))
    yield f"PALETTED = {paletted!r}"
    yield "BEHIND = {"
    yield from [f"    {name!r}: {_struct(item, constants)}," for name, item in behind.items()]
    yield "}\n"


def _headers(constants: Constants) -> Iterator[str]:
    for record in codec.RECORDS:
        item = walk(record)
        name = item.class_name.removesuffix("Header").upper()
        yield f"{name}_HEADER = {_struct(item, constants)}"
        for member in item.members:
            if member.expect is not None:
                yield f"{name}_{member.name.upper()} = {member.expect:#x}"


def _struct(item: Structure, constants: Constants) -> str:
    """The numbers that a structure begins with. One byte has no order, so that it may stand among others of any."""
    codes, orders = "", set()
    for member in item.members:
        if not isinstance(member.node, Scalar) or member.condition is not None:
            break
        codes += member.node.code
        if member.node.size > 1:
            orders.add(member.node.order)
    if len(orders) > 1:
        raise SchemaError("numbers in two byte orders", path=item.name)
    form = "".join(orders or "<") + codes
    return f"{constants.use('struct', 'Struct')}({form!r})"


class _Offsets:
    """One function: fields are passed by until the last pointer that is wanted is read.

    Where it stands is ``a`` and a number; a condition or a count is read into a variable when it is met.
    """

    def __init__(self, item: Structure, constants: Constants) -> None:
        self._item = item
        self._constants = constants
        self._lines = Lines()
        self._found: list[str] = []
        self._doubtful: list[str] = []
        self._left = sum(role != _MASK for _, role in paths(item))
        self._moved = False
        self._behind = 0
        self._variables = 0

    def text(self) -> str:
        self._structure(self._item)
        zeros = f"    {' = '.join(self._doubtful)} = 0\n" if self._doubtful else ""
        head = f"def offsets_{self._item.class_name}(b):\n{zeros}"
        return f"{head}{self._lines.text()}\n    return {', '.join(self._found)},"

    def _place(self, more: int = 0) -> str:
        number = self._behind + more
        return str(number) if not self._moved else f"a + {number}" if number else "a"

    def _settle(self, more: str = "") -> None:
        """Make ``a`` the place, or that and ``more``."""
        terms = [str(self._behind)] * bool(self._behind or not more) + [more] * bool(more)
        if not self._moved or terms != ["0"]:
            self._lines.add(f"a {'+' * self._moved}= {' + '.join(terms)}")
        self._moved, self._behind = True, 0

    def _structure(self, item: Structure) -> None:
        read = {member.condition.on for member in item.members if member.condition is not None} | set(_counts(item))
        variables: dict[str, str] = {}
        for member in item.members:
            if not self._left:
                return
            if member.condition is not None:
                self._conditional(member, member.condition, variables)
            elif member.name in read and isinstance(member.node, Scalar):
                variables[member.name] = self._number(member.node)
            else:
                self._field(member, variables)

    def _number(self, node: Scalar) -> str:
        self._variables += 1
        name = f"v{self._variables}"
        if node.size == 1:
            self._lines.add(f"{name} = b[{self._place()}]")
        else:
            self._lines.add(f"{name}, = {self._constants.unpacker(node.order + node.code)}(b, {self._place()})")
        self._behind += node.size
        return name

    def _conditional(self, member: Member, condition: Condition, variables: dict[str, str]) -> None:
        variable = variables[condition.on]
        if condition.is_flags:
            test = f"{variable} & {condition.mask}"
        else:
            numbers = tuple(int(item) for item in condition.members)
            test = f"{variable} == {numbers[0]}" if len(numbers) == 1 else f"{variable} in {numbers}"
        self._settle()
        self._lines.add(f"if {f'not ({test})' if condition.negated else test}:")
        self._lines.depth += 1
        self._field(member, variables)
        if self._left and self._behind:
            self._settle()
        self._moved, self._behind = True, 0
        self._lines.depth -= 1

    def _field(self, member: Member, variables: dict[str, str]) -> None:
        node = member.node
        if _target(node) is walk(Image) and _ROLES[member.name] != _MASK:
            self._pointer()
        elif isinstance(node, Structure) and (node.size is None or _wanted(node)):
            self._structure(node)
        elif node.size is not None:
            self._behind += node.size
        elif isinstance(node, Items) and isinstance(node.count, By) and node.element.size is not None:
            self._settle(f"{node.element.size} * {variables[node.count.name]}")
        else:
            raise SchemaError("an image behind what has no simple size", path=self._item.name)

    def _pointer(self) -> None:
        name = f"p{len(self._found) + 1}"
        self._lines.add(f"{name}, = {self._constants.unpacker('<L')}(b, {self._place()})")
        self._found.append(name)
        if self._lines.depth > 1:
            self._doubtful.append(name)
        self._behind += 4
        self._left -= 1


def _counts(item: Structure) -> Iterator[str]:
    for member in item.members:
        if isinstance(member.node, Items) and isinstance(member.node.count, By):
            yield member.node.count.name
