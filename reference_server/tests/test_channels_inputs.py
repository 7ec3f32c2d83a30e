"""The inputs channel."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from reference_server import Recorder
from reference_server.guest import Button, Key, Motion, Position, Wheel
from reference_server.tests.memory import PIECES, serve, small
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main


@PIECES
def test_movements(piece: int) -> None:
    guest = small(pointer="absolute")
    recorder = Recorder(guest)
    wire = serve(guest, piece=piece)
    line, _ = wire.main()
    keys = wire.link(ChannelType.INPUTS)
    keys.read()
    keys.send(*[inputs.MouseMotion(-1, 2, MouseButtonMask.LEFT)] * 3)
    assert keys.read() == []
    keys.send(inputs.MousePosition(x=5, y=6, buttons_state=0, display_id=0))
    assert keys.read() == [inputs.MouseMotionAck()]
    assert recorder.events == [Motion(-1, 2, 1)] * 3
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    keys.send(*[inputs.MousePosition(x=7, y=8, buttons_state=0, display_id=0), inputs.MouseMotion(9, 9, 0)] * 4)
    assert keys.read() == [inputs.MouseMotionAck()] * 2
    assert recorder.events[3:] == [Position(7, 8, 0, 0)] * 4


def test_buttons_and_wheel_and_what_is_held_goes_up() -> None:
    guest = small()
    recorder = Recorder(guest)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    for button in (MouseButton.LEFT, MouseButton.UP, MouseButton.EXTRA, MouseButton.INVALID, 99):
        keys.send(inputs.MousePress(button, 0))
    keys.send(inputs.MouseRelease(MouseButton.UP, 0), inputs.MouseRelease(MouseButton.LEFT, 0), inputs.MouseRelease(99, 0))
    keys.send(inputs.KeyDown(0x1E), inputs.KeyDown(0x48E0), inputs.KeyUp(0x9E))
    down = [Button(1, True), Wheel(-1), Button(7, True), Button(1, False), Key("1e", True), Key("e048", True), Key("1e", False)]
    assert recorder.events == down
    keys.hang_up()
    assert recorder.events[len(down) :] == [Key("e048", False), Button(7, False)]


@given(cuts=st.lists(st.integers(0, 12), max_size=4))
def test_scan_codes_in_any_pieces(cuts: list[int]) -> None:
    guest = small()
    recorder = Recorder(guest)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    data = bytes.fromhex("1e e048 e11d45 9e e0c8 e19dc5")
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(data)]):
        keys.send(inputs.KeyScancode(data[start:stop]))
    codes = ("1e", "e048", "e11d45")
    assert recorder.events == [Key(code, down) for down in (True, False) for code in codes]


def test_lock_keys() -> None:
    guest = small()
    guest.keyboard.set_locks(KeyboardModifierFlags.NUM_LOCK)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    assert keys.read() == [inputs.Init(KeyboardModifierFlags.NUM_LOCK)]
    keys.send(inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK))
    assert keys.read() == [inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK)]
    keys.send(inputs.KeyDown(0x3A), inputs.KeyDown(0x3A), inputs.KeyUp(0xBA))
    assert keys.read() == [inputs.KeyModifiers(KeyboardModifierFlags(0))], "a repetition of the press is not another one"


def test_a_wish_presses_the_lock_keys_that_are_not_so() -> None:
    guest = small()
    guest.keyboard.set_locks(KeyboardModifierFlags.NUM_LOCK)
    recorder = Recorder(guest)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    keys.read()
    keys.send(inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK | 0xFFF8))
    pressed = [event for event in recorder.take() if isinstance(event, Key)]
    assert pressed == [Key(code, down) for code in ("45", "3a") for down in (True, False)]
    assert keys.read() == [inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK)], "said once"
    keys.send(inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK))
    assert not [event for event in recorder.take() if isinstance(event, Key)]
    keys.send(inputs.KeyDown(0x3A), inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK))
    assert recorder.take()[0] == Key("3a", True) and guest.keyboard.locks == 0, "a key that is down is not pressed for a wish"


def test_codes_that_are_none_change_nothing() -> None:
    guest = small()
    recorder = Recorder(guest)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    keys.send(inputs.KeyDown(0), inputs.KeyUp(0), inputs.KeyScancode(b""), inputs.KeyScancode(b"\x1e\0\x9e\0"))
    keys.send(inputs.KeyDown(0x30_00_1E), inputs.KeyUp(0x9E))
    assert recorder.events == [Key("1e", True), Key("1e", False)] * 2
    keys.send(inputs.KeyDown(0xE0), inputs.KeyScancode(b"\x48\xe0"), inputs.KeyUp(0xC8))
    assert recorder.events[4:] == [Key("e048", True), Key("e048", False)], "one stream for all three messages"
