"""The reference client: a SPICE client without I/O, a shell around it, and a catalogue of what clients get wrong.

    Client, Options   one session; see :mod:`reference_client.client`, and :mod:`reference_client.wishes` for its user
    make_client       a client, perhaps with a named fault
    Disc, SharedCd    a disc, and a drive with it for the guest; see :mod:`reference_client.usb`
    FAULTS            the faults by name; see :mod:`reference_client.faults`
    parse_uri, read_connection_file   where to connect: spice:// addresses and .vv files

``spice-reference-client`` (:mod:`reference_client.command`) is the program. This package reaches the protocol only through
``spiceproto``, and knows nothing of the reference server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from reference_client.client import Client
from reference_client.options import Options

if TYPE_CHECKING:
    from reference_client.card import usual_card
    from reference_client.channels import WANTED
    from reference_client.faults import FAULTS, Fault
    from reference_client.usb.disc import Disc
    from reference_client.usb.redirected import SharedCd
    from spiceproto.address import Address, parse_uri
    from spiceproto.connection_file import read_connection_file

__all__ = [
    "FAULTS",
    "WANTED",
    "Address",
    "Client",
    "Disc",
    "Fault",
    "Options",
    "SharedCd",
    "make_client",
    "parse_uri",
    "read_connection_file",
    "usual_card",
]

_WHERE = {
    "Address": "spiceproto.address",
    "Disc": "reference_client.usb.disc",
    "FAULTS": "reference_client.faults",
    "Fault": "reference_client.faults",
    "SharedCd": "reference_client.usb.redirected",
    "WANTED": "reference_client.channels",
    "parse_uri": "spiceproto.address",
    "read_connection_file": "spiceproto.connection_file",
    "usual_card": "reference_client.card",
}


def make_client(options: Options | None = None, fault: str | None = None) -> Client:
    """A client; with the name of a fault, one that has it.

    Raises LocalError for a fault that there is none of.
    """
    if not fault:
        return Client(options)
    from reference_client.faults import FAULTS

    client: Client = FAULTS.make(fault)(options)
    return client


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module), name)
    return value
