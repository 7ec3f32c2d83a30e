"""A video stream for a client: what cases about streams send.

It is drawn on a surface that is not shown, so that a client which only takes a picture does not leave before the end.
"""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.cases.display.drawing import NO_CLIP, box, surface
from conformance.cases.tour.images import HEIGHT, WIDTH, photograph
from conformance.channels import LISTED
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.codecs import jpeg
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import StreamFlags, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import display, main

__all__ = ["STREAM", "create", "film", "frame", "picture", "tell_time"]

STREAM: Final = 7
_SURFACE: Final = 1


def picture() -> bytes:
    """A frame of MJPEG. Raises NotApplicable without a library that makes one."""
    try:
        return jpeg.encode(photograph())
    except (ImportError, LocalError) as error:
        raise NotApplicable(f"no frame can be made: {error}") from None


def film(server: SuiteServer, *, more: tuple[tuple[int, int], ...] = ()) -> Talk:
    """A display with a surface, of a client that can have MJPEG. Raises NotApplicable for one that can not.

    ``more``: channels that are listed as well.
    """
    server.session((ChannelType.DISPLAY, 0), listed=(*LISTED, *more))
    talk = server.talks[int(ChannelType.DISPLAY), 0]
    if talk.client.has(DisplayCapability.MULTI_CODEC) and not talk.client.has(DisplayCapability.CODEC_MJPEG):
        raise NotApplicable("the client announced MULTI_CODEC, without CODEC_MJPEG")
    talk.expect("INIT")
    talk.send(surface(_SURFACE, WIDTH, HEIGHT))
    return talk


def tell_time(server: SuiteServer) -> int:
    """What the multimedia clock shows now, in ms; the client is told."""
    now = int(server.init().multi_media_time)
    server.main_talk.send(main.MultiMediaTime(now))
    return now


def create(number: int = STREAM, codec: VideoCodecType | int = VideoCodecType.MJPEG) -> display.StreamCreate:
    """STREAM_CREATE on the surface, all of it."""
    return display.StreamCreate(
        surface_id=_SURFACE,
        id=number,
        flags=StreamFlags.TOP_DOWN,
        codec_type=codec,
        stamp=0,
        stream_width=WIDTH,
        stream_height=HEIGHT,
        src_width=WIDTH,
        src_height=HEIGHT,
        dest=box(0, 0, WIDTH, HEIGHT),
        clip=NO_CLIP,
    )


def frame(data: bytes, time: int, number: int = STREAM) -> display.StreamData:
    """A frame that is to be shown then."""
    return display.StreamData(display.StreamDataHeader(number, time & 0xFFFFFFFF), data)
