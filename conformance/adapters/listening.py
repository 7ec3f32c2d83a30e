"""Who listens where, found out without connecting: a server would take a probe for a client.

Linux tells it in ``/proc``. Whose socket it is matters too: somebody else may have taken a port that was free a moment
ago. Elsewhere a port that cannot be had any more is taken for the program's.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

__all__ = ["TOLD", "free_port", "free_ports", "is_taken", "sockets_of_group", "tcp_listeners", "unix_listeners"]

TOLD: Final = Path("/proc/net/tcp").exists()
"""Whether this system tells who listens where."""

_LISTEN: Final = "0A"
_ACCEPTS: Final = 0x10000
"""Flag of a Unix socket on which ``listen`` was called."""


def free_ports(number: int) -> list[int]:
    """So many different TCP ports that nobody uses on loopback just now."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def free_port() -> int:
    """One of :func:`free_ports`."""
    return free_ports(1)[0]


def is_taken(port: int) -> bool:
    """Whether somebody has a TCP port on loopback."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _rows(path: str) -> Iterator[list[str]]:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return
    for line in lines[1:]:
        yield line.split()


def tcp_listeners(port: int) -> set[int]:
    """Inodes of the sockets that listen on a TCP port, at any address."""
    return {
        int(row[9])
        for path in ("/proc/net/tcp", "/proc/net/tcp6")
        for row in _rows(path)
        if row[3] == _LISTEN and int(row[1].rpartition(":")[2], 16) == port
    }


def unix_listeners(path: str) -> set[int]:
    """Inodes of the sockets that listen at a path."""
    return {int(row[6]) for row in _rows("/proc/net/unix") if row[7:] == [path] and int(row[3], 16) & _ACCEPTS}


def sockets_of_group(group: int) -> set[int]:
    """Inodes of all sockets that processes of a process group hold."""
    found: set[int] = set()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if os.getpgid(int(name)) != group:
                continue
            for descriptor in os.scandir(f"/proc/{name}/fd"):
                target = os.readlink(descriptor.path)
                if target.startswith("socket:["):
                    found.add(int(target[8:-1]))
        except OSError:
            continue
    return found
