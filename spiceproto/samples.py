"""What a stretch of sound has to be, by what was said before it on a playback or record channel.

When sound may come is a table (:mod:`spiceproto.rules.sound`). Here is what no table compares: the size of DATA with the
number of sound channels, samples a second with the encoding, the time of DATA with that of the one before, what packets of
Opus hold, and how many volumes there are. What is not known, because a channel is joined midway or something was missed, is
not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from spiceproto.codecs import opus_packet
from spiceproto.enums.audio import CELT_FREQUENCY, OPUS_FREQUENCIES, AudioDataMode
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.multimedia_time import later
from spiceproto.stretch import SAMPLE, seconds

__all__ = ["PACKET_FRAMES", "REQUIREMENTS", "Samples"]

_FRAMES, _FREQUENCY = "SPICE-SOUND-005", "SPICE-SOUND-006"
_EMPTY, _CELT, _LONG = "SPICE-SOUND-019", "SPICE-SOUND-020", "SPICE-SOUND-021"
_ORDER, _VOLUMES = "SPICE-SOUND-022", "SPICE-SOUND-023"

REQUIREMENTS: Final = {
    _FRAMES: "compares a size with a field of an earlier message",
    _FREQUENCY: "compares the fields of two messages",
    _EMPTY: "is about a size, in a mode of an earlier message",
    _CELT: "compares the fields of two messages",
    _LONG: "looks into the packets of a codec",
    _ORDER: "compares a field with that of the message before, modulo 2^32",
    _VOLUMES: "compares how many values there are with a field of another message",
}
"""Sentences that are judged here, and why no machine can."""

PACKET_FRAMES: Final = 480
"""Frames of the longest packet of Opus that programs have room for."""

_CODECS: Final = (AudioDataMode.CELT_0_5_1, AudioDataMode.OPUS)
_STEREO: Final = 2


class Samples:
    """``mode`` is how DATA are encoded, ``channels`` and ``frequency`` are those of START, ``time`` is that of the last DATA
    behind it, ``volumes`` how many values VOLUME had; None for not known.
    """

    __slots__ = ("_said", "channel", "channels", "frequency", "mode", "time", "volumes")

    def __init__(self, channel: tuple[int, int]) -> None:
        self.channel = channel
        self._begin()

    def forget(self, sender: str) -> None:
        """Something was missed."""
        self._begin()

    def _begin(self) -> None:
        self.mode: int | None = None
        self.channels: int | None = None
        self.frequency: int | None = None
        self.time: int | None = None
        self.volumes: int | None = None
        self._said: set[str] = set()

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterable[Finding]:
        """A message of the channel."""
        look = _LOOKS.get(name)
        return () if look is None or value is None else look(self, sender, value, now)

    def seconds(self, data: bytes | memoryview) -> float | None:
        """Seconds of sound in one DATA; None for not known."""
        return seconds(self.mode, self.channels, self.frequency, data)

    def _mode(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        self.mode = int(value.mode)
        yield from ()

    def _start(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        self.channels, self.frequency, self.time = value.channels, value.frequency, None
        self._said.clear()
        yield from self._compare_volumes(sender, now)

    def _volume(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        self.volumes = len(value.volume)
        yield from self._compare_volumes(sender, now)

    def _compare_volumes(self, sender: str, now: float) -> Iterator[Finding]:
        if self.volumes is not None and self.channels and self.volumes != self.channels:
            text = "VOLUME for another number of sound channels"
            yield self._finding(_VOLUMES, sender, text, str(self.channels), self.volumes, now)
            self.volumes = None  # once is enough

    def _data(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        if self.mode == AudioDataMode.RAW and self.channels and len(value.data) % (SAMPLE * self.channels):
            expected = f"a multiple of {SAMPLE * self.channels} bytes"
            yield self._finding(_FRAMES, sender, "DATA with a part of a frame", expected, len(value.data), now)
        if self.mode in _CODECS:
            yield from self._packet(sender, bytes(value.data), now)
        # Clients were seen to give no time at all.
        if sender == "server" and self.time is not None and later(value.time, self.time) < 0:
            yield self._finding(_ORDER, sender, "DATA of an earlier time", f"{self.time} or later", value.time, now)
        self.time = value.time

    def _packet(self, sender: str, data: bytes, now: float) -> Iterator[Finding]:
        if not data:
            yield self._finding(_EMPTY, sender, "DATA without a packet", "a packet", 0, now)
        if self.mode == AudioDataMode.OPUS:
            if self.frequency is not None and self.frequency not in OPUS_FREQUENCIES:
                expected = ", ".join(map(str, OPUS_FREQUENCIES))
                yield from self._once(_FREQUENCY, sender, "DATA of Opus for another frequency", expected, self.frequency, now)
            elif self.frequency is not None and (frames := _frames(data, self.frequency)) > PACKET_FRAMES:
                expected = f"at most {PACKET_FRAMES} frames"
                yield self._finding(_LONG, sender, "a packet of Opus that nobody has room for", expected, frames, now)
        elif self.channels is not None and (self.frequency, self.channels) != (CELT_FREQUENCY, _STEREO):
            expected = f"{_STEREO} sound channels of {CELT_FREQUENCY} frames a second"
            actual = f"{self.channels} of {self.frequency}"
            yield from self._once(_CELT, sender, "DATA of CELT for another format", expected, actual, now)

    def _once(self, requirement: str, *found: Any) -> Iterator[Finding]:
        """A finding that every DATA of a sound would have."""
        if requirement not in self._said:
            self._said.add(requirement)
            yield self._finding(requirement, *found)

    def _finding(self, requirement: str, sender: str, text: str, expected: str, actual: int | str, now: float) -> Finding:
        return Finding(requirement, sender, self.channel, text, expected, str(actual), now)


def _frames(packet: bytes, frequency: int) -> int:
    """Frames of a packet of Opus; 0 for what is none, which others find."""
    try:
        return opus_packet.samples(packet) * frequency // opus_packet.RATE
    except RemoteError:
        return 0


_LOOKS: Final[Mapping[str, Callable[[Samples, str, Any, float], Iterator[Finding]]]] = {
    "MODE": Samples._mode,
    "START": Samples._start,
    "DATA": Samples._data,
    "VOLUME": Samples._volume,
}
