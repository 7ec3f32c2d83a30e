"""Streams: times and sizes of frames, and reports on streams that have ended."""

from __future__ import annotations

import pytest

from spiceproto.enums.display import ClipType, StreamFlags, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, display, main
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect
from spiceproto.messages.playback import Start
from spiceproto.multimedia_time import later
from spiceproto.session import Linked, Session
from spiceproto.video import AHEAD, BEHIND, SILENCE, Clock

SIDE = 16
BOX = Rect(top=0, left=0, bottom=SIDE, right=SIDE)
NUMBER, UNIQUE = 3, 9


def jpeg(width: int = SIDE, height: int = SIDE) -> bytes:
    """As much of a JPEG picture as says what it is."""
    frame = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x03" + bytes(9)
    return b"\xff\xd8\xff\xc4\x00\x02" + frame + b"\xff\xda\x00\x02"


def create(codec: VideoCodecType = VideoCodecType.MJPEG) -> display.StreamCreate:
    return display.StreamCreate(
        surface_id=0,
        id=NUMBER,
        flags=StreamFlags.TOP_DOWN,
        codec_type=codec,
        stamp=0,
        stream_width=SIDE,
        stream_height=SIDE,
        src_width=SIDE,
        src_height=SIDE,
        dest=BOX,
        clip=Clip(ClipType.NONE),
    )


def frame(time: int, data: bytes | None = None) -> display.StreamData:
    return display.StreamData(display.StreamDataHeader(NUMBER, time), jpeg() if data is None else data)


def report(frames: int = 5, drops: int = 0) -> display.StreamReport:
    return display.StreamReport(
        stream_id=NUMBER,
        unique_id=UNIQUE,
        start_frame_mm_time=0,
        end_frame_mm_time=0,
        num_frames=frames,
        num_drops=drops,
        last_frame_delay=0,
        audio_delay=0,
    )


def linked(time: int | None = None) -> tuple[Session, Linked]:
    """A session with a display on which a stream is; main said what its clock shows at 100 s."""
    session = Session()
    if time is not None:
        first = session.link(ChannelType.MAIN, 0, 0)
        init = main.Init(
            session_id=1,
            display_channels_hint=1,
            supported_mouse_modes=MouseMode.SERVER,
            current_mouse_mode=MouseMode.SERVER,
            agent_connected=0,
            agent_tokens=0,
            multi_media_time=time,
            ram_hint=0,
        )
        session.message(first, "server", "INIT", init, 100.0)
    member = session.link(ChannelType.DISPLAY, 0, 1 if time is not None else 0)
    session.message(member, "server", "STREAM_CREATE", create(), 100.0)
    session.take_findings()
    return session, member


def found(session: Session) -> list[str]:
    """What was said of streams; that their surface is not there is another matter."""
    return [item.requirement for item in session.take_findings() if item.requirement.startswith("SPICE-STREAM")]


def test_later() -> None:
    assert later(5, 3) == 2 and later(3, 5) == -2
    assert later(5, 0xFFFFFFFE) == 7 and later(0xFFFFFFFE, 5) == -7


@pytest.mark.parametrize("start", [0, 5000, 0xFFFFFFF0])
def test_frames_are_near_the_clock(start: int) -> None:
    session, member = linked(start)
    for late, wanted in ((-BEHIND, []), (0.0, []), (AHEAD, []), (AHEAD + 1, ["SPICE-STREAM-013"])):
        at = start + 2000 + round(late * 1000) & 0xFFFFFFFF
        session.message(member, "server", "STREAM_DATA", frame(at), 102.0)
        assert found(session) == wanted, late
    session.message(member, "server", "STREAM_DATA", frame(start + 2000 - round(BEHIND * 1000) - 1000 & 0xFFFFFFFF), 102.0)
    assert found(session) == ["SPICE-STREAM-013", "SPICE-STREAM-014"]


def test_a_clock_that_nobody_has_set() -> None:
    session, member = linked()
    session.message(member, "server", "STREAM_DATA", frame(77), 1.0)
    assert found(session) == []


def test_sound_has_a_clock_too() -> None:
    clock = Clock()
    assert clock.distance(5, 0.0) is None
    clock.hear("main", "server", "MULTI_MEDIA_TIME", main.MultiMediaTime(1000), 0.0)
    clock.hear("playback", "server", "START", Start(channels=2, format=1, frequency=48000, time=900_000), 0.0)
    clock.hear("main", "client", "MULTI_MEDIA_TIME", main.MultiMediaTime(0), 0.0)
    assert clock.distance(3000, 1.0) == 1.0 and clock.distance(900_000, 1.0) == -1.0
    clock.forget("main")
    assert clock.distance(1000, 0.0) == -899.0


def test_an_observer_whose_clock_was_set_back() -> None:
    session, member = linked(5000)
    session.message(member, "server", "STREAM_DATA", frame(6000), 101.0)
    session.message(member, "server", "STREAM_DATA", frame(7000), 102.0 - 3600)
    session.message(session.members[0], "server", "MULTI_MEDIA_TIME", main.MultiMediaTime(8000), 103.0 - 3600)
    session.message(member, "server", "STREAM_DATA", frame(9000), 104.0 - 3600)
    assert found(session) == []
    session.message(member, "server", "STREAM_DATA", frame(900_000), 105.0 - 3600)
    assert found(session) == ["SPICE-STREAM-013"]


def test_a_host_that_was_suspended() -> None:
    """The capture goes on, and the server's clock stood still."""
    session, member = linked(5000)
    session.message(member, "server", "STREAM_DATA", frame(6000), 101.0 + SILENCE + 100)
    assert found(session) == []
    session.message(member, "server", "STREAM_DATA", frame(6000 + 200_000), 101.0 + SILENCE + 100)
    assert found(session) == ["SPICE-STREAM-013"]  # it can not have run ahead
    session.message(session.members[0], "server", "MULTI_MEDIA_TIME", main.MultiMediaTime(6000), 210.0)
    session.message(member, "server", "STREAM_DATA", frame(6000 - 40_000 & 0xFFFFFFFF), 210.0)
    assert found(session) == ["SPICE-STREAM-013", "SPICE-STREAM-014"]


def test_frames_come_in_the_order_of_their_times() -> None:
    session, member = linked()
    for time in (0xFFFFFFFF, 4, 4, 9):
        session.message(member, "server", "STREAM_DATA", frame(time))
    assert found(session) == []
    session.message(member, "server", "STREAM_DATA", frame(8))
    assert found(session) == ["SPICE-STREAM-014"]
    session.message(member, "server", "STREAM_DESTROY", display.StreamDestroy(NUMBER))
    session.message(member, "server", "STREAM_CREATE", create())
    session.message(member, "server", "STREAM_DATA", frame(2))
    assert found(session) == []


@pytest.mark.parametrize("data", [jpeg(SIDE + 1), jpeg(SIDE, SIDE - 1), b"", b"\xff\xd8\xff\xd9"])
def test_frames_of_another_size_or_none(data: bytes) -> None:
    session, member = linked()
    session.message(member, "server", "STREAM_DATA", frame(0, data))
    assert found(session) == ["SPICE-STREAM-016"]
    session.message(member, "server", "STREAM_DESTROY_ALL", None)
    session.message(member, "server", "STREAM_CREATE", create(VideoCodecType.H265))
    session.message(member, "server", "STREAM_DATA", frame(0, data))
    assert found(session) == []


def test_frames_with_a_size_of_their_own() -> None:
    session, member = linked()
    for width, wanted in ((20, []), (21, ["SPICE-STREAM-016"])):
        sized = display.StreamDataSized(
            base=display.StreamDataHeader(NUMBER, 0), width=width, height=SIDE, dest=BOX, data=jpeg(20)
        )
        session.message(member, "server", "STREAM_DATA_SIZED", sized)
        assert found(session) == wanted


def ended(*, everything: bool) -> tuple[Session, Linked]:
    """A stream was reported on and has ended."""
    session, member = linked()
    activate = display.StreamActivateReport(stream_id=NUMBER, unique_id=UNIQUE, max_window_size=5, timeout_ms=1000)
    session.message(member, "server", "STREAM_ACTIVATE_REPORT", activate)
    session.message(member, "client", "STREAM_REPORT", report())
    if everything:
        session.message(member, "server", "STREAM_DESTROY_ALL", display.StreamDestroyAll())
    else:
        session.message(member, "server", "STREAM_DESTROY", display.StreamDestroy(NUMBER))
    return session, member


@pytest.mark.parametrize("everything", [True, False])
def test_reports_that_were_under_way(everything: bool) -> None:
    session, member = ended(everything=everything)
    session.message(member, "server", "PING", common.Ping(1, 0, b""))
    session.message(member, "client", "STREAM_REPORT", report())
    session.message(member, "client", "PONG", common.Pong(1, 0))
    assert found(session) == []
    session.message(member, "client", "STREAM_REPORT", report())
    assert found(session) == ["SPICE-STREAM-007"]
    session.message(member, "client", "STREAM_REPORT", report(0, 0xFFFFFFFF))
    assert found(session) == []


def test_an_old_ping_says_nothing_of_a_later_end() -> None:
    session, member = linked()
    session.message(member, "server", "PING", common.Ping(1, 0, b""))
    activate = display.StreamActivateReport(stream_id=NUMBER, unique_id=UNIQUE, max_window_size=5, timeout_ms=1000)
    session.message(member, "server", "STREAM_ACTIVATE_REPORT", activate)
    session.message(member, "server", "STREAM_DESTROY", display.StreamDestroy(NUMBER))
    session.message(member, "client", "PONG", common.Pong(1, 0))
    session.message(member, "client", "STREAM_REPORT", report())
    assert found(session) == []


def test_what_was_missed_is_not_judged() -> None:
    session, member = ended(everything=False)
    session.message(member, "server", "PING", common.Ping(1, 0, b""))
    session.message(member, "client", "PONG", common.Pong(1, 0))
    session.missed(member, "server")
    session.message(member, "client", "STREAM_REPORT", report())
    assert found(session) == []


def test_the_first_frame_needs_none_before_it() -> None:
    session, member = linked()
    bare = jpeg().replace(b"\xff\xc4\x00\x02", b"")
    session.message(member, "server", "STREAM_DATA", frame(1, bare), 101.0)
    assert found(session) == ["SPICE-STREAM-027"]
    session.message(member, "server", "STREAM_DATA", frame(2, bare), 101.0)
    assert found(session) == []
    session.message(member, "server", "STREAM_DESTROY", display.StreamDestroy(NUMBER), 101.0)
    session.message(member, "server", "STREAM_CREATE", create(VideoCodecType.VP8), 101.0)
    session.message(member, "server", "STREAM_DATA", frame(3, b"\x01\x02\x03"), 101.0)
    assert found(session) == ["SPICE-STREAM-027"]


def test_a_stream_that_is_not_known_from_its_beginning() -> None:
    session, member = linked()
    session.missed(member, "server")
    session.message(member, "server", "STREAM_DATA", frame(1, b"\xff\xd8\xff\xda\x00\x02"), 101.0)
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(0), 101.0)
    assert found(session) == []


def test_streams_end_before_their_surface() -> None:
    session, member = linked()
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(5), 101.0)
    assert found(session) == []
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(0), 101.0)
    assert found(session) == ["SPICE-STREAM-028"]
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(0), 101.0)
    assert found(session) == []
    session, member = linked()
    session.message(member, "server", "STREAM_DESTROY_ALL", display.StreamDestroyAll(), 101.0)
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(0), 101.0)
    assert found(session) == []
