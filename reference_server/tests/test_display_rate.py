"""What the reports of a client make of the frames of a stream."""

from __future__ import annotations

from reference_server.channels.display.rate import Rate
from spiceproto.messages.display import StreamReport


def report(drops: int = 0, delay: int = 200) -> StreamReport:
    return StreamReport(
        stream_id=0,
        unique_id=1,
        start_frame_mm_time=0,
        end_frame_mm_time=160,
        num_frames=5,
        num_drops=drops,
        last_frame_delay=delay,
        audio_delay=0xFFFFFFFF,
    )


def test_all_is_well() -> None:
    rate = Rate(25, 0.0)
    for second in range(20):
        assert rate.hear(report(), float(second)) == 0
    assert rate.quality == 80
    assert rate.frames is None


def test_frames_that_are_dropped_get_smaller_and_then_fewer() -> None:
    rate = Rate(25, 0.0)
    seen = []
    for second in range(8):
        rate.hear(report(drops=1), float(second))
        seen.append((rate.quality, rate.frames))
    assert [quality for quality, _ in seen] == [70, 60, 50, 40, 30, 20, 20, 20]
    assert [frames for _, frames in seen] == [None, None, None, None, 12.5, 6.25, 3.125, 1.5625]


def test_fewer_are_sent() -> None:
    rate = Rate(24, 0.0)
    for _ in range(6):
        rate.hear(report(drops=1), 0.0)
    assert rate.frames == 6
    due = [rate.due(number / 24) for number in range(24)]
    assert due == [number % 4 == 0 for number in range(24)]


def test_it_gets_better_again() -> None:
    rate = Rate(25, 0.0)
    for _ in range(5):
        rate.hear(report(drops=1), 0.0)
    seen = []
    for second in range(1, 20):
        rate.hear(report(), float(second))
        seen.append((rate.quality, rate.frames))
    assert seen[0] == (30, 12.5)
    assert seen[2] == (30, None)
    assert seen[-1] == (80, None)


def test_frames_behind_their_time_want_a_later_clock() -> None:
    rate = Rate(25, 0.0)
    assert rate.hear(report(delay=-30), 0.0) == 130
    assert rate.quality == 70
