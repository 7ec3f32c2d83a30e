"""What the tour does on a usbredir channel of a client: a guest that asks a device what it is, and reads of a drive."""

from __future__ import annotations

from conformance.as_server import SuiteServer
from conformance.cases.usbredir.steps import ALL, Guest
from conformance.talk import Talk
from spiceproto.usb_guest import Storage, describe, is_storage
from spiceproto.usbredir_host import GuestSide

__all__ = ["look_at_device"]


def look_at_device(server: SuiteServer, talk: Talk) -> None:
    """Descriptors, and some blocks of what is in a drive."""
    guest = Guest(server, talk, GuestSide("spiceconf", ALL))
    if not guest.until(lambda: guest.side.device is not None, server.network.quiet):
        return
    guest.run(describe(), "descriptors")
    device = guest.side.device
    if device is not None and is_storage(device):
        storage = Storage(guest.side, device)
        guest.run(storage.inquire(), "INQUIRY")
        capacity = guest.run(storage.capacity(), "READ CAPACITY")
        if capacity.blocks:
            guest.run(storage.blocks(0, min(capacity.blocks, 4), capacity.size), "READ")
    server.alive(talk, "everything that it was asked is legal")
