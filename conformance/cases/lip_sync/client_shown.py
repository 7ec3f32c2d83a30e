"""Clients: what the clock goes by that frames are shown by (12.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.screen import PICTURE
from conformance.cases.lip_sync.steps import CLOCK, LONG, Cinema
from spiceproto.messages import main

_LEAD: Final = 1000
_HOLDS: Final = 2000
"""More milliseconds than clients hold of sound unless they are asked to."""

_WAITS: Final = "SPICE-STREAM-015/not-before"
"""A client that shows every frame at once has no clock that could be looked at."""
_FOLLOWS: Final = ("SPICE-SYNC-009/far-before", _WAITS)


@client_case("SPICE-SYNC-009/far-before", LONG, channel="playback", tags=(PICTURE,), requires=(_WAITS,))
@client_case("SPICE-SYNC-009/near", 0, channel="playback", tags=(PICTURE,), requires=_FOLLOWS)
def follows_sound(server: SuiteServer, before: int) -> None:
    """Sound begins so many ms ahead of the clock of main, and a frame comes with the time of sound: it is shown with it."""
    cinema = Cinema(server)
    cinema.follow(cinema.hear(CLOCK + before))
    cinema.wait(_HOLDS)
    cinema.expect("the sound of its time was heard")


@client_case("SPICE-SYNC-009/not-before", channel="playback", tags=(PICTURE,), requires=_FOLLOWS)
def not_before_its_sound(server: SuiteServer) -> None:
    """The clock of main is a minute ahead of the sound, and a frame has a time in between: it is not shown yet."""
    cinema = Cinema(server)
    cinema.tell(main.MultiMediaTime(CLOCK + 2 * LONG))
    sound = cinema.hear(CLOCK)
    cinema.hide(CLOCK + LONG)
    sound.go_on(_LEAD)
    cinema.expect("the sound of its time is not heard for long")


@client_case("SPICE-SYNC-010/stopped", channel="playback", tags=(PICTURE,), requires=_FOLLOWS)
def goes_on(server: SuiteServer) -> None:
    """Sound is a minute ahead of the clock of main and ends; a frame comes with a time a little later: it is shown."""
    cinema = Cinema(server)
    sound = cinema.hear(CLOCK + LONG)
    cinema.stop()
    cinema.show(sound.time + _LEAD)
    cinema.wait(_LEAD + _HOLDS)
    cinema.expect("the clock goes on behind the sound")


@client_case("SPICE-SYNC-011/forward", channel="display", tags=(PICTURE,), requires=(_WAITS,))
def set_forward(server: SuiteServer) -> None:
    """A frame waits for a time that is a minute away, and MULTI_MEDIA_TIME sets the clock near it: it is shown."""
    cinema = Cinema(server, sound=False)
    cinema.show(CLOCK + LONG + _LEAD)
    cinema.tell(main.MultiMediaTime(CLOCK + LONG))
    cinema.wait(_HOLDS)
    cinema.expect("the clock was set forward")


def _set_back(server: SuiteServer) -> Cinema:
    cinema = Cinema(server, sound=False)
    cinema.tell(main.MultiMediaTime(CLOCK + 2 * LONG))
    cinema.tell(main.MultiMediaTime(CLOCK))
    return cinema


@client_case("SPICE-SYNC-011/back", channel="display", tags=(PICTURE,), requires=("SPICE-SYNC-011/forward", _WAITS))
def set_back(server: SuiteServer) -> None:
    """MULTI_MEDIA_TIME sets the clock two minutes forward and back again, and a frame has a time that is near: it is shown."""
    cinema = _set_back(server)
    cinema.show(CLOCK + _HOLDS)
    cinema.wait(2 * _HOLDS)
    cinema.expect("the clock was set back, and the time of the frame has come")


@client_case("SPICE-SYNC-011/back-not-before", channel="display", tags=(PICTURE,), requires=("SPICE-SYNC-011/back", _WAITS))
def set_back_not_before(server: SuiteServer) -> None:
    """The same, and a frame has a time a minute away: it is not shown yet."""
    cinema = _set_back(server)
    cinema.hide(CLOCK + LONG)
    cinema.wait(_LEAD)
    cinema.expect("the clock was set back, and the time of the frame has not come")


@client_case("SPICE-SYNC-014/shown", channel="playback", tags=(PICTURE,), requires=_FOLLOWS)
def around_zero(server: SuiteServer) -> None:
    """Sound begins just below 2^32, and a frame has the time of sound that has passed it: it is shown with it."""
    cinema = Cinema(server)
    cinema.follow(cinema.hear(2**32 - _LEAD))
    cinema.wait(_HOLDS)
    cinema.expect("the sound of its time was heard")
