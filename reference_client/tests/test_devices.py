"""Sound on devices, with a module that has the names of sounddevice: there is no hardware behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from reference_client import devices
from reference_client.audio import Audio
from reference_client.channels.record import RecordStopped
from reference_client.channels.sound import VolumeChanged
from reference_client.command import main
from reference_client.devices import LONGEST, START, Loudspeaker, Microphone
from reference_client.tests.test_reference_server import reference_server
from spiceproto.errors import LocalError, MissingExtraError
from spiceproto.tests.peers import end, until


class PortAudioError(Exception):
    pass


class Stream:
    """A device: ``module.streams`` has all that were opened."""

    def __init__(self, module: Sound, way: str, options: dict[str, Any]) -> None:
        self.way, self.options, self.state = way, options, "made"
        module.streams.append(self)
        if options["channels"] in module.refused:
            raise PortAudioError("Invalid number of channels")

    def start(self) -> None:
        self.state = "runs"

    def close(self) -> None:
        self.state = "closed"

    def wants(self, frames: int) -> np.ndarray[Any, np.dtype[np.int16]]:
        data = bytearray(frames * 2 * self.options["channels"])
        self.options["callback"](memoryview(data), frames, None, None)
        return np.frombuffer(data, np.int16).reshape(-1, self.options["channels"])

    def has(self, samples: Any) -> None:
        self.options["callback"](memoryview(samples.astype(np.int16).tobytes()), len(samples), None, None)


class Sound(ModuleType):
    """What is used of sounddevice."""

    PortAudioError = PortAudioError

    def __init__(self, *, there: tuple[str | None, ...] = (None, "card", 3)) -> None:  # type: ignore[assignment]
        super().__init__("sounddevice")
        self.there = there
        self.refused: tuple[int, ...] = ()
        self.streams: list[Stream] = []

    def check_output_settings(self, *, device: Any, samplerate: int, channels: int, dtype: str) -> None:
        assert (samplerate, channels, dtype) == (48000, 2, "int16")
        if device not in self.there:
            raise ValueError(f"No output device matching {device!r}")

    def check_input_settings(self, **options: Any) -> None:
        self.check_output_settings(**options)

    def RawOutputStream(self, **options: Any) -> Stream:
        return Stream(self, "out", options)

    def RawInputStream(self, **options: Any) -> Stream:
        return Stream(self, "in", options)


def ramp(count: int, first: int = 1) -> Any:
    return np.stack([np.arange(first, first + count)] * 2, axis=1).astype(np.int16)


def test_a_loudspeaker_waits_until_it_has_enough_and_then_plays_what_comes() -> None:
    module = Sound()
    speaker = Loudspeaker(module, "card")
    assert module.streams == []
    speaker.play(0, 48000, ramp(480))
    (stream,) = module.streams
    assert (stream.way, stream.state, stream.options["device"], stream.options["samplerate"]) == ("out", "runs", "card", 48000)
    assert not stream.wants(100).any(), "a late network would be heard"
    speaker.play(10, 48000, ramp(int(START * 48000), 481))
    assert stream.wants(1000)[:, 1].tolist() == list(range(1, 1001))
    assert stream.wants(3000)[:2360, 0].tolist()[-1] == 480 + int(START * 48000) and not stream.wants(10).any()
    speaker.play(0, 48000, ramp(100))
    assert not stream.wants(10).any(), "it waits again"


def test_a_loudspeaker_that_is_behind_leaves_out_what_is_old() -> None:
    module = Sound()
    speaker = Loudspeaker(module)
    for number in range(200):
        speaker.play(0, 8000, ramp(80, number * 80))
    most = int(LONGEST * 8000)
    assert module.streams[0].wants(most)[:, 0].tolist() == list(range(16000 - most, 16000))


def test_the_volume_of_the_guest() -> None:
    module = Sound()
    speaker = Loudspeaker(module)
    loud = np.full((4800, 2), 10000, np.int16)
    speaker.set_level((65535, 32768), muted=False)
    speaker.play(0, 48000, loud)
    assert module.streams[0].wants(1).tolist() == [[10000, 5000]]
    for volume, muted, wanted in (((7,), False, 10000), ((65535, 65535), True, 0), ((), False, 10000)):
        module.streams.clear()
        speaker.close()
        speaker.set_level(volume, muted=muted)
        speaker.play(0, 48000, loud)
        assert module.streams[0].wants(1).tolist() == [[wanted, wanted]]


def test_another_format_is_another_stream() -> None:
    module = Sound()
    module.refused = (1,)
    speaker = Loudspeaker(module)
    speaker.play(0, 48000, ramp(10))
    speaker.play(0, 44100, ramp(10))
    assert [stream.state for stream in module.streams] == ["closed", "runs"] and not speaker.failure
    for _ in range(3):
        speaker.play(0, 44100, ramp(10)[:, :1])
    assert len(module.streams) == 3 and "44100 frames a second of 1 sound channels: Invalid number" in speaker.failure
    speaker.play(0, 48000, ramp(10))
    assert len(module.streams) == 3, "and nothing more is tried"


def test_a_microphone_is_open_while_somebody_wants_to_hear() -> None:
    module = Sound()
    microphone = Microphone(module)
    assert module.streams == []
    assert not microphone.say(0, 480, 2, 48000).any()
    (stream,) = module.streams
    assert (stream.way, stream.state, stream.options["device"]) == ("in", "runs", None)
    stream.has(ramp(700))
    assert microphone.say(480, 480, 2, 48000)[:, 0].tolist() == list(range(1, 481))
    assert microphone.say(960, 480, 2, 48000)[:, 1].tolist() == [*range(481, 701), *[0] * 260]
    microphone.close()
    assert stream.state == "closed"
    assert not microphone.say(0, 480, 1, 44100).any() and module.streams[1].options["channels"] == 1


@pytest.mark.parametrize("kind", [Loudspeaker, Microphone])
def test_no_device(kind: Any) -> None:
    with pytest.raises(LocalError, match=r"there is no (loudspeaker|microphone) to be had.*'chair'"):
        kind(Sound(), "chair")
    with pytest.raises(LocalError, match="none is there"):
        kind(Sound(there=()))
    assert kind(Sound(), "3").failure == ""


def _fails(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*arguments, "spice://127.0.0.1:1"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said
    return said


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "pip install 'spiceproto[sound]'" in _fails("--speaker", capsys=capsys)
    with pytest.raises(MissingExtraError):
        devices.library()

    def no_library(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr("spiceproto.extras.import_module", no_library)
    assert "the PortAudio library is missing" in _fails("--microphone", capsys=capsys)
    monkeypatch.setitem(sys.modules, "sounddevice", Sound(there=()))
    assert "there is no loudspeaker to be had" in _fails("--speaker", capsys=capsys)
    assert "either the microphone or a file" in _fails("--microphone", "--play-wav", "x.wav", capsys=capsys)


def test_a_file_that_can_not_be_written_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in _fails("--record-wav", str(tmp_path / "nowhere" / "x.wav"), capsys=capsys)


def test_a_file_that_was_not_written_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    audio = Audio(Namespace(speaker=False, microphone=False, sound_device="", play_wav=None, record_wav=str(path)))
    assert audio.failures == [f"no sound came, and {path} was not written"] and not path.exists()
    assert audio.play is not None
    audio.play(0, 48000, ramp(480, 100))
    audio.close()
    assert audio.failures == [] and path.stat().st_size > 480


_MODULE = """
import os
class PortAudioError(Exception): pass
def check_output_settings(**options): pass
check_input_settings = check_output_settings
def note(text):
    with open(os.environ["NOTES"], "a") as out: out.write(text + "\\n")
class RawOutputStream:
    way = "loudspeaker"
    def __init__(self, **options): note(f"{self.way} {options['samplerate']} {options['channels']}")
    def start(self): note(f"{self.way} starts")
    def close(self): note(f"{self.way} closes")
class RawInputStream(RawOutputStream): way = "microphone"
"""


def test_a_session_with_devices(tmp_path: Path) -> None:
    """The whole way, as a program: devices are opened when there is sound, and closed with the session."""
    (tmp_path / "sounddevice.py").write_text(_MODULE)
    notes = tmp_path / "notes"
    notes.touch()
    environment = {**os.environ, "NOTES": str(notes), "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    with reference_server("--disable-ticketing", "--guest", "tone") as (port, _):
        arguments = ["--speaker", "--microphone", "--channels", "playback,record", f"spice://127.0.0.1:{port}"]
        command = [sys.executable, "-m", "reference_client", *arguments]
        process = subprocess.Popen(command, env=environment)
        try:
            until(lambda: notes.read_text().count("starts") == 2)
        finally:
            end(process)
    said = notes.read_text().splitlines()
    for device in ("loudspeaker", "microphone"):
        mine = [line for line in said if line.startswith(device)]
        assert mine == [f"{device} 48000 2", f"{device} starts", f"{device} closes"]


def test_events_reach_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    module = Sound()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    audio = Audio(Namespace(speaker=True, microphone=True, sound_device="", play_wav=None, record_wav=None))
    assert audio.play is not None and audio.say is not None
    audio.on_event(VolumeChanged(channel="record", volume=(0, 0), muted=True))
    audio.play(0, 48000, ramp(4800, 100))
    audio.on_event(VolumeChanged(channel="playback", volume=(0, 0), muted=False))
    audio.say(0, 480, 2, 48000)
    out, into = module.streams
    assert out.wants(1).any()
    audio.on_event(RecordStopped(frames=480))
    assert into.state == "closed" and out.state == "runs"
    module.refused = (2,)
    audio.say(0, 480, 2, 48000)
    assert audio.failures == [
        "the microphone was silent: 48000 frames a second of 2 sound channels: Invalid number of channels"
    ]
