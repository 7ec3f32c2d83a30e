"""Sound and a page: packets of what is played, how much is held, and what its microphone hears."""

from __future__ import annotations

from collections.abc import Callable
from struct import pack
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.plan import Wish
from reference_client.playout import LATENCY
from reference_client.tests.memory_page import MemoryPage, MemorySession
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from reference_client.view.sound import KIND, SLACK, START, Sound, as_loud, packet
from spiceproto.capabilities import Capabilities
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability, RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import playback, record

PLAYBACK, RECORD = (ChannelType.PLAYBACK, 0), (ChannelType.RECORD, 0)
Samples = NDArray[np.int16]


def stretch(first: int = 0, count: int = 480, channels: int = 2) -> Samples:
    return np.repeat(np.arange(first, first + count)[:, np.newaxis], channels, axis=1).astype(np.int16)


class Pair:
    """A guest with sound, and a page; ``others`` hear it and speak as well."""

    def __init__(self, **others: Any) -> None:
        self.sound = Sound()
        wish = self.sound.wish(Wish(target="spice://guest:1", **others))
        words: dict[tuple[int, int], Capabilities] = {
            PLAYBACK: COMMON.with_(PlaybackCapability.VOLUME, PlaybackCapability.LATENCY),
            RECORD: COMMON.with_(RecordCapability.VOLUME),
        }
        options = Options(play=wish.play, held=wish.held, say=wish.say, sound_mode="raw")
        self.server = ScriptedServer(Client(options), channels=dict(CHANNELS) | words)
        self.shown = MemorySession(self.server)
        self.sound.begin(self.shown)
        self.shown.parts.append(self.sound)
        self.server.init(clock=500)
        self.server.listing(*LISTED, PLAYBACK, RECORD)
        self.shown.pump()
        self.page = MemoryPage()
        self.sound.opened(self.page)

    def guest(self, *values: Any) -> None:
        """The guest plays, or says how loud."""
        self.server.line(*PLAYBACK).send(*values)
        self.shown.pump()

    def plays(self, count: int = 1) -> None:
        for number in range(count):
            self.guest(playback.Data(10 * number, stretch(480 * number).tobytes()))

    def heard(self) -> Samples:
        """What has come to the page."""
        found = [np.frombuffer(data[8:], "<i2").reshape(-1, data[1]) for data in self.page.bytes]
        self.page.bytes.clear()
        return np.concatenate(found) if found else np.zeros((0, 2), np.int16)

    def says(self, verb: str, **values: Any) -> None:
        self.sound.told(self.page, verb, values)


BEGIN = (
    playback.Mode(0, AudioDataMode.RAW, b""),
    playback.Start(channels=2, format=AudioFmt.S16, frequency=48000, time=0),
)


def test_a_packet_says_what_it_has() -> None:
    assert packet(48000, stretch(1, 2)) == b"\1\2\0\0" + (48000).to_bytes(4, "little") + bytes([1, 0, 1, 0, 2, 0, 2, 0])


def test_a_page_hears_what_comes_behind_its_wish_with_silence_before_it() -> None:
    pair = Pair()
    pair.guest(*BEGIN)
    pair.plays()
    assert not pair.page.bytes
    pair.says("sound", on=True)
    assert pair.page.told("sound") == [{"event": "sound"}]
    pair.plays(2)
    heard = pair.heard()
    assert not heard[: round(LATENCY * 48000)].any()
    assert heard[round(LATENCY * 48000) :].tolist() == stretch(0, 960).tolist()
    pair.says("sound", on=False)
    pair.plays()
    assert not pair.page.bytes


def test_what_the_page_holds_is_what_is_reckoned_with() -> None:
    pair = Pair()
    pair.guest(*BEGIN)
    pair.says("sound", on=True)
    pair.plays()
    assert pair.sound.held() == pytest.approx(LATENCY + 0.01)
    pair.server.now += 0.1
    assert pair.sound.held() == pytest.approx(LATENCY - 0.09)
    pair.says("sound-held", held=50, heard=int(LATENCY * 1000))  # 10 ms are on their way
    assert pair.sound.held() == pytest.approx(0.06)
    pair.says("sound-held", held=0, heard=1000)
    assert pair.sound.held() == 0
    pair.heard()
    pair.plays()
    assert len(pair.heard()) == round((LATENCY + 0.01) * 48000), "who has run out of sound begins anew"


def test_a_page_that_is_slow_is_given_less() -> None:
    pair = Pair()
    pair.guest(*BEGIN)
    pair.says("sound", on=True)
    pair.plays(100)
    seconds = len(pair.heard()) / 48000
    assert LATENCY + SLACK <= seconds <= LATENCY + SLACK + 0.02
    assert pair.sound.held() == pytest.approx(seconds)


def test_a_server_may_have_much_held_back() -> None:
    pair = Pair()
    pair.guest(*BEGIN, playback.Latency(9000))
    pair.says("sound", on=True)
    pair.plays(3)
    assert len(pair.page.bytes) < 25, "as many packets wait for a page"
    assert len(pair.heard()) == 9 * 48000 + 3 * 480


def test_who_hears_it_beside_the_page_gets_no_silence() -> None:
    heard: list[Samples] = []
    pair = Pair(play=lambda time, frequency, samples: heard.append(samples))
    pair.guest(*BEGIN)
    pair.says("sound", on=True)
    pair.plays(2)
    assert np.concatenate(heard).tolist() == stretch(0, 960).tolist()
    assert pair.heard()[round(LATENCY * 48000) :].tolist() == stretch(0, 960).tolist()


def test_the_page_knows_how_it_stands() -> None:
    pair = Pair()
    (told,) = pair.page.told("playback")
    assert told["playing"] is False and told["muted"] is False
    pair.guest(*BEGIN, playback.Mute(1))
    told = pair.page.told("playback")[-1]
    assert told == {"event": "playback", "playing": True, "channels": 2, "rate": 48000, "text": "", "muted": True}
    pair.guest(playback.Stop())
    assert pair.page.told("playback")[-1]["playing"] is False
    later = MemoryPage()
    pair.sound.opened(later)
    assert later.told("playback")[-1]["muted"] is True


def test_it_is_as_loud_as_the_guest_has_set_it() -> None:
    samples = np.array([[1000, -1000]], np.int16)
    assert as_loud(samples, (65535, 65535), muted=False) is samples
    assert as_loud(samples, (32768, 0), muted=False).tolist() == [[500, 0]]
    assert as_loud(samples, (5,), muted=False) is samples and as_loud(samples, (), muted=False) is samples
    assert as_loud(samples, (65535, 65535), muted=True).tolist() == [[0, 0]]


# -- the microphone


def speak(pair: Pair, samples: Samples, rate: int = 48000) -> None:
    data = pack("<BBHL", KIND, samples.shape[1], 0, rate) + samples.astype("<i2").tobytes()
    pair.sound.received(pair.page, KIND, memoryview(data))


def listening(pair: Pair) -> Callable[[float], Samples]:
    """The guest listens; a function that gives what it hears in so many seconds."""
    line = pair.server.line(*RECORD)
    line.send(record.Start(channels=2, format=AudioFmt.S16, frequency=48000))
    pair.shown.pump()
    line.take()

    def hear(seconds: float) -> Samples:
        pair.server.wait(seconds)
        data = b"".join([value.data for value in line.take() if isinstance(value, record.Data)])
        return np.frombuffer(data, "<i2").reshape(-1, 2)

    return hear


def test_what_the_microphone_hears_is_what_the_guest_hears() -> None:
    pair = Pair()
    assert pair.page.told("record") == [{"event": "record", "listening": False, "channels": 0, "rate": 0}]
    hear = listening(pair)
    assert pair.page.told("record") == [{"event": "record", "listening": True, "channels": 2, "rate": 48000}]
    assert not hear(0.1).any()
    speak(pair, stretch(1, 4800))
    assert not hear(0.1).any(), "a page that has not said that it speaks"
    pair.says("microphone", on=True)
    speak(pair, stretch(1, 4800))
    speak(pair, stretch(1, 480, channels=1))
    speak(pair, stretch(1, 480), rate=44100)
    found = hear(0.2)
    assert found[found.any(axis=1)].tolist() == stretch(1, 4800).tolist()
    pair.says("microphone", on=False)
    speak(pair, stretch(1, 4800))
    assert not hear(0.1).any()
    pair.server.line(*RECORD).send(record.Stop())
    pair.shown.pump()
    assert pair.page.told("record")[-1]["listening"] is False


def test_when_the_session_is_over_nobody_plays_or_listens() -> None:
    pair = Pair()
    pair.guest(*BEGIN)
    listening(pair)
    pair.server.leave()
    pair.shown.pump()
    assert pair.page.told("record")[-1]["listening"] is False
    assert pair.page.told("playback")[-1]["playing"] is False


def test_it_begins_when_there_is_some_of_it() -> None:
    pair = Pair()
    hear = listening(pair)
    pair.says("microphone", on=True)
    few = round(START * 48000) - 480
    speak(pair, stretch(1, few))
    assert not hear(0.01).any()
    speak(pair, stretch(1 + few, 480))
    assert hear(0.01).any()


def test_a_page_that_only_looks_does_not_speak_nor_does_one_beside_a_file() -> None:
    pair = Pair()
    pair.page.controls = False
    with pytest.raises(LocalError, match="only looks"):
        pair.says("microphone", on=True)
    taken = Pair(say=lambda frame, count, channels, frequency: stretch(frame, count, channels))
    hear = listening(taken)
    assert taken.page.told("record")[-1]["listening"] is False
    with pytest.raises(LocalError, match="a file or a device"):
        taken.says("microphone", on=True)
    assert hear(0.05).any()


@pytest.mark.parametrize(
    "data", [b"\1", bytes(8), pack("<BBHL", 1, 2, 0, 48000) + bytes(6), pack("<BBHL", 1, 1, 0, 48000) + bytes(1 << 16)]
)
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    with pytest.raises(LocalError, match="a packet of sound"):
        pair = Pair()
        pair.sound.received(pair.page, KIND, memoryview(data))


def test_what_is_no_message_of_a_page_is_refused() -> None:
    pair = Pair()
    for verb, values in (
        ("sound", {}),
        ("sound", {"on": 1}),
        ("microphone", {"on": "yes"}),
        ("sound-held", {"held": -1, "heard": 0}),
        ("sound-held", {"held": 1e9, "heard": 0}),
        ("sound-held", {"held": 0}),
    ):
        with pytest.raises(LocalError, match="is wrong"):
            pair.says(verb, **values)
