"""The reference client while video plays: processor time of a frame, and how much faster than real time. Nothing here can fail.

    python benchmarks/bench_video.py [--size 1920x1080] [--rate 30] [--frames N] [--codec NAMES]

A server in memory sends frames of a photograph that moves, and the client decodes and shows each at its time: framing, the
decoder, and drawing on the surface. *scaled* has frames of half the size. Behind it what a frame costs that is recorded as well
(``--record-video``): the picture for the film, and its H.264.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pictures import photo

from reference_client import Client, Options
from reference_client.tests.scripted import session
from spiceproto import mp4
from spiceproto.codecs import jpeg, video
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import display
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect

_QUALITIES = (20, 50, 80)
"""Between which libspice-server's MJPEG moves."""

_CLOCK = 1000


def _film(width: int, height: int, count: int) -> list[NDArray[np.uint32]]:
    """The photograph, moved by 4 pixels each time."""
    whole = photo(width + 4 * count, height)
    return [np.ascontiguousarray(whole[:, 4 * place : 4 * place + width]) for place in range(count)]


def _shown(codec: VideoCodecType, frames: list[bytes], size: tuple[int, int], screen: tuple[int, int], rate: float) -> float:
    """Processor time of a frame in seconds."""
    server = session(Client(Options(canvas=True, damage=True)), clock=_CLOCK)
    line = server.line(ChannelType.DISPLAY)
    surface = display.SurfaceCreate(
        surface_id=0, width=screen[0], height=screen[1], format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
    )
    create = display.StreamCreate(
        surface_id=0,
        id=1,
        flags=StreamFlags.TOP_DOWN,
        codec_type=codec,
        stamp=0,
        stream_width=size[0],
        stream_height=size[1],
        src_width=size[0],
        src_height=size[1],
        dest=Rect(top=0, left=0, bottom=screen[1], right=screen[0]),
        clip=Clip(ClipType.NONE),
    )
    line.send(surface, display.Mark(), create)
    began = 0.0
    for number, data in enumerate(frames):
        if number == 1:  # the first one imports, and makes the decoder
            began = time.process_time()
        line.send(display.StreamData(display.StreamDataHeader(1, _CLOCK + round(1000 * (number + 1) / rate)), data))
        server.wait(1 / rate)
    server.wait(1.0)
    spent = time.process_time() - began
    stream = server.client.displays[0].canvas.streams[1]  # type: ignore[union-attr]
    assert stream.frames == len(frames), stream.frames
    return spent / (len(frames) - 1)


def _say(what: str, seconds: float, rate: float, size: int = 0) -> None:
    bytes_ = f"{size / 1000:8.0f} kB" if size else " " * 11
    print(
        f"{what:24}{bytes_}{1000 * seconds:9.2f} ms a frame   {1 / seconds / rate:6.1f} times as fast as {rate:g}/s", flush=True
    )


def _each(count: int, act: Callable[[int], object]) -> float:
    act(0)
    began = time.process_time()
    for number in range(1, count):
        act(number)
    return (time.process_time() - began) / (count - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1920x1080", help="of the screen and the frames")
    parser.add_argument("--rate", type=float, default=30.0, help="frames a second that are compared with")
    parser.add_argument("--frames", type=int, default=30, help="of each film")
    parser.add_argument("--codec", default="mjpeg,vp8,h264,vp9", help="names with commas between")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    film = _film(width, height, options.frames)
    for name in options.codec.split(","):
        codec = VideoCodecType[name.upper()]
        if codec == VideoCodecType.MJPEG:
            for quality in _QUALITIES:
                frames = [jpeg.encode(picture, quality, fast=True) for picture in film]
                seconds = _shown(codec, frames, (width, height), (width, height), options.rate)
                _say(f"mjpeg quality {quality}", seconds, options.rate, sum(map(len, frames)) // len(frames))
            small = [jpeg.encode(np.ascontiguousarray(picture[::2, ::2]), 50, fast=True) for picture in film]
            seconds = _shown(codec, small, (width // 2, height // 2), (width, height), options.rate)
            _say("mjpeg scaled", seconds, options.rate, sum(map(len, small)) // len(small))
            continue
        try:
            encoder = video.encoder(codec, width, height, bit_rate=8_000_000, fps=round(options.rate))
        except LocalError as error:
            print(f"{name}: {error}")
            continue
        frames = [encoder.encode(picture) for picture in film]
        seconds = _shown(codec, frames, (width, height), (width, height), options.rate)
        _say(name, seconds, options.rate, sum(map(len, frames)) // len(frames))
    with tempfile.TemporaryDirectory() as folder:
        try:
            writer = mp4.Writer(Path(folder) / "film.mp4")
        except LocalError as error:
            print(f"a recording: {error}")
            return
        pictures = [np.stack([each >> shift & 255 for shift in (16, 8, 0)], axis=2).astype(np.uint8) for each in film]
        _say("to record it", _each(len(film), lambda number: writer.add(pictures[number], number / options.rate)), options.rate)
        writer.close()


if __name__ == "__main__":
    main()
