"""Branches: which conditional fields one if-chain may read, and what it asks."""

from __future__ import annotations

import pytest

from spiceproto import wire
from spiceproto.derive.branches import alternatives, condition_test
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.image import ImageType
from spiceproto.walk import Condition, walk
from spiceproto.wire import enum, field, flags, uint8, when, when_not

KIND = field("kind", enum(ImageType, uint8))
BITS = field("bits", flags(CursorFlags, uint8))


def names(*fields: wire.Field) -> list[list[str]]:
    """Names of the first branches behind the discriminators."""
    members = list(walk(wire.record("test.Branches", KIND, BITS, *fields)).members)[2:]
    return [[member.name for member in branch] for branch in alternatives(members)]


def test_a_field_that_is_always_there_is_alone() -> None:
    assert names(field("a", uint8), field("b", uint8)) == [["a"]]


def test_fields_of_one_condition_are_together() -> None:
    quic = [field(name, when("kind", ImageType.QUIC, uint8)) for name in "ab"]
    assert names(*quic, field("c", uint8)) == [["a", "b"]]


def test_different_names_exclude_each_other_and_flags_do_not() -> None:
    kinds = [field("a", when("kind", ImageType.QUIC, uint8)), field("b", when("kind", ImageType.JPEG, uint8))]
    assert names(*kinds) == [["a"], ["b"]]
    bits = [field("a", when("bits", CursorFlags.NONE, uint8)), field("b", when("bits", CursorFlags.CACHE_ME, uint8))]
    assert names(*bits) == [["a"]]


def test_the_opposite_ends_the_chain() -> None:
    there = [field("a", when("bits", CursorFlags.NONE, uint8)), field("b", when_not("bits", CursorFlags.NONE, uint8))]
    assert names(*there, field("c", when("bits", CursorFlags.NONE, uint8))) == [["a"], ["b"]]


def test_of_fields_with_one_name_the_first_counts() -> None:
    same = [field("a", when("bits", bit, uint8)) for bit in (CursorFlags.NONE, CursorFlags.CACHE_ME, CursorFlags.FROM_CACHE)]
    assert names(*same) == [["a"], ["a"], ["a"]]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("kind", (ImageType.QUIC,), False), "n == 1"),
        (Condition("kind", (ImageType.QUIC,), True), "n != 1"),
        (Condition("kind", (ImageType.QUIC, ImageType.JPEG), False), "n in (1, 105)"),
        (Condition("kind", (ImageType.QUIC, ImageType.JPEG), True), "n not in (1, 105)"),
        (Condition("bits", (CursorFlags.NONE, CursorFlags.FROM_CACHE), False), "n & 5"),
        (Condition("bits", (CursorFlags.NONE,), True), "not n & 1"),
    ],
)
def test_what_a_condition_asks(condition: Condition, text: str) -> None:
    assert condition_test(condition, "n") == text
    for number in range(8):
        assert bool(eval(text, {"n": number})) == condition.holds(number)
