"""The proxy between programs of others: pictures are those without it, and its recording says what a recording of them says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from conformance.adapters.client import ClientProgram
from conformance.adapters.programs.andris import Andris
from conformance.adapters.programs.libspice_server import LibspiceServer
from conformance.adapters.programs.npm_spice_client import NpmSpiceClient
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.remote_viewer import RemoteViewer
from conformance.adapters.programs.ryll import Ryll
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.programs.spice_html5 import SpiceHtml5
from conformance.adapters.programs.spicy_screenshot import SpicyScreenshot
from conformance.adapters.programs.xspice import Xspice
from conformance.adapters.server import ServerProgram
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.tests.looks import need_adapters
from conformance.lint import lint
from spiceproto import png
from spiceproto.tests.peers import until
from spiceproto.tests.proxy_program import Proxy, proxy

CLIENTS: tuple[type[ClientProgram], ...] = (
    SpiceGtk,
    RemoteViewer,
    SpicyScreenshot,
    Ryll,
    SpiceHtml5,
    NpmSpiceClient,
)
SERVERS: tuple[type[ServerProgram], ...] = (Qemu, LibspiceServer, Xspice, Andris)


def picture(client: ClientProgram, path: Path) -> Any:
    """What a client shows; empty until it shows anything."""
    if client.do("picture", path=str(path), display=0).kind != "ok":
        return np.zeros(0)
    return png.decode(path.read_bytes())


def shows(client: ClientProgram, address: ServerAddress, wanted: Any, folder: Path) -> None:
    """The client is led to a server, and shows this picture in the end."""
    client.connect(address)
    try:

        def same() -> bool:
            seen = picture(client, folder / "client.png")
            return bool(seen.size) and np.array_equal(seen, wanted())

        until(same, what="the same picture")
    finally:
        client.disconnect()


def through(address: ServerAddress, found: Proxy) -> ServerAddress:
    return msgspec.structs.replace(address, port=found.port)


def broken(found: Proxy) -> list[str]:
    """Sentences that the recording says were broken."""
    return [item.requirement for item in lint(found.record).rulings() if item.verdict == "broken"]


def held_against_itself(found: Proxy) -> None:
    """What was told while it passed is what the recording says; nothing in it could not be read."""
    said = lint(found.record)
    assert said.messages > 10 and not said.unseen and not said.opaque
    counts = re.findall(r"(\d+) messages judged; (\d+) kept, (\d+) tolerated, (\d+) broken", found.told)
    verdicts = [item.verdict for item in said.rulings()]
    assert [tuple(map(int, row)) for row in counts] == [
        (said.messages, *[verdicts.count(word) for word in ("kept", "tolerated", "broken")])
    ]
    assert " 0 bytes undecoded" in found.shown, found.shown[-2000:]


@pytest.mark.parametrize("kind", CLIENTS, ids=[kind.scheme for kind in CLIENTS])
def test_every_client_at_qemu(kind: type[ClientProgram], tmp_path: Path) -> None:
    need_adapters(Qemu, kind)
    with Qemu({"guest": "640x480x32"}) as server:
        client = kind()
        client.start()
        try:

            def guest() -> Any:
                server.do_picture(str(tmp_path / "guest.png"))  # type: ignore[attr-defined]
                return png.decode((tmp_path / "guest.png").read_bytes())

            with proxy(tmp_path / "proxy", server.address.uri()) as found:
                shows(client, through(server.address, found), guest, tmp_path)
        finally:
            client.stop()
    held_against_itself(found)
    assert broken(found) == []


@pytest.mark.parametrize("kind", SERVERS, ids=[kind.scheme for kind in SERVERS])
def test_every_server_at_spice_gtk(kind: type[ServerProgram], tmp_path: Path) -> None:
    """The client shows with the proxy what it shows without: what the server says that it shows, if it can."""
    need_adapters(SpiceGtk, kind)
    with kind() as server:
        client = SpiceGtk()
        client.start()
        last: list[Any] = []

        def wanted() -> Any:
            if "picture" not in server.controls:
                return last[0] if last else picture(client, tmp_path / "direct.png")
            server.do_picture(str(tmp_path / "server.png"))  # type: ignore[attr-defined]
            return png.decode((tmp_path / "server.png").read_bytes())

        try:
            shows(client, server.address, wanted, tmp_path)
            last.append(png.decode((tmp_path / "client.png").read_bytes()))
            with proxy(tmp_path / "proxy", server.address.uri()) as found:
                shows(client, through(server.address, found), wanted, tmp_path)
        finally:
            client.stop()
    held_against_itself(found)
    assert broken(found) == []


def test_remote_viewer_with_tls(tmp_path: Path) -> None:
    """TLS on both sides, each with an authority of its own; without the proxy's the viewer does not come in."""
    need_adapters(Qemu, RemoteViewer)
    ca, server_ca = tmp_path / "proxy-ca.pem", tmp_path / "server-ca.pem"
    with Qemu({"guest": "640x480x32", "tls": "1"}) as server:
        server.address.write_ca(server_ca)
        client = RemoteViewer()
        client.start()
        try:

            def guest() -> Any:
                server.do_picture(str(tmp_path / "guest.png"))  # type: ignore[attr-defined]
                return png.decode((tmp_path / "guest.png").read_bytes())

            upstream = f"spice+tls://127.0.0.1:{server.tls_port}"
            with proxy(tmp_path / "proxy", upstream, "--upstream-ca", str(server_ca), "--write-ca", str(ca)) as found:
                secure = ServerAddress(host="127.0.0.1", tls_port=found.port, password=server.password)
                client.connect(msgspec.structs.replace(secure, ca_pem=server.ca_pem))
                until(lambda: "a client does not get in" in found.told, what="the viewer does not trust the proxy")
                client.disconnect()
                shows(client, msgspec.structs.replace(secure, ca_pem=ca.read_text()), guest, tmp_path)
        finally:
            client.stop()
    held_against_itself(found)
    assert broken(found) == [] and "over tcp/tls1.3, display:0" in found.shown
