"""Ports: serial lines of the guest that have names, and whose other ends are at clients.

A port is known by the type and id of its channel. What a client sends while the guest has it closed is lost
(SPICE-VMC-018), and so is what the guest writes while it is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from reference_server.guest.value import octets
from reference_server.watched import Watched
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import RemoteError
from spiceproto.webdav import NAME

__all__ = ["Attached", "Port", "PortAdded", "PortMoved", "Ports", "Received", "Said", "Written"]

WEBDAV: Final = NAME.decode()

_LAST: Final = 255
"""Highest id of a channel."""

_NAME: Final = 1024
"""Bytes of a name: more than anybody gives."""


class PortMoved(msgspec.Struct, frozen=True):
    """The guest has opened or closed the port, or sent a break."""

    event: PortEvent


class Written(msgspec.Struct, frozen=True):
    """The guest has written bytes for clients."""

    data: bytes


class Received(msgspec.Struct, frozen=True):
    """Bytes of a client for the guest."""

    data: bytes


class Said(msgspec.Struct, frozen=True):
    """A client has said that it opened or closed the port, or sent a break; a number without a name is kept."""

    event: PortEvent | int


class Attached(msgspec.Struct, frozen=True):
    """A client has linked the port, or none has it any more; or clients take what is written again."""

    linked: bool


class PortAdded(msgspec.Struct, frozen=True):
    """There is one more port."""

    key: tuple[int, int]


class Port(Watched):
    """``name`` is the port's, ``opened`` whether the guest has it open. Tells :class:`PortMoved`, :class:`Written`,
    :class:`Received`, :class:`Said` and :class:`Attached`.

    * ``full``: whoever takes what clients send has not taken much of it yet: no more should be read
    * ``last``: number of the last connection through it, where it is one for a folder; ``open`` are those that are open
    * ``left``: those that were open on another server from which the guest has come; clients do not know yet that they are over
    """

    def __init__(self, name: str, *, opened: bool = True) -> None:
        super().__init__()
        self.name = name
        self.opened = opened
        self.full = False
        self.last = 0
        self.open: set[int] = set()
        self.left: tuple[int, ...] = ()
        self._clients: list[Callable[[], bool]] = []

    # -- the guest's side

    def set_open(self, opened: bool) -> None:
        """Open it, or close it."""
        if opened != self.opened:
            self.opened = opened
            self.tell(PortMoved(PortEvent.OPENED if opened else PortEvent.CLOSED))

    def write(self, data: bytes) -> None:
        """Bytes for clients. Raises ValueError for anything else."""
        data = octets("what is written", data)
        if self.opened and data:
            self.tell(Written(data))

    def send_break(self) -> None:
        """A break for clients."""
        if self.opened:
            self.tell(PortMoved(PortEvent.BREAK))

    @property
    def linked(self) -> bool:
        """Whether any client has it."""
        return bool(self._clients)

    @property
    def room(self) -> bool:
        """Whether what is written now would leave soon: some client has it, and none is behind."""
        return bool(self._clients) and all(room() for room in self._clients)

    # -- the server's side

    def attach(self, room: Callable[[], bool]) -> None:
        """A client has linked it; ``room`` says whether that one takes more now."""
        self._clients.append(room)
        self.tell(Attached(True))

    def detach(self, room: Callable[[], bool]) -> None:
        """A client has it no more."""
        self._clients = [item for item in self._clients if item != room]
        self.tell(Attached(self.linked))

    def has_room(self) -> None:
        """A client that was behind takes more."""
        self.tell(Attached(True))

    def receive(self, data: bytes) -> None:
        """Bytes of a client."""
        if self.opened and data:
            self.tell(Received(data))

    def say(self, event: PortEvent | int) -> None:
        """A client has said something of itself."""
        self.tell(Said(event))


class Ports(Watched):
    """The ports of one guest by type and id of their channels. Tells :class:`PortAdded`."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[int, int], Port] = {}

    def __getitem__(self, key: tuple[int, int]) -> Port:
        """A port is there as soon as somebody looks: a channel may come before anybody has named it."""
        found = self._known.get(key)
        if found is None:
            name = WEBDAV if key[0] == ChannelType.WEBDAV else f"org.spice-space.reference.{key[1]}"
            found = self._known[key] = Port(name)
        return found

    @property
    def keys(self) -> tuple[tuple[int, int], ...]:
        """Type and id of each."""
        return tuple(self._known)

    def unpack(self, key: tuple[int, int], name: str, *, opened: bool, last: int, left: tuple[int, ...]) -> None:
        """The guest comes from another server, where it had this port; one that is new is announced. Raises RemoteError."""
        kind = ChannelType.WEBDAV if name == WEBDAV else ChannelType.PORT
        if key[0] != kind or not 0 <= key[1] <= _LAST:
            raise RemoteError("a port that can not be", path="ports", actual=f"{name[:40]!r} {key}")
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Port(name)
            self.tell(PortAdded(key))
        known.name, known.opened, known.last, known.left = name, opened, last, left

    def add(self, name: str, *, opened: bool = True) -> Port:
        """One more port, whose channel is announced; the name says of which type it is (SPICE-VMC-013).

        Raises ValueError for what is no name, and for one port more than there are ids of channels.
        """
        if not isinstance(name, str) or not name or "\0" in name:
            raise ValueError(f"a port has a name without U+0000, not {name!r:.40}")
        if len(name.encode()) > _NAME:
            raise ValueError(f"a port has a name of at most {_NAME} bytes, not {len(name.encode())}")
        kind = int(ChannelType.WEBDAV if name == WEBDAV else ChannelType.PORT)
        number = 0
        while (kind, number) in self._known:
            number += 1
        if number > _LAST:
            raise ValueError(f"there are {_LAST + 1} ports already")
        found = self._known[kind, number] = Port(name, opened=opened)
        self.tell(PortAdded((kind, number)))
        return found
