"""Servers: what a client keeps, within what its INIT says (8.1 to 8.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import animated, begin, check_kept, init, linked, prefer, screen
from conformance.cases.display.view import View, in_order
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.canvas.cache import PixmapCache
from spiceproto.codecs import glz
from spiceproto.descriptors import glz_header
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.image_places import images
from spiceproto.messages import display

_ROUNDS: Final = 3
_TAKEN, _PIXELS, _PALETTE, _NUMBERS, _WINDOW = (f"SPICE-CACHE-{number:03}" for number in (1, 3, 10, 15, 17))
_FROM_CACHE: Final = (ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS)
_KEEP: Final = ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME
_SMALL: Final = 4096
"""Pixels: four of the rectangles that guests here draw."""


def _with_caches(client: SuiteClient, value: display.Init, compression: ImageCompression | None = None) -> Talk:
    """A display with these caches, on which several pictures were drawn."""
    talk = screen(client, value)
    if compression is not None and talk.server.has(DisplayCapability.PREF_COMPRESSION):
        prefer(client, talk, compression)
    for _ in range(_ROUNDS):
        if not animated(client, talk):
            break
    talk.expect_open("its caches are the client's own affair")
    return talk


def _drawn_anew(client: SuiteClient) -> None:
    """A display that is linked once more, on which something is drawn."""
    again = linked(client)
    begin(client, again)
    animated(client, again)


# -- images


@server_case("SPICE-CACHE-003/no-cache", 0, channel="display")
@server_case("SPICE-CACHE-003/one-pixel", 1, channel="display")
@server_case("SPICE-CACHE-003/small-cache", _SMALL, channel="display")
def pixmap_cache(client: SuiteClient, pixels: int) -> None:
    """A client whose pixmap cache has so many pixels: what it is to keep fits."""
    _with_caches(client, init(pixels))
    check_kept(client, _PIXELS)


@server_case("SPICE-CACHE-003/no-cache-at-all", channel="display", requires=("SPICE-CACHE-003/no-cache",))
def no_cache_at_all(client: SuiteClient) -> None:
    """A client without any cache: the flag CACHE_ME is on no image that has pixels."""
    talk = _with_caches(client, init(0, 0))
    for message in talk.unread():
        for image in images(message.value):
            head = image.descriptor
            if head.flags & _KEEP and head.width * head.height and head.type not in _FROM_CACHE:
                raise Failure(
                    "images that are not kept", f"{message.name} with an image of {head.width} x {head.height} to keep"
                )


@server_case("SPICE-CACHE-001/other-ids", 0, 0, channel="display")
@server_case("SPICE-CACHE-001/highest-ids", 255, 255, channel="display")
@server_case("SPICE-CACHE-001/different-ids", 7, 200, channel="display")
def other_ids(client: SuiteClient, cache: int, dictionary: int) -> None:
    """A client that gives its cache and its dictionary these ids: what is taken from the cache was kept."""
    _with_caches(client, init(cache=cache, dictionary=dictionary))
    check_kept(client, _TAKEN)


@server_case("SPICE-CACHE-001/linked-again", None, _TAKEN, channel="display")
@server_case("SPICE-CACHE-010/linked-again", ImageCompression.OFF, _PALETTE, channel="display")
@server_case("SPICE-CACHE-015/linked-again", ImageCompression.GLZ, _NUMBERS, channel="display")
def linked_again(client: SuiteClient, compression: ImageCompression | None, sentence: str) -> None:
    """Display is closed and linked again under the same ids: nothing is taken for known that came on the old link."""
    client.relies_on("SPICE-MAIN-020/display")
    talk = _with_caches(client, init(), compression)
    talk.close()
    client.alive(client.main_talk, "only a display was lost")
    _drawn_anew(client)
    check_kept(client, sentence)


@server_case("SPICE-CACHE-001/another-session", channel="display")
def another_session(client: SuiteClient) -> None:
    """A session behind another one, with the same ids: its cache was never filled."""
    client.relies_on("SPICE-MAIN-019/client-closes-main")
    talk = _with_caches(client, init())
    client.main_talk.close()
    talk.expect_closed(why="main is closed")
    client.wait_quiet()
    client.session()
    _drawn_anew(client)
    check_kept(client, _TAKEN)


# -- the dictionary


@server_case("SPICE-CACHE-017/no-window", 0, channel="display")
@server_case("SPICE-CACHE-017/one-pixel", 1, channel="display")
@server_case("SPICE-CACHE-017/small-window", _SMALL, channel="display")
def glz_window(client: SuiteClient, pixels: int) -> None:
    """A client whose GLZ window has so many pixels: every image fits into it with those that it may refer to."""
    _with_caches(client, init(window=pixels), ImageCompression.GLZ)
    check_kept(client, _WINDOW)


# -- two displays


def _two(client: SuiteClient, second: display.Init, compression: ImageCompression) -> list[Talk]:
    """Two displays of one session, on both of which is drawn."""
    talks = [screen(client)]
    talks.append(linked(client, 1))
    begin(client, talks[1], second)
    for talk in talks:
        if talk.server.has(DisplayCapability.PREF_COMPRESSION):
            prefer(client, talk, compression)
    for _ in range(_ROUNDS):
        for talk in talks:
            animated(client, talk)
    return talks


@server_case("SPICE-CACHE-015/two-displays", channel="display", needs=("two-displays",))
def one_dictionary(client: SuiteClient) -> None:
    """Two displays share a dictionary: each number is there once, and none is left out."""
    talks = _two(client, init(), ImageCompression.GLZ)
    client.wait_quiet()
    found = sorted(
        head.image_id
        for talk in talks
        for message in talk.unread()
        for image in images(message.value)
        if (head := glz_header(image)) is not None
    )
    if not found:
        raise NotApplicable("no GLZ image has come")
    check_value("display", "numbers of GLZ images", found, list(range(len(found))))
    check_kept(client, _NUMBERS)


@server_case("SPICE-CACHE-015/two-dictionaries", channel="display", needs=("two-displays",))
def two_dictionaries(client: SuiteClient) -> None:
    """Two displays have a dictionary each: the numbers of both begin at 0."""
    _two(client, init(dictionary=2), ImageCompression.GLZ)
    check_kept(client, _NUMBERS)


@server_case("SPICE-CACHE-001/two-displays", channel="display", needs=("two-displays",))
def one_cache(client: SuiteClient) -> None:
    """Two displays share a pixmap cache: what one takes from it has come on either."""
    talks = _two(client, init(), ImageCompression.AUTO_GLZ)
    client.wait_quiet()
    kept: set[int] = set()
    taken: set[int] = set()
    for talk in talks:
        for message in talk.unread():
            for image in images(message.value):
                head = image.descriptor
                (taken if head.type in _FROM_CACHE else kept if head.flags & _KEEP else set()).add(head.id)
    check_value("display", "images taken from the cache that never came", sorted(taken - kept), [])


@server_case("SPICE-CACHE-001/two-caches", channel="display", needs=("two-displays",))
def two_caches(client: SuiteClient) -> None:
    """Two displays have a cache each: neither is told to take what came on the other."""
    _two(client, init(cache=2, dictionary=2), ImageCompression.AUTO_GLZ)
    check_kept(client, _TAKEN)


@server_case("SPICE-CODEC-049/two-displays", channel="display", needs=("two-displays",))
def references(client: SuiteClient) -> None:
    """Two displays share a dictionary: every image that is referred to is in the window."""
    talks = _two(client, init(), ImageCompression.GLZ)
    client.wait_quiet()
    pixmaps, window = PixmapCache(), glz.Window()
    views = [View(client, talk, pixmaps=pixmaps, window=window) for talk in talks]
    in_order(views)
    _within(client, views)


@server_case("SPICE-CODEC-049/small-window", _SMALL, channel="display", requires=("SPICE-CACHE-017/small-window",))
@server_case("SPICE-CODEC-049/usual-window", 1 << 20, channel="display")
def references_within(client: SuiteClient, pixels: int) -> None:
    """A client whose GLZ window has so many pixels: no image refers to one that is out of it."""
    talk = _with_caches(client, init(window=pixels), ImageCompression.GLZ)
    view = View(client, talk, window=glz.Window(pixels))
    view.take()
    _within(client, [view])


def _within(client: SuiteClient, views: list[View]) -> None:
    """No image refers to one that is not there, nor says that it may. Raises Failure, or NotApplicable without any."""
    heads = [head for view in views for item in view.drawn if (head := glz_header(item.image)) is not None]
    if not heads:
        raise NotApplicable("no GLZ image has come")
    for head in heads:
        if head.window_head_distance > head.image_id:
            expected = f"a window_head_distance of at most {head.image_id}, the number of the image"
            raise Failure(expected, str(head.window_head_distance))
    for view in views:
        for problem in view.problems:
            if problem.code == "missing-glz-image":
                raise Failure("references to images of the window", f"{view.talk.name}: {problem}")
