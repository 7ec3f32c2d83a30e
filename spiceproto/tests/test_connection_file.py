"""Connection files, held against the keys that remote-viewer documents."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import connection_file
from spiceproto.connection_file import ConnectionFile, parse_connection_file, read_connection_file
from spiceproto.errors import LocalError

WHOLE = """# made by a broker
[ovirt]
host=elsewhere

[virt-viewer]
type = spice
host=10.0.0.1
port=5900
tls-port=5901
username=me
password=a\\sb\\\\c
ca=-----BEGIN CERTIFICATE-----\\nAAA\\n-----END CERTIFICATE-----\\n
host-subject=O=Some\\\\, where,CN=host
tls-ciphers=DEFAULT
secure-channels=main;inputs;
disable-channels=cursor
proxy=http://proxy:3128
title=A guest
delete-this-file=1
toggle-fullscreen=shift+f11
some-new-key=1
"""
"""``host-subject`` has a comma that its subject escapes, and a backslash that the file escapes."""

LEAST = "[virt-viewer]\ntype=spice\nhost=h\nport=1\n"


def test_every_key_is_read() -> None:
    found = parse_connection_file(WHOLE)
    assert (found.address.host, found.address.port, found.address.tls_port) == ("10.0.0.1", "5900", "5901")
    assert (found.address.username, found.address.password) == ("me", "a b\\c")
    assert found.ca == "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n"
    assert (found.host_subject, found.tls_ciphers) == ("O=Some\\, where,CN=host", "DEFAULT")
    assert (found.secure_channels, found.disable_channels) == (("main", "inputs"), ("cursor",))
    assert (found.proxy, found.title, found.delete_this_file) == ("http://proxy:3128", "A guest", True)
    assert found.keys["toggle-fullscreen"] == "shift+f11"


def test_a_unix_socket_goes_before_host_and_port() -> None:
    found = parse_connection_file(LEAST + "unix-path=/run/spice\n")
    assert (found.address.unix_path, found.address.port) == ("/run/spice", None)


@pytest.mark.parametrize("port", ["0", "-1", ""])
def test_a_port_of_zero_or_less_is_none(port: str) -> None:
    assert parse_connection_file(LEAST + f"tls-port={port}\n").address.tls_port is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[virt-viewer]\nhost=h\nport=1\n",
        "[virt-viewer]\ntype=vnc\nhost=h\nport=1\n",
        "type=spice\nhost=h\nport=1\n",
        "[other]\ntype=spice\nhost=h\nport=1\n",
        "[virt-viewer]\ntype=spice\nhost=h\n",
        "[virt-viewer]\ntype=spice\nport=1\n",
        LEAST + "password=a\\qb\n",
        LEAST + "tls-port=abc\n",
        LEAST + "nonsense\n",
        LEAST + "[open\n",
    ],
)
def test_what_is_no_connection_is_an_error(text: str) -> None:
    with pytest.raises(LocalError):
        parse_connection_file(text)


@given(text=st.one_of(st.text(), st.text().map(lambda text: LEAST + text)))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(LocalError):
        parse_connection_file(text)


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), max_size=20))
def test_what_is_escaped_is_read_as_it_was(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
    assert parse_connection_file(LEAST + f"title={escaped}\n").title == value


@pytest.mark.parametrize(("delete", "there"), [(False, True), (True, False)])
def test_a_file_is_deleted_only_if_the_user_says_so(tmp_path: Path, delete: bool, there: bool) -> None:
    path = tmp_path / "x.vv"
    path.write_text(WHOLE)
    assert isinstance(read_connection_file(str(path), delete=delete), ConnectionFile)
    assert path.exists() == there


def test_a_file_that_does_not_ask_for_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.vv"
    path.write_text(LEAST)
    read_connection_file(str(path), delete=True)
    assert path.exists()


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WHOLE.encode())))
    assert read_connection_file("-", delete=True).title == "A guest"


def test_a_file_that_is_too_large_or_no_text_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.vv"
    path.write_bytes(LEAST.encode() + b"title=\xff\n")
    with pytest.raises(LocalError):
        read_connection_file(str(path))
    monkeypatch.setattr(connection_file, "_LARGEST", 10)
    path.write_text(LEAST)
    with pytest.raises(LocalError):
        read_connection_file(str(path))
