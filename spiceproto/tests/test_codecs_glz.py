"""GLZ: sequences with references between images, the window's rules, the reference's own streams, broken streams."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import glz, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives

TYPES = [LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA]
TIERS: list[tier.Tier] = ["interpreted", "compiled"]
RGB32 = LzImageType.RGB32


def frames(type: LzImageType, count: int, height: int, width: int, seed: int) -> list[NDArray[Any]]:
    """Pictures of which each repeats much of earlier ones, shifted and speckled."""
    dice = np.random.default_rng(seed)
    dtype: Any = np.uint16 if type is LzImageType.RGB16 else np.uint32
    top = {LzImageType.RGB16: 1 << 15, LzImageType.RGBA: 1 << 32}.get(type, 1 << 24)
    found: list[NDArray[Any]] = []
    for number in range(count):
        if not number or dice.random() < 0.2:
            flat = np.repeat(dice.integers(0, top, height * width), int(dice.integers(1, 9)))[: height * width]
        else:
            flat = np.roll(found[int(dice.integers(number))].reshape(-1), int(dice.integers(height * width)))
            flat[dice.integers(0, flat.size, int(dice.integers(0, flat.size // 10 + 1)))] = dice.integers(0, top)
        found.append(flat.reshape(height, width).astype(dtype))
    return found


def streams_of(pictures: list[NDArray[Any]], pixels: int = 1 << 16, type: LzImageType = RGB32) -> list[bytes]:
    dictionary = glz.Dictionary(pixels)
    return [glz.encode(picture, type, dictionary) for picture in pictures]


# Streams of the reference encoder, in their order, for one dictionary of 700 pixels; SHA-256 of the pixels. The window
# is full at the last ones.
REFERENCE = [
    (
        "20205a4c00010001180000000f000000060000003c0000000000000000000000000e0000000000000000000f19050f19050f"
        "19051e320a1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64146e0000002a460ece000000487818ee000000020f19"
        "050f19052a460ecd01000057911d6d0100001b2d096e00006c020000395f13ec0202006a0100670100055a961e5a961e5a96"
        "1e78c82893f53178c8284a0400001b2d096e00006404000575c3275a961e5a961e78c82878c82878c828",
        "e5fe86a7fd66cf8b0933aea44341a55a16529032398e4761935e74b245f1dd58",
    ),
    (
        "20205a4c00010001080000000f000000060000003c00000000000000010000000102000000000000395f13af0401065a961e"
        "75c3275a961e78c82878c82878c82896fa32ad0301013c641457911da404010478c82893f53196fa320000001b2d09a00301"
        "011e320a487818aa0001004b7d198f0101000f19056f02008603010057911dae0000002a460e6203016e0000004878186105"
        "01cd0100ae0000042d4b0f3c64143c64143c64144b7d19",
        "7759b621dfb1e2f18866708a2dce052903b62742294cb6f780f4f42fad805f5d",
    ),
    (
        "20205a4c00010001190000000f000000060000003c0000000000000002000000020e0000000000000000000f19050f19050f"
        "19051e320a1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64146e0000002a460ece000000487818ee000000020f19"
        "050f19052a460ecd01000057911d6d0100001b2d096e00006c020000395f13ec0202006a0100670100085a961e5a961e5a96"
        "1e78c82893f53178c8280000000000001b2d096e00006404000575c3275a961e5a961e78c82878c82878c82804000000001e"
        "200000003c200000035a5a5a00ed040000005aed0500000078e9030200025a7878e7020300015a786e0000a50400045a7878"
        "7878",
        "2cc97b1506a589309fda0fdca2114cafa55934f18e4ce4e3704ab1638404edc0",
    ),
    (
        "20205a4c00010001190000000f000000060000003c000000000000000300000003010000000f1905810301e8000001014b7d"
        "194b7d196e0000e3030201ae0000020f19051e320a395f13cd01000057911d6e0000e20501016e0000680300670100850401"
        "0478c82878c828b1273c96fa32000000690200610501075a961e5a961e75c32778c82878c82878c82896fa3296fa32010000"
        "ee0401010000ed040000005aed050000ec230201017878",
        "c2df0a9bf54746b61647a760fed7b32d31af6554ab4814cc7469dc8863591107",
    ),
    (
        "20205a4c00010001160000000f000000060000001e0000000000000004000000040e00000000000002990299029905320532"
        "053207cb07cb07cb0a640a640a644e0000000746ae0000000c78ce000002029902990746ad0100000f114d01000004ad4e00"
        "004c02000009dfec0102004a0100470100080f960f960f9614c8197514c80000000004ad4e00004404000514430f960f9614"
        "c814c814c8",
        "f3b4e214405a21a9d74d40f37604d9a046b5715b0ab10d478ac3d89bff81756e",
    ),
    (
        "20205a4c00010001180000000f000000060000003c0000000000000005000000050e0000000f19050f19050f19051e320a1e"
        "320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64144b7d194b7d196e0000002a460ece00000057911dee000000020f19"
        "051e320a395f13cd01000057911d6d0100002a460e6e00006c020000487818ec0002006b0000670100085a961e5a961e5a96"
        "1e78c82878c82878c828b1273c96fa32000000690200640400075a961e5a961e75c32778c82878c82878c82896fa3296fa32",
        "85368f4d210f15a7936a88d5e8774d498f6ef46f9eec09755084d62014b1da89",
    ),
    (
        "20205a4c00010001170000000f000000060000002d0000000000000006000000060e0000000000000f19050f19050f19051e"
        "320a1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64144b7d196e0000002a460ece000000487818ee000000020f19"
        "050f1905395f13cd01000057911d6d0100001b2d096e00006c020000487818ec0102006b0000670100085a961e5a961e5a96"
        "1e78c82878c82893f53196fa32000000000000690200650300065a961e75c3275a961e78c82878c82878c82896fa32",
        "7759b621dfb1e2f18866708a2dce052903b62742294cb6f780f4f42fad805f5d",
    ),
]


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
@settings(max_examples=40, deadline=None)
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
        for number in range(glz.OVERTAKEN_IMAGES + 10):
            stream = glz.encode(picture + number, RGB32, dictionary)
            if number != 3:
                glz.decode(stream, window)
    assert window.next_id == glz.OVERTAKEN_IMAGES + 10
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
    numbers = [0, 1 << 17, 1 << 20, 1 << 40, glz.MAX_IMAGE_ID, 1, 2, 64]
    for number in numbers:
        struct.pack_into(">QI", stream, 21, number, 0)
        glz.decode(bytes(stream), window)
    assert window.next_id == 3
    for number in numbers:
        struct.pack_into(">QI", stream, 21, number, 0)
        with pytest.raises(RemoteError, match="twice"):
            glz.decode(bytes(stream), window)
    assert len(window._slots) == glz.MAX_SLOTS


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


# -- broken streams ---------------------------------------------------------------------------------------------------


GOOD = streams_of(frames(RGB32, 1, 4, 5, 3))[0]


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


def test_a_few_bytes_do_not_push_images_out() -> None:
    window = glz.Window(1 << 20)
    glz.decode(GOOD, window)
    large = struct.pack(">IIBIIIQI", 0x20205A4C, 0x10001, 0x18, 1024, 1024, 4096, 1, 1)
    with pytest.raises(RemoteError, match="too short"):
        glz.decode(large + bytes(100), window)
    assert window.image_ids == (0,)


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


def test_thousands_of_images_in_one_dictionary() -> None:
    """More segments than the first thousand rows, more images than the first table of the window."""
    dictionary, window = glz.Dictionary(1 << 16), glz.Window(1 << 16)
    with tier.forced("compiled"):
        for number in range(2500):
            picture = np.full((2, 4), number, np.uint32)
            assert np.array_equal(glz.decode(glz.encode(picture, RGB32, dictionary), window), picture)
    assert len(window) == len(dictionary.image_ids) == 2500
