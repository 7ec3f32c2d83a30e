"""Values of port. Made from spiceproto/schema/port.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.spicevmc import PortEvent


class Init(msgspec.Struct, frozen=True, gc=False):
    """First message of the channel: which port this is.

    * ``name`` offset to bytes: Name of the port, usually with a zero byte at its end
    * ``opened`` uint8: 1 if the guest has the port open
    """

    name: bytes
    opened: int

    @property
    def name_size(self) -> int:
        """Length of ``name``."""
        return len(self.name)


class Event(msgspec.Struct, frozen=True, gc=False):
    """The port was opened or closed, or a serial line break was sent.

    * ``event`` uint8: What happened
    """

    event: PortEvent | int
