"""A film with sound for a client, in virtual time: what a server sends, what the network does to it, what is shown and heard.

The server makes a stretch of sound and, 25 times a second, a frame; both have what its clock shows then. Once a second a frame
is white and a click begins. Each channel has a delay of its own. The client's sound card is a :class:`Card`, whose clock may be
wrong.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.channels.display import Damaged
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from spiceproto.capabilities import Capabilities
from spiceproto.codecs import jpeg
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main, playback
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect

SIDE: Final = 8
STREAM: Final = 3
RATE: Final = 8000
"""Frames of sound a second: it is not listened to."""

PLAYBACK: Final = (int(ChannelType.PLAYBACK), 0)
STRETCH: Final = 20
"""Milliseconds of a stretch."""
FRAME: Final = 40
"""Milliseconds between two frames."""

_PLAIN, _WHITE = (jpeg.encode(np.full((SIDE, SIDE), grey * 0x10101, np.uint32)) for grey in (40, 255))
_CREATE: Final = display.StreamCreate(
    surface_id=0,
    id=STREAM,
    flags=StreamFlags.TOP_DOWN,
    codec_type=VideoCodecType.MJPEG,
    stamp=0,
    stream_width=SIDE,
    stream_height=SIDE,
    src_width=SIDE,
    src_height=SIDE,
    dest=Rect(top=0, left=0, bottom=SIDE, right=SIDE),
    clip=Clip(ClipType.NONE),
)
_SURFACE: Final = display.SurfaceCreate(
    surface_id=0, width=SIDE, height=SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
)


_LOUD: Final = 4000
_APART: Final = 0.5
"""Seconds between two clicks, at least."""


class Card:
    """A sound card that plays ``rate`` seconds in a second; ``clicks`` is when each was heard, in seconds."""

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        self.now = 0.0
        self.clicks: list[float] = []
        self._left = 0.0
        self._since = 0.0

    def held(self) -> float:
        """Seconds until what is played now is heard."""
        return max(self._left / self.rate - (self.now - self._since), 0.0)

    def play(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        held = self.held()
        loud = np.flatnonzero(np.abs(samples[:, 0]) > _LOUD)
        heard = self.now + held + (loud[0] / frequency / self.rate if len(loud) else 0.0)
        if len(loud) and (not self.clicks or heard - self.clicks[-1] > _APART):
            self.clicks.append(heard)
        self._left, self._since = held * self.rate + len(samples) / frequency, self.now


class Maker:
    """What a server sends whose multimedia clock shows ``clock`` at 0."""

    def __init__(self, clock: int) -> None:
        self.clock = clock

    def screen(self) -> tuple[Any, ...]:
        """What comes before the first frame."""
        return (_SURFACE, _CREATE)

    def time(self, now: float) -> int:
        """What the server's clock shows."""
        return self.clock + round(now * 1000) & 0xFFFFFFFF

    def frame(self, at: int) -> display.StreamData:
        """The frame of this millisecond."""
        white = at and at % 1000 == 0
        return display.StreamData(display.StreamDataHeader(STREAM, self.time(at / 1000)), _WHITE if white else _PLAIN)

    def stretch(self, at: int) -> playback.Data:
        """The stretch that begins with this millisecond."""
        samples = np.zeros(RATE * STRETCH // 1000, "<i2")
        if at and at % 1000 == 0:
            samples[:] = 9000
        return playback.Data(self.time(at / 1000), samples.tobytes())


class Film(Maker):
    """``flashes`` is when each white frame was shown, in seconds of the client; ``card`` knows of the clicks.

    * ``clock``: what the multimedia clock of the server shows at 0
    * ``video``, ``audio``: seconds that the network takes
    * ``burst``: stretches that the guest writes at once, with one time
    """

    def __init__(
        self,
        *,
        clock: int = 5000,
        card: Card | None = None,
        video: float = 0.0,
        audio: float = 0.0,
        burst: int = 1,
        latency: int | None = None,
        held: bool = True,
    ) -> None:
        super().__init__(clock)
        self.card = card or Card()
        self.delays = {"video": video, "audio": audio}
        self.burst = burst
        self.flashes: list[float] = []
        options = Options(canvas=True, damage=True, play=self.card.play, held=self.card.held if held else None)
        words = COMMON.with_(PlaybackCapability.LATENCY)
        known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {PLAYBACK: words}
        self.server = ScriptedServer(Client(options), channels=known)
        self.server.init(clock=self.time(-0.4))
        self.server.listing(*LISTED, PLAYBACK)
        self.server.line(ChannelType.DISPLAY).send(*self.screen())
        start = playback.Start(channels=1, format=AudioFmt.S16, frequency=RATE, time=self.time(0.0))
        self.line = self.server.line(*PLAYBACK)
        self.line.send(playback.Mode(self.time(0.0), AudioDataMode.RAW, b""), start)
        if latency is not None:
            self.line.send(playback.Latency(latency))
        self._seen = 0

    def _video(self, seconds: int) -> Iterator[tuple[float, int, Callable[[], None]]]:
        line = self.server.line(ChannelType.DISPLAY)
        for at in range(0, seconds * 1000, FRAME):
            yield at / 1000, 1, lambda at=at: line.send(self.frame(at))  # type: ignore[misc]

    def _audio(self, seconds: int) -> Iterator[tuple[float, int, Callable[[], None]]]:
        size = STRETCH * self.burst
        for at in range(0, seconds * 1000, size):

            def send(at: int = at) -> None:
                for number in range(self.burst):
                    self.line.send(playback.Data(self.time(at / 1000), self.stretch(at + number * STRETCH).data))

            yield at / 1000, 0, send

    def run(self, seconds: int, *others: tuple[float, Callable[[], Any]]) -> None:
        """So many seconds of film, and what waits behind its end; ``others`` is what else happens, and when."""
        events = [(at + self.delays["video"], order, send) for at, order, send in self._video(seconds)]
        events += [(at + self.delays["audio"], order, send) for at, order, send in self._audio(seconds)]
        events += [(at, 2, act) for at, act in others]
        heap = [(at, number, order, act) for number, (at, order, act) in enumerate(events)]
        heapq.heapify(heap)
        while heap:
            at, _, _, act = heapq.heappop(heap)
            self.until(at)
            act()
            self._look()
        self.until(seconds + 2.0)

    def until(self, end: float) -> None:
        """Time goes by, and the client is called when it wants to be."""
        server = self.server
        while (deadline := server.client.deadline) is not None and deadline <= end:
            self._go(max(deadline, server.now))
        self._go(end)

    def _go(self, now: float) -> None:
        self.card.now = now
        self.server.wait(now - self.server.now)
        self._look()

    def _look(self) -> None:
        if len(self.server.told(Damaged)) > self._seen:
            self._seen = len(self.server.told(Damaged))
            shown = self.server.client.displays[0]
            shown.take_damage()
            if shown.picture()[0, 0, 0] > 200:
                self.flashes.append(self.server.now)

    @property
    def apart(self) -> list[float]:
        """Milliseconds that each flash was shown later than its click was heard."""
        assert len(self.flashes) == len(self.card.clicks) > 0, (self.flashes, self.card.clicks)
        return [round(1000 * (flash - click), 1) for flash, click in zip(self.flashes, self.card.clicks, strict=True)]

    def main(self, time: int) -> None:
        """MULTI_MEDIA_TIME."""
        self.server.main.send(main.MultiMediaTime(time & 0xFFFFFFFF))
