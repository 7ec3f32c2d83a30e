"""DATA and COMPRESSED_DATA: what was packed comes out again, what gains nothing stays plain, what is hostile has a name."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import byte_channel, dispatch, extras, limits
from spiceproto.byte_channel import pack, pieces, unpack
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.spicevmc import DataCompressionType
from spiceproto.errors import LimitError, MissingExtraError, RemoteError
from spiceproto.messages.spicevmc import CompressedData, Data

SMALL = b"x" * byte_channel.THRESHOLD
LARGE = SMALL + b"x"
LARGEST_SEEN = b"SCSI" * 30726 + b"SC"
"""122 906 bytes: the largest message that was seen in a client's direction."""


@given(st.binary(max_size=3000), st.booleans())
def test_what_is_packed_comes_out(data: bytes, lz4: bool) -> None:
    assert unpack(pack(data * 3, lz4=lz4)) == data * 3


@given(st.binary(max_size=5000), st.integers(1, 2000), st.booleans())
def test_pieces_are_the_stream(data: bytes, most: int, lz4: bool) -> None:
    made = pieces(data, lz4=lz4, most=most)
    stretches = [unpack(value) for value in made]
    assert b"".join(stretches) == data
    assert all(0 < len(stretch) <= most for stretch in stretches)


def test_what_is_compressed() -> None:
    assert pack(LARGE, lz4=False) == Data(LARGE)
    assert pack(SMALL, lz4=True) == Data(SMALL)
    packed = pack(LARGE, lz4=True)
    assert isinstance(packed, CompressedData)
    assert (packed.type, packed.uncompressed_size) == (DataCompressionType.LZ4, 1001)
    assert len(packed.compressed_data) < 100
    noise = os.urandom(5000)
    assert pack(noise, lz4=True) == Data(noise)


def test_large_messages_of_clients_are_taken() -> None:
    packed = pack(LARGEST_SEEN, lz4=True)
    assert isinstance(packed, CompressedData) and packed.uncompressed_size == 122_906
    number, body = dispatch.build("usbredir", "client", packed)
    assert unpack(dispatch.parse("usbredir", "client", number, body)) == LARGEST_SEEN
    beyond = bytes(limits.COMPRESSED_DATA + 1)
    assert pack(beyond, lz4=True) == Data(beyond)


def test_a_type_of_none_is_the_bytes_themselves() -> None:
    assert unpack(CompressedData(DataCompressionType.NONE, None, b"as they are")) == b"as they are"


@pytest.mark.parametrize("size", [limits.COMPRESSED_DATA + 1, 0xFFFFFFFF])
def test_a_size_above_the_bound(size: int) -> None:
    with pytest.raises(LimitError, match=f"uncompressed_size.*{size} bytes"):
        unpack(CompressedData(DataCompressionType.LZ4, size, bytes(9000)))


def test_a_bound_of_the_callers() -> None:
    packed = byte_channel.compressed(LARGE)
    assert unpack(packed, 1001) == LARGE
    with pytest.raises(LimitError, match="at most 1000 bytes"):
        unpack(packed, 1000)


def test_a_size_that_no_block_yields() -> None:
    with pytest.raises(LimitError, match="at most 2550 bytes"):
        unpack(CompressedData(DataCompressionType.LZ4, 2551, bytes(10)))


@pytest.mark.parametrize("kind", [2, 255])
def test_a_type_without_meaning(kind: int) -> None:
    with pytest.raises(RemoteError, match=f"type.*no such compression.*{kind}"):
        unpack(CompressedData(kind, 10, b"x" * 10))


def test_a_size_of_nothing() -> None:
    with pytest.raises(RemoteError, match="COMPRESSED_DATA of nothing"):
        unpack(CompressedData(DataCompressionType.LZ4, 0, b"\0"))


@pytest.mark.parametrize("change", [-1, 1])
def test_a_size_that_is_not_the_blocks(change: int) -> None:
    packed = byte_channel.compressed(LARGE)
    with pytest.raises(RemoteError, match="LZ4 block"):
        unpack(CompressedData(packed.type, 1001 + change, packed.compressed_data))


@given(st.binary(max_size=300), st.integers(0, 0xFFFFFFFF), st.integers(1, 255))
def test_garbage_raises_nothing_else(block: bytes, size: int, kind: int) -> None:
    try:
        assert len(unpack(CompressedData(kind, size, block))) == size
    except RemoteError as error:
        assert error.path


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    assert byte_channel.announced().has(SpicevmcCapability.DATA_COMPRESS_LZ4)
    packed = byte_channel.compressed(LARGE)
    monkeypatch.setattr(extras, "present", lambda module: False)
    assert not byte_channel.announced().has(SpicevmcCapability.DATA_COMPRESS_LZ4)
    assert pack(LARGE, lz4=True) == Data(LARGE)
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    with pytest.raises(MissingExtraError, match="COMPRESSED_DATA needs lz4"):
        unpack(packed)
