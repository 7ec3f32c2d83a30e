"""Capability sets."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import capabilities, limits
from spiceproto.capabilities import NONE, Capabilities, bits_of, mini_header, read, words_of
from spiceproto.enums import capabilities as enums
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LimitError, RemoteError

bits = st.integers(0, (1 << 200) - 1)


@given(bits)
def test_words_round_trip(value: int) -> None:
    words = words_of(value)
    assert bits_of(words) == value
    assert not words or words[-1]


@given(bits, bits, st.binary(max_size=9), st.binary(max_size=5))
def test_read_complete(common: int, channel: int, apart: bytes, behind: bytes) -> None:
    sets = Capabilities(common, channel)
    common_words, channel_words, words = sets.pack()
    body = bytes(18) + apart + words + behind
    assert read(body, 18, common_words, channel_words, 18 + len(apart)) == sets


def test_read_truncated() -> None:
    body = bytes(18) + bytes(8)
    assert read(body, 18, 1, 1, 18) == NONE
    for common, channel, offset in ((1, 2, 18), (1, 1, 19), (2, 1, 18), (1, 1, 0xFFFFFFF0), (1, 1, 26), (1024, 0, 18)):
        with pytest.raises(RemoteError, match="outside"):
            read(body, 18, common, channel, offset)


def test_read_before_the_fixed_part() -> None:
    for offset in (0, 1, 17):
        with pytest.raises(RemoteError, match="fixed part"):
            read(bytes(64), 18, 1, 0, offset)


def test_offset_means_nothing_without_words() -> None:
    for offset in (0, 17, 0xFFFFFFFF):
        assert read(bytes(18), 18, 0, 0, offset) == NONE


def test_read_too_long() -> None:
    body = bytes(18 + 4 * 2 * (limits.CAPABILITY_WORDS + 1))
    assert read(body, 18, limits.CAPABILITY_WORDS, limits.CAPABILITY_WORDS, 18) == NONE
    more = limits.CAPABILITY_WORDS + 1
    for common, channel in ((more, 0), (0, more), (0xFFFFFFFF, 0xFFFFFFFF)):
        with pytest.raises(LimitError):
            read(body, 18, common, channel, 18)


@given(st.binary(max_size=64), *[st.integers(0, 0xFFFFFFFF) | st.integers(0, 20)] * 3)
def test_garbage_raises_only_remote_errors(body: bytes, common: int, channel: int, offset: int) -> None:
    try:
        read(body, 18, common, channel, offset)
    except RemoteError as error:
        assert error.path


def test_names_keep_unknown_bits() -> None:
    sets = Capabilities(0x8000000D, 1 << 40 | 0x2)
    assert sets.names(ChannelType.MAIN) == (
        ("PROTOCOL_AUTH_SELECTION", "AUTH_SASL", "MINI_HEADER", "31"),
        ("NAME_AND_UUID", "40"),
    )
    assert sets.names(77)[1] == ("1", "40")


def test_words_of_ones_are_ignored() -> None:
    ones = struct.pack("<32L", *[0xFFFFFFFF] * 32)
    sets = read(bytes(18) + ones, 18, 16, 16, 18)
    assert sets.has(CommonCapability.MINI_HEADER) and sets.has(MainCapability.SEAMLESS_MIGRATE)
    assert len(sets.names(ChannelType.MAIN)[0]) == 512


def test_a_member_is_looked_up_in_the_set_of_its_class() -> None:
    sets = NONE.with_(CommonCapability.AUTH_SPICE, DisplayCapability.MONITORS_CONFIG, DisplayCapability.GL_SCANOUT2)
    assert sets == Capabilities(0x2, 0x8002)
    assert sets.has(CommonCapability.AUTH_SPICE) and not sets.has(CommonCapability.AUTH_SASL)
    assert sets.without(DisplayCapability.MONITORS_CONFIG) == Capabilities(0x2, 0x8000)


@pytest.mark.parametrize("client", [False, True])
@pytest.mark.parametrize("server", [False, True])
def test_mini_header_needs_both(client: bool, server: bool) -> None:
    def make(on: bool) -> Capabilities:
        return NONE.with_(CommonCapability.MINI_HEADER) if on else NONE

    assert mini_header(make(client), make(server)) is (client and server)


def test_every_capability_enum_belongs_to_a_channel() -> None:
    kinds = {kind.__name__ for kind in capabilities.CHANNEL_CAPABILITIES.values()}
    declared = {name for name in vars(enums) if name.endswith("Capability")}
    assert kinds == declared - {"CommonCapability"}
