"""``spiceproto render`` on recordings of QEMU whose guest goes to another QEMU, against what that shows at the end.

At the destination of a seamless migration surfaces, caches and GLZ windows go on; behind a semi-seamless one everything begins
anew.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image

from spiceproto import dispatch
from spiceproto.canvas.joined import JoinedDisplay
from spiceproto.capture.decode import Decoder
from spiceproto.command import main
from spiceproto.enums.image import ImageFlags
from spiceproto.messages.display import DrawCopy
from spiceproto.report.pictures import Pictures, Screen
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.capture_samples import CAPTURES
from spiceproto.tests.rewritten import Said, mini, written

SEMI = CAPTURES / "qemu-migration-semi-seamless.pcapng.gz"
SEAMLESS = CAPTURES / "qemu-migration-seamless-agent.pcapng.gz"
BOTH = [(SEMI, "semi-seamless"), (SEAMLESS, "seamless-agent")]

DISPLAYS = {SEMI: (2, 8), SEAMLESS: (4, 12)}
"""Connections of the display at source and destination."""

KEPT = 0x5EED
"""Number of an image in a cache."""

ALL = make.rect(0, 0, 320, 200)


def truth(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(CAPTURES / f"qemu-migration-{name}.screendump.png").convert("RGB"))


def drawn(capture: bytes) -> tuple[Pictures, Screen]:
    """The one screen of a capture."""
    pictures = Pictures()
    decoder = Decoder(io.BytesIO(capture), pictures)
    pictures.begin(decoder)
    decoder.run()
    pictures.finish()
    (screen,) = pictures.screens.values()
    return pictures, screen


@pytest.mark.parametrize("name", ["semi-seamless", "seamless-agent", "seamless-twice", "cancelled"])
def test_the_picture_goes_on(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(CAPTURES / f"qemu-migration-{name}.pcapng.gz"), "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""
    (shown,) = tmp_path.glob("*.png")
    assert shown.name == "session1-display0.png"
    assert np.array_equal(np.asarray(Image.open(shown).convert("RGB")), truth(name))


def changed(path: Path, change: Callable[[list[Said]], Iterable[Said]]) -> NDArray[np.uint8]:
    pictures, screen = drawn(written(path, change))
    assert not pictures.said
    return screen.picture(cursor=False)


def drawing(item: Said, message: Any) -> Said:
    """A command of the server in place of another one."""
    number, body = dispatch.build("display", "server", message)
    row = dispatch.row("display", "server", number)
    assert row is not None
    return mini(item, body, row.name)


def commands(items: list[Said], connection: int) -> list[Said]:
    return [item for item in items if item.name == "DRAW_COPY" and item.connection == connection]


def black(items: list[Said], path: Path, *, there: bool) -> Said:
    """A command at one of the servers that blackens all."""
    return drawing(commands(items, DISPLAYS[path][there])[0], make.fill(ALL, make.solid(0)))


@pytest.mark.parametrize(("path", "name"), BOTH)
def test_what_still_comes_of_the_source_is_not_drawn(path: Path, name: str) -> None:
    def late(items: list[Said]) -> Iterator[Said]:
        last = commands(items, DISPLAYS[path][1])[-1]
        for item in items:
            if item.connection != DISPLAYS[path][0] or item.name != "end":
                yield item
            if item is last:
                yield black(items, path, there=False)

    def at_the_destination(items: list[Said]) -> Iterator[Said]:
        last = commands(items, DISPLAYS[path][1])[-1]
        for item in items:
            yield item
            if item is last:
                yield black(items, path, there=True)

    assert np.array_equal(changed(path, late), truth(name))
    assert not changed(path, at_the_destination).any()


def keeping(value: DrawCopy) -> DrawCopy:
    image = value.data.src_bitmap
    assert image is not None
    image = replace(image, descriptor=replace(image.descriptor, id=KEPT, flags=ImageFlags.CACHE_ME))
    return replace(value, data=replace(value.data, src_bitmap=image))


def cached(path: Path) -> tuple[Pictures, Screen]:
    """The first image of the source is kept there, and drawn at the end at the destination; no server empties the cache."""

    def change(items: list[Said]) -> Iterator[Said]:
        first, last = commands(items, DISPLAYS[path][0])[0], commands(items, DISPLAYS[path][1])[-1]
        for item in items:
            if item is first:
                yield drawing(first, keeping(dispatch.parse("display", "server", 304, first.body)))
            elif item is last:
                yield drawing(last, make.copy(ALL, make.cached(KEPT), ALL))
            elif item.name != "INVAL_ALL_PIXMAPS":
                yield item

    return drawn(written(path, change))


def test_caches_go_over_with_a_seamless_migration() -> None:
    pictures, screen = cached(SEAMLESS)
    assert not pictures.said and KEPT in screen.display.pixmaps


def test_caches_do_not_go_over_with_a_semi_seamless_migration() -> None:
    pictures, screen = cached(SEMI)
    (said,) = pictures.said
    assert "cache" in said and KEPT not in screen.display.pixmaps


def test_nothing_of_the_source() -> None:
    """What a server sends behind a semi-seamless migration is all there is; of a seamless one the past is made up, and said."""
    pictures, screen = drawn(written(SEMI, without=range(1, 5)))
    assert np.array_equal(screen.picture(cursor=False), truth("semi-seamless")) and not pictures.said
    assert not isinstance(screen.display, JoinedDisplay)
    pictures, screen = drawn(written(SEAMLESS, without=range(1, 8)))
    assert isinstance(screen.display, JoinedDisplay)
    (said,) = pictures.said
    assert "created before the capture" in said
    # QEMU sends all of it again.
    shown, expected = screen.picture(cursor=False), truth("seamless-agent")
    assert np.array_equal(shown[: len(expected), : expected.shape[1]], expected)
