"""Faults of sound (spec/10-sound.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, ServerLine
from spiceproto.capabilities import Capabilities
from spiceproto.codecs import celt051
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import playback, record
from spiceproto.samples import Samples

_STRETCH = bytes(1920)
_LONG = 0.0200001


def _silence(frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
    return np.zeros((count, channels), np.int16)


def _linked(make: Make, kind: ChannelType, *bits: RecordCapability, **more: Any) -> tuple[ScriptedServer, ServerLine]:
    key = (int(kind), 0)
    known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {key: COMMON.with_(*bits)}
    options: dict[str, Any] = {"play": lambda *stretch: None, "say": _silence}
    server = ScriptedServer(make(**(options | more)), channels=known)
    server.init()
    server.listing(*LISTED, key)
    return server, server.lines[key]


def _goes_on(make: Make) -> bool:
    """Everything that a client has to live with on playback."""
    server, line = _linked(make, ChannelType.PLAYBACK)
    start = playback.Start(channels=2, format=AudioFmt.S16, frequency=48000, time=0)
    odd = playback.Start(channels=0, format=AudioFmt.S16, frequency=48000, time=0)
    mode, data = playback.Mode(0, AudioDataMode.RAW, b""), playback.Data(0, _STRETCH)
    line.send(data, mode, start, data, playback.Data(0, b"123"), mode, data, playback.Stop(), data)
    line.send(odd, data, playback.Stop(), playback.Volume((7,)))
    early = playback.Data(0xFFFFFFF0, _STRETCH)
    line.send(
        playback.Mode(0, AudioDataMode.RAW, b"more"), playback.Stop(), start, start, early, playback.Mute(1), playback.Stop()
    )
    return alive(server)


def _ask(channels: int = 2, frequency: int = 48000) -> record.Start:
    return record.Start(channels=channels, format=AudioFmt.S16, frequency=frequency)


def _speaks(make: Make) -> bool:
    """A guest listens twice: what the client says is in order and whole, and nothing before, between and behind it."""
    server, line = _linked(make, ChannelType.RECORD)
    silent = line.take() == []
    in_order = True
    for _ in range(2):
        line.send(_ask())
        server.wait(_LONG)
        said = line.take()
        in_order &= [type(value) for value in said] == [record.Mode, record.StartMark, record.Data, record.Data]
        in_order &= all(len(value.data) == len(_STRETCH) for value in said[2:])
        line.send(record.Stop())
        server.wait(_LONG)
        silent &= line.take() == []
    return silent and in_order and alive(server)


def _lives_with_odd_requests(make: Make) -> bool:
    server, line = _linked(make, ChannelType.RECORD)
    line.send(_ask(0), record.Stop(), _ask(2, 0), record.Stop())
    return alive(server)


def _no_opus_for_44100(make: Make) -> bool:
    server, line = _linked(make, ChannelType.RECORD)
    asked = _ask(2, 44100)
    line.send(asked)
    server.wait(_LONG)
    samples = Samples((int(ChannelType.RECORD), 0))
    names: dict[type, str] = {record.Mode: "MODE", record.Data: "DATA"}
    said: list[tuple[str, Any]] = [("START", asked), *[(names.get(type(value), ""), value) for value in line.take()]]
    return not [finding for name, value in said for finding in samples.judge("client", name, value, 0.0)]


def _plays_what_was_sent(make: Make) -> bool:
    """Samples of two frequencies, with the sides apart, and a packet of CELT, which is no whole number of frames."""
    heard: list[tuple[int, list[list[int]]]] = []

    def play(time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        heard.append((frequency, samples[:2].tolist()))

    server, line = _linked(make, ChannelType.PLAYBACK, play=play)
    samples = np.array([[1, 2], [3, 4]], "<i2").tobytes()
    mode, celt = playback.Mode(0, AudioDataMode.RAW, b""), playback.Mode(0, AudioDataMode.CELT_0_5_1, b"")
    packet = celt051.Encoder().encode(np.zeros((256, 2), np.int16))
    for frequency in (48000, 44100):
        start = playback.Start(channels=2, format=AudioFmt.S16, frequency=frequency, time=0)
        line.send(mode, start, playback.Data(0, samples), playback.Stop())
    line.send(celt, start, playback.Data(0, packet), playback.Stop())
    return heard == [(48000, [[1, 2], [3, 4]]), (44100, [[1, 2], [3, 4]]), (44100, [[0, 0], [0, 0]])] and alive(server)


def _says_what_it_hears(make: Make) -> bool:
    """The guest asks for two frequencies: sound is what was heard at each."""

    def say(frame: int, count: int, channels: int, frequency: int) -> NDArray[np.int16]:
        return np.full((count, channels), frequency // 10, np.int16)

    found = []
    for frequency in (48000, 44100):
        server, line = _linked(make, ChannelType.RECORD, say=say)
        line.send(_ask(2, frequency))
        server.wait(_LONG)
        found += [int.from_bytes(value.data[:2], "little") for value in line.take() if isinstance(value, record.Data)]
    return found == [4800, 4800, 4410, 4410]


def _says_packets(make: Make) -> bool:
    """A server with a codec: MODE names it, and what comes are packets of it."""
    server, line = _linked(make, ChannelType.RECORD, RecordCapability.CELT_0_5_1)
    line.send(_ask(2, 44100))
    server.wait(_LONG)
    mode, _, *data = line.take()
    return mode.mode == AudioDataMode.CELT_0_5_1 and {len(value.data) for value in data} == {celt051.PACKET}


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "no-sound-outside": _goes_on,
    "no-broken-sound": _goes_on,
    "one-mode-a-sound": _goes_on,
    "no-odd-formats": _goes_on,
    "two-volumes-or-none": _goes_on,
    "speaks-before-it-is-asked": _speaks,
    "speaks-on-behind-stop": _speaks,
    "no-record-mode": _speaks,
    "no-start-mark": _speaks,
    "opening-once": _speaks,
    "half-a-frame-said": _speaks,
    "no-odd-requests": _lives_with_odd_requests,
    "opus-said-at-44100": _no_opus_for_44100,
    "no-more-than-a-mode": _goes_on,
    "one-sound-at-a-time": _goes_on,
    "no-unexpected-stop": _goes_on,
    "no-odd-times": _goes_on,
    "no-levels-while-it-plays": _goes_on,
    "plays-sides-swapped": _plays_what_was_sent,
    "plays-at-48000": _plays_what_was_sent,
    "plays-no-celt": _plays_what_was_sent,
    "says-at-48000": _says_what_it_hears,
    "says-without-a-packet": _says_packets,
    "says-packets-of-20-ms": _says_packets,
    "says-samples-alone": _says_packets,
}
