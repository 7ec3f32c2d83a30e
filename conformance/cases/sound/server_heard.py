"""Servers: what clients say reaches the guest, and what is odd in it does no harm (10.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.sound.steps import NOW, SILENCE, listening
from conformance.cases.sound.tones import check_pitches, encoded, heard, in_any_encoding
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.messages import record

_HEARD: Final = ("control:heard",)
_LISTENS: Final = ("SPICE-SOUND-015/while-it-listens",)
_PAIR: Final = ("SPICE-SOUND-030/samples",)

_BITS: Final[dict[int, RecordCapability]] = {
    AudioDataMode.OPUS: RecordCapability.OPUS,
    AudioDataMode.CELT_0_5_1: RecordCapability.CELT_0_5_1,
}

_GUARDED: Final = 5
"""Stretches of silence behind a tone: some programs play the last of it when more comes."""


def _goes_on(client: SuiteClient, talk: Talk, why: str = "what it can not use it leaves") -> None:
    client.alive(client.main_talk, why)
    talk.expect_open(why)


def _data(*stretches: bytes) -> list[record.Data]:
    return [record.Data(NOW + 10 * number, stretch) for number, stretch in enumerate(stretches)]


def _mode(kind: int, behind: bytes = b"") -> record.Mode:
    return record.Mode(NOW, kind, behind)


def _need(talk: Talk, kind: int) -> None:
    if kind in _BITS and not talk.server.has(_BITS[kind]):
        raise NotApplicable(f"the target announces no {_BITS[kind].name} on record")


def _frequency(talk: Talk) -> int:
    """What the guest has asked for."""
    start: record.Start = talk.wait_for("START")
    return start.frequency


@server_case("SPICE-SOUND-030/samples", AudioDataMode.RAW, channel="record", needs=_HEARD, requires=_LISTENS)
@server_case("SPICE-SOUND-030/opus", AudioDataMode.OPUS, channel="record", needs=_HEARD, requires=_PAIR)
@server_case("SPICE-SOUND-030/celt", AudioDataMode.CELT_0_5_1, channel="record", needs=_HEARD, requires=_PAIR)
@in_any_encoding
def tones(client: SuiteClient, kind: int) -> None:
    """The guest listens: MODE, START_MARK and a tone on each side; the guest hears it. Mode."""
    codec = _BITS.get(kind)
    talk = listening(client, *([] if codec is None else [codec]))
    _need(talk, kind)
    frequency = _frequency(talk)
    if kind == AudioDataMode.CELT_0_5_1 and frequency != 44100:
        raise NotApplicable(f"the target asks for {frequency} samples a second, and CELT is written for 44100")
    stretches = encoded(kind, frequency=frequency)
    talk.send(_mode(kind), record.StartMark(NOW), *_data(*stretches))
    _goes_on(client, talk, "this is sound")
    rate, samples = heard(client, lambda path: client.control("heard", path))
    check_pitches("the guest hears what was sent", rate, samples)


@server_case("SPICE-SOUND-031/while-it-listens", channel="record", needs=_HEARD, requires=("SPICE-SOUND-030/opus",))
@in_any_encoding
def another_mode(client: SuiteClient) -> None:
    """Silence in mode OPUS, then a tone in mode RAW, without STOP: the guest hears it."""
    talk = listening(client)
    _need(talk, AudioDataMode.OPUS)
    silence = encoded(AudioDataMode.OPUS, hertz=(0, 0))[:5]
    talk.send(_mode(AudioDataMode.OPUS), record.StartMark(NOW), *_data(*silence))
    talk.send(_mode(AudioDataMode.RAW), *_data(*encoded(AudioDataMode.RAW, frequency=_frequency(talk))))
    _goes_on(client, talk, "how it encodes a client may say at any time")
    rate, samples = heard(client, lambda path: client.control("heard", path))
    check_pitches("the guest hears what was sent", rate, samples)


@server_case("SPICE-SOUND-031/goes-on", channel="record", requires=_LISTENS)
def mode_after_mode(client: SuiteClient) -> None:
    """MODE twice before START_MARK, and between DATA: the server goes on."""
    talk = listening(client)
    raw = _mode(AudioDataMode.RAW)
    talk.send(raw, raw, record.StartMark(NOW), *_data(SILENCE), raw, *_data(SILENCE))
    if talk.server.has(RecordCapability.OPUS):
        talk.send(_mode(AudioDataMode.OPUS), raw, *_data(SILENCE))
    _goes_on(client, talk, "how it encodes a client may say at any time")


@server_case("SPICE-SOUND-024/record", channel="record", requires=_LISTENS)
def behind_the_mode(client: SuiteClient) -> None:
    """MODE RAW with 20 bytes behind the mode, and DATA: the server goes on."""
    talk = listening(client)
    talk.send(_mode(AudioDataMode.RAW, bytes(range(20))), record.StartMark(NOW), *_data(SILENCE))
    _goes_on(client, talk, "they mean nothing")


@server_case("SPICE-SOUND-032/mode-9", 9, channel="record", requires=_LISTENS)
@server_case("SPICE-SOUND-032/mode-0", 0, channel="record", requires=_LISTENS)
@server_case("SPICE-SOUND-032/celt", AudioDataMode.CELT_0_5_1, channel="record", requires=_LISTENS)
def not_announced(client: SuiteClient, kind: int) -> None:
    """A mode that the server has not announced, and DATA: the session goes on, with the record channel or without. Mode."""
    talk = listening(client)
    if kind in _BITS and talk.server.has(_BITS[kind]):
        raise NotApplicable(f"the target announces {_BITS[kind].name} on record")
    talk.send(_mode(kind), record.StartMark(NOW), *_data(bytes(47)))
    client.alive(client.main_talk, "the record channel is one of many")


@server_case("SPICE-SOUND-033/opus", AudioDataMode.OPUS, channel="record", requires=_LISTENS)
@server_case("SPICE-SOUND-033/celt", AudioDataMode.CELT_0_5_1, channel="record", requires=_LISTENS)
def damaged(client: SuiteClient, kind: int) -> None:
    """In the mode of a codec no bytes, text, and 400 ones: the session goes on, with the record channel or without. Mode."""
    talk = listening(client, _BITS[kind])
    _need(talk, kind)
    talk.send(_mode(kind), record.StartMark(NOW), *_data(b"", b"no packet at all", b"\xff" * 400))
    client.alive(client.main_talk, "the record channel is one of many")


@server_case("SPICE-SOUND-034/twice", channel="record", requires=_LISTENS)
def marked_twice(client: SuiteClient) -> None:
    """START_MARK twice, before MODE and behind DATA, of odd times: the server goes on."""
    talk = listening(client)
    talk.send(record.StartMark(4294967295), _mode(AudioDataMode.RAW), record.StartMark(0), *_data(SILENCE))
    talk.send(record.StartMark(NOW), *_data(SILENCE))
    _goes_on(client, talk, "a mark is a time, and no more")
