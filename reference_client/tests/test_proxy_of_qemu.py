"""The reference client at QEMU with a proxy between them: in every wrapping, and from one QEMU to another."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest

from reference_client.channels.display import Marked
from reference_client.plan import Wish
from reference_client.tests.moving_guests import pair, screen
from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.test_migration_of_qemu import go, ready, says, shows, wish
from reference_client.tests.test_shell import Session, all_linked, run
from spiceproto import certificates
from spiceproto.tests.peers import free_port
from spiceproto.tests.proxy_program import Proxy, proxy


def judged(found: Proxy) -> None:
    """Nothing that passed breaks a sentence, or cannot be read."""
    assert found.status == 0 and " 0 broken" in found.told, found.told
    assert " 0 bytes undecoded" in found.shown, found.shown[-2000:]


def same(server: Qemu, folder: Path, **wish: str) -> None:
    """The client shows what QEMU does."""

    async def body(session: Session) -> None:
        await all_linked(session)
        await shows(session, server, folder / "screen.ppm")
        assert session.client.displays[0].picture().any()

    run(Wish(canvas=True, **wish), body)  # type: ignore[arg-type]


def test_plain_websocket_and_tunnel(tmp_path: Path) -> None:
    with qemu(tmp_path) as server, proxy(tmp_path / "proxy", f"spice://127.0.0.1:{server.port}") as found:
        same(server, tmp_path, target=found.uri)
        same(server, tmp_path, target=f"ws://127.0.0.1:{found.port}/spice")
        same(server, tmp_path, target="spice://elsewhere:1", proxy=f"http://127.0.0.1:{found.port}")
    judged(found)


def test_websocket_to_the_server(tmp_path: Path) -> None:
    with qemu(tmp_path) as server, proxy(tmp_path / "proxy", f"ws://127.0.0.1:{server.port}/") as found:
        same(server, tmp_path, target=found.uri)
    judged(found)


def test_unix_sockets(tmp_path: Path) -> None:
    listen = f"spice+unix://{tmp_path / 'door'}"
    with (
        qemu(tmp_path, unix=True) as server,
        proxy(tmp_path / "proxy", f"spice+unix://{tmp_path / 'spice'}", listen=listen) as found,
    ):
        same(server, tmp_path, target=listen)
    judged(found)


def test_tls_with_connection_files(tmp_path: Path) -> None:
    """A file leads to the server, and one that the proxy writes to the proxy; the password is in both."""
    made = certificates.make()
    made.write(tmp_path / "pki")
    tls = free_port()
    options = f"password=sesame,tls-port={tls},x509-dir={tmp_path / 'pki'}"
    with qemu(tmp_path, options) as server:
        ca = made.ca_pem.replace("\n", "\\n")
        lines = ["[virt-viewer]", "type=spice", "host=127.0.0.1", f"port={server.port}", f"tls-port={tls}", "password=sesame"]
        (tmp_path / "server.vv").write_text("\n".join([*lines, f"ca={ca}", "secure-channels=main;inputs", ""]))
        here = tmp_path / "proxy.vv"
        with proxy(tmp_path / "proxy", str(tmp_path / "server.vv"), "--write-vv", str(here)) as found:
            assert here.stat().st_mode & 0o777 == 0o600
            same(server, tmp_path, target=str(here))
    judged(found)
    assert found.shown.count("over tcp/tls1.3,") >= 2 and found.shown.count("over tcp,") >= 2


@pytest.mark.parametrize("kind", ["switch-host", "semi-seamless", "seamless"])
def test_a_guest_that_moves(kind: str, tmp_path: Path) -> None:
    with (
        pair(tmp_path, seamless=kind == "seamless") as both,
        proxy(tmp_path / "proxy", f"spice://127.0.0.1:{both.source.port}") as found,
    ):

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, kind)
            await shows(session, both.destination, tmp_path / "screen.ppm")
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        run(Wish(target=found.uri, canvas=True, migration=wish(both, kind).migration), body)
    judged(found)
    assert int(re.findall(r"(\d+) connections, ", found.told)[-1]) >= 8


RULE = """
[[rule]]
name = "the guest's screen"
when = { channel = "display", message = "MARK" }
do = "inject"
message = "DRAW_FILL"
place = "after"
fields = { base = { surface_id = 0, box = { top = 0, left = 0, bottom = 10, right = 20 }, clip = { type = "NONE" } }, \
data = { brush = { type = "SOLID", color = 0x123456 }, rop_descriptor = ["OP_PUT"], \
mask = { flags = [], pos = { x = 0, y = 0 } } } }
"""


def test_a_rule_draws_on_the_clients_screen(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULE)
    with (
        qemu(tmp_path) as server,
        proxy(tmp_path / "proxy", f"spice://127.0.0.1:{server.port}", "--rules", str(rules)) as found,
    ):

        async def body(session: Session) -> None:
            await session.until(lambda: bool(session.told(Marked)))
            corner = np.full((10, 20, 3), (0x12, 0x34, 0x56), np.uint8)
            while not np.array_equal(session.client.displays[0].picture()[:10, :20, :3], corner):
                await asyncio.sleep(0.01)
            assert not np.array_equal(screen(server, tmp_path / "screen.ppm")[:10, :20], corner)

        run(Wish(target=found.uri, canvas=True), body)
    judged(found)
    assert "the guest's screen: connection" in found.told
