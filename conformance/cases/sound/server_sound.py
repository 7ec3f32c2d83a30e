"""Servers: what they play, and what they do with what they hear (10.2, 10.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.sound.steps import NOW, SILENCE, listening
from conformance.client_wire import Ask
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.link import ChannelType
from spiceproto.messages import record

_STRETCHES: Final = 5


def _record(client: SuiteClient) -> Talk:
    client.session()
    return client.channel(Ask(ChannelType.RECORD))


def _goes_on(client: SuiteClient, talk: Talk) -> None:
    client.alive(client.main_talk, "what it can not use it leaves")
    talk.expect_open("what it can not use it leaves")


@server_case("SPICE-SOUND-015/before-start", channel="record")
def before_start(client: SuiteClient) -> None:
    """MODE RAW and DATA as soon as record is linked, whether the guest listens or not: the server goes on."""
    talk = _record(client)
    talk.send(record.Mode(NOW, AudioDataMode.RAW, b""), record.Data(NOW, SILENCE))
    _goes_on(client, talk)


@server_case("SPICE-SOUND-015/while-it-listens", channel="record", requires=("SPICE-SOUND-015/before-start",))
def while_it_listens(client: SuiteClient) -> None:
    """MODE, START_MARK and DATA when the guest listens: the server goes on."""
    talk = listening(client)
    talk.send(record.Mode(NOW, AudioDataMode.RAW, b""), record.StartMark(NOW))
    talk.send(*[record.Data(NOW + 10 * number, SILENCE) for number in range(_STRETCHES)])
    _goes_on(client, talk)


@server_case("SPICE-SOUND-015/part-of-a-frame", bytes(6), channel="record", requires=("SPICE-SOUND-015/while-it-listens",))
@server_case("SPICE-SOUND-015/no-sound", b"", channel="record", requires=("SPICE-SOUND-015/while-it-listens",))
def no_frames(client: SuiteClient, stretch: bytes) -> None:
    """DATA that is no whole number of frames, or empty: the server goes on. Bytes."""
    talk = listening(client)
    talk.send(record.Mode(NOW, AudioDataMode.RAW, b""), record.StartMark(NOW), record.Data(NOW, stretch))
    talk.send(record.Data(NOW + 10, SILENCE))
    _goes_on(client, talk)


@server_case("SPICE-SOUND-001/mode", channel="playback")
def says_mode(client: SuiteClient) -> None:
    """Playback is linked, and the guest plays: MODE comes before START."""
    client.session()
    talk = client.channel(Ask(ChannelType.PLAYBACK))
    if client.target.meets("control:guest"):
        client.control("guest", "tone")
    if not talk.wait_count("START", within=client.network.quiet):
        raise NotApplicable("the guest plays nothing")
    talk.expect("MODE")
