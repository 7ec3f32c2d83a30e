"""GLZ: sequences with references between images, the reference's own streams, broken streams."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.codecs import glz, tier
from spiceproto.codecs.kernels import glz as loops
from spiceproto.codecs.lz import LzImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.glz_samples import GOOD, REFERENCE, RGB32, TIERS, TYPES, frames, streams_of


@pytest.mark.parametrize("which", TIERS)
def test_reference_sequence_complete(which: tier.Tier) -> None:
    window, dictionary = glz.Window(700), glz.Dictionary(700)
    with tier.forced(which):
        for number, (stream, digest) in enumerate(REFERENCE):
            data = bytes.fromhex(stream)
            pixels = glz.decode(data, window)
            assert hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest() == digest
            head = glz.header(data)
            assert head.image_id == number
            assert glz.encode(pixels, head.type, dictionary, top_down=head.top_down) == data


@given(
    types=st.lists(st.sampled_from(TYPES), min_size=1, max_size=3),
    height=st.integers(1, 16),
    width=st.integers(1, 33),
    pixels=st.sampled_from([528, 900, 2000, 1 << 14]),
    seed=st.integers(0, 1 << 32),
    top_down=st.booleans(),
)
@settings(max_examples=40)
def test_round_trip_in_both_tiers(
    types: list[LzImageType], height: int, width: int, pixels: int, seed: int, top_down: bool
) -> None:
    results = []
    for which in TIERS:
        dictionary, window = glz.Dictionary(pixels), glz.Window(pixels)
        streams = []
        with tier.forced(which):
            made = {type: frames(type, 8, height, width, seed) for type in types}
            for number in range(8):
                type = types[number % len(types)]
                picture = made[type][number]
                stream = glz.encode(picture, type, dictionary, top_down=top_down)
                decoded = glz.decode(stream, window)
                assert decoded.dtype == picture.dtype
                assert np.array_equal(decoded, picture)
                assert set(dictionary.image_ids) <= set(window.image_ids)
                streams.append(stream)
        results.append(streams)
    assert results[0] == results[1]


def test_round_trip_of_large_pictures() -> None:
    """All offset classes: 12, 17 and 25 bits, in the image and in others."""
    with tier.forced("compiled"):
        for type in TYPES:
            pictures = frames(type, 6, 500, 601, type)
            window = glz.Window(1 << 21)
            for stream, picture in zip(streams_of(pictures, 1 << 21, type), pictures, strict=True):
                assert np.array_equal(glz.decode(stream, window), picture)


def test_views_and_copies() -> None:
    pictures = frames(RGB32, 2, 5, 7, 1)
    streams = streams_of(pictures)
    window = glz.Window(1000)
    view = glz.decode(streams[0], window, copy=False)
    assert np.array_equal(view, pictures[0])
    assert not view.flags.writeable
    own = glz.decode(streams[1], window)
    own[...] = 0  # the window's picture is another
    assert own.flags.c_contiguous
    third = streams_of([*pictures, pictures[1]])[2]
    assert np.array_equal(glz.decode(third, window), pictures[1])


def test_distances_are_images() -> None:
    """The third picture repeats the first: its matches name image 0."""
    first = frames(RGB32, 1, 8, 30, 4)[0]
    streams = streams_of([first, np.zeros_like(first) + 7, first])
    assert glz.header(streams[2]) == (RGB32, True, 30, 8, 120, 2, 2)
    window = glz.Window(1000)
    glz.decode(streams[0], window)
    glz.decode(streams[1], window)
    assert np.array_equal(glz.decode(streams[2], window), first)
    assert len(streams[2]) < len(streams[0]) // 4


def test_dictionary_is_one_to_both_tiers() -> None:
    """What one tier has put into the table, the other finds; a process begins interpreted and goes on compiled."""
    pictures = frames(RGB32, 40, 9, 31, 5)
    streams = streams_of(pictures, 1000)
    dictionary = glz.Dictionary(1000)
    for number, (picture, stream) in enumerate(zip(pictures, streams, strict=True)):
        with tier.forced(TIERS[number % 3 % 2]):
            assert glz.encode(picture, RGB32, dictionary) == stream


def _colliding() -> tuple[list[int], list[int]]:
    """Two triples of pixels with one place in the table, and with different tags."""
    dice = np.random.default_rng(1)
    found: dict[int, list[int]] = {}
    while True:
        triple = [int(pixel) for pixel in dice.integers(0, 1 << 24, 3)]
        place = loops.hashed(*triple)
        other = found.setdefault(place, triple)
        tags = [((a * 0x9E3779B1 ^ b * 0x85EBCA77) & 0xFFFFFFFF) >> 24 for a, b, _ in (triple, other)]
        if tags[0] != tags[1]:
            return other, triple


@pytest.mark.parametrize("turns", [loops.GENERATIONS - 2, loops.GENERATIONS - 1, loops.GENERATIONS, 3 * loops.GENERATIONS])
def test_generations_begin_anew(turns: int) -> None:
    """A place that is so many images older than what it leads to, and has the generation that a count modulo 64 would have."""
    there, sought = _colliding()
    first, last = (np.arange(40, dtype=np.uint32).reshape(1, 40) * 7919 + 11 for _ in range(2))
    first[0, 10:13] = there
    last[0, 10:13] = [*sought[:2], 5]
    last[0, 20:23] = sought
    streams = []
    for which in TIERS:
        dictionary = glz.Dictionary(40)
        with tier.forced(which):
            glz.encode(first, RGB32, dictionary)
            for _ in range(turns - 1):
                glz.encode(np.zeros((1, 40), np.uint32), RGB32, dictionary)
            streams.append(glz.encode(last, RGB32, dictionary))
    assert streams[0] == streams[1]


# -- broken streams ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "value", "path"),
    [
        (0, b"LZ  ", "magic"),
        (4, b"\0\1\0\2", "version"),
        (8, b"\x10", "type"),
        (8, b"\x15", "type"),
        (8, b"\x1a", "type"),
        (9, b"\0\0\0\0", "width"),
        (13, b"\0\0\0\0", "height"),
        (13, b"\xff\xff\xff\xff", "height"),
        (17, b"\0\0\0\x15", "stride"),
        (21, b"\xff" * 8, "image_id"),
        (29, b"\0\0\0\1", "window_head_distance"),
    ],
)
def test_header_errors(offset: int, value: bytes, path: str) -> None:
    data = GOOD[:offset] + value + GOOD[offset + len(value) :]
    with pytest.raises(RemoteError) as caught:
        glz.decode(data, glz.Window(1000))
    assert (caught.value.path, caught.value.offset) == (path, offset)
    assert caught.value.expected
    assert caught.value.actual


def test_header_too_large() -> None:
    with pytest.raises(LimitError):
        glz.decode(GOOD, glz.Window(19))
    with pytest.raises(LimitError):
        glz.decode(GOOD, glz.Window(1000), max_pixels=19)
    assert glz.decode(GOOD, glz.Window(20), max_pixels=20).shape == (4, 5)


@pytest.mark.parametrize("which", TIERS)
@pytest.mark.parametrize("type", TYPES)
def test_stream_truncated_and_trailing(type: LzImageType, which: tier.Tier) -> None:
    streams = streams_of(frames(type, 3, 7, 13, 2), type=type)
    window = glz.Window(1000)
    with tier.forced(which):
        glz.decode(streams[0], window)
        glz.decode(streams[1], window)
        for end in range(len(streams[2])):
            with pytest.raises(RemoteError):
                glz.decode(streams[2][:end], window)
        with pytest.raises(RemoteError, match="behind the last pixel") as caught:
            glz.decode(streams[2] + b"\0", window)
        assert caught.value.offset == len(streams[2])
        glz.decode(streams[2], window)


@pytest.mark.parametrize("which", TIERS)
def test_damaged_streams(which: tier.Tier) -> None:
    """Each sequence anew, its last stream damaged; header, numbers and tokens alike."""
    total = rounds()
    with tier.forced(which):
        for type in TYPES:
            streams = streams_of(frames(type, 4, 6, 17, type), type=type)
            window = glz.Window(5000)

            def decode(data: bytes, window: glz.Window = window, streams: list[bytes] = streams) -> None:
                window.clear()
                for stream in streams[:3]:
                    glz.decode(stream, window, copy=False)
                glz.decode(data, window)

            accepted, refused = survives(decode, streams[3:], total // len(TYPES))
            assert refused > accepted


def test_damaged_streams_same_in_both_tiers() -> None:
    dice = np.random.default_rng(1)
    for number in range(200):
        type = TYPES[number % 4]
        streams = streams_of(frames(type, 3, 6, 17, number), type=type)
        data = bytearray(streams[2])
        for _ in range(int(dice.integers(1, 4))):
            data[dice.integers(33, len(data))] = dice.integers(256)
        results: list[Any] = []
        for which in TIERS:
            window = glz.Window(1000)
            with tier.forced(which):
                glz.decode(streams[0], window)
                glz.decode(streams[1], window)
                try:
                    results.append(glz.decode(bytes(data), window).tolist())
                except RemoteError as error:
                    results.append(str(error))
        assert results[0] == results[1]


def test_local_errors() -> None:
    good = np.zeros((2, 3), np.uint32)
    dictionary = glz.Dictionary(10)
    for pixels, type in (
        (good, LzImageType.RGB16),
        (good, LzImageType.PLT8),
        (good[0], RGB32),
        (np.zeros((2, 6), np.uint32), RGB32),
    ):
        with pytest.raises(LocalError):
            glz.encode(pixels, type, dictionary)
    assert dictionary.next_id == 0
    for size in (0, (1 << 25) + 1):
        with pytest.raises(LocalError):
            glz.Window(size)
        with pytest.raises(LocalError):
            glz.Dictionary(size)
