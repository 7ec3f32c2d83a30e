"""Which sentences images need: no more than decoders with one step wrong were seen to get wrong in them."""

from __future__ import annotations

import pytest

from conformance.cases.display.server_shown import CODECS, SENTENCES, shown
from conformance.cases.display.vectors import broken, golden, sequence
from conformance.cases.display.view import Drawn
from conformance.requirements import requirements


def needed(*names: str) -> set[int]:
    """Numbers of the sentences of chapter 6 that these golden images need."""
    found = shown([Drawn("DRAW_COPY", golden(name)) for name in names])
    return {int(id[-3:]) for id in found if id.startswith("SPICE-CODEC")}


def test_all_of_them_bind_servers() -> None:
    assert {requirements()[id].role for id in SENTENCES} == {"both"}
    assert len(set(SENTENCES)) == len(SENTENCES) == sum(map(len, CODECS.values()))


@pytest.mark.parametrize(
    ("name", "numbers", "others"),
    [
        ("quic/rgb32-solid-1x1", {3, 5, 11, 12, 18}, {8, 9, 10, 15, 20, 24}),
        ("quic/rgb32-solid-64x64", {8, 9, 27, 28}, {10, 16, 17, 20, 21, 22, 24, 25, 26}),
        ("quic/rgb32-noise-7x5", {9, 10, 15, 16, 19}, {20, 21, 22, 24}),
        ("quic/rgb24-text-50x45", {21, 22, 24, 25, 26, 27, 28}, set()),
        ("quic/rgb32-mixed-64x64", {20, 21, 22}, set()),
        ("lz/rgb32-noise-7x5", {32, 35, 41, 42}, {37, 38, 39, 43, 44}),
        ("lz/rgb32-solid-64x64", {36, 37, 38, 39}, {43, 44, 45}),
        ("lz/rgba-text-33x17", {44}, {43, 45, 46}),
        ("lz/rgb16-text-33x17", {43}, {42, 44}),
        ("lz/plt4_be-text-33x17", {45}, {42, 46}),
        ("lz/plt8-text-33x17", {46}, {42, 45}),
        ("lz4/32bit-solid-1x1", {60}, {61, 62}),
        ("lz4/32bit-text-21x13-cut_in_rows", {60, 61, 62}, set()),
        ("jpeg/colour-photo-7x5-q85", {66}, {69}),
        ("jpeg_alpha/rgba-photo-7x5", {46, 69}, {66}),
    ],
)
def test_what_an_image_needs(name: str, numbers: set[int], others: set[int]) -> None:
    found = needed(name)
    assert numbers <= found and not found & others


@pytest.mark.parametrize(
    ("name", "numbers", "others"),
    [
        ("glz/rgb32", {48, 50, 52, 53}, {55, 58}),
        ("glz/rgba", {48, 53, 55}, {58}),
        ("glz/long_offsets", {51}, {55, 58}),
        ("zlib_glz/rgb32", {48, 58}, {55}),
    ],
)
def test_what_a_sequence_needs(name: str, numbers: set[int], others: set[int]) -> None:
    found = {int(id[-3:]) for id in shown([Drawn("DRAW_COPY", image) for image in sequence(name)])}
    assert numbers <= found and not found & others


def test_bitmaps() -> None:
    names = {"bitmap/1bit_be-noise-13x9": 15, "bitmap/4bit_be-noise-13x9": 16, "bitmap/8bit-noise-13x9": 17}
    for name, number in names.items():
        assert shown([Drawn("DRAW_COPY", golden(name))]) == {f"SPICE-IMAGE-{number:03}"}
    assert not shown([Drawn("DRAW_COPY", golden("bitmap/32bit-noise-13x9"))])


def test_what_is_no_stream_needs_nothing() -> None:
    assert not shown([Drawn("DRAW_COPY", broken(name)) for name in ("quic-cut_half", "lz-empty", "zlib_glz-not_zlib")])
