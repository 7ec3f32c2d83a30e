"""Keyboard and mouse of the page that controls; and what it has to know for that: the mouse mode and the lock keys.

======================  ================================================================
verb                    values
======================  ================================================================
``key``                 ``code`` of a KeyboardEvent, ``down``
``blur``                nothing: what is down goes up, keys and buttons
``locks``               ``scroll``, ``num``, ``caps``: whether they are on here
``position``            ``display``, ``x``, ``y``: of the mouse, in pixels
``motion``              ``dx``, ``dy``: how far it moved, right and down
``button``              ``button`` as SPICE numbers it, ``down``
``wheel``               ``steps``, above 0 away from the user
``mouse-mode``          ``mode``: ``client`` or ``server``, to be asked for
``arrange``             ``sizes``: width and height of each monitor that the guest should have
======================  ================================================================

Positions and motions are what a mouse mode wants, but either is taken in each: the page may not have heard yet. What another
page says of its mouse and keyboard is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reference_client.channels.inputs import KeyModifiersChanged
from reference_client.channels.main import Initialised, MouseModeChanged, Named
from reference_client.events import Event
from reference_client.view.feature import Page, Session
from reference_client.view.key_codes import BREAK, KEY_CODES, key_code
from reference_client.view.values import choice, integer, text, truth
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError

__all__ = ["Inputs"]

_FAR: Final = 1 << 15
_STEPS: Final = 100
_MONITORS: Final = 16
_SIDE: Final = 16384
_LEAST: Final = 64

_BUTTONS: Final = (MouseButton.LEFT, MouseButton.MIDDLE, MouseButton.RIGHT, MouseButton.SIDE, MouseButton.EXTRA)

_LOCKS: Final = {
    "scroll": KeyboardModifierFlags.SCROLL_LOCK,
    "num": KeyboardModifierFlags.NUM_LOCK,
    "caps": KeyboardModifierFlags.CAPS_LOCK,
}

_CONTROL: Final = {KEY_CODES["ControlLeft"], KEY_CODES["ControlRight"]}

Values = Mapping[str, object]


class Inputs:
    """Keyboard and mouse."""

    verbs: tuple[str, ...] = ("key", "blur", "locks", "position", "motion", "button", "wheel", "mouse-mode", "arrange")
    kinds: tuple[int, ...] = ()

    def __init__(self, session: Session) -> None:
        self._client = session.client
        self._pages: list[Page] = []
        self._name = ""
        self._actions: dict[str, Callable[[Values], None]] = {
            "key": self._key,
            "blur": self._blur,
            "locks": self._wish_locks,
            "position": self._position,
            "motion": self._motion,
            "button": self._button,
            "wheel": self._wheel,
            "mouse-mode": self._mouse_mode,
            "arrange": self._arrange,
        }

    def opened(self, page: Page) -> None:
        self._pages.append(page)
        page.send_json(self._mouse())
        page.send_json(self._locks())
        if self._name:
            page.send_json({"event": "name", "name": self._name})

    def closed(self, page: Page) -> None:
        self._pages.remove(page)
        if page.controls:
            self._blur({})

    def told(self, page: Page, verb: str, values: Values) -> None:
        if page.controls:
            self._actions[verb](values)

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        raise LocalError("keyboard and mouse have no bytes")

    def event(self, event: Event) -> None:
        if isinstance(event, Initialised | MouseModeChanged):
            self._tell(self._mouse())
        elif isinstance(event, KeyModifiersChanged):
            self._tell(self._locks())
        elif isinstance(event, Named):
            self._name = event.name
            self._tell({"event": "name", "name": event.name})

    def _tell(self, message: Mapping[str, object]) -> None:
        for page in self._pages:
            page.send_json(message)

    def _mouse(self) -> Mapping[str, object]:
        pointing = self._client.pointing
        both = MouseMode.SERVER | MouseMode.CLIENT
        mode = "client" if pointing.in_client_mode else "server"
        return {"event": "mouse", "mode": mode, "both": pointing.supported & both == both}

    def _locks(self) -> Mapping[str, object]:
        try:
            on = self._client.inputs.key_modifiers
        except LocalError:
            on = 0
        return {"event": "locks", **{name: bool(on & flag) for name, flag in _LOCKS.items()}}

    # -- what the page says

    def _key(self, values: Values) -> None:
        code, down = key_code(text(values, "code", 40)), truth(values, "down")
        inputs = self._client.inputs
        if code == KEY_CODES["Pause"] and (BREAK in inputs.keys if not down else not _CONTROL.isdisjoint(inputs.keys)):
            code = BREAK
        inputs.key(code, down)

    def _blur(self, values: Values) -> None:
        try:
            inputs = self._client.inputs
        except LocalError:
            return  # it is gone, and everything is up
        inputs.focus(False)
        for button in _BUTTONS:
            if inputs.buttons & 1 << button - 1:
                inputs.release(button)

    def _wish_locks(self, values: Values) -> None:
        wanted = sum([int(flag) for name, flag in _LOCKS.items() if truth(values, name)])
        inputs = self._client.inputs
        if inputs.key_modifiers != wanted:
            inputs.modifiers(wanted)

    def _position(self, values: Values) -> None:
        x, y = integer(values, "x", 0, _SIDE), integer(values, "y", 0, _SIDE)
        self._client.inputs.position(x, y, integer(values, "display", 0, 255))

    def _motion(self, values: Values) -> None:
        self._client.inputs.motion(integer(values, "dx", -_FAR, _FAR), integer(values, "dy", -_FAR, _FAR))

    def _button(self, values: Values) -> None:
        button, down = integer(values, "button", 1, int(MouseButton.EXTRA)), truth(values, "down")
        if button not in _BUTTONS:
            raise LocalError(
                "not a button of a mouse", expected=", ".join(str(int(known)) for known in _BUTTONS), actual=str(button)
            )
        inputs = self._client.inputs
        if down != bool(inputs.buttons & 1 << button - 1):
            (inputs.press if down else inputs.release)(button)

    def _wheel(self, values: Values) -> None:
        self._client.inputs.wheel(integer(values, "steps", -_STEPS, _STEPS))

    def _mouse_mode(self, values: Values) -> None:
        mode = choice(values, "mode", "client", "server")
        self._client.main.request_mouse_mode(mode)

    def _arrange(self, values: Values) -> None:
        sizes = values.get("sizes")
        if not isinstance(sizes, list) or not 1 <= len(sizes) <= _MONITORS:
            raise LocalError("sizes is wrong", expected=f"1 to {_MONITORS} monitors", actual=repr(sizes)[:40])
        words = []
        for size in sizes:
            if not isinstance(size, list) or len(size) != 2:
                raise LocalError("a size is wrong", expected="[width, height]", actual=repr(size)[:40])
            pair = dict(zip(("width", "height"), size, strict=True))
            words.append(f"{integer(pair, 'width', _LEAST, _SIDE)}x{integer(pair, 'height', _LEAST, _SIDE)}")
        self._client.main.arrange(",".join(words))
