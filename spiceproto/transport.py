"""What an end without I/O asks of whoever moves its bytes, and what it is told.

The reference server and the reference client are ends: they know no sockets and no clock. A shell (asyncio, or a
network in memory) calls their methods with bytes and with ``now``, and carries out the actions they hand back:

    Open    a client wants a connection, where the session began or at another place; the shell answers with ``opened`` or
            ``failed``
    Send    bytes for the peer
    Close   end the connection, once what was sent before is out

After every call the shell takes the actions, and calls ``tick`` when ``deadline`` has come. Times are seconds on one
clock of the shell's choice.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

__all__ = ["Action", "Close", "Connection", "End", "Open", "Place", "Send"]


class Connection:
    """One byte stream between the ends; compared by identity.

    ``number``  counts the connections of an end from 1
    ``secure``  whether it has, or is to have, TLS
    """

    __slots__ = ("number", "secure")

    def __init__(self, number: int, *, secure: bool = False) -> None:
        self.number = number
        self.secure = secure

    def __repr__(self) -> str:
        return f"<connection {self.number}{' TLS' if self.secure else ''}>"


class Place(msgspec.Struct, frozen=True):
    """A server elsewhere, as another server names it: the destination of a migration.

    * ``host``: its name or address, as text
    * ``port``: without TLS, 0 for none
    * ``tls_port``: with TLS, 0 for none
    * ``subject``: what the subject of its certificate must be, "" to compare the host's name
    """

    host: str
    port: int
    tls_port: int
    subject: str = ""


class Open(msgspec.Struct, frozen=True):
    """A client wants this connection; ``connection.secure`` says which port.

    * ``place``: where to; None for where the session began
    """

    connection: Connection
    place: Place | None = None


class Send(msgspec.Struct, frozen=True):
    """Bytes for the peer."""

    connection: Connection
    data: bytes


class Close(msgspec.Struct, frozen=True):
    """End the connection."""

    connection: Connection


Action = Open | Send | Close


class End(Protocol):
    """What both ends have. A server also has ``accept(now, secure=...) -> Connection``, a client ``start(now)``,
    ``opened(connection, now)`` and ``failed(connection, now, text)``."""

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        """Bytes of the peer. Raises nothing, whatever they are."""

    def closed(self, connection: Connection, now: float) -> None:
        """The peer closed the connection, or it broke."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def take_actions(self) -> list[Action]:
        """What is to be done now, in this order; each action is given once."""
