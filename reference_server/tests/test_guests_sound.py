"""What guests play, and what one shows of what it hears."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_server import GUESTS, Guest
from reference_server.guests.meter import BARS, RANGE
from reference_server.guests.sweep import HIGHEST, LOWEST, SECONDS, voice

RATE = 44100


def colour(guest: Guest, x: int, y: int, display: int = 0) -> int:
    blue, green, red, _ = guest.screens[display].picture[y, x].tolist()
    return int(red) << 16 | int(green) << 8 | int(blue)


def bars(guest: Guest, display: int = 0) -> list[int]:
    """Pixels of each bar, counted in its middle."""
    width, height = guest.screens[display].size
    return [sum(colour(guest, x, y, display) == BARS for y in range(height)) for x in (width // 4, 3 * width // 4)]


def tone(decibels: float, frames: int = 480) -> NDArray[np.int16]:
    found: NDArray[np.int16] = np.rint(32767 * 10 ** (decibels / 20) * np.sin(np.arange(frames) / 7)).astype(np.int16)
    return found


def test_bars_are_as_high_as_each_side_is_loud() -> None:
    guest = Guest(size=(80, 60))
    GUESTS["meter"](guest, 2)
    assert guest.microphone.listens and bars(guest) == [0, 0]
    for left, right in ((-20.0, -40.0), (0.0, -80.0), (-50.0, -10.0)):
        guest.microphone.hear(0, 48000, np.stack([tone(left), tone(right)], axis=1))
        for display in (0, 1):
            for found, wanted in zip(bars(guest, display), (left, right), strict=True):
                assert abs(found - max(60 * (1 + wanted / RANGE), 0)) <= 1
    guest.microphone.hear(0, 48000, np.zeros((0, 2), np.int16))
    assert bars(guest) == [0, 0], "nothing is silence"
    guest.microphone.hear(0, 48000, np.full((1, 2), -32768, np.int16))
    assert bars(guest) == [60, 60]
    GUESTS["chart"](guest, 2)
    assert not guest.microphone.listens and not guest.microphone.watchers


def test_what_does_not_change_is_not_drawn() -> None:
    guest = Guest(size=(80, 60))
    GUESTS["meter"](guest, 1)
    drawn: list[object] = []
    guest.screens[0].watch(drawn.append)
    loud = np.stack([tone(-20.0)] * 2, axis=1)
    for _ in range(5):
        guest.microphone.hear(0, 48000, loud)
    assert len(drawn) == 2, "one command for each bar"


def pitch(samples: NDArray[np.int16]) -> float:
    """Hertz of a buzz: one over the time by which it is most like itself."""
    sound, frames = samples.astype(float), len(samples)
    lags = range(RATE // 500, RATE // 90)
    likeness = [float(np.corrcoef(sound[: frames - lag], sound[lag:])[0, 1]) for lag in lags]
    return RATE / lags[int(np.argmax(likeness))]


@pytest.mark.parametrize("part", [0.125, 0.4])
def test_a_voice_rises_on_the_left_and_falls_on_the_right(part: float) -> None:
    at, frames = part * SECONDS, RATE // 20
    heard = voice(int(at * RATE) - frames // 2, frames, RATE)
    octaves = HIGHEST / LOWEST
    for side, wanted in ((0, LOWEST * octaves**part), (1, HIGHEST / octaves**part)):
        assert abs(pitch(heard[:, side]) / wanted - 1) < 0.06


def test_a_voice_is_the_same_however_it_is_cut() -> None:
    whole = voice(0, 1000, 48000)
    assert np.array_equal(whole, np.concatenate([voice(0, 333, 48000), voice(333, 667, 48000)]))
    assert whole.dtype == np.int16 and np.abs(voice(0, 4 * RATE, RATE).astype(int)).max() < 32000, "nothing is cut off"


def test_a_voice_is_played_until_something_else_runs() -> None:
    guest = Guest()
    GUESTS["sweep"](guest, 1)
    assert guest.speaker.source is voice and not guest.microphone.listens
    GUESTS["chart"](guest, 1)
    assert guest.speaker.source is None
