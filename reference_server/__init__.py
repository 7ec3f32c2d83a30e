"""A SPICE server that keeps every rule of the specification, and one for every way to break one.

    make_server   a server without I/O, with a fault or without one
    Server        what it makes: bytes in, actions out (``spiceproto.transport``)
    Options       how it is set up
    Guest         the machine behind it, as devices; Recorder remembers what the client did to them, Heard is what it said
    Controls      what it can be told from outside while it runs
    GUESTS        what can run in it, by name; Program is what a guest is called with
    FAULTS        the ways to break a rule, by name

``python -m reference_server`` serves on sockets.
"""

from __future__ import annotations

from random import Random

from reference_server.controls import Controls
from reference_server.faults import FAULTS
from reference_server.guest import Guest, Heard, Recorder, on_cards
from reference_server.guests import GUESTS
from reference_server.guests.program import Program
from reference_server.options import Options
from reference_server.server import Server

__all__ = [
    "FAULTS",
    "GUESTS",
    "Controls",
    "Guest",
    "Heard",
    "Options",
    "Program",
    "Recorder",
    "Server",
    "make_server",
    "on_cards",
]


def make_server(
    options: Options | None = None, guest: Guest | None = None, *, fault: str | None = None, random: Random | None = None
) -> Server:
    """A server; ``fault`` is a key of :data:`FAULTS`. Raises LocalError for one that is none."""
    made: type[Server] = Server if fault is None else FAULTS.make(fault)
    return made(options, guest, random=random)
