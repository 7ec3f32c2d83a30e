"""The record channel: sound for the guest, from the client's microphone.

The client is silent until START; then come MODE, START_MARK and DATA. It uses Opus only if the server announced it, and
spice-server closes the channel on a mode that it does not support. The bodies of volume and mute equal those of the
playback channel.

Sources: spice.proto of spice-common; BEHAVIOUR 16.
"""

from __future__ import annotations

from spiceproto.domain import TRUTH, at_least, between, named
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.message import channel, message
from spiceproto.wire import REST, array, data, enum, field, record, uint8, uint16, uint32

Start = record(
    "record.Start",
    field("channels", uint32, "Sound channels", domain=between(1, 2)),
    field("format", enum(AudioFmt, uint16), "Kind of samples", domain=named(but=AudioFmt.INVALID)),
    field("frequency", uint32, "Samples a second, of each sound channel", unit="Hz", domain=at_least(1)),
    doc="The guest begins to listen; unlike START of the playback channel it has no time.",
)

Stop = record(
    "record.Stop",
    doc="The guest listens no more.",
)

Volume = record(
    "record.Volume",
    field("nchannels", uint8, "Sound channels", domain=between(1, 2)),
    field("volume", array(uint16, "nchannels"), "Volume of each; 65535 is full"),
    doc="The volume that the guest has set.",
)

Mute = record(
    "record.Mute",
    field("mute", uint8, "1 if muted", domain=TRUTH),
    doc="Whether the guest has muted the microphone.",
)

Data = record(
    "record.Data",
    field("time", uint32, "When it was heard, on the multimedia clock", unit="ms"),
    field("data", data(REST), "Sound in the mode that holds: interleaved samples or one packet"),
    doc="The next stretch of sound.",
)

_MODES = named(
    but=AudioDataMode.INVALID,
    needs={AudioDataMode.CELT_0_5_1: RecordCapability.CELT_0_5_1, AudioDataMode.OPUS: RecordCapability.OPUS},
)

Mode = record(
    "record.Mode",
    field("time", uint32, "From when on, on the multimedia clock", unit="ms"),
    field("mode", enum(AudioDataMode, uint16), "Encoding of later DATA", domain=_MODES),
    field("data", data(REST), "Not used"),
    doc="Sets the encoding.",
)

StartMark = record(
    "record.StartMark",
    field("time", uint32, "When it begins, on the multimedia clock", unit="ms"),
    doc="Sound begins.",
)

RECORD = channel(
    "record",
    ChannelType.RECORD,
    prefix="RECORD",
    server=(
        message(101, "START", Start),
        message(102, "STOP", Stop),
        message(
            103,
            "VOLUME",
            Volume,
            capability=RecordCapability.VOLUME,
            instead="not sent",
            summary=("nchannels", "volume"),
        ),
        message(104, "MUTE", Mute, capability=RecordCapability.VOLUME, instead="not sent"),
    ),
    client=(
        message(101, "DATA", Data),
        message(102, "MODE", Mode),
        message(103, "START_MARK", StartMark),
    ),
    doc="Sound for the guest.",
)
