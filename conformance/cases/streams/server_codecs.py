"""Servers: which codecs streams have, and what comes without one (11.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import screen
from conformance.cases.streams.server_steps import MJPEG, NEEDS, create_of, frames, play, prefer_codecs, stop
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import VideoCodecType
from spiceproto.messages import display

_UNKNOWN: Final = (99, 200, 255)
_PICTURES: Final = 10
_CANNOT: Final = 2**32 - 1

_CODECS: Final = {
    VideoCodecType.MJPEG: DisplayCapability.CODEC_MJPEG,
    VideoCodecType.VP8: DisplayCapability.CODEC_VP8,
}
"""Two that many servers have, and what a client announces."""


@server_case("SPICE-STREAM-020/alone", _UNKNOWN, channel="display")
@server_case("SPICE-STREAM-020/before-another", (*_UNKNOWN, VideoCodecType.MJPEG), channel="display")
def unknown_codecs(client: SuiteClient, codecs: tuple[int, ...]) -> None:
    """PREFERRED_VIDEO_CODEC_TYPE with codecs that nobody knows: the channel goes on. Numbers."""
    talk = screen(client, announced=MJPEG)
    prefer_codecs(talk, *codecs)
    client.wait_quiet()
    client.alive(client.main_talk, "codecs that the server does not know are passed over")
    talk.expect_open("codecs that the server does not know are passed over")


@server_case("SPICE-STREAM-032/again", channel="display", needs=NEEDS)
def lists_again(client: SuiteClient) -> None:
    """An empty list of codecs and another one come while a film is played: the channel goes on, and so does the film."""
    talk = play(client, *MJPEG)
    create_of(client, talk)
    prefer_codecs(talk)
    prefer_codecs(talk, VideoCodecType.MJPEG)
    before = frames(talk)
    client.run(lambda: frames(talk) >= before + _PICTURES or talk.closed)
    talk.expect_open("the client may say at any time which codecs it likes")
    client.alive(client.main_talk)


def _begins_with(client: SuiteClient, *announced: WireEnum, codecs: tuple[int, ...]) -> int | None:
    """The codec of a stream for such a client; None for no stream."""
    client.session()
    talk = play(client, DisplayCapability.MULTI_CODEC, *announced, codecs=codecs)
    try:
        found = int(create_of(client, talk).codec_type)
    except NotApplicable:
        found = None
    stop(client)
    client.main_talk.close()
    client.wait_quiet()
    return found


@server_case("SPICE-STREAM-021/either-order", channel="display", needs=NEEDS)
def either_order(client: SuiteClient) -> None:
    """MJPEG and VP8, each alone and both in either order of PREFERRED_VIDEO_CODEC_TYPE: the first comes."""
    for codec, capability in _CODECS.items():
        if _begins_with(client, capability, codecs=(codec,)) != codec:
            raise NotApplicable(f"the server does not send {codec.name}")
    for first, second in (tuple(_CODECS), tuple(reversed(_CODECS))):
        found = _begins_with(client, *_CODECS.values(), codecs=(first, second))
        if found != first:
            raise Failure(f"a stream of {first.name}, which the client likes best", f"codec_type {found}")


def _drawn(talk: Talk) -> int:
    return sum(count for name, count in talk.heard.items() if name.startswith("DRAW_"))


def _expect_pictures(client: SuiteClient, talk: Talk, why: str) -> None:
    """Pictures come, and more of them. Raises Failure."""
    client.step(f"expect pictures: {why}")
    before = _drawn(talk)
    client.run(lambda: _drawn(talk) >= before + _PICTURES or talk.closed)
    talk.expect_open(why)
    if _drawn(talk) < before + _PICTURES:
        raise Failure(f"pictures ({why})", f"{_drawn(talk) - before} DRAW_... messages, {frames(talk)} frames in all")


@server_case("SPICE-STREAM-030/pictures", channel="display", needs=NEEDS)
def no_codec(client: SuiteClient) -> None:
    """A client announces MULTI_CODEC and no codec, and a film is played: pictures come, also when it has long begun."""
    talk = play(client, DisplayCapability.MULTI_CODEC)
    for _ in range(4):
        _expect_pictures(client, talk, "the client has no codec")


@server_case("SPICE-STREAM-031/pictures", channel="display", needs=NEEDS)
def not_decodable(client: SuiteClient) -> None:
    """A film is sent as MJPEG, and the client reports that it can not decode it: pictures come."""
    talk = play(client, *MJPEG)
    stream = create_of(client, talk).id
    talk.send(
        display.StreamReport(
            stream_id=stream,
            unique_id=0,
            start_frame_mm_time=0,
            end_frame_mm_time=0,
            num_frames=0,
            num_drops=_CANNOT,
            last_frame_delay=0,
            audio_delay=0,
        ),
        text="STREAM_REPORT: the stream can not be decoded",
    )
    client.wait_quiet()
    _expect_pictures(client, talk, "the client can not decode the stream")
