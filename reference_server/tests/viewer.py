"""A client that looks: display channels whose messages are drawn on the library's canvas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_server.tests.memory import Line, Wire
from spiceproto import dispatch
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.canvas.problem import ProblemCode
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.codecs.glz import Window
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.image import ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.image_places import images
from spiceproto.messages import display
from spiceproto.session import Session

ALL = NONE.with_(
    DisplayCapability.MONITORS_CONFIG,
    DisplayCapability.COMPOSITE,
    DisplayCapability.A8_SURFACE,
    DisplayCapability.LZ4_COMPRESSION,
    DisplayCapability.PREF_COMPRESSION,
)
CACHE = 1 << 20
_WAITED = (ProblemCode.MISSING_PIXMAP, ProblemCode.MISSING_GLZ_IMAGE)
"""What may still come on another channel."""


class Caches:
    """What the displays of one client have in common. The cache of the canvas is as large as INIT says.

    ``session`` holds what is said against the rules.
    """

    def __init__(self, pixels: int = CACHE, window: int = CACHE) -> None:
        self.pixels = pixels
        self.pixmaps = PixmapCache(max(pixels, 0))
        self.window = Window()
        self.window_pixels = window
        self.session = Session(whole=False)


class Viewer:
    """One display channel. ``canvas`` is what it shows, ``types`` how many images of each type came."""

    def __init__(self, wire: Wire, id: int = 0, *, own: Capabilities = ALL, caches: Caches | None = None) -> None:
        self.caches = caches or Caches()
        self.canvas = Display(pixmaps=self.caches.pixmaps, window=self.caches.window)
        self.types: Counter[ImageType | int] = Counter()
        self.names: Counter[str] = Counter()
        self._held: list[Any] = []
        self.line: Line = wire.link(ChannelType.DISPLAY, id, own=own)
        assert self.line.refused is None, self.line.refused
        self._member = self.caches.session.link(ChannelType.DISPLAY, id, 1, own, wire.server.listing.announced(2))
        self.send(
            display.Init(
                pixmap_cache_id=1,
                pixmap_cache_size=self.caches.pixels,
                glz_dictionary_id=1,
                glz_dictionary_window_size=self.caches.window_pixels,
            )
        )

    def send(self, value: Any) -> None:
        """A message for the server."""
        self._judge("client", value)
        self.line.send(value)

    def _judge(self, sender: str, value: Any) -> None:
        number, _ = dispatch.build("display", sender, value)
        row = dispatch.row("display", sender, number)
        assert row is not None
        self.caches.session.message(self._member, sender, row.name, value)
        found = self.caches.session.take_findings()
        assert not found, found[0]

    @property
    def handled(self) -> int:
        """The number of the last message that was drawn."""
        assert self.line.channel is not None
        return self.line.channel.handled_serial - len(self._held)

    def look(self, *others: Viewer) -> list[Any]:
        """Draw all that comes, until nothing more does; returns the messages.

        Where a message has to wait for one of another display, it waits until ``others`` have drawn that.
        """
        viewers = {viewer.line.wire.server.lines[viewer.line.connection].key: viewer for viewer in (self, *others)}

        def handled(kind: int, number: int) -> int | None:
            viewer = viewers.get((kind, number))
            return None if viewer is None else viewer.handled

        found: list[Any] = []
        while sum(viewer._step(handled, found if viewer is self else []) for viewer in viewers.values()):
            pass
        assert not self._held, self._held[0]
        return found

    def _step(self, handled: Callable[[int, int], int | None], found: list[Any]) -> bool:
        """Draw what can be drawn now, and say whether there was something."""
        assert self.line.channel is not None
        self.line.channel.proceed(handled)
        self._held += self.line.read() if not self._held else ()
        drawn = 0
        for value in self._held:
            self.canvas.draw(value)
            if self.canvas.problems:
                assert self.canvas.problems[0].code in _WAITED, self.canvas.problems[0]
                self.canvas.problems.clear()
                break
            self._judge("server", value)
            drawn += 1
            self.names[type(value).__name__] += 1
            self.types.update(image.descriptor.type for image in images(value, masks=False))
        found += self._held[:drawn]
        del self._held[:drawn]
        return drawn > 0

    def picture(self, *others: Viewer) -> NDArray[np.uint8]:
        """What is shown: red, green, blue."""
        self.look(*others)
        return self.canvas.picture()


def differs(viewer: Viewer, screen: Any, *others: Viewer) -> list[tuple[int, int]]:
    """Places, as column and row, where the client shows something else than the guest's screen."""
    picture = viewer.picture(*others)
    wanted = screen.picture[..., 2::-1]
    assert picture.shape == wanted.shape
    return [(int(x), int(y)) for y, x in zip(*np.nonzero((picture != wanted).any(axis=2)), strict=True)]
