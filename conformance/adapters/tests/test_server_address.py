"""One address, three ways to tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.adapters.server_address import ServerAddress


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        (ServerAddress(host="127.0.0.1", port=5900), "spice://127.0.0.1?port=5900"),
        (ServerAddress(host="::1", port=5900, tls_port=5901), "spice://[::1]?port=5900&tls-port=5901"),
        (ServerAddress(host="h", tls_port=5901, username="a b", password="secret"), "spice://a%20b@h?tls-port=5901"),
        (ServerAddress(unix_path="/a b/c", host="h", port=1), "spice+unix:///a%20b/c"),
    ],
)
def test_uri(address: ServerAddress, uri: str) -> None:
    assert address.uri() == uri


def test_connection_file(tmp_path: Path) -> None:
    address = ServerAddress(host="h", port=5900, password="a\\b", ca_pem="one\ntwo\n", host_subject="CN=h")
    path = address.write_connection_file(tmp_path / "a.vv")
    assert path.read_text() == (
        "[virt-viewer]\ntype=spice\nhost=h\nport=5900\npassword=a\\\\b\nca=one\\ntwo\\n\nhost-subject=CN=h\ndelete-this-file=0\n"
    )
    assert path.stat().st_mode & 0o777 == 0o600
