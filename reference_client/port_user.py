"""Who has a port at the client: a program, a file, or whoever sits in front of it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["PortUser", "Writes"]


class Writes(Protocol):
    """The way to the guest.

    * ``opened``: whether the guest has the port open: what is written while it is closed is lost
    * ``room``: whether what is written now would leave soon
    """

    opened: bool

    @property
    def room(self) -> bool: ...

    def write(self, data: bytes) -> None:
        """Bytes for the guest."""


class PortUser(Protocol):
    """The user of one port.

    * ``full``: it has not taken much of what came: nothing more should be read
    """

    full: bool

    def linked(self, port: Writes) -> None:
        """The port is there; more is said by ``moved``."""

    def moved(self) -> None:
        """The guest has opened or closed the port, or takes more of what is written."""

    def receive(self, data: bytes) -> None:
        """Bytes of the guest."""

    def ended(self) -> None:
        """The channel is closed."""
