"""Speed of the image codecs: MPix/s by codec, size and kind of picture, and beside a reference library in the same run.

    python benchmarks/bench_codecs.py
    python benchmarks/bench_codecs.py --codec quic --size 256x256 --reference libref.so

Pictures are made here, the same in every run: *desktop* (windows, text, a photo), *text*, *gradient* (smooth), *photo*
(blobs and grain), *noise* (worst case), *solid* (best case). Two more lines tell how two threads share two processors,
and how long a fresh process takes that decodes one 256x256 picture, in each kernel tier.

The reference is any shared library that exports, as thin wrappers of the C codecs,

    int c_quic_enc(int type, int w, int h, uint8_t *px, int stride, uint32_t *out, int n_words)   words written
    int c_quic_dec(uint32_t *in, int n_words, int out_type, uint8_t *px, int stride)              0
    int c_lz_enc(int type, int w, int h, uint8_t *px, int stride, uint8_t *out, int n)            bytes written
    int c_lz_dec(uint8_t *in, int n, int out_type, uint8_t *px)                                   0

Calls alternate, so that both sides see the same machine, and the median counts. Ratios above 1: faster than the
reference. Ours include the allocation of the result, the reference's do not. State the reference's compiler flags with
every ratio.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from spiceproto.codecs import glz, lz, quic, tier  # noqa: E402

Picture = NDArray[np.uint32]
SIZES = {"1920x1080": (1920, 1080), "256x256": (256, 256)}


# -- pictures: uint32 (height, width), 0x00RRGGBB ---------------------------------------------------------------------


def packed(red: Any, green: Any, blue: Any) -> Picture:
    red, green, blue = (np.clip(channel, 0, 255).astype(np.uint32) for channel in (red, green, blue))
    return np.ascontiguousarray(red << 16 | green << 8 | blue)


def solid(width: int, height: int) -> Picture:
    return np.full((height, width), 0x3A6EA5, np.uint32)


def noise(width: int, height: int) -> Picture:
    return np.random.default_rng(7).integers(0, 1 << 24, (height, width), np.uint32)


def gradient(width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width]
    return packed(x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))


def photo(width: int, height: int) -> Picture:
    """Blobs of 8 to 64 pixels, blended, with grain: what predicts fairly well and never repeats."""
    dice = np.random.default_rng(7)
    channels = []
    common = np.zeros((height, width))
    for step, weight in ((64, 60), (24, 35), (8, 10)):
        coarse = dice.normal(0, weight, (height // step + 3, width // step + 3))
        y, x = np.arange(height) / step, np.arange(width) / step
        j, i = y.astype(int), x.astype(int)
        v, u = (y - j)[:, None], (x - i)[None, :]
        top = coarse[j][:, i] * (1 - u) + coarse[j][:, i + 1] * u
        bottom = coarse[j + 1][:, i] * (1 - u) + coarse[j + 1][:, i + 1] * u
        common += top * (1 - v) + bottom * v
    for shade in (140, 120, 100):
        channels.append(shade + common + dice.normal(0, 3, (height, width)))
    return packed(*channels)


def write_text(picture: Picture, left: int, top: int, right: int, bottom: int, dice: np.random.Generator) -> None:
    """Lines of 7x11 glyphs with grey edges, of an alphabet of 40 random shapes; words of a few letters."""
    shapes = dice.random((40, 11, 7))
    ink = np.where(shapes > 0.62, 1.0, np.where(shapes > 0.55, 0.5, 0.0))
    ink[:, :, 6] = 0
    ink[0] = 0
    for y in range(top, bottom - 11, 17):
        colour = dice.integers(20, 90, 3)
        letters = dice.integers(0, 40, max((right - left) // 7 - int(dice.integers(0, 30)), 1))
        letters[dice.random(len(letters)) < 0.2] = 0
        row = np.hstack(list(ink[letters]))[:, : right - left]
        there = picture[y : y + 11, left : left + row.shape[1]]
        shades = [
            (there >> shift & 255) * (1 - row) + int(c) * row for shift, c in zip((16, 8, 0), colour, strict=True)
        ]
        there[:] = packed(*shades)


def text(width: int, height: int) -> Picture:
    picture = np.full((height, width), 0xF6F6F6, np.uint32)
    write_text(picture, 6, 4, width, height, np.random.default_rng(7))
    return picture


def desktop(width: int, height: int) -> Picture:
    dice = np.random.default_rng(7)
    picture: Picture = ((gradient(width, height) >> 2 & 0x3F3F3F) + 0x282828).astype(np.uint32)
    picture[height - height // 27 :] = 0x2D2D30
    for _ in range(max(width // 200, 2)):
        w, h = int(dice.integers(width // 5, width // 2)), int(dice.integers(height // 5, height // 2))
        x, y = int(dice.integers(0, width - w)), int(dice.integers(0, height - h))
        picture[y : y + h, x : x + w] = 0xF6F6F6
        picture[y : y + 22, x : x + w] = 0x3C6EB4
        write_text(picture, x + 8, y + 26, x + w, y + h, dice)
    w, h = width // 4, height // 4
    picture[height // 16 : height // 16 + h, width - w - width // 20 :][:, :w] = photo(w, h)
    return picture


KINDS: dict[str, Callable[[int, int], Picture]] = {
    kind.__name__: kind for kind in (desktop, text, gradient, photo, noise, solid)
}
REALISTIC = ("desktop", "text", "gradient", "photo")


# -- codecs -----------------------------------------------------------------------------------------------------------


class Codec(NamedTuple):
    """A row of the table. The reference's half takes the library, and is None where no such function is agreed on."""

    encode: Callable[[Picture], bytes]
    decode: Callable[[bytes], Any]
    reference_encode: Callable[[Any, Picture, NDArray[np.uint8]], int] | None = None
    reference_decode: Callable[[Any, NDArray[np.uint8], int, Picture], int] | None = None


def quic_reference_encode(library: Any, pixels: Picture, out: NDArray[np.uint8]) -> int:
    height, width = pixels.shape
    return 4 * int(library.c_quic_enc(4, width, height, pixels.ctypes.data, 4 * width, out.ctypes.data, len(out) // 4))


def quic_reference_decode(library: Any, stream: NDArray[np.uint8], size: int, out: Picture) -> int:
    return int(library.c_quic_dec(stream.ctypes.data, size // 4, 4, out.ctypes.data, 4 * out.shape[1]))


def lz_reference_encode(library: Any, pixels: Picture, out: NDArray[np.uint8]) -> int:
    height, width = pixels.shape
    return int(library.c_lz_enc(8, width, height, pixels.ctypes.data, 4 * width, out.ctypes.data, len(out)))


def lz_reference_decode(library: Any, stream: NDArray[np.uint8], size: int, out: Picture) -> int:
    return int(library.c_lz_dec(stream.ctypes.data, size, 8, out.ctypes.data))


CODECS = {
    "quic": Codec(
        lambda pixels: quic.encode(pixels, quic.QuicImageType.RGB32),
        quic.decode,
        quic_reference_encode,
        quic_reference_decode,
    ),
    "lz": Codec(
        lambda pixels: lz.encode(pixels, lz.LzImageType.RGB32),
        lz.decode,
        lz_reference_encode,
        lz_reference_decode,
    ),
    # One picture in an empty dictionary; sequences, where GLZ earns its keep, are no row of this table.
    "glz": Codec(
        lambda pixels: glz.encode(pixels, lz.LzImageType.RGB32, glz.Dictionary()),
        lambda stream: glz.decode(stream, glz.Window()),
    ),
}


def load_reference(path: str) -> Any:
    library = ctypes.CDLL(os.path.abspath(path))
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, arguments in (
        ("c_quic_enc", [number, number, number, pointer, number, pointer, number]),
        ("c_quic_dec", [pointer, number, number, pointer, number]),
        ("c_lz_enc", [number, number, number, pointer, number, pointer, number]),
        ("c_lz_dec", [pointer, number, number, pointer]),
    ):
        getattr(library, name).argtypes = arguments
    return library


# -- measuring --------------------------------------------------------------------------------------------------------


def interleaved(actions: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Median seconds of each action, called in turns for about that long."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[next(iter(times))]) < 5:
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def geometric_mean(values: list[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


def bench(name: str, sizes: list[str], kinds: list[str], seconds: float, library: Any) -> None:
    codec = CODECS[name]
    ratios: dict[str, list[float]] = {"encode": [], "decode": []}
    for size in sizes:
        for kind in kinds:
            pixels = KINDS[kind](*SIZES[size])
            millions = pixels.size / 1e6
            stream = codec.encode(pixels)
            if not np.array_equal(codec.decode(stream), pixels):
                sys.exit(f"{name} {kind} {size}: decoding does not give the picture back")
            actions: dict[str, Callable[[], object]] = {
                "encode": partial(codec.encode, pixels),
                "decode": partial(codec.decode, stream),
            }
            same = ""
            if library and codec.reference_encode and codec.reference_decode:
                out = np.zeros(8 * pixels.size + 4096, np.uint8)
                again = np.zeros_like(pixels)
                length = codec.reference_encode(library, pixels, out)
                same = "  same stream" if out[:length].tobytes() == stream else "  OTHER STREAM"
                data = np.frombuffer(stream, np.uint8)
                actions["reference encode"] = partial(codec.reference_encode, library, pixels, out)
                actions["reference decode"] = partial(codec.reference_decode, library, data, len(data), again)
            median = interleaved(actions, seconds)
            parts = []
            for way in ("encode", "decode"):
                part = f"{way} {millions / median[way]:7.1f} MPix/s"
                if f"reference {way}" in median:
                    ratio = median[f"reference {way}"] / median[way]
                    part += f", reference {millions / median[f'reference {way}']:7.1f}, x{ratio:.2f}"
                    if kind in REALISTIC:
                        ratios[way].append(ratio)
                parts.append(part)
            print(
                f"{name:5}{kind:9}{size:10} {len(stream) / pixels.size:5.2f} B/px  {'  |  '.join(parts)}{same}",
                flush=True,
            )
    for way, values in ratios.items():
        if values:
            mean, least = geometric_mean(values), min(values)
            print(f"{name:5}{way} beside the reference, realistic kinds: x{mean:.2f}, least x{least:.2f}")


def bench_threads(name: str, seconds: float) -> None:
    """How much faster two threads decode eight pictures than one does."""
    codec = CODECS[name]
    streams = [codec.encode(KINDS["photo"](640, 480))] * 8
    with ThreadPoolExecutor(2) as pool:
        median = interleaved(
            {
                "one": lambda: [codec.decode(stream) for stream in streams],
                "two": lambda: list(pool.map(codec.decode, streams)),
            },
            seconds,
        )
    print(f"{name:5}two threads decode x{median['one'] / median['two']:.2f} of one")


def bench_start(name: str) -> None:
    """Whole processes that decode one 256x256 picture; the first of each tier is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stream")
        path.write_bytes(CODECS[name].encode(KINDS["photo"](256, 256)))
        module = {"quic": "quic.decode(data)", "lz": "lz.decode(data)", "glz": "glz.decode(data, glz.Window())"}[name]
        read = f"with open({str(path)!r}, 'rb') as file: data = file.read()"
        code = f"from spiceproto.codecs import {name}\n{read}\n{module}"
        for each in ("interpreted", "compiled"):
            times = []
            for _ in range(6):
                start = time.perf_counter()
                environment = {**os.environ, tier.ENVIRONMENT: each, "PYTHONPATH": str(ROOT)}
                subprocess.run([sys.executable, "-c", code], env=environment, check=True)
                times.append(time.perf_counter() - start)
            print(f"{name:5}start, decode 256x256, exit, {each}: {statistics.median(times[1:]):.2f} s")


def chosen(text: str | None, known: dict[str, Any]) -> Iterator[str]:
    for name in text.split(",") if text else known:
        if name not in known:
            sys.exit(f"unknown: {name}; there are {', '.join(known)}")
        yield name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codec", help="names with commas between: quic,lz,glz")
    parser.add_argument("--size", help="1920x1080,256x256")
    parser.add_argument("--kind", help=",".join(KINDS))
    parser.add_argument("--seconds", type=float, default=1.0, help="for each line (default 1)")
    parser.add_argument("--reference", metavar="LIB.so")
    parser.add_argument("--no-extra", action="store_true", help="leave out threads and start-up")
    options = parser.parse_args()
    library = load_reference(options.reference) if options.reference else None
    sizes, kinds = list(chosen(options.size, SIZES)), list(chosen(options.kind, KINDS))
    for name in chosen(options.codec, CODECS):
        with tier.forced("compiled"):
            bench(name, sizes, kinds, options.seconds, library)
        if not options.no_extra:
            os.environ[tier.ENVIRONMENT] = "compiled"  # in the pool's threads too
            bench_threads(name, options.seconds)
            bench_start(name)


if __name__ == "__main__":
    main()
