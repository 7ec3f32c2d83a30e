"""Kernels of codecs: which of them have to be compiled before more is drawn, so that somebody does that beside the session.

The first kernel of a process costs half a second of imports, and seconds where nothing is kept on disk yet. Whoever has a
thread for it sets ``elsewhere``; then a display channel keeps what it can not draw yet, and goes on answering. Without it
kernels are compiled where they are used (:mod:`spiceproto.codecs.tier`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from spiceproto.enums.image import ImageType, LzImageType
from spiceproto.errors import RemoteError
from spiceproto.image_places import images

if TYPE_CHECKING:
    from spiceproto.codecs.machine_code import Kind
    from spiceproto.messages.image import Image

__all__ = ["Kernels"]

_AT_ONCE: Final = 1 << 14
"""Pixels of one image that are interpreted while others wait for an answer: some 50 ms."""


class Kernels:
    """What a session needs.

    ``elsewhere``  somebody compiles what is ``wanted``, and says so by :meth:`compiled`
    ``wanted``     kinds of pictures that drawing waits for, and of sound
    """

    def __init__(self) -> None:
        self.elsewhere = False
        self.wanted: set[Kind] = set()
        self._ready: set[Kind] = set()

    def lacks(self, message: Any) -> bool:
        """Whether a message can not be drawn before something is compiled, which is wanted from now on."""
        if not self.elsewhere:
            return False
        from spiceproto.codecs import tier

        lacking = False
        for kind, pixels in _kinds(message):
            # While something is compiled nobody else looks at kernels: numba holds its locks.
            counted = pixels if not self.wanted and pixels <= _AT_ONCE else tier.INTERPRETED_PIXELS + 1
            lacking = self._lacks(kind, counted) or lacking
        return lacking

    def lack_celt(self, *, encoder: bool = False) -> bool:
        """Whether sound in CELT can not be decoded, or encoded, before something is compiled, which is wanted from now on."""
        if not self.elsewhere:
            return False
        from spiceproto.codecs import machine_code, tier

        return self._lacks(machine_code.CELT_ENCODER if encoder else machine_code.CELT, tier.INTERPRETED_PIXELS + 1)

    def _lacks(self, kind: Kind, pixels: int) -> bool:
        from spiceproto.codecs import machine_code

        if kind in self._ready or machine_code.is_prepared(kind) or not machine_code.is_cold(kind, pixels):
            return False
        self.wanted.add(kind)
        return True

    def compiled(self, *kinds: Kind) -> None:
        """These are ready."""
        self._ready.update(kinds)
        self.wanted -= self._ready


def _kinds(message: Any) -> Iterator[tuple[Kind, int]]:
    """What the images of a message need, and for how many pixels."""
    for image in images(message, masks=False):
        kind = _kind(image)
        if kind is not None:
            yield kind, image.descriptor.width * image.descriptor.height


def _kind(image: Image) -> Kind | None:
    from spiceproto.codecs import glz, lz, quic
    from spiceproto.codecs.machine_code import Kind

    type = image.descriptor.type
    try:
        if type == ImageType.QUIC and image.quic is not None:
            return Kind("quic", int(quic.header(image.quic.data).type))
        if type == ImageType.LZ_RGB and image.lz_rgb is not None:
            return Kind("lz", int(lz.header(image.lz_rgb.data).type))
        if type == ImageType.LZ_PLT and image.lz_plt is not None:
            return Kind("lz", int(lz.header(image.lz_plt.data).type))
        if type == ImageType.GLZ_RGB and image.lz_rgb is not None:
            return Kind("glz", int(glz.header(image.lz_rgb.data).type))
    except RemoteError:
        return None  # no kernel will see it
    if type == ImageType.ZLIB_GLZ_RGB:
        return Kind("glz", LzImageType.RGB32)
    return Kind("lz", LzImageType.XXXA) if type == ImageType.JPEG_ALPHA else None
