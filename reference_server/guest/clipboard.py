"""The clipboards of the guest: what its programs copy and paste, and what of it is with the client.

A clipboard belongs to the guest while one of its programs has copied last, to the client while a user of that has, and to
nobody otherwise. There is one for each selection (:class:`spiceproto.enums.agent.ClipboardSelection`); what it holds has a
type (:class:`spiceproto.enums.agent.ClipboardType`) and bytes.

    programs   copy, clear, paste          the agent   offer, withdraw, arrive
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from reference_server.guest.value import integer, octets
from reference_server.watched import Watched

__all__ = ["Cleared", "Clipboard", "Copied", "Held", "Offered", "Owner", "Pasted", "Wanted"]

_SELECTION: Final = 0xFF
_TYPE: Final = 0xFFFFFFFF
"""Highest of what messages have."""

Owner = Literal["guest", "client", "nobody"]


class Copied(msgspec.Struct, frozen=True):
    """A program of the guest has copied."""

    selection: int


class Cleared(msgspec.Struct, frozen=True):
    """What a program of the guest had copied is to be had no more."""

    selection: int


class Offered(msgspec.Struct, frozen=True):
    """The client has copied: these types can be had. None means that it can give nothing any more."""

    selection: int
    types: tuple[int, ...]


class Wanted(msgspec.Struct, frozen=True):
    """A program wants what the client has."""

    selection: int
    type: int


class Pasted(msgspec.Struct, frozen=True):
    """A program has got what it wanted; ``type`` is 0 and ``data`` empty if there was nothing to be had."""

    selection: int
    type: int
    data: bytes


class Held(msgspec.Struct, frozen=True):
    """What one selection has: contents of the guest by type, or types that the client offers."""

    contents: dict[int, bytes] | None
    offer: tuple[int, ...]


class Clipboard(Watched):
    """Tells :class:`Copied`, :class:`Cleared`, :class:`Offered`, :class:`Wanted` and :class:`Pasted`."""

    def __init__(self) -> None:
        super().__init__()
        self._contents: dict[int, dict[int, bytes]] = {}
        self._offers: dict[int, tuple[int, ...]] = {}

    def owner(self, selection: int = 0) -> Owner:
        """Whose it is."""
        return "guest" if selection in self._contents else "client" if selection in self._offers else "nobody"

    def contents(self, selection: int = 0) -> Mapping[int, bytes]:
        """What programs of the guest have copied, by type."""
        return self._contents.get(selection, {})

    def types(self, selection: int = 0) -> tuple[int, ...]:
        """What can be had of whoever has it, best first."""
        return self._offers.get(selection, ()) or tuple(self.contents(selection))

    @property
    def selections(self) -> tuple[int, ...]:
        """Those that somebody has."""
        return tuple(sorted({*self._contents, *self._offers}))

    # -- the guest goes to another server

    def pack(self) -> dict[int, Held]:
        """What each selection has."""
        return {
            number: Held(contents=self._contents.get(number), offer=self._offers.get(number, ())) for number in self.selections
        }

    def unpack(self, found: Mapping[int, Held]) -> None:
        """Have the same, and tell nobody."""
        self._contents = {number: dict(held.contents) for number, held in found.items() if held.contents is not None}
        self._offers = {number: held.offer for number, held in found.items() if held.contents is None}

    # -- programs

    def copy(self, contents: Mapping[int, bytes], selection: int = 0) -> None:
        """A program copies: the same in every type that it has. Raises ValueError for what is no content."""
        if not isinstance(contents, Mapping):
            raise ValueError(f"what is copied is a mapping of types to bytes, not {type(contents).__name__}")
        integer("a selection", selection, 0, _SELECTION)
        held = {integer("a type", kind, 0, _TYPE): octets("what is copied", data) for kind, data in contents.items()}
        self._offers.pop(selection, None)
        self._contents[selection] = held
        self.tell(Copied(selection))

    def clear(self, selection: int = 0) -> None:
        """What was copied is to be had no more."""
        if self._contents.pop(selection, None) is not None:
            self.tell(Cleared(selection))

    def paste(self, type: int, selection: int = 0) -> None:
        """A program wants what there is; :class:`Pasted` comes at once, or when the client has given it.

        Raises ValueError for a type or a selection that no message has.
        """
        integer("a type", type, 0, _TYPE)
        integer("a selection", selection, 0, _SELECTION)
        if selection in self._offers:
            self.tell(Wanted(selection, type))
        else:
            data = self.contents(selection).get(type)
            self.tell(Pasted(selection, 0, b"") if data is None else Pasted(selection, type, data))

    # -- the agent

    def offer(self, types: Sequence[int], selection: int = 0) -> None:
        """The client has copied."""
        self._contents.pop(selection, None)
        self._offers[selection] = tuple(types)
        self.tell(Offered(selection, tuple(types)))

    def withdraw(self, selection: int = 0) -> None:
        """What the client had is to be had no more."""
        if self._offers.pop(selection, None) is not None:
            self.tell(Offered(selection, ()))

    def arrive(self, type: int, data: bytes, selection: int = 0) -> None:
        """The client has given what was wanted, or nothing."""
        self.tell(Pasted(selection, type, data))
