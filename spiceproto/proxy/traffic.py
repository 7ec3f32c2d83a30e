"""Who looks on while bytes pass: what a proxy tells, and whom.

An observer sees one *view*: the wire of the client, or that of the server. They differ where rules change something: the client
says what it says, and hears what a rule made of the server's words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

__all__ = ["Observer", "Passage", "Tell", "Watched", "Watcher"]

Tell = Callable[[str], None]
"""Takes a sentence for people."""


class Passage(msgspec.Struct, frozen=True):
    """A connection, as a view has it.

    * ``number``: counts the connections of the proxy from 1
    * ``client``, ``server``: address and port of both ends
    * ``layers``: what is around its bytes, outermost first
    """

    number: int
    client: tuple[str, int]
    server: tuple[str, int]
    layers: tuple[str, ...]


class Watcher(Protocol):
    """Is told what passes on one connection; times are nanoseconds since the epoch."""

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """Bytes of SPICE."""

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        """A side says nothing more."""

    def closed(self, time_ns: int) -> None:
        """The connection is no more."""

    def note(self, text: str) -> None:
        """Something was done to what comes next."""


class Observer(Protocol):
    """Is told of every connection."""

    def opened(self, passage: Passage, time_ns: int) -> Watcher:
        """One more."""


class Watched:
    """The observers of one view of a connection. One that fails is told of no more, and nothing else comes of it."""

    __slots__ = ("_tell", "_watchers")

    def __init__(self, observers: tuple[Observer, ...], passage: Passage, time_ns: int, tell: Tell) -> None:
        self._tell = tell
        self._watchers: list[Watcher] = []
        for observer in observers:
            try:
                self._watchers.append(observer.opened(passage, time_ns))
            except Exception as error:
                self._failed(error)

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """Bytes of SPICE."""
        for watcher in self._watchers:
            try:
                watcher.said(from_client, data, time_ns)
            except Exception as error:
                self._drop(watcher, error)

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        """A side says nothing more."""
        self._each(lambda watcher: watcher.ended(from_client, time_ns, reset=reset))

    def closed(self, time_ns: int) -> None:
        """The connection is no more."""
        self._each(lambda watcher: watcher.closed(time_ns))

    def note(self, text: str) -> None:
        """Something was done to what comes next."""
        self._each(lambda watcher: watcher.note(text))

    def _each(self, call: Callable[[Watcher], None]) -> None:
        for watcher in tuple(self._watchers):
            try:
                call(watcher)
            except Exception as error:
                self._drop(watcher, error)

    def _drop(self, watcher: Watcher, error: Exception) -> None:
        self._watchers = [item for item in self._watchers if item is not watcher]
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._tell(f"what looks on has failed, and sees no more of this connection: {error!r}")
