"""Clients: what is kept: images, palettes, the GLZ dictionary; and monitors (7.3, 8.1, 8.3, 8.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import client_glz
from conformance.cases.display.drawing import cached, clip, copy, fill, patch, picture, stripes, surface
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.vectors import broken, sequence, why
from conformance.outcome import Blocked, NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ResourceType
from spiceproto.enums.image import BitmapFlags, ImageFlags
from spiceproto.messages import display
from spiceproto.messages.image import Image, Palette

_KEEP, _REPLACE = ImageFlags.CACHE_ME, ImageFlags.CACHE_REPLACE_ME
_KEPT: Final = (*RESTS, "SPICE-CACHE-007/drawn-again")
_PALETTE: Final = 0x5EED1
_PLACES: Final = tuple([(x, 5, x + 20, 25) for x in (2, 25, 48, 71)])


def _screen(server: SuiteServer, rests: tuple[str, ...] = RESTS) -> Screen:
    screen = Screen(server, rests=rests)
    if screen.init.pixmap_cache_size < 4 * 20 * 20:
        raise NotApplicable("the client keeps fewer images than the case needs")
    screen.draw(*stripes())
    return screen


def _image(seed: int, *, flags: int = _KEEP, id: int | None = None) -> Image:
    return picture(patch(20, 20, seed=seed), flags=flags, id=id)


def _drop(*images: Image) -> display.InvalList:
    return display.InvalList(tuple([display.ResourceID(ResourceType.PIXMAP, image.descriptor.id) for image in images]))


@client_case("SPICE-CACHE-007/drawn-again", channel="display", tags=(PICTURE,))
def drawn_again(server: SuiteServer) -> None:
    """Two images are kept, and drawn again, more than once."""
    screen = _screen(server)
    one, two = _image(1), _image(99)
    screen.draw(copy(one, _PLACES[0]), copy(two, _PLACES[1]))
    screen.draw(copy(cached(two), _PLACES[2]), copy(cached(one), _PLACES[3]), copy(cached(two), (30, 30, 50, 50)))
    screen.expect_same()


@client_case("SPICE-CACHE-007/never-seen", channel="display", tags=(PICTURE,))
def never_seen(server: SuiteServer) -> None:
    """Images are kept of messages of which nothing is seen: outside of the surface, and of the clip."""
    screen = _screen(server, _KEPT)
    outside, clipped = _image(1), _image(99)
    screen.draw(copy(outside, (200, 200, 220, 220)), copy(clipped, _PLACES[0], clip=clip()))
    screen.draw(copy(cached(outside), _PLACES[1]), copy(cached(clipped), _PLACES[2]))
    screen.expect_same()


@client_case("SPICE-CACHE-007/replaced", channel="display", tags=(PICTURE,))
def replaced(server: SuiteServer) -> None:
    """CACHE_REPLACE_ME: the new image is what is kept."""
    screen = _screen(server, _KEPT)
    one = _image(1)
    screen.draw(copy(one, _PLACES[0]), copy(_image(99, flags=_REPLACE, id=one.descriptor.id), _PLACES[1]))
    screen.draw(copy(cached(one), _PLACES[2]))
    screen.expect_same()


@client_case("SPICE-CACHE-008/listed", channel="display", tags=(PICTURE,))
def listed(server: SuiteServer) -> None:
    """An image is dropped, another is kept under its id: what was drawn stays, and the other one is drawn again."""
    screen = _screen(server, _KEPT)
    one, stays = _image(1), _image(50)
    screen.draw(copy(one, _PLACES[0]), copy(stays, _PLACES[1]), _drop(one))
    screen.draw(copy(_image(99, id=one.descriptor.id), _PLACES[2]), copy(cached(one), _PLACES[3]))
    screen.draw(copy(cached(stays), (30, 30, 50, 50)))
    screen.expect_same()


@client_case("SPICE-CACHE-008/all", channel="display", tags=(PICTURE,))
def all_dropped(server: SuiteServer) -> None:
    """All images are dropped, and others kept under their ids, several times."""
    screen = _screen(server, _KEPT)
    ids = [_image(1).descriptor.id for _ in range(3)]
    for turn in range(3):
        for place, id in enumerate(ids):
            screen.draw(copy(_image(40 * turn + 11 * place, id=id), _PLACES[place]))
        screen.draw(copy(cached(_image(0, id=ids[turn])), (25 * turn, 30, 25 * turn + 20, 50)))
        screen.draw(display.InvalAllPixmaps(()))
    screen.expect_same()


# -- palettes


def _indexed(colours: tuple[int, ...] | None, flags: int) -> Image:
    pixels = (patch(20, 20) % 8).astype("u1")
    if colours is None:
        return picture(pixels, palette_id=_PALETTE, palette_flags=flags)
    return picture(pixels, palette=Palette(_PALETTE, colours), palette_flags=flags)


_GREYS: Final = tuple([number * 0x1F1F1F for number in range(8)])
_OTHER: Final = tuple([0xF0F0F0 - number * 0x131313 for number in range(8)])
_PAL_KEEP, _PAL_AGAIN = BitmapFlags.PAL_CACHE_ME, BitmapFlags.PAL_FROM_CACHE


@client_case("SPICE-CACHE-014/dropped", display.InvalPalette(_PALETTE), channel="display", tags=(PICTURE,))
@client_case("SPICE-CACHE-014/all-dropped", display.InvalAllPalettes(), channel="display", tags=(PICTURE,))
def palettes(server: SuiteServer, message: Any) -> None:
    """A palette is kept and used; it is dropped, and another kept under its number and used."""
    screen = Screen(server, rests=(*RESTS, "SPICE-IMAGE-017/bytes"))
    screen.draw(*stripes(), copy(_indexed(_GREYS, _PAL_KEEP), _PLACES[0]), copy(_indexed(None, _PAL_AGAIN), _PLACES[1]))
    screen.draw(message, copy(_indexed(_OTHER, _PAL_KEEP), _PLACES[2]), copy(_indexed(None, _PAL_AGAIN), _PLACES[3]))
    screen.expect_same()


# -- the GLZ dictionary


def _window(server: SuiteServer, rests: tuple[str, ...]) -> Screen:
    screen = Screen(server, rests=rests)
    if not screen.init.glz_dictionary_window_size:
        raise NotApplicable("the client keeps no GLZ dictionary")
    screen.draw(*stripes())
    return screen


@client_case("SPICE-CACHE-021/as-long-as-needed", channel="display", tags=(PICTURE,))
def as_long_as_needed(server: SuiteServer) -> None:
    """Images of which each refers to older ones, some of which are dropped on the way."""
    screen = _window(server, (*RESTS, *client_glz.STEPS.ids))
    for place, image in enumerate(sequence("glz/eviction")):
        size = image.descriptor
        left, top = place % 4 * 22, place // 4 * 12
        screen.draw(copy(image, (left, top, left + size.width, top + size.height)))
    screen.expect_same()


def _not_shown(server: SuiteServer, before: str, name: str, why: str, *rests: str) -> None:
    """Behind a sequence comes an image of which no pixel is shown. Raises NotApplicable where nobody can see that."""
    screen = _window(server, (*RESTS, *client_glz.STEPS.ids, *rests))
    for image in sequence(before) if before else ():
        size = image.descriptor
        screen.draw(copy(image, (0, 0, size.width, size.height)))
    screen.alive()
    if not screen.seen:
        raise NotApplicable("nobody can ask the target for its picture")
    late = broken(name)
    width, height = late.descriptor.width, late.descriptor.height
    screen.send(copy(late, (40, 40, 40 + width, 40 + height)), text=f"DRAW_COPY of {name}")
    # Whether the channel goes on is another sentence: some clients wait for an image that never comes.
    server.wait_quiet()
    try:
        screen.compare(why=why)
    except Blocked:
        raise NotApplicable("the target can not be asked any more") from None


@client_case("SPICE-CACHE-021/not-longer", channel="display", tags=(PICTURE,))
def not_longer(server: SuiteServer) -> None:
    """A reference to an image that was dropped: no pixel of it is shown."""
    _not_shown(
        server,
        "glz/eviction",
        "glz-before_the_window",
        "the image to which it refers was dropped",
        "SPICE-CACHE-021/as-long-as-needed",
    )


@client_case("SPICE-CODEC-073/number-twice", "glz/rgb32", "glz-id_twice", channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-073/another-type", "glz/rgb32", "glz-other_type", channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-073/before-the-first", "", "glz-image_before_first", channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-073/dropped", "glz/eviction", "glz-before_the_window", channel="display", tags=(PICTURE,))
def refused_by_number(server: SuiteServer, before: str, name: str) -> None:
    """A GLZ image that its number, or that of the image to which it refers, speaks against: nothing of it is shown."""
    _not_shown(server, before, name, why(name), "SPICE-CACHE-021/not-longer")


# -- monitors and the size of the screen


def _head(screen: Screen, number: int = 0, **fields: int) -> display.Head:
    known = {"monitor_id": number, "surface_id": 0, "width": screen.width, "height": screen.height, "x": 0, "y": 0, "flags": 0}
    return display.Head(**{**known, **fields})


def _heads(screen: Screen, heads: tuple[display.Head, ...], most: int, why: str) -> None:
    if not screen.talk.client.has(DisplayCapability.MONITORS_CONFIG):
        raise NotApplicable("the client did not announce MONITORS_CONFIG")
    screen.draw(*stripes())
    screen.send(display.MonitorsConfig(most, heads))
    screen.draw(fill((60, 10, 80, 30), 0x204060))
    screen.survives(why)


@client_case("SPICE-MONITOR-007/none", channel="display", tags=(PICTURE,))
def no_heads(server: SuiteServer) -> None:
    """A head, and then twice none: what was shown is there all the same, and so is what is drawn then."""
    screen = Screen(server)
    if not screen.talk.client.has(DisplayCapability.MONITORS_CONFIG):
        raise NotApplicable("the client did not announce MONITORS_CONFIG")
    screen.send(display.MonitorsConfig(1, (_head(screen),)))
    screen.draw(*stripes())
    screen.survives("one head, as large as its surface")
    for most in (1, 0):
        screen.send(display.MonitorsConfig(most, ()))
        screen.draw(fill((60, 10 + 20 * most, 80, 25 + 20 * most), 0x204060))
        screen.survives("a MONITORS_CONFIG without heads")


@client_case("SPICE-MONITOR-008/outside", channel="display", tags=(PICTURE,))
def outside(server: SuiteServer) -> None:
    """Heads that lie outside of their surface, are larger, have no surface, or numbers that wrap."""
    screen = Screen(server)
    heads = (
        _head(screen, 0, width=screen.width * 2, height=screen.height * 3),
        _head(screen, 1, x=5000, y=5000),
        _head(screen, 2, surface_id=77),
        _head(screen, 3, x=0xFFFFFFFF, width=0xFFFFFFFF, y=0xFFFFFFF0, height=0x20),
        _head(screen, 4, width=0, height=0),
    )
    _heads(screen, heads, 5, "heads that are not inside of their surface")


@client_case("SPICE-MONITOR-008/more-than-allowed", channel="display", tags=(PICTURE,))
def more_than_allowed(server: SuiteServer) -> None:
    """As many heads as a message has room for, where one is allowed."""
    screen = Screen(server)
    _heads(screen, tuple([_head(screen, number) for number in range(1000)]), 1, "1000 heads, of which one is allowed")


@client_case("SPICE-MONITOR-009/smaller-head", channel="display", tags=(PICTURE,))
def smaller_head(server: SuiteServer) -> None:
    """A head that is smaller than its surface: what is drawn beside it is there all the same."""
    screen = Screen(server)
    _heads(screen, (_head(screen, width=40, height=30, x=8, y=4),), 1, "the surface is as large as it was")


_SIZES: Final[tuple[Callable[[], Any], ...]] = (
    lambda: surface(0, 120, 80),
    lambda: surface(0, 17, 11),
    lambda: surface(0, 96, 64),
)


@client_case("SPICE-MONITOR-009/another-resolution", channel="display", tags=(PICTURE,))
def another_resolution(server: SuiteServer) -> None:
    """The screen becomes larger, smaller, and what it was: it is drawn on to its new edges."""
    screen = Screen(server)
    for size in _SIZES:
        made = size()
        screen.draw(display.SurfaceDestroy(0), made, display.Mark())
        width, height = made.width, made.height
        screen.draw(fill((0, 0, width, height), 0x335577), fill((width // 2, height // 2, width + 9, height + 9), 0xCC8800))
        screen.draw(copy(picture(patch(12, 8)), (width - 10, height - 6, width + 2, height + 2)))
        screen.expect_same(f"the screen is {width} x {height}")
