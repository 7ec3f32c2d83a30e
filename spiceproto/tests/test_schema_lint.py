"""What every schema keeps to, so that all that is derived from it can rely on it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any, get_args

import pytest
from construct import Construct

from spiceproto import domain, schema, wire
from spiceproto.enums.base import EnumTable, FlagsTable, WireEnum, WireFlags
from spiceproto.enums.image import ImageType
from spiceproto.errors import SchemaError
from spiceproto.message import Message, Sender, Status

RECORDS = schema.records()
TABLES = schema.channels()
SENDERS: tuple[Sender, ...] = ("server", "client")
ROWS = {f"{name}.{sender}": schema.rows(name, sender) for name in TABLES for sender in SENDERS}

WORDS = (
    wire.Data,
    wire.Descriptor,
    wire.Enumeration,
    wire.Field,
    wire.FlagSet,
    wire.Integer,
    wire.Pointer,
    wire.Record,
    wire.Sequence,
    wire.When,
)
DOMAINS = (
    domain.Among,
    domain.Bits,
    domain.Named,
    domain.NotBelow,
    domain.Range,
    domain.Room,
    domain.ZeroFree,
)
COUNTS = (wire.By, wire.Fixed, wire.PackedRows, wire.Product, wire.Rest, wire.ZeroTerminated)
LEAVES = (bool, bytes, float, int, str, types.NoneType, EnumTable, FlagsTable, WireEnum, WireFlags)

each_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
each_table = pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)


def reachable(value: object, path: str, seen: set[int]) -> Iterator[tuple[str, object]]:
    """Everything that hangs on a schema, whatever it is."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield path, value
    if isinstance(value, dict) and not isinstance(value, EnumTable | FlagsTable):
        inside = list(value.items())
    elif isinstance(value, tuple | list):
        inside = list(enumerate(value))
    elif isinstance(value, (*WORDS, *COUNTS)):
        inside = [(name, item) for name, item in vars(value).items() if name != "value_class"]
    elif isinstance(value, DOMAINS):
        inside = [(name, getattr(value, name)) for name in value.__struct_fields__]
    else:
        return
    for name, item in inside:
        yield from reachable(item, f"{path}.{name}", seen)


@each_record
def test_vocabulary_is_closed(record: wire.Record) -> None:
    """Exactly the classes of wire and domain: no subclass, nothing else of construct, no function or expression."""
    for path, value in reachable(record, record.name, set()):
        if isinstance(value, Construct):
            assert type(value) in WORDS, path
        elif isinstance(value, wire.Count):
            assert type(value) in COUNTS, path
        elif isinstance(value, domain.Domain):
            assert type(value) in DOMAINS, path
        elif isinstance(value, type):
            assert issubclass(value, WireEnum | WireFlags), path
        elif not isinstance(value, LEAVES):
            assert isinstance(value, dict | tuple | list), f"{path}: {value!r}"
        assert not callable(value) or isinstance(value, type), path


def test_words_are_all_of_wire() -> None:
    """The lists above are not longer than the vocabulary, and not shorter."""
    declared = {
        item for item in vars(wire).values() if isinstance(item, type) and item.__module__.startswith(f"{wire.__name__}.")
    }
    assert declared - {wire.Count} == {*WORDS, *COUNTS}
    named = {item for item in vars(domain).values() if isinstance(item, type) and issubclass(item, domain.Domain)}
    assert named - {domain.Domain} == set(DOMAINS)


@each_record
def test_documented(record: wire.Record) -> None:
    """A record's meaning is a sentence, a field's is a phrase, which may begin with the name of another field."""
    assert record.doc.endswith(".") and record.doc[0] == record.doc[0].upper()
    names = {field.name for field in record.fields}
    for field in record.fields:
        assert field.doc, field.name
        assert not field.doc.endswith((".", " ")), field.name
        assert field.doc[0] == field.doc[0].upper() or field.doc.split()[0] in names, field.name


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_tables_are_documented(table: Any) -> None:
    assert table.doc.endswith(".") and table.doc[0] == table.doc[0].upper()


def is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


@each_record
def test_names_are_identifiers(record: wire.Record) -> None:
    assert record.module in schema.MODULES
    assert is_name(record.class_name) and record.class_name[0].isupper()
    for field in record.fields:
        assert is_name(field.name) and not field.name.startswith("_") and field.name == field.name.lower()


@each_record
def test_names_are_unique(record: wire.Record) -> None:
    """Fields share a name only as the cases of one condition."""
    by_name: dict[str, list[wire.Field]] = {}
    for field in record.fields:
        by_name.setdefault(field.name, []).append(field)
    for fields in by_name.values():
        if len(fields) > 1:
            assert all(isinstance(field.subcon, wire.When) for field in fields)
            assert len({field.subcon.on for field in fields}) == 1


@each_table
def test_messages(rows: Any) -> None:
    """The messages of every channel belong to the table, too."""
    names = [row.name for row in rows.values()]
    assert len(names) == len(set(names))
    assert all(is_name(name) for name in names)
    for number, row in rows.items():
        assert row.number == number
        assert row.body.name in RECORDS and RECORDS[row.body.name] is row.body
        assert row.status in get_args(Status)
        assert row.capability is None or row.absent is None
        assert not row.instead or row.capability is not None or row.absent is not None, row.name


def counts_of(node: Construct) -> Iterator[wire.Count]:
    """The counts that stand in a field itself, not in the records inside it."""
    match node:
        case wire.Data():
            yield node.count
        case wire.Sequence():
            yield node.count
            yield from counts_of(node.element)
        case wire.When():
            yield from counts_of(node.subcon)
        case wire.Pointer():
            yield from counts_of(node.target)


def names_in(count: wire.Count) -> tuple[str, ...]:
    match count:
        case wire.By():
            return (count.name,)
        case wire.Product():
            return count.names
        case wire.PackedRows():
            return (count.width, count.height)
    return ()


@each_record
def test_counts_come_first(record: wire.Record) -> None:
    """What counts is an earlier unsigned number, there whenever the counted field is."""
    earlier: dict[str, Construct] = {}
    for field in record.fields:
        for name in (name for count in counts_of(field.subcon) for name in names_in(count)):
            assert name in earlier, f"{field.name} is counted by {name}"
            node = earlier[name]
            if isinstance(node, wire.When):
                same = field.subcon
                assert isinstance(same, wire.When)
                assert (same.on, same.test, same.members) == (node.on, node.test, node.members)
                node = node.subcon
            assert isinstance(node, wire.Integer) and not node.signed, name
        earlier[field.name] = field.subcon


@each_record
def test_counting_fields_only_count(record: wire.Record) -> None:
    """A field that is left out of the value because it counts must not be looked at for anything else."""
    for field in record.fields:
        if isinstance(field.subcon, wire.When):
            assert field.subcon.on not in record.counting
        for count in counts_of(field.subcon):
            if not isinstance(count, wire.By):
                assert not set(names_in(count)) & record.counting.keys()


@each_record
def test_conditions_look_back(record: wire.Record) -> None:
    """``on`` is an enum or flags of an earlier field, and the members are its own."""
    earlier: dict[str, Construct] = {}
    for field in record.fields:
        if isinstance(field.subcon, wire.When):
            first, *inner = field.subcon.on.split(".")
            assert first in earlier, f"{field.name} depends on {field.subcon.on}"
            node = earlier[first]
            for name in inner:
                assert isinstance(node, wire.Record)
                node = {item.name: item.subcon for item in node.fields}[name]
            assert isinstance(node, wire.Enumeration | wire.FlagSet)
            assert field.subcon.members and all(type(member) is node.kind for member in field.subcon.members)
            assert not isinstance(field.subcon.subcon, wire.When)
        earlier[field.name] = field.subcon


def takes_rest(node: Construct) -> bool:
    """True if the bytes in line go on to the end of the message."""
    match node:
        case wire.Data() | wire.Sequence():
            return isinstance(node.count, wire.Rest)
        case wire.When():
            return takes_rest(node.subcon)
        case wire.Record():
            return any(takes_rest(field.subcon) for field in node.fields)
    return False


@each_record
def test_rest_comes_last(record: wire.Record) -> None:
    for field in record.fields[:-1]:
        assert not takes_rest(field.subcon), f"nothing can follow {field.name}"
    for field in record.fields:
        if isinstance(field.subcon, wire.Sequence):
            assert not takes_rest(field.subcon.element), field.name


def resolve(record: wire.Record, path: str) -> list[Construct]:
    """The fields that a dotted name means: several if they share a name."""
    nodes: list[Construct] = [record]
    for name in path.split("."):
        found = []
        for node in nodes:
            while isinstance(node, wire.When | wire.Pointer):
                node = node.subcon if isinstance(node, wire.When) else node.target
            if isinstance(node, wire.Record):
                found += [field.subcon for field in node.fields if field.name == name]
        nodes = found
    return nodes


@each_table
def test_summaries_name_fields(rows: dict[int, Message]) -> None:
    """Each names a field, none twice, and the last parts, which are printed, differ."""
    for row in rows.values():
        for path in row.summary:
            assert resolve(row.body, path), f"{row.name}: {path}"
        printed = [path.rpartition(".")[2] for path in row.summary]
        assert len(printed) == len(set(printed)), row.name


@each_record
def test_units_are_known(record: wire.Record) -> None:
    assert {field.unit for field in record.fields} <= {"", "1/16 pixel", "Hz", "bit", "byte", "mm", "ms", "pixel"}


POINTER = wire.pointer(wire.record("test.Target", wire.field("a", wire.uint8)), null=True)
KIND = wire.field("kind", wire.enum(ImageType, wire.uint8))


@pytest.mark.parametrize(
    "element",
    [
        POINTER,
        wire.record("test.Direct", wire.field("at", POINTER)),
        wire.record("test.Conditional", KIND, wire.field("at", wire.when("kind", ImageType.QUIC, POINTER))),
        wire.record("test.Outer", wire.field("inner", wire.record("test.Inner", wire.field("at", POINTER)))),
        wire.record("test.Row", wire.field("a", wire.uint8), wire.field("at", wire.pointer(wire.data(4), null=False))),
    ],
    ids=["pointer", "record", "condition", "nested", "data"],
)
@pytest.mark.parametrize("count", [3, wire.REST], ids=["fixed", "rest"])
def test_pointer_inside_a_sequence_is_refused(element: Construct, count: int | wire.Count) -> None:
    """Otherwise a message could reach its bytes any number of times."""
    sequence = wire.array(element, count)
    with pytest.raises(SchemaError) as caught:
        wire.record("test.Refused", wire.field("rows", sequence))
    assert caught.value.path == "test.Refused.rows"


def pointers_in_sequences(node: Construct, inside: bool) -> int:
    """How many Pointers a Sequence repeats, however either of them is wrapped."""
    match node:
        case wire.Record():
            return sum(pointers_in_sequences(field.subcon, inside) for field in node.fields)
        case wire.Sequence():
            return pointers_in_sequences(node.element, True)
        case wire.When():
            return pointers_in_sequences(node.subcon, inside)
        case wire.Pointer():
            return inside + pointers_in_sequences(node.target, inside)
    return 0


@each_record
def test_no_sequence_repeats_a_pointer(record: wire.Record) -> None:
    """What the amplification budget of spiceproto.wire rests on."""
    assert not pointers_in_sequences(record, False)


@pytest.mark.parametrize("wrap", ["when", "pointer"])
def test_pointer_inside_a_wrapped_sequence_is_refused(wrap: str) -> None:
    """The same for a sequence that is conditional, or that a pointer leads to."""
    sequence = wire.array(wire.record("test.Direct", wire.field("at", POINTER)), 3)
    node: Construct
    node = wire.when("kind", ImageType.QUIC, sequence) if wrap == "when" else wire.pointer(sequence, null=True)
    with pytest.raises(SchemaError):
        wire.record("test.Refused", KIND, wire.field("rows", node))


def test_elements_without_bytes_are_refused() -> None:
    with pytest.raises(SchemaError):
        wire.array(wire.record("test.Empty"), 3)
    with pytest.raises(SchemaError):
        wire.array(wire.data(wire.REST), 3)


def test_numbers_are_given_once() -> None:
    from spiceproto.message import channel, message

    body = wire.record("test.Empty")
    with pytest.raises(SchemaError):
        channel("test", None, prefix="T", server=(message(1, "A", body), message(1, "B", body)), client=())
