"""What pages are sent of a display: exactly what it shows, no more than changed, and never more than they have drawn."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lz4 import block

from reference_client.tests.viewed import Screen, Viewed, frame_of, pixels_of, run, said, say
from reference_client.view import frames
from reference_client.view.displays import WINDOW
from reference_client.view.shadow import TILE, Shadow
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface, argb, create
from spiceproto.enums.display import SurfaceFmt

_FORMATS = (SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB, SurfaceFmt._16_555, SurfaceFmt._16_565, SurfaceFmt._8_A)
_BOX = st.tuples(st.integers(0, 199), st.integers(0, 149), st.integers(1, 200), st.integers(1, 150))


def shown(frame: bytes, before: np.ndarray) -> np.ndarray:
    """What a page has after a frame: words 0x00RRGGBB."""
    kind, count, _, _, width, height = struct.unpack("<BxHIHHHxx", frame[:16])
    assert kind == 0 and before.shape == (height, width)
    after, at = before.copy(), 16 + 16 * count
    for place in range(16, 16 + 16 * count, 16):
        x, y, w, h, size, encoding = struct.unpack("<HHHHII", frame[place : place + 16])
        data = frame[at : at + size]
        if encoding == frames.LZ4:
            data = block.decompress(data, uncompressed_size=w * h * 4)
        after[y : y + h, x : x + w] = np.frombuffer(data, "<u4").reshape(h, w) & 0xFFFFFF
        assert at % 4 == 0
        at += (size + 3) & ~3
    assert at == len(frame)
    return after


@pytest.mark.parametrize("format", _FORMATS)
@settings(max_examples=20, deadline=None)
@given(boxes=st.lists(_BOX, min_size=1, max_size=5), seed=st.integers(0, 99))
def test_a_page_has_what_the_display_shows(format: SurfaceFmt, boxes: list[tuple[int, ...]], seed: int) -> None:
    surface, shadow, dice = create(format, 200, 150), Shadow(), np.random.default_rng(seed)
    page = np.full((150, 200), 7, np.uint32)
    page = shown(frames.frame(1, 0, surface, shadow.differences(surface, [])), page)
    for left, top, width, height in boxes:
        box = Box(left, top, min(left + width, 200), min(top + height, 150))
        part = box.view(surface.pixels)
        part[...] = dice.integers(0, 1 << 16, part.shape)
        found = shadow.differences(surface, [box, Box(0, 0, 300, 40)])
        covered = np.zeros(surface.pixels.shape, np.uint8)
        for each in found:
            each.view(covered)[...] += 1
        assert covered.max(initial=0) <= 1
        page = shown(frames.frame(2, 0, surface, found), page)
    assert np.array_equal(page, argb(format, surface.pixels) & 0xFFFFFF)


def test_what_did_not_change_is_not_sent() -> None:
    surface, shadow = create(SurfaceFmt._32_xRGB, 640, 480), Shadow()
    whole = Box(0, 0, 640, 480)
    assert shadow.differences(surface, []) == [whole]
    assert shadow.differences(surface, [whole]) == []
    surface.pixels[100, 200] = surface.pixels[470, 630] = 5
    assert sorted(shadow.differences(surface, [whole])) == [
        Box(192, 64, 192 + TILE, 64 + TILE),
        Box(576, 448, 640, 480),
    ]
    surface.pixels[:, :TILE] = 9
    assert shadow.differences(surface, [whole, whole]) == [Box(0, 0, TILE, 480)]


def test_a_surface_of_another_size_or_format_is_sent_whole() -> None:
    shadow = Shadow()
    for surface in (create(SurfaceFmt._32_xRGB, 8, 8), create(SurfaceFmt._32_ARGB, 8, 8), create(SurfaceFmt._32_ARGB, 8, 9)):
        assert not shadow.fits(surface)
        assert shadow.differences(surface, []) == [Box(0, 0, 8, surface.height)]
        assert shadow.fits(surface)


def test_without_lz4_pixels_go_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    surface = Surface(SurfaceFmt._32_xRGB, np.full((32, 32), 0x123456, np.uint32))
    box = [Box(0, 0, 32, 32)]
    small = frames.frame(1, 0, surface, box)
    monkeypatch.setattr(frames, "_compressor", lambda: None)
    large = frames.frame(1, 0, surface, box)
    assert len(small) < len(large) == 32 + 32 * 32 * 4
    assert np.array_equal(pixels_of(small), pixels_of(large))


def _serial(frame: bytes) -> bytes:
    return frame[4:8]


def test_no_page_is_more_than_two_frames_ahead_and_gets_the_newest() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            waiting = [await frame_of(page)]
            for colour in range(1, 20):
                viewed.draw(Box(0, 0, 200, 100), colour)
                # Whatever is sent is there before the answer to this.
                await say(page, "take-control")
                while isinstance(message := await page.recv(), bytes):
                    waiting.append(message)
            assert len(waiting) == WINDOW and (pixels_of(waiting[1]) == 1).all()
            await page.send(b"\0\0\0\0" + _serial(waiting[0]))
            assert (pixels_of(await frame_of(page)) == 19).all()

    run(body)


def test_a_frame_is_acknowledged_once() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            frame = await frame_of(page)
            await page.send(b"\0\0\0\0" + _serial(frame))
            await page.send(b"\0\0\0\0" + _serial(frame))
            assert "no frame with this serial" in (await said(page, "refused"))["text"]

    run(body)


def test_a_page_that_nobody_sees_is_sent_nothing() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            await page.send(b"\0\0\0\0" + _serial(await frame_of(page)))
            await say(page, "seen", seen=False)
            await say(page, "take-control")
            await said(page, "control")
            viewed.draw(Box(0, 0, 200, 100), 3)
            await say(page, "take-control")
            while isinstance(message := await page.recv(), str) and '"control"' not in message:
                pass
            assert isinstance(message, str)
            await say(page, "seen", seen=True)
            assert (pixels_of(await frame_of(page)) == 3).all()

    run(body)


def test_damage_without_a_change_is_no_frame() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            await page.send(b"\0\0\0\0" + _serial(await frame_of(page)))
            viewed.draw(Box(3, 4, 5, 6), 0, told=Box(0, 0, 200, 100))
            await say(page, "take-control")
            while isinstance(message := await page.recv(), str) and '"control"' not in message:
                pass
            assert isinstance(message, str)
            viewed.draw(Box(3, 4, 5, 6), 8)
            frame = await frame_of(page)
            assert struct.unpack("<HHHH", frame[16:24]) == (3, 4, 2, 2) and (pixels_of(frame) == 8).all()

    run(body)


def test_each_page_has_the_whole_picture_first() -> None:
    async def body(viewed: Viewed) -> None:
        viewed.draw(Box(0, 0, 200, 100), 5)
        for _ in range(2):
            async with viewed.open() as page:
                assert (pixels_of(await frame_of(page)) == 5).all()

    run(body)


def test_a_display_that_browsers_do_not_have_is_told() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            assert f"browsers show {frames.SIDE}" in (await said(page, "refused"))["text"]

    run(body, lambda: Viewed(Screen(SurfaceFmt._8_A, frames.SIDE + 1, 1)))
