"""The window of GLZ: images that come late, images that leave, numbers that are lost or far apart."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from spiceproto.codecs import glz, tier
from spiceproto.codecs.glz.stream import MAX_IMAGE_ID
from spiceproto.codecs.glz.window import MAX_SLOTS, OVERTAKEN_IMAGES
from spiceproto.codecs.kernels import glz as loops
from spiceproto.codecs.lz import LzImageType
from spiceproto.errors import RemoteError
from spiceproto.tests.glz_samples import GOOD, RGB32, TIERS, TYPES, frames, streams_of

# -- two channels, one window -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", TIERS)
def test_swapped_arrival(which: tier.Tier) -> None:
    pictures = frames(RGB32, 1, 8, 30, 4) * 3
    streams = streams_of(pictures)
    window = glz.Window(10_000)
    with tier.forced(which):
        with pytest.raises(glz.MissingImage) as caught:
            glz.decode(streams[1], window)
        assert caught.value.image_id == 0
        assert caught.value.offset is not None
        assert window.image_ids == ()
        with pytest.raises(glz.MissingImage):
            glz.decode(streams[2], window)
        for number in (0, 1, 2):
            assert np.array_equal(glz.decode(streams[number], window), pictures[number])
    assert window.next_id == 3


def test_overtaking_image_keeps_what_the_late_one_may_need() -> None:
    """Image 2 lets go of image 0, but image 1, still under way, refers to it."""
    picture = frames(RGB32, 1, 8, 30, 4)[0]
    dictionary = glz.Dictionary(3 * picture.size - 1)
    other = np.arange(240, dtype=np.uint32).reshape(8, 30)
    streams = [glz.encode(each, RGB32, dictionary) for each in (picture, picture, other)]
    assert glz.header(streams[1]).window_head_distance == 1
    assert glz.header(streams[2]).window_head_distance == 1
    window = glz.Window(dictionary.pixels)
    glz.decode(streams[0], window)
    glz.decode(streams[2], window)
    assert window.image_ids == (0, 2)
    assert np.array_equal(glz.decode(streams[1], window), picture)
    assert set(window.image_ids) == {1, 2}
    assert window.next_id == 3


def test_missing_reference_for_ever() -> None:
    picture = frames(RGB32, 1, 8, 30, 4)[0]
    streams = streams_of([picture] * 3)
    window = glz.Window(10_000)
    glz.decode(streams[0], window)
    third = streams[2]
    with pytest.raises(glz.MissingImage) as caught:  # the third was coded after the second
        glz.decode(third, window)
    assert caught.value.image_id == 1


def test_a_lost_number_does_not_hold_the_window_open() -> None:
    dictionary = glz.Dictionary(20)
    picture = np.zeros((1, 5), np.uint32)
    window = glz.Window(1 << 20)
    with tier.forced("compiled"):
        for number in range(OVERTAKEN_IMAGES + 10):
            stream = glz.encode(picture + number, RGB32, dictionary)
            if number != 3:
                glz.decode(stream, window)
    assert window.next_id == OVERTAKEN_IMAGES + 10
    assert len(window) <= 5


def test_joined_midway() -> None:
    picture = frames(RGB32, 1, 8, 30, 4)[0]
    dictionary = glz.Dictionary(1000, next_id=70_000)
    streams = [glz.encode(picture, RGB32, dictionary) for _ in range(8)]
    window = glz.Window(1000, next_id=70_000)
    for stream in streams:
        assert np.array_equal(glz.decode(stream, window), picture)
    assert window.next_id == 70_008
    window.clear()
    assert (len(window), window.next_id, window.pixels_held) == (0, 0, 0)


# -- the window's rules -----------------------------------------------------------------------------------------------


def test_head_distance_drops_images() -> None:
    picture = frames(RGB32, 1, 5, 20, 4)[0]
    window, dictionary = glz.Window(10_000), glz.Dictionary(300)
    for number in range(6):
        stream = glz.encode(picture, RGB32, dictionary)
        glz.decode(stream, window)
        head = number - glz.header(stream).window_head_distance
        assert window.image_ids == tuple(range(head, number + 1)) == dictionary.image_ids
    assert len(window) == 3
    late = streams_of([picture] * 9)[7]  # as if the dictionary had been larger: refers to image 6, which is to come
    with pytest.raises(glz.MissingImage):
        glz.decode(late, window)
    # One literal, then 99 pixels from the start of the image with number 6 - distance.
    for distance, there in ((1, True), (3, True), (4, False), (6, False)):
        data = struct.pack(">IIBIIIQI", 0x20205A4C, 0x10001, 0x18, 20, 5, 80, 6, 3) + bytes([0, 1, 2, 3])
        data += bytes([0xE0, 92, 0, distance])
        window = glz.Window(10_000)
        dictionary = glz.Dictionary(300)
        for _ in range(6):
            glz.decode(glz.encode(picture, RGB32, dictionary), window)
        if there:
            pixels = glz.decode(data, window).reshape(-1)
            assert pixels[0] == 0x030201
            assert np.array_equal(pixels[1:], picture.reshape(-1)[:99])
            continue
        with pytest.raises(RemoteError, match="not in the window") as refused:
            glz.decode(data, window)
        assert not isinstance(refused.value, glz.MissingImage)
        assert refused.value.offset == 37


def test_capacity_bounds_memory_without_any_drop() -> None:
    """A server that never lets go: the oldest images leave when the pool has gone round."""
    picture = np.arange(100, dtype=np.uint32).reshape(10, 10)
    stream = bytearray(streams_of([picture])[0])
    window = glz.Window(1000)
    for number in range(100):
        struct.pack_into(">QI", stream, 21, number, number)
        glz.decode(bytes(stream), window)
        assert window.pixels_held <= 2500
    assert window.image_ids[-10:] == tuple(range(90, 100))


def test_numbers_far_apart() -> None:
    """Numbers that would fall on one row of the table of images, and leaps."""
    stream = bytearray(streams_of([np.zeros((1, 5), np.uint32)])[0])
    window = glz.Window(1000)
    numbers = [0, 1 << 17, 1 << 20, 1 << 40, MAX_IMAGE_ID, 1, 2, 64]
    for number in numbers:
        struct.pack_into(">QI", stream, 21, number, 0)
        glz.decode(bytes(stream), window)
    assert window.next_id == 3
    for number in numbers:
        struct.pack_into(">QI", stream, 21, number, 0)
        with pytest.raises(RemoteError, match="twice"):
            glz.decode(bytes(stream), window)
    assert window._numbers[loops.SLOTS] == MAX_SLOTS


def test_number_twice() -> None:
    streams = streams_of(frames(RGB32, 3, 4, 4, 1))
    window = glz.Window(1000)
    glz.decode(streams[0], window)
    with pytest.raises(RemoteError, match="twice"):
        glz.decode(streams[0], window)


def test_other_type_and_past_the_end() -> None:
    picture = frames(RGB32, 1, 8, 30, 4)[0]
    streams = streams_of([picture] * 2)
    small = streams_of([picture[:1]])[0]
    alpha = streams_of([picture], type=LzImageType.RGBA)[0]
    window = glz.Window(10_000)
    glz.decode(alpha, window)
    with pytest.raises(RemoteError, match="another type"):
        glz.decode(streams[1], window)
    window.clear()
    glz.decode(small, window)
    with pytest.raises(RemoteError, match="past the last pixel of the image"):
        glz.decode(streams[1], window)


def test_a_few_bytes_do_not_push_images_out() -> None:
    window = glz.Window(1 << 20)
    glz.decode(GOOD, window)
    large = struct.pack(">IIBIIIQI", 0x20205A4C, 0x10001, 0x18, 1024, 1024, 4096, 1, 1)
    with pytest.raises(RemoteError, match="too short"):
        glz.decode(large + bytes(100), window)
    assert window.image_ids == (0,)


def test_both_tiers_hold_the_same() -> None:
    """Images in their turn, late, broken and of all types, in one window of each tier: the same pixels, errors and numbers."""
    dice = np.random.default_rng(6)
    streams = []
    dictionary = glz.Dictionary(2000)
    pictures = {type: frames(type, 4, 6, 17, 8) for type in TYPES}
    for number in range(300):
        kind = RGB32 if dice.random() < 0.7 else TYPES[int(dice.integers(4))]
        picture = pictures[kind][int(dice.integers(4))][:, : int(dice.integers(1, 18))]
        streams.append(glz.encode(picture, kind, dictionary, top_down=number % 9 > 0))
        if number % 5 == 0:
            streams[-2:] = streams[-2:][::-1]
        if number % 7 == 0:
            streams.append(streams[int(dice.integers(len(streams)))])
        if number % 11 == 0:
            streams.append(streams[-1][: int(dice.integers(len(streams[-1])))])
    seen: list[list[tuple[object, ...]]] = []
    for which in TIERS:
        window = glz.Window(2000)
        seen.append([])
        with tier.forced(which):
            for stream in streams:
                try:
                    found: object = glz.decode(stream, window).tolist()
                except RemoteError as error:
                    found = str(error)
                ids = window.image_ids
                assert len(window) == len(ids) and all(number in window for number in ids)
                seen[-1].append((found, ids, window.pixels_held, window.next_id))
    assert seen[0] == seen[1]
    assert {type(found) for found, *_ in seen[0]} == {str, list}


# -- many images ------------------------------------------------------------------------------------------------------


def test_many_small_pictures_go_round_the_pool() -> None:
    dictionary, window = glz.Dictionary(3000), glz.Window(3000)
    dice = np.random.default_rng(1)
    known = frames(RGB32, 5, 20, 30, 1)
    with tier.forced("compiled"):
        for number in range(1500):
            height, width = (int(dice.integers(1, 20)), int(dice.integers(1, 30))) if number % 3 else (1, 2)
            picture = known[int(dice.integers(5))][:height, :width]
            assert np.array_equal(glz.decode(glz.encode(picture, RGB32, dictionary), window), picture)
            assert set(dictionary.image_ids) <= set(window.image_ids)
            assert window.pixels_held <= 3000 * 5 // 2


def test_thousands_of_images_in_one_dictionary() -> None:
    """More segments than the first thousand rows, more images than the first table of the window."""
    dictionary, window = glz.Dictionary(1 << 16), glz.Window(1 << 16)
    with tier.forced("compiled"):
        for number in range(2500):
            picture = np.full((2, 4), number, np.uint32)
            assert np.array_equal(glz.decode(glz.encode(picture, RGB32, dictionary), window), picture)
    assert len(window) == len(dictionary.image_ids) == 2500
