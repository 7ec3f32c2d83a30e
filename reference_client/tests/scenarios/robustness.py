"""Faults of a client that can be led astray (spec/20-robustness.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import INPUTS, Make, alive, mini
from reference_client.tests.hand import Hand
from reference_client.tests.scripted import session
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import ClipType, StreamFlags, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor, display
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Point16, Rect


def _a_link_may_end(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(INPUTS)
    hand.client.closed(hand.opens[1], hand.now)
    return hand.client.ended is None


def _half_a_message_waits_alone(make: Make) -> bool:
    server = session(make())
    server.deliver(server.line(ChannelType.CURSOR).connection, mini(4, bytes(12))[:9])
    return alive(server)


def _wrong_counts_are_skipped(make: Make) -> bool:
    server = session(make())
    server.line(ChannelType.DISPLAY).send_raw(124, bytes(4) + b"\1" + b"\xff" * 4)
    return alive(server)


def _streams_have_any_number(make: Make) -> bool:
    server = session(make())
    made = display.StreamCreate(
        surface_id=1,
        id=64,
        flags=StreamFlags.TOP_DOWN,
        codec_type=VideoCodecType.MJPEG,
        stamp=0,
        stream_width=8,
        stream_height=8,
        src_width=8,
        src_height=8,
        dest=Rect(top=0, left=0, bottom=8, right=8),
        clip=Clip(ClipType.NONE),
    )
    server.line(ChannelType.DISPLAY).send(made)
    return alive(server)


def _pointers_need_no_pixels(make: Make) -> bool:
    server = session(make())
    header = cursor.CursorHeader(unique=0, type=CursorType.ALPHA, width=0, height=0, hot_spot_x=0, hot_spot_y=0)
    server.line(ChannelType.CURSOR).send(cursor.Set(Point16(1, 1), 1, cursor.Cursor(CursorFlags(0), header, b"")))
    return alive(server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "lost-link-ends-the-session": _a_link_may_end,
    "reads-one-message-at-a-time": _half_a_message_waits_alone,
    "wrong-count-ends-the-session": _wrong_counts_are_skipped,
    "room-for-64-streams": _streams_have_any_number,
    "shape-without-pixels-ends-the-session": _pointers_need_no_pixels,
}
