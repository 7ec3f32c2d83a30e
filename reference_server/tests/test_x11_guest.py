"""The guest of the examples that is an X display: clients show what the display shows, and what they do arrives there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server import Guest
from reference_server.guest import LocksChanged
from reference_server.guests.own import OwnGuest, OwnProgram, load
from reference_server.tests.test_guests_own import ended
from reference_server.tests.test_peers import DRIVER, Served, gtk, screenshot, served, shown
from reference_server.tests.test_peers_agent import TEXT, Desktop, Machine, machine
from reference_server.tests.test_peers_agent import client as agent_client
from spiceproto import png
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.errors import LocalError
from spiceproto.extras import present
from spiceproto.scan_codes import KEYS
from spiceproto.tests.peers import PATIENCE, absent, need, until
from spiceproto.tests.x_display import EXAMPLE, XDisplay, XProgram, x_display, x_program

if not EXAMPLE.is_dir():
    pytest.skip("the example is in a checkout only", allow_module_level=True)

SIZE = (640, 480)
CODES = {name: code for code, name in KEYS.items()}


def module(name: str) -> Any:
    """A module of the example."""
    if not present("Xlib.display"):
        absent("not installed: python-xlib")
    load(str(EXAMPLE))
    return import_module(f"x11_guest.{name}")


# -- seen and driven by spice-gtk


class Gtk:
    """spice-gtk at a server."""

    def __init__(self, server: Served, folder: Path) -> None:
        self._path = folder / "picture"
        self._process = subprocess.Popen([gtk(), str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.say({"host": "127.0.0.1", "port": str(server.place["port"])})

    def say(self, step: dict[str, Any]) -> None:
        assert self._process.poll() is None, "spice-gtk has ended"
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(step) + "\n")
        self._process.stdin.flush()

    def do(self, what: str, **values: Any) -> None:
        """One step of :mod:`reference_server.tests.gtk_client`."""
        self.say({"do": what} | values)

    def picture(self) -> Any:
        """What it shows."""
        self._path.unlink(missing_ok=True)
        self.do("picture", path=str(self._path))
        until(self._path.exists, what="spice-gtk writes its picture")
        return shown(self._path)

    def end(self) -> None:
        self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode == 0


@contextmanager
def seen(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str, x: tuple[str, ...] = ()
) -> Iterator[tuple[XProgram, Served]]:
    """A program on an X display that a server shows."""
    with x_display(folder, SIZE, *x) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        with x_program(display.name) as window, served(folder, "--port", "0", "--guest", str(EXAMPLE), *options) as server:
            yield window, server


def equal(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape and (one == other).all())


def same(client: Gtk, window: XProgram) -> None:
    until(lambda: equal(client.picture(), window.picture()), what="spice-gtk shows what the X display shows")


@pytest.mark.parametrize("options", ((), ("--image-compression", "auto_glz")))
def test_spice_gtk_shows_the_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    """Pixel by pixel: noise, parts that change, a window that goes away, and another size."""
    need("spicy-screenshot")
    with seen(tmp_path, monkeypatch, *options) as (window, server):
        window.noise(1)
        client = Gtk(server, tmp_path)
        same(client, window)
        for step in range(20):
            window.fill(step * 0x0B0D11 & 0xFFFFFF, (step * 31, step * 17, 50 + step, 3))
        same(client, window)
        window.noise(2)
        same(client, window)
        assert len(np.unique(window.picture().reshape(-1, 3), axis=0)) > 100_000, "noise is seen"
        client.end()
        assert equal(screenshot(f"spice://127.0.0.1:{server.place['port']}", tmp_path), window.picture())


def test_another_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with seen(tmp_path, monkeypatch) as (window, server):
        client = Gtk(server, tmp_path)
        same(client, window)
        for width, height in ((500, 350), SIZE):
            window.resize(width, height)
            window.noise(width)
            assert window.picture().shape == (height, width, 3)
            same(client, window)
        client.end()


def test_a_display_that_does_not_say_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with seen(tmp_path, monkeypatch, x=("-extension", "DAMAGE")) as (window, server):
        assert "DAMAGE" not in window.display.list_extensions()
        client = Gtk(server, tmp_path)
        for seed in (1, 2):
            window.noise(seed)
            same(client, window)
        client.end()


def test_spice_gtk_drives_the_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys with and without E0, buttons and the wheel at their places, and movements in both mouse modes."""
    with seen(tmp_path, monkeypatch) as (window, server):
        client = Gtk(server, tmp_path)
        client.do("mode", mode=2)
        for number, place in ((1, (11, 22)), (2, (630, 5)), (3, (0, 479)), (4, (300, 200)), (5, (301, 200))):
            client.do("position", x=place[0], y=place[1])
            client.do("button", button=number)
            window.until(("button", number, True, *place), ("button", number, False, *place))
        # spice-gtk writes E0 as 0x100.
        keys = {0x1E: 38, 0x01: 9, 0x58: 96, 0x2A: 50, 0x11D: 105, 0x148: 111, 0x153: 119, 0x15B: 133, 0x135: 106}
        for code, number in keys.items():
            client.do("key", code=code)
            window.until(("key", number, True), ("key", number, False))
        client.do("mode", mode=1)
        client.do("position", x=0, y=0)  # which means nothing in this mode
        for dx, dy, place in ((-1, 3, (300, 203)), (40, -100, (340, 103)), (-10_000, 7, (0, 110))):
            client.do("motion", dx=dx, dy=dy)
            until(
                partial(lambda wanted: window.pointer() == wanted, place), what=f"the pointer is at {place}: {window.pointer()}"
            )
        client.end()
        typed = [event for event in window.pump() if event[0] == "key"]
        assert typed == [("key", number, down) for number in keys.values() for down in (True, False)]


def test_the_reference_client_drives_the_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees the same, and what it types comes in its order."""
    text = "the quick brown fox\n" * 5
    with seen(tmp_path, monkeypatch) as (window, server):
        window.noise(3)
        command = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{server.place['port']}", "--control"]
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert client.stdin is not None and client.stdout is not None
        lines: list[dict[str, Any]] = []
        reader = threading.Thread(target=lambda: lines.extend(json.loads(line) for line in client.stdout or ()))
        reader.start()

        def say(**question: Any) -> None:
            assert client.stdin is not None
            client.stdin.write(json.dumps(question) + "\n")
            client.stdin.flush()

        try:
            until(lambda: any(line.get("event") == "marked" for line in lines), what="the client sees a display")
            path = tmp_path / "seen.png"

            def written() -> int:
                return len([line for line in lines if "width" in line and line.get("answer") == "ok"])

            def looked() -> bool:
                before = written()
                say(do="picture", path=str(path))
                until(lambda: written() > before, what="the client writes its picture")
                return equal(png.decode(path.read_bytes()), window.picture())

            until(looked, what="the client shows what the X display shows")
            say(do="position", x=123, y=45)
            say(do="press", button=1)
            say(do="release", button=1)
            window.until(("button", 1, True, 123, 45), ("button", 1, False, 123, 45))
            say(do="type", text=text)
            until(lambda: len([event for event in window.pump() if event[0] == "key"]) >= 2 * len(text))
        finally:
            say(do="quit")
            client.communicate(timeout=PATIENCE)
            reader.join()
        keymap = {window.display.keysym_to_keycode(ord(letter)): letter for letter in set(text) - {"\n"}} | {36: "\n"}
        assert "".join(keymap[number] for kind, number, *rest in window.events if kind == "key" and rest[0]) == text


# -- the agent

LONG = "".join(f"{number} Größe\n" for number in range(200_000)).encode()
"""More than a request to an X server can have, and more than a program hands over at once."""


@contextmanager
def sharing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[XDisplay, Machine, Desktop]]:
    """A server whose guest is an X display with an agent, and programs that copy and paste there."""
    gtk()
    need("xclip", "xdotool")
    with x_display(folder, SIZE) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        desktop = Desktop(int(display.name[1:]), folder)
        desktop.copy(b"copied before")
        try:
            with machine(folder, "--guest", f"{EXAMPLE}:shared") as server:
                yield display, server, desktop
        finally:
            desktop.close()


@pytest.mark.parametrize(("number", "selection"), ((0, "clipboard"), (1, "primary")))
def test_spice_gtk_shares_clipboards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, selection: str) -> None:
    """Text goes both ways, whoever has copied last, also one that goes in pieces."""
    path, pasted = tmp_path / "text", tmp_path / "pasted"
    with sharing(tmp_path, monkeypatch) as (_, server, desktop), agent_client(tmp_path, server) as client:
        client.until("grab", selection=0)  # what was copied before
        for turn, text in enumerate((b"of the client", LONG)):
            path.write_bytes(text)
            client.tell(do="grab", selection=number, paths={TEXT: str(path)})
            until(lambda: desktop.paste(selection) == text, what="the text of the client is pasted in X")  # noqa: B023
            grabs = len([line for line in client.lines() if line["event"] == "grab" and line["selection"] == number])
            desktop.copy(text[::-1].decode(errors="ignore").encode(), selection)
            client.until("grab", grabs + 1, selection=number)
            client.tell(do="request", selection=number, type=TEXT, path=str(pasted))
            client.until("content", turn + 1, selection=number)
            assert pasted.read_bytes() == text[::-1].decode(errors="ignore").encode()
        desktop.close()
        client.until("release", selection=number)


def test_spice_gtk_sets_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the display, to one that it has and to others; what is too large for it leaves it as it is."""
    with sharing(tmp_path, monkeypatch) as (display, server, desktop), agent_client(tmp_path, server) as client:
        for size in ((500, 350), (600, 200), SIZE):
            count = len([line for line in client.lines() if line["event"] == "surface" and line["size"] == list(size)])
            client.tell(do="monitors", monitors=[[0, 0, *size]])
            client.until("surface", count + 1, size=list(size))
            assert desktop.size() == size
        client.tell(do="monitors", monitors=[[0, 0, 5000, 5000]])
        client.tell(do="monitors", monitors=[[0, 0, 300, 300]])
        client.until("surface", size=[300, 300])
        assert [line["size"] for line in client.lines() if line["event"] == "surface" and max(line["size"]) > 640] == []
        with x_program(display.name) as window:

            def pointed() -> bool:
                client.tell(do="point", x=100, y=50)
                return window.pointer() == (100, 50)

            until(pointed, what="the agent moves the pointer")


# -- in one process


@contextmanager
def shows(name: str, guest: Guest) -> Iterator[tuple[OwnProgram, list[LocalError]]]:
    """The guest of the examples in this process, and what it fails with."""
    module("server")
    failures: list[LocalError] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", name)
        program = load(str(EXAMPLE)).run(guest, 1, failures.append)
    try:
        yield program, failures
    finally:
        program.stop()


def answered(program: OwnProgram, ready: Callable[[], bool], what: str) -> None:
    """What the thread calls for is done, until something is so."""

    def turn() -> bool:
        program.answer_calls()
        return ready()

    until(turn, what=what)


def test_the_pointer_and_its_shape(tmp_path: Path) -> None:
    guest = Guest()
    with (
        x_display(tmp_path, SIZE) as display,
        x_program(display.name) as window,
        shows(display.name, guest) as (program, failures),
    ):
        assert guest.screens[0].size == SIZE and guest.pointer.kind == "absolute"
        cursor = guest.cursors[0]
        found: list[int] = []
        for number, (x, y) in ((34, (100, 50)), (90, (20, 30))):  # a cross, and a plus
            window.has_cursor(number)
            guest.pointer.position(x, y, 0, 0)
            answered(program, lambda: (cursor.x, cursor.y) == (x, y), "the pointer is there")  # noqa: B023
            before = found[-1] if found else None
            answered(program, lambda: cursor.shape is not None and cursor.shape.unique not in (0, before), "another shape")  # noqa: B023
            shape = cursor.shape
            image = window.display.xfixes_get_cursor_image(window.root)
            assert (
                shape is not None
                and shape.type == CursorType.ALPHA
                and (shape.width, shape.height) == (image.width, image.height)
            )
            assert shape.hot_spot == (image.xhot, image.yhot)
            assert np.frombuffer(shape.data, "<u4").tolist() == image.cursor_image and max(image.cursor_image) == 0xFFFFFFFF
            found.append(shape.unique)
        guest.pointer.position(5, 5, 1, 0)  # of another display
        guest.pointer.motion(1, 1, 0)
        answered(program, lambda: (cursor.x, cursor.y) == (21, 31), "the pointer is one further")
        assert not failures


def test_locks(tmp_path: Path) -> None:
    """Those of X count, whoever has pressed the key."""
    guest = Guest()
    told: list[KeyboardModifierFlags] = []
    guest.keyboard.watch(lambda news: told.append(news.locks), LocksChanged)
    with x_display(tmp_path, SIZE) as display, x_program(display.name) as window, shows(display.name, guest) as (program, _):
        guest.keyboard.modifiers(int(KeyboardModifierFlags.CAPS_LOCK))
        until(lambda: window.display.get_keyboard_control().led_mask & 1, what="X has Caps Lock on")
        answered(program, lambda: guest.keyboard.locks == KeyboardModifierFlags.CAPS_LOCK, "so has the guest")
        window.press(66)
        window.press(77)
        answered(program, lambda: guest.keyboard.locks == KeyboardModifierFlags.NUM_LOCK, "Num Lock is on, Caps Lock off")
        assert told[-1] == KeyboardModifierFlags.NUM_LOCK


def test_what_is_held_goes_up_at_the_end(tmp_path: Path) -> None:
    guest = Guest()
    with x_display(tmp_path, SIZE) as display, x_program(display.name) as window:
        with shows(display.name, guest):
            guest.keyboard.key(b"\x2a", True)
            guest.pointer.button(1, True)
            window.until(("key", 50, True))
        window.until(("key", 50, False))
        assert [event[:3] for event in window.pump() if event[0] == "button"] == [("button", 1, True), ("button", 1, False)]


_ALIKE = ("Tab", "Home", "Up", "Left", "Right", "End", "Down", "Insert", "Delete", "Menu", "Pause", "Print")
"""Names of keys that are those of their symbols, too."""

_SYMBOLS = (
    ("Esc", "Escape"),
    ("Enter", "Return"),
    ("Backspace", "BackSpace"),
    ("Space", "space"),
    ("LeftShift", "Shift_L"),
    ("RightShift", "Shift_R"),
    ("LeftCtrl", "Control_L"),
    ("RightCtrl", "Control_R"),
    ("LeftAlt", "Alt_L"),
    ("RightAlt", "Alt_R"),
    ("LeftMeta", "Super_L"),
    ("RightMeta", "Super_R"),
    ("KPEnter", "KP_Enter"),
    ("KP/", "KP_Divide"),
    ("KP*", "KP_Multiply"),
    ("KP7", "KP_Home"),
    ("KP.", "KP_Delete"),
    ("PageUp", "Prior"),
    ("PageDown", "Next"),
    ("CapsLock", "Caps_Lock"),
    ("NumLock", "Num_Lock"),
)


def test_movements_that_wait_become_one() -> None:
    """As far as the pointer then is where it would be, wherever the edges of the display are."""
    move = module("watcher").Move
    assert move(3, -4, True).then(move(2, -1, True)) == move(5, -5, True)
    assert move(3, -4, False).then(move(2, 1, False)) == move(2, 1, False)
    assert move(0, -4, True).then(move(2, 0, True)) == move(2, -4, True)
    assert move(3, -4, True).then(move(2, 1, True)) is None
    assert move(3, -4, True).then(move(2, 1, False)) is move(3, -4, False).then(move(2, 1, True)) is None


def test_a_crowd_of_inputs(tmp_path: Path) -> None:
    """More than fit into a row, of a display that is there: all movements and keys arrive."""
    guest = Guest()
    with (
        x_display(tmp_path, SIZE) as display,
        x_program(display.name) as window,
        shows(display.name, guest) as (program, failures),
    ):
        guest.pointer.position(0, 0, 0, 0)
        for number in range(60_000):
            guest.pointer.motion(number % 100 == 0, 0, 0)
        for _ in range(500):
            guest.keyboard.key(b"\x1e", True)
            guest.keyboard.key(b"\x1e", False)
        answered(program, lambda: window.pointer() == (600, 0), "the pointer has gone all the way")
        answered(program, lambda: len([event for event in window.pump() if event[0] == "key"]) == 1000, "all keys arrive")
        assert not failures


def test_every_key_is_its_own(tmp_path: Path) -> None:
    """Keys have the symbols of their names in X's American keyboard, and no two are the same."""
    from Xlib import XK

    codes = module("keys").keycode
    symbols = {name: name.lower() for name in KEYS.values() if len(name) == 1 and name.isalpha()}
    symbols |= {name: name for name in (*[f"F{number}" for number in range(1, 13)], *_ALIKE)} | dict(_SYMBOLS)
    with x_display(tmp_path, SIZE) as display, x_program(display.name) as window:
        for name, symbol in symbols.items():
            code = codes(CODES[name].to_bytes(3, "little").rstrip(b"\0"))
            assert window.display.keycode_to_keysym(code, 0) == XK.string_to_keysym(symbol), name
    pretended = {"FakeShift", "FakeRightShift"}
    same_key = {"SysRq", "Break"}  # which are Print and Pause with another key
    found = [codes(code.to_bytes(3, "little").rstrip(b"\0")) for code, name in KEYS.items() if name not in pretended | same_key]
    assert None not in found and len(set(found)) == len(set(KEYS.values()) - pretended - same_key)
    assert [codes(CODES[name].to_bytes(2, "little")) for name in sorted(pretended)] == [None, None]


# -- ends


def test_a_display_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with x_display(tmp_path, SIZE) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        command = [sys.executable, "-m", "reference_server", "--guest", str(EXAMPLE)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert server.stdout is not None and server.stdout.readline()
    _, said = server.communicate(timeout=PATIENCE)
    assert server.returncode == 1 and len(said.splitlines()) == 1, said
    assert said.startswith(
        f"spice-reference-server: the guest {EXAMPLE} has failed: the X server {display.name} has gone; found "
    )


def test_a_display_that_hangs(tmp_path: Path) -> None:
    """Nobody waits for it, and what it does not take ends the guest."""
    guest = Guest()
    with x_display(tmp_path, SIZE) as display, shows(display.name, guest) as (_, failures):
        display.process.send_signal(signal.SIGSTOP)
        try:

            def pushed() -> bool:
                for number in range(10_000):
                    guest.pointer.motion(1, 0, 0)
                    guest.keyboard.key(b"\x1e", not number % 2)
                return bool(failures)

            until(pushed, what="the guest has failed")
        finally:
            display.process.send_signal(signal.SIGCONT)
        assert f"the X server {display.name} hangs; found 50000 inputs wait for it" in str(failures[0])


def test_a_display_that_hangs_while_nobody_does_anything(tmp_path: Path) -> None:
    guest = Guest()
    with x_display(tmp_path, SIZE) as display, shows(display.name, guest) as (_, failures):
        now = 0.0

        def passed() -> bool:
            nonlocal now
            now += 1
            guest.timer.tick(now)
            return bool(failures)

        display.process.send_signal(signal.SIGSTOP)
        try:
            until(passed, what="the guest has failed")
        finally:
            display.process.send_signal(signal.SIGCONT)
        assert now > 10 and f"the X server {display.name} hangs; found no answer for 10 s" in str(failures[0])


def test_a_display_that_hangs_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module("server")
    monkeypatch.setattr(import_module("x11_guest"), "_PATIENCE", 0.1)
    failures: list[LocalError] = []
    with x_display(tmp_path, SIZE) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        display.process.send_signal(signal.SIGSTOP)
        try:
            OwnGuest(import_module("x11_guest").guest, "it", str(EXAMPLE)).run(Guest(), 1, failures.append).stop()
        finally:
            display.process.send_signal(signal.SIGCONT)
        assert f"the X server {display.name} does not answer; expected a picture within 0.1 s" in str(failures[0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "no X display is named; expected DISPLAY in the environment, like :81"),
        (":54321", "no X server answers at DISPLAY=:54321: "),
        ("nonsense", "no X server answers at DISPLAY=nonsense: "),
    ],
)
def test_no_display(monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    module("server")
    monkeypatch.setenv("DISPLAY", name)
    status, errors, lines = ended("--guest", str(EXAMPLE))
    assert status == 1 and not lines and len(errors.splitlines()) == 1, errors
    assert f"the guest {EXAMPLE} has failed: {said}" in errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-extension", "XTEST"), "has no extension XTEST"),
        (("-extension", "XTEST", "-extension", "RANDR"), "has no extension XTEST and no RANDR"),
        (
            ("-screen", "0", "640x480x16"),
            "has other pixels; expected 24 bits in 32, low byte first; found 16 in 16, low byte first",
        ),
    ],
)
def test_a_display_that_can_not_be_shown_or_driven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    """In a process of its own: python-xlib mixes up X servers whose extensions have other numbers."""
    with x_display(tmp_path, SIZE, *options) as display:
        monkeypatch.setenv("DISPLAY", display.name)
        status, errors, _ = ended("--guest", str(EXAMPLE))
        assert status == 1 and f"has failed: the X server {display.name} {said}\n" in errors


def test_without_python_xlib() -> None:
    code = "import sys; sys.modules['Xlib'] = None; from reference_server.command import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--guest", str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and "needs python-xlib; expected pip install 'spiceproto[x11]'" in done.stderr


# -- what has changed

pictures = st.tuples(st.integers(1, 200), st.integers(1, 200), st.integers(0, 1 << 32)).map(
    lambda drawn: np.random.default_rng(drawn[2]).integers(0, 1 << 32, drawn[:2], dtype=np.uint32)
)


@settings(deadline=None)
@given(picture=pictures, places=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=40))
def test_what_has_changed_is_all_in_the_boxes(picture: Any, places: list[tuple[float, float]]) -> None:
    changes = module("changes")
    height, width = picture.shape
    other = picture.copy()
    for down, across in places:
        other[min(int(down * height), height - 1), min(int(across * width), width - 1)] ^= 1
    tiles = changes.changed(picture, other)
    found = changes.boxes(tiles, (width, height))
    assert bool(found) == bool((picture != other).any()) and len(found) <= 32
    for box in found:
        assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
        part = (slice(box.top, box.bottom), slice(box.left, box.right))
        picture[part] = other[part]
    assert (picture == other).all()


def test_few_tiles_are_few_boxes() -> None:
    changes = module("changes")
    before = np.zeros((100, 200), np.uint32)
    after = before.copy()
    after[40, 70] = after[70, 100] = after[5, 199] = 0xABCDEF
    assert changes.boxes(changes.changed(before, after), (200, 100)) == [(192, 0, 200, 32), (64, 32, 96, 64), (96, 64, 128, 96)]
    assert not changes.changed(before, before | np.uint32(0xFF000000)).any(), "the highest byte means nothing"
    rectangles = np.array([(-5, 30, 40, 3), (190, 99, 100, 100)])
    assert changes.boxes(changes.touched(rectangles, (200, 100)), (200, 100)) == [(0, 0, 64, 64), (160, 96, 200, 100)]
