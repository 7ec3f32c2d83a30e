"""Clients: what a guest plays, in order and not (10.1, 10.2, 10.4)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.sound.steps import NOW, SILENCE, data, mode, need, on_playback, start
from conformance.outcome import NotApplicable
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.messages import playback

_PLAYS: Final = ("SPICE-SOUND-009/raw",)
_OPUS: Final = ("SPICE-SOUND-009/opus",)

_PACKET: Final = bytes.fromhex("fcfffe")
"""A packet of Opus: 20 ms of silence, both sides."""

_SHORT_PACKET: Final = bytes.fromhex("f4fffe")
"""So 10 ms."""


def _plays(server: SuiteServer, *values: Any, why: str = "") -> None:
    talk = on_playback(server)
    talk.send(*values)
    server.alive(talk, why)
    server.alive(server.main_talk, why)


@client_case("SPICE-SOUND-009/raw", channel="playback")
def raw(server: SuiteServer) -> None:
    """MODE RAW, START, three stretches of silence, STOP: the client goes on."""
    _plays(server, mode(), start(), *data(SILENCE, SILENCE, SILENCE), playback.Stop())


@client_case("SPICE-SOUND-009/mono", 1, 44100, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-009/44100", 2, 44100, channel="playback", requires=_PLAYS)
def other_formats(server: SuiteServer, channels: int, frequency: int) -> None:
    """Sound of another format: the client goes on, whether it plays it or not. Sound channels, samples a second."""
    stretch = bytes(2 * channels * (frequency // 100))
    _plays(server, mode(), start(channels, frequency=frequency), *data(stretch, stretch), playback.Stop())


@client_case("SPICE-SOUND-009/opus", channel="playback", requires=_PLAYS)
def opus(server: SuiteServer) -> None:
    """MODE OPUS, and packets, to a client that has announced it: it goes on."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.OPUS)
    talk.send(mode(AudioDataMode.OPUS), start(), *data(_SHORT_PACKET, _SHORT_PACKET), playback.Stop())
    server.alive(talk)


@client_case("SPICE-SOUND-009/while-it-plays", channel="playback", requires=_OPUS)
def while_it_plays(server: SuiteServer) -> None:
    """Opus, then RAW, then Opus, without STOP: the client goes on."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.OPUS)
    talk.send(mode(AudioDataMode.OPUS), start(), *data(_SHORT_PACKET), mode(), *data(SILENCE, SILENCE, behind=1))
    talk.send(mode(AudioDataMode.OPUS), *data(_SHORT_PACKET, behind=3), playback.Stop())
    server.alive(talk)


@client_case("SPICE-SOUND-009/twice", channel="playback", requires=_PLAYS)
def twice(server: SuiteServer) -> None:
    """Sound begins and ends five times, in two formats: the client goes on."""
    rounds = [[start(channels), *data(bytes(960 * channels)), playback.Stop()] for channels in (2, 1, 2, 1, 2)]
    _plays(server, mode(), *[value for each in rounds for value in each])


@client_case("SPICE-SOUND-007/before-start", channel="playback", requires=_PLAYS)
def before_start(server: SuiteServer) -> None:
    """DATA before MODE, and before START: the client goes on."""
    _plays(server, *data(SILENCE), mode(), *data(SILENCE), start(), *data(SILENCE), playback.Stop())


@client_case("SPICE-SOUND-007/behind-stop", channel="playback", requires=_PLAYS)
def behind_stop(server: SuiteServer) -> None:
    """DATA behind STOP, and STOP once more: the client goes on."""
    _plays(server, mode(), start(), *data(SILENCE), playback.Stop(), *data(SILENCE), playback.Stop())


@client_case("SPICE-SOUND-008/part-of-a-frame", bytes(6), channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-008/one-byte", b"\x01", channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-008/nothing", b"", channel="playback", requires=_PLAYS)
def no_frames(server: SuiteServer, stretch: bytes) -> None:
    """RAW DATA that is no whole number of frames, or empty: the client goes on. Bytes."""
    _plays(server, mode(), start(), *data(SILENCE, stretch, SILENCE), playback.Stop())


@client_case("SPICE-SOUND-008/empty-packet", b"", channel="playback", requires=_OPUS)
@client_case("SPICE-SOUND-008/text-for-a-packet", b"no packet of Opus", channel="playback", requires=_OPUS)
@client_case("SPICE-SOUND-008/ones-for-a-packet", b"\xff" * 40, channel="playback", requires=_OPUS)
@client_case("SPICE-SOUND-008/long-packet", _PACKET, channel="playback", requires=_OPUS)
@client_case("SPICE-SOUND-008/large-packet", bytes(4000), channel="playback", requires=_OPUS)
def no_packet(server: SuiteServer, packet: bytes) -> None:
    """In mode OPUS something that is no packet, or one of more than 10 ms, between two packets: the client goes on. Bytes."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.OPUS)
    talk.send(mode(AudioDataMode.OPUS), start(), *data(_SHORT_PACKET, packet, _SHORT_PACKET), playback.Stop())
    server.alive(talk)


@client_case("SPICE-SOUND-010/no-channels", 0, AudioFmt.S16, 48000, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-010/255-channels", 255, AudioFmt.S16, 48000, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-010/no-frequency", 2, AudioFmt.S16, 0, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-010/no-format", 2, AudioFmt.INVALID, 48000, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-010/format-9", 2, 9, 48000, channel="playback", requires=_PLAYS)
def not_to_be_played(server: SuiteServer, channels: int, format: int, frequency: int) -> None:
    """START that nobody can play, with DATA behind it: the client goes on. Sound channels, format, samples a second."""
    values = [mode(), start(channels, format, frequency), *data(SILENCE), playback.Stop()]
    _plays(server, *values, start(), *data(SILENCE), playback.Stop())


@client_case("SPICE-SOUND-010/mode-9", channel="playback", requires=_PLAYS)
def unknown_mode(server: SuiteServer) -> None:
    """A mode without a name, and DATA in it; then STOP, and sound in mode RAW: the client goes on."""
    rest = [playback.Stop(), mode(), start(), *data(SILENCE), playback.Stop()]
    _plays(server, mode(9), start(), *data(SILENCE), *rest)


@client_case("SPICE-SOUND-017/none", (), channel="playback")
@client_case("SPICE-SOUND-017/one", (30000,), channel="playback")
@client_case("SPICE-SOUND-017/all-255", (65535,) * 255, channel="playback")
def volumes(server: SuiteServer, volume: tuple[int, ...]) -> None:
    """VOLUME with another number of values, and MUTE with another one than 0 and 1: the client goes on. Values."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.VOLUME)
    talk.send(playback.Volume(volume), playback.Mute(5), playback.Mute(0))
    server.alive(talk)


@client_case("SPICE-SOUND-036/any-time", channel="playback", requires=_PLAYS)
def levels_at_any_time(server: SuiteServer) -> None:
    """VOLUME, MUTE and LATENCY before MODE, while sound plays and behind STOP, if they were announced: the client goes on."""
    talk = on_playback(server)
    levels: list[Any] = []
    if talk.client.has(PlaybackCapability.VOLUME):
        levels += [playback.Volume((0, 65535)), playback.Mute(1), playback.Mute(0)]
    if talk.client.has(PlaybackCapability.LATENCY):
        levels += [playback.Latency(0), playback.Latency(4294967295), playback.Latency(200)]
    if not levels:
        raise NotApplicable("the target announces neither VOLUME nor LATENCY")
    talk.send(*levels, mode(), *levels, start(), *data(SILENCE), *levels, *data(SILENCE, behind=1), playback.Stop(), *levels)
    server.alive(talk)


@client_case("SPICE-SOUND-025/start-twice", channel="playback", requires=_PLAYS)
def start_twice(server: SuiteServer) -> None:
    """START while sound plays, once for the same and once for one sound channel: the client goes on."""
    _plays(server, mode(), start(), *data(SILENCE), start(), *data(SILENCE), start(1), *data(SILENCE), playback.Stop())


@client_case("SPICE-SOUND-025/stop-first", channel="playback", requires=_PLAYS)
def stop_first(server: SuiteServer) -> None:
    """STOP before MODE, before START, and twice: the client goes on."""
    stop = playback.Stop()
    _plays(server, stop, mode(), stop, start(), *data(SILENCE), stop, stop, start(), *data(SILENCE), stop)


@client_case("SPICE-SOUND-026/backwards", NOW + 20, NOW + 10, NOW, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-026/all-the-same", 0, 0, 0, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-026/far-away", 0x80000000, 0x7FFFFFFF, 5, channel="playback", requires=_PLAYS)
@client_case("SPICE-SOUND-026/beyond-32-bits", 4294967290, 4294967295, 4, channel="playback", requires=_PLAYS)
def odd_times(server: SuiteServer, first: int, second: int, third: int) -> None:
    """MODE, START and DATA of odd times, and sound of usual ones behind it: the client goes on. Times."""
    odd = [playback.Data(time, SILENCE) for time in (first, second, third)]
    begin = playback.Start(channels=2, format=AudioFmt.S16, frequency=48000, time=second)
    stop = playback.Stop()
    _plays(server, playback.Mode(third, AudioDataMode.RAW, b""), begin, *odd, stop, start(), *data(SILENCE), stop)


@client_case("SPICE-SOUND-024/behind-the-mode", channel="playback", requires=_PLAYS)
def behind_the_mode(server: SuiteServer) -> None:
    """MODE with 20 bytes behind the mode, and sound: the client goes on."""
    _plays(server, playback.Mode(NOW, AudioDataMode.RAW, bytes(range(20))), start(), *data(SILENCE), playback.Stop())


@client_case("SPICE-SOUND-008/celt", channel="playback", requires=_PLAYS)
def damaged_celt(server: SuiteServer) -> None:
    """In mode CELT_0_5_1 no bytes, one, and packets of ones and of zeros, to a client that has announced it: it goes on."""
    talk = on_playback(server)
    need(talk, PlaybackCapability.CELT_0_5_1)
    odd = (b"", b"\x5a", b"\xff" * 47, bytes(47), bytes(4000))
    talk.send(mode(AudioDataMode.CELT_0_5_1), start(frequency=44100), *data(*odd), playback.Stop())
    server.alive(talk)


@client_case("SPICE-SOUND-010/celt", channel="playback", requires=_PLAYS)
def celt_unasked(server: SuiteServer) -> None:
    """MODE CELT_0_5_1 to a client that has not announced it, and sound in mode RAW behind it: the client goes on."""
    talk = on_playback(server)
    if talk.client.has(PlaybackCapability.CELT_0_5_1):
        raise NotApplicable("the target announces CELT_0_5_1")
    stop = playback.Stop()
    talk.send(mode(AudioDataMode.CELT_0_5_1), start(frequency=44100), *data(bytes(47)), stop)
    talk.send(mode(), start(), *data(SILENCE), stop)
    server.alive(talk)
