"""What the tour does on sound channels: it listens, and it sings when the guest wants to hear something."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode
from spiceproto.messages import record

__all__ = ["listen", "sing"]

_STRETCHES: Final = 3
_SILENCE: Final = bytes(4 * 480)
"""480 samples of two sound channels."""
_STRETCH: Final = 10
"""Milliseconds between two stretches."""


def listen(client: SuiteClient, talk: Talk) -> None:
    """Sound is heard if the guest plays any."""
    if client.target.meets("control:guest"):
        client.control("guest", "tone")
    if talk.wait_count("START", within=client.network.quiet):
        talk.wait_count("DATA", _STRETCHES, within=client.network.quiet)


def sing(client: SuiteClient, talk: Talk) -> None:
    """Samples as they are, from the moment at which the guest begins to listen."""
    if not talk.wait_count("START", within=client.network.quiet):
        return
    now = int(client.init.multi_media_time)
    talk.send(record.Mode(now, AudioDataMode.RAW, b""), record.StartMark(now))
    for number in range(_STRETCHES):
        talk.send(record.Data(now + number * _STRETCH & 0xFFFFFFFF, _SILENCE))
