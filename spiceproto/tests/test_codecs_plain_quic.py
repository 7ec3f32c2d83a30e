"""The decoder of single steps: it finds the pixels that the fast one finds."""

from __future__ import annotations

from typing import Any

import pytest

from spiceproto.codecs import quic
from spiceproto.codecs.plain_quic import Quic
from spiceproto.tests.vectors import FOLDER, Vectors

PIXELS = 5000
IMAGES = [
    item
    for item in Vectors().images
    if item["codec"] == "QUIC" and item["type"] != "GRAY" and item["width"] * item["height"] < PIXELS
]


@pytest.mark.parametrize("item", IMAGES, ids=lambda item: item["name"])
def test_golden_images(item: dict[str, Any]) -> None:
    stream = (FOLDER / f"{item['name']}.stream").read_bytes()
    assert (Quic().decode(stream) == quic.decode(stream)).all()
