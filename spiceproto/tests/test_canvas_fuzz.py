"""The comparison with the field's canvas: it finds what is wrong and makes it small; and a short one, if there is a library."""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from spiceproto import dispatch
from spiceproto.enums.display import SurfaceFmt
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Invers
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_fuzz import __main__ as command
from spiceproto.tests.canvas_fuzz import exceptions, stand_in
from spiceproto.tests.canvas_fuzz.choices import Choices
from spiceproto.tests.canvas_fuzz.commands import COMMANDS, Start, Step, scene
from spiceproto.tests.canvas_fuzz.comparison import What, created, unexcused
from spiceproto.tests.canvas_fuzz.fuzz import Outcome, fuzz
from spiceproto.tests.canvas_fuzz.peer import Peer, PeerEnded
from spiceproto.tests.canvas_fuzz.sample import as_json, scene_of
from spiceproto.tests.canvas_fuzz.shrinking import shrunk
from spiceproto.tests.canvas_messages import rect

LIBRARY = "SPICEPROTO_FIELD_CANVAS"
"""Names a library that was built from field_canvas.c. No package has it, so no peer of CI is missing without it."""


def run(mistake: str, count: int = 9, patience: float = 60.0, tries: int = 40) -> Outcome:
    """Scenes that begin with one of five commands, of which one is DRAW_INVERS."""
    program = [sys.executable, "-m", stand_in.__name__, *filter(None, [mistake])]
    return fuzz(lambda byte: Peer(program, perturbed=byte, patience=patience), 10, count, tries=tries)


def test_canvas_differs_in_nothing_from_itself() -> None:
    outcome = run("", 60)
    assert not outcome.found and not outcome.excused and outcome.commands.total() >= 60


@pytest.mark.parametrize(
    ("mistake", "what"),
    [
        ("inverted", What.PIXELS),
        ("ends", What.PEER_ENDED),
        ("memory", What.MEMORY),
        ("refuses", What.PEER_REFUSED),
    ],
)
def test_mistake_is_found_and_made_small(mistake: str, what: What) -> None:
    """The stand-in is wrong in DRAW_INVERS, whatever else it draws, and one such command shows it."""
    outcome = run(mistake, tries=0 if mistake == "ends" else 40)
    assert outcome.found
    for kind, found in outcome.found.items():
        assert kind[:2] == (what, "DrawInvers")
        whole = scene_of(found.sample)
        assert {type(step.value) for step in whole.steps} == {messages.DrawInvers}
        assert len(whole.starts) == 1
        assert ("shows" in found.sample) == (what in (What.PIXELS, What.MEMORY))


def test_end_of_the_other_process_is_told_with_its_last_words() -> None:
    outcome = run("ends", tries=0)
    assert [kind[2] for kind in outcome.found] == ["signal 6: assertion failed: nobody inverts"]
    assert outcome.commands.total() >= 9, "the run goes on in a new process"


def test_silence_is_an_end() -> None:
    with Peer([sys.executable, "-m", stand_in.__name__, "silent"], patience=60.0) as peer:
        peer.reset()
        peer.message(
            *dispatch.build("display", "server", created(Start(0, 1, 1, SurfaceFmt._32_xRGB, np.zeros((1, 1), np.uint32))))
        )
        invers = messages.DrawInvers(make.base(rect(0, 0, 1, 1)), Invers(make.NO_MASK))
        peer.patience = 0.5
        with pytest.raises(PeerEnded, match=r"no answer in 0\.5 s"):
            peer.message(*dispatch.build("display", "server", invers))


def test_scenes_have_every_command_and_come_again() -> None:
    seen: Counter[str] = Counter()
    for number in range(150):
        choices = Choices(random.Random(number))
        made = scene(choices)
        again = scene(Choices(replayed=choices.made))
        assert [step.body for step in made.steps] == [step.body for step in again.steps]
        seen.update(type(step.value).__name__ for step in made.steps)
    assert len(seen) == len(set(COMMANDS)) == 15


def test_any_list_of_choices_is_a_scene() -> None:
    rng = random.Random(8)
    for _ in range(60):
        numbers = [rng.randrange(1 << rng.randrange(17)) for _ in range(rng.randrange(60))]
        made = scene(Choices(replayed=numbers))
        assert made.starts and made.steps
        for step in made.steps:
            assert dispatch.parse("display", "server", step.type, step.body) == step.value


def test_shrinking_keeps_what_holds_and_nothing_else() -> None:
    made = [7, 300, 12, 9, 41, 3]
    assert shrunk(made, lambda numbers: any(number >= 40 for number in numbers)) == [40]
    assert shrunk(made, lambda numbers: numbers == made) == made


def test_excuse_excuses_its_pixels_only() -> None:
    """The spare byte of a text may differ; its colour may not, and the byte of a fill may not."""
    ours, theirs = np.zeros((2, 3), np.uint32), np.zeros((2, 3), np.uint32)
    theirs[0, 1], theirs[1, 2] = 0xFF000000, 0x00000001
    pictures = exceptions.Pictures(0, SurfaceFmt._32_xRGB, ours, theirs)
    text = next(step.value for step in _texts() if step.value.base.surface_id == 0)
    excused: Counter[str] = Counter()
    assert np.argwhere(unexcused(text, pictures, excused)).tolist() == [[1, 2]]
    assert excused == {"spare bits": 1}
    fill = make.fill(rect(0, 0, 3, 2), make.solid(1))
    assert np.argwhere(unexcused(fill, pictures, Counter())).tolist() == [[0, 1], [1, 2]]


def _texts() -> list[Step]:
    return [step for number in range(60) for step in scene(Choices(random.Random(number))).steps if step.type == 311]


def test_sample_is_its_scene_again() -> None:
    outcome = run("inverted", tries=0)
    for found in outcome.found.values():
        assert json.loads(as_json(found.sample)) == found.sample


def test_command_says_when_there_is_no_such_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--library", str(tmp_path / "none.so")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_field_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A short run with the library; docs/rendering.md has a long one."""
    path = os.environ.get(LIBRARY)
    if path is None:
        pytest.skip(f"{LIBRARY} does not name a library built from spiceproto/tests/canvas_fuzz/field_canvas.c")
    status = command.main(["--library", path, "--count", "600", "--seed", "4"])
    told = capsys.readouterr().out
    assert status == 0 and told.endswith("no difference\n"), told
