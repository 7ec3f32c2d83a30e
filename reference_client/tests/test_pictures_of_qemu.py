"""What the client shows of QEMU is QEMU's own screen, pixel by pixel, in each of its lossless compressions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reference_client.channels.display import DisplayChannel, Marked
from reference_client.events import NotDrawn
from reference_client.plan import Wish
from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.test_shell import Session, run
from spiceproto.enums.image import ImageType
from spiceproto.image_places import images

_KINDS = {
    "off": (ImageType.BITMAP, set()),
    "lz": (ImageType.LZ_RGB, set()),
    "glz": (ImageType.GLZ_RGB, {ImageType.LZ_RGB}),
    "quic": (ImageType.QUIC, set()),
    "auto_glz": (ImageType.GLZ_RGB, {ImageType.LZ_RGB, ImageType.QUIC}),
    "auto_lz": (ImageType.LZ_RGB, {ImageType.QUIC}),
}
"""Setting of QEMU to the type of images that a screen with text is sent as, and others that it may choose; and bitmaps."""


class Watching(Session):
    """A session that notes the types of images."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish)
        self.kinds: set[int] = set()
        kinds = self.kinds

        class Display(DisplayChannel):
            def handle(self, value: object, now: float) -> None:
                kinds.update(int(image.descriptor.type) for image in images(value))
                super().handle(value, now)

        # mypy knows the table as one of the class.
        self.client.channels = {**self.client.channels, 2: Display}  # type: ignore[misc]


def screen(server: Qemu, path: Path) -> np.ndarray:
    server.qmp("screendump", filename=str(path))
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


async def equal(session: Session, server: Qemu, folder: Path) -> None:
    """Until the picture is the screen, which stands still: a guest without a disk says so, and then does nothing."""

    def wanted() -> np.ndarray:
        return screen(server, folder / "screen.ppm")

    def text() -> bool:
        found = wanted()
        return found.shape == (400, 720, 3) and bool(found.any())

    await session.until(lambda: any(event.display == 0 for event in session.told(Marked)))
    await session.until(text)
    server.qmp("stop")
    await session.until(lambda: np.array_equal(session.client.displays[0].picture(), wanted()))


@pytest.mark.parametrize("setting", _KINDS)
def test_each_compression(setting: str, tmp_path: Path) -> None:
    with qemu(tmp_path, f"disable-ticketing=on,image-compression={setting}") as server:

        async def body(session: Session) -> None:
            await equal(session, server, tmp_path)

        session = run(Wish(target=f"spice://127.0.0.1:{server.port}", canvas=True), body, session_class=Watching)
    assert isinstance(session, Watching)
    kind, others = _KINDS[setting]
    # A guest that was faster than the client has all of its screen sent as one picture, which is never GLZ.
    assert session.kinds & {kind, *others} and session.kinds <= {kind, ImageType.BITMAP} | others


def test_a_preference_is_taken_and_the_picture_is_the_same(tmp_path: Path) -> None:
    with qemu(tmp_path, "disable-ticketing=on,image-compression=off") as server:

        async def body(session: Session) -> None:
            await equal(session, server, tmp_path)

        wish = Wish(target=f"spice://127.0.0.1:{server.port}", canvas=True, preferred_compression="lz4")
        session = run(wish, body, session_class=Watching)
    assert isinstance(session, Watching)
    assert ImageType.LZ4 in session.kinds and session.kinds <= {ImageType.LZ4, ImageType.BITMAP}


def test_each_of_two_displays(tmp_path: Path) -> None:
    """Only the first one has a guest that writes on it; the second shows what QEMU says itself."""
    more = ("-device", "secondary-vga")
    with qemu(tmp_path, "disable-ticketing=on,image-compression=glz", more=more) as server:

        async def body(session: Session) -> None:
            await equal(session, server, tmp_path)
            await session.until(lambda: {event.display for event in session.told(Marked)} == {0, 1})

        session = run(Wish(target=f"spice://127.0.0.1:{server.port}", canvas=True), body, session_class=Watching)
    assert session.client.displays[1].picture().size
    assert session.told(NotDrawn) == []
