"""Addresses and target files, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.address import Settings, open_target, read_settings
from conformance.outcome import Undriven
from conformance.program_target import AdapterClient, AdapterServer, AddressServer
from conformance.reference_target import MemoryClient, MemoryServer
from spiceproto.controls import control
from spiceproto.errors import LocalError


def server(address: str, settings: Settings | None = None) -> AddressServer:
    target = open_target(address, settings)
    assert isinstance(target, AddressServer)
    return target


def test_the_references() -> None:
    assert isinstance(open_target("ref:server"), MemoryServer)
    assert isinstance(open_target("ref:client"), MemoryClient)
    assert open_target("ref:client?fault=double-connect", piece=7).piece == 7


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [("tcp:127.0.0.1:5900", "127.0.0.1", 5900), ("tcp:[::1]:5900", "::1", 5900), ("tcp:host.example:1", "host.example", 1)],
)
def test_tcp(address: str, host: str, port: int) -> None:
    target = server(address)
    assert (target.place.host, target.place.port, target.secure) == (host, port, False)
    assert {"plain", "no-ticket", "half-close", "raw-stream"} <= target.has and "tls" not in target.has


def test_tls() -> None:
    target = server("tls:127.0.0.1:5901", Settings(password="x", port=5900))
    assert (target.place.tls_port, target.place.port, target.secure) == (5901, 5900, True)
    assert {"tls", "plain", "ticket", "raw-stream"} <= target.has and "half-close" not in target.has


def test_unix_and_websocket() -> None:
    assert server("unix:/run/a b:c").place.unix == "/run/a b:c"
    target = server("ws:127.0.0.1:5959/spice/0")
    assert (target.place.port, target.place.websocket) == (5959, "/spice/0")
    assert not {"half-close", "raw-stream"} & target.has
    assert server("ws:127.0.0.1:5959").place.websocket == "/"


def test_programs() -> None:
    target = open_target("qemu:?ticket=sesame&over=tls", Settings(quiet=0.5))
    assert isinstance(target, AdapterServer) and target.pace.quiet == 0.5
    client = open_target("client:prog --port {port} --tls {tls_port} --ca {ca}", Settings(patience=2.0, quiet=0.1))
    assert isinstance(client, AdapterClient) and client.tls and (client.pace.patience, client.pace.quiet) == (2.0, 0.1)


def test_clients_get_a_longer_quiet_than_servers_unless_told() -> None:
    client = open_target("client:prog {port}")
    assert isinstance(client, AdapterClient) and client.pace.quiet > server("tcp:a:1").pace.quiet and not client.tls


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "without a scheme"),
        ("localhost", "without a scheme"),
        ("http://host:80", "unknown scheme"),
        ("ref:proxy", "unknown reference"),
        ("ref:server?colour=red", "unknown reference"),
        ("ref:server?fault=none-such", "no such fault of the server"),
        ("ref:client?fault=none-such", "no such fault of the client"),
        ("ref:server?link=sequential", "unknown reference"),
        ("ref:client?link=sideways", "unknown order of links"),
        ("tcp:5900", "cannot be read"),
        ("tcp:host:", "cannot be read"),
        ("tcp:host:0", "cannot be read"),
        ("tcp:host:65536", "cannot be read"),
        ("tcp:host:12a", "cannot be read"),
        ("tls:host:1/path", "cannot be read"),
        ("unix:", "without a path"),
        ("127.0.0.1:70000", "a port that there is not"),
        ("127.0.0.1", "without a port"),
        ("qmu:", "unknown scheme.*qemu"),
        ("client:", "without a command"),
        ("client:'a", "no shell would split"),
        ("qemu:host?ticket=x", "between scheme and options"),
        ("qemu:?over=pigeon", "unknown transport"),
    ],
)
def test_addresses_without_sense(address: str, words: str) -> None:
    with pytest.raises(LocalError, match=words):
        open_target(address)


def test_a_target_file(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text(
        '[target]\npassword = "a"\ntls-port = 5901\nhas = ["no-sasl"]\npatience = 1.5\n'
        '[target.controls]\nset-password = "run {0}"\n'
    )
    found = read_settings(path)
    assert (found.password, found.tls_port, found.has, found.patience) == ("a", 5901, ("no-sasl",), 1.5)
    target = server("tcp:127.0.0.1:5900", found)
    assert {"tls", "ticket", "no-sasl", "control:set-password"} <= target.has and target.pace.patience == 1.5


def test_commands_of_a_server_get_its_place_and_values_that_nobody_gave(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[target.controls]\npicture = "echo {port} {0} {1}"\nagent = "echo {7}"\n')
    target = server("tcp:127.0.0.1:5900", read_settings(path))
    assert target.do(control("server", "picture"), {"path": "x.png"}) == "5900 x.png 0\n"
    with pytest.raises(Undriven, match=r"echo \{7\}: not a command with values from \{0\} to \{0\}, \{host\} and \{port\}"):
        target.do(control("server", "agent"), {"present": True})


def test_no_file_is_no_mistake() -> None:
    assert read_settings(None) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[target", "with a mistake"),
        ("[target]\nport = 'x'\n", "port"),
        ("[target]\ncolour = 'red'\n", "colour"),
        ("[target]\nhas = ['wings']\n", "wings"),
        ("[traget]\n", "traget"),
        ("[target.controls]\nnotify = 3\n", "with a mistake"),
    ],
)
def test_target_files_with_mistakes(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "t.toml"
    path.write_text(text)
    with pytest.raises(LocalError, match=words):
        read_settings(path)


def test_a_target_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")


def test_a_target_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LocalError, match="a target file that cannot be read"):
        read_settings(tmp_path / "target.toml")


def test_an_authority_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"none\.pem"):
        open_target("tls:127.0.0.1:5901", Settings(ca_file=str(tmp_path / "none.pem")))
