"""A connection to an X server, used by one thread: its picture, pointer, lock keys and clipboards, and a user's hands on it.

It stands on python-xlib, the extra ``x11``. Of the extension DAMAGE, python-xlib lacks what tells all that was damaged in one
answer; that is here (:class:`_FetchRegion`). Without DAMAGE or XFIXES the whole picture is fetched each time.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guest import Shape
from spiceproto import extras
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.errors import LocalError
from x11_guest.changes import Box, boxes, touched

extras.load("Xlib.display", "the guest x11_guest")

from Xlib import X, error  # noqa: E402
from Xlib.display import Display  # noqa: E402
from Xlib.ext import damage, randr, xtest  # noqa: E402
from Xlib.protocol import rq  # noqa: E402

from x11_guest.selections import Selections  # noqa: E402
from x11_guest.sizes import resize  # noqa: E402

__all__ = ["GONE", "XServer"]

GONE: Final = (error.ConnectionClosedError, OSError)
"""What is raised when the X server has gone."""

_REFUSED: Final = (error.DisplayError, error.XauthError, OSError)

_ALL_PLANES: Final = 0xFFFFFFFF

_ANSWER: Final = 512 << 10
"""Bytes of pixels that are asked for at once: python-xlib copies all of an answer with each part of it that comes."""

_EXTENSIONS: Final = ("XTEST", "RANDR")
"""Without these it can not be driven, or changes its size unseen."""

_LOCKS: Final = {
    1: KeyboardModifierFlags.CAPS_LOCK,
    2: KeyboardModifierFlags.NUM_LOCK,
    4: KeyboardModifierFlags.SCROLL_LOCK,
}
"""Lights of X's keyboard, as masks, and what SPICE calls them."""

_SHORT: Final = (-(1 << 15), (1 << 15) - 1)
"""Coordinates have 16 bits."""


class _CreateRegion(rq.Request):  # type: ignore[misc]  # python-xlib has no types
    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(5), rq.RequestLength(), rq.Card32("region"))


class _FetchRegion(rq.ReplyRequest):  # type: ignore[misc]
    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(19), rq.RequestLength(), rq.Card32("region"))
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Pad(1),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        *[rq.Int16(name) for name in ("x", "y")],
        *[rq.Card16(name) for name in ("width", "height")],
        rq.Pad(16),
        rq.Binary("rectangles"),
    )


class XServer:
    """The display ``name``. Raises LocalError if it is not there, or is one that can not be shown.

    ``size``     width and height of the root window
    ``tells_damage``  whether it says what of its picture has changed
    ``resized``  whether it has changed since somebody has set this to False; so ``damaged``, and ``reshaped`` of the pointer
    """

    def __init__(self, name: str) -> None:
        try:
            self._display = Display(name or None)
        except _REFUSED as refusal:
            raise LocalError(f"no X server answers at DISPLAY={name}: {refusal}") from None
        self._root = self._display.screen().root
        for code, kind in self._display.display.error_classes.items():
            if not issubclass(kind, error.XError):  # with those that python-xlib has for RANDR, it can not read the errors
                self._display.display.error_classes[code] = error.XError
        self._check(name)
        self.size = self._measure()
        self.resized = self.damaged = self.reshaped = True
        self._display.set_error_handler(lambda *_: None)  # of requests without an answer: a window has gone, and the like
        self._root.change_attributes(event_mask=X.StructureNotifyMask)
        self._root.xrandr_select_input(randr.RRScreenChangeNotifyMask)
        self._region = self._watch_damage()
        self._watch_pointer()
        self._held: dict[tuple[int, int], None] = {}
        self._selections: Selections | None = None
        self._display.flush()

    def _check(self, name: str) -> None:
        there = self._display.list_extensions()
        missing = [extension for extension in _EXTENSIONS if extension not in there]
        if missing:
            raise LocalError(f"the X server {name} has no extension {' and no '.join(missing)}")
        self.tells_damage = "DAMAGE" in there and "XFIXES" in there
        self._pointed = "XFIXES" in there
        info, screen = self._display.display.info, self._display.screen()
        depth = screen.root_depth
        bits = next((each.bits_per_pixel for each in info.pixmap_formats if each.depth == depth), 0)
        if bits != 32 or info.image_byte_order != X.LSBFirst or depth not in (24, 32):
            order = "low byte first" if info.image_byte_order == X.LSBFirst else "high byte first"
            actual = f"{depth} in {bits}, {order}"
            raise LocalError(f"the X server {name} has other pixels", expected="24 bits in 32, low byte first", actual=actual)

    def close(self) -> None:
        """Let go of all that is held, and end the connection."""
        for kind, number in tuple(self._held):
            self._fake(kind, number, down=False)
        self._display.sync()
        self._display.close()

    def fileno(self) -> int:
        """What can be read from when it says something."""
        return int(self._display.fileno())

    # -- what it tells

    @property
    def asked(self) -> int:
        """Number of the last request, which begins anew at times: who asks goes on only once it was answered."""
        return int(self._display.display.request_serial)

    @property
    def waiting(self) -> bool:
        """Whether something it has said was not taken."""
        return bool(self._display.pending_events())

    def read(self) -> None:
        """Take what it says: see ``resized``, ``damaged`` and ``reshaped``."""
        display = self._display
        for _ in range(display.pending_events()):
            event = display.next_event()
            if event.type == X.ConfigureNotify:
                self.resized = True
            elif self.tells_damage and event.type == display.extension_event.DamageNotify:
                self.damaged = True
            elif type(event).__name__ == "DisplayCursorNotify":
                self.reshaped = True
            elif type(event).__name__ == "ScreenChangeNotify":
                self.resized = True
            elif self._selections is not None:
                self._selections.take(event)

    def measure(self) -> bool:
        """Look how large it is; whether it is another size."""
        self.resized = False
        before, self.size = self.size, self._measure()
        return before != self.size

    def _measure(self) -> tuple[int, int]:
        found = self._root.get_geometry()
        return found.width, found.height

    def resize(self, width: int, height: int) -> None:
        """Have this size, if that can be."""
        try:
            resize(self._display, width, height)
        except error.XError:
            return

    # -- its clipboards

    def share(self, *tell: Any) -> None:
        """Share the selections from now on: see :class:`x11_guest.selections.Selections`."""
        if self._pointed:
            self._selections = Selections(self._display, *tell)

    def offer(self, selection: int, there: bool) -> None:
        """A client has copied a text, or has none any more."""
        if self._selections is not None:
            self._selections.offer(selection, there)

    def arrive(self, selection: int, text: bytes) -> None:
        """A client has given a text that was wanted."""
        if self._selections is not None:
            self._selections.arrive(selection, text)

    # -- its picture

    def _watch_damage(self) -> int:
        if not self.tells_damage:
            return 0
        self._display.damage_query_version()
        self._display.xfixes_query_version()
        self._damage = self._root.damage_create(damage.DamageReportNonEmpty)
        region = self._display.display.allocate_resource_id()
        _CreateRegion(display=self._display.display, opcode=self._fixes, region=region)
        return int(region)

    @property
    def _fixes(self) -> int:
        return int(self._display.display.get_extension_major("XFIXES"))

    def take_damage(self) -> list[Box]:
        """Where the picture may be another one since the last call: all of it if the X server does not say."""
        self.damaged = not self.tells_damage
        whole = [Box(0, 0, *self.size)]
        if not self.tells_damage:
            return whole
        self._display.damage_subtract(self._damage, X.NONE, self._region)
        found = _FetchRegion(display=self._display.display, opcode=self._fixes, region=self._region)
        rectangles: NDArray[Any] = np.frombuffer(found.rectangles, "<i2").reshape(-1, 4)
        return boxes(touched(rectangles, self.size), self.size)

    def picture(self, box: Box) -> NDArray[np.uint32] | None:
        """Pixels of a part, ``uint32 (h, w)``; None if that is not there any more."""
        width, height = box.right - box.left, box.bottom - box.top
        found = np.empty((height, width), np.uint32)
        rows = max(_ANSWER // (4 * width), 1)
        try:
            for top in range(0, height, rows):
                part = found[top : top + rows]
                answer = self._root.get_image(box.left, box.top + top, width, len(part), X.ZPixmap, _ALL_PLANES)
                part[...] = np.frombuffer(answer.data, np.uint32, part.size).reshape(part.shape)
        except error.XError:
            self.resized = True
            return None
        return found

    # -- its pointer and its keyboard

    def _watch_pointer(self) -> None:
        if self._pointed:
            self._display.xfixes_query_version()
            self._display.xfixes_select_cursor_input(self._root, 1)

    def shape(self) -> Shape | None:
        """What the pointer looks like; None if nobody can know."""
        self.reshaped = False
        if not self._pointed:
            return None
        try:
            found = self._display.xfixes_get_cursor_image(self._root)
        except error.XError:
            return None
        return Shape(
            type=CursorType.ALPHA,
            width=found.width,
            height=found.height,
            hot_spot=(found.xhot, found.yhot),
            data=np.array(found.cursor_image, "<u4").tobytes(),
            unique=found.cursor_serial,
        )

    def place(self) -> tuple[int, int]:
        """Where the pointer is."""
        found = self._root.query_pointer()
        return found.root_x, found.root_y

    def locks(self) -> KeyboardModifierFlags:
        """Lock keys whose light is on."""
        lights = self._display.get_keyboard_control().led_mask
        found = KeyboardModifierFlags(0)
        for mask, lock in _LOCKS.items():
            if lights & mask:
                found |= lock
        return found

    # -- a user's hands

    def key(self, keycode: int, down: bool) -> None:
        """Press or release a key; X repeats one that is held by itself."""
        self._fake(X.KeyPress, keycode, down=down)

    def button(self, number: int, down: bool) -> None:
        """Press or release a button, as X counts them."""
        self._fake(X.ButtonPress, number, down=down)

    def click(self, number: int) -> None:
        """Press and release a button."""
        self.button(number, True)
        self.button(number, False)

    def _fake(self, press: int, number: int, *, down: bool) -> None:
        if down == ((press, number) in self._held):
            return
        if down:
            self._held[press, number] = None
        else:
            del self._held[press, number]
        xtest.fake_input(self._display, press if down else press + 1, number)

    def move(self, x: int, y: int, *, by: bool) -> None:
        """Move the pointer there, or by so much."""
        low, high = _SHORT
        xtest.fake_input(self._display, X.MotionNotify, int(by), x=min(max(x, low), high), y=min(max(y, low), high))

    def flush(self) -> None:
        """Send what was said."""
        self._display.flush()
