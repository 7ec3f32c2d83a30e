"""The generated modules against plain construct, which is the oracle: same values, same refusals, same words.

Every message of every table is tried with legal bodies, with mutated ones, and with bytes at random. For each input
both parsers must agree: in the value, in whether there is one, in the text, path and offset of the error, and in where
unread bytes begin. What was parsed is built again by both builders and must parse to the same value. Nothing but
RemoteError may come out, whatever the bytes.

``SPICEPROTO_PROPERTY_COUNT`` is the number of inputs over all messages (20 000 if it is not set). Inputs depend on
nothing but that number and the name of the message, so a failure can be had again. ``pytest -s`` prints the totals.
"""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import spiceproto
from spiceproto import dispatch, schema, wire
from spiceproto.derive import strategies
from spiceproto.derive.compiled import compile_builder, compile_parser
from spiceproto.derive.fast_mutator import fast_mutator
from spiceproto.derive.generate import files
from spiceproto.derive.legal import RandomChooser, Sizes, legal_value
from spiceproto.derive.mutators import Mutator
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import LocalError, RemoteError
from spiceproto.message import Message, Sender
from spiceproto.tests.agreement import built, compare, outcome, totals
from spiceproto.walk import Bytes, Handle, Items, Member, Reference, Scalar, Structure, walk

SENDERS: tuple[Sender, ...] = ("server", "client")
TABLES = [(table, sender) for table in schema.channels() for sender in SENDERS]
MESSAGES = sum(len(schema.rows(table, sender)) for table, sender in TABLES)
COUNT = int(os.environ.get("SPICEPROTO_PROPERTY_COUNT", "20000"))
EACH = -(-COUNT // MESSAGES)


@pytest.fixture(scope="module", autouse=True)
def summary() -> Iterator[None]:
    yield
    words = ("inputs", "accepted", "with unread bytes", "built", "differences", "escapes")
    print("\ngenerated against plain construct:", ", ".join(f"{totals[word]} {word}" for word in words))


def test_generated_modules_are_those_that_the_schemas_give() -> None:
    root = Path(spiceproto.__file__).parent
    stale = [name for name, text in files().items() if not (root / name).exists() or (root / name).read_text() != text]
    assert not stale, "out of date, run python -m spiceproto.derive"


def test_every_message_of_the_schemas_is_in_the_catalogue() -> None:
    for table, sender in TABLES:
        rows = schema.rows(table, sender)
        assert dispatch.rows(table, sender).keys() == rows.keys()
        for number, row in rows.items():
            found = dispatch.rows(table, sender)[number]
            assert (found.name, f"{found.module}.{found.class_name}") == (row.name, row.body.name)


# -- agreement ---------------------------------------------------------------------------------------------------------


def inputs(row: Message, name: str, count: int) -> Iterator[bytes]:
    """A tenth legal, a fifth changed by field, half changed by byte, the rest at random."""
    rng = random.Random(zlib.crc32(name.encode()))
    chooser = RandomChooser(rng)
    legal = [wire.build(row.body, legal_value(row.body, chooser)) for _ in range(max(3, min(200, count // 10)))]
    yield from legal
    for index in range(count // 5):
        if index % 20 == 0:
            mutator = Mutator(row.body, rng.choice(legal))
        yield mutator.apply(mutator.random(rng))
    yield from islice(fast_mutator(legal, rng), count // 2)
    smallest = wire.smallest_size(row.body)
    for _ in range(count - len(legal) - count // 5 - count // 2):
        size = rng.choice((smallest, smallest + rng.randrange(60), max(0, smallest - rng.randrange(8)), rng.randrange(200)))
        if rng.random() < 0.5:
            yield rng.randbytes(size)
        else:
            yield bytes(rng.choices((0, 0, 0, 0, 1, 1, 2, 4, 20, 30, 255, rng.randrange(256)), k=size))


def test_what_a_null_pointer_announces_may_be_more_than_is_built() -> None:
    row = schema.rows("main", "server")[111]
    generated = dispatch.rows("main", "server")[111]
    body = bytes(12) + (32).to_bytes(4, "little") + bytes(4) + bytes(15)  # the subject: 32 bytes, nowhere; 15 stray ones behind
    assert compare(row, generated, body) == ""
    again = generated.build(generated.parse(body))
    assert again == body[:20]
    with pytest.raises(RemoteError, match=r"cert_subject_data, byte 0: the announced count does not fit"):
        generated.parse(again)


@pytest.mark.timeout(0)
@pytest.mark.parametrize(("table", "sender"), TABLES, ids=lambda item: str(item))
def test_generated_parsers_and_builders_agree_with_plain_construct(table: str, sender: Sender) -> None:
    differences = []
    before = totals["escapes"]
    for number, row in schema.rows(table, sender).items():
        generated = dispatch.rows(table, sender)[number]
        for body in inputs(row, f"{table} {sender} {row.name}", EACH):
            found = compare(row, generated, body)
            if found:
                differences.append(f"{table} {sender} {row.name}: {found}")
    totals["differences"] += len(differences)
    assert not differences, "\n".join([f"{len(differences)} differences", *differences[:5]])
    assert totals["escapes"] == before


@pytest.mark.parametrize(("table", "sender"), TABLES, ids=lambda item: str(item))
@seed(1)
@settings(max_examples=12, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_legal_messages_round_trip(table: str, sender: Sender, data: st.DataObject) -> None:
    if not schema.rows(table, sender):
        return
    row, value = data.draw(strategies.messages(table, sender))
    generated = dispatch.rows(table, sender)[row.number]
    body = generated.build(value)
    unread: list[int] = []
    assert body == wire.build(row.body, value)
    assert generated.parse(body, unread.append) == value
    assert generated.build(generated.parse(body)) == body
    assert not unread


# -- wrong values ------------------------------------------------------------------------------------------------------


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """``value`` with the thing at ``path`` replaced."""
    if not path:
        return new
    head, *rest = path
    if isinstance(head, int):
        return (*value[:head], replaced(value[head], tuple(rest), new), *value[head + 1 :])
    return msgspec.structs.replace(value, **{head: replaced(getattr(value, head), tuple(rest), new)})


def wrong(item: Structure, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """(path, something that cannot stand there) for every field of ``value``."""
    for member in item.members:
        if member.counts or isinstance(member.node, Handle):
            continue
        variants = [other for other in item.members if other.name == member.name]
        here = (*path, member.name)
        found = getattr(value, member.name)
        if found is None:
            excluded = all(other.condition is not None and not holds(other, value) for other in variants)
            if excluded:
                yield here, 1
                yield here, b""
            continue
        if len(variants) > 1 and not holds(member, value):
            continue
        node = member.node
        if isinstance(node, Structure) and not node.members:
            continue  # nothing inside that could be wrong; only a whole message is asked for its class
        if not (isinstance(node, Reference) and node.nullable):
            yield here, None
        target = node.target if isinstance(node, Reference) else node
        match target:
            case Scalar():
                low, high = target.bounds
                yield from ((here, bad) for bad in (low - 1, high + 1, 1 << 70, 1.5, "1", b"1", (1,)))
            case Bytes():
                yield from ((here, bad) for bad in ("text", 5, (1, 2), ["a"]))
                if isinstance(target.count, wire.Fixed | wire.Product | wire.PackedRows):
                    yield here, found + b"x"
                if isinstance(target.count, wire.ZeroTerminated):
                    yield here, b"a\0b"
            case Items():
                yield from ((here, bad) for bad in (5, "text", b"bytes", {1: 2}, {1, 2}, ("x",), (None,), iter(())))
                if isinstance(target.count, wire.Fixed):
                    yield here, found[:-1]
                for index, element in enumerate(found[:2]):
                    if isinstance(target.element, Structure):
                        yield from wrong(target.element, element, (*here, index))
                    else:
                        yield from (((*here, index), bad) for bad in (None, "1", 1 << 70))
            case Structure():
                yield from ((here, bad) for bad in (5, "text", (1, 2), b""))
                yield from wrong(target, found, here)


def holds(member: Member, value: Any) -> bool:
    condition = member.condition
    if condition is None:
        return True
    for name in condition.on.split("."):
        value = getattr(value, name)
    return condition.holds(value)


def spelled(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@pytest.mark.parametrize(("table", "sender"), TABLES, ids=lambda item: str(item))
def test_wrong_values_give_local_errors_with_the_path_of_the_field(table: str, sender: Sender) -> None:
    for number, row in schema.rows(table, sender).items():
        generated = dispatch.rows(table, sender)[number]
        chooser = RandomChooser(random.Random(number))
        for _ in range(3):
            value = legal_value(row.body, chooser)
            for path, bad in wrong(walk(row.body), value):
                changed = replaced(value, path, bad)
                about = f"{table} {sender} {row.name} {spelled(path)} = {bad!r}"
                try:
                    wire.build(row.body, changed)
                except LocalError as error:
                    expected = error
                except Exception as error:
                    pytest.fail(f"{about}: plain construct raises {error!r}")
                else:
                    pytest.fail(f"{about}: plain construct builds it")
                try:
                    generated.build(changed)
                except LocalError as error:
                    assert str(error) == str(expected), about
                    assert error.path.startswith(spelled(path)) or blamed_otherwise(error, path, bad), (
                        about,
                        str(error),
                    )
                except Exception as error:
                    pytest.fail(f"{about}: the generated builder raises {error!r}")
                else:
                    pytest.fail(f"{about}: the generated builder builds it")


def blamed_otherwise(error: LocalError, path: tuple[str | int, ...], bad: Any) -> bool:
    """A wrong discriminator or size shows in the first field that disagrees with it; that one stands beside it."""
    return error.path.rpartition(".")[0] == spelled(path).rpartition(".")[0]


@pytest.mark.parametrize("bad", [None, 5, "text", b"", (), pytest.param(object(), id="object")], ids=repr)
def test_what_is_no_record_at_all_gives_a_local_error(bad: Any) -> None:
    for table, sender in TABLES:
        for number, row in schema.rows(table, sender).items():
            generated = dispatch.rows(table, sender)[number]
            with pytest.raises(LocalError) as fast:
                generated.build(bad)
            with pytest.raises(LocalError) as plain:
                wire.build(row.body, bad)
            assert str(fast.value) == str(plain.value)


@pytest.mark.parametrize("data", [bytearray, memoryview], ids=["bytearray", "memoryview"])
def test_bytes_of_any_kind_are_parsed(data: Any) -> None:
    for table, sender in TABLES:
        for number, row in schema.rows(table, sender).items():
            body = wire.build(row.body, legal_value(row.body, RandomChooser(random.Random(number))))
            assert dispatch.parse(table, sender, number, data(body)) == wire.parse(row.body, body)


# -- schemas of other people -------------------------------------------------------------------------------------------


class Shape(WireEnum):
    POINT = 0
    LINE = 1
    CLOUD = 7


class Traits(WireFlags):
    NAMED = 1
    NOISY = 4


PLACE = wire.record("mine.Place", wire.field("x", wire.int16), wire.field("y", wire.uint16be))
PART = wire.record(
    "mine.Part",
    wire.field("kind", wire.enum(Shape, wire.uint8)),
    wire.field("size", wire.uint8),
    wire.field("label", wire.text("size")),
)
EMPTY = wire.record("mine.Nothing")
OWN = wire.record(
    "mine.Own",
    wire.field("shape", wire.enum(Shape, wire.uint8)),
    wire.field("traits", wire.flags(Traits, wire.uint16)),
    wire.field("place", PLACE),
    wire.field("line", wire.when("shape", Shape.LINE, wire.pointer(PLACE, null=False))),
    wire.field("cloud", wire.when("shape", (Shape.CLOUD, Shape.POINT), wire.array(PLACE, 2))),
    wire.field("name", wire.when("traits", Traits.NAMED, wire.pointer(wire.text(wire.ZERO_TERMINATED), null=True))),
    wire.field("quiet", wire.when_not("traits", Traits.NOISY, wire.uint64)),
    wire.field("number", wire.uint32),
    wire.field("parts", wire.array(PART, "number")),
    wire.field("far_number", wire.uint8),
    wire.field("far", wire.pointer(wire.array(wire.int64, "far_number"), null=True)),
    wire.field("columns", wire.uint8),
    wire.field("rows", wire.uint8),
    wire.field("cells", wire.data(wire.Product("columns", "rows"))),
    wire.field("shapes", wire.array(wire.enum(Shape, wire.uint8), 3)),
    wire.field("octet_number", wire.uint16be),
    wire.field("octets", wire.array(wire.uint8, "octet_number")),
    wire.field("mark", wire.data(3)),
    wire.field("nothing", EMPTY),
)
# What the protocol has nowhere: pointers of every kind in one message, in choices and outside, before what has no fixed size.
PAIR = wire.record("mine.Pair", wire.field("left", wire.uint8), wire.field("right", wire.uint32))
CHAIN = wire.record(
    "mine.Chain",
    wire.field("size", wire.uint8),
    wire.field("next", wire.pointer(PAIR, null=True)),
    wire.field("bytes", wire.pointer(wire.data("size"), null=True)),
    wire.field("title", wire.pointer(wire.text(wire.ZERO_TERMINATED), null=False)),
)
POINTERS = wire.record(
    "mine.Pointers",
    wire.field("shape", wire.enum(Shape, wire.uint8)),
    wire.field("traits", wire.flags(Traits, wire.uint8)),
    wire.field("far_size", wire.uint8),
    wire.field("number", wire.uint8),
    wire.field("pairs", wire.array(PAIR, "number")),
    wire.field("far", wire.pointer(wire.data("far_size"), null=True)),
    wire.field("either", wire.when("traits", Traits.NAMED, wire.text(wire.ZERO_TERMINATED))),
    wire.field("either", wire.when("traits", Traits.NOISY, wire.pointer(wire.text(wire.ZERO_TERMINATED), null=False))),
    wire.field("three", wire.when_not("traits", Traits.NOISY, wire.pointer(wire.array(PAIR, 3), null=True))),
    wire.field("two", wire.when("traits", Traits.NOISY, wire.pointer(wire.array(PLACE, 2), null=False))),
    wire.field("both", wire.when("traits", Traits.NOISY, wire.pointer(CHAIN, null=True))),
    wire.field("chain", wire.when("shape", Shape.CLOUD, wire.pointer(CHAIN, null=False))),
    wire.field("point", wire.when("shape", Shape.POINT, wire.uint16)),
    wire.field("lines", wire.when("shape", Shape.LINE, wire.uint8)),
    wire.field("line", wire.when("shape", Shape.LINE, wire.array(PLACE, "lines"))),
    wire.field("label", wire.pointer(wire.text(wire.ZERO_TERMINATED), null=True)),
    wire.field("key", wire.data(5)),
    wire.field("part_number", wire.uint8),
    wire.field("parts", wire.pointer(wire.array(PART, "part_number"), null=True)),
    wire.field("title", wire.text(wire.ZERO_TERMINATED)),
    wire.field("code_number", wire.uint16be),
    wire.field("codes", wire.array(wire.enum(Shape, wire.uint16be), "code_number")),
)


@pytest.mark.parametrize("record", [PLACE, PART, EMPTY, OWN, CHAIN, POINTERS], ids=lambda record: record.name)
def test_compiled_parsers_and_builders_of_schemas_outside_the_package(record: wire.Record) -> None:
    parse, build = compile_parser(record), compile_builder(record)
    rng = random.Random(7)
    chooser = RandomChooser(rng)
    legal = [legal_value(record, chooser) for _ in range(100)]
    bodies = [wire.build(record, value) for value in legal]
    for value, body in zip(legal, bodies, strict=True):
        assert build(value) == body
        assert parse(body) == value
    for body in islice(fast_mutator(bodies, rng), 2000):
        plain = outcome(lambda data, tail: wire.parse(record, data, tail), body)
        assert outcome(parse, body) == plain
        assert plain[0] != "escape"
        if plain[0] == "value":
            assert built(build, plain[1]) == built(lambda item: wire.build(record, item), plain[1])
    for value in legal[:20]:
        for path, bad in wrong(walk(record), value):
            with pytest.raises(LocalError) as fast:
                build(replaced(value, path, bad))
            with pytest.raises(LocalError) as plain_error:
                wire.build(record, replaced(value, path, bad))
            assert str(fast.value) == str(plain_error.value)
    with pytest.raises(LocalError):
        build(5)


@pytest.mark.parametrize("kind", [bytearray, memoryview], ids=["bytearray", "memoryview"])
def test_values_with_bytes_of_any_kind_are_built(kind: Any) -> None:
    chooser = RandomChooser(random.Random(8))
    for record, names in ((OWN, ("cells", "mark")), (POINTERS, ("far", "label", "key", "title"))):
        build = compile_builder(record)
        for _ in range(50):
            value = legal_value(record, chooser)
            given = {name: kind(getattr(value, name)) for name in names if getattr(value, name) is not None}
            assert build(msgspec.structs.replace(value, **given)) == wire.build(record, value)


@pytest.mark.parametrize("length", range(8))
def test_short_sequences_are_built_and_parsed_like_long_ones(length: int) -> None:
    for element in (wire.uint8, wire.uint16be, wire.enum(Shape, wire.uint8), PAIR, PART):
        record = wire.record(
            "mine.Some",
            wire.field("number", wire.uint32),
            wire.field("first", wire.array(element, "number")),
            wire.field("mark", wire.uint8),
            wire.field("rest", wire.array(element, wire.REST)),
        )
        chooser = RandomChooser(random.Random(length))
        while len((value := legal_value(record, chooser, Sizes(elements=8))).rest) != length:
            pass
        for known in (value, msgspec.structs.replace(value, first=value.rest, rest=list(value.first))):
            body = wire.build(record, known)
            assert compile_builder(record)(known) == body
            plain = outcome(lambda data, tail, record=record: wire.parse(record, data, tail), body)
            assert outcome(compile_parser(record), body) == plain
