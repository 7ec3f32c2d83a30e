"""Where a server is, as people have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.adapters.server_address import ServerAddress
from conformance.address import Login, open_target, read_settings
from conformance.connection import Connection, read
from conformance.program_target import AddressServer
from spiceproto.errors import LocalError


@pytest.mark.parametrize(
    ("address", "host", "port", "tls_port", "secure"),
    [
        ("127.0.0.1:5900", "127.0.0.1", 5900, 0, False),
        ("[::1]:5900", "::1", 5900, 0, False),
        ("vm.example:5900", "vm.example", 5900, 0, False),
        ("spice://h:5900", "h", 5900, 0, False),
        ("spice://[::1]:5900", "::1", 5900, 0, False),
        ("spice://h?port=5900&tls-port=5901", "h", 5900, 5901, False),
        ("spice://h?tls-port=5901", "h", 0, 5901, True),
        ("spice+tls://h:5901", "h", 0, 5901, True),
        ("SPICE+TLS://h:5901", "h", 0, 5901, True),
    ],
)
def test_addresses(address: str, host: str, port: int, tls_port: int, secure: bool) -> None:
    found = read(address)
    assert found is not None
    assert (found.host, found.port, found.tls_port, found.secure) == (host, port, tls_port, secure)


@pytest.mark.parametrize("address", ["qemu:", "tcp:h:1", "elsewhere", "h:0", "h:65536", "::1:5900", "client:a b:1/x"])
def test_others(address: str) -> None:
    assert read(address) is None


def test_a_password_is_used_and_not_shown() -> None:
    for address in ("spice://user:secret@h:1", "spice://user@h:1?password=secret"):
        found = read(address)
        assert found is not None and (found.username, found.password) == ("user", "secret")
        assert "secret" not in found.shown and found.shown.startswith("spice://user@h:1")
        target = open_target(address)
        assert (target.password, target.username, target.address) == ("secret", "user", found.shown)


def test_unix() -> None:
    found = read("spice+unix:///run/a%20b.sock")
    assert found is not None and found.unix_path == "/run/a b.sock"


@pytest.mark.parametrize(
    "address", ["spice://", "spice://h", "spice://h:x", "spice://h?port=0x1", "spice://h:1?colour=red", "spice+unix://"]
)
def test_without_sense(address: str) -> None:
    with pytest.raises(LocalError):
        read(address)


def test_what_the_suite_writes_for_clients_it_reads_itself(tmp_path: Path) -> None:
    written = ServerAddress(
        host="::1", port=1, tls_port=2, password="a=b\\c", username="u", ca_pem="-----\nx\n", host_subject="CN=a"
    )
    path = written.write_connection_file(tmp_path / "console.vv")
    found = read(str(path))
    assert found is not None
    assert {name: getattr(found, name) for name in ServerAddress.__struct_fields__} == {
        name: getattr(written, name) for name in ServerAddress.__struct_fields__
    }
    uri = read(written.uri())
    assert uri is not None and (uri.host, uri.port, uri.tls_port, uri.username) == ("::1", 1, 2, "u")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("host=h\n", "mistake"),
        ("[other]\nhost=h\n", "no connection file"),
        ("[virt-viewer]\ntype=vnc\n", "another protocol"),
        ("[virt-viewer]\ntype=spice\nhost=h\n", "without host or port"),
        ("[virt-viewer]\ntype=spice\nhost=token:1\nport=-1\ntls-port=61000\nproxy=http://p:3128\n", "with a proxy"),
    ],
)
def test_files_without_sense(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.vv").write_text(text)
    with pytest.raises(LocalError, match=words):
        read(str(tmp_path / "x.vv"))


def test_a_file_of_a_proxmox(tmp_path: Path) -> None:
    (tmp_path / "x.vv").write_text("[virt-viewer]\ntype=spice\nhost=h\ntls-port=61000\nport=-1\nca=a\\nb\\n\npassword=p\n")
    found = read(str(tmp_path / "x.vv"))
    assert found is not None
    assert found == Connection(
        host="h", tls_port=61000, ca_pem="a\nb\n", password="p", secure=True, shown=str(tmp_path / "x.vv")
    )


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('[target]\npassword = "old"\n')
    (tmp_path / "password").write_text("new\n")
    target = open_target("h:1", read_settings(tmp_path / "target.toml"), login=Login.read(tmp_path / "password", None, 3.0))
    assert isinstance(target, AddressServer) and (target.password, target.wait) == ("new", 3.0)
    assert target.meets("ticket") and not target.meets("no-ticket")
    (tmp_path / "password").write_text("\n")
    with pytest.raises(LocalError, match="without a password"):
        Login.read(tmp_path / "password", None)
