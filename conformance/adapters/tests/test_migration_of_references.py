"""remote-viewer follows a guest from one reference server to another, in each kind of migration."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.adapters.programs.remote_viewer import RemoteViewer
from conformance.adapters.tests.looks import need_adapters
from conformance.adapters.tests.reference_pair import ReferencePair
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


def same_picture(client: RemoteViewer, servers: ReferencePair) -> bool:
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
