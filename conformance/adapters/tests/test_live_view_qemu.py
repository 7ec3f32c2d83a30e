"""The live view with QEMU's guest: what the guest gets of mouse and keyboard, and the picture in the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from conformance.adapters.guest import InputEvent, KeyByte, Motion, Position
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.looks import need_adapters
from spiceproto import png
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.tests.peers import until

_MODES = ("640x480x8", "640x480x15", "640x480x16", "800x600x32")


def _uri(qemu: Qemu) -> str:
    return f"spice://{qemu.host}:{qemu.port}"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Qemu, LiveView]]:
    """A guest that says what its hardware gets, and a page."""
    need_adapters(Qemu)
    qemu = Qemu({"guest": "pointer"})
    with qemu, live_view(tmp_path_factory.mktemp("view"), _uri(qemu)) as view:
        yield qemu, view


def heard(qemu: Qemu, enough: Callable[[list[InputEvent]], bool], what: str) -> list[InputEvent]:
    """What the guest gets, until that is enough."""
    found: list[InputEvent] = []

    def arrived() -> bool:
        found.extend(qemu.do_input_events(1, 0.2))
        return enough(found)

    until(arrived, what=what)
    return found


def wait_for(qemu: Qemu, *wanted: InputEvent) -> None:
    """These events, one behind the other, whatever else is between them."""

    def all_there(found: list[InputEvent]) -> bool:
        rest = iter(found)
        return all(event in rest for event in wanted)

    heard(qemu, all_there, f"the guest gets {wanted}")


def in_mode(qemu: Qemu, view: LiveView, mode: str) -> None:
    until(lambda: qemu.mouse_mode() == mode, what=f"mouse mode {mode}")
    view.until(f"document.body.dataset.mouse === '{mode}'")


def picture_of(qemu: Qemu, folder: Path) -> np.ndarray:
    qemu.do_picture(str(folder / "guest.png"))
    return png.decode((folder / "guest.png").read_bytes())


def act_by_positions(qemu: Qemu, view: LiveView) -> None:
    """A click and a turn of the wheel, in mode CLIENT."""

    def clicked(found: list[InputEvent]) -> bool:
        there = [event.buttons for event in found if isinstance(event, Position) and event.pixel(720, 400) == (100, 50)]
        return MouseButtonMask.LEFT in there and there[-1] == MouseButtonMask(0)

    def turned(found: list[InputEvent]) -> bool:
        return any(isinstance(event, Position) and event.wheel == 1 for event in found)

    view.click(100, 50)
    heard(qemu, clicked, "a click at 100, 50")
    view.mouse("wheel", 100, 50, deltaX=0, deltaY=-120)
    heard(qemu, turned, "the wheel turns away from the user")


def act_by_movements(qemu: Qemu, view: LiveView) -> None:
    """A click that takes the mouse, a movement and a click that is the guest's, in mode SERVER."""
    view.click(300, 200, "right")
    view.until("document.pointerLockElement?.id === 'display-0'")
    view.mouse("moved", 300, 200)
    # In pixels of the window, which stretches the display.
    scale = view.js("document.getElementById('display-0').getBoundingClientRect().width / 720")
    qemu.do_input_events()
    view.mouse("moved", 310, 196)

    def moved(found: list[InputEvent]) -> bool:
        motions = [event for event in found if isinstance(event, Motion) and not event.bell]
        across, down = sum(event.dx for event in motions), sum(event.dy for event in motions)
        return bool(abs(across - 10 * scale) <= 1 and abs(down + 4 * scale) <= 1)

    found = heard(qemu, moved, "a movement of 10, -4")
    assert not any(isinstance(event, Motion) and event.buttons for event in found)
    view.mouse("pressed", 310, 196, "middle")
    view.mouse("released", 310, 196, "middle")
    wait_for(qemu, Motion(0, 0, 0, MouseButtonMask.MIDDLE), Motion(0, 0, 0, MouseButtonMask(0)))
    view.js("document.exitPointerLock()")
    view.until("document.pointerLockElement === null")


def test_clicks_in_both_modes_and_back(pair: tuple[Qemu, LiveView]) -> None:
    qemu, view = pair
    for _ in range(2):
        qemu.do_pointer("absolute")
        in_mode(qemu, view, "client")
        act_by_positions(qemu, view)
        qemu.do_pointer("relative")
        in_mode(qemu, view, "server")
        act_by_movements(qemu, view)


def test_keys_go_down_and_up_and_none_stays_down(pair: tuple[Qemu, LiveView]) -> None:
    qemu, view = pair
    view.js("document.getElementById('display-0').focus()")
    qemu.do_input_events()
    for code, down in (("KeyA", 0x1E), ("IntlBackslash", 0x56), ("F11", 0x57), ("Tab", 0x0F)):
        view.key(code, True)
        view.key(code, False)
        wait_for(qemu, KeyByte(down), KeyByte(down | 0x80))
    view.key("ArrowLeft", True)
    view.key("ArrowLeft", False)
    wait_for(qemu, *[KeyByte(byte) for byte in (0xE0, 0x4B, 0xE0, 0xCB)])
    view.key("Pause", True)
    view.key("Pause", False)
    wait_for(qemu, *[KeyByte(byte) for byte in (0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5)])

    view.key("ShiftLeft", True)
    view.key("KeyQ", True)
    wait_for(qemu, KeyByte(0x2A), KeyByte(0x10))
    view.js("document.getElementById('size').focus()")
    wait_for(qemu, KeyByte(0x90), KeyByte(0xAA))


def test_a_chord_that_the_browser_keeps(pair: tuple[Qemu, LiveView]) -> None:
    qemu, view = pair
    qemu.do_input_events()
    view.js(
        "{ const keys = document.getElementById('keys');"
        "keys.value = [...keys.options].find((one) => one.text === 'Ctrl+Alt+F2').value;"
        "keys.dispatchEvent(new Event('change')); }"
    )
    wait_for(qemu, *[KeyByte(byte) for byte in (0x1D, 0x38, 0x3C, 0xBC, 0xB8, 0x9D)])


@pytest.mark.parametrize("mode", _MODES)
def test_the_picture_is_the_guests(tmp_path: Path, mode: str) -> None:
    need_adapters(Qemu)
    qemu = Qemu({"guest": mode})
    with qemu, live_view(tmp_path, _uri(qemu)) as view:
        qemu.do_animate(20, wait=True)
        wanted = picture_of(qemu, tmp_path)
        assert len(np.unique(wanted.reshape(-1, 3), axis=0)) > 20
        until(lambda: view.shows(wanted), what="the page shows the guest's picture")
        view.load()
        until(lambda: view.shows(wanted), what="a page that is loaded again shows it")
