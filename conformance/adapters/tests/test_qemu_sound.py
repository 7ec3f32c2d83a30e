"""Tones from QEMU to the reference client, and back: measured, with samples as they are and with Opus."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.qtest import Qtest
from conformance.adapters.sound_card import FREQUENCY
from conformance.adapters.tests.looks import left_by_clients, need_adapters
from spiceproto import extras
from spiceproto.tests.peers import end, until

PERIODS = 2400
"""Frames in which all tones of these tests have whole periods."""

TIMER, SPEAKER, CLOCK = 0x42, 0x61, 1193182
"""Port of the third counter of the timer, port of the gate of the speaker, and Hertz of the timer."""

HALF = FREQUENCY // 2
"""Frames that are measured."""

MODES = pytest.mark.parametrize("mode", ["raw", "opus"])


def tone(*hertz: float, frames: int = 13 * PERIODS) -> NDArray[np.int16]:
    time = np.arange(frames)[:, np.newaxis] / FREQUENCY
    found: NDArray[np.int16] = np.rint(8000 * np.sin(2 * np.pi * time * np.array(hertz))).astype(np.int16)
    return found


def pitch(samples: NDArray[np.int16], rate: int) -> float:
    """Hertz of the loudest tone, to a tenth."""
    size = 1 << 19
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    lowest = 50 * size // rate
    return float((strength[lowest:].argmax() + lowest) * rate / size)


@contextlib.contextmanager
def client(qemu: Qemu, mode: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    if mode == "opus" and not extras.present("av"):
        pytest.skip(f"needs {extras.install('av')}")
    arguments = ["--channels", "playback,record", "--sound-mode", mode, *more, f"spice://{qemu.host}:{qemu.port}"]
    process = subprocess.Popen([sys.executable, "-m", "reference_client", *arguments])
    try:
        yield process
    finally:
        end(process)


def read(path: Path) -> tuple[int, NDArray[np.int16]]:
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
        return file.getframerate(), np.frombuffer(data, "<i2").reshape(-1, file.getnchannels())


@MODES
def test_what_the_sound_card_plays(mode: str, tmp_path: Path) -> None:
    need_adapters(Qemu)
    path = tmp_path / "heard.wav"
    qemu = left_by_clients({"spice": "playback-compression=off"} if mode == "raw" else {})
    with qemu:
        with client(qemu, mode, "--record-wav", str(path)):
            until(path.exists)
            with qemu.sound_card() as card:
                card.play(tone(440, 660).tobytes())
            size = path.stat().st_size
            until(lambda: path.stat().st_size > size + 4 * FREQUENCY)
        rate, samples = read(path)
    loud = np.flatnonzero(np.abs(samples[:, 0].astype(int)) > 1000)
    played = samples[loud[0] + 4800 : loud[0] + 4800 + HALF]
    assert rate == FREQUENCY and len(played) == HALF
    for side, hertz in enumerate((440, 660)):
        assert abs(pitch(played[:, side], rate) - hertz) < 1


@MODES
def test_what_the_speaker_of_a_pc_plays(mode: str, tmp_path: Path) -> None:
    need_adapters(Qemu)
    path, divisor = tmp_path / "heard.wav", CLOCK // 523
    options = {"extra": "-machine pcspk-audiodev=sound"} | ({"spice": "playback-compression=off"} if mode == "raw" else {})
    qemu = left_by_clients(options)
    with qemu:
        with client(qemu, mode, "--record-wav", str(path)), Qtest(qemu.qtest) as machine:
            until(path.exists)
            machine.outb(TIMER + 1, 0xB6)  # the third counter, low byte then high, a square wave
            machine.outb(TIMER, divisor & 0xFF)
            machine.outb(TIMER, divisor >> 8)
            machine.outb(SPEAKER, machine.inb(SPEAKER) | 3)
            size = path.stat().st_size
            until(lambda: path.stat().st_size > size + 4 * FREQUENCY)
        rate, samples = read(path)
    loud = np.flatnonzero(np.abs(samples[:, 0].astype(int)) > 1000)
    played = samples[loud[0] + 4800 : loud[0] + 4800 + HALF, 0]
    assert len(played) == HALF and abs(pitch(played, rate) - CLOCK / divisor) < 1


@MODES
def test_what_the_sound_card_records(mode: str, tmp_path: Path) -> None:
    need_adapters(Qemu)
    path, ear = tmp_path / "said.wav", tmp_path / "heard.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(FREQUENCY)
        file.writeframes(tone(880, 550).tobytes())
    qemu = left_by_clients()
    with qemu, client(qemu, mode, "--play-wav", str(path), "--record-wav", str(ear)):
        until(ear.exists)  # both channels are there
        with qemu.sound_card() as card:

            def half() -> NDArray[np.int16]:
                """What the card hears in half a second."""
                card.listen(HALF)
                until(lambda: not card.listens)
                return np.frombuffer(card.heard(HALF), "<i2").reshape(-1, 2)

            # What comes first can have holes: QEMU asks before the client has sent anything.
            until(lambda: np.abs(half().astype(int)).max() > 4000)
            found = half()
    for side, hertz in enumerate((880, 550)):
        assert abs(pitch(found[:, side], FREQUENCY) - hertz) < 1
