"""Clients: two displays that share a cache and a dictionary, where one overtakes the other (8.2, 8.4)."""

from __future__ import annotations

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import client_glz
from conformance.cases.display.drawing import HEIGHT, WIDTH, cached, copy, fill, patch, picture, stripes
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.vectors import sequence
from conformance.outcome import NotApplicable
from spiceproto.enums.image import ImageFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display
from spiceproto.messages.display import WaitForChannel
from spiceproto.messages.image import Image


def _two(server: SuiteServer, *more: str) -> tuple[Screen, Screen]:
    """Two displays of a session, with stripes on both. Raises NotApplicable if they share nothing."""
    first = Screen(server, displays=2, rests=(*RESTS, *more))
    second = Screen(server, number=1, beside=first, rests=(*RESTS, *more))
    for one, other in (
        (first.init.pixmap_cache_id, second.init.pixmap_cache_id),
        (first.init.glz_dictionary_id, second.init.glz_dictionary_id),
    ):
        if one != other:
            raise NotApplicable("the displays of the target share no cache")
    first.draw(*stripes())
    second.draw(*stripes())
    first.alive()
    second.alive()
    return first, second


def _waits(server: SuiteServer, first: Screen, second: Screen, why: str) -> None:
    """The second display shows nothing of what it waits for, and the first one goes on."""
    server.wait_quiet()
    if second.seen:
        second.compare(why=why)
    first.draw(fill((60, 40, 90, 60), 0x204060))
    first.alive("only the other display waits")


def _image(seed: int) -> Image:
    return picture(patch(20, 20, seed=seed), flags=ImageFlags.CACHE_ME)


@client_case("SPICE-CACHE-018/overtaken", channel="display", tags=(PICTURE,))
def image_overtaken(server: SuiteServer) -> None:
    """An image is taken from the cache on the second display before it has come on the first."""
    first, second = _two(server, "SPICE-CACHE-007/drawn-again")
    image = _image(3)
    again = copy(cached(image), (20, 20, 40, 40))
    second.send(again, text="DRAW_COPY of an image that has not come yet")
    _waits(server, first, second, "the image has not come yet")
    first.draw(copy(image, (5, 5, 25, 25)))
    second.draw_unsent(again)
    first.expect_same()
    second.expect_same("the image has come")


@client_case("SPICE-CACHE-019/wait-list", channel="display", tags=(PICTURE,))
def wait_list(server: SuiteServer) -> None:
    """All images are to be dropped once the first display has handled a message, which takes one of them."""
    first, second = _two(server, "SPICE-CACHE-007/drawn-again")
    image = _image(3)
    first.draw(copy(image, (5, 5, 25, 25)))
    first.alive()
    # The PING of the next sign of life comes before it.
    serial = first.talk.sent_serial + 1
    second.send(display.InvalAllPixmaps((WaitForChannel(ChannelType.DISPLAY, 0, serial),)))
    server.wait_quiet()
    first.draw(copy(cached(image), (40, 30, 60, 50)))
    second.draw_unsent(display.InvalAllPixmaps(()))
    first.expect_same("the cache is emptied behind this message")
    second.expect_same()


@client_case("SPICE-CACHE-022/swapped", channel="display", tags=(PICTURE,))
@client_case("SPICE-CODEC-057/swapped", channel="display", tags=(PICTURE,))
def glz_swapped(server: SuiteServer) -> None:
    """GLZ images of which each refers to the one before: those of the second display come first."""
    first, second = _two(server, *client_glz.STEPS.ids, "SPICE-CACHE-021/as-long-as-needed")
    if not first.init.glz_dictionary_window_size:
        raise NotApplicable("the client keeps no GLZ dictionary")
    before, behind, *_ = sequence("glz/rgb32")

    def place(image: Image, left: int) -> display.DrawCopy:
        size = image.descriptor
        return copy(image, (left, 5, min(left + size.width, WIDTH), min(5 + size.height, HEIGHT)))

    late = place(behind, 40)
    second.send(late, text="DRAW_COPY of a GLZ image that refers to one that has not come yet")
    _waits(server, first, second, "the image to which it refers has not come yet")
    first.draw(place(before, 5))
    second.draw_unsent(late)
    first.expect_same()
    second.expect_same("the image has come")
