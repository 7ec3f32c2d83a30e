"""Clients: what a server should not have sent is left out, and the channel goes on (7.5, 8.1).

Nothing here makes a surface: a client that only takes a picture does not leave before the end.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from spiceproto.enums.display import ClipType, ImageScaleMode, MaskFlags, ResourceType, Ropd
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Clip, Copy, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import Image, ImageDescriptor, Surface

_BOX: Final = Rect(top=0, left=0, bottom=8, right=8)
_NO_MASK: Final = QMask(MaskFlags(0), Point(0, 0))
_NOWHERE: Final = DisplayBase(7, _BOX, Clip(ClipType.NONE))
_OF_NOTHING: Final = Image(
    descriptor=ImageDescriptor(id=0, type=ImageType.SURFACE, flags=ImageFlags(0), width=8, height=8), surface=Surface(8)
)
_FROM_NOTHING: Final = Copy(
    src_bitmap=_OF_NOTHING,
    src_area=_BOX,
    rop_descriptor=Ropd.OP_PUT,
    scale_mode=ImageScaleMode.NEAREST,
    mask=_NO_MASK,
)


def _goes_on(server: SuiteServer, *values: Any) -> None:
    talk = server.session_on("display")
    talk.expect("INIT")
    talk.send(*values)
    server.alive(talk)


@client_case("SPICE-DISPLAY-022/no-surface", channel="display")
def no_surface(server: SuiteServer) -> None:
    """Something is drawn on a surface that was never created: the client goes on."""
    _goes_on(server, display.DrawBlackness(_NOWHERE, Blackness(_NO_MASK)), display.CopyBits(_NOWHERE, Point(1, 1)))


@client_case("SPICE-DISPLAY-022/no-source", channel="display", requires=("SPICE-DISPLAY-022/no-surface",))
def no_source(server: SuiteServer) -> None:
    """A surface that was never created is copied to another one: the client goes on."""
    _goes_on(server, display.DrawCopy(_NOWHERE, _FROM_NOTHING))


@client_case("SPICE-DISPLAY-022/ended-surface", channel="display", requires=("SPICE-DISPLAY-022/no-surface",))
def ended_surface(server: SuiteServer) -> None:
    """A surface is ended that was never created, and drawn on: the client goes on."""
    _goes_on(server, display.SurfaceDestroy(7), display.DrawBlackness(_NOWHERE, Blackness(_NO_MASK)))


@client_case("SPICE-CACHE-009/never-kept", channel="display")
def never_kept(server: SuiteServer) -> None:
    """INVAL_LIST and INVAL_PALETTE of what the client never had: it goes on."""
    entries = (display.ResourceID(ResourceType.PIXMAP, 0x5EED), display.ResourceID(ResourceType.PIXMAP, 1))
    _goes_on(server, display.InvalList(entries), display.InvalPalette(0x5EED))
