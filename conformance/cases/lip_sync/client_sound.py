"""Clients: times of sound, how much of it they hold, and what they say of that (12.3)."""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.lip_sync.steps import CLOCK, LONG, NO_SOUND, Sound, report
from conformance.cases.sound.steps import SILENCE, mode, need, on_playback, start
from conformance.cases.streams.film import film
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main, playback

_PLAYS: Final = ("SPICE-SOUND-009/raw",)
_REPORTS: Final = ("SPICE-STREAM-017/window",)
_END: Final = 2**32
_HELD: Final = 6000
_ABOUT: Final = 500
"""Milliseconds of sound that may have been heard meanwhile, or are a buffer's grain."""
_WHILE: Final = 1500
_WAIT: Final = 5000
"""More milliseconds than clients hold back of their own accord."""
_SURFACE: Final = 1
_PLAYBACK: Final = (ChannelType.PLAYBACK, 0)

_BACK: Final = (5000, 4000, 3000, 10)
_LEAP: Final = (1000, 1_000_000, 2_000_000_000, 1010)
_ZERO: Final = (0, 0, 0, 0)
_AROUND: Final = (_END - 20, _END - 10, 0, 10)


@client_case("SPICE-SYNC-013/back", *_BACK, channel="playback", requires=_PLAYS)
@client_case("SPICE-SYNC-013/leap", *_LEAP, channel="playback", requires=_PLAYS)
@client_case("SPICE-SYNC-013/zero", *_ZERO, channel="playback", requires=_PLAYS)
@client_case("SPICE-SYNC-014/goes-on", *_AROUND, channel="playback", requires=_PLAYS)
def odd_times(server: SuiteServer, *times: int) -> None:
    """DATA with such times, between START and STOP: the client goes on. Milliseconds."""
    talk = on_playback(server)
    begin = msgspec.structs.replace(start(), time=times[0])
    talk.send(mode(), begin, *[playback.Data(time, SILENCE) for time in times], playback.Stop())
    server.alive(talk)
    server.alive(server.main_talk)


@client_case("SPICE-SYNC-016/none", 0, channel="playback", requires=_PLAYS)
@client_case("SPICE-SYNC-016/all-ones", _END - 1, channel="playback", requires=_PLAYS)
def odd_latency(server: SuiteServer, latency: int) -> None:
    """LATENCY of so many ms before and behind START: the client goes on."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.LATENCY)
    values = [playback.Data(CLOCK + 10 * number, SILENCE) for number in range(4)]
    talk.send(mode(), playback.Latency(latency), start(), *values[:2], playback.Latency(latency), *values[2:], playback.Stop())
    server.alive(talk)
    server.alive(server.main_talk)


@client_case("SPICE-SYNC-017/far", LONG, channel="playback", requires=_PLAYS)
@client_case("SPICE-SYNC-017/half-of-all", _END // 2, channel="playback", requires=_PLAYS)
def main_meanwhile(server: SuiteServer, before: int) -> None:
    """MULTI_MEDIA_TIME that is so many ms ahead of the sound, while that plays: the client goes on, and so does the sound."""
    talk = on_playback(server)
    sound = Sound(server, talk, CLOCK)
    sound.go_on(100)
    server.main_talk.send(main.MultiMediaTime(CLOCK + before & 0xFFFFFFFF))
    server.alive(server.main_talk)
    sound.go_on(100)
    talk.send(playback.Stop())
    server.alive(talk)


@client_case("SPICE-SYNC-015/silent", channel="display", requires=_REPORTS)
def no_sound(server: SuiteServer) -> None:
    """A report is asked for, and no sound plays: its audio_delay is 2^32-1."""
    talk = film(server)
    found = report(server, talk, _SURFACE, CLOCK)
    if found.audio_delay != NO_SOUND:
        raise Failure(f"audio_delay {NO_SOUND}: no sound plays", f"audio_delay {found.audio_delay}")


def _held(server: SuiteServer, latency: int = 0) -> int:
    """What the client says of how much sound it holds, while that plays."""
    talk = film(server, more=(_PLAYBACK,))
    speaker = server.linked(*_PLAYBACK)
    if latency:
        need(speaker, PlaybackCapability.LATENCY)
    sound = Sound(server, speaker, CLOCK)
    if latency:
        speaker.send(playback.Latency(latency))
    sound.go_on(_WHILE)
    found = report(server, talk, _SURFACE, sound.time)
    speaker.send(playback.Stop())
    return int(found.audio_delay)


@client_case("SPICE-SYNC-015/playing", channel="playback", requires=("SPICE-SYNC-015/silent",))
def some_sound(server: SuiteServer) -> None:
    """A report is asked for while sound plays: its audio_delay is no more than was sent, and a wait."""
    before = server.now
    held = _held(server)
    most = round(1000 * (server.now - before)) + _WAIT
    if held == NO_SOUND:
        raise NotApplicable("the client says that it plays nothing")
    if held > most:
        raise Failure(f"audio_delay of {most} at most: no more sound was sent", f"audio_delay {held}")


@client_case("SPICE-SYNC-012/held", channel="playback", requires=("SPICE-SYNC-015/playing",))
def latency(server: SuiteServer) -> None:
    """LATENCY of 6 s behind START, and some sound: the client says that it holds so much."""
    held = _held(server, _HELD)
    if held in (0, NO_SOUND):
        raise NotApplicable("the client does not know how much sound it holds: nothing shows that it plays any")
    if held < _HELD - _ABOUT:
        raise Failure(f"audio_delay of {_HELD} or more, which LATENCY asked for", f"audio_delay {held}")
