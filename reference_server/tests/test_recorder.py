"""The recorder: what clients did, and nothing else."""

from __future__ import annotations

from reference_server import Guest, Recorder
from reference_server.guest import Button, InputEvent, Key, Motion, Position, Wheel, on_input


def use(guest: Guest) -> None:
    """Some of everything that a client can do, and of what a guest does by itself."""
    guest.pointer.set_kind("absolute")
    guest.pointer.motion(1, 2, 0)
    guest.pointer.position(3, 4, 0, 1)
    guest.pointer.button(1, True)
    guest.pointer.wheel(-1)
    guest.keyboard.key(b"\x1e", True)
    guest.screens[0].animate()


DONE = [Motion(1, 2, 0), Position(x=3, y=4, display=0, buttons=1), Button(1, True), Wheel(-1), Key("1e", True)]


def test_it_keeps_what_clients_do_since_the_last_call() -> None:
    guest = Guest(size=(32, 32))
    recorder = Recorder(guest)
    use(guest)
    assert recorder.take() == DONE and recorder.take() == []
    use(guest)
    assert recorder.take() == DONE


def test_it_keeps_so_much_and_no_more() -> None:
    guest = Guest(size=(32, 32))
    recorder = Recorder(guest, most=3)
    use(guest)
    assert recorder.events == DONE[:3]


def test_a_log_hears_the_same() -> None:
    guest = Guest(size=(32, 32))
    log: list[InputEvent] = []
    on_input(guest, log.append)
    use(guest)
    assert log == DONE
