"""Servers: the compression that a client prefers, and what comes then (5.6, 7.1)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import animated, prefer, screen, settle
from conformance.cases.display.view import Drawn, View
from conformance.expectation import check_value, one_of
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import ImageType

_ANY: Final = (ImageType.BITMAP, ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS, ImageType.SURFACE)
_QUIC: Final = (ImageType.QUIC, ImageType.JPEG, ImageType.JPEG_ALPHA)
_LZ: Final = (ImageType.LZ_RGB, ImageType.LZ_PLT)
_GLZ: Final = (ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB)

_TYPES: Final = {
    ImageCompression.OFF: _ANY,
    ImageCompression.AUTO_GLZ: (*_ANY, *_QUIC, *_LZ, *_GLZ),
    ImageCompression.AUTO_LZ: (*_ANY, *_QUIC, *_LZ),
    ImageCompression.QUIC: (*_ANY, *_QUIC),
    ImageCompression.GLZ: (*_ANY, *_LZ, *_GLZ),
    ImageCompression.LZ: (*_ANY, *_LZ),
    ImageCompression.LZ4: (*_ANY, *_LZ, ImageType.LZ4),
}
"""What a compression to the types that images may have then: the table of 7.1."""


_AGAIN: Final = 2
"""Times that more is drawn where an image is not as the client prefers: one that the server was about to send is under way for
as long as it takes, and nothing says when that is over."""


def _images_after(client: SuiteClient, talk: Talk, compression: ImageCompression) -> list[Drawn]:
    """What is drawn behind a preference. Raises NotApplicable where nothing is."""
    prefer(client, talk, compression)
    return _images(client, talk)


def _images(client: SuiteClient, talk: Talk) -> list[Drawn]:
    """What is drawn from now on. Raises NotApplicable where nothing is."""
    talk.drop()
    if not animated(client, talk):
        raise NotApplicable("nothing is drawn")
    view = View(client, talk)
    view.take()
    return view.drawn


@server_case("SPICE-DISPLAY-078/off", ImageCompression.OFF, channel="display")
@server_case("SPICE-DISPLAY-078/auto-glz", ImageCompression.AUTO_GLZ, channel="display")
@server_case("SPICE-DISPLAY-078/auto-lz", ImageCompression.AUTO_LZ, channel="display")
@server_case("SPICE-DISPLAY-078/quic", ImageCompression.QUIC, channel="display")
@server_case("SPICE-DISPLAY-078/glz", ImageCompression.GLZ, channel="display")
@server_case("SPICE-DISPLAY-078/lz", ImageCompression.LZ, channel="display")
@server_case("SPICE-DISPLAY-078/lz4", ImageCompression.LZ4, channel="display")
def honoured(client: SuiteClient, compression: ImageCompression) -> None:
    """The client prefers a compression, and something is drawn: every image has a type that it allows."""
    talk = screen(client)
    _check(client, talk, _images_after(client, talk, compression), compression)


@server_case("SPICE-DISPLAY-078/one-after-another", channel="display", requires=("SPICE-DISPLAY-078/off",))
def one_after_another(client: SuiteClient) -> None:
    """The client prefers another compression again and again: the last one holds."""
    talk = screen(client)
    for compression in (ImageCompression.LZ, ImageCompression.QUIC, ImageCompression.OFF, ImageCompression.GLZ):
        _check(client, talk, _images_after(client, talk, compression), compression)


def _check(client: SuiteClient, talk: Talk, drawn: list[Drawn], compression: ImageCompression) -> None:
    """What was drawn has types that this compression allows, if not at once then in the end."""
    for _ in range(_AGAIN):
        if all(item.type in _TYPES[compression] for item in drawn):
            return
        settle(client, talk)
        drawn = _images(client, talk)
    for item in drawn:
        check_value(item.name, "type of an image", ImageType(item.type), one_of(*_TYPES[compression]), why=compression.name)


@server_case("SPICE-DISPLAY-078/this-channel-alone", channel="display", needs=("two-displays",))
def this_channel_alone(client: SuiteClient) -> None:
    """One of two displays is not compressed any more: its images are bitmaps."""
    talk = screen(client)
    _check(client, talk, _images_after(client, talk, ImageCompression.OFF), ImageCompression.OFF)


@server_case("SPICE-FRAME-045/lz4-unannounced", channel="display")
def lz4_unannounced(client: SuiteClient) -> None:
    """A client that did not announce LZ4 prefers it: no image is LZ4."""
    talk = screen(client, announced=(DisplayCapability.MONITORS_CONFIG,))
    for item in _images_after(client, talk, ImageCompression.LZ4):
        check_value(item.name, "an image of the type LZ4", item.type == ImageType.LZ4, False)


@server_case("SPICE-DISPLAY-079/invalid", 0, channel="display")
@server_case("SPICE-DISPLAY-079/next", max(ImageCompression) + 1, channel="display")
@server_case("SPICE-DISPLAY-079/highest", 255, channel="display")
def unknown(client: SuiteClient, number: int) -> None:
    """PREFERRED_COMPRESSION with a number that means nothing: the channel goes on, and main answers."""
    talk = screen(client)
    prefer(client, talk, number)
    client.alive(client.main_talk, "a preference that nobody knows is ignored")
    animated(client, talk)
    talk.expect_open("a preference that nobody knows is ignored")


@server_case("SPICE-DISPLAY-079/holds-on", channel="display", requires=("SPICE-DISPLAY-079/highest", "SPICE-DISPLAY-078/off"))
def holds_on(client: SuiteClient) -> None:
    """A compression is preferred, and then one that nobody knows: the first one holds."""
    talk = screen(client)
    _check(client, talk, _images_after(client, talk, ImageCompression.OFF), ImageCompression.OFF)
    prefer(client, talk, 255)
    _check(client, talk, _images(client, talk), ImageCompression.OFF)
