"""Clients: how a stream fares (11.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.streams.film import STREAM, create, film, frame, picture, tell_time
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.messages import display

_UNIQUE: Final = 0x5EED
_WINDOW: Final = 5
_WINDOWS: Final = 2
_STEP: Final = 40
_TIMEOUT: Final = 1000


@client_case("SPICE-STREAM-017/window", channel="display")
def window(server: SuiteServer) -> None:
    """Reports are asked for, and frames for two windows come: the client reports on them."""
    talk = film(server)
    if not talk.client.has(DisplayCapability.STREAM_REPORT):
        raise NotApplicable("the client did not announce STREAM_REPORT")
    data = picture()
    now = tell_time(server)
    activate = display.StreamActivateReport(stream_id=STREAM, unique_id=_UNIQUE, max_window_size=_WINDOW, timeout_ms=_TIMEOUT)
    talk.send(create(), activate, *[frame(data, now + place * _STEP) for place in range(_WINDOWS * _WINDOW)])
    talk.expect("STREAM_REPORT", stream_id=STREAM, why=f"{_WINDOW} frames are one window")
    talk.send(display.StreamDestroy(STREAM))
    server.alive(talk)
