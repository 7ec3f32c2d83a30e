"""How tests look at real programs: whether they are installed, a first look at a server, a last look at a process."""

from __future__ import annotations

import os
import socket
import ssl
import struct
from collections.abc import Mapping

from conformance.adapters.process import Process
from conformance.adapters.programs import Program
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.server_address import ServerAddress
from spiceproto.tests.peers import PATIENCE, absent, until


def need_adapters(*made: Program) -> None:
    """Skip, or fail where peers are required, if an adapter says that something is missing."""
    missing = "; ".join(filter(None, [kind.missing() for kind in made]))
    if missing:
        absent(missing)


def opened(client: SpiceGtk) -> set[tuple[str, int]]:
    """Channels of spice-gtk that are open."""
    state = client.do("state").values
    return {(row["type"], row["id"]) for row in state["channels"] if row["state"] == "opened"}


def left_by_clients(options: Mapping[str, str] | None = None) -> Qemu:
    """QEMU without a port channel.

    With one QEMU 7.2.22 ended with SIGSEGV in 6 of 490 sessions that spice-gtk left, and without one in none of 305.
    """
    return Qemu({"port": "0", **(options or {})})


def in_session(client: SpiceGtk) -> bool:
    """All four channels are open and a picture is there.

    libspice-server 0.15.1 crashes now and then when a client leaves between the link of its display channel and the first
    surface, so no test leaves before.
    """
    return opened(client) >= ALL and bool(client.do("state").values["pictures"])


ALL = {("main", 0), ("display", 0), ("inputs", 0), ("cursor", 0)}


def link_reply(address: ServerAddress, *, secure: bool = False) -> tuple[bytes, int]:
    """Magic and error code that a server answers to a link message for the main channel."""
    message = struct.pack("<IBBIII", 0, 1, 0, 1, 0, 18) + struct.pack("<I", 0b1011)
    if address.unix_path:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address.unix_path)
    else:
        connection = socket.create_connection((address.host, address.tls_port if secure else address.port), PATIENCE)
    connection.settimeout(PATIENCE)
    if secure:
        context = ssl.create_default_context(cadata=address.ca_pem)
        connection = context.wrap_socket(connection, server_hostname=address.host)
    with connection:
        connection.sendall(b"REDQ" + struct.pack("<III", 2, 2, len(message)) + message)
        reply = b""
        while len(reply) < 20:
            data = connection.recv(20 - len(reply))
            assert data, f"closed after {reply!r}"
            reply += data
    return reply[:4], int.from_bytes(reply[16:20], "little")


def check_gone(process: Process | None) -> None:
    """Nothing of a program's process group is left."""
    assert process is not None

    def gone() -> bool:
        try:
            os.killpg(process.id, 0)
        except ProcessLookupError:
            return True
        return False

    # Orphans are gone only once the system's first process has looked after them.
    until(gone)
