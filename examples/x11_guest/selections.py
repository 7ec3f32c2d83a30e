"""The selections CLIPBOARD and PRIMARY of an X server, as text in UTF-8, and a program there that owns them for a client.

X hands nothing over before it is asked: what another program copies is fetched at once, what a client has copied when a program
wants it. ICCCM, chapter 2; a text that is longer than a request comes in pieces (INCR), and goes as pieces of one property.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from Xlib import X, Xatom
from Xlib.protocol import event as events
from Xlib.protocol import request

__all__ = ["Selections"]

_WATCHED: Final = 7
"""What XFIXES is to tell of a selection: another owner, one whose window has gone, one that has gone."""

_GONE: Final = ("SelectionWindowDestroyNotify", "SelectionClientCloseNotify")

_MOST: Final = 16 << 20
"""Bytes of a text; what is longer is not shared."""

_PIECE: Final = 128 << 10
"""Bytes of a request."""

_ASKING: Final = 100
"""Programs that wait for one text."""


class Selections:
    """``copied``, ``cleared`` and ``wanted`` are told of what programs do. A selection is 0 for CLIPBOARD, 1 for PRIMARY."""

    def __init__(
        self, display: Any, copied: Callable[[int, bytes], None], cleared: Callable[[int], None], wanted: Callable[[int], None]
    ) -> None:
        self._display = display
        self._copied, self._cleared, self._wanted = copied, cleared, wanted
        root = display.screen().root
        self._window = root.create_window(0, 0, 1, 1, 0, 0, X.InputOnly, X.CopyFromParent, event_mask=X.PropertyChangeMask)
        self._atoms = (display.intern_atom("CLIPBOARD"), Xatom.PRIMARY)
        self._text, self._targets, self._pieces = (display.intern_atom(name) for name in ("UTF8_STRING", "TARGETS", "INCR"))
        self._places = tuple(display.intern_atom(f"SPICE_GUEST_{number}") for number in range(len(self._atoms)))
        self._coming: dict[int, bytearray] = {}
        self._had: dict[int, bytes] = {}
        self._asking: dict[int, list[Any]] = {}
        for number, atom in enumerate(self._atoms):
            display.xfixes_select_selection_input(self._window, atom, _WATCHED)
            self._fetch(number)

    # -- clients

    def offer(self, number: int, there: bool) -> None:
        """A client has copied a text, or has none any more."""
        self._had.pop(number, None)
        self._refuse(number)
        atom = self._atoms[number]
        if there:
            self._window.set_selection_owner(atom, X.CurrentTime)
        elif self._display.get_selection_owner(atom) == self._window:
            request.SetSelectionOwner(
                display=self._display.display, onerror=None, window=X.NONE, selection=atom, time=X.CurrentTime
            )

    def arrive(self, number: int, text: bytes) -> None:
        """A client has given what programs wanted."""
        self._had[number] = text
        for asking in self._asking.pop(number, []):
            self._give(asking, text)

    # -- programs

    def take(self, event: Any) -> None:
        """Something has happened, to a selection perhaps."""
        if type(event).__name__ == "SetSelectionOwnerNotify":
            self._owned(self._atoms.index(event.selection), event.owner)
        elif type(event).__name__ in _GONE:
            self._owned(self._atoms.index(event.selection), X.NONE)
        elif event.type == X.SelectionNotify and event.property in self._places:
            self._converted(self._places.index(event.property))
        elif event.type == X.PropertyNotify and event.atom in self._places and event.state == X.PropertyNewValue:
            number = self._places.index(event.atom)
            if number in self._coming:
                self._piece(number)
        elif event.type == X.SelectionRequest and event.selection in self._atoms:
            self._asked(self._atoms.index(event.selection), event)

    def _owned(self, number: int, owner: Any) -> None:
        if owner == self._window:
            return
        self._refuse(number)
        if owner == X.NONE:
            self._cleared(number)
        else:
            self._fetch(number)

    def _fetch(self, number: int) -> None:
        self._coming.pop(number, None)
        self._window.convert_selection(self._atoms[number], self._text, self._places[number], X.CurrentTime)

    def _read(self, number: int) -> tuple[int, bytes]:
        """Type and bytes of what has come; it is taken away."""
        found = self._window.get_full_property(self._places[number], X.AnyPropertyType)
        self._window.delete_property(self._places[number])
        return (0, b"") if found is None else (found.property_type, bytes(found.value) if found.format == 8 else b"")

    def _converted(self, number: int) -> None:
        kind, text = self._read(number)
        if kind == self._pieces:
            self._coming[number] = bytearray()
        elif kind == self._text and len(text) <= _MOST:
            self._copied(number, text)

    def _piece(self, number: int) -> None:
        _, text = self._read(number)
        if not text:
            self._copied(number, bytes(self._coming.pop(number)))
        elif len(self._coming[number]) + len(text) > _MOST:
            del self._coming[number]
        else:
            self._coming[number] += text

    def _asked(self, number: int, asking: Any) -> None:
        """A program wants what a client has copied."""
        if asking.target == self._targets:
            asking.requestor.change_property(asking.property or asking.target, Xatom.ATOM, 32, [self._targets, self._text])
            self._answer(asking, asking.property or asking.target)
        elif asking.target != self._text:
            self._answer(asking, X.NONE)
        elif number in self._had:
            self._give(asking, self._had[number])
        elif len(self._asking.setdefault(number, [])) >= _ASKING:
            self._answer(asking, X.NONE)
        else:
            self._asking[number].append(asking)
            if len(self._asking[number]) == 1:
                self._wanted(number)

    def _give(self, asking: Any, text: bytes) -> None:
        place = asking.property or asking.target
        asking.requestor.change_property(place, self._text, 8, b"")
        for first in range(0, len(text), _PIECE):
            piece = text[first : first + _PIECE]
            asking.requestor.change_property(place, self._text, 8, piece, mode=X.PropModeAppend)
        self._answer(asking, place)

    def _refuse(self, number: int) -> None:
        for asking in self._asking.pop(number, []):
            self._answer(asking, X.NONE)

    def _answer(self, asking: Any, place: int) -> None:
        asking.requestor.send_event(
            events.SelectionNotify(
                time=asking.time, requestor=asking.requestor, selection=asking.selection, target=asking.target, property=place
            )
        )
