"""Servers: what is asked for, and reports that nobody asked for (11.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import SEEN, animated, check_kept, screen
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.messages import display

_ANNOUNCED: Final = (*SEEN, DisplayCapability.STREAM_REPORT, DisplayCapability.MULTI_CODEC, DisplayCapability.CODEC_MJPEG)
_STREAM: Final = 1
"""Every server seen has a stream of this number, or nothing to look up."""


@server_case("SPICE-STREAM-003/announced", channel="display")
def asked_for(client: SuiteClient) -> None:
    """A client announces STREAM_REPORT, and something is drawn: reports are asked for on streams that are there."""
    talk = screen(client, announced=_ANNOUNCED)
    animated(client, talk)
    check_kept(client, "SPICE-STREAM-003")


@server_case("SPICE-STREAM-019/no-stream", channel="display")
def no_stream(client: SuiteClient) -> None:
    """STREAM_REPORT on a stream that is not there: the channel goes on, and main answers."""
    talk = screen(client, announced=_ANNOUNCED)
    talk.send(
        display.StreamReport(
            stream_id=_STREAM,
            unique_id=0x5EED,
            start_frame_mm_time=0,
            end_frame_mm_time=0,
            num_frames=5,
            num_drops=0,
            last_frame_delay=0,
            audio_delay=0,
        )
    )
    client.alive(client.main_talk, "a report that nobody asked for is ignored")
    animated(client, talk)
    talk.expect_open("a report that nobody asked for is ignored")
