"""The thread that talks with the X server: it tells what is new there, and does there what clients did.

What is new is told by calls that are carried out elsewhere; as long as one of a picture was not, no other is fetched.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from reference_server.guest import Shape
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.errors import LocalError
from x11_guest.changes import Box, boxes, changed
from x11_guest.server import GONE, XServer

__all__ = ["Move", "Order", "Teller", "Watcher"]

_BETWEEN: Final = 1 / 30
"""Seconds between two pictures, at least."""

_LOOK: Final = 0.04
"""Seconds after which it is looked where the pointer is, and which locks are on: X does not tell."""

_BLIND: Final = 0.1
"""The same, of an X server that does not tell what has changed."""

_WAITING: Final = 50_000
"""Things that clients did and that wait for the X server; of a client that does more, the rest is left out."""

_HANGS: Final = 5.0
"""Seconds for which the X server takes nothing of so many."""

_AT_ONCE: Final = 500
"""So many are done before it is looked what is new."""

_GOODBYE: Final = 2.0
"""Seconds for the thread to end."""

Pixels = NDArray[np.uint32]


class Move(msgspec.Struct, frozen=True):
    """The pointer goes there, or ``by`` so much."""

    x: int
    y: int
    by: bool

    def __call__(self, server: XServer) -> None:
        server.move(self.x, self.y, by=self.by)

    def then(self, other: Move) -> Move | None:
        """Both as one, where an edge of the display changes nothing of that."""
        if not self.by and not other.by:
            return other
        if self.by and other.by and self.x * other.x >= 0 and self.y * other.y >= 0:
            return Move(self.x + other.x, self.y + other.y, True)
        return None


Order = Callable[[XServer], None]


class Teller(Protocol):
    """Who is told; each of these is called on the thread of the watcher, and returns at once."""

    def painted(self, picture: Pixels, done: Callable[[], None]) -> None:
        """The display has another size, or is seen for the first time."""

    def drawn(self, parts: list[tuple[Box, Pixels]], done: Callable[[], None]) -> None:
        """These parts have changed."""

    def shaped(self, shape: Shape | None) -> None:
        """The pointer looks like this."""

    def moved(self, place: tuple[int, int]) -> None:
        """The pointer is there."""

    def locked(self, locks: KeyboardModifierFlags) -> None:
        """These locks are on."""

    def connected(self, server: XServer) -> None:
        """There is an X server."""

    def failed(self, error: Exception) -> None:
        """There is nothing more."""


class Watcher(threading.Thread):
    """Watches the X server ``name`` once it is started, and tells ``teller``."""

    def __init__(self, name: str, teller: Teller) -> None:
        super().__init__(name="x11 guest", daemon=True)
        self._server_name = name
        self._teller = teller
        self._orders: deque[Order] = deque()
        self._ordering = threading.Lock()
        self._taken = time.monotonic()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ended = False
        self._server: XServer | None = None
        self._shown = True
        self._next_picture = 0.0
        self._next_look = 0.0
        self._picture: Pixels | None = None
        self._place: tuple[int, int] | None = None
        self._locks: KeyboardModifierFlags | None = None

    # -- on other threads

    def order(self, order: Order) -> None:
        """Have this done to the X server. Raises LocalError if that takes nothing any more."""
        with self._ordering:
            last = self._orders[-1] if self._orders else None
            both = last.then(order) if isinstance(last, Move) and isinstance(order, Move) else None
            if both is not None:
                self._orders[-1] = both
            elif len(self._orders) < _WAITING:
                self._orders.append(order)
            elif time.monotonic() > self._taken + _HANGS:
                raise LocalError(f"the X server {self._server_name} hangs", actual=f"{_WAITING} inputs wait for it")
        os.eventfd_write(self._wake, 1)

    @property
    def asked(self) -> int:
        """Another number each time that it is looked, as it asks all the time, unless the X server answers nothing."""
        return -1 if self._server is None else self._server.asked

    def stop(self) -> None:
        """Do what was ordered, and end."""
        self._ended = True
        os.eventfd_write(self._wake, 1)
        self.join(_GOODBYE)

    def _done(self) -> None:
        """A picture is drawn."""
        self._shown = True
        os.eventfd_write(self._wake, 1)

    # -- on this one

    def run(self) -> None:
        try:
            server = self._server = XServer(self._server_name)
            self._teller.connected(server)
            while not self._ended:
                self._turn(server)
                self._wait(server)
            while self._carry_out(server):
                pass
            server.close()
        except GONE as error:
            self._fail(LocalError(f"the X server {self._server_name} has gone", actual=str(error)))
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._ended:  # else nobody waits for it
            self._teller.failed(error)

    def _turn(self, server: XServer) -> None:
        if self._carry_out(server):
            self._next_look = 0.0
        server.read()
        now = time.monotonic()
        if self._shown and now >= self._next_picture and self._show(server):
            self._next_picture = now + (_BETWEEN if server.tells_damage else _BLIND)
        if server.reshaped:
            self._teller.shaped(server.shape())
        if now >= self._next_look:
            self._next_look = now + _LOOK
            self._look(server)
        server.flush()

    def _carry_out(self, server: XServer) -> bool:
        """Do some of what was ordered; whether there was anything."""
        with self._ordering:
            found = [self._orders.popleft() for _ in range(min(len(self._orders), _AT_ONCE))]
        for order in found:
            order(server)
        self._taken = time.monotonic()
        return bool(found)

    def _wait(self, server: XServer) -> None:
        if server.waiting or self._orders:
            return
        until = self._next_look
        if self._shown and (server.damaged or server.resized):
            until = min(until, self._next_picture)
        select.select([server.fileno(), self._wake], [], [], max(until - time.monotonic(), 0.0))
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:  # the X server said something, or it is time
            return

    def _show(self, server: XServer) -> bool:
        """Tell what is seen; whether the X server was asked."""
        if (server.resized and server.measure()) or self._picture is None:
            server.take_damage()
            found = server.picture(Box(0, 0, *server.size))
            if found is not None:
                self._shown = False
                self._picture = found
                self._teller.painted(found.copy(), self._done)
            return True
        if not server.damaged:
            return False
        parts = [part for box in server.take_damage() for part in self._changed(server, box)]
        if parts:
            self._shown = False
            self._teller.drawn(parts, self._done)
        return True

    def _changed(self, server: XServer, box: Box) -> list[tuple[Box, Pixels]]:
        """What is another picture in a box, whose corner is one of a tile."""
        found = server.picture(box)
        if found is None or self._picture is None:
            return []
        before = self._picture[box.top : box.bottom, box.left : box.right]
        tiles = changed(before, found)
        before[...] = found
        width, height = box.right - box.left, box.bottom - box.top
        return [
            (
                Box(box.left + part.left, box.top + part.top, box.left + part.right, box.top + part.bottom),
                found[part.top : part.bottom, part.left : part.right],
            )
            for part in boxes(tiles, (width, height))
        ]

    def _look(self, server: XServer) -> None:
        """What X does not tell."""
        place, locks = server.place(), server.locks()
        if place != self._place:
            self._place = place
            self._teller.moved(place)
        if locks != self._locks:
            self._locks = locks
            self._teller.locked(locks)
