"""Who listens is found out without connecting."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from conformance.adapters.listening import free_ports, sockets_of_group, tcp_listeners, unix_listeners


def inode(made: socket.socket) -> int:
    return os.fstat(made.fileno()).st_ino


def test_free_ports_differ_and_can_be_bound() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    with socket.socket() as made:
        made.bind(("127.0.0.1", ports[0]))


def test_tcp_only_once_it_listens() -> None:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port = made.getsockname()[1]
        assert not tcp_listeners(port)
        made.listen()
        assert tcp_listeners(port) == {inode(made)}
    assert not tcp_listeners(port)


def test_tcp6() -> None:
    with socket.socket(socket.AF_INET6) as made:
        made.bind(("::1", 0))
        made.listen()
        assert tcp_listeners(made.getsockname()[1]) == {inode(made)}


def test_unix_only_once_it_listens(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path)
        assert not unix_listeners(path)
        made.listen()
        assert unix_listeners(path) == {inode(made)}
        assert not unix_listeners(path + "x")


def test_sockets_of_our_own_group() -> None:
    with socket.socket() as made:
        assert inode(made) in sockets_of_group(os.getpgid(0))
    assert not sockets_of_group(2**22 + 1)
