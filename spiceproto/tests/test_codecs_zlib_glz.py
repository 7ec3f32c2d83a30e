"""ZLIB_GLZ: round trips, both sizes held against what is there, the bounds on inflating."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.codecs import glz, zlib_glz
from spiceproto.codecs.lz import LzImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives

RGB32 = LzImageType.RGB32
PICTURE = (np.arange(600, dtype=np.uint32) * 2654435761 % 5 * 0x10203).reshape(20, 30).astype(np.uint32)


def first() -> tuple[bytes, int]:
    return zlib_glz.encode(PICTURE, RGB32, glz.Dictionary(1000))


@given(height=st.integers(1, 20), width=st.integers(1, 30), top_down=st.booleans(), level=st.integers(0, 9))
@settings(max_examples=40)
def test_round_trip(height: int, width: int, top_down: bool, level: int) -> None:
    dictionary, window = glz.Dictionary(1000), glz.Window(1000)
    for number in range(3):
        picture = PICTURE[:height, :width] + np.uint32(number)
        data, size = zlib_glz.encode(picture, RGB32, dictionary, top_down=top_down, level=level)
        assert np.array_equal(zlib_glz.decode(data, size, window), picture)


def test_shares_the_window_with_glz() -> None:
    dictionary, window = glz.Dictionary(5000), glz.Window(5000)
    glz.decode(glz.encode(PICTURE, RGB32, dictionary), window)
    data, size = zlib_glz.encode(PICTURE, RGB32, dictionary)
    with pytest.raises(glz.MissingImage):
        zlib_glz.decode(data, size, glz.Window(5000))
    assert np.array_equal(zlib_glz.decode(data, size, window), PICTURE)


def test_inflates_without_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def absent(name: str) -> None:
        asked.append(name)
        raise ImportError(name)

    data, size = first()
    expected = zlib_glz.inflate(data, size)
    monkeypatch.setattr("importlib.import_module", absent)
    zlib_glz._library.cache_clear()
    try:
        assert zlib_glz.inflate(data, size) == expected
        with pytest.raises(RemoteError):
            zlib_glz.inflate(data[:-1], size)
    finally:
        zlib_glz._library.cache_clear()
    assert asked == ["isal.isal_zlib"]


@pytest.mark.parametrize("wrong", [-1, 1, -5, 1000])
def test_announced_size(wrong: int) -> None:
    data, size = first()
    with pytest.raises(RemoteError) as caught:
        zlib_glz.decode(data, size + wrong, glz.Window(1000))
    assert caught.value.path == "glz_data_size"


def test_sizes_that_no_picture_takes() -> None:
    data, _ = first()
    with pytest.raises(RemoteError):
        zlib_glz.decode(data, 32, glz.Window(1000))
    with pytest.raises(LimitError):
        zlib_glz.decode(data, 33 + 9 * 600 + 1, glz.Window(1000))
    with pytest.raises(LimitError):
        zlib_glz.decode(data, (1 << 32) - 1, glz.Window(1000))


def test_bomb() -> None:
    """A gigabyte of zeros behind a header for a few pixels."""
    head = struct.pack(">IIBIIIQI", 0x20205A4C, 0x10001, 0x18, 4, 4, 16, 0, 0)
    packer = zlib.compressobj(9)
    data = packer.compress(head) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    with pytest.raises(LimitError):
        zlib_glz.decode(data, 33 + (64 << 20), glz.Window(1000))
    with pytest.raises(RemoteError):
        zlib_glz.decode(data, 33 + 100, glz.Window(1000))


def test_stream_truncated() -> None:
    data, size = first()
    for end in range(len(data)):
        with pytest.raises(RemoteError):
            zlib_glz.decode(data[:end], size, glz.Window(1000))


def test_stream_trailing() -> None:
    data, size = first()
    with pytest.raises(RemoteError) as caught:
        zlib_glz.decode(data + b"\0", size, glz.Window(1000))
    assert caught.value.offset == len(data)


def test_no_zlib_at_all() -> None:
    for data in (b"", b"\0", b"not zlib at all"):
        with pytest.raises(RemoteError):
            zlib_glz.decode(data, 100, glz.Window(1000))
    with pytest.raises(RemoteError):
        zlib_glz.decode(zlib.compress(b"not GLZ, however long it may be...."), 35, glz.Window(1000))


def test_damaged_streams() -> None:
    data, size = first()
    accepted, refused = survives(lambda damaged: zlib_glz.decode(damaged, size, glz.Window(1000)), [data], rounds())
    assert refused > accepted


def test_local_errors() -> None:
    with pytest.raises(LocalError):
        zlib_glz.encode(PICTURE, RGB32, glz.Dictionary(1000), level=10)
