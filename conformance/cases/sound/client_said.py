"""Clients: what they send is what they hear, as they say that it is encoded (10.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.sound.steps import need, on_record
from conformance.cases.sound.tones import check_pitches, decoded, in_any_encoding
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import OPUS_FREQUENCIES, AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.messages import record

_NEEDS: Final = ("act:say",)
_SAYS: Final = ("SPICE-SOUND-014/first",)
_HERTZ: Final = 1000
_SECONDS: Final = 0.4
"""Of sound that is measured, and of what comes before it is the tone."""

_STRAYS: Final = 20
"""DATA before MODE that are passed over."""

_NO_CODEC: Final = RecordCapability.VOLUME
"""Announced in the place of codecs, and announced anyway."""


def _said(talk: Talk, channels: int, frequency: int) -> int:
    """The guest listens: how the client encodes, and that it says the tone. Raises Failure, and NotApplicable for silence."""
    talk.send(record.Start(channels=channels, format=AudioFmt.S16, frequency=frequency))
    if not talk.wait_count("DATA"):
        raise NotApplicable("the target has nothing to be heard")
    mode, seconds, strays = 0, 0.0, 0
    stretches: list[bytes] = []
    while seconds < _SECONDS:
        message = talk.expect_message("MODE", "DATA")
        if message.name == "MODE":
            mode, stretches, seconds = int(message.parsed.mode), [], 0.0
        elif not mode:
            # In which order they come is another case's.
            strays += 1
            if strays > _STRAYS:
                raise Failure("MODE", f"{strays} DATA and no mode that has a name")
        else:
            stretches.append(bytes(message.parsed.data))
            rate, samples = decoded(mode, stretches[-1:], channels=channels, frequency=frequency)
            seconds += len(samples) / rate
    rate, samples = decoded(mode, stretches, channels=channels, frequency=frequency)
    talk.send(record.Stop())
    check_pitches("the client sends what it hears", rate, samples, (_HERTZ,) * channels)
    return mode


@client_case("SPICE-SOUND-029/samples", 2, 48000, channel="record", needs=_NEEDS, requires=_SAYS)
@client_case("SPICE-SOUND-029/samples-at-44100", 2, 44100, channel="record", needs=_NEEDS, requires=_SAYS)
@client_case("SPICE-SOUND-029/one-channel", 1, 48000, channel="record", needs=_NEEDS, requires=_SAYS)
@in_any_encoding
def samples(server: SuiteServer, channels: int, frequency: int) -> None:
    """The client is told to say a tone, to a server without codecs: it comes. Sound channels, samples a second."""
    talk = on_record(server, _NO_CODEC)
    server.act("say", hertz=_HERTZ)
    _said(talk, channels, frequency)


@client_case(
    "SPICE-SOUND-029/opus", RecordCapability.OPUS, 48000, AudioDataMode.OPUS, channel="record", needs=_NEEDS, requires=_SAYS
)
@client_case(
    "SPICE-SOUND-029/celt",
    RecordCapability.CELT_0_5_1,
    44100,
    AudioDataMode.CELT_0_5_1,
    channel="record",
    needs=_NEEDS,
    requires=_SAYS,
)
@in_any_encoding
def packets(server: SuiteServer, codec: RecordCapability, frequency: int, mode: int) -> None:
    """The same to a server with a codec that the client has announced, too: the tone comes. Codec, samples a second, mode."""
    talk = on_record(server, codec)
    need(talk, codec)
    server.act("say", hertz=_HERTZ)
    if _said(talk, 2, frequency) != mode:
        raise NotApplicable(f"the target encodes in another way than in {codec.name}, as it may")


@client_case("SPICE-SOUND-035/opus", channel="record", requires=_SAYS)
def prefers_opus(server: SuiteServer) -> None:
    """A client that has announced OPUS hears that the server has it too, and that the guest listens: MODE is OPUS."""
    talk = on_record(server, RecordCapability.OPUS)
    need(talk, RecordCapability.OPUS)
    talk.send(record.Start(channels=2, format=AudioFmt.S16, frequency=OPUS_FREQUENCIES[0]))
    if not talk.wait_count("DATA"):
        raise NotApplicable("the target has nothing to be heard")
    found: record.Mode = talk.wait_for("MODE")
    check_value("MODE", "mode", int(found.mode), AudioDataMode.OPUS)
