"""The page on CELT 0.5.1: its programs decode the vectors, and say of a packet what the page says."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from spiceproto.codecs.kernels.celt051 import mode
from spiceproto.derive import chapters
from spiceproto.tests.celt_samples import FOLDER, INDEX, READ, expected, packets

PAGE = chapters.SPEC / "celt051.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the chapters are in a checkout only")

TEXT = PAGE.read_text() if PAGE.exists() else ""
DECODED = 8
"""Packets of each sound: the programs are written to be read."""


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """What the programs of the text define."""
    scope: dict[str, Any] = {}
    for part in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(part, scope)
    return scope


def worked(scope: dict[str, Any], packet: bytes) -> str:
    """A packet, and what the text's program reads of it, as the text has it."""
    head, coarse, fine_bits, fine, pulses, damaged = scope["read"](packet)
    assert not damaged

    def row(values: list[int]) -> str:
        return " ".join(map(str, values))

    lines = [packet[at : at + 16].hex(" ") for at in range(0, len(packet), 16)]
    lines += ["", "  ".join(f"{name} {head[name]}" for name in ("pitch", "short", "shift", "time"))]
    for name, values in (("left", coarse[0]), ("right", coarse[1])):
        lines += [f"steps, {name:5}  {row(values)}"]
    lines += [f"fine bits     {row(fine_bits)}"]
    for name, values in (("left", fine[0]), ("right", fine[1])):
        lines += [f"fine, {name:5}   {row(values)}"]
    lines += [f"pulses        {row([sum(map(abs, vector)) for vector in pulses])}"]
    lines += [f"band 0        {row(pulses[0])}", f"band 12       {row(pulses[12])}"]
    return "```text\n" + "\n".join(lines) + "\n```\n"


def test_the_numbers(written: dict[str, Any]) -> None:
    for name in ("EDGES", "PITCH_EDGES", "MEANS", "DECAY", "LAPLACE_START", "BIT_ROWS", "FINE_ROWS", "PITCH_GAINS"):
        assert written[name] == getattr(mode, name)


def test_the_packet(written: dict[str, Any]) -> None:
    assert worked(written, packets("speech")[13]) in TEXT


@pytest.mark.parametrize("sound", INDEX["sounds"], ids=lambda sound: sound["name"])
def test_sounds_as_it_is_written(written: dict[str, Any], sound: dict[str, Any]) -> None:
    decoder = written["Decoder"]()
    theirs = expected(sound["name"])[:DECODED]
    for packet, want in zip(packets(sound["name"])[:DECODED], theirs, strict=False):
        found, damaged = decoder.decode(packet)
        assert not damaged
        assert np.abs(np.array(found) - want).max() <= 2


@pytest.mark.parametrize(
    "entry", [entry for entry in INDEX["damaged"] if entry["packet"] is not None], ids=lambda entry: entry["what"]
)
def test_damage_is_told(written: dict[str, Any], entry: dict[str, Any]) -> None:
    assert written["read"](bytes.fromhex(entry["packet"]))[-1] is entry["damaged"][0]


@pytest.mark.skipif(not FOLDER.exists(), reason="the vectors are in a checkout only")
def test_what_is_read(written: dict[str, Any]) -> None:
    for item in READ:
        head, coarse, fine_bits, fine, pulses, _ = written["read"](packets(item["name"])[item["packet"]])
        assert [head[name] for name in ("pitch", "fold", "short", "shift")] == [
            item[name] for name in ("pitch", "fold", "short", "shift")
        ]
        assert [*coarse[0], *coarse[1]] == item["steps"]
        assert fine_bits == item["fine_bits"]
        assert [index for channel in fine for index, bits in zip(channel, fine_bits, strict=True) if bits] == item["fine"]
        assert [vector if any(vector) else [] for vector in pulses] == item["vectors"]
