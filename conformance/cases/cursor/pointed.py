"""A client's pointer beside the suite's own: both are told the same, and what is shown of them is compared.

It is drawn over a screen of stripes. A client that can not invert what is under the pointer draws something there that is seen
on any ground; so those pixels are looked at apart.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from conformance.as_server import SuiteServer
from conformance.cases.display.drawing import stripes
from conformance.cases.display.screen import RESTS, Screen, differences, looked_at
from conformance.outcome import Failure, NotApplicable
from conformance.results import Difference
from conformance.talk import Talk
from conformance.three_pictures import three_pictures
from spiceproto import png
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

if TYPE_CHECKING:
    from spiceproto.canvas.cursor import Pointer

__all__ = ["NO_SHAPE", "SHOWN", "Pointed", "header", "init", "shape", "with_alpha"]

NO_SHAPE: Final = cursor.Cursor(CursorFlags.NONE, None, b"")
SHOWN: Final = (*RESTS[:1], "SPICE-CURSOR-010/moved")
"""What every case about the pointer rests on."""

_SIDE: Final = 12


def header(kind: CursorType, width: int, height: int, *, unique: int = 0, hot: tuple[int, int] = (2, 3)) -> cursor.CursorHeader:
    return cursor.CursorHeader(unique=unique, type=kind, width=width, height=height, hot_spot_x=hot[0], hot_spot_y=hot[1])


def with_alpha(seed: int = 0, side: int = _SIDE, *, solid: bool = True) -> bytes:
    """A shape with alpha: opaque ones of one kind for each seed, others with every alpha."""
    rows, columns = np.mgrid[0:side, 0:side].astype(np.uint32)
    alpha = np.full((side, side), 255, np.uint32) if solid else (rows * side + columns) * 255 // (side * side - 1)
    found = alpha << 24
    for shift, step in ((16, 17), (8, 31), (0, 7)):
        found = found | ((columns * step + rows * 13 + seed * 40 + 30) % 256 * alpha // 255) << shift
    return found.astype("<u4").tobytes()


def shape(
    seed: int = 0, *, flags: int = 0, unique: int = 0, hot: tuple[int, int] = (2, 3), solid: bool = True
) -> cursor.Cursor:
    """A shape of 12 x 12 pixels."""
    return cursor.Cursor(
        CursorFlags(flags), header(CursorType.ALPHA, _SIDE, _SIDE, unique=unique), with_alpha(seed, solid=solid)
    )


def init(shape: cursor.Cursor = NO_SHAPE, *, x: int = 0, y: int = 0, visible: int = 1) -> cursor.Init:
    return cursor.Init(position=Point16(x, y), trail_length=0, trail_frequency=0, visible=visible, cursor=shape)


class Pointed:
    """``screen`` is what the pointer is drawn over, ``talk`` the cursor channel, ``pointer`` what it should be."""

    def __init__(self, server: SuiteServer, first: cursor.Init | None = None, *, rests: tuple[str, ...] = SHOWN) -> None:
        from spiceproto.canvas.cursor import Pointer

        self.server = server
        began = init() if first is None else first
        server.greetings["cursor"] = (began,)
        self.screen = Screen(server, rests=rests)
        with server.preparing("a session with a pointer"):
            self.talk: Talk = server.linked(ChannelType.CURSOR, 0)
        self.pointer: Pointer = Pointer()
        self.pointer.handle(began)
        self.screen.draw(*stripes())

    def say(self, *values: Any) -> None:
        """Messages that the client carries out."""
        for value in values:
            self.talk.send(value)
            self.pointer.handle(value)
        assert not self.pointer.problems, self.pointer.problems[0].error

    def send(self, *values: Any) -> None:
        """Messages after which there is no shape, or the same as before."""
        for value in values:
            self.talk.send(value)
            self.pointer.handle(value)

    def _shown(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The picture with the pointer, and where the screen is inverted."""
        from spiceproto.canvas import cursor as shapes
        from spiceproto.canvas import surface as surfaces

        surface = self.screen.canvas.primary
        assert surface is not None
        pixels = surface.pixels.copy()
        inverted = np.zeros(pixels.shape, np.bool_)
        found = self.pointer.shape
        if found is not None and self.pointer.visible:
            shapes.draw(pixels, found, self.pointer.x, self.pointer.y, invert=True)
            marks = np.where(found.inverts, 0xFFFFFFFF, 0).astype(np.uint32)
            marked = np.zeros(pixels.shape, np.uint32)
            shapes.draw(
                marked, found._replace(pixels=marks, inverts=np.zeros_like(found.inverts)), self.pointer.x, self.pointer.y
            )
            inverted = marked & 0xFFFFFF != 0
        return surfaces.rgb(surfaces.Surface(surface.format, pixels)), inverted

    def _picture(self) -> NDArray[np.uint8]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.png"
            self.server.act("picture-with-pointer", path=str(path), display=0)
            return png.decode(path.read_bytes())

    def expect_same(self, why: str = "") -> None:
        """The client goes on, and shows the pointer as it is here. Raises Failure, NotApplicable where nobody can ask it."""
        self.server.alive(self.talk, why)
        self.screen.alive()
        if not self.server.target.meets("act:picture-with-pointer"):
            raise NotApplicable("it goes on; nobody can ask the target for its pointer")
        wanted, inverted = self._shown()
        found = wanted
        other = False

        def look() -> tuple[str, Difference] | None:
            nonlocal found, other
            found = self._picture()
            if found.shape == wanted.shape:
                # Whoever can not invert draws something else there: it is seen.
                ground = self.screen.canvas.picture()
                seen = inverted & (found != ground).any(axis=2)
                other = bool((seen & (found != wanted).any(axis=2)).any())
                found[seen] = wanted[seen]
            return differences(wanted, found, None)

        different = looked_at(self.server, look)
        if different is not None:
            text, difference = different
            wants = f"the pointer over the screen{f' ({why})' if why else ''}: {difference.expected}"
            raise Failure(wants, text, [difference], three_pictures(wanted, found))
        if other:
            self.server.note("the target draws something else where the screen is to be inverted")
