"""Servers: what a film is while it is played, and when it ends (11.3, 11.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.view import View, own_picture
from conformance.cases.streams.server_steps import MJPEG, NEEDS, create_of, frames, play, stop
from conformance.client_wire import Ask
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Message
from conformance.three_pictures import three_pictures
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ClipType
from spiceproto.enums.link import ChannelType
from spiceproto.image_places import DRAWN
from spiceproto.messages import common, inputs
from spiceproto.messages.geometry import Rect
from spiceproto.multimedia_time import later

_PICTURE: Final = (*NEEDS, "control:picture")
_KEY, _BREAK = 0x1E, 0x9E
"""Any key: what runs in the guest puts something in front of the film."""

_NUMBERS: Final[dict[str, Callable[[Any], int]]] = {
    "STREAM_ACTIVATE_REPORT": lambda value: int(value.stream_id),
    "STREAM_DATA": lambda value: int(value.base.id),
    "STREAM_DATA_SIZED": lambda value: int(value.base.id),
}
"""Messages, and the number of the stream in each."""

_LONG: Final = 10.0
"""Seconds without acknowledgements."""
_OLD: Final = 3000
"""Milliseconds that a frame may be old behind that."""

_FAR: Final = 64
_FEW: Final = 0.01
"""A colour that is so far off is not one that a codec makes; in so small a part of a picture it may be."""

_LOSSLESS: Final = ("SPICE-IMAGE-019/red-and-blue", "SPICE-IMAGE-013/upside-down", "SPICE-IMAGE-007/picture")
"""Pictures that never were video are what the server has."""


@server_case("SPICE-STREAM-025/stopped", channel="display", needs=_PICTURE, requires=_LOSSLESS)
def stopped(client: SuiteClient) -> None:
    """A film is stopped, and its stream ends: what a client shows there is the server's own picture, pixel by pixel."""
    talk = play(client, *MJPEG)
    view = View(client, talk)
    place = create_of(client, talk).dest
    stop(client)
    if not talk.wait_count("STREAM_DESTROY") and not talk.wait_count("STREAM_DESTROY_ALL", within=0):
        raise NotApplicable("the stream does not end")
    client.wait_quiet()
    box = (slice(place.top, place.bottom), slice(place.left, place.right))
    own, shown = own_picture(client, talk.channel_id)[box], view.shown()[box]
    wrong = int((own != shown).any(axis=2).sum())
    if wrong:
        expected = "the area of the stream without loss, once it has ended"
        raise Failure(expected, f"{wrong} of {own.shape[0] * own.shape[1]} pixels differ", pictures=three_pictures(own, shown))


def _covered(create: Any, messages: Sequence[Message], height: int, width: int) -> NDArray[np.bool_]:
    """Where something may lie in front of a stream: what its clip leaves out, and what these messages draw there."""
    place, clip = create.dest, create.clip
    found = np.zeros((height, width), np.bool_)
    for message in messages:
        if message.name == "STREAM_CLIP" and message.parsed.id == create.id:
            clip = message.parsed.clip
        elif message.name in DRAWN and message.parsed.base.surface_id == create.surface_id:
            found[_slices(message.parsed.base.box)] = True
    if clip.type == ClipType.RECTS and clip.rects is not None:
        left = np.zeros_like(found)
        for rect in clip.rects.rects:
            left[_slices(rect)] = True
        found |= ~left
    inside = np.zeros_like(found)
    inside[_slices(place)] = True
    return found & inside


def _slices(box: Rect) -> tuple[slice, slice]:
    return slice(max(box.top, 0), max(box.bottom, 0)), slice(max(box.left, 0), max(box.right, 0))


@server_case("SPICE-STREAM-034/in-front", channel="display", needs=_PICTURE, requires=("SPICE-STREAM-025/stopped",))
def in_front(client: SuiteClient) -> None:
    """Something is put in front of a film, which goes on: what stands still there is what a client shows."""
    talk = play(client, *MJPEG)
    view = View(client, talk)
    create = create_of(client, talk)
    keys = client.channel(Ask(ChannelType.INPUTS))
    earlier = len(talk.unread())
    keys.send(inputs.KeyDown(_KEY), inputs.KeyUp(_BREAK))
    # The server's own picture is there at once; what it says may take its time.
    client.run(lambda: talk.closed)
    first = own_picture(client, talk.channel_id)
    before = frames(talk)
    client.run(lambda: frames(talk) >= before + 3 or talk.closed)
    own, said, more = own_picture(client, talk.channel_id), talk.unread()[earlier:], frames(talk) - before
    shown = view.shown()
    still = (own == first).all(axis=2)
    wrong = still & (np.abs(own.astype(np.int16) - shown) > _FAR).any(axis=2)
    if wrong.sum() > _FEW * still.sum():
        row, column = np.argwhere(wrong)[0].tolist()
        raise Failure(
            "what stands still as the server shows it",
            f"{int(wrong.sum())} pixels are other ones, the first at {column}, {row}",
            pictures=three_pictures(own, shown),
            place=view.over(column, row),
        )
    if not (still & _covered(create, said, *still.shape)).any():
        raise NotApplicable("what runs in the guest puts nothing in front of its film")
    if more <= 0:
        raise NotApplicable("no frame comes behind what lies in front of it")


@server_case("SPICE-STREAM-033/no-acks", channel="display", needs=NEEDS)
def no_acknowledgements(client: SuiteClient) -> None:
    """Frames are not acknowledged for ten seconds, and then they are: the first that comes is not as old as that."""
    talk = play(client, *MJPEG)
    create_of(client, talk)
    if not talk.heard.get("SET_ACK"):
        raise NotApplicable("the server wants no acknowledgements")
    talk.wait_count("STREAM_DATA")
    talk.answers = False
    client.run(lambda: talk.closed, _LONG)
    talk.expect_open("a client may be slow")
    waiting = talk.unread("STREAM_DATA")
    count = len(waiting)
    client.wait_quiet()
    if len(talk.unread("STREAM_DATA")) > count or not waiting:
        raise NotApplicable("the window of acknowledgement is too large")
    talk.send(common.Ack(), common.Ack())
    client.run(lambda: len(talk.unread("STREAM_DATA")) > count or talk.closed)
    found = talk.unread("STREAM_DATA")
    if len(found) == count:
        raise NotApplicable("no more frames come")
    apart = later(found[count].parsed.base.multi_media_time, waiting[-1].parsed.base.multi_media_time)
    if apart < 1000 * _LONG - _OLD - 1000 * client.network.quiet:
        raise Failure("a frame of what is shown now", f"one that is {apart} ms behind the last one, which came {_LONG:g} s ago")


@server_case("SPICE-STREAM-035/before-frames", channel="display", needs=NEEDS)
def asks_for_reports(client: SuiteClient) -> None:
    """A client announces STREAM_REPORT, and a film is played: STREAM_ACTIVATE_REPORT comes before the first frame."""
    talk = play(client, *MJPEG, DisplayCapability.STREAM_REPORT)
    stream = create_of(client, talk).id

    def first() -> str | None:
        """The first message that is about reports on the stream, or a frame of it."""
        for message in talk.unread(*_NUMBERS):
            if message.value is not None and _NUMBERS[message.name](message.value) == stream:
                return message.name
        return None

    client.run(lambda: first() is not None or talk.closed)
    found = first()
    if found is None:
        raise NotApplicable("no frame has come")
    if found != "STREAM_ACTIVATE_REPORT":
        raise Failure(f"STREAM_ACTIVATE_REPORT for stream {stream} before its first frame", found)
