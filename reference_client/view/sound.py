"""Sound of the session in the page: what the guest plays is heard there, and what the page's microphone hears is what it hears.

A packet is ``u8 kind, u8 channels, u16 0, u32 rate`` and samples, signed, of 16 bits, little endian, channel by channel.

How much sound the page holds is what lip-sync goes by (``Options.held``): what was sent is reckoned, and the page says now and
then how much it has. So sound that has to be held back is silence before it, and a page that has run out of sound begins anew.
A page whose clock is slow would hold more and more; what is more than :data:`SLACK` too much is left out.

    page    sound             on: it plays now, or not; it plays what comes behind the answer
            sound-held        milliseconds: held, that wait there to be heard; heard, that have come since the answer
            microphone        on: it hears from here on, or not; one page at a time
    view    sound             the answer
            playback          playing, channels, rate, text: why nothing can be heard, muted
            record            listening, channels, rate
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from reference_client.channels.playback import PlaybackChannel, PlaybackStarted, PlaybackStopped
from reference_client.channels.record import RecordStarted, RecordStopped
from reference_client.channels.sound import VolumeChanged
from reference_client.devices import Ring
from reference_client.events import ChannelClosed, Ended, Event
from reference_client.plan import Wish
from reference_client.playout import LATENCY
from reference_client.view.feature import Page, Session
from reference_client.view.values import integer, truth
from spiceproto.errors import LocalError

__all__ = ["KIND", "MOST", "SLACK", "START", "Sound", "as_loud", "packet"]

KIND: Final = 1
"""First byte of a packet."""

START: Final = 0.04
"""Seconds of what a microphone hears before the guest is told of it: what the page may be late."""

SLACK: Final = 0.25
"""Seconds of sound that a page may hold beside those that are held back on purpose."""

MOST: Final = 20_000
"""Milliseconds of sound that a page can say it holds; the longest that is held back on purpose is half of that."""

_LONG: Final = 1 << 53
"""Milliseconds that a page may have heard: as large as its numbers are whole."""

_PIECE: Final = 48000
"""Frames of one packet at most: silence can be ten seconds, and few packets wait for a page."""

_HEAD: Final = Struct("<BBHL")
_SAMPLE: Final = 2
_FULL: Final = 65535
_PACKET: Final = 1 << 16
"""Bytes of one packet of a page."""


class Sound:
    """``play``, ``held`` and ``say`` are for :class:`~reference_client.options.Options`.

    Raises LocalError for what no page of ours says.
    """

    verbs: tuple[str, ...] = ("sound", "sound-held", "microphone")
    kinds: tuple[int, ...] = (KIND,)

    def __init__(self) -> None:
        self._session: Session | None = None
        self._pages: set[Page] = set()
        self._plays: dict[Page, float] = {}
        """Seconds of sound that were sent to each page that plays, since it does."""
        self._end = 0.0
        self._volume: tuple[int, ...] = ()
        self._muted = False
        self._playback: dict[str, Any] = {"playing": False, "channels": 0, "rate": 0, "text": ""}
        self._record: dict[str, Any] = {"listening": False, "channels": 0, "rate": 0}
        self._speaks: Page | None = None
        self._taken = False
        self._ring = Ring(48000, 2)
        self._format = (0, 0)
        self._flows = False

    def wish(self, wish: Wish) -> Wish:
        """The same, with the page hearing and speaking. A file or a device that the guest hears goes before its microphone."""
        self._taken = wish.say is not None
        say = wish.say or self.say
        if wish.play is None:
            return msgspec.structs.replace(wish, play=self.play, held=self.held, say=say)
        first = wish.play

        def both(time: int, frequency: int, samples: NDArray[np.int16]) -> None:
            first(time, frequency, samples)
            self.play(time, frequency, samples)

        return msgspec.structs.replace(wish, play=both, say=say)

    def begin(self, session: Session) -> None:
        """Be heard in this session, which has not begun."""
        self._session = session

    @property
    def _now(self) -> float:
        return 0.0 if self._session is None else self._session.now

    # -- what the guest plays

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch of ``int16 (frames, channels)``."""
        held, latency = self.held(), self._latency()
        if held > latency + SLACK:
            return
        if held <= 0 and self._session is not None and self._session.client.options.held is None:
            # Others hear it too, and nobody has put silence before it.
            self._send(frequency, samples[:1].repeat(round(latency * frequency), 0) * 0)
        self._send(frequency, as_loud(samples, self._volume, muted=self._muted))

    def _send(self, frequency: int, samples: NDArray[np.int16]) -> None:
        seconds = len(samples) / frequency
        self._end = max(self._end, self._now) + seconds
        for start in range(0, len(samples) if self._plays else 0, _PIECE):
            data = packet(frequency, samples[start : start + _PIECE])
            for page in self._plays:
                page.send_bytes(data)
        for page in self._plays:
            self._plays[page] += seconds

    def _latency(self) -> float:
        try:
            return LATENCY if self._session is None else self._session.client.channel(PlaybackChannel).playout.latency
        except LocalError:
            return LATENCY

    def held(self) -> float:
        """Seconds of sound that wait to be heard."""
        return max(self._end - self._now, 0.0)

    # -- what the guest hears

    def say(self, frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
        """The next ``count`` frames, ``int16 (count, channels)``; silence where the page has sent none."""
        self._listen(channels, frequency)
        size = count * channels * _SAMPLE
        have = len(self._ring)
        self._flows = have >= (size if self._flows else max(START * self._ring.second, size))
        found = self._ring.take(size) if self._flows else b""
        return np.frombuffer(found + bytes(size - len(found)), "<i2").astype(np.int16).reshape(count, channels)

    def _listen(self, channels: int, frequency: int) -> None:
        """This is what the guest wants to hear."""
        if (channels, frequency) != self._format:
            self._format, self._ring, self._flows = (channels, frequency), Ring(frequency, channels), False

    # -- pages

    def opened(self, page: Page) -> None:
        """It is told how it stands."""
        self._pages.add(page)
        page.send_json(self._told_playback())
        page.send_json({"event": "record", **self._record})

    def closed(self, page: Page) -> None:
        """It plays no more, and is silent."""
        self._pages.discard(page)
        self._plays.pop(page, None)
        if self._speaks is page:
            self._be_silent()

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        """What a page says of sound."""
        if verb == "sound-held":
            self._holds(page, values)
            return
        on = truth(values, "on")
        if verb == "microphone":
            self._let_speak(page, on)
        elif on:
            if not self._plays:
                self._end = self._now  # nothing is held there yet
            self._plays[page] = 0.0
            page.send_json({"event": "sound"})
        else:
            self._plays.pop(page, None)

    def _let_speak(self, page: Page, on: bool) -> None:
        if on and self._taken:
            raise LocalError("the guest hears a file or a device of the client", expected="neither --play-wav nor --microphone")
        if on and not page.controls:
            raise LocalError("the microphone of a page that only looks is not heard")
        if on:
            self._speaks = page
        elif self._speaks is page:
            self._be_silent()

    def _be_silent(self) -> None:
        self._speaks = None
        self._ring.take(len(self._ring))

    def _holds(self, page: Page, values: Mapping[str, object]) -> None:
        seconds, heard = integer(values, "held", 0, MOST) / 1000, integer(values, "heard", 0, _LONG) / 1000
        if page in self._plays and page is next(iter(self._plays)):  # several play: the first is what is reckoned with
            on_the_way = max(self._plays[page] - heard, 0.0)
            self._end = self._now + min(seconds + on_the_way, MOST / 1000)

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        """A packet of what a microphone hears; of another page, or in another format than the guest's, it is nothing."""
        if not _HEAD.size <= len(data) <= _PACKET:
            raise LocalError("a packet of sound", expected=f"{_HEAD.size} to {_PACKET} bytes", actual=f"{len(data)} bytes")
        _, channels, _, rate = _HEAD.unpack_from(data)
        samples = data[_HEAD.size :]
        if not channels or len(samples) % (channels * _SAMPLE):
            raise LocalError("a packet of sound", expected=f"frames of {channels} samples", actual=f"{len(samples)} bytes")
        if page is self._speaks and (channels, rate) == self._format:
            self._ring.put(bytes(samples))

    # -- the client

    def event(self, event: Event) -> None:
        """How loud the guest is, whether it plays, and whether it listens."""
        if isinstance(event, VolumeChanged) and event.channel == "playback":
            self._volume, self._muted = event.volume, event.muted
            self._tell(self._told_playback())
        elif isinstance(event, PlaybackStarted):
            self._playback = {"playing": True, "channels": event.channels, "rate": event.frequency, "text": event.text}
            self._tell(self._told_playback())
        elif isinstance(event, PlaybackStopped) or _over(event, "playback"):
            self._playback["playing"] = False
            self._tell(self._told_playback())
        elif isinstance(event, RecordStarted):
            listening = not event.text and not self._taken
            if listening:
                self._listen(event.channels, event.frequency)
            self._record = {"listening": listening, "channels": event.channels, "rate": event.frequency}
            self._tell({"event": "record", **self._record})
        if isinstance(event, RecordStopped) or _over(event, "record"):
            self._record["listening"] = False
            self._tell({"event": "record", **self._record})

    def _told_playback(self) -> dict[str, Any]:
        return {"event": "playback", **self._playback, "muted": self._muted}

    def _tell(self, values: dict[str, Any]) -> None:
        for page in self._pages:
            page.send_json(values)


def _over(event: Event, channel: str) -> bool:
    return isinstance(event, Ended) or (isinstance(event, ChannelClosed) and event.channel == channel)


def as_loud(samples: NDArray[np.int16], volume: tuple[int, ...], *, muted: bool) -> NDArray[np.int16]:
    """Samples ``int16 (frames, channels)`` as loud as the guest has set them: 65535 is full; for other channels it is none."""
    if muted:
        return np.zeros_like(samples)
    if len(volume) != samples.shape[1] or min(volume) >= _FULL:
        return samples
    return np.rint(samples * (np.minimum(volume, _FULL) / _FULL)).astype(np.int16)


def packet(frequency: int, samples: NDArray[np.int16]) -> bytes:
    """Samples ``int16 (frames, channels)`` as they go to a page."""
    return _HEAD.pack(KIND, samples.shape[1], 0, frequency) + samples.astype("<i2", copy=False).tobytes()
