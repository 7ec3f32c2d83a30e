"""The playback channel: sound of the guest.

spice-server sends MODE on connection; DATA belongs between START and STOP, and the mode may change in between. Raw
samples are interleaved; an Opus DATA is one packet. Every time stamp is on the multimedia clock of the main channel,
and while sound plays the client's clock follows it. Volume and mute are what the guest has set, for the client to show
or apply. The client has no message of its own on this channel.

Sources: spice.proto of spice-common; BEHAVIOUR 16.
"""

from __future__ import annotations

from spiceproto.domain import TRUTH, at_least, between, named
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.message import channel, message
from spiceproto.wire import REST, array, data, enum, field, record, uint8, uint16, uint32

Data = record(
    "playback.Data",
    field("time", uint32, "When to play it, on the multimedia clock", unit="ms"),
    field("data", data(REST), "Sound in the mode that holds: interleaved samples or one packet"),
    doc="The next stretch of sound.",
)

_MODES = named(
    but=AudioDataMode.INVALID,
    needs={AudioDataMode.CELT_0_5_1: PlaybackCapability.CELT_0_5_1, AudioDataMode.OPUS: PlaybackCapability.OPUS},
)

Mode = record(
    "playback.Mode",
    field("time", uint32, "From when on, on the multimedia clock", unit="ms"),
    field("mode", enum(AudioDataMode, uint16), "Encoding of later DATA", domain=_MODES),
    field("data", data(REST), "Not used"),
    doc="Sets the encoding.",
)

Start = record(
    "playback.Start",
    field("channels", uint32, "Sound channels", domain=between(1, 2)),
    field("format", enum(AudioFmt, uint16), "Kind of samples", domain=named(but=AudioFmt.INVALID)),
    field("frequency", uint32, "Samples a second, of each sound channel", unit="Hz", domain=at_least(1)),
    field("time", uint32, "When it begins, on the multimedia clock", unit="ms"),
    doc="Sound begins.",
)

Stop = record(
    "playback.Stop",
    doc="Sound ends.",
)

Volume = record(
    "playback.Volume",
    field("nchannels", uint8, "Sound channels", domain=between(1, 2)),
    field("volume", array(uint16, "nchannels"), "Volume of each; 65535 is full"),
    doc="The volume that the guest has set.",
)

Mute = record(
    "playback.Mute",
    field("mute", uint8, "1 if muted", domain=TRUTH),
    doc="Whether the guest has muted the sound.",
)

Latency = record(
    "playback.Latency",
    field("latency_ms", uint32, "Sound to hold back at least", unit="ms"),
    doc="Asks for a buffer long enough to keep sound and video together.",
)

PLAYBACK = channel(
    "playback",
    ChannelType.PLAYBACK,
    prefix="PLAYBACK",
    server=(
        message(101, "DATA", Data),
        message(102, "MODE", Mode),
        message(103, "START", Start),
        message(104, "STOP", Stop),
        message(
            105,
            "VOLUME",
            Volume,
            capability=PlaybackCapability.VOLUME,
            instead="not sent",
            summary=("nchannels", "volume"),
        ),
        message(106, "MUTE", Mute, capability=PlaybackCapability.VOLUME, instead="not sent"),
        message(107, "LATENCY", Latency, capability=PlaybackCapability.LATENCY, instead="not sent"),
    ),
    client=(),
    doc="Sound of the guest.",
)
