"""Captures whose times nobody measured: made of a dump, or with one time for all packets."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance.lint import Lint, lint
from conformance.tests.test_lint_incomplete import parts, recorded
from spiceproto.compared import TIMED
from spiceproto.tests.disordered import retimed
from spiceproto.tests.incomplete import Block, joined

START = 1_700_000_000_000_000
"""A time, in units of microseconds or less."""

TIMES: dict[str, Callable[[int], int]] = {
    "none": lambda number: 0,
    "all equal": lambda number: START,
    "a microsecond a packet": lambda number: START + number,
}
"""What programs give packets that have no time, by their number."""

SAID = "what depends on how much time has passed is not judged"

INIT, INIT_SIZE, CLOCK_AT = 103, 32, 24
"""Number and size of INIT, and where in its body the multimedia clock stands."""

LATER = 20_000
"""Milliseconds: so much a film may be longer than a capture of it without times."""


def with_times(whole: Sequence[Block], made: Callable[[int], int]) -> list[Block]:
    """``made`` gives the time of a packet, in units of the file, from its number."""
    packets = iter(range(len(whole)))
    return [part if part.key is None else retimed(part, made(next(packets))) for part in whole]


def linted(folder: Path, whole: Sequence[Block]) -> Lint:
    path = folder / "made.pcapng"
    path.write_bytes(joined(list(whole)))
    return lint(path)


def of_time(found: Lint) -> dict[str, str]:
    return {item.requirement: item.verdict for item in found.rulings() if item.requirement in TIMED}


def begun_before(whole: Sequence[Block]) -> list[Block]:
    """INIT shows what the clock showed 20 s before: as if so much time had passed since that the capture does not have."""
    head, found = struct.pack("<HI", INIT, INIT_SIZE), 0
    made = []
    for part in whole:
        at = part.raw.find(head)
        if at >= 0:
            raw, field, found = bytearray(part.raw), at + len(head) + CLOCK_AT, found + 1
            struct.pack_into("<I", raw, field, struct.unpack_from("<I", raw, field)[0] - LATER & 0xFFFFFFFF)
            part = part._replace(raw=bytes(raw))
        made.append(part)
    assert found == 1
    return made


def accuses_only_with_times(folder: Path, sentence: str, whole: Sequence[Block]) -> None:
    real = linted(folder, whole)
    assert of_time(real)[sentence] == "broken" and not any(said.endswith(SAID) for said in real.said)
    for what, made in TIMES.items():
        found = linted(folder, with_times(whole, made))
        assert of_time(found) == dict.fromkeys(TIMED, "not judged"), what
        assert not {item.requirement for item in found.findings} & TIMED, what
        (said,) = [said for said in found.said if said.endswith(SAID)]
        assert said.startswith("times are not those of a capture ("), what
        assert found.messages == real.messages


@pytest.mark.parametrize("name", ["time-of-another-clock", "sound-of-another-clock"])
def test_times_that_nobody_measured_accuse_nobody(tmp_path: Path, name: str) -> None:
    """A clock that runs on while the capture stands still looks like one that is wrong."""
    sentence, whole = recorded(tmp_path, "server", name)
    accuses_only_with_times(tmp_path, sentence, whole)


def test_nor_do_frames(tmp_path: Path) -> None:
    accuses_only_with_times(tmp_path, "SPICE-STREAM-013", begun_before(parts("xspice-stream-mjpeg")))


def test_a_capture_that_is_only_fast_is_judged(tmp_path: Path) -> None:
    """Ten times as fast as the fastest that was recorded."""
    sentence, whole = recorded(tmp_path, "server", "time-of-another-clock")
    fast = linted(tmp_path, with_times(whole, lambda number: START + 30 * number))
    assert of_time(fast)[sentence] == "broken" and not any(said.endswith(SAID) for said in fast.said)


def test_what_does_not_rest_on_time_is_judged_on(tmp_path: Path) -> None:
    """Everything else of a recording has the verdict that it had."""
    whole = parts("andris-synthetic")
    real, found = linted(tmp_path, whole), linted(tmp_path, with_times(whole, lambda number: START))
    rest, again = [{item.requirement: item.verdict for item in one.rulings()} for one in (real, found)]
    assert {id: again[id] for id in rest if id not in TIMED} == {id: rest[id] for id in rest if id not in TIMED}
    assert rest["SPICE-MAIN-019"] == "kept" and again["SPICE-MAIN-019"] == "not judged"
