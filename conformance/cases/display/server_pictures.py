"""Servers: every image can be decoded, and what a client shows is what the server shows (5.3, 5.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_images import JPEG
from conformance.cases.display.server_shown import CODECS, SENTENCES, glz_stream, shown
from conformance.cases.display.server_steps import SEEN, animated, begin, init, linked, prefer, screen, shows
from conformance.cases.display.view import Picture, View, alike, check_picture, compared
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Message, Talk
from conformance.three_pictures import three_pictures
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.codecs import glz
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import BitmapFlags, ImageType
from spiceproto.errors import RemoteError
from spiceproto.messages import display

ZLIB: Final = "zlib"
"""Tag of a case that looks at GLZ in zlib: a target that the suite sets up for each case makes it."""

_DRAWN: Final = 6
_HANGS: Final = ("control:guest", "control:image-compression")
_ALL: Final = (*SEEN, DisplayCapability.COMPOSITE, DisplayCapability.A8_SURFACE)
_COLOURS: Final = "SPICE-IMAGE-019/red-and-blue"
_ROWS: Final = "SPICE-IMAGE-013/upside-down"
_OWN: Final = "the server's own picture"

_RESTS: Final = (_COLOURS, _ROWS, "SPICE-IMAGE-008/none-above")

_Function = TypeVar("_Function", bound=Callable[..., Any])


# -- every image


@server_case("SPICE-DISPLAY-077/decodes", None, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-auto-glz", ImageCompression.AUTO_GLZ, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-auto-lz", ImageCompression.AUTO_LZ, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-quic", ImageCompression.QUIC, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-glz", ImageCompression.GLZ, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-lz", ImageCompression.LZ, channel="display")
@server_case("SPICE-DISPLAY-077/decodes-lz4", ImageCompression.LZ4, channel="display")
def decodes(client: SuiteClient, compression: ImageCompression | None) -> None:
    """Something is drawn, in the compression of the server or in this one: every image can be decoded."""
    talk = screen(client)
    if compression is not None:
        prefer(client, talk, compression)
    animated(client, talk, _DRAWN)
    view = View(client, talk)
    view.take()
    if not view.drawn:
        raise NotApplicable("no image has come")
    view.check_images()


# -- the picture


def _turned(value: Any) -> Any:
    """A message with its bitmap taken for upside down."""
    image = value.data.src_bitmap if isinstance(value, display.DrawCopy) else None
    if image is None or image.bitmap is None:
        return value
    bitmap = replace(image.bitmap, flags=image.bitmap.flags ^ BitmapFlags.TOP_DOWN)
    return replace(value, data=replace(value.data, src_bitmap=replace(image, bitmap=bitmap)))


class _BothWays(View):
    """A client, and beside it one that takes every bitmap for upside down."""

    def __init__(self, client: SuiteClient, talk: Talk) -> None:
        super().__init__(client, talk)
        self.turned = Display()

    def draw(self, message: Message) -> None:
        super().draw(message)
        if message.value is not None:
            self.turned.draw(_turned(message.value))


def _shows(
    id: str, *values: Any, also: tuple[str, ...], needs: tuple[str, ...] = (), tags: tuple[str, ...] = ()
) -> Callable[[_Function], _Function]:
    """A case whose picture decides these sentences as well, where images come that need them."""
    return server_case(id, *values, channel="display", needs=("control:picture", *needs), also=also, tags=tags)


def _check(client: SuiteClient, view: View) -> None:
    """The picture is the server's own, and so the images that came are as their sentences say."""
    check_picture(client, view)
    seen = shown(view.drawn)
    client.leaves_undecided(set(SENTENCES) - seen, "no image has come that needs it")


def _looked_at(client: SuiteClient, view: View) -> tuple[Picture, Picture]:
    """The server's picture and the client's, once something was drawn; they have one size."""
    animated(client, view.talk)
    with client.preparing("a picture"):
        own, shown = compared(client, view)
    if own.shape != shown.shape:
        raise NotApplicable("the pictures have different sizes")
    return own, shown


@server_case(_COLOURS, channel="display", needs=("control:picture",))
def red_and_blue(client: SuiteClient) -> None:
    """What a client shows is not the server's picture with red and blue exchanged."""
    view = View(client, screen(client))
    own, shown = _looked_at(client, view)
    if not alike(view, own, shown) and alike(view, own, shown[..., ::-1]):
        raise Failure(_OWN, "that with red and blue exchanged", pictures=three_pictures(own, shown))


@server_case(_ROWS, channel="display", needs=("control:picture",))
def upside_down(client: SuiteClient) -> None:
    """What a client shows is not the server's picture with every bitmap upside down."""
    view = _BothWays(client, screen(client))
    own, shown = _looked_at(client, view)
    if not alike(view, own, shown) and alike(view, own, view.turned.picture()):
        raise Failure(_OWN, "that with each bitmap upside down", pictures=three_pictures(own, shown))


@_shows("SPICE-IMAGE-007/picture", None, also=SENTENCES)
@_shows("SPICE-IMAGE-007/picture-off", ImageCompression.OFF, also=CODECS["bitmap"])
@_shows("SPICE-IMAGE-007/picture-auto-glz", ImageCompression.AUTO_GLZ, also=SENTENCES)
@_shows("SPICE-IMAGE-007/picture-quic", ImageCompression.QUIC, also=CODECS["quic"])
@_shows("SPICE-IMAGE-007/picture-glz", ImageCompression.GLZ, also=CODECS["glz"])
@_shows("SPICE-IMAGE-007/picture-lz", ImageCompression.LZ, also=CODECS["lz"])
@_shows("SPICE-IMAGE-007/picture-lz4", ImageCompression.LZ4, also=CODECS["lz4"])
def picture(client: SuiteClient, compression: ImageCompression | None) -> None:
    """Something is drawn, in the compression of the server or in this one: the picture is the server's own."""
    client.relies_on(*_RESTS)
    talk = screen(client)
    view = View(client, talk)
    if compression is not None:
        prefer(client, talk, compression)
    animated(client, talk, _DRAWN)
    _check(client, view)


@server_case("SPICE-IMAGE-007/picture-of-small-caches", channel="display", needs=("control:picture",))
def picture_of_small_caches(client: SuiteClient) -> None:
    """A client that keeps nothing has the server's own picture as well."""
    client.relies_on(*_RESTS)
    talk = screen(client, init(0, 0))
    view = View(client, talk, window=glz.Window(1))
    animated(client, talk, _DRAWN)
    check_picture(client, view)


@server_case("SPICE-IMAGE-007/picture-of-a-new-link", channel="display", needs=("control:picture",))
def picture_of_a_new_link(client: SuiteClient) -> None:
    """Something is drawn, display is closed and linked again: the picture begins as the server's own."""
    client.relies_on(*_RESTS, "SPICE-MAIN-020/display")
    talk = screen(client)
    animated(client, talk, _DRAWN)
    talk.close()
    client.alive(client.main_talk, "only a display was lost")
    again = linked(client)
    begin(client, again)
    check_picture(client, View(client, again))


@server_case("SPICE-IMAGE-007/picture-of-the-second-display", channel="display", needs=("control:picture", "two-displays"))
def picture_of_the_second_display(client: SuiteClient) -> None:
    """Two displays share cache and dictionary: the picture of the second is the server's own."""
    client.relies_on(*_RESTS)
    first = screen(client)
    second = linked(client, 1)
    begin(client, second)
    animated(client, first, _DRAWN)
    pixmaps, window = PixmapCache(), glz.Window()
    views = [View(client, talk, pixmaps=pixmaps, window=window) for talk in (first, second)]
    check_picture(client, views[1], beside=views)


def _in_type(client: SuiteClient, compression: ImageCompression, *kinds: ImageType) -> None:
    """All that the guest can be made to draw, in this compression: the picture is the server's own, and such images came."""
    client.relies_on(*_RESTS)
    if all(client.target.meets(need) for need in _HANGS):
        view = _gallery(client, compression.name.lower())
    else:
        view = View(client, screen(client))
        prefer(client, view.talk, compression)
        animated(client, view.talk, _DRAWN)
    view.take()
    images = [item.image for item in view.drawn if item.type in kinds]
    if not images:
        raise NotApplicable(f"no image of the type {' or '.join([kind.name for kind in kinds])} has come")
    for image in images:
        if image.zlib_glz is None:
            continue
        try:
            glz_stream(image)
        except RemoteError as error:
            raise Failure("zlib data that inflate to a GLZ stream of the size that is said", str(error)) from None
    _check(client, view)


@_shows("SPICE-CODEC-066/picture", also=("SPICE-CODEC-046", "SPICE-CODEC-069"), tags=(JPEG,))
def jpeg_picture(client: SuiteClient) -> None:
    """JPEG in place of QUIC: the picture is near the server's own, and not upside down."""
    _in_type(client, ImageCompression.QUIC, ImageType.JPEG)


@_shows("SPICE-CODEC-058/picture", also=CODECS["glz"][:-1], tags=(ZLIB,))
def zlib_picture(client: SuiteClient) -> None:
    """GLZ in zlib: the picture is the server's own."""
    _in_type(client, ImageCompression.GLZ, ImageType.ZLIB_GLZ_RGB)


# -- a guest that draws everything


def _gallery(client: SuiteClient, compression: str, *, announced: tuple[WireEnum, ...] = _ALL) -> View:
    """A display on which the gallery hangs, in a compression of the server's."""
    with client.preparing("a session"):
        client.session()
    client.control("image-compression", compression)
    talk = linked(client, announced=announced)
    begin(client, talk)
    shows(client, talk, "gallery")
    return View(client, talk)


@server_case("SPICE-DISPLAY-077/gallery-off", "off", channel="display", needs=_HANGS)
@server_case("SPICE-DISPLAY-077/gallery-auto-glz", "auto_glz", channel="display", needs=_HANGS)
@server_case("SPICE-DISPLAY-077/gallery-auto-lz", "auto_lz", channel="display", needs=_HANGS)
@server_case("SPICE-DISPLAY-077/gallery-lz4", "lz4", channel="display", needs=_HANGS)
def gallery(client: SuiteClient, compression: str) -> None:
    """The guest draws all there is, in this compression: every image is one that can be decoded and stands where it may."""
    view = _gallery(client, compression)
    view.take()
    view.check_images()


@_shows("SPICE-IMAGE-007/gallery", "auto_glz", also=SENTENCES, needs=_HANGS)
@_shows("SPICE-IMAGE-007/gallery-off", "off", also=CODECS["bitmap"], needs=_HANGS)
@_shows("SPICE-IMAGE-007/gallery-quic", "quic", also=CODECS["quic"], needs=_HANGS)
@_shows("SPICE-IMAGE-007/gallery-lz", "lz", also=CODECS["lz"], needs=_HANGS)
@_shows("SPICE-IMAGE-007/gallery-glz", "glz", also=CODECS["glz"], needs=_HANGS)
@_shows("SPICE-IMAGE-007/gallery-lz4", "lz4", also=CODECS["lz4"], needs=_HANGS)
def gallery_picture(client: SuiteClient, compression: str) -> None:
    """The guest draws all there is, in this compression: the picture is the server's own."""
    client.relies_on(*_RESTS)
    _check(client, _gallery(client, compression))


@_shows("SPICE-IMAGE-007/gallery-for-a-simple-client", also=SENTENCES, needs=_HANGS)
def simple_picture(client: SuiteClient) -> None:
    """The guest draws all there is, for a client that announced nothing: the picture is the server's own all the same."""
    client.relies_on(*_RESTS)
    _check(client, _gallery(client, "auto_lz", announced=()))


@_shows("SPICE-IMAGE-007/gallery-of-a-new-link", also=SENTENCES, needs=_HANGS)
def gallery_again(client: SuiteClient) -> None:
    """The guest has drawn all there is, and display is linked again: the picture is the server's own from the beginning."""
    client.relies_on(*_RESTS, "SPICE-MAIN-020/display")
    view = _gallery(client, "off")
    view.talk.close()
    client.alive(client.main_talk, "only a display was lost")
    again = linked(client, announced=_ALL)
    begin(client, again)
    _check(client, View(client, again))
