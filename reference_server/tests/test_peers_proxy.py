"""Real clients at the reference server with a proxy between them, which keeps a session that goes to another server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_server.tests.test_peers import gtk, screenshot, served
from reference_server.tests.test_peers_migration import CHANNELS, KINDS, Gtk, Pair, arrived, pair, same_picture, use
from spiceproto.tests.peers import end
from spiceproto.tests.proxy_program import Proxy, proxy


def judged(found: Proxy) -> None:
    """Nothing that passed breaks a sentence, or cannot be read."""
    assert found.status == 0 and " 0 broken" in found.told, found.told
    assert " 0 bytes undecoded" in found.shown, found.shown[-2000:]


def connected(servers: Pair) -> list[list[dict[str, Any]]]:
    """The connections that each server has had."""
    return [[line for line in machine.lines() if line["event"] == "connected"] for machine in servers.machines]


def test_a_ticket_passes(tmp_path: Path) -> None:
    with served(tmp_path, "--password", "sesame") as server:
        uri = f"spice://127.0.0.1:{server.place['port']}"
        direct = screenshot(uri, tmp_path, "--password", "sesame")
        with proxy(tmp_path / "proxy", uri) as found:
            assert np.array_equal(screenshot(found.uri, tmp_path, "--password", "sesame"), direct)
    judged(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_goes_to_another_server_stays_in_the_proxy(tmp_path: Path, kind: str) -> None:
    gtk()
    with (
        pair(tmp_path, "--guest", "desktop", "--pointer", "absolute", "--image-compression", "auto_glz") as servers,
        proxy(tmp_path / "proxy", f"spice://127.0.0.1:{servers.machine.port}") as found,
    ):
        client = Gtk(tmp_path, found.port)
        try:
            use(client, servers)
            servers.migrate(kind)
            arrived(client, servers, kind)
            same_picture(client, servers)
            use(client, servers)
            client.end()
            assert client.process.returncode == 0
        finally:
            end(client.process)
    judged(found)
    connections = re.findall(r"(\d+) connections, ", found.told)[-1]
    here, there = connected(servers)
    assert int(connections) == len(here) + len(there) and len(there) >= len(CHANNELS)
    assert "migration: connection" in found.told and "becomes 127.0.0.1" in found.told


def test_a_session_with_tls_that_goes_to_another_server(tmp_path: Path) -> None:
    """The client trusts the proxy, and the proxy the servers; the subject is that of the proxy's certificate."""
    gtk()
    folder = tmp_path / "certificates"
    ca = tmp_path / "proxy-ca.pem"
    with pair(tmp_path, "--guest", "desktop", "--password", "sesame", "--pointer", "absolute", certificates=folder) as servers:
        place = servers.machine.lines()[0]
        trust = ("--upstream-ca", str(folder / "ca-cert.pem"), "--write-ca", str(ca))
        with proxy(tmp_path / "proxy", f"spice+tls://127.0.0.1:{place['tls_port']}", *trust) as found:
            properties: dict[str, Any] = {"tls-port": str(found.port), "password": "sesame", "ca-file": str(ca)}
            client = Gtk(tmp_path, None, **properties)
            try:
                use(client, servers)
                servers.migrate("seamless", port=0, subject=place["host_subject"])
                arrived(client, servers, "seamless")
                same_picture(client, servers)
                client.end()
                assert client.process.returncode == 0
            finally:
                end(client.process)
    judged(found)
    here, there = connected(servers)
    assert len(there) >= len(CHANNELS) and all(line["tls"] for line in there)
    assert re.findall(r"(\d+) connections, ", found.told)[-1] == str(len(here) + len(there))
