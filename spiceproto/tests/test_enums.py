"""Numbers with names: nothing is lost, what is printed is code, and tables stay small."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spiceproto.enums
from spiceproto.enums.base import EnumTable, FlagsTable, WireEnum, WireFlags
from spiceproto.enums.display import CompositeFlags, Ropd
from spiceproto.enums.image import BitmapFmt, ImageFlags

KINDS = {
    item.__name__: item
    for module in iter_modules(spiceproto.enums.__path__)
    for item in vars(import_module(f"spiceproto.enums.{module.name}")).values()
    if isinstance(item, type) and issubclass(item, WireEnum | WireFlags) and len(item)
}
ENUMS = {name: kind for name, kind in KINDS.items() if issubclass(kind, WireEnum)}
FLAGS = {name: kind for name, kind in KINDS.items() if issubclass(kind, WireFlags)}

numbers = st.integers(0, 2**32 - 1) | st.integers(0, 40)


def known(kind: type[WireFlags]) -> int:
    """All bits that have a name."""
    return sum(member.value for member in kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_has_a_docstring(kind: type[WireEnum | WireFlags]) -> None:
    assert kind.__doc__ and kind.__doc__ not in (WireEnum.__doc__, WireFlags.__doc__)


@pytest.mark.parametrize("kind", FLAGS.values(), ids=FLAGS)
def test_flags_are_single_bits(kind: type[WireFlags]) -> None:
    """Members with several bits would be printed twice and would not be found by iteration."""
    assert all(member.value.bit_count() == 1 for member in kind.__members__.values())


@pytest.mark.parametrize("kind", ENUMS.values(), ids=ENUMS)
@given(number=numbers)
def test_enum_table_keeps_every_number(kind: type[WireEnum], number: int) -> None:
    table = EnumTable(kind)
    found = table[number]
    assert found == number
    assert type(found) is (kind if number in kind._value2member_map_ else int)
    assert len(table) == len(kind)


@pytest.mark.parametrize("kind", FLAGS.values(), ids=FLAGS)
@given(number=numbers)
def test_flags_table_keeps_every_number(kind: type[WireFlags], number: int) -> None:
    found = FlagsTable(kind)[number]
    assert found == number
    assert type(found) is (int if number & ~known(kind) else kind)


@pytest.mark.parametrize("kind", FLAGS.values(), ids=FLAGS)
def test_flags_table_does_not_grow_with_unknown_bits(kind: type[WireFlags]) -> None:
    table = FlagsTable(kind)
    free = ~known(kind) & 0xFFFFFFFF
    for number in range(20000):
        table[free ^ number]
    assert all(not key & ~known(kind) for key in table)
    assert len(table) <= 4096


def test_flags_table_is_bounded() -> None:
    """CompositeFlags has 25 bits: 2^25 combinations, all of them named."""
    table = FlagsTable(CompositeFlags)
    for number in range(6000):
        assert table[number] == number
    assert len(table) == 4096
    assert table[5999] is not None and 5999 not in table


def test_flags_table_fills_once() -> None:
    table = FlagsTable(ImageFlags)
    assert table[3] is table[3]
    assert list(table) == [3]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_repr_of_members_is_code(kind: type[WireEnum | WireFlags]) -> None:
    for member in kind:
        assert repr(member) == f"{kind.__name__}.{member.name}"
        assert eval(repr(member), {kind.__name__: kind}) is member


@pytest.mark.parametrize("kind", FLAGS.values(), ids=FLAGS)
@given(number=numbers)
def test_repr_of_combinations_is_code(kind: type[WireFlags], number: int) -> None:
    value = kind(number)
    again = eval(repr(value), {kind.__name__: kind})
    assert again == value
    assert type(again) is kind


@pytest.mark.parametrize(
    "value, text",
    [
        (BitmapFmt._1BIT_LE, "BitmapFmt._1BIT_LE"),
        (Ropd.OP_PUT, "Ropd.OP_PUT"),
        (Ropd.INVERS_SRC | Ropd.OP_PUT, "Ropd.INVERS_SRC | Ropd.OP_PUT"),
        (Ropd(0), "Ropd(0)"),
        (ImageFlags(8), "ImageFlags(8)"),
        (ImageFlags(9), "ImageFlags.CACHE_ME | 8"),
        (CompositeFlags.MASK_FILTER1, "CompositeFlags.MASK_FITLER1"),
    ],
)
def test_repr(value: WireEnum | WireFlags, text: str) -> None:
    assert repr(value) == text
