"""Video streams of a server: a film is played, and a client hears of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_server import GUESTS, Guest
from reference_server.guest.image import NO_MASK, draw_copy, image, put
from reference_server.guests.video import RATE, card, film, place
from reference_server.tests.memory import Line, Wire, serve
from spiceproto.canvas.display import Display
from spiceproto.capabilities import NONE
from spiceproto.codecs.video import decoder
from spiceproto.enums.capabilities import DisplayCapability, PlaybackCapability
from spiceproto.enums.display import ClipType, VideoCodecType
from spiceproto.enums.image import BitmapFmt
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main, playback
from spiceproto.messages.draw import Clip, ClipRects, Invers
from spiceproto.messages.geometry import Point, Rect

SIZE = (160, 120)
ALL = (
    DisplayCapability.MONITORS_CONFIG,
    DisplayCapability.SIZED_STREAM,
    DisplayCapability.STREAM_REPORT,
    DisplayCapability.MULTI_CODEC,
    DisplayCapability.CODEC_MJPEG,
    DisplayCapability.CODEC_VP8,
    DisplayCapability.CODEC_H264,
)
_SPACE = b"\x39"
_OTHER = b"\x1e"


class Cinema:
    """A server with a film, and a client that has linked main and the first display."""

    def __init__(self, mode: str = "all", announced: Iterable[Any] = ALL, *, guest: str = "video", **options: Any) -> None:
        self.guest = Guest(size=SIZE)
        GUESTS[guest](self.guest, options.get("displays", 1))
        self.wire: Wire = serve(self.guest, streaming_video=mode, **({"ack_window": 1000} | options))
        self.main, self.init = self.wire.main()
        self.line: Line = self.wire.display(own=NONE.with_(*announced))
        self.canvas = Display()
        self.seen: list[Any] = []

    def wait(self, seconds: float) -> list[Any]:
        """What comes meanwhile on the display channel."""
        self.wire.wait(seconds)
        found = self.line.read()
        for value in found:
            self.canvas.draw(value)
        self.seen += found
        return found

    def until(self, kind: type) -> Any:
        """The first message of this class that comes."""
        for _ in range(200):
            for value in self.wait(1 / RATE):
                if isinstance(value, kind):
                    return value
        raise AssertionError(f"no {kind.__name__} has come")

    def key(self, code: bytes) -> None:
        self.guest.keyboard.key(code, True)

    def shown(self) -> Any:
        return self.canvas.picture()

    def own(self) -> Any:
        return self.guest.screens[0].picture[..., 2::-1]

    def likeness(self) -> float:
        """PSNR in dB."""
        error = float(((self.shown().astype(float) - self.own().astype(float)) ** 2).mean())
        return 99.0 if not error else 10 * np.log10(255**2 / error)


def kinds(values: Iterable[Any]) -> list[str]:
    """Class names, each once where it comes several times in a row."""
    return [name for name, _ in itertools.groupby([type(value).__name__ for value in values])]


@pytest.mark.parametrize("mode", ["all", "filter"])
def test_a_film_becomes_a_stream(mode: str) -> None:
    cinema = Cinema(mode)
    create = cinema.until(display.StreamCreate)
    assert create.dest == place(*SIZE)
    assert (create.stream_width, create.stream_height) == (120, 90)
    assert create.codec_type == VideoCodecType.MJPEG
    found = cinema.wait(1)
    assert kinds(found) == ["StreamData"]
    assert len(found) == RATE
    assert 30 < cinema.likeness() < 99


def test_without_streaming_pictures_come() -> None:
    cinema = Cinema("off")
    assert kinds(cinema.wait(3))[-1] == "DrawCopy"
    assert "StreamCreate" not in kinds(cinema.seen)
    assert cinema.likeness() == 99


def test_what_is_small_or_has_sharp_colours_is_none_in_mode_filter() -> None:
    cinema = Cinema("filter", guest="chart")
    noise = np.random.default_rng(1).integers(0, 256, (110, 110, 4), np.uint8)
    soft = film(0, 90, 90)
    for number in range(60):
        cinema.guest.screens[0].push(draw_copy(noise, 0, 0, number))
        cinema.guest.screens[0].push(draw_copy(soft, 30, 20, number))
        cinema.wait(1 / RATE)
    assert "StreamCreate" not in kinds(cinema.seen)


def test_the_end_is_followed_by_the_area_without_loss() -> None:
    cinema = Cinema()
    cinema.until(display.StreamCreate)
    cinema.wait(0.5)
    cinema.key(_SPACE)
    assert cinema.wait(0.9) == []
    found = cinema.wait(0.2)
    assert kinds(found) == ["StreamDestroy", "DrawCopy"]
    assert cinema.likeness() == 99
    cinema.key(_SPACE)
    assert cinema.until(display.StreamCreate).id == found[0].id


def test_the_clock_of_frames() -> None:
    cinema = Cinema()
    cinema.until(display.StreamCreate)
    times = [value.base.multi_media_time for value in cinema.wait(1)]
    assert {later - earlier for earlier, later in itertools.pairwise(times)} <= {39, 40, 41}
    assert times[-1] == pytest.approx(cinema.wire.now * 1000, abs=41)
    assert cinema.init.multi_media_time == 2**32 - 400


def test_a_card_in_front() -> None:
    cinema = Cinema()
    cinema.until(display.StreamCreate)
    cinema.wait(0.2)
    cinema.key(_OTHER)
    clip, drawn = cinema.line.read()
    assert isinstance(clip, display.StreamClip) and clip.clip.type == ClipType.RECTS and clip.clip.rects is not None
    front = card(*SIZE)
    assert drawn.base.box == front
    assert all(rect.bottom <= front.top or rect.right <= front.left for rect in clip.clip.rects.rects)
    for value in (clip, drawn):
        cinema.canvas.draw(value)
    assert kinds(cinema.wait(0.5)) == ["StreamData"]
    assert 30 < cinema.likeness() < 99
    cinema.key(_OTHER)
    found = cinema.wait(0.1)
    assert [value.clip.type for value in found if isinstance(value, display.StreamClip)] == [ClipType.NONE]
    assert 30 < cinema.likeness() < 99


def test_a_stream_that_begins_behind_a_card_has_a_clip() -> None:
    cinema = Cinema()
    cinema.key(_OTHER)
    assert cinema.until(display.StreamCreate).clip.type == ClipType.RECTS
    cinema.wait(0.2)
    assert 30 < cinema.likeness() < 99


def test_what_takes_pixels_from_a_stream_comes_as_a_picture() -> None:
    cinema = Cinema()
    cinema.until(display.StreamCreate)
    cinema.wait(0.2)
    cinema.key(_SPACE)
    box = place(*SIZE)
    corner = Rect(top=0, left=0, bottom=10, right=10)
    base = msgspec.structs.replace(draw_copy(film(0, 1, 1), 0, 0, 1).base, box=corner)
    cinema.guest.screens[0].push(display.CopyBits(base, Point(box.left + 5, box.top + 5)))
    inverted = display.DrawInvers(msgspec.structs.replace(base, box=box), Invers(NO_MASK))
    cinema.guest.screens[0].push(inverted)
    found = cinema.line.read()
    assert [type(value).__name__ for value in found] == ["DrawCopy", "StreamClip", "DrawCopy"]
    assert found[1].clip == Clip(ClipType.RECTS, ClipRects(()))
    for value in found:
        cinema.canvas.draw(value)
    assert cinema.likeness() == 99


def _larger(announced: Iterable[Any]) -> tuple[Cinema, list[Any]]:
    """A picture around a stream is drawn."""
    cinema = Cinema(announced=announced)
    cinema.until(display.StreamCreate)
    cinema.key(_SPACE)
    cinema.wait(0.1)
    cinema.guest.screens[0].push(draw_copy(film(0, 140, 100), 10, 10, 1))
    found = cinema.line.read()
    for value in found:
        cinema.canvas.draw(value)
    return cinema, found


def test_a_larger_picture_is_a_sized_frame() -> None:
    cinema, (frame,) = _larger(ALL)
    assert isinstance(frame, display.StreamDataSized)
    assert (frame.width, frame.height, frame.dest) == (140, 100, Rect(top=10, left=10, bottom=110, right=150))
    assert 30 < cinema.likeness() < 99
    cinema.wait(2)
    assert cinema.likeness() == 99


def test_without_sized_streams_another_one_begins() -> None:
    cinema, found = _larger(item for item in ALL if item != DisplayCapability.SIZED_STREAM)
    assert [type(value).__name__ for value in found] == [
        "StreamDestroy",
        "StreamCreate",
        "StreamActivateReport",
        "StreamData",
    ]
    assert found[1].dest == Rect(top=10, left=10, bottom=110, right=150)
    assert 30 < cinema.likeness() < 99


MULTI = DisplayCapability.MULTI_CODEC
MJPEG, VP8, H264 = DisplayCapability.CODEC_MJPEG, DisplayCapability.CODEC_VP8, DisplayCapability.CODEC_H264


@pytest.mark.parametrize(
    ("announced", "preferred", "codec"),
    [
        ((), (), VideoCodecType.MJPEG),
        ((), (2,), VideoCodecType.MJPEG),
        ((MULTI, MJPEG, VP8), (), VideoCodecType.MJPEG),
        ((MULTI, MJPEG, VP8), (99, 2, 1), VideoCodecType.VP8),
        ((MULTI, MJPEG, VP8), (4, 5, 2), VideoCodecType.VP8),
        ((MULTI, VP8), (), VideoCodecType.VP8),
        ((MULTI, H264), (2, 1), VideoCodecType.H264),
    ],
)
def test_the_codec(announced: tuple[Any, ...], preferred: tuple[int, ...], codec: VideoCodecType) -> None:
    if codec != VideoCodecType.MJPEG:
        pytest.importorskip("av")
    cinema = Cinema(announced=announced)
    if preferred:
        cinema.line.send(display.PreferredVideoCodecType(preferred))
    create = cinema.until(display.StreamCreate)
    assert create.codec_type == codec
    pictures = decoder(codec)
    frames = [value.data for value in cinema.seen + cinema.wait(0.5) if isinstance(value, display.StreamData)]
    assert all(picture.shape == (90, 120) for frame in frames for picture in pictures.decode(frame))
    assert 25 < cinema.likeness() < 99


def test_without_a_codec_pictures_come() -> None:
    cinema = Cinema(announced=(MULTI,))
    cinema.wait(3)
    assert "StreamCreate" not in kinds(cinema.seen)
    assert cinema.likeness() == 99


def report(stream: int, unique: int, *, frames: int = 5, drops: int = 0, delay: int = 100) -> display.StreamReport:
    return display.StreamReport(
        stream_id=stream,
        unique_id=unique,
        start_frame_mm_time=0,
        end_frame_mm_time=0,
        num_frames=frames,
        num_drops=drops,
        last_frame_delay=delay,
        audio_delay=0xFFFFFFFF,
    )


def _bytes(values: Iterable[Any]) -> int:
    return sum(len(value.data) for value in values if isinstance(value, display.StreamData))


def test_reports_make_frames_smaller_and_fewer() -> None:
    cinema = Cinema()
    asked = cinema.until(display.StreamActivateReport)
    assert (asked.max_window_size, asked.timeout_ms) == (5, 1000)
    before = cinema.wait(1)
    for _ in range(3):
        cinema.line.send(report(asked.stream_id, asked.unique_id + 1, drops=5))
    same = cinema.wait(1)
    assert len(same) == len(before) and _bytes(same) == pytest.approx(_bytes(before), rel=0.1)
    for _ in range(3):
        cinema.line.send(report(asked.stream_id, asked.unique_id, drops=5))
    smaller = cinema.wait(1)
    assert len(smaller) == len(before) and _bytes(smaller) < 0.9 * _bytes(before)
    for _ in range(3):
        cinema.line.send(report(asked.stream_id, asked.unique_id, drops=5))
    assert len(cinema.wait(1)) < len(before) / 2


def test_frames_that_come_too_late_set_the_clock_back() -> None:
    cinema = Cinema()
    talks = cinema.wire.link(ChannelType.PLAYBACK, own=NONE.with_(PlaybackCapability.LATENCY))
    asked = cinema.until(display.StreamActivateReport)
    cinema.main.read()
    cinema.line.send(report(asked.stream_id, asked.unique_id, drops=1, delay=-50))
    (told,) = [value for value in cinema.main.read() if isinstance(value, main.MultiMediaTime)]
    assert told.time == int(cinema.wire.now * 1000) - 550 & 0xFFFFFFFF
    cinema.guest.speaker.play(lambda frame, count, frequency: np.zeros((count, 2), np.int16))
    assert [value for value in talks.read() if isinstance(value, playback.Latency)] == [playback.Latency(550)]


def test_a_client_that_can_not_decode_gets_another_codec_or_pictures() -> None:
    cinema = Cinema(announced=(MULTI, MJPEG, VP8))
    pytest.importorskip("av")
    first = cinema.until(display.StreamCreate)
    cinema.line.send(report(first.id, 0, frames=0, drops=0xFFFFFFFF))
    assert kinds(cinema.wait(0.2))[:2] == ["StreamDestroy", "DrawCopy"]
    second = cinema.until(display.StreamCreate)
    assert (first.codec_type, second.codec_type) == (VideoCodecType.MJPEG, VideoCodecType.VP8)
    cinema.line.send(report(second.id, 0, frames=0, drops=0xFFFFFFFF))
    assert "StreamCreate" not in kinds(cinema.wait(3))
    assert cinema.likeness() == 99


def test_the_mode_can_be_changed() -> None:
    cinema = Cinema("off")
    cinema.wait(2)
    cinema.wire.server.streaming.set("all")
    cinema.until(display.StreamCreate)
    cinema.wire.server.streaming.set("off")
    cinema.wire.collect()
    assert kinds(cinema.wait(0.02))[-2:] == ["StreamDestroy", "DrawCopy"]
    assert cinema.likeness() == 99
    with pytest.raises(ValueError, match="sometimes"):
        cinema.wire.server.streaming.set("sometimes")


def test_another_surface_ends_all_streams() -> None:
    cinema = Cinema()
    first = cinema.until(display.StreamCreate)
    cinema.key(_SPACE)
    cinema.guest.screens[0].resize(200, 150)
    found = cinema.wait(0.1)
    assert kinds(found)[:3] == ["StreamDestroyAll", "SurfaceDestroy", "SurfaceCreate"]
    cinema.key(_SPACE)
    assert cinema.until(display.StreamCreate).id == first.id
    cinema.wait(0.2)
    assert 30 < cinema.likeness() < 99


def test_a_slow_client_gets_fewer_frames_and_holds_nobody_up() -> None:
    cinema = Cinema(ack_window=8, multi_client=True)
    other = cinema.wire.link(ChannelType.MAIN)
    cinema.wire.session_id = next(value.session_id for value in other.read() if isinstance(value, main.Init))
    fast = cinema.wire.display(own=NONE.with_(*ALL))
    for _ in range(30):
        cinema.wire.wait(1 / RATE)
        fast.read()
    cinema.wait(1 / RATE)
    cinema.wire.wait(2)
    frames = [value for value in fast.read() if isinstance(value, display.StreamData)]
    late = cinema.line.read()
    waited = [value for value in late if isinstance(value, display.StreamData)]
    assert len(frames) >= 8
    assert len(waited) <= 2 * 8
    cinema.wire.wait(1 / RATE)
    after = [value for value in cinema.line.read() if isinstance(value, display.StreamData)]
    assert after and cinema.wire.now * 1000 - after[-1].base.multi_media_time < 2000 / RATE


def test_too_much_waits() -> None:
    """Pictures take the place of all that waits, and no stream that the client knows is left."""
    cinema = Cinema(ack_window=8)
    cinema.until(display.StreamCreate)
    cinema.wire.wait(2)  # nothing is acknowledged
    screen = cinema.guest.screens[0]
    for number in range(1200):
        screen.push(draw_copy(film(0, 2, 2), number % 80 * 2, number // 80 * 2, number))
    seen: list[Any] = []
    for _ in range(40):
        seen += cinema.wait(1 / RATE)
        if any(isinstance(value, display.Mark) for value in seen):
            break
    names = kinds(seen)
    assert names.index("StreamDestroy") < names.index("Mark")
    assert len(seen) < 200


def test_each_display_has_streams_of_its_own() -> None:
    cinema = Cinema(displays=2)
    other = cinema.wire.display(1, own=NONE.with_(*ALL))
    for _ in range(50):
        cinema.wire.wait(1 / RATE)
        cinema.line.read()
        other.read()
    first = [value for value in cinema.line.values if isinstance(value, display.StreamData)]
    second = [value for value in other.values if isinstance(value, display.StreamData)]
    assert len(first) > 20 and len(second) > 20
    assert first[-1].data != second[-1].data


def test_pictures_with_sixteen_bits_and_scaled_ones_are_frames() -> None:
    cinema = Cinema(guest="chart")
    small = np.full((48, 48), 0x7C1F, np.uint16)
    command = put(image(small, BitmapFmt._16BIT), 10, 10)
    box = Rect(top=10, left=10, bottom=106, right=106)
    command = msgspec.structs.replace(command, base=msgspec.structs.replace(command.base, box=box))
    for _ in range(25):
        cinema.guest.screens[0].push(command)
        cinema.wait(1 / RATE)
    create = next(value for value in cinema.seen if isinstance(value, display.StreamCreate))
    assert (create.stream_width, create.stream_height, create.dest) == (48, 48, box)
    assert cinema.likeness() > 30


def test_a_size_that_a_codec_can_not_have_is_for_the_next_one() -> None:
    pytest.importorskip("av")
    cinema = Cinema(announced=(MULTI, MJPEG, H264), guest="chart")
    cinema.line.send(display.PreferredVideoCodecType((3, 1)))
    for number in range(25):
        cinema.guest.screens[0].push(draw_copy(film(number, 121, 91), 3, 3, number))
        cinema.wait(1 / RATE)
    create = next(value for value in cinema.seen if isinstance(value, display.StreamCreate))
    assert (create.codec_type, create.stream_width) == (VideoCodecType.MJPEG, 121)
    assert cinema.likeness() > 30
