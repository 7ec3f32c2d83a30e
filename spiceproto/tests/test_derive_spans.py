"""Spans: they cover exactly what was read, hold the values that parsing gives, and stop where it stops."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import pytest

from spiceproto import schema, wire
from spiceproto.derive.fast_mutator import fast_mutator
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.span import Span
from spiceproto.derive.spans import dissect, spans, uncovered
from spiceproto.errors import RemoteError
from spiceproto.schema import display, inputs
from spiceproto.unsent import Unsent
from spiceproto.walk import Handle, Items, Reference, Structure

RECORDS = list(schema.records().values())


def value_of(span: Span) -> Any:
    """The value that the raw values of a tree of spans say."""
    match span.node:
        case Structure() as item:
            found = {child.name: child for child in span.children}
            made = [value_of(found[name]) if name in found else None for name in item.value_fields]
            return schema.records()[item.name].value_class(*made)
        case Items():
            return tuple(value_of(child) for child in span.children)
        case Reference():
            if span.unsent:
                return Unsent(span.unsent)
            return value_of(span.children[0]) if span.children else None
    return span.value


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_spans_of_legal_bodies_cover_all_and_hold_the_value(record: wire.Record) -> None:
    chooser = RandomChooser(random.Random(record.name))
    for _ in range(20):
        value = legal_value(record, chooser)
        body = wire.build(record, value)
        found = dissect(record, body)
        assert found.error is None
        assert uncovered(body, found) == []
        assert found.end == len(body)
        assert value_of(found.root) == value
        leaves = sorted((leaf.start, leaf.end) for leaf in found.leaves() if leaf.end > leaf.start)
        assert b"".join(body[start:end] for start, end in leaves) == body
        assert value_of(spans(record, body)) == value


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_spans_agree_with_parsing_whatever_the_bytes(record: wire.Record) -> None:
    rng = random.Random(record.name)
    chooser = RandomChooser(rng)
    legal = [wire.build(record, legal_value(record, chooser)) for _ in range(10)]
    for body in islice(fast_mutator(legal, rng), 60):
        tail: list[int] = []
        found = dissect(record, body)
        for span in found:
            assert 0 <= span.start <= span.end <= len(body)
            assert span.text is not None
        try:
            value = wire.parse(record, body, tail.append)
        except RemoteError as error:
            assert found.error is not None
            assert (str(found.error), found.error.path, found.error.offset) == (str(error), error.path, error.offset)
            with pytest.raises(RemoteError):
                spans(record, body)
        else:
            assert found.error is None
            assert value_of(found.root) == value
            assert found.end == (tail[0] if tail else len(body)) or record.value_fields == ()


def test_paths_names_and_texts() -> None:
    body = bytes.fromhex("fdffffff 04000000 0580")
    root = spans(inputs.MouseMotion, body)
    assert [(span.path, span.start, span.end, span.raw, span.text) for span in root.children] == [
        ("dx", 0, 4, -3, "-3"),
        ("dy", 4, 8, 4, "4"),
        ("buttons_state", 8, 10, 0x8005, "LEFT | RIGHT | 0x8000 (0x8005)"),
    ]
    assert root.kind == "structure"
    assert root.children[0].member is not None
    assert root.children[0].member.unit == "pixel"


def test_pointers_and_what_they_lead_to_have_one_path() -> None:
    chooser = RandomChooser(random.Random(1))
    while True:
        value = legal_value(display.DrawCopy, chooser)
        if value.data.src_bitmap is not None and value.base.clip.rects is not None and value.base.clip.rects.rects:
            break
    found = dissect(display.DrawCopy, wire.build(display.DrawCopy, value))
    pointer = found["data.src_bitmap"]
    assert (pointer.kind, pointer.end - pointer.start) == ("pointer", 4)
    (target,) = pointer.children
    assert (target.path, target.start) == ("data.src_bitmap", pointer.raw)
    width = found["data.src_bitmap.descriptor.width"]
    assert (width.raw, width.name) == (value.data.src_bitmap.descriptor.width, "width")
    assert found["base.clip.rects.num_rects"].raw == len(value.base.clip.rects.rects)
    assert found["base.clip.rects.rects[0]"].name == "[0]"
    with pytest.raises(KeyError):
        found["data.no_such_field"]


def test_an_error_keeps_what_was_read_before_it() -> None:
    found = dissect(inputs.MouseMotion, b"\1\0\0\0\2\0")
    assert found.error is not None
    assert found.error.path == "dy"
    assert [span.path for span in found.root.children] == ["dx"]
    assert found.root.end == 4
    assert uncovered(b"\1\0\0\0\2\0", found) == [(4, 6)]


def test_trailing_bytes_are_not_covered() -> None:
    body = bytes(12)
    assert uncovered(body, dissect(inputs.MouseMotion, body)) == [(10, 12)]


def test_descriptors_take_no_bytes_and_have_no_span() -> None:
    record = schema.records()["display.GlScanoutUnix"]
    body = bytes(20)
    assert not any(isinstance(span.node, Handle) for span in dissect(record, body))
