"""What the tour does on an inputs channel: the pointer in each mouse mode, buttons and the wheel, keys and their locks."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.cases.mouse.steps import BUNCH, move
from conformance.talk import Talk
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

__all__ = ["play", "point"]

_KEY: Final = 0x1E
_KEY_UP: Final = _KEY | 0x80
_BUTTONS: Final = (
    (MouseButton.LEFT, MouseButtonMask.LEFT),
    (MouseButton.MIDDLE, MouseButtonMask.MIDDLE),
    (MouseButton.RIGHT, MouseButtonMask.RIGHT),
)
_WHEEL: Final = (MouseButton.UP, MouseButton.DOWN)


def point(client: SuiteClient, keyboard: Talk) -> None:
    """A key, then movements and clicks in each mouse mode that is supported."""
    keyboard.send(inputs.KeyDown(_KEY), inputs.KeyUp(_KEY_UP))
    _in_each_mode(client, keyboard, client.init.supported_mouse_modes, client.init.current_mouse_mode)


def _in_each_mode(client: SuiteClient, keyboard: Talk, supported: int, current: int) -> None:
    talk = client.main_talk
    for mode in (MouseMode.SERVER, MouseMode.CLIENT):
        if not supported & mode:
            continue
        if mode != current:
            talk.send(main.MouseModeRequest(mode))
            talk.wait_for("MOUSE_MODE", current_mode=mode)
            current = mode
        for _ in range(2):
            move(client, keyboard, BUNCH, mode=mode)
            keyboard.expect("MOUSE_MOTION_ACK")
        keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT), inputs.MouseRelease(MouseButton.LEFT, 0))


def play(client: SuiteClient, keyboard: Talk) -> None:
    """Every button and the wheel, scan codes, locks on and off; both modes, where the guest can be given a tablet."""
    for button, mask in _BUTTONS:
        keyboard.send(inputs.MousePress(button, mask), inputs.MouseRelease(button, 0))
    for button in _WHEEL:
        keyboard.send(inputs.MousePress(button, 0), inputs.MouseRelease(button, 0))
    if keyboard.server.has(InputsCapability.KEY_SCANCODE):
        keyboard.send(inputs.KeyScancode(bytes((_KEY, _KEY_UP))))
    for locks in (KeyboardModifierFlags.NUM_LOCK, KeyboardModifierFlags(0)):
        keyboard.send(inputs.KeyModifiers(locks))
    if client.target.meets("control:pointer"):
        _give_a_tablet(client, keyboard)


def _give_a_tablet(client: SuiteClient, keyboard: Talk) -> None:
    """The guest gets a tablet, and gives it back: the server tells which modes there are."""
    talk = client.main_talk
    talk.drop("MOUSE_MODE")
    before = talk.count("MOUSE_MODE")
    client.control("pointer", "absolute")
    if talk.wait_count("MOUSE_MODE", before + 1, within=client.network.quiet):
        told = talk.unread("MOUSE_MODE")[-1].parsed
        talk.drop("MOUSE_MODE")
        _in_each_mode(client, keyboard, told.supported_modes, told.current_mode)
    before = talk.count("MOUSE_MODE")
    client.control("pointer", "relative")
    talk.wait_count("MOUSE_MODE", before + 1, within=client.network.quiet)
