"""Both mouse modes, end to end, and back: client, server, QEMU, and the guest that says what its hardware got.

The guest takes the VMware pointer, which needs no driver, and gives it back; each time SPICE changes its mouse mode.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.adapters.guest import InputEvent, KeyByte, Motion, Position
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import in_session, left_by_clients, need_adapters
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.tests.peers import until


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Qemu, SpiceGtk]]:
    """A guest with a client that is connected."""
    need_adapters(Qemu, SpiceGtk)
    qemu, gtk = left_by_clients({"guest": "pointer", "ticket": "sesame"}), SpiceGtk()
    with qemu, gtk:
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        yield qemu, gtk


def in_mode(qemu: Qemu, gtk: SpiceGtk, mode: str) -> bool:
    return qemu.mouse_mode() == mode and gtk.do("state").values["mouse_mode"] == mode


def pick(events: list[InputEvent], kind: type[Motion] | type[Position] | type[KeyByte]) -> list[InputEvent]:
    """Events of one kind, without the packets by which the VMware pointer only rings."""
    return [event for event in events if isinstance(event, kind) and not (isinstance(event, Motion) and event.bell)]


def wait_for(qemu: Qemu, kind: type[Motion] | type[Position] | type[KeyByte], number: int) -> list[InputEvent]:
    """So many events of one kind, and no more that came with them."""
    found: list[InputEvent] = []

    def enough() -> bool:
        found.extend(qemu.do_input_events(1, 0.2))
        return len(pick(found, kind)) >= number

    until(enough)
    return pick(found, kind)


def test_both_modes_and_back(pair: tuple[Qemu, SpiceGtk]) -> None:
    qemu, gtk = pair
    for _ in range(2):
        until(lambda: in_mode(qemu, gtk, "server"))
        qemu.do_input_events()
        assert gtk.do("motion", dx=5, dy=-6).kind == "ok"
        assert wait_for(qemu, Motion, 1) == [Motion(5, -6)]

        qemu.do_pointer("absolute")
        until(lambda: in_mode(qemu, gtk, "client"))
        qemu.do_input_events()
        assert gtk.do("position", x=100, y=50).kind == "ok"
        (event,) = wait_for(qemu, Position, 1)
        assert isinstance(event, Position) and event.pixel(720, 400) == (100, 50)

        qemu.do_pointer("relative")
    until(lambda: in_mode(qemu, gtk, "server"))
    assert gtk.do("motion", dx=-3, dy=2).kind == "ok"
    assert wait_for(qemu, Motion, 1) == [Motion(-3, 2)]


def test_the_client_chooses_where_both_are_possible(pair: tuple[Qemu, SpiceGtk]) -> None:
    qemu, gtk = pair
    assert gtk.do("mouse-mode", mode="client").kind == "ok"
    qemu.do_pointer("absolute")
    until(lambda: in_mode(qemu, gtk, "client"))
    gtk.do("mouse-mode", mode="server")
    until(lambda: in_mode(qemu, gtk, "server"))
    qemu.do_input_events()
    gtk.do("motion", dx=4, dy=-2)
    assert wait_for(qemu, Motion, 1) == [Motion(4, -2)]
    gtk.do("mouse-mode", mode="client")
    until(lambda: in_mode(qemu, gtk, "client"))
    qemu.do_pointer("relative")
    until(lambda: in_mode(qemu, gtk, "server"))


def test_buttons_and_wheel(pair: tuple[Qemu, SpiceGtk]) -> None:
    qemu, gtk = pair
    until(lambda: in_mode(qemu, gtk, "server"))
    qemu.do_input_events()
    for button, mask in (
        (1, MouseButtonMask.LEFT),
        (2, MouseButtonMask.MIDDLE),
        (3, MouseButtonMask.RIGHT),
        (6, MouseButtonMask.SIDE),
        (7, MouseButtonMask.EXTRA),
    ):
        gtk.do("press", button=button)
        gtk.do("release", button=button)
        assert wait_for(qemu, Motion, 2) == [Motion(0, 0, 0, mask), Motion(0, 0)]
    gtk.do("wheel", steps=-2)
    turned = [event for event in wait_for(qemu, Motion, 4) if event != Motion(0, 0)]
    assert turned == [Motion(0, 0, -1), Motion(0, 0, -1)]

    qemu.do_pointer("absolute")
    until(lambda: in_mode(qemu, gtk, "client"))
    gtk.do("position", x=360, y=200)
    wait_for(qemu, Position, 1)
    gtk.do("press", button=1)
    gtk.do("wheel", steps=1)
    gtk.do("release", button=1)
    events: list[Position] = []

    def all_released() -> bool:
        events.extend(event for event in qemu.do_input_events(1, 0.2) if isinstance(event, Position))
        return len(events) > 1 and not events[-1].buttons

    until(all_released)
    assert {event.pixel(720, 400) for event in events} == {(360, 200)}
    assert events[0].buttons == MouseButtonMask.LEFT
    assert sum(event.wheel for event in events) == 1
    qemu.do_pointer("relative")


def test_keys(pair: tuple[Qemu, SpiceGtk]) -> None:
    qemu, gtk = pair
    qemu.do_input_events()
    for code, down in ((0x1E, True), (0x1E, False), (0x11D, True), (0xE01D, False)):
        assert gtk.do("key", code=code, down=down).kind == "ok"
    found = wait_for(qemu, KeyByte, 6)
    assert found == [KeyByte(byte) for byte in (0x1E, 0x9E, 0xE0, 0x1D, 0xE0, 0x9D)]
