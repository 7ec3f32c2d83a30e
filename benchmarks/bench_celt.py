"""Speed of CELT 0.5.1, in times of real time: a packet is 5.8 ms of sound.

    python benchmarks/bench_celt.py

Packets are those of ``spec/vectors/celt051``, and what is encoded is the sound that they are decoded to. Time is that of the
thread's processor; medians of rounds.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from spiceproto.codecs import celt051, tier  # noqa: E402

FOLDER: Final = ROOT / "spec" / "vectors" / "celt051"
REAL_TIME: Final = celt051.FRAME / celt051.RATE
ROUNDS: Final = {"interpreted": 1, "compiled": 30}


def packet_seconds(action: Callable[[], object], packets: int, rounds: int) -> float:
    action()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        action()
        times.append((time.thread_time() - start) / packets)
    return statistics.median(times)


def shown(way: str, seconds: float) -> str:
    return f"{way} {seconds * 1e6:7.0f} us {REAL_TIME / seconds:6.1f} times real time"


def encode(sound: NDArray[np.int16], size: int) -> object:
    encoder = celt051.Encoder(size)
    return [encoder.encode(part) for part in sound.reshape(-1, celt051.FRAME, celt051.CHANNELS)]


def main() -> None:
    tiers: tuple[tier.Tier, ...] = ("compiled", "interpreted")
    for which in tiers:
        for sound in json.loads((FOLDER / "index.json").read_text())["sounds"]:
            size = sound["packet_bytes"]
            data = (FOLDER / f"{sound['name']}.celt").read_bytes()
            packets = [data[at : at + size] for at in range(0, len(data), size)]

            def decode(packets: list[bytes] = packets) -> NDArray[np.int16]:
                decoder = celt051.Decoder()
                return np.concatenate([decoder.decode(packet) for packet in packets])

            with tier.forced(which):
                seconds = packet_seconds(decode, len(packets), ROUNDS[which])
                again = packet_seconds(partial(encode, decode(), size), len(packets), ROUNDS[which])
            print(f"{which:12} {sound['name']:18} {shown('decode', seconds)}   {shown('encode', again)}")


if __name__ == "__main__":
    main()
