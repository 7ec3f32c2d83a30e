"""How images are compressed: what the server wants, until it or a client wants something else.

One of SPICE's names: ``off``, ``auto_glz``, ``auto_lz``, ``quic``, ``glz``, ``lz``, ``lz4``; and whether JPEG takes the place
of QUIC where that may be lossy, and zlib goes around GLZ, which libspice-server does for clients behind a slow line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from reference_server.watched import Watched
from spiceproto import extras
from spiceproto.enums.display import ImageCompression

__all__ = ["COMPRESSIONS", "Compression", "CompressionChanged", "CompressionUsed"]

COMPRESSIONS: Final = {kind.name.lower(): kind for kind in ImageCompression if kind != ImageCompression.INVALID}
"""The compressions by name."""


class CompressionUsed(msgspec.Struct, frozen=True):
    """Some image is going to be compressed; told once."""


class CompressionChanged(msgspec.Struct, frozen=True):
    """The server wants another compression."""


class Compression(Watched):
    """Tells :class:`CompressionChanged` and :class:`CompressionUsed`.

    Raises ValueError for a name that is none, or what is not installed.

    ``kind``      what images are compressed with
    ``jpeg``      JPEG in place of QUIC
    ``zlib_glz``  zlib around GLZ
    ``ready``     says whether large pictures can be compressed without delay; until then they go as they are. A program that
                  has machine code made on a thread puts its own here
    """

    def __init__(self, name: str = "off", *, jpeg: bool = False, zlib_glz: bool = False) -> None:
        super().__init__()
        self.kind = self.find(name)
        if jpeg and not extras.present("simplejpeg"):
            raise ValueError("JPEG needs simplejpeg")
        self.jpeg = jpeg
        self.zlib_glz = zlib_glz
        self.ready: Callable[[], bool] = lambda: True
        self._used = False

    def use(self, kind: ImageCompression) -> None:
        """A client is going to get images compressed so."""
        if kind != ImageCompression.OFF and not self._used:
            self._used = True
            self.tell(CompressionUsed())

    @staticmethod
    def can(kind: int) -> bool:
        """Whether images can be compressed so."""
        if kind == ImageCompression.LZ4:
            return extras.present("lz4.block")
        return kind in COMPRESSIONS.values()

    def find(self, name: str) -> ImageCompression:
        """The compression of this name."""
        kind = COMPRESSIONS.get(name)
        if kind is None:
            raise ValueError(f"a compression is {', '.join(COMPRESSIONS)}, not {name!r}")
        if not self.can(kind):
            raise ValueError(f"the compression {name} needs lz4")
        return kind

    def set(self, name: str) -> None:
        """Want another one from now on, on all displays of all clients."""
        self.kind = self.find(name)
        self.tell(CompressionChanged())
