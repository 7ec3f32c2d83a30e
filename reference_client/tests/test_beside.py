"""What the command says of things that a server has no place for, and of a server that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_client.tests.test_command import run
from reference_client.tests.test_reference_server import reference_server
from spiceproto.tests.peers import free_port


@pytest.fixture
def things(tmp_path: Path) -> list[str]:
    (tmp_path / "disc.iso").write_bytes(bytes(4096))
    (tmp_path / "card.toml").write_text('reader = "r"\natr = "3b 00"\n')
    shared = ["--share-folder", str(tmp_path), "--smartcard", str(tmp_path / "card.toml")]
    return [*shared, *["--share-cd", str(tmp_path / "disc.iso")] * 2]


def test_what_the_server_has_no_channel_for_is_said(things: list[str]) -> None:
    pytest.importorskip("wsgidav", reason="folders are shared by WsgiDAV")
    with reference_server("--usb", "1") as (port, _):
        found = run(f"spice://127.0.0.1:{port}", *things, "--port", "a=stdio", "--duration", "1")
    assert found.returncode == 1
    assert found.stderr.replace("spice-reference-client: ", "").splitlines() == [
        "the guest has no port a",
        "the server has too few channels for the USB devices, of type usbredir",
        "the server has no channel for the folder, of type webdav",
        "the server has no channel for the smart card, of type smartcard",
    ]


@pytest.mark.parametrize("option", ["--port", "--send-file", "--paste", "--share-cd"])
def test_a_server_that_is_not_there_is_blamed_for_nothing_else(option: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(4096))
    value = f"a=file:{tmp_path / 'out'}" if option == "--port" else str(tmp_path / "file")
    found = run(f"spice://127.0.0.1:{free_port()}", option, value)
    assert (found.returncode, found.stderr) == (1, "spice-reference-client: main:0 refused (connect): Connection refused\n")
