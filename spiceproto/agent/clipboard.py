"""The clipboard: for each selection one end owns it, or none does; the other asks the owner when somebody pastes.

    GRAB      the sender's side owns the selection, and has it in these formats
    REQUEST   the content in one of them, from the owner
    CLIPBOARD the content; type NONE and no bytes if it is not to be had. Every request is answered
    RELEASE   the sender's side owns it no longer

Both ends may grab at the same time. Serials settle that: for each selection there is one count, which both ends keep and which
grows by one with every grab, whoever sends it. A grab that comes with the count is accepted. If it comes with the count before,
both have grabbed at once, and the client wins: the agent accepts it, a client discards it. Any other is late, and is discarded.
Without serials the last grab that came counts, so after two at once neither end owns the selection. The counts begin with 0
when a client announces itself to an agent.

Source: BEHAVIOUR of spice-gtk 0.42 and spice-vdagentd 0.22.1 (both keep the count so).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from spiceproto import limits
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import ClipboardSelection, ClipboardType
from spiceproto.messages import agent

__all__ = ["HERE", "NOBODY", "PEER", "Clipboards", "Content", "Denied", "Event", "Grabbed", "Known", "Released", "Wanted"]

NOBODY: Final = "nobody"
HERE: Final = "here"
PEER: Final = "peer"

_RESERVED = bytes(3)
_KNOWN = frozenset(map(int, ClipboardSelection))


class Event(msgspec.Struct, frozen=True):
    """What the peer did with ``selection``."""

    selection: int


class Grabbed(Event, frozen=True):
    """The peer owns the selection, in these formats; whoever owned it here does so no longer."""

    types: tuple[int, ...]


class Released(Event, frozen=True):
    """Nobody owns it any more."""


class Wanted(Event, frozen=True):
    """The peer wants what is here: :meth:`Clipboards.supply` it, or say that there is nothing (``supply(selection)``)."""

    type: int


class Denied(Event, frozen=True):
    """The peer wants what is not here; ``answer`` is a message to be sent, and nothing else is to be done."""

    type: int
    answer: Any


class Content(Event, frozen=True):
    """The answer to a request for ``asked``: ``type`` is the same, or NONE where there is nothing."""

    asked: int
    type: int
    data: bytes


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What one end knows of a selection: ``owner`` is ``HERE``, ``PEER`` or ``NOBODY``."""

    owner: str
    types: tuple[int, ...]
    serial: int
    wanted: tuple[int, ...]
    asked: tuple[int, ...]


class _Selection:
    """One selection. ``wanted`` are formats that the peer waits for, ``asked`` those that this end does."""

    __slots__ = ("asked", "owner", "serial", "types", "wanted")

    def __init__(self) -> None:
        self.owner = NOBODY
        self.types: tuple[int, ...] = ()
        self.serial = 0
        self.wanted: deque[int] = deque()
        self.asked: deque[int] = deque()


class Clipboards:
    """All selections, as one end sees them. What methods return is to be sent, where it is not None."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._selections: dict[int, _Selection] = {number: _Selection() for number in _KNOWN}

    def owner(self, selection: int) -> str:
        """``HERE``, ``PEER`` or ``NOBODY``."""
        return self._selections[selection].owner

    def types(self, selection: int) -> tuple[int, ...]:
        """The formats that the owner has."""
        return self._selections[selection].types

    def serial(self, selection: int) -> int:
        """The serial of the next grab."""
        return self._selections[selection].serial

    def reset(self) -> list[Released]:
        """The peer is gone: what it owned is nobody's, who waits gets nothing, serials begin anew.

        What is owned here stays owned; :meth:`grab` says it to the next peer.
        """
        lost = []
        for number, state in self._selections.items():
            if state.owner == PEER:
                state.owner, state.types = NOBODY, ()
                lost.append(Released(number))
            state.serial = 0
            state.wanted.clear()
            state.asked.clear()
        return lost

    # -- one that goes on where another was

    def pack(self) -> dict[int, Known]:
        """What is known of each selection."""
        return {
            number: Known(
                owner=state.owner,
                types=state.types,
                serial=state.serial,
                wanted=tuple(state.wanted),
                asked=tuple(state.asked),
            )
            for number, state in self._selections.items()
        }

    def unpack(self, known: Mapping[int, Known]) -> None:
        """Know the same; selections that there are not are left out."""
        for number, found in known.items():
            state = self._selections.get(number)
            if state is not None and found.owner in (HERE, PEER, NOBODY):
                state.owner, state.types, state.serial = found.owner, found.types, found.serial
                state.wanted, state.asked = deque(found.wanted), deque(found.asked)

    # -- what happens here

    def grab(self, selection: int, types: Iterable[int]) -> Any:
        """Somebody copied here. None if the peer is not to be told: then it is owned here all the same."""
        state = self._selections[selection]
        state.owner, state.types = HERE, tuple(types)
        if not self.terms.has_selection(selection):
            return None
        serial = state.serial
        if self.terms.grab_serial:
            state.serial = serial + 1 & 0xFFFFFFFF
        return self._grab(selection, serial, state.types)

    def release(self, selection: int) -> Any:
        """What was copied here is gone. None if it was not owned here."""
        state = self._selections[selection]
        if state.owner != HERE:
            return None
        state.owner, state.types = NOBODY, ()
        if not self.terms.has_selection(selection):
            return None
        if self.terms.selections:
            return agent.ClipboardReleaseSelected(selection, _RESERVED)
        return agent.ClipboardRelease()

    def request(self, selection: int, type: int) -> Any:
        """Somebody pastes here. None if the peer does not own it, or not so, or too many wait: there is nothing to be had."""
        state = self._selections[selection]
        if state.owner != PEER or type not in state.types or not self.terms.has_selection(selection):
            return None
        if len(state.asked) >= limits.CLIPBOARD_REQUESTS:
            return None
        state.asked.append(type)
        if self.terms.selections:
            return agent.ClipboardRequestSelected(selection, _RESERVED, type)
        return agent.ClipboardRequest(type)

    def supply(self, selection: int, type: int = ClipboardType.NONE, data: bytes = b"") -> Any:
        """The answer to the oldest request for ``type``, or with NONE to the oldest of all. None if nobody waits for it.

        What is larger than the client allows is answered with NONE.
        """
        state = self._selections[selection]
        if type == ClipboardType.NONE and state.wanted:
            state.wanted.popleft()
        elif type in state.wanted:
            state.wanted.remove(type)
        else:
            return None
        if not self.terms.fits_clipboard(len(data)):
            type, data = ClipboardType.NONE, b""
        return self._clipboard(selection, type, data)

    # -- what the peer says

    def receive(self, value: Any) -> Event | None:
        """A clipboard message of the peer. None for what changes nothing: it is late, or nobody asked."""
        selection = getattr(value, "selection", int(ClipboardSelection.CLIPBOARD))
        state = self._selections.get(selection)
        if state is None or not self.terms.by_demand:
            return None
        if isinstance(value, _GRABS):
            return self._grabbed(selection, state, value)
        if isinstance(value, _REQUESTS):
            return self._requested(selection, state, value.type)
        if isinstance(value, _RELEASES):
            if state.owner != PEER:
                return None
            state.owner, state.types = NOBODY, ()
            return Released(selection)
        return self._content(selection, state, value)

    def _grabbed(self, selection: int, state: _Selection, value: Any) -> Event | None:
        serial = getattr(value, "serial", None)
        if serial is not None:
            if serial == state.serial:
                state.serial = serial + 1 & 0xFFFFFFFF
            elif self.terms.client or serial != (state.serial - 1) & 0xFFFFFFFF:
                return None
        state.owner, state.types = PEER, tuple(value.types[: limits.CLIPBOARD_TYPES])
        return Grabbed(selection, state.types)

    def _requested(self, selection: int, state: _Selection, type: int) -> Event:
        if state.owner != HERE or type not in state.types or len(state.wanted) >= limits.CLIPBOARD_REQUESTS:
            return Denied(selection, type, self._clipboard(selection, ClipboardType.NONE, b""))
        state.wanted.append(type)
        return Wanted(selection, type)

    def _content(self, selection: int, state: _Selection, value: Any) -> Event | None:
        if value.type in state.asked:
            state.asked.remove(value.type)
            return Content(selection, value.type, value.type, value.data)
        if value.type == ClipboardType.NONE and state.asked:
            return Content(selection, state.asked.popleft(), value.type, b"")
        return None

    # -- messages

    def _clipboard(self, selection: int, type: int, data: bytes) -> Any:
        if self.terms.selections:
            return agent.ClipboardSelected(selection=selection, reserved=_RESERVED, type=type, data=data)
        return agent.Clipboard(type, data)

    def _grab(self, selection: int, serial: int, types: tuple[int, ...]) -> Any:
        if self.terms.selections:
            if self.terms.grab_serial:
                return agent.ClipboardGrabSelectedSerial(selection=selection, reserved=_RESERVED, serial=serial, types=types)
            return agent.ClipboardGrabSelected(selection, _RESERVED, types)
        if self.terms.grab_serial:
            return agent.ClipboardGrabSerial(serial, types)
        return agent.ClipboardGrab(types)


_GRABS = (
    agent.ClipboardGrab,
    agent.ClipboardGrabSelected,
    agent.ClipboardGrabSerial,
    agent.ClipboardGrabSelectedSerial,
)
_REQUESTS = (agent.ClipboardRequest, agent.ClipboardRequestSelected)
_RELEASES = (agent.ClipboardRelease, agent.ClipboardReleaseSelected)
