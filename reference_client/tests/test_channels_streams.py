"""Video streams: frames are shown by the clock, those that come late are dropped, and the server is told."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from reference_client import Client, Options
from reference_client.channels import display as channels_display
from reference_client.channels import drawing
from reference_client.channels.display import Damaged
from reference_client.channels.streams import StreamBegan, StreamEnded
from reference_client.clock import MultimediaClock
from reference_client.events import NotDrawn
from reference_client.tests.scripted import ScriptedServer, session
from spiceproto.codecs import jpeg, video
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect
from spiceproto.multimedia_time import later
from spiceproto.tests import canvas_messages as make

SIDE = 8
START = 0xFFFFFF00
STREAM, UNIQUE = 3, 77
WINDOW = 5

CREATE = display.StreamCreate(
    surface_id=0,
    id=STREAM,
    flags=StreamFlags.TOP_DOWN,
    codec_type=VideoCodecType.MJPEG,
    stamp=0,
    stream_width=SIDE,
    stream_height=SIDE,
    src_width=SIDE,
    src_height=SIDE,
    dest=Rect(top=0, left=0, bottom=SIDE, right=SIDE),
    clip=Clip(ClipType.NONE),
)
ACTIVATE = display.StreamActivateReport(stream_id=STREAM, unique_id=UNIQUE, max_window_size=WINDOW, timeout_ms=1000)


SCREEN = display.SurfaceCreate(surface_id=0, width=SIDE, height=SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
BLACK = make.fill(CREATE.dest, make.solid(0))


def frame(grey: int, after: int) -> display.StreamData:
    """A frame of one grey, so many ms behind the beginning of the clock."""
    data = jpeg.encode(np.full((SIDE, SIDE), grey * 0x10101, np.uint32))
    return display.StreamData(display.StreamDataHeader(STREAM, START + after & 0xFFFFFFFF), data)


def shown(server: ScriptedServer) -> int:
    """The grey that is shown, to the nearest ten: JPEG is lossy."""
    return round(int(server.client.displays[0].picture()[0, 0, 0]), -1)


def begun(*, canvas: bool = True) -> ScriptedServer:
    """A stream on a screen."""
    server = session(Client(Options(canvas=canvas, damage=canvas)), clock=START)
    server.line(ChannelType.DISPLAY).send(SCREEN, CREATE)
    return server


def reports(server: ScriptedServer) -> list[display.StreamReport]:
    return [value for value in server.line(ChannelType.DISPLAY).got if isinstance(value, display.StreamReport)]


def test_times() -> None:
    assert later(5, 3) == 2 and later(3, 5) == -2 and later(5, 0xFFFFFFFE) == 7 and later(0xFFFFFFFE, 5) == -7
    clock = MultimediaClock()
    clock.set(0xFFFFFFFF, 1.0)
    assert clock.time(1.5) == 499


def test_a_frame_is_shown_when_the_clock_reaches_its_time() -> None:
    server = begun()
    server.line(ChannelType.DISPLAY).send(frame(90, 500), frame(200, 700))
    seen = []
    for _ in range(4):
        server.wait(0.2)
        seen.append(shown(server))
    assert seen == [0, 0, 90, 200]


def test_a_frame_that_is_shown_is_damage() -> None:
    server = begun()
    display_channel = server.client.displays[0]
    display_channel.take_damage()
    server.line(ChannelType.DISPLAY).send(frame(90, 500))
    told = len(server.told(Damaged))
    assert display_channel.take_damage() == ()
    server.wait(0.6)
    assert len(server.told(Damaged)) == told + 1 and display_channel.take_damage() == ((0, 0, SIDE, SIDE),)


def test_a_frame_that_comes_late_is_dropped() -> None:
    server = begun()
    server.wait(1.0)
    server.line(ChannelType.DISPLAY).send(frame(90, 999))
    assert shown(server) == 0 and server.client.displays[0].reports.dropped == 1
    server.line(ChannelType.DISPLAY).send(frame(90, 1000))
    assert shown(server) == 90 and server.client.displays[0].reports.dropped == 1
    assert server.client.state(server.now)["display:0"] == {"frames": 2, "dropped_frames": 1}


def test_the_clock_is_set_back() -> None:
    server = begun()
    server.line(ChannelType.DISPLAY).send(frame(90, 500))
    server.wait(0.4)
    server.main.send(main.MultiMediaTime(START))
    server.wait(0.4)
    assert shown(server) == 0
    server.wait(0.2)
    assert shown(server) == 90


def test_a_report_for_each_window() -> None:
    server = begun(canvas=False)
    line = server.line(ChannelType.DISPLAY)
    line.send(ACTIVATE, *[frame(90, after) for after in range(0, 40 * (WINDOW - 1), 40)])
    assert reports(server) == []
    server.wait(0.5)
    line.send(frame(90, 400))
    (report,) = reports(server)
    wanted = {"stream_id": STREAM, "unique_id": UNIQUE, "num_frames": WINDOW, "num_drops": 1, "last_frame_delay": -100}
    assert {name: getattr(report, name) for name in wanted} == wanted
    assert (report.start_frame_mm_time, report.end_frame_mm_time) == (START, START + 400 & 0xFFFFFFFF)
    line.send(*[frame(90, 900)] * WINDOW)
    assert msgspec.structs.asdict(reports(server)[-1])["num_drops"] == 0 and len(reports(server)) == 2


def test_a_report_when_the_time_has_passed() -> None:
    server = begun(canvas=False)
    server.line(ChannelType.DISPLAY).send(ACTIVATE)
    server.wait(1.5)
    assert reports(server) == []
    server.line(ChannelType.DISPLAY).send(frame(90, 2000))
    assert [report.num_frames for report in reports(server)] == [1]


def test_of_frames_that_are_due_at_once_a_part_is_shown_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SLICE", SIDE * SIDE)
    server = begun()
    line = server.line(ChannelType.DISPLAY)
    line.send(*[frame(grey, 500) for grey in (90, 200, 40, 150)])
    channel = server.client.displays[0]
    assert channel.canvas is not None
    server.wait(1.0)
    # The second one may come with whatever else is done.
    assert 1 <= channel.canvas.streams[STREAM].frames <= 2
    line.send(BLACK)
    assert channel.canvas.streams[STREAM].frames < 4 and server.client.deadline == server.now
    for _ in range(6):
        server.wait(0.0)
    assert channel.canvas.streams[STREAM].frames == 4 and shown(server) == 0, "what came behind them is drawn behind them"


def test_frames_of_few_bytes_count_by_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_display, "EACH", 1)
    monkeypatch.setattr(channels_display, "_AT_ONCE", 2 * SIDE * SIDE)
    server = begun()
    server.wait(0.5)
    server.line(ChannelType.DISPLAY).send(*[frame(90, 500)] * 4)
    channel = server.client.displays[0]
    assert channel.canvas is not None and channel.drawing is not None
    assert (channel.canvas.streams[STREAM].frames, len(channel.drawing.kept)) == (2, 2)
    server.wait(0.0)
    assert (channel.canvas.streams[STREAM].frames, len(channel.drawing.kept)) == (4, 0)


def test_a_report_has_room_for_all_sound_that_waits() -> None:
    server = begun(canvas=False)
    server.client.shared(MultimediaClock).sound_delay = 1 << 40
    server.line(ChannelType.DISPLAY).send(ACTIVATE, *[frame(90, 500)] * WINDOW)
    assert [report.audio_delay for report in reports(server)] == [0xFFFFFFFE]


def test_no_report_that_nobody_asked_for() -> None:
    server = begun(canvas=False)
    line = server.line(ChannelType.DISPLAY)
    line.send(*[frame(90, 500)] * WINDOW)
    line.send(display.StreamDestroy(STREAM), ACTIVATE, *[frame(90, 500)] * WINDOW)
    line.send(CREATE, ACTIVATE, display.StreamDestroyAll(), *[frame(90, 500)] * WINDOW)
    assert reports(server) == []


def test_streams_are_told_of() -> None:
    server = begun(canvas=False)
    server.line(ChannelType.DISPLAY).send(ACTIVATE, *[frame(90, 500)] * WINDOW)
    server.wait(1.0)
    server.line(ChannelType.DISPLAY).send(frame(90, 500), display.StreamDestroy(STREAM), CREATE)
    assert server.told(StreamBegan) == [StreamBegan(display=0, stream=STREAM, codec="MJPEG", width=SIDE, height=SIDE)] * 2
    ended = StreamEnded(display=0, stream=STREAM, frames=WINDOW + 1, dropped=1, reports=2)
    assert server.told(StreamEnded) == [ended]
    server.line(ChannelType.DISPLAY).close()
    assert server.told(StreamEnded)[1:] == [StreamEnded(display=0, stream=STREAM, frames=0, dropped=0, reports=0)]


def test_an_unknown_codec_is_told_by_its_number() -> None:
    server = begun(canvas=False)
    server.line(ChannelType.DISPLAY).send(msgspec.structs.replace(CREATE, id=STREAM + 1, codec_type=99))
    assert server.told(StreamBegan)[-1].codec == "99"


OTHERS = [VideoCodecType.VP8, VideoCodecType.VP9, VideoCodecType.H264, VideoCodecType.H265]
LARGE = 64


def film(codec: VideoCodecType, *greys: int) -> list[bytes]:
    """Frames of a codec, each of one grey."""
    pytest.importorskip("av")
    encoder = video.encoder(codec, LARGE, LARGE)
    return [encoder.encode(np.full((LARGE, LARGE), grey * 0x10101, np.uint32)) for grey in greys]


def playing(codec: VideoCodecType) -> ScriptedServer:
    """A stream of a codec on a screen, scaled to it."""
    server = begun()
    server.line(ChannelType.DISPLAY).send(
        display.StreamDestroy(STREAM),
        msgspec.structs.replace(CREATE, codec_type=codec, stream_width=LARGE, stream_height=LARGE),
    )
    return server


def at(data: bytes, after: int) -> display.StreamData:
    return display.StreamData(display.StreamDataHeader(STREAM, START + after & 0xFFFFFFFF), data)


@pytest.mark.parametrize("codec", OTHERS)
def test_each_codec_is_shown(codec: VideoCodecType) -> None:
    server = playing(codec)
    frames = film(codec, 90, 200, 40)
    server.line(ChannelType.DISPLAY).send(*[at(data, 100 * place) for place, data in enumerate(frames)])
    seen = []
    for _ in frames:
        seen.append(shown(server))
        server.wait(0.1)
    assert seen == [90, 200, 40] and server.told(NotDrawn) == []


@pytest.mark.parametrize("codec", OTHERS)
def test_a_frame_that_comes_late_is_not_shown_and_the_next_builds_on_it(codec: VideoCodecType) -> None:
    server = playing(codec)
    key, late, last = film(codec, 90, 200, 200)
    server.line(ChannelType.DISPLAY).send(at(key, 0))
    server.wait(1.0)
    server.line(ChannelType.DISPLAY).send(at(late, 999))
    assert shown(server) == 90
    server.line(ChannelType.DISPLAY).send(at(last, 1000))
    assert shown(server) == 200 and server.told(NotDrawn) == []


@pytest.mark.parametrize("codec", OTHERS)
def test_the_clock_is_set_back_and_later_frames_build_on_those_that_waited(codec: VideoCodecType) -> None:
    server = playing(codec)
    key, waits, last = film(codec, 90, 200, 200)
    server.line(ChannelType.DISPLAY).send(at(key, 0), at(waits, 5000), at(last, 400))
    server.wait(0.5)
    assert shown(server) == 200 and server.told(NotDrawn) == []


@pytest.mark.parametrize("end", ["clock", "late", "surface"])
def test_of_many_frames_that_are_dropped_a_part_is_decoded_at_once(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frame that comes next builds on all of them, and on their order."""
    monkeypatch.setattr(drawing, "SLICE", 2 * LARGE * LARGE)
    server = playing(VideoCodecType.VP8)
    key, *waits, last = film(VideoCodecType.VP8, 90, *range(50, 200, 15), 200)
    channel, line = server.client.displays[0], server.line(ChannelType.DISPLAY)
    assert channel.canvas is not None
    canvas = channel.canvas
    line.send(at(key, 0))
    server.wait(0.1)
    line.send(*[at(data, 5000) for data in waits])
    before = canvas.decoded
    if end == "surface":
        line.send(display.SurfaceDestroy(0), SCREEN)
    else:
        line.send(at(last, 50 if end == "late" else 400))
    dropped = len(waits) + (end == "late")
    steps = [(canvas.decoded - before) // LARGE**2]
    while steps[-1] < dropped:
        assert server.client.deadline == server.now
        server.wait(0.0)
        steps.append((canvas.decoded - before) // LARGE**2)
    assert max(after - once for once, after in zip([0, *steps], steps, strict=False)) <= 4
    server.wait(0.5)
    assert shown(server) == {"clock": 200, "late": 90, "surface": 0}[end] and server.told(NotDrawn) == []


@pytest.mark.parametrize("codec", OTHERS)
def test_frames_before_the_first_that_needs_no_other(codec: VideoCodecType) -> None:
    server = playing(codec)
    _, early, _ = film(codec, 30, 60, 90)
    server.line(ChannelType.DISPLAY).send(at(early, 0), *[at(data, 0) for data in film(codec, 90, 200)])
    (told,) = server.told(NotDrawn)
    assert "before the first that needs no other" in told.text and told.message == "StreamData"
    assert shown(server) == 200


@pytest.mark.parametrize("codec", OTHERS)
def test_broken_packets_do_no_harm(codec: VideoCodecType) -> None:
    server = playing(codec)
    key, second, third, fourth = film(codec, 90, 200, 40, 120)
    rng = np.random.default_rng(1)
    broken = [b"", bytes(100), second[: len(second) // 2], rng.integers(0, 256, 300).astype(np.uint8).tobytes()]
    line = server.line(ChannelType.DISPLAY)
    line.send(at(key, 0), *[at(data, 0) for data in broken], at(third, 0), at(fourth, 0))
    line.send(*[at(data, 0) for data in film(codec, 200, 90)])
    assert shown(server) == 90
    line.send(display.StreamDestroy(STREAM), CREATE, frame(200, 0))
    assert shown(server) == 200


def test_a_decoder_lives_as_long_as_its_stream() -> None:
    server = playing(VideoCodecType.VP8)
    key, second = film(VideoCodecType.VP8, 90, 200)
    again = msgspec.structs.replace(CREATE, codec_type=VideoCodecType.VP8, stream_width=LARGE, stream_height=LARGE)
    server.line(ChannelType.DISPLAY).send(at(key, 0), display.StreamDestroy(STREAM), again, at(second, 0))
    assert shown(server) == 90 and len(server.told(NotDrawn)) == 1


def test_a_late_first_frame_leaves_its_tables() -> None:
    server = begun()
    server.wait(1.0)
    first, second = frame(90, 0), frame(200, 1000)
    bare = second.data
    for part in reversed([part for part in jpeg.segments(bare) if part.marker == jpeg.DQT]):
        bare = bare[: part.start] + bare[part.end :]
    server.line(ChannelType.DISPLAY).send(first, msgspec.structs.replace(second, data=bare))
    assert shown(server) == 200 and server.told(NotDrawn) == []


def test_what_is_announced_can_be_decoded() -> None:
    pytest.importorskip("av")
    announced = Client().announced(ChannelType.DISPLAY)
    for codec in OTHERS:
        assert announced.has(DisplayCapability[f"CODEC_{codec.name}"])
    assert announced.has(DisplayCapability.MULTI_CODEC) and announced.has(DisplayCapability.CODEC_MJPEG)
