"""Mutators: each change does what it says, repaired ones stay legal, and the same seed gives the same bodies."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto import dispatch, schema, wire
from spiceproto.derive import strategies
from spiceproto.derive.fast_mutator import HUGE, fast_mutator
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.mutators import Mutation, Mutator, apply, mutate, mutations
from spiceproto.derive.spans import dissect
from spiceproto.errors import LocalError, RemoteError
from spiceproto.schema import display, inputs

RECORDS = list(schema.records().values())


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_systematic_mutations_of_every_record(record: wire.Record) -> None:
    body = wire.build(record, legal_value(record, RandomChooser(random.Random(record.name))))
    mutator = Mutator(record, body)
    seen = set()
    for mutation in mutator.systematic():
        changed = mutator.apply(mutation)
        assert mutation not in seen or mutation.kind in ("edge", "overlapping", "shared", "bit")
        seen.add(mutation)
        tail: list[int] = []
        try:
            wire.parse(record, changed, tail.append)
        except RemoteError as error:
            assert not mutation.repair, f"{mutation}: {error}"
        else:
            assert not (mutation.repair and tail), f"{mutation}: unread bytes"
        if mutation.kind not in ("duplicate", "remove", "count"):
            assert changed != body or mutation.repair, mutation


@pytest.mark.parametrize("record", RECORDS[::7], ids=lambda record: record.name)
def test_random_mutations_can_be_had_again_from_their_json_form(record: wire.Record) -> None:
    body = wire.build(record, legal_value(record, RandomChooser(random.Random(record.name))))
    first, second = random.Random(1), random.Random(1)
    for _ in range(20):
        mutation = mutate(record, body, first)
        assert mutation == mutate(record, body, second)
        again = Mutation.from_json(json.loads(json.dumps(mutation.to_json())))
        assert again == mutation
        assert apply(record, body, again) == apply(record, body, mutation)


CLIPPED = bytes.fromhex("00000000" + "01000000" * 4 + "01" + "02000000" + "0a000000" * 4 + "0b000000" * 4 + "00000000" * 2)
"""COPY_BITS with two clip rectangles."""


def test_counts_are_changed_with_and_without_the_rest() -> None:
    record, path = display.CopyBits, "base.clip.rects.num_rects"
    bare = apply(record, CLIPPED, Mutation("count", path, 2, 3))
    assert len(bare) == len(CLIPPED)
    assert bare[21:25] == b"\3\0\0\0"
    repaired = apply(record, CLIPPED, Mutation("count", path, 2, 3, repair=True))
    value = wire.parse(record, repaired)
    assert [rect.top for rect in value.base.clip.rects.rects] == [10, 11, 10]
    wanted = {mutation.new for mutation in mutations(record, CLIPPED) if mutation.kind == "count" and mutation.path == path}
    assert wanted >= {0, 1, 3, *HUGE}


def test_elements_are_duplicated_and_removed() -> None:
    record, path = display.CopyBits, "base.clip.rects.rects[0]"
    tops = {}
    for kind in ("duplicate", "remove"):
        changed = apply(record, CLIPPED, Mutation(kind, path, repair=True))
        tops[kind] = [rect.top for rect in wire.parse(record, changed).base.clip.rects.rects]
        assert len(apply(record, CLIPPED, Mutation(kind, path))) == len(changed)
    assert tops == {"duplicate": [10, 10, 11], "remove": [11]}


def test_a_discriminator_brings_and_removes_fields_when_repaired() -> None:
    record = display.CopyBits
    none = apply(record, CLIPPED, Mutation("set", "base.clip.type", 1, 0, repair=True))
    assert wire.parse(record, none).base.clip.rects is None
    assert len(none) == 29
    with_rects = apply(record, none, Mutation("set", "base.clip.type", 0, 1, repair=True))
    assert wire.parse(record, with_rects).base.clip.rects.rects == ()


def test_pointers_are_moved() -> None:
    chooser = RandomChooser(random.Random(1))
    while True:
        value = legal_value(display.DrawCopy, chooser)
        if value.data.src_bitmap is not None and value.data.mask.bitmap is not None:
            break
    body = wire.build(display.DrawCopy, value)
    found = dissect(display.DrawCopy, body)
    source, mask = found["data.src_bitmap"], found["data.mask.bitmap"]
    kinds = {mutation.kind for mutation in mutations(display.DrawCopy, body) if mutation.path == "data.src_bitmap"}
    assert kinds >= {"null", "self", "edge", "outside", "overlapping", "shared", "swap"}
    swapped = apply(display.DrawCopy, body, Mutation("swap", "data.src_bitmap", "data.src_bitmap", "data.mask.bitmap"))
    moved = wire.parse(display.DrawCopy, swapped)
    assert (moved.data.src_bitmap, moved.data.mask.bitmap) == (value.data.mask.bitmap, value.data.src_bitmap)
    shared = wire.parse(
        display.DrawCopy, apply(display.DrawCopy, body, Mutation("shared", "data.src_bitmap", source.raw, mask.raw))
    )
    assert shared.data.src_bitmap == shared.data.mask.bitmap == value.data.mask.bitmap
    gone = wire.parse(display.DrawCopy, apply(display.DrawCopy, body, Mutation("null", "data.src_bitmap", source.raw, 0, True)))
    assert gone.data.src_bitmap is None
    assert gone.data.mask.bitmap == value.data.mask.bitmap


@pytest.mark.parametrize(
    "mutation",
    [
        Mutation("set", "no.such.field", 0, 1),
        Mutation("set", "dx", 0, 1 << 40),
        Mutation("set", "dx", 0, "x"),
        Mutation("set", "dx", 0, None),
        Mutation("resize", "dx", 0, 4, repair=True),
        Mutation("duplicate", "dx", repair=True),
    ],
    ids=str,
)
def test_mutations_that_do_not_fit_are_local_errors(mutation: Mutation) -> None:
    with pytest.raises(LocalError):
        apply(inputs.MouseMotion, bytes(10), mutation)


def test_what_is_not_the_json_form_of_a_mutation() -> None:
    with pytest.raises(LocalError):
        Mutation.from_json({"verb": "set"})


def test_fast_mutator_repeats_itself_and_reaches_far() -> None:
    bodies = [bytes(10), CLIPPED, b""]
    first = list(islice(fast_mutator(bodies, random.Random(3)), 3000))
    assert first == list(islice(fast_mutator(bodies, random.Random(3)), 3000))
    assert len(set(first)) > 1000
    assert any(b"\xff\xff\xff\xff" in body for body in first)
    assert {len(body) for body in first} > {0, 9, 10}
    parse = dispatch.row("display", "server", 104).parse  # type: ignore[union-attr]
    accepted = 0
    for body in first:
        try:
            parse(body)
            accepted += 1
        except RemoteError:
            pass
    assert 100 < accepted < 2900


@settings(max_examples=30, database=None, derandomize=True)
@given(data=st.data())
def test_hypothesis_can_draw_the_mutation(data: st.DataObject) -> None:
    body = data.draw(strategies.bodies(display.DrawCopy))
    mutation = mutate(display.DrawCopy, body, data.draw(st.randoms(use_true_random=False)))
    try:
        wire.parse(display.DrawCopy, apply(display.DrawCopy, body, mutation))
    except RemoteError:
        assert not mutation.repair
