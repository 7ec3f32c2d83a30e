"""Guests of others: the one of the examples, how one is found, and what becomes of one that fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_server import Guest
from reference_server.guests.own import OwnProgram, load
from reference_server.guests.program import A_TURN, CALLS, Program
from reference_server.tests.memory import serve
from reference_server.tests.test_peers import screenshot, served
from reference_server.tests.viewer import Viewer, differs
from spiceproto.errors import LocalError
from spiceproto.tests.peers import PATIENCE, need

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"
CLOCK = ROOT / "examples" / "clock_guest.py"

BEGINS = "from reference_server import Program\nfrom reference_server.guest import Key\n"


@pytest.fixture(autouse=True)
def imported_for_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a guest brings along is forgotten after its test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name, module in tuple(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


def written(folder: Path, *lines: str) -> str:
    path = folder / "mine.py"
    path.write_text(BEGINS + "\n".join(lines) + "\n")
    return str(path)


def started(where: str, guest: Guest) -> tuple[OwnProgram, list[LocalError]]:
    """It runs, and what is told of its failures."""
    failures: list[LocalError] = []
    return load(where).run(guest, 1, failures.append), failures


# -- the example


@pytest.mark.skipif(not CLOCK.exists(), reason="the example is in a checkout only")
def test_the_clock_of_the_examples() -> None:
    assert len(CLOCK.read_text().splitlines()) <= 60, "a page"
    guest = Guest(size=(320, 240))
    program, failures = started(str(CLOCK), guest)
    wire = serve(guest)
    wire.main()
    guest.timer.tick(0.0)
    viewer = Viewer(wire)
    assert differs(viewer, guest.screens[0]) == []

    def clock() -> tuple[tuple[int, ...], tuple[int, int]]:
        """Colour of the dial, and how its middle lies."""
        picture = guest.screens[0].picture[..., :3]
        dial = (picture != 32).any(axis=2)
        rows, columns = np.nonzero(dial)
        colours, counts = np.unique(picture[dial], axis=0, return_counts=True)
        middle = (int(columns.min() + columns.max()) // 2, int(rows.min() + rows.max()) // 2)
        return tuple(int(part) for part in colours[counts.argmax()]), middle

    colour, middle = clock()
    assert middle == (160, 120)
    before = guest.screens[0].picture.copy()
    guest.timer.tick(1.0)
    assert (guest.screens[0].picture != before).any(), "the hand moves"
    guest.keyboard.key(b"\x1e", True)
    assert clock()[0] != colour
    guest.pointer.motion(-40, 10, 0)
    guest.pointer.button(1, True)
    assert clock()[1] == (120, 130)
    guest.pointer.position(150, 110, 0, 0)
    guest.pointer.button(1, True)
    assert clock()[1] == (150, 110)
    assert differs(viewer, guest.screens[0]) == []
    assert guest.speaker.source is not None
    sound = guest.speaker.source(0, 48000, 48000)
    assert sound.dtype == np.int16 and abs(sound[:480]).max() > 1000 and abs(sound[4800:]).max() == 0
    program.stop()
    assert guest.speaker.source is None and guest.timer.deadline is None and not guest.keyboard.watchers and not failures


@pytest.mark.skipif(not CLOCK.exists(), reason="the example is in a checkout only")
def test_spice_gtk_shows_the_clock(tmp_path: Path) -> None:
    need("spicy-screenshot")
    with served(tmp_path, "--port", "0", "--guest", str(CLOCK)) as server:
        picture = screenshot(f"spice://127.0.0.1:{server.place['port']}", tmp_path)
    assert picture.shape == (480, 640, 3) and picture[0, 0].tolist() == [32, 32, 32]
    assert picture[240 - 95, 320].tolist() == picture[240, 320 - 95].tolist() == [32, 80, 160]


@pytest.mark.skipif(not PAGE.exists(), reason="the page is in a checkout only")
def test_the_guest_of_the_page(tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n([^`]*?def guest\(program[^`]*?)```", PAGE.read_text())
    path = tmp_path / "my_guest.py"
    path.write_text(text)
    guest = Guest()
    _, failures = started(str(path), guest)
    guest.keyboard.key(b"\x1e", True)
    assert (guest.screens[0].picture[:4, :4, 1] == 255).all() and not failures


# -- found


def test_a_class_of_a_module_and_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shown_here"
    package.mkdir()
    (package / "__init__.py").write_text("from shown_here.more import Mine\nguest = Mine\n")
    (package / "more.py").write_text(
        "class Mine:\n    def __init__(self, program):\n        program.guest.screens[0].resize(7, 5)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for where in (str(package), f"{package}:Mine", "shown_here.more:Mine", f"{package / 'more.py'}:Mine"):
        guest = Guest()
        _, failures = started(where, guest)
        assert guest.screens[0].size == (7, 5) and not failures, where


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    """A file whose name a module has that is there already is taken for itself."""
    path = tmp_path / "json.py"
    path.write_text("def guest(program):\n    program.guest.screens[0].resize(7, 5)\n")
    guest = Guest()
    started(str(path), guest)
    assert guest.screens[0].size == (7, 5) and json.loads("1") == 1


@pytest.mark.parametrize(
    ("lines", "name", "said"),
    [
        (("x = 1",), "", "has no guest; expected a function or a class, guest(program); found nothing of that name"),
        (("guest = 1",), "", "has no guest; expected a function or a class, guest(program); found int"),
        (("def guest(program): pass",), ":other", "expected a function or a class, other(program)"),
        (("import nothing_of_the_sort",), "", "can not be imported: ModuleNotFoundError"),
        (("1 / 0",), "", "can not be imported: ZeroDivisionError: division by zero (mine.py, line 3)"),
        (("def guest(:",), "", "can not be imported: SyntaxError"),
        (("raise SystemExit(3)",), "", "can not be imported: SystemExit: 3"),
    ],
)
def test_what_is_no_guest(tmp_path: Path, lines: tuple[str, ...], name: str, said: str) -> None:
    where = written(tmp_path, *lines) + name
    with pytest.raises(LocalError) as caught:
        load(where)
    assert said in str(caught.value) and "mine.py" in str(caught.value)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nothing.py", "found nothing"),
        ("folder", "found a folder without __init__.py"),
        ("folder/text.txt", "a file whose name ends with .py"),
        ("nothing_there:guest", "nothing_there can not be imported: ModuleNotFoundError"),
    ],
)
def test_where_no_guest_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "text.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LocalError) as caught:
        load(where)
    assert said in str(caught.value)


# -- failing

FAILING: dict[str, tuple[str, ...]] = {
    "start": ("def guest(program):", "    return 1 / 0"),
    "key": ("def guest(program):", "    program.watch(program.guest.keyboard, lambda news: 1 / 0, Key)"),
    "timer": ("def guest(program):", "    program.every(0.1, lambda passed: 1 / 0)"),
    "sound": ("def guest(program):", "    program.play(lambda first, count, rate: 1 / 0)"),
    "call": ("def guest(program):", "    program.call(lambda: 1 / 0)"),
    "end": ("def guest(program):", "    program.at_end(lambda: 1 / 0)"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_guest_that_fails(tmp_path: Path, name: str) -> None:
    """It is told once, with its line; nobody's connection is lost, and the server goes on."""
    guest = Guest()
    program, failures = started(written(tmp_path, *FAILING[name]), guest)
    wire = serve(guest)
    wire.main()
    for _ in range(2):
        guest.keyboard.key(b"\x1e", True)
        guest.timer.tick(0.0)
        program.answer_calls()
        if guest.speaker.source is not None:
            assert (guest.speaker.source(0, 480, 48000) == np.zeros((480, 2))).all()
    program.stop()
    (failure,) = failures
    assert str(failure).endswith("mine.py has failed: ZeroDivisionError: division by zero (mine.py, line 4)")
    assert wire.server.sessions


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("'no more paper'", "no more paper"),
        ("''", "it does not say why"),
        ("ValueError('no ink')", "ValueError: no ink"),
        ("ValueError", "it does not say why; expected an exception, or text; found type"),
        ("None", "it does not say why; expected an exception, or text; found NoneType"),
    ],
)
def test_a_guest_says_that_it_can_not_go_on(tmp_path: Path, reason: str, said: str) -> None:
    _, failures = started(written(tmp_path, "def guest(program):", f"    program.fail({reason})"), Guest())
    assert [str(failure).partition(" has failed: ")[2] for failure in failures] == [said]


def test_a_guest_that_leaves(tmp_path: Path) -> None:
    """Nobody but the server ends the server in order."""
    guest = Guest()
    _, failures = started(written(tmp_path, "def guest(program):", "    program.every(0.1, lambda passed: exit(3))"), guest)
    guest.timer.tick(0.0)
    assert str(failures[0]).endswith("mine.py has failed: SystemExit: 3 (mine.py, line 4)")


@pytest.mark.parametrize("found", ("None", "[[0, 0]]", "__import__('numpy').zeros((count, 2))"))
def test_what_is_no_sound(tmp_path: Path, found: str) -> None:
    guest = Guest()
    lines = ("def guest(program):", f"    program.play(lambda first, count, rate: {found})")
    _, failures = started(written(tmp_path, *lines), guest)
    assert guest.speaker.source is not None
    assert guest.speaker.source(0, 480, 48000).shape == (480, 2)
    assert "it plays what is no sound; expected int16 (480, 2)" in str(failures[0])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("def guest(program):", "    yield"), "function with yield"),
        (("async def guest(program): pass",), "async def"),
        (("async def guest(program):", "    yield"), "async def"),
    ],
)
def test_what_does_not_run_by_being_called(tmp_path: Path, lines: tuple[str, ...], found: str) -> None:
    _, failures = started(written(tmp_path, *lines), Guest())
    assert str(failures[0]).endswith(f"expected def without yield, or a class; found {found}")


@pytest.mark.parametrize("error", ("KeyboardInterrupt", "GeneratorExit", "BaseException"))
def test_errors_of_all_kinds(tmp_path: Path, error: str) -> None:
    guest = Guest()
    lines = ("def guest(program):", "    def act(passed):", f"        raise {error}", "    program.every(1, act)")
    where = written(tmp_path, *lines)
    _, failures = started(where, guest)
    guest.timer.tick(0.0)
    assert str(failures[0]).endswith(f"mine.py has failed: {error} (mine.py, line 5)")
    with pytest.raises(LocalError, match=f"can not be imported: {error}"):
        load(written(tmp_path, f"raise {error}"))


def test_it_can_not_move(tmp_path: Path) -> None:
    guest = Guest()
    started(written(tmp_path, "def guest(program): pass"), guest)
    with pytest.raises(LocalError, match="it can not move"):
        serve(guest).server.save()


def test_calls_of_threads(tmp_path: Path) -> None:
    guest = Guest()
    program, _ = started(written(tmp_path, "def guest(program): pass"), guest)
    woken: list[str] = []
    program.wake = lambda: woken.append(threading.current_thread().name)
    thread = threading.Thread(target=lambda: program.call(lambda: guest.screens[0].resize(7, 5)), name="other")
    thread.start()
    thread.join()
    assert woken == ["other"] and guest.screens[0].size == (640, 480)
    program.answer_calls()
    assert guest.screens[0].size == (7, 5)
    program.stop()
    program.call(lambda: guest.screens[0].resize(1, 1))
    program.answer_calls()
    assert guest.screens[0].size == (7, 5), "it has ended"


def test_a_thread_that_calls_faster_than_the_server(tmp_path: Path) -> None:
    """It waits: few calls wait for their turn, a turn does some of them, and there is one wake for all of them."""
    program, failures = started(written(tmp_path, "def guest(program): pass"), Guest())
    full, done, woken, ended = threading.Event(), [0], [0], threading.Event()

    def act() -> None:
        done[0] += 1

    def wake() -> None:
        woken[0] += 1

    def calls() -> None:
        try:
            for number in range(10 * CALLS):
                if number == CALLS:
                    full.set()
                program.call(act)
        except SystemExit:
            ended.set()

    program.wake = wake
    thread = threading.Thread(target=calls)
    thread.start()
    assert full.wait(PATIENCE) and woken == [1] and not ended.is_set()
    with pytest.raises(LocalError, match="too many calls in one turn of the server"):
        program.call(act)
    program.answer_calls()
    assert done == [A_TURN] and woken[0] == 2 and not ended.is_set()
    program.stop()
    thread.join(PATIENCE)
    assert ended.is_set() and done == [A_TURN] and not failures


def test_calls_while_it_ends_are_lost_and_end_nobody(tmp_path: Path) -> None:
    """What ends by ``at_end`` can end in order."""
    program, _ = started(written(tmp_path, "def guest(program): pass"), Guest())
    ended: list[str] = []

    def calls() -> None:
        program.call(lambda: None)
        ended.append("in order")

    def end() -> None:
        thread = threading.Thread(target=calls)
        thread.start()
        thread.join(PATIENCE)

    program.at_end(end)
    program.stop()
    assert ended == ["in order"]


@pytest.mark.parametrize("period", (0, -1.0, float("nan"), float("inf"), "1", None))
def test_what_is_no_period(period: Any) -> None:
    with pytest.raises(LocalError, match="no period; expected seconds, more than 0"):
        Program(Guest(), 1).every(period, lambda passed: None)


# -- the command


def ended(*options: str) -> tuple[int, str, list[dict[str, Any]]]:
    """Exit status, what is said on standard error, and what is printed."""
    command = [sys.executable, "-m", "reference_server", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stderr, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ("start", "timer", "call"))
def test_the_command_ends_with_its_guest(tmp_path: Path, name: str) -> None:
    where = written(tmp_path, *FAILING[name])
    status, said, lines = ended("--guest", where)
    assert status == 1 and [line["event"] for line in lines] == ([] if name == "start" else ["listening"])
    assert (
        said == f"spice-reference-server: the guest {where} has failed: ZeroDivisionError: division by zero (mine.py, line 4)\n"
    )


def test_a_thread_that_calls_in_a_loop_leaves_the_server_to_others(tmp_path: Path) -> None:
    lines = ["import threading", "def guest(program):", "    def loop():", "        while True:"]
    lines += ["            program.call(lambda: None)", "    threading.Thread(target=loop).start()"]
    status, said, printed = ended("--guest", written(tmp_path, *lines), "--duration", "0.2")
    assert (status, said) == (0, "") and [line["event"] for line in printed] == ["listening"]


def test_the_command_says_what_is_no_guest(tmp_path: Path) -> None:
    status, said, _ = ended("--guest", "dekstop")
    assert status == 2 and "--guest: there is no such guest; expected desktop?" in said and "FILE.py" in said
    status, said, _ = ended("--guest", str(tmp_path / "none.py"))
    assert status == 2 and "there is no guest in" in said and "Traceback" not in said
