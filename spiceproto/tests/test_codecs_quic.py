"""QUIC: golden streams of the reference encoder, round trips, both tiers alike, and damage of every kind."""

from __future__ import annotations

import base64
import hashlib
import struct
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import quic, tier
from spiceproto.enums.image import QuicImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives

DTYPES: dict[QuicImageType, Any] = {QuicImageType.GRAY: np.uint8, QuicImageType.RGB16: np.uint16}
"""Of the other types uint32."""

MASKS = {QuicImageType.RGB16: 0x7FFF, QuicImageType.RGB24: 0xFFFFFF, QuicImageType.RGB32: 0xFFFFFF}
"""Bits that a type keeps, where that is not all."""

TIERS: tuple[tier.Tier, ...] = ("interpreted", "compiled")

# Made by the reference encoder (spice-common 0.14, quic_encode) from picture(), 11 x 7 pixels; SHA-256 of the pixels
# as little-endian integers.
GOLDEN = {
    QuicImageType.GRAY: (
        "369817392db261a505dec4cfe73e9002fd2fb65d3afbe0feaf0827d94315dfab",
        "UVVJQwAAAAABAAAACwAAAAcAAAAOAACAsrKyMrKysrKwsLayAIfD4QIOh30ISqw2zOQptSDQ2Gg3l7qHMeEIITQiyssmEO5y2SCI+XjhTLYAAF68"
        "AAAAAA==",
    ),
    QuicImageType.RGB16: (
        "f72a87ae0fc8d6f83bb449b99fcd0335ce909b35be9f092fe9b5f5ac7910f774",
        "UVVJQwAAAAACAAAACwAAAAcAAAAHICGEAgAALRu1oXb1qS1AXdvQEgRBg6jAgRFg/RIBhMAPGEEAADTgQBPFBFBRAABdgYbCAwAAeDgzgTFp5bHf"
        "SIQQukH3Hom4xElf55QkkqHCj20rKSlFUXz2eAEABiLE/gwALJNrAPuZPYlut/RJFEBHOgAAAEcAAAAA",
    ),
    QuicImageType.RGB24: (
        "1beafcd8f57bfa2e731b2658d2f97db3fc49af1a5e0e493b8cd693940c51b96c",
        "UVVJQwAAAAADAAAACwAAAAcAAACAgIDvEAcAgAAAqBwQVDYDKoNQGWUzAACjMlh5ACivjHhogwGw4CEsAz6c997DwYfgP/hwP5z3sLAAAMC+MIIF"
        "ALCgZiwQUwEAWADVLBQxAIoWUhUziVx48X4s6wGN4RsYBAMBWpbvIcPn4r1DMARzREbnCPHleM8YYYTlOWTwRgH/jvdgBQAAA09sAEAA8C0ZAmIV"
        "JgUBBGgnAMFE0gGAgEdOGd8L770AAPACAAAAAA==",
    ),
    QuicImageType.RGB32: (
        "1beafcd8f57bfa2e731b2658d2f97db3fc49af1a5e0e493b8cd693940c51b96c",
        "UVVJQwAAAAAEAAAACwAAAAcAAACAgIDvEAcAgAAAqBwQVDYDKoNQGWUzAACjMlh5ACivjHhogwGw4CEsAz6c997DwYfgP/hwP5z3sLAAAMC+MIIF"
        "ALCgZiwQUwEAWADVLBQxAIoWUhUziVx48X4s6wGN4RsYBAMBWpbvIcPn4r1DMARzREbnCPHleM8YYYTlOWTwRgH/jvdgBQAAA09sAEAA8C0ZAmIV"
        "JgUBBGgnAMFE0gGAgEdOGd8L770AAPACAAAAAA==",
    ),
    QuicImageType.RGBA: (
        "81a5b691b70060bea7186a5ddea39b58ac5adf67763a5b0a854ba9bca2c0a6c8",
        "UVVJQwAAAAAFAAAACwAAAAcAAACAgIDvEAcAgAAAqBwQVDYDKoNQGWUzAACjMlh5AyqvjBATAIAxAQAYgwEAgCEseGic97DgwYcDPvhw3sP3sOA/"
        "wMM/nAYkAgAwEQAAC2ABAM18YQQCAGBBqlkgpgAAsAAqWChi8BQtpNZnErk34v1YwAcYw4PgBgAEDFDFYBAMBGpZvocNn4v34iAIyCEYgqsio3OE"
        "+HK8ZzUIgvKMMMJVHDJ4I4B/x/s1DSGIwAoAQAae2ACAAOBbMgTEKk0KAgjRTgCCiKQDAAGPnDK+F957HgDgBYBKfz82fAEAAAAAwAAAAAA=",
    ),
}


def picture(kind: QuicImageType) -> NDArray[Any]:
    """11 x 7 pixels with a gradient, stripes, and a flat part that makes runs."""
    y, x = np.mgrid[0:7, 0:11]
    colour = (x * 37 + y * y * 11) % 256 | x // 3 * 60 % 256 << 8 | 200 - y * 9 << 16 | x // 4 * 85 << 24
    colour = np.where((y > 1) & (y < 6) & (x < 8), 0x80336699, colour)
    return of_type(colour, kind)


def of_type(values: NDArray[Any], kind: QuicImageType) -> NDArray[Any]:
    """Integers as pixels of a type, with the bits that it keeps."""
    dtype = DTYPES.get(kind, np.uint32)
    return (values & MASKS.get(kind, np.iinfo(dtype).max)).astype(dtype)


def golden(kind: QuicImageType) -> bytes:
    return base64.b64decode(GOLDEN[kind][1])


@pytest.fixture(params=TIERS)
def each_tier(request: pytest.FixtureRequest) -> Iterator[str]:
    with tier.forced(request.param):
        yield request.param


KINDS = tuple(QuicImageType)[1:]  # without INVALID
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@st.composite
def images(draw: st.DrawFn) -> tuple[QuicImageType, NDArray[Any]]:
    """Images that reach every part of the format: noise, few colours in blocks (runs), flat rows, long rows."""
    kind = draw(st.sampled_from(KINDS))
    width, height = draw(
        st.one_of(st.tuples(st.integers(1, 40), st.integers(1, 12)), st.tuples(st.integers(2000, 2200), st.integers(1, 3)))
    )
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    match draw(st.sampled_from(("noise", "blocks", "rows", "smooth", "flat"))):
        case "noise":
            values = dice.integers(0, 1 << 32, (height, width))
        case "blocks":
            values = dice.integers(0, 1 << 32, 3)[dice.integers(0, 60, (height, width)) // 29]
        case "rows":
            values = np.repeat(dice.integers(0, 1 << 32, (1, (width + 8) // 9)), 9, axis=1)[:, :width].repeat(height, axis=0)
            values[height // 2, width // 2 :] ^= 0x01010101
        case "smooth":
            values = np.cumsum(dice.integers(-2, 3, (height, width)), axis=1) * 0x01010101
        case _:
            values = np.full((height, width), dice.integers(0, 1 << 32))
    return kind, of_type(values, kind)


# -- pixels -----------------------------------------------------------------------------------------------------------


@kinds
def test_golden_stream_decodes_to_its_pixels(kind: QuicImageType, each_tier: str) -> None:
    pixels = quic.decode(golden(kind))
    assert pixels.shape == (7, 11)
    assert pixels.dtype == DTYPES.get(kind, np.uint32)
    assert hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest() == GOLDEN[kind][0]
    assert np.array_equal(pixels, picture(kind))


@kinds
def test_encoder_makes_the_reference_stream(kind: QuicImageType, each_tier: str) -> None:
    assert quic.encode(picture(kind), kind) == golden(kind)


@settings(max_examples=120)
@given(images())
def test_round_trip_and_both_tiers_alike(image: tuple[QuicImageType, NDArray[Any]]) -> None:
    kind, pixels = image
    streams = []
    for each in TIERS:
        with tier.forced(each):
            stream = quic.encode(pixels, kind)
            assert np.array_equal(quic.decode(stream), pixels)
            streams.append(stream)
    assert streams[0] == streams[1]


@kinds
def test_one_pixel(kind: QuicImageType, each_tier: str) -> None:
    pixels = of_type(np.array([[0xFEDCBA98]]), kind)
    stream = quic.encode(pixels, kind)
    assert np.array_equal(quic.decode(stream), pixels)
    assert quic.header(stream) == (kind, 1, 1)


def test_bits_that_a_type_has_no_room_for_are_ignored(each_tier: str) -> None:
    for kind, mask in MASKS.items():
        pixels = picture(kind)
        assert quic.encode(pixels | pixels.dtype.type(~mask & np.iinfo(pixels.dtype).max), kind) == golden(kind)


def test_any_memory_layout_encodes(each_tier: str) -> None:
    pixels = picture(QuicImageType.RGB32)
    wide = np.repeat(pixels, 2, axis=1)
    frozen = np.frombuffer(pixels.tobytes(), np.uint32).reshape(pixels.shape)
    for same in (wide[:, ::2], np.asfortranarray(pixels), frozen):
        assert quic.encode(same, QuicImageType.RGB32) == golden(QuicImageType.RGB32)


def test_any_kind_of_bytes_decodes() -> None:
    stream = golden(QuicImageType.RGB32)
    for same in (bytearray(stream), memoryview(stream), memoryview(b"x" + stream)[1:], stream + b"abc"):
        assert np.array_equal(quic.decode(same), picture(QuicImageType.RGB32))


@kinds
def test_decode_into_an_array_of_the_caller(kind: QuicImageType, each_tier: str) -> None:
    out = np.full((7, 11), 99, DTYPES.get(kind, np.uint32))
    assert quic.decode(golden(kind), out=out) is out
    assert np.array_equal(out, picture(kind))


def test_noise_needs_more_room_than_expected(each_tier: str) -> None:
    """The encoder's output grows while it works: 8 bits a channel that predict nothing, in more than 60 short rows."""
    pixels = np.random.default_rng(5).integers(0, 1 << 24, (150, 9), np.uint32)
    assert np.array_equal(quic.decode(quic.encode(pixels, QuicImageType.RGB32)), pixels)


# -- refusals ---------------------------------------------------------------------------------------------------------


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


@pytest.mark.parametrize(
    ("start", "path", "offset"),
    [
        (words(0x43495550, 0, 4, 11, 7), "magic", 0),
        (words(0x43495551, 1, 4, 11, 7), "version", 4),
        (words(0x43495551, 0, 0, 11, 7), "type", 8),
        (words(0x43495551, 0, 6, 11, 7), "type", 8),
        (words(0x43495551, 0, 4, 0, 7), "width", 12),
        (words(0x43495551, 0, 4, 1 << 31, 7), "width", 12),
        (words(0x43495551, 0, 4, 11, 0), "height", 16),
        (words(0x43495551, 0, 4, 11, 0xFFFFFFFF), "height", 16),
    ],
)
def test_bad_header_field_is_named(start: bytes, path: str, offset: int) -> None:
    for refuse in (quic.header, quic.decode):
        with pytest.raises(RemoteError) as error:
            refuse(start + golden(QuicImageType.RGB32)[20:])
        assert (error.value.path, error.value.offset) == (path, offset)
        assert error.value.expected
        assert error.value.actual


def test_header_truncated() -> None:
    for length in range(20):
        for refuse in (quic.header, quic.decode):
            with pytest.raises(RemoteError, match="cut short"):
                refuse(golden(QuicImageType.GRAY)[:length])


def test_too_large_is_a_limit() -> None:
    stream = words(0x43495551, 0, 4, 1 << 20, 1 << 20) + bytes(64)
    with pytest.raises(LimitError, match="too large"):
        quic.decode(stream)
    with pytest.raises(LimitError):
        quic.decode(golden(QuicImageType.RGB32), max_pixels=76)
    quic.decode(golden(QuicImageType.RGB32), max_pixels=77)


@kinds
def test_truncated_anywhere(kind: QuicImageType, each_tier: str) -> None:
    """The last word of a stream is zeros that only the reference's reading ahead needs; without it, it is refused."""
    stream = golden(kind)
    for length in range(20, len(stream)):
        with pytest.raises(RemoteError) as error:
            quic.decode(stream[:length])
        assert error.value.offset is not None
        assert error.value.offset <= len(stream)


@kinds
def test_trailing_bytes_are_ignored(kind: QuicImageType, each_tier: str) -> None:
    assert np.array_equal(quic.decode(golden(kind) + b"\xff" * 40), picture(kind))


def test_run_beyond_its_row(each_tier: str) -> None:
    """Rows of one colour are nothing but runs after three pixels; one bits make them longer than the row."""
    stream = quic.encode(np.zeros((4, 9), np.uint8), QuicImageType.GRAY)
    texts = []
    for at in range(20, len(stream)):
        try:
            quic.decode(stream[:at] + b"\xff" * 400)
        except RemoteError as error:
            assert error.offset is not None
            texts.append(error.what)
    assert "QUIC run goes beyond its row" in texts


@pytest.mark.parametrize("fill", [b"\x00", b"\xff", b"\x55"])
@kinds
def test_large_image_of_few_bytes_is_refused_quickly(kind: QuicImageType, fill: bytes) -> None:
    with tier.forced("compiled"):
        for width, height in ((8192, 8192), (1, 1 << 20), (1 << 20, 1)):
            with pytest.raises(RemoteError):
                quic.decode(words(0x43495551, 0, kind, width, height) + fill * 100)


def flat(width: int, height: int, kind: QuicImageType) -> bytes:
    return quic.encode(np.zeros((height, width), DTYPES.get(kind, np.uint32)), kind)


@kinds
@given(width=st.integers(1, 3000), height=st.integers(1, 12))
@settings(max_examples=30)
def test_no_picture_takes_fewer_bits_than_the_least(kind: QuicImageType, width: int, height: int) -> None:
    stream = flat(width, height, kind)
    assert 160 + quic.least_bits(quic.header(stream)) <= 8 * len(stream) - 32


@kinds
def test_least_bits_are_near_those_of_a_picture_of_one_colour(kind: QuicImageType) -> None:
    """Codes start long and runs short, so the first rows take more: the larger the picture, the nearer the two."""
    stream = flat(2000, 2000, kind)
    taken = 8 * len(stream) - 160
    assert 0.5 * taken < quic.least_bits(quic.header(stream)) <= taken - 32


@pytest.mark.parametrize(("pixels", "bits"), [(0, 0), (1, 1), (3, 3), (4, 4), (7, 4), (8, 5), (32767, 16), (32768, 17)])
def test_least_bits_of_a_run(pixels: int, bits: int) -> None:
    """Against the run code itself: state by state, how far its bits reach."""
    reach = [0] * 40
    exponents = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, *range(8, 16)]
    for state in range(32):
        whole = 0
        for ones in range(24):
            after = exponents[min(state + ones, 31)]
            if ones + 1 + after < len(reach):
                reach[ones + 1 + after] = max(reach[ones + 1 + after], whole + (1 << after) - 1)
            whole += 1 << after
    for size in range(1, len(reach)):
        reach[size] = max(reach[size], size, *(reach[part] + reach[size - part] for part in range(1, size)))
    needed = next(size for size, most in enumerate(reach) if most >= pixels)
    one_row = quic.least_bits(quic.QuicHeader(QuicImageType.GRAY, 3 + pixels, 1))
    assert needed == bits == quic.least_bits(quic.QuicHeader(QuicImageType.GRAY, 3 + pixels, 2)) - one_row - 3


def test_stream_that_cannot_hold_its_picture_takes_no_memory() -> None:
    stream = struct.pack("<5I", 0x43495551, 0, QuicImageType.RGB32, 8000, 8000) + bytes(10000)
    tracemalloc.start()
    try:
        with pytest.raises(RemoteError, match="ends before its last row"):
            quic.decode(stream)
        assert tracemalloc.get_traced_memory()[1] < 20000
    finally:
        tracemalloc.stop()


@kinds
def test_damaged_streams_give_pixels_or_a_remote_error(kind: QuicImageType) -> None:
    streams = [
        golden(kind),
        quic.encode(picture(kind)[:1], kind),
        quic.encode(of_type(np.zeros((4, 50), int), kind), kind),
    ]

    def decode(stream: bytes) -> object:
        return quic.decode(stream, max_pixels=1 << 16)

    count = rounds()
    with tier.forced("compiled"):
        accepted, refused = survives(decode, streams, count)
    assert accepted
    assert refused
    with tier.forced("interpreted"):
        accepted, refused = survives(decode, streams, min(count // 6, 1000))
    assert accepted
    assert refused


@kinds
def test_damaged_streams_are_the_same_to_both_tiers(kind: QuicImageType) -> None:
    dice = np.random.default_rng(int(kind))
    stream = golden(kind)
    for _ in range(60):
        damaged = bytearray(stream + dice.bytes(40))
        for at in dice.integers(20, len(stream), 2):
            damaged[at] ^= 1 << int(dice.integers(8))
        results = []
        for each in TIERS:
            with tier.forced(each):
                try:
                    results.append(quic.decode(bytes(damaged)).tobytes())
                except RemoteError as error:
                    results.append(str(error).encode())
        assert results[0] == results[1]


def test_what_cannot_be_encoded() -> None:
    rgb = np.zeros((2, 3), np.uint32)
    wrong: list[tuple[Any, QuicImageType]] = [
        (rgb, QuicImageType.GRAY),
        (rgb.astype(np.uint8), QuicImageType.RGB32),
        (rgb.astype(np.int32), QuicImageType.RGB32),
        (rgb.astype(">u4"), QuicImageType.RGB32),
        (rgb[0], QuicImageType.RGB32),
        (rgb[:0], QuicImageType.RGB32),
        (rgb[:, :0], QuicImageType.RGB32),
        (np.lib.stride_tricks.as_strided(rgb, (1 << 15, 1 << 14), (0, 0)), QuicImageType.RGB32),
    ]
    for pixels, kind in wrong:
        with pytest.raises(LocalError):
            quic.encode(pixels, kind)
    with pytest.raises(LocalError):
        quic.encode(rgb, 6)  # type: ignore[arg-type]


def test_out_that_does_not_fit() -> None:
    stream = golden(QuicImageType.RGB32)
    frozen = np.zeros((7, 11), np.uint32)
    frozen.flags.writeable = False
    for out in (
        np.zeros((11, 7), np.uint32),
        np.zeros((7, 11), np.uint16),
        np.zeros((7, 22), np.uint32)[:, ::2],
        frozen,
    ):
        with pytest.raises(LocalError):
            quic.decode(stream, out=out)
