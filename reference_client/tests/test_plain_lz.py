"""The decoders of single steps that faults change: without a change they find the pixels that the fast ones find."""

from __future__ import annotations

from typing import Any

import pytest

from reference_client.faults.plain_lz import Glz, Lz
from spiceproto.codecs import glz, lz
from spiceproto.tests.vectors import FOLDER, Vectors

VECTORS = Vectors()
IMAGES = [item for item in VECTORS.images if item["codec"] == "LZ"]
IN_ORDER = ("glz/rgb16", "glz/rgb24", "glz/rgb32", "glz/rgba", "glz/mixed_types", "glz/eviction", "glz/long_offsets")
FIVE_BITS = 0x7FFF


def _same(item: dict[str, Any], found: Any, wanted: Any) -> bool:
    mask = FIVE_BITS if item["type"] == "RGB16" else 0xFFFFFFFF
    return bool(((found.astype("u4") & mask) == (wanted.astype("u4") & mask)).all())


@pytest.mark.parametrize("item", IMAGES, ids=lambda item: item["name"])
def test_golden_images(item: dict[str, Any]) -> None:
    stream = (FOLDER / f"{item['name']}.stream").read_bytes()
    assert _same(item, Lz().decode(stream), lz.decode(stream))


@pytest.mark.parametrize("name", IN_ORDER)
def test_sequences(name: str) -> None:
    sequence = next(item for item in VECTORS.sequences if item["name"] == name)
    data, plain, window = (FOLDER / f"{name}.stream").read_bytes(), Glz(), glz.Window()
    for step in sequence["steps"]:
        stream = data[step["offset"] : step["offset"] + step["size"]]
        assert _same(step, plain.decode(stream), glz.decode(stream, window))
