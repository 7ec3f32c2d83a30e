"""LZ: round trips, the reference's own streams, every kind of broken stream, both kernel tiers."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import lz, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives

TYPES = [type for type in LzImageType if type]
TIERS: list[tier.Tier] = ["interpreted", "compiled"]
COLOURS = {
    LzImageType.PLT1_LE: 2,
    LzImageType.PLT1_BE: 2,
    LzImageType.PLT4_LE: 16,
    LzImageType.PLT4_BE: 16,
    LzImageType.RGB16: 1 << 15,
    LzImageType.RGB24: 1 << 24,
    LzImageType.RGB32: 1 << 24,
    LzImageType.RGBA: 1 << 32,
}
DTYPES: dict[LzImageType, Any] = {
    LzImageType.RGB16: np.uint16,
    LzImageType.RGB24: np.uint32,
    LzImageType.RGB32: np.uint32,
    LzImageType.RGBA: np.uint32,
}


def picture(type: LzImageType, height: int, width: int, style: int, seed: int) -> NDArray[Any]:
    """Pixels that lead to runs, near and far matches, or none, by ``style``."""
    dice = np.random.default_rng(seed)
    top = COLOURS.get(type, 256)
    size = height * width
    if style == 0:
        flat = dice.integers(0, top, size)
    elif style == 1:
        flat = np.resize(dice.integers(0, top, int(dice.integers(1, 12))), size)
    elif style == 2:
        flat = np.repeat(dice.integers(0, top, size), int(dice.integers(2, 60)))[:size]
    elif style == 3:
        flat = np.full(size, dice.integers(0, top))
    else:
        flat = np.resize(dice.integers(0, top, int(dice.integers(1, size + 1))), size)
        flat[dice.integers(0, size, size // 20 + 1)] = dice.integers(0, top)
    return flat.reshape(height, width).astype(DTYPES.get(type, np.uint8))


# Streams of the reference encoder for synthetic pictures of 21 x 9 pixels, and SHA-256 of the pixels.
REFERENCE = {
    (LzImageType.PLT1_LE, True): (
        "20205a4c0001000100000001000000150000000900000003000000011a388e03308a01189e0b3a0f03402010040201100804000000308a01",
        "df66c3f82b80afde506e02328383714a5710fcb2019cf1739c720a074728dfb9",
    ),
    (LzImageType.PLT1_BE, True): (
        "20205a4c0001000100000002000000150000000900000003000000011a1c71c00c51801879d05cf0c00204082040800810200000000c5180",
        "df66c3f82b80afde506e02328383714a5710fcb2019cf1739c720a074728dfb9",
    ),
    (LzImageType.PLT4_LE, True): (
        "20205a4c000100010000000300000015000000090000000b000000010c005055aafaff449499ee0e00e0200a03f844942920"
        "0a0150e520150c4d94997e0e905055aaf3ff442440201ea0aa4de4ee182822cc0500a9aa4474ee88282bcc0c00a0a344e47e"
        "882822c5200a02aa44e42015002220150980ffeeded6ccbc4baa0a",
        "0661261b7fdfc22f737a1d6d1bdb52ea9a7e52acc923eadee2730a82256213b6",
    ),
    (LzImageType.PLT4_BE, True): (
        "20205a4c000100010000000400000015000000090000000b000000010c000555aaafff444999eee0000e200a038f44499220"
        "0a01055e20150cd44999e7e0090555aa3fff444240201e0aaad44eee818222cc50009aaa4447ee8882b2ccc0000a3a444ee7"
        "8882225c200a02aa444e2015002220150908ffeeed6dcccbb4aaa0",
        "0661261b7fdfc22f737a1d6d1bdb52ea9a7e52acc923eadee2730a82256213b6",
    ),
    (LzImageType.PLT4_BE, False): (
        "20205a4c000100010000000400000015000000090000000b000000001b0008ffeeed6dcccbb4aaa0000aaa444eee888222cc"
        "c0000a3a444ee7200a065cc0009aaa4447201500b2401504aad44eee8120201f50090555aa3fff444299eee000055eaaafff"
        "d44999e7e0000e55aaaf8f4449924015200a05ff444999eee0",
        "0661261b7fdfc22f737a1d6d1bdb52ea9a7e52acc923eadee2730a82256213b6",
    ),
    (LzImageType.PLT8, True): (
        "20205a4c000100010000000500000015000000090000001500000001140000000505050a0a0a0f0f0f1414141919191e1e1e"
        "2014000e801400188014002280140205050e8029001d802903271e00092014203e0013803e0022c03e2026202320350b2831"
        "283232323c3c450000092014206200272014032828323b2014003c2068010a134014021e1e2740140232324580146029403e"
        "2029403e402902180f0f2011022d362d200e054b4b545a5a5a",
        "12acd43aae62a1b9b10b199c05b45226460c1a573c6420a6d25c790cffd00fd9",
    ),
    (LzImageType.RGB16, True): (
        "20205a4c000100010000000600000015000000090000002a000000011400000000000002990299029905320532053207cb07"
        "cb07cb0a640a640a640cfd0cfd0cfd0f960f960f964014000746a014000c78a0140011aaa01402029902990746a029000f11"
        "a0290314430f96000004ad4014403e0009dfa03e0011aae0003e4026402340350814c8197514c819fa19fa19fa1f2c1f2c23"
        "d920680004ad4014406200144340140314c814c819fa1ea74014001f2c406801053209df6014020f960f96144360140219fa"
        "19fa23d9a0148029603e40290019fac029020c7807cb07cb40110b17611c0e17611f2c1f2c1f2c26f726f72ba42ec22ec22e"
        "c2",
        "6c8a2d5281ed806db1a0d0b7762d82e949e547d35930dde7a5f4d4b4700a0023",
    ),
    (LzImageType.RGB24, True): (
        "20205a4c000100010000000700000015000000090000003f00000001010000000000002001110f19050f19050f19051e320a"
        "1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64144b7d194b7d194b7d195a961e5a961e5a961e6014002a460ec014"
        "00487818c0140066aa22c014020f19050f19052a460ec0290157911d3c6414a0290175c3275a961e203e001b2d096014603e"
        "00395f13c03e0066aa22e0013e6026602360350878c82893f53178c82896fa3296fa3296fa32b42c3db42c3dcf5946406800"
        "1b2d09601460620075c32760140378c82878c82896fa32b1273c601400b42c3d6068011e320a395f138014025a961e5a961e"
        "75c32780140296fa3296fa32cf5946c014a029803e6029803e8029024878182d4b0f2d4b0f60110287e12da20e3787e12d60"
        "0e05e1774ce1774cfca4550ec35b0ec35b0ec35b",
        "3eb2d441cfe83ca6857357f33499d66418b4926f741f7a7ae2bacb4d4cb9cefd",
    ),
    (LzImageType.RGB32, True): (
        "20205a4c000100010000000800000015000000090000005400000001010000000000002001110f19050f19050f19051e320a"
        "1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64144b7d194b7d194b7d195a961e5a961e5a961e6014002a460ec014"
        "00487818c0140066aa22c014020f19050f19052a460ec0290157911d3c6414a0290175c3275a961e203e001b2d096014603e"
        "00395f13c03e0066aa22e0013e6026602360350878c82893f53178c82896fa3296fa3296fa32b42c3db42c3dcf5946406800"
        "1b2d09601460620075c32760140378c82878c82896fa32b1273c601400b42c3d6068011e320a395f138014025a961e5a961e"
        "75c32780140296fa3296fa32cf5946c014a029803e6029803e8029024878182d4b0f2d4b0f60110287e12da20e3787e12d60"
        "0e05e1774ce1774cfca4550ec35b0ec35b0ec35b",
        "3eb2d441cfe83ca6857357f33499d66418b4926f741f7a7ae2bacb4d4cb9cefd",
    ),
    (LzImageType.RGB32, False): (
        "20205a4c000100010000000800000015000000090000005400000000010000000000002001114878182d4b0f2d4b0f5a961e"
        "5a961e5a961e87e12da20e3787e12db42c3db42c3db42c3de1774ce1774cfca4550ec35b0ec35b0ec35b6014051e320a1e32"
        "0a1e320a3c64143c64143c641460170578c82878c82878c82896fa3296fa3296fa32601a801400395f13c0140075c327c014"
        "00cf59468014001b2d09c0290075c327c02900b1273ce00129021e320a1e320a57911dc03e0093f531c03e00cf5946206800"
        "1b2d09206a080f19050f19050f19051e320a1e320a395f132d4b0f2d4b0f2d4b0f60590266aa224b7d194b7d19605c605302"
        "0f19050f19052a460e602c6014602f004b7d1960140075c3278014002a460e8029021e320a2d4b0f4878188029024b7d194b"
        "7d1966aa22e00129603e8029603e054b7d194b7d194b7d195a961e5a961e5a961e",
        "3eb2d441cfe83ca6857357f33499d66418b4926f741f7a7ae2bacb4d4cb9cefd",
    ),
    (LzImageType.RGBA, True): (
        "20205a4c000100010000000900000015000000090000005400000001010000000000002001110f19050f19050f19051e320a"
        "1e320a1e320a2d4b0f2d4b0f2d4b0f3c64143c64143c64144b7d194b7d194b7d195a961e5a961e5a961e6014002a460ec014"
        "00487818c0140066aa22c014020f19050f19052a460ec0290157911d3c6414a0290175c3275a961e203e001b2d096014603e"
        "00395f13c03e0066aa22e0013e6026602360350878c82893f53178c82896fa3296fa3296fa32b42c3db42c3dcf5946406800"
        "1b2d09601460620075c32760140378c82878c82896fa32b1273c601400b42c3d6068011e320a395f138014025a961e5a961e"
        "75c32780140296fa3296fa32cf5946c014a029803e6029803e8029024878182d4b0f2d4b0f60110287e12da20e3787e12d60"
        "0e05e1774ce1774cfca4550ec35b0ec35b0ec35b04000000001e2000003c2000005a20000078200000962014e008132014e0"
        "09130096e00b130096e00a270196b42014e00463200000b42014e0091300b4e00b1300b4e0092702b4b4d2",
        "b515c773db1c5f4e7deaad0837e54cb7ae14ec3bcf8bb949872cca75b9dae6d3",
    ),
    (LzImageType.XXXA, True): (
        "20205a4c000100010000000a00000015000000090000005400000001140000000505050a0a0a0f0f0f1414141919191e1e1e"
        "2014000e801400188014002280140205050e8029001d802903271e00092014203e0013803e0022c03e2026202320350b2831"
        "283232323c3c450000092014206200272014032828323b2014003c2068010a134014021e1e2740140232324580146029403e"
        "2029403e402902180f0f2011022d362d200e054b4b545a5a5a",
        "12acd43aae62a1b9b10b199c05b45226460c1a573c6420a6d25c790cffd00fd9",
    ),
    (LzImageType.A8, True): (
        "20205a4c000100010000000b00000015000000090000001500000001140000000505050a0a0a0f0f0f1414141919191e1e1e"
        "2014000e801400188014002280140205050e8029001d802903271e00092014203e0013803e0022c03e2026202320350b2831"
        "283232323c3c450000092014206200272014032828323b2014003c2068010a134014021e1e2740140232324580146029403e"
        "2029403e402902180f0f2011022d362d200e054b4b545a5a5a",
        "12acd43aae62a1b9b10b199c05b45226460c1a573c6420a6d25c790cffd00fd9",
    ),
}

# From a session of a real server (libspice-server drawing a test pattern): type, size, SHA-256 of the pixels.
CAPTURED = [
    (
        "20205a4c00010001000000080000002000000064000000800000000101ffffffffffff400100800000e00000e0010be00507"
        "8000e0dd1f80e880e7e0e9078000e0e9f3e005ef800081048008e0ed078000e0f1fb80f7800081048008e0ed078000e0f1fb"
        "80f7800081048008e0ed078000e0f1fb80f7800081048008e0ed078000e0f1fb80f7800081048008e0ed078000e072fb02ff"
        "ffffffffffffffff",
        (100, 32),
        "b77071091c957049ba4e0dcdfd4a16f96f2929283ba1ef495c3e57ed69995e21",
    ),
    (
        "20205a4c0001000100000006000000400000003000000080000000010111101110a000007fffc000e0ffe90fe00000e1ffe9"
        "f7e100efe00000e20008e00010e0ffe10fe00000e1ffe9f7e100efe00000e20008e00010e0ffe10fe00000e1ffe9f781ef02"
        "111011101110",
        (48, 64),
        "026437a40d22e9bc32faac8ac3230e9c20203ca0ec4803d5186d1226f92991eb",
    ),
]


def sha256(pixels: NDArray[Any]) -> str:
    return hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest()


@pytest.mark.parametrize("which", TIERS)
@pytest.mark.parametrize(("type", "top_down"), REFERENCE)
def test_reference_streams_complete(type: LzImageType, top_down: bool, which: tier.Tier) -> None:
    stream, digest = REFERENCE[type, top_down]
    data = bytes.fromhex(stream)
    with tier.forced(which):
        pixels = lz.decode(data)
        assert pixels.shape == (9, 21)
        assert sha256(pixels) == digest
        assert lz.encode(pixels, type, top_down=top_down) == data
    assert lz.header(data) == (type, 21, 9, lz.stride_of(type, 21), top_down)


@pytest.mark.parametrize(("stream", "shape", "digest"), CAPTURED)
def test_captured_streams_complete(stream: str, shape: tuple[int, int], digest: str) -> None:
    data = bytes.fromhex(stream)
    pixels = lz.decode(data)
    assert pixels.shape == shape
    assert sha256(pixels) == digest
    head = lz.header(data)
    assert lz.encode(pixels, head.type, top_down=head.top_down) == data


@given(
    type=st.sampled_from(TYPES),
    height=st.integers(1, 24),
    width=st.integers(1, 45),
    style=st.integers(0, 4),
    seed=st.integers(0, 1 << 32),
    top_down=st.booleans(),
)
@settings(max_examples=200)
def test_round_trip_in_both_tiers(type: LzImageType, height: int, width: int, style: int, seed: int, top_down: bool) -> None:
    pixels = picture(type, height, width, style, seed)
    with tier.forced("interpreted"):
        stream = lz.encode(pixels, type, top_down=top_down)
        decoded = lz.decode(stream)
    assert decoded.dtype == pixels.dtype
    assert np.array_equal(decoded, pixels)
    assert decoded.flags.c_contiguous
    assert decoded.flags.writeable
    with tier.forced("compiled"):
        assert lz.encode(pixels, type, top_down=top_down) == stream
        assert np.array_equal(lz.decode(stream), pixels)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("style", range(5))
def test_round_trip_of_a_large_picture(type: LzImageType, style: int) -> None:
    """Far distances (8191 to 73724 back) and lengths of many bytes."""
    with tier.forced("compiled"):
        for seed, (height, width) in enumerate([(301, 407), (1, 90_001), (90_001, 1)]):
            pixels = picture(type, height, width, style, seed)
            assert np.array_equal(lz.decode(lz.encode(pixels, type)), pixels)


def test_distances_at_their_limits() -> None:
    """A match just inside and just outside of each distance class, for each pixel size."""
    for type in (LzImageType.RGB32, LzImageType.RGB16, LzImageType.A8):
        for distance in (1, 2, 7, 8, 9, 31, 32, 33, 8190, 8191, 8192, 8193, 73723, 73724, 73725, 73726):
            pixels = np.zeros((1, distance + 40), DTYPES.get(type, np.uint8))
            pixels[0, :12] = pixels[0, distance : distance + 12] = np.arange(1, 13)
            with tier.forced("compiled"):
                stream = lz.encode(pixels, type)
                assert np.array_equal(lz.decode(stream), pixels)
            with tier.forced("interpreted"):
                assert lz.encode(pixels, type) == stream
                assert np.array_equal(lz.decode(stream), pixels)


def test_all_of_memory_may_hold_the_arguments() -> None:
    pixels = picture(LzImageType.RGB32, 10, 20, 1, 1)
    stream = lz.encode(pixels, LzImageType.RGB32)
    for data in (bytearray(stream), memoryview(stream), memoryview(b"-" + stream)[1:]):
        assert np.array_equal(lz.decode(data), pixels)
    wide = np.zeros((10, 40), np.uint32)
    wide[:, ::2] = pixels
    pixels.flags.writeable = False
    assert lz.encode(wide[:, ::2], LzImageType.RGB32) == stream
    assert lz.encode(pixels, LzImageType.RGB32) == stream
    assert lz.encode(pixels[::-1], LzImageType.RGB32, top_down=False)[28:] == stream[28:]


@pytest.mark.parametrize("which", TIERS)
def test_many_at_once(which: tier.Tier) -> None:
    sizes = [(1, 1), (16, 16), (3, 70), (24, 24), (64, 64)]
    pictures = [picture(LzImageType.RGB32, *size, seed % 5, seed) for seed, size in enumerate(sizes)]
    streams: list[Any] = [lz.encode(each, LzImageType(7 + number % 2)) for number, each in enumerate(pictures)]
    streams[1] = bytearray(streams[1])
    with tier.forced(which):
        lz.decode(streams[0])
        assert lz.decode_all([]) == []
        for found, each in zip(lz.decode_all(streams), pictures, strict=True):
            assert np.array_equal(found, each) and found.flags.carray
        # What is no small picture from the top down in colour is decoded one by one, and so is what is wrong.
        others = [lz.encode(pictures[1], LzImageType.RGB32, top_down=False), lz.encode(pictures[2], LzImageType.RGBA)]
        for found, stream in zip(lz.decode_all(streams + others), streams + others, strict=True):
            assert np.array_equal(found, lz.decode(stream))
        for broken in (streams[3][:-1], streams[3] + b"\0", streams[3][:27], b"", streams[3][:12] + bytes(4) + streams[3][16:]):
            with pytest.raises(RemoteError) as alone:
                lz.decode(broken)
            with pytest.raises(RemoteError) as among:
                lz.decode_all([*streams, broken, b""])
            assert str(among.value) == str(alone.value)
        with pytest.raises(LimitError):
            lz.decode_all(streams, max_pixels=4095)
        assert len(lz.decode_all(streams, max_pixels=4096)) == 5


def test_what_an_encoder_ignores() -> None:
    pixels = picture(LzImageType.RGB32, 6, 9, 4, 1)
    assert lz.encode(pixels | 0xAB000000, LzImageType.RGB32) == lz.encode(pixels, LzImageType.RGB32)
    nibbles = picture(LzImageType.PLT4_BE, 6, 9, 4, 1)
    assert lz.encode(nibbles | 0xF0, LzImageType.PLT4_BE) == lz.encode(nibbles, LzImageType.PLT4_BE)
    words = picture(LzImageType.RGB16, 6, 9, 4, 1)
    assert np.array_equal(lz.decode(lz.encode(words | 0x8000, LzImageType.RGB16)) & 0x7FFF, words)


def test_order_of_bits_and_nibbles() -> None:
    """One line of nine pixels, the last seven bits of it padding that the decoder drops."""

    def stream(type: LzImageType, *line: int) -> bytes:
        return struct.pack(">7I", lz.MAGIC, lz.VERSION, type, 9, 1, len(line), 1) + bytes([len(line) - 1, *line])

    assert lz.decode(stream(LzImageType.PLT1_LE, 0x03, 0xFF)).tolist() == [[1, 1, 0, 0, 0, 0, 0, 0, 1]]
    assert lz.decode(stream(LzImageType.PLT1_BE, 0x03, 0x7F)).tolist() == [[0, 0, 0, 0, 0, 0, 1, 1, 0]]
    assert lz.decode(stream(LzImageType.PLT4_LE, 0x21, 0x43, 0x65, 0x87, 0xF9)).tolist() == [list(range(1, 10))]
    assert lz.decode(stream(LzImageType.PLT4_BE, 0x12, 0x34, 0x56, 0x78, 0x9F)).tolist() == [list(range(1, 10))]


GOOD = lz.encode(picture(LzImageType.RGB32, 4, 5, 4, 3), LzImageType.RGB32)


@pytest.mark.parametrize(
    ("word", "value", "path"),
    [
        (0, 0x5A4C2020, "magic"),
        (1, 0x00010002, "version"),
        (2, 0, "type"),
        (2, 12, "type"),
        (2, 0xFFFFFFFF, "type"),
        (3, 0, "width"),
        (3, 6, "stride"),
        (3, 0xFFFFFFFF, "stride"),
        (4, 0, "height"),
        (4, 0x7FFFFFFF, "height"),
        (5, 0, "stride"),
        (5, 21, "stride"),
    ],
)
def test_header_errors(word: int, value: int, path: str) -> None:
    data = bytearray(GOOD)
    struct.pack_into(">I", data, 4 * word, value)
    with pytest.raises(RemoteError) as caught:
        lz.decode(bytes(data))
    assert caught.value.path == path
    assert caught.value.expected
    assert caught.value.actual
    if path != "stride" or word == 5:
        assert caught.value.offset == 4 * word


def test_header_too_large() -> None:
    head = struct.pack(">7I", lz.MAGIC, lz.VERSION, 8, 8192, 8193, 8192 * 4, 1)
    with pytest.raises(LimitError):
        lz.decode(head + bytes(10))
    with pytest.raises(LimitError):
        lz.decode(GOOD, max_pixels=19)
    assert lz.decode(GOOD, max_pixels=20).shape == (4, 5)


def test_a_few_bytes_do_not_buy_a_large_picture() -> None:
    head = struct.pack(">7I", lz.MAGIC, lz.VERSION, 8, 8192, 8192, 8192 * 4, 1)
    with pytest.raises(RemoteError, match="too short"):
        lz.decode(head + bytes(1000))


@pytest.mark.parametrize("which", TIERS)
@pytest.mark.parametrize("type", TYPES)
def test_stream_truncated(type: LzImageType, which: tier.Tier) -> None:
    stream = lz.encode(picture(type, 7, 13, 4, 2), type)
    with tier.forced(which):
        for end in range(len(stream)):
            with pytest.raises(RemoteError):
                lz.decode(stream[:end])


@pytest.mark.parametrize("which", TIERS)
@pytest.mark.parametrize("type", TYPES)
def test_stream_trailing(type: LzImageType, which: tier.Tier) -> None:
    stream = lz.encode(picture(type, 7, 13, 4, 2), type)
    with tier.forced(which), pytest.raises(RemoteError) as caught:
        lz.decode(stream + b"\0")
    assert caught.value.offset == len(stream)


@pytest.mark.parametrize("which", TIERS)
@pytest.mark.parametrize(
    ("tokens", "what", "offset"),
    [
        (b"\x00\1\2\3" + b"\xe0\x00", "ends inside", 32),
        (b"\x00\1\2\3" + b"\xe0\xff\xff\xff\xff\x00\x00", "past the last", 32),
        (b"\x00\1\2\3" + b"\x20\x01", "before the first", 32),
        (b"\x00\1\2\3" + b"\x3f\xff\x00\x00", "before the first", 32),
        (b"\x20\x00", "before the first", 28),
        (b"\x14" + bytes(63), "past the last", 28),
        (b"\x13" + bytes(59), "ends inside", 28),
    ],
)
def test_token_errors(tokens: bytes, what: str, offset: int, which: tier.Tier) -> None:
    with tier.forced(which), pytest.raises(RemoteError, match=what) as caught:
        lz.decode(GOOD[:28] + tokens)
    assert caught.value.offset == offset


def damaged_streams() -> list[bytes]:
    return [
        lz.encode(picture(type, 1 + seed * 5, 17, seed, seed), type, top_down=seed != 2) for type in TYPES for seed in range(5)
    ]


@pytest.mark.parametrize("which", TIERS)
def test_damaged_streams(which: tier.Tier) -> None:
    with tier.forced(which):
        accepted, refused = survives(lambda data: lz.decode(data, max_pixels=1 << 16), damaged_streams(), rounds())
    assert refused > accepted


@pytest.mark.parametrize("body", range(4))
def test_damaged_streams_same_in_both_tiers(body: int) -> None:
    dice = np.random.default_rng(body)
    streams = damaged_streams()
    for _ in range(100):
        data = bytearray(streams[dice.integers(len(streams))])
        for _ in range(int(dice.integers(1, 4))):
            data[dice.integers(28, len(data))] = dice.integers(256)
        results: list[Any] = []
        for which in TIERS:
            with tier.forced(which):
                try:
                    results.append(lz.decode(bytes(data)).tolist())
                except RemoteError as error:
                    results.append(str(error))
        assert results[0] == results[1]


def test_local_errors() -> None:
    good = np.zeros((2, 3), np.uint32)
    for pixels, type in (
        (good, LzImageType.RGB16),
        (good[0], LzImageType.RGB32),
        (good[:0], LzImageType.RGB32),
        (good.astype(np.int64), LzImageType.RGB32),
        (good, LzImageType.INVALID),
    ):
        with pytest.raises(LocalError):
            lz.encode(pixels, type)
