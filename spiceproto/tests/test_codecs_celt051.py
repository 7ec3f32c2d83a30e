"""The decoder of CELT 0.5.1, held against what the reference decoder made of the same packets."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import limits
from spiceproto.codecs import celt051, tier
from spiceproto.codecs.celt051 import transform
from spiceproto.codecs.kernels.celt051 import mode
from spiceproto.errors import LimitError
from spiceproto.tests.celt_samples import FOLDER, INDEX, READ, TIERS, decoded, each_tier, expected, packets
from spiceproto.tests.codec_mutations import mutated, rounds

needs_vectors = pytest.mark.skipif(not FOLDER.exists(), reason="the vectors are in a checkout only")

TOLERANCE = 2
"""What a sample may differ by: the reference calculates with 32 bits."""


# -- vectors


@needs_vectors
@each_tier
@pytest.mark.parametrize("sound", INDEX["sounds"], ids=lambda sound: sound["name"])
def test_vectors(sound: dict[str, Any], which: tier.Tier) -> None:
    with tier.forced(which):
        decoder = celt051.Decoder()
        found = decoded(packets(sound["name"])[: sound["decoded"]], decoder)
    assert not decoder.damaged
    theirs = expected(sound["name"])
    assert found.shape == theirs.shape == (sound["decoded"], 256, 2)
    assert np.abs(found - theirs).max() <= (1 if sound["name"] != "two-sines" else TOLERANCE)


@needs_vectors
@each_tier
@pytest.mark.parametrize("entry", INDEX["damaged"], ids=lambda entry: entry["what"])
def test_damaged_vectors(entry: dict[str, Any], which: tier.Tier) -> None:
    """Damage is told from the padding; sound is made of the packet all the same, and the next ones rest on it."""
    whole, at = packets(entry["base"]), entry["index"]
    with tier.forced(which):
        decoder = celt051.Decoder()
        decoded(whole[:at], decoder)
        found, damaged = [], []
        for packet in (None if entry["packet"] is None else bytes.fromhex(entry["packet"]), *whole[at + 1 : at + 4]):
            found.append(decoder.decode(packet))
            damaged.append(decoder.damaged)
    assert damaged == entry["damaged"]
    theirs = expected("damaged")[entry["decoded_from"] : entry["decoded_from"] + 4]
    assert np.abs(np.stack(found).astype(np.int64) - theirs).max() <= TOLERANCE


@needs_vectors
@each_tier
def test_what_is_read(which: tier.Tier) -> None:
    """Reading is whole numbers, and they are all the same."""
    with tier.forced(which):
        kernels = tier.kernels("celt051.packet_reader", 0)
        for item in READ:
            packet = packets(item["name"])[item["packet"]]
            head, steps, pulse_bits16, fine_bits, fine, counts, vector = (
                np.zeros(size, np.int64) for size in (8, 40, 20, 20, 40, 20, 512)
            )
            arrays = [
                kernels.view(array)
                for array in (np.zeros(5, np.int64), head, steps, pulse_bits16, fine_bits, fine, counts, vector)
            ]
            data = kernels.stream(np.frombuffer(packet + b"\0", np.uint8))
            stack = kernels.view(np.zeros(32, np.int64))
            assert kernels.read(arrays[0], data, len(packet), *arrays[1:], stack) == kernels.INTACT
            assert head[:4].tolist() == [item[name] for name in ("pitch", "fold", "short", "shift")]
            assert head[kernels.BITS] == item["bits"]
            assert steps.tolist() == item["steps"]
            assert pulse_bits16.tolist() == item["pulse_bits16"]
            assert fine_bits.tolist() == item["fine_bits"]
            assert fine[np.tile(fine_bits, 2) > 0].tolist() == item["fine"]
            assert counts.tolist() == item["pulses"]
            for band, numbers in enumerate(item["vectors"]):
                first = 2 * mode.EDGES[band]
                assert vector[first : first + len(numbers)].tolist() == numbers


# -- both tiers


@needs_vectors
def test_tiers_agree() -> None:
    """Kernels do the same to the last bit, but there are two Fourier transforms: a sample may be rounded otherwise."""
    dice = random.Random(5)
    stream: list[bytes | None] = [*packets("clicks"), *packets("speech")[:40], None, *packets("chords"), None]
    stream += [dice.randbytes(dice.choice((0, 3, 20, 47, 47, 90))) for _ in range(30)]
    found = []
    for which in TIERS:
        with tier.forced(which):
            found.append(decoded(stream))
    assert np.abs(found[0] - found[1]).max() <= 1


@needs_vectors
def test_a_stream_may_change_tiers() -> None:
    """A process interprets its first packets, and compiles when there are more."""
    decoder = celt051.Decoder()
    found = []
    for number, packet in enumerate(packets("chords")):
        with tier.forced(TIERS[number // 3 % 2]):
            found.append(decoder.decode(packet))
    assert np.abs(np.stack(found).astype(np.int64) - expected("chords")).max() <= 1


@pytest.mark.parametrize("short", [False, True], ids=["long", "short"])
def test_transform(short: bool) -> None:
    """By numpy, in machine code, and by the definition."""
    size = mode.BLOCK if short else mode.FRAME
    edge = (size - mode.OVERLAP) // 2
    angles = np.pi / size * np.outer(np.arange(size) + 0.5, np.arange(2 * size) + 0.5 + size / 2)
    window = np.concatenate([np.zeros(edge), transform.WINDOW[:128], np.ones(size - 128)])
    window = np.concatenate([window[: size + edge], transform.WINDOW[-128:], np.zeros(edge)])
    rows = (np.cos(angles) * window)[:, edge : 2 * size - edge]
    dice = np.random.default_rng(3)
    sound, spectrum = dice.normal(size=(2, mode.SUPPORT)), dice.normal(size=(2, mode.FRAME))
    starts = (0, 128) if short else (0,)
    forward = np.stack([2 / size * sound[:, at : at + size + 128] @ rows.T for at in starts], axis=-1).reshape(2, -1)
    backward = np.zeros_like(sound)
    for number, at in enumerate(starts):
        backward[:, at : at + size + 128] += spectrum[:, number :: len(starts)] @ rows
    for which in TIERS:
        with tier.forced(which):
            kernels = tier.kernels("celt051.decoder", 0)
            assert np.abs(transform.forward(kernels, sound, short=short) - forward).max() < 1e-12
            assert np.abs(transform.backward(kernels, spectrum, short=short) - backward).max() < 1e-11


# -- state


@needs_vectors
def test_silence_is_silent() -> None:
    assert np.abs(decoded(packets("silence"))).max() <= 1


@needs_vectors
def test_who_comes_late_is_near_soon() -> None:
    """A decoder that starts within a stream: some 17 dB after 16 packets, and more with each."""
    whole, late = packets("speech"), 20
    all_along, joined = decoded(whole)[late:], decoded(whole[late:])

    def ratio(start: int) -> float:
        sound = all_along[start : start + 8].astype(float)
        return float(10 * np.log10((sound**2).sum() / ((sound - joined[start : start + 8]) ** 2).sum()))

    assert ratio(16) > 15
    assert ratio(28) > 30
    assert np.abs(all_along[-30:] - joined[-30:]).max() <= 1


@needs_vectors
def test_what_was_decoded_stays_as_it_is() -> None:
    decoder = celt051.Decoder()
    first = decoder.decode(packets("chords")[0])
    before = first.copy()
    decoded(packets("chords")[1:8], decoder)
    assert np.array_equal(first, before)


# -- packets that nobody made


@each_tier
@given(st.lists(st.none() | st.binary(max_size=120), min_size=1, max_size=8))
def test_any_packets_are_sound(which: tier.Tier, stream: list[bytes | None]) -> None:
    with tier.forced(which):
        decoder = celt051.Decoder()
        for packet in stream:
            sound = decoder.decode(packet)
            assert sound.dtype == np.int16
            assert sound.shape == (256, 2)
            assert np.isfinite(decoder._synthesis.history).all()


@needs_vectors
def test_mutated() -> None:
    """Speech, damaged: each mutant in its place, and the packets behind it."""
    whole = packets("speech")
    dice = random.Random(2)
    with tier.forced("compiled"):
        decoder = celt051.Decoder()
        for packet in mutated(whole, rounds(2000), seed=4):
            decoder.decode(packet if dice.random() < 0.9 else None)
            assert np.isfinite(decoder._synthesis.history).all()
        assert np.abs(decoded(whole * 2, decoder)[-100:] - decoded(whole * 2)[-100:]).max() <= 1


def _loudest() -> bytes:
    """A packet whose energies go up as far as numbers go: every step is the largest that the bits of the channel allow."""
    kernels = tier.kernels("celt051.laplace", 0)
    encoder, coder, out = kernels.ENCODER, [0] * 5, bytearray(400)
    encoder.start(coder)
    encoder.write_bits(coder, out, 400, 2, 0)
    for _ in range(2):
        for band in range(mode.BANDS):
            kernels.write_number(coder, out, 400, mode.LAPLACE_START[band], mode.DECAY[band], 99)
    encoder.finish(coder, out, 400)
    return bytes(out)


def test_energies_that_add_up_stay_numbers() -> None:
    with tier.forced("interpreted"):
        packet = _loudest()
        decoder = celt051.Decoder()
        for _ in range(60):
            sound = decoder.decode(packet)
        assert np.abs(sound.astype(int)).max() >= 32767
        assert 1e30 < np.abs(decoder._synthesis.history).max() < np.inf
        for stream in ([None] * 4, [b"\xff" * 47] * 4, [packet, b"\x80" * 47] * 4):
            decoded(stream, decoder)
            assert np.isfinite(decoder._synthesis.history).all()


def test_the_largest_packet() -> None:
    decoder = celt051.Decoder()
    assert decoder.decode(bytes(limits.CELT_PACKET)).shape == (256, 2)
    before = decoder._synthesis.history.copy()
    with pytest.raises(LimitError, match="4096"):
        decoder.decode(bytes(limits.CELT_PACKET + 1))
    assert np.array_equal(decoder._synthesis.history, before)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_bytes(kind: type) -> None:
    packet = bytes(range(47))
    assert np.array_equal(celt051.Decoder().decode(kind(packet)), celt051.Decoder().decode(packet))


# -- the numbers of the format


def test_tables_add_up() -> None:
    assert mode.EDGES[0] == 0 and list(mode.EDGES) == sorted(set(mode.EDGES))
    assert set(mode.PITCH_EDGES) <= set(mode.EDGES)
    assert {len(row) for row in (*mode.BIT_ROWS, *mode.FINE_ROWS)} == {mode.BANDS}
    assert len(mode.BIT_ROWS) == len(mode.FINE_ROWS) == mode.QUALITIES
    assert len(mode.PITCH_GAINS) == mode.PITCH_BANDS << mode.GAIN_BITS
    for start, decay in zip(mode.LAPLACE_START, mode.DECAY, strict=True):
        total, width = start, start * decay >> 14
        while width:
            total, width = total + 2 * width, width * decay >> 14
        assert mode.LAPLACE_TOTAL - 20 < total <= mode.LAPLACE_TOTAL


def test_vectors_of_pulses_are_counted() -> None:
    """Every number is a vector, of as many pulses, and no two are the same."""
    with tier.forced("interpreted"):
        kernels = tier.kernels("celt051.pulses", 0)
        for n in range(1, 6):
            for k in range(1, 6):
                seen = set()
                for index in range(kernels.vectors(n, k)):
                    vector = [0] * n
                    kernels.vector_of(index, vector, 0, n, k)
                    assert sum(map(abs, vector)) == k
                    assert kernels.index_of(vector, 0, n, k) == index
                    seen.add(tuple(vector))
                assert len(seen) == kernels.vectors(n, k)
