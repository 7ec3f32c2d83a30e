"""Strategies: what they draw can be built and parses back, conditions are honoured, and examples shrink."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from spiceproto import schema, wire
from spiceproto.derive.legal import Sizes
from spiceproto.derive.strategies import bodies, messages, values
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.message import Message, Sender
from spiceproto.schema import display, image, main

RECORDS = list(schema.records().values())
QUIET = {"database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_values_of_every_record_round_trip(record: wire.Record) -> None:
    @settings(max_examples=8, **QUIET)  # type: ignore[arg-type]
    @given(values(record))
    def check(value: object) -> None:
        tail: list[int] = []
        body = wire.build(record, value)
        assert wire.parse(record, body, tail.append) == value
        assert not tail

    check()


@settings(max_examples=60, **QUIET)  # type: ignore[arg-type]
@given(value=values(image.Image))
def test_conditions_are_honoured(value: object) -> None:
    streams = ("bitmap", "quic", "lz_rgb", "jpeg", "lz4", "lz_plt", "zlib_glz", "jpeg_alpha", "surface")
    assert sum(getattr(value, name) is not None for name in streams) <= 1


@pytest.mark.parametrize("sender", ["server", "client"])
def test_messages_come_with_their_row(sender: Sender) -> None:
    @settings(max_examples=40, **QUIET)  # type: ignore[arg-type]
    @given(messages("main", sender))
    def check(drawn: tuple[Message, Any]) -> None:
        row, value = drawn
        assert schema.rows("main", sender)[row.number] is row
        assert type(value) is row.body.value_class

    check()


@settings(max_examples=40, **QUIET)  # type: ignore[arg-type]
@given(body=bodies(display.DrawCopy, Sizes(elements=1, octets=3, factor=2)))
def test_sizes_are_bounded(body: bytes) -> None:
    assert len(body) < 400


def test_numbers_and_bits_without_a_name_are_drawn_too() -> None:
    clip = schema.records()["draw.Clip"]
    assert not isinstance(find(values(clip), lambda value: not isinstance(value.type, WireEnum)).type, WireEnum)
    mask = schema.records()["draw.QMask"]
    assert not isinstance(find(values(mask), lambda value: not isinstance(value.flags, WireFlags)).flags, WireFlags)


def test_values_shrink_to_what_matters() -> None:
    value = find(
        values(display.CopyBits),
        lambda value: value.base.clip.rects is not None and len(value.base.clip.rects.rects) >= 2,
    )
    assert len(value.base.clip.rects.rects) == 2
    assert {rect.top for rect in value.base.clip.rects.rects} == {0}
    assert value.src_pos.x == 0
    assert find(values(main.Name), lambda value: len(value.name) >= 3).name == b"\0\0\0"


@settings(max_examples=30, **QUIET)  # type: ignore[arg-type]
@given(data=st.data())
def test_magic_numbers_are_right_most_of_the_time(data: st.DataObject) -> None:
    header = schema.records()["agent.MessageHeader"]
    drawn = [data.draw(values(header)).protocol for _ in range(6)]
    assert 1 in drawn
