"""Clients: what they say when the guest listens (10.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.sound.steps import need, on_record
from conformance.expectation import check_value
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.messages import record

_SAYS: Final = ("SPICE-SOUND-016/start",)
_SILENT: Final = ("SPICE-SOUND-013/silent-before",)
_STRETCHES: Final = 3


def _start(channels: int = 2, frequency: int = 48000, format: int = AudioFmt.S16) -> record.Start:
    return record.Start(channels=channels, format=format, frequency=frequency)


def _heard(talk: Talk) -> None:
    """Some DATA came. Raises NotApplicable where there is nothing to be heard."""
    if not talk.wait_count("DATA", _STRETCHES):
        raise NotApplicable("the target has nothing to be heard")


@client_case("SPICE-SOUND-016/start", channel="record")
def says(server: SuiteServer) -> None:
    """START, two sound channels of 48000 samples a second: DATA comes."""
    talk = on_record(server)
    talk.send(_start())
    _heard(talk)
    talk.send(record.Stop())
    server.alive(talk)


@client_case("SPICE-SOUND-014/first", channel="record", requires=_SAYS)
def in_order(server: SuiteServer) -> None:
    """START: MODE and START_MARK come, and before them no DATA."""
    talk = on_record(server)
    server.alive(talk)
    talk.drop()
    talk.send(_start())
    _heard(talk)
    found = [message.name for message in talk.unread("MODE", "START_MARK", "DATA")]
    before = ", ".join(sorted(set(found[: found.index("DATA")])))
    check_value("first DATA", "what came before it", before, "MODE, START_MARK")


@client_case("SPICE-SOUND-014/again", channel="record", requires=("SPICE-SOUND-014/first",))
def in_order_again(server: SuiteServer) -> None:
    """START, STOP, and START once more: MODE and START_MARK come a second time."""
    talk = on_record(server)
    talk.send(_start())
    _heard(talk)
    talk.send(record.Stop())
    server.alive(talk)
    talk.drop()
    talk.send(_start())
    talk.expect_count("MODE", 2)
    talk.expect_count("START_MARK", 2)


@client_case("SPICE-SOUND-006/44100", channel="record", requires=("SPICE-SOUND-014/first",))
def another_frequency(server: SuiteServer) -> None:
    """START for 44100 samples a second, which Opus has not: DATA comes, as samples."""
    talk = on_record(server)
    talk.send(_start(frequency=44100))
    _heard(talk)
    mode: record.Mode = talk.wait_for("MODE")
    check_value("MODE", "mode", int(mode.mode), AudioDataMode.RAW)


@client_case("SPICE-SOUND-013/silent-before", channel="record")
def silent_before(server: SuiteServer) -> None:
    """Record is linked, and nobody asks for sound: none comes."""
    talk = on_record(server)
    server.alive(talk)
    talk.expect_none("DATA", "START_MARK", after=0, why="the guest does not listen")


@client_case("SPICE-SOUND-013/silent-behind", channel="record", requires=_SAYS)
def silent_behind(server: SuiteServer) -> None:
    """START, sound, STOP and a ping: behind its answer no sound comes."""
    talk = on_record(server)
    talk.send(_start())
    _heard(talk)
    talk.send(record.Stop())
    server.alive(talk)
    talk.expect_none("DATA", after=talk.count("DATA"), why="STOP was read before the ping was answered")


@client_case(
    "SPICE-SOUND-018/no-channels", 0, 48000, AudioFmt.S16, channel="record", requires=("SPICE-SOUND-013/silent-before",)
)
@client_case("SPICE-SOUND-018/255-channels", 255, 48000, AudioFmt.S16, channel="record", requires=_SAYS)
@client_case("SPICE-SOUND-018/no-frequency", 2, 0, AudioFmt.S16, channel="record", requires=_SAYS)
@client_case("SPICE-SOUND-018/format-9", 2, 48000, 9, channel="record", requires=_SAYS)
def not_to_be_said(server: SuiteServer, channels: int, frequency: int, format: int) -> None:
    """START for what nobody can say, STOP, and one as usual: the client goes on. Sound channels, samples a second, format."""
    talk = on_record(server)
    talk.send(_start(channels, frequency, format), record.Stop(), _start(), record.Stop())
    server.alive(talk)
    server.alive(server.main_talk)


@client_case("SPICE-SOUND-017/record-none", (), channel="record")
@client_case("SPICE-SOUND-017/record-all-255", (65535,) * 255, channel="record")
def volumes(server: SuiteServer, volume: tuple[int, ...]) -> None:
    """VOLUME with another number of values on record: the client goes on. Values."""
    talk = on_record(server)
    need(talk, RecordCapability.VOLUME)
    talk.send(record.Volume(volume), record.Mute(5), record.Mute(0))
    server.alive(talk)
