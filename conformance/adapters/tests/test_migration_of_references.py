"""remote-viewer and the reference client follow a guest from one reference server to another, in each kind of migration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.adapters.client import Client
from conformance.adapters.programs.command import Command
from conformance.adapters.programs.remote_viewer import RemoteViewer
from conformance.adapters.tests.looks import need_adapters
from conformance.adapters.tests.reference_pair import Reference, ReferencePair
from spiceproto import png
from spiceproto.tests.peers import PATIENCE, program, until

_A = 0x1E


def use(client: RemoteViewer, servers: ReferencePair) -> None:
    """A key, both mouse modes, and the picture."""
    guest = servers.guest
    guest.ask("pointer", kind="relative")
    until(lambda: client.do("state").values.get("mouse_mode") == "server", what="server mode")
    # A window that has just come takes no keys.
    until(lambda: same_picture(client, servers), what="the same picture")
    assert client.do("key", code=_A, down=True).kind == client.do("key", code=_A, down=False).kind == "ok"
    guest.got(input="key", code="1e", down=False)
    until(lambda: client.do("motion", dx=9, dy=4).kind == "ok", what="a movement")
    guest.got(input="motion")
    guest.ask("pointer", kind="absolute")
    until(lambda: client.do("state").values.get("mouse_mode") == "client", what="client mode")
    assert client.do("position", x=200, y=100).kind == "ok"
    guest.got(input="position", x=200, y=100)
    until(lambda: same_picture(client, servers), what="the same picture")


def same_picture(client: Client, servers: ReferencePair) -> bool:
    """Whether the window shows what the guest does."""
    path = servers.folder / "window.png"
    if client.do("picture", path=str(path)).kind != "ok":
        return False
    shown, wanted = png.decode(path.read_bytes()), servers.picture()
    return bool(shown.shape == wanted.shape and (shown == wanted).all())


def pasted(client: RemoteViewer) -> bytes:
    """What the clipboard of the client's display has."""
    assert client._display is not None
    environment = {"PATH": "/usr/bin:/bin", **client._display.environment}
    command = [program("xclip"), "-selection", "clipboard", "-t", "UTF8_STRING", "-o"]
    return subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE, check=False).stdout


@pytest.mark.parametrize("kind", ("seamless", "semi-seamless", "switch-host"))
def test_remote_viewer_follows(tmp_path: Path, kind: str) -> None:
    need_adapters(RemoteViewer)
    client = RemoteViewer()
    with ReferencePair(tmp_path, "--guest", "agent", "--image-compression", "auto_glz") as servers, client:
        client.connect(servers.address)
        until(lambda: client.do("state").values.get("window"), what="a window")
        servers.guest.ask("agent", present=False)
        use(client, servers)
        servers.guest.ask("agent", present=True)
        servers.guest.ask("copy", text="before")
        until(lambda: pasted(client) == b"before", what="the guest's text")
        assert servers.migrate(kind) == [kind]
        until(lambda: client.do("state").values.get("window"), what="a window")
        servers.guest.ask("copy", text="behind")
        until(lambda: pasted(client) == b"behind", what="the guest's text")
        servers.guest.ask("agent", present=False)
        use(client, servers)
        assert client.ended is None


@pytest.mark.parametrize("kind", ("seamless", "semi-seamless", "switch-host"))
def test_the_reference_client_follows(tmp_path: Path, kind: str) -> None:
    """The picture, a key, both mouse modes."""

    def use() -> None:
        guest = servers.guest
        until(lambda: same_picture(client, servers), what="the same picture")
        assert client.do("key", code=_A, down=True).kind == client.do("key", code=_A, down=False).kind == "ok"
        guest.got(input="key", code="1e", down=False)
        assert client.do("mouse-mode", mode="server").kind == "ok"
        until(lambda: client.do("motion", dx=9, dy=4).kind == "ok" and moved(guest), what="a movement")
        assert client.do("mouse-mode", mode="client").kind == "ok"
        until(lambda: client.do("position", x=200, y=100).kind == "ok" and placed(guest), what="a place")
        until(lambda: same_picture(client, servers), what="the same picture")

    def moved(guest: Reference) -> bool:
        return {"input": "motion", "dx": 9, "dy": 4}.items() <= guest.lines("input")[-1].items()

    def placed(guest: Reference) -> bool:
        return {"input": "position", "x": 200, "y": 100}.items() <= guest.lines("input")[-1].items()

    options = ("--guest", "desktop", "--pointer", "absolute", "--image-compression", "glz")
    client = Command({"command": f"{sys.executable} -m reference_client --control"})
    with ReferencePair(tmp_path, *options) as servers, client:
        client.connect(servers.address)
        use()
        assert servers.migrate(kind) == [kind]
        use()
