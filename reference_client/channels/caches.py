"""What the display channels of a session share: the pixmap cache and the GLZ dictionary, as large as INIT says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from reference_client.options import Options
from spiceproto.messages import display

if TYPE_CHECKING:
    from spiceproto.canvas.cache import PixmapCache
    from spiceproto.canvas.display import Display as Canvas
    from spiceproto.codecs.glz import Window

__all__ = ["CACHE_ID", "Caches", "init_message"]

CACHE_ID: Final = 1
"""All display channels of the session share one pixmap cache and one GLZ dictionary."""


def init_message(options: Options) -> display.Init:
    """What a client says first on a display channel; on each the same (SPICE-CACHE-020)."""
    return display.Init(
        pixmap_cache_id=CACHE_ID,
        pixmap_cache_size=options.pixmap_cache_size,
        glz_dictionary_id=CACHE_ID,
        glz_dictionary_window_size=options.glz_window_size,
    )


class Drawer(Protocol):
    """What draws on one display."""

    @property
    def stuck(self) -> bool: ...


class Caches:
    """``drawers`` are those of the channels that are linked.

    Made when the first display channel of a client that draws is linked. A server that wants more kept than INIT says gets no
    answer; the user is told.
    """

    def __init__(self) -> None:
        self.pixmaps: PixmapCache | None = None
        self.window: Window | None = None
        self.drawers: list[Drawer] = []

    def canvas(self, options: Options) -> Canvas:
        """A canvas for one display channel."""
        # Imported where it is used: a client that only wants to talk starts fast.
        from spiceproto.canvas.cache import PixmapCache
        from spiceproto.canvas.display import Display as Canvas
        from spiceproto.codecs.glz import Window

        if self.pixmaps is None or self.window is None:
            self.pixmaps = PixmapCache(options.pixmap_cache_size)
            # A dictionary of no pixels takes no image; this one none of more than one.
            self.window = Window(max(options.glz_window_size, 1))
        return Canvas(pixmaps=self.pixmaps, window=self.window)
