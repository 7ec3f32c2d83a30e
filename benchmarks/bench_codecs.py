"""Speed of the image codecs, and beside a reference library in the same run.

    python benchmarks/bench_codecs.py
    python benchmarks/bench_codecs.py --codec quic,lz --size 16,64 --reference libref.so
    SPICEPROTO_BENCH_PICTURES=~/photographs python benchmarks/bench_codecs.py --codec glz --reference libref.so

Pictures are those of ``pictures.py``, the library that of ``reference_codecs.py``. Rows are single pictures by codec (*quic*,
*lz*; *quic16* and *lz16* are RGB16, *quic-rgba* and *lz-rgba* have alpha), size and kind, and sequences for *glz*: each first
with new colours, *new*, and at once again, *known*, when all of it lies in the window. Two lines more tell how two threads
share two processors, and how long a fresh process takes that decodes one 256x256 picture, in each kernel tier.

Time is that of the thread's processor: on a busy machine the clock on the wall says anything. Both sides take turns in rounds
of a few milliseconds, and what is printed is the median of the rounds' ratios. Above 1: faster than the reference. Ours
allocate their result, the reference's do not; calling the reference costs about a microsecond too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from pictures import KINDS, REALISTIC, Picture, cut  # noqa: E402
from reference_codecs import Reference  # noqa: E402

from spiceproto.codecs import glz, lz, quic, tier  # noqa: E402
from spiceproto.codecs.lz import LzImageType  # noqa: E402
from spiceproto.codecs.quic import QuicImageType  # noqa: E402

SIZES: Final = {
    "16": (16, 16),
    "24": (24, 24),
    "32": (32, 32),
    "64": (64, 64),
    "256": (256, 256),
    "1920x1080": (1920, 1080),
}
ROUND: Final = 0.004
"""Seconds that one side of a round takes, if a single call does not take longer."""


class Codec(NamedTuple):
    """A row of the table: the codec's two functions, and the picture in its type."""

    family: str
    type: int
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], NDArray[Any]]
    typed: Callable[[Picture], NDArray[Any]]


def as_rgb16(picture: Picture) -> NDArray[Any]:
    return (picture >> 9 & 0x7C00 | picture >> 6 & 0x3E0 | picture >> 3 & 0x1F).astype(np.uint16)


def as_rgba(picture: Picture) -> NDArray[Any]:
    return picture | (picture << 16 & 0xF0000000)


def as_it_is(picture: Picture) -> NDArray[Any]:
    return picture


CODECS: Final = {
    name: Codec("quic", int(kind), lambda pixels, kind=kind: quic.encode(pixels, kind), quic.decode, typed)
    for name, kind, typed in (
        ("quic", QuicImageType.RGB32, as_it_is),
        ("quic16", QuicImageType.RGB16, as_rgb16),
        ("quic-rgba", QuicImageType.RGBA, as_rgba),
    )
} | {
    name: Codec("lz", int(kind), lambda pixels, kind=kind: lz.encode(pixels, kind), lz.decode, typed)
    for name, kind, typed in (
        ("lz", LzImageType.RGB32, as_it_is),
        ("lz16", LzImageType.RGB16, as_rgb16),
        ("lz-rgba", LzImageType.RGBA, as_rgba),
    )
}


# -- measuring --------------------------------------------------------------------------------------------------------


def seconds_of(action: Callable[[], object], calls: int) -> float:
    start = time.thread_time()
    for _ in range(calls):
        action()
    return (time.thread_time() - start) / calls


def measured(ours: Callable[[], object], theirs: Callable[[], object] | None, rounds: int) -> tuple[float, float | None]:
    """Median seconds of one of our calls, and the median of the rounds' ratios."""
    calls = max(int(ROUND / max(seconds_of(ours, 3), 1e-9)), 1)
    times, ratios = [], []
    for _ in range(rounds):
        times.append(seconds_of(ours, calls))
        if theirs:
            ratios.append(seconds_of(theirs, calls) / times[-1])
    return statistics.median(times), statistics.median(ratios) if ratios else None


def shown(way: str, seconds: float, ratio: float | None, pixels: int) -> str:
    text = f"{way} {seconds * 1e6:9.1f} us {pixels / seconds / 1e6:7.1f} MPix/s"
    return text if ratio is None else f"{text} x{ratio:.2f}"


def geometric_mean(values: list[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


# -- single pictures --------------------------------------------------------------------------------------------------


def bench(name: str, sizes: list[str], kinds: list[str], rounds: int, reference: Reference | None) -> None:
    codec = CODECS[name]
    for size in sizes:
        ratios: dict[str, list[float]] = {"encode": [], "decode": []}
        for kind in kinds:
            pixels = np.ascontiguousarray(codec.typed(KINDS[kind](*SIZES[size])))
            stream = codec.encode(pixels)
            if not np.array_equal(codec.decode(stream), pixels):
                sys.exit(f"{name} {kind} {size}: decoding does not give the picture back")
            theirs: dict[str, Callable[[], object] | None] = {"encode": None, "decode": None}
            same = ""
            if reference:
                out, again = np.zeros(12 * pixels.size + 4096, np.uint8), np.zeros_like(pixels)
                theirs["encode"] = reference.encoder(codec.family, codec.type, pixels, out)
                length = int(str(theirs["encode"]()))
                same = "same stream" if out[:length].tobytes() == stream else "OTHER STREAM"
                data = np.frombuffer(stream, np.uint8)
                theirs["decode"] = reference.decoder(codec.family, codec.type, data, again)
            parts = []
            for way, ours in (("encode", lambda: codec.encode(pixels)), ("decode", lambda: codec.decode(stream))):  # noqa: B023
                seconds, ratio = measured(ours, theirs[way], rounds)
                parts.append(shown(way, seconds, ratio, pixels.size))
                if ratio is not None and kind in REALISTIC:
                    ratios[way].append(ratio)
            print(
                f"{name:10}{kind:12}{size:10}{len(stream) / pixels.size:5.2f} B/px  {'  |  '.join(parts)}  {same}",
                flush=True,
            )
        for way, values in ratios.items():
            if values:
                mean, least = geometric_mean(values), min(values)
                print(f"{name:10}{way} {size} beside the reference, realistic kinds: x{mean:.2f}, least x{least:.2f}")


# -- sequences for GLZ ------------------------------------------------------------------------------------------------


def sequences() -> dict[str, list[Picture]]:
    """Pictures one after the other as a session has them."""
    dice = np.random.default_rng(7)
    desktop = KINDS["desktop"](1920, 1080)
    found = {"scroll desktop": [np.ascontiguousarray(np.roll(desktop, -16 * step, 0)) for step in range(4)]}
    for kind in ("desktop", *(kind for kind in KINDS if kind == "photo" or kind in REALISTIC[5:])):
        whole = desktop if kind == "desktop" else KINDS[kind](800, 600)
        sides = [(int(dice.integers(20, 200)), int(dice.integers(20, 200))) for _ in range(60)]
        found[f"pan {kind}"] = [
            np.ascontiguousarray(whole[4 * step :, 8 * step :][:400, :400]) for step in range(min(12, len(whole) // 16))
        ]
        found[f"rectangles {kind}"] = [cut(whole, *side, 1, seed)[0] for seed, side in enumerate(sides)]
        for size in ("16", "24", "64"):
            found[f"{size} {kind}"] = cut(whole, *SIZES[size], 60)
    return found


WARM_UP: Final = 4
"""Rounds after which a pool has been filled: it is a window and a half, a window twice a sequence, which a round has twice."""


def bench_glz(rounds: int, reference: Reference | None) -> None:
    """All pictures of a sequence, in a dictionary and a window that have been filled before."""
    for name, pictures in sequences().items():
        window = 2 * sum(picture.size for picture in pictures)
        ways = ("encode new", "encode known", "decode new", "decode known", "view new", "view known")
        times: dict[str, list[float]] = {way: [] for way in ways}
        ratios: dict[str, list[float]] = {way: [] for way in ways}
        dictionary, windows = glz.Dictionary(window), {way: glz.Window(window) for way in ("decode", "view")}
        functions = reference.functions if reference and reference.has_glz else None
        encoder, decoder = (functions["c_glz_encoder"](window), functions["c_glz_window"]()) if functions else (None, None)
        out = np.zeros(12 * max(picture.size for picture in pictures) + 4096, np.uint8)
        kept = []  # the reference has pointers to them
        dice = np.random.default_rng(7)
        same = True
        for round in range(rounds + WARM_UP):
            colour = np.uint32(dice.integers(1, 1 << 24))
            images = [picture ^ colour for picture in pictures]
            kept.append(images)
            for again in ("new", "known"):
                start = time.thread_time()
                streams = [glz.encode(image, LzImageType.RGB32, dictionary) for image in images]
                spent = {f"encode {again}": time.thread_time() - start}
                for way, copy in (("decode", True), ("view", False)):
                    start = time.thread_time()
                    for stream in streams:
                        last = glz.decode(stream, windows[way], copy=copy)
                    spent[f"{way} {again}"] = time.thread_time() - start
                    if not np.array_equal(last, images[-1]):
                        sys.exit(f"glz {name}: decoding does not give the picture back")
                theirs: dict[str, float] = {}
                if functions:
                    encode, decode = functions["c_glz_enc"], functions["c_glz_dec"]
                    drawn = [(8, *image.shape[::-1], image.ctypes.data, image.strides[0]) for image in images]
                    room, size = out.ctypes.data, len(out)
                    start = time.thread_time()
                    lengths = [encode(encoder, *picture, room, size) for picture in drawn]
                    theirs["encode"] = time.thread_time() - start
                    same = same and lengths == [len(each) for each in streams] and out[: lengths[-1]].tobytes() == streams[-1]
                    data = [np.frombuffer(stream, np.uint8) for stream in streams]
                    addresses = [each.ctypes.data for each in data]
                    start = time.thread_time()
                    for address in addresses:
                        decode(decoder, address)
                    theirs["decode"] = theirs["view"] = time.thread_time() - start
                if round >= WARM_UP:
                    for way, seconds in spent.items():
                        times[way].append(seconds)
                        if functions:
                            ratios[way].append(theirs[way.split()[0]] / seconds)
        parts = []
        for way in ways:
            text = f"{way} {statistics.median(times[way]) / len(pictures) * 1e6:.1f} us"
            parts.append(f"{text} x{statistics.median(ratios[way]):.2f}" if functions else text)
        said = ("same streams" if same else "OTHER STREAMS") if functions else ""
        print(f"glz       {name:20}{len(pictures)} pictures: {'  |  '.join(parts)}  {said}", flush=True)
        if functions:
            functions["c_glz_encoder_free"](encoder)
            functions["c_glz_window_free"](decoder)


# -- threads and processes --------------------------------------------------------------------------------------------


def interleaved(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds on the wall of each action, called in turns."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def bench_threads(name: str, rounds: int) -> None:
    """How much faster two threads decode eight pictures than one does."""
    codec = CODECS[name]
    streams = [codec.encode(codec.typed(KINDS["photo"](640, 480)))] * 8
    with ThreadPoolExecutor(2) as pool:
        median = interleaved(
            {
                "one": lambda: [codec.decode(stream) for stream in streams],
                "two": lambda: list(pool.map(codec.decode, streams)),
            },
            rounds,
        )
    print(f"{name:10}two threads decode x{median['one'] / median['two']:.2f} of one")


def bench_start(name: str) -> None:
    """Whole processes that decode one 256x256 picture; the first of each tier is not counted."""
    codec = CODECS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stream")
        path.write_bytes(codec.encode(codec.typed(KINDS["photo"](256, 256))))
        read = f"with open({str(path)!r}, 'rb') as file: data = file.read()"
        code = f"from spiceproto.codecs import {codec.family}\n{read}\n{codec.family}.decode(data)"
        for each in ("interpreted", "compiled"):
            times = []
            for _ in range(6):
                start = time.perf_counter()
                environment = {**os.environ, tier.ENVIRONMENT: each, "PYTHONPATH": str(ROOT)}
                subprocess.run([sys.executable, "-c", code], env=environment, check=True)
                times.append(time.perf_counter() - start)
            print(f"{name:10}start, decode 256x256, exit, {each}: {statistics.median(times[1:]):.2f} s")


def chosen(text: str | None, known: list[str]) -> Iterator[str]:
    for name in text.split(",") if text else known:
        if name not in known:
            sys.exit(f"unknown: {name}; there are {', '.join(known)}")
        yield name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codec", help="names with commas between: " + ",".join([*CODECS, "glz"]))
    parser.add_argument("--size", help=",".join(SIZES))
    parser.add_argument("--kind", help=",".join(KINDS))
    parser.add_argument("--rounds", type=int, default=15, help="for each line (default 15)")
    parser.add_argument("--reference", metavar="LIB.so")
    parser.add_argument("--no-extra", action="store_true", help="leave out threads and start-up")
    options = parser.parse_args()
    reference = Reference(options.reference) if options.reference else None
    sizes, kinds = list(chosen(options.size, list(SIZES))), list(chosen(options.kind, list(KINDS)))
    for name in chosen(options.codec, [*CODECS, "glz"]):
        with tier.forced("compiled"):
            if name == "glz":
                bench_glz(min(options.rounds, 7), reference)
                continue
            bench(name, sizes, kinds, options.rounds, reference)
        if not options.no_extra and name in ("quic", "lz"):
            os.environ[tier.ENVIRONMENT] = "compiled"  # in the pool's threads too
            bench_threads(name, options.rounds)
            bench_start(name)


if __name__ == "__main__":
    main()
