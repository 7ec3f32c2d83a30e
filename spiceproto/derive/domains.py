"""What follows from the domains of fields: words for people, and the check that an observer applies to a message.

    words(member)                  the domain in words, with the sentence that demands it if it has one of its own
    needs(item)                    fields with values that need a capability of the receiver
    allows(member, number)         whether a number is in the domain, as far as it does not depend on other fields
    module_source(module, items)   the text of ``spiceproto/generated/domain_{module}.py``
    sentences()                    the sentences that domains name

For each structure that has a domain anywhere inside, the generated ``outside_NAME(v)`` looks at a value and gives what is
outside, which is hardly ever anything: no text is made and nothing is allocated until it is. A sequence of structures is
looked at element by element, a field that may be absent only if it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec

from spiceproto import schema
from spiceproto.derive.source import Constants, Lines
from spiceproto.domain import VALUES, Among, Bits, Domain, Named, NotBelow, Range, Room, ZeroFree
from spiceproto.enums.base import WireEnum
from spiceproto.errors import SchemaError
from spiceproto.unsent import UNSENT
from spiceproto.walk import Bytes, Items, Member, Node, Reference, Scalar, Structure, structures, walk

__all__ = ["Need", "allows", "declared", "has_domain", "module_source", "names", "needs", "sentences", "words"]


def names(domain: Among | Named | Bits, node: Node) -> tuple[int, ...]:
    """The numbers, or bits, that a domain of a number lists."""
    if isinstance(domain, Among):
        return tuple(int(number) for number in domain.numbers)
    found = scalar(node)
    if found is None or found.table is None or found.is_flags != isinstance(domain, Bits):
        raise SchemaError("a domain that its field can not have", expected="an enumeration or flags", actual=repr(domain))
    excluded = domain.but if isinstance(domain, Named) else ()
    return tuple(int(member) for member in found.table if member not in excluded)


def scalar(node: Node) -> Scalar | None:
    """The numbers that a field holds: itself, its elements, or what it points to."""
    while isinstance(node, Reference | Items):
        node = node.target if isinstance(node, Reference) else node.element
    return node if isinstance(node, Scalar) else None


def allows(member: Member, number: int) -> bool:
    """Whether the domain has ``number``, as far as that does not depend on other fields."""
    match member.domain:
        case Bits() as domain:
            return not number & ~sum(names(domain, member.node))
        case Among() | Named() as domain:
            return number in names(domain, member.node)
        case Range(least=least, most=most):
            return (least is None or number >= least) and (most is None or number <= most)
    return True


# -- which fields have one ---------------------------------------------------------------------------------------------


@cache
def has_domain(item: Structure) -> bool:
    """Whether any field of ``item``, or of what is inside, has a domain."""
    return any(True for _ in declared(item))


def declared(item: Structure) -> Iterator[tuple[Structure, Member, Domain]]:
    """Fields with a domain, of ``item`` and of what is inside."""
    for found in structures(item):
        for member in found.members:
            if member.domain is not None:
                yield found, member, member.domain


class Need(msgspec.Struct, frozen=True):
    """A field whose values need capabilities of the receiver.

    * ``path``: of the field in its message: ``data.src_bitmap.descriptor.type``
    * ``values``: number to name and all that it needs
    """

    path: str
    values: Mapping[int, tuple[str, tuple[WireEnum, ...]]]


@cache
def needs(item: Structure) -> tuple[Need, ...]:
    """Such fields of ``item`` and of what is inside."""
    found: list[Need] = []
    for member in item.members:
        node: Node = member.node
        while isinstance(node, Reference | Items):
            node = node.target if isinstance(node, Reference) else node.element
        if isinstance(node, Structure):
            found += [msgspec.structs.replace(need, path=f"{member.name}.{need.path}") for need in needs(node)]
        elif isinstance(member.domain, Named) and member.domain.needs:
            values = {int(name): (str(name.name), items) for name, items in member.domain.needs}
            found.append(Need(member.name, values))
    return tuple(found)


def sentences() -> tuple[str, ...]:
    """Ids of the sentences that the domains of all messages name."""
    tables = [name for name, table in schema.channels().items() if table.type is not None]
    bodies = {row.body.name: row.body for name in tables for side in _SENDERS for row in schema.rows(name, side).values()}
    found = {domain.sentence for body in bodies.values() for _, _, domain in declared(walk(body))}
    nodes = [member.node for body in bodies.values() for item in structures(walk(body)) for member in item.members]
    return tuple(sorted(found | {UNSENT for node in nodes if isinstance(node, Reference) and node.announced}))


_SENDERS = ("server", "client")


# -- for people --------------------------------------------------------------------------------------------------------


def words(member: Member) -> str:
    """``SERVER or CLIENT (SPICE-MOUSE-001)``; "" for a field without a domain."""
    if member.domain is None:
        return ""
    own = f" ({member.domain.sentence})" if member.domain.sentence != VALUES else ""
    needs = member.domain.needs if isinstance(member.domain, Named) else ()
    said = [f"; `{name.name}` needs {' and '.join([f'`{item.name}`' for item in items])}" for name, items in needs]
    return _words(member.domain, member.node, "`") + own + "".join(said)


def _words(domain: Domain, node: Node, quote: str = "") -> str:
    match domain:
        case Among():
            return _list([_name(node, number) for number in domain.numbers])
        case Named():
            but = _list([_name(node, number) for number in domain.but])
            return f"a name{f' other than {but}' * bool(but)}"
        case Bits():
            return "no other bits"
        case Range(least=1, most=None):
            return "not 0"
        case Range(least=None):
            return f"at most {domain.most}"
        case Range(most=None):
            return f"at least {domain.least}"
        case Range():
            return f"{domain.least} to {domain.most}"
        case NotBelow():
            return f"at least {quote}{domain.name}{quote}"
        case Room():
            area = f"{quote}{domain.width}{quote}" + f" * {quote}{domain.height}{quote}" * bool(domain.height)
            return f"at least the bytes of {area} pixels of {quote}{domain.kind}{quote}"
        case ZeroFree():
            return "no zero byte" + " but at the end" * domain.last
    raise SchemaError("a domain outside the vocabulary", path=repr(domain))


def _name(node: Node, number: int) -> str:
    found = scalar(node)
    members = {} if found is None or found.table is None else {int(item): str(item.name) for item in found.table}
    return members.get(number, f"{number:#x}" if number > 0xFFFF else str(int(number))).removeprefix("_")


def _list(texts: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


# -- for observers -----------------------------------------------------------------------------------------------------


def module_source(module: str, items: Iterable[Structure]) -> str:
    """The text of ``spiceproto/generated/domain_{module}.py``; ``items`` have domains, parts before what they are in."""
    constants = Constants()
    blocks = [_Function(item, constants).text() for item in items]
    head = f'"""Domains of {module}. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""\n\n'
    return head + constants.text() + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


class _Function:
    """Writes one function: ``v`` is the value, ``o`` what was found, ``x`` one field, ``f`` what was found inside it."""

    def __init__(self, item: Structure, constants: Constants) -> None:
        self.item = item
        self.constants = constants
        self.out = Lines()

    def text(self) -> str:
        names_twice = [name for name, variants in self.item.variants() if len(variants) > 1]
        for member in self.item.members:
            if _concerns(member):
                if member.name in names_twice:
                    raise SchemaError(
                        "a domain of a field that has the name of another", path=f"{self.item.name}.{member.name}"
                    )
                self._member(member)
        return f"def outside_{self.item.class_name}(v):\n    o = ()\n{self.out.text()}\n    return o"

    def _member(self, member: Member) -> None:
        node = member.node.target if isinstance(member.node, Reference) else member.node
        optional = member.condition is not None or (isinstance(member.node, Reference) and member.node.nullable)
        self.out.add(f"x = v.{member.name}")
        if isinstance(member.node, Reference) and member.node.announced:
            self._unsent(member)
        if optional and not member.counts:
            self.out.add("if x is not None:")
            self.out.depth += 1
        domain = member.domain
        if isinstance(node, Structure):
            self._inside(node, repr(member.name), "x")
        elif isinstance(node, Items) and isinstance(node.element, Structure):
            self._elements(node.element, member.name)
        elif isinstance(node, Items):
            assert domain is not None
            self.out.add("for i, x in enumerate(x):")
            self.out.depth += 1
            self._test(domain, node, f"f'{member.name}[{{i}}]'")
            self.out.depth -= 1
        elif domain is not None:
            self._test(domain, node, repr(member.name))
        if optional and not member.counts:
            self.out.depth -= 1

    def _unsent(self, member: Member) -> None:
        """Bytes that are announced and not there have nothing else that could be outside."""
        self.constants.use("spiceproto.domain", "Outside")
        self.constants.use("spiceproto.unsent", "Unsent")
        expected, actual = "'bytes, or none announced'", "f'{x.size} bytes announced behind a null pointer'"
        self.out.add(
            "if isinstance(x, Unsent):",
            f"    o += (Outside({member.name!r}, {expected}, {actual}, {UNSENT!r}, True),)",
        )

    def _inside(self, node: Structure, name: str, value: str) -> None:
        """What is outside in a structure; one that has only numbers is looked at here first, for a call takes longer."""
        self.constants.use("spiceproto.domain", "within")
        tests = [self._number_test(member, value) for member in node.members if _concerns(member)]
        if all(tests):
            self.out.add(f"if {' or '.join(filter(None, tests))}:", f"    o += within({name}, {self._function(node)}({value}))")
        else:
            self.out.add(f"f = {self._function(node)}({value})", "if f:", f"    o += within({name}, f)")

    def _number_test(self, member: Member, value: str) -> str:
        """The expression that is true for a number outside; "" for what is no number, or is not always there."""
        if not isinstance(member.node, Scalar) or member.condition is not None or isinstance(member.domain, Room):
            return ""
        assert member.domain is not None
        return self._outside(member.domain, member.node, f"{value}.{member.name}", value)

    def _elements(self, element: Structure, name: str) -> None:
        self.out.add("for i, x in enumerate(x):")
        self.out.depth += 1
        self._inside(element, f"f'{name}[{{i}}]'", "x")
        self.out.depth -= 1

    def _function(self, node: Structure) -> str:
        if node.module == self.item.module:
            return f"outside_{node.class_name}"
        alias = f"{node.module}_{node.class_name}"
        self.constants.use(f"spiceproto.generated.domain_{node.module}", f"outside_{node.class_name} as {alias}")
        return alias

    def _test(self, domain: Domain, node: Node, path: str) -> None:
        """Look at ``x``, a number or bytes."""
        actual, expected = "str(int(x))", repr(_words(domain, node))
        match domain:
            case Room():
                self._room(domain, node, path)
                return
            case Bits():
                actual = "hex(x)"
            case NotBelow(name=name):
                expected = f"f'at least {name}, which is {{v.{name}}}'"
            case ZeroFree():
                actual = "repr(x[:40])"
        self.out.add(f"if {self._outside(domain, node, 'x', 'v')}:")
        self._found(domain, path, expected, actual)

    def _outside(self, domain: Domain, node: Node, x: str, v: str) -> str:
        """The expression that is true if ``x``, a field of ``v``, is outside."""
        match domain:
            case Among(numbers=(number,)):
                return f"{x} != {int(number)}"
            case Among() | Named():
                return f"{x} not in {self.constants.name('_n', f'frozenset({tuple(sorted(names(domain, node)))})')}"
            case Bits():
                # Of a plain number, for & of an IntFlag is Python code that takes a microsecond.
                return f"+{x} & {~sum(names(domain, node))}"
            case Range(least=least, most=most):
                unsigned = isinstance(node, Scalar) and node.bounds[0] == 0
                below = [f"{x} < {least}"] * (least is not None and not (unsigned and least == 0))
                return " or ".join(below + [f"{x} > {most}"] * (most is not None))
            case NotBelow(name=name):
                return f"{x} < {v}.{name}"
            case ZeroFree(last=last):
                return f"0 in {x}[:-1]" if last else f"0 in {x}"
        raise SchemaError("a domain outside the vocabulary", path=repr(domain))

    def _room(self, domain: Room, node: Node, path: str) -> None:
        """How much is needed is asked only where something is said at all."""
        self.constants.use("spiceproto.domain", "Room")
        plain = msgspec.structs.replace(
            domain, planes={int(kind): planes for kind, planes in domain.planes.items()}, unless=None
        )
        room = self.constants.name("_r", repr(plain))
        fields = [f"v.{name}" for name in (domain.kind, domain.width, domain.height) if name]
        if domain.unless is not None:
            self.out.add(f"if not +v.{domain.unless[0]} & {int(domain.unless[1])}:")
            self.out.depth += 1
        given = "len(x)" if isinstance(node, Bytes) else "x"
        self.out.add(f"n = {room}.bytes({', '.join(fields)})", f"if {given} < n:")
        self._found(domain, path, "f'at least {n} bytes'", f"f'{{{given}}} bytes'")
        if domain.unless is not None:
            self.out.depth -= 1

    def _found(self, domain: Domain, path: str, expected: str, actual: str) -> None:
        self.constants.use("spiceproto.domain", "Outside")
        more = f", {domain.sentence!r}" if domain.sentence != VALUES or domain.tolerated else ""
        self.out.add(f"    o += (Outside({path}, {expected}, {actual}{more}{', True' * domain.tolerated}),)")


def _concerns(member: Member) -> bool:
    """Whether the field or what is inside has a domain."""
    node: Node = member.node
    if isinstance(node, Reference) and node.announced:
        return True
    while isinstance(node, Reference | Items):
        node = node.target if isinstance(node, Reference) else node.element
    return member.domain is not None or (isinstance(node, Structure) and has_domain(node))
