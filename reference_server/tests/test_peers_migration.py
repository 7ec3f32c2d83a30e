"""Real clients follow a guest from one process to another: spice-gtk from Python, in each kind of migration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reference_server.tests.test_peers import gtk, shown
from reference_server.tests.test_peers_agent import Machine, Told
from spiceproto.tests.peers import end, until

DRIVER = Path(__file__).with_name("gtk_moving.py")
TEXT = 1
CHANNELS = ("main", "display", "inputs", "cursor")
KINDS = ("seamless", "semi-seamless", "switch-host")


class Pair:
    """Two servers. ``machine`` is the one where the guest is. ``certificates`` is the folder of those, for servers with TLS."""

    def __init__(self, folder: Path, *options: str, certificates: Path | None = None) -> None:
        self.folder = folder
        self._seen = 0
        self.machines: list[Machine] = []
        secure = () if certificates is None else ("--tls-port", "0", "--make-certificates", str(certificates))
        same = () if certificates is None else ("--tls-port", "0", "--x509-dir", str(certificates))
        rows = (("source", (*secure, "--exit-after-migration")), ("there", (*same, "--incoming", str(folder / "guest"))))
        for name, more in rows:
            place = folder / name
            place.mkdir()
            self.machines.append(Machine(place, *options, *more))
        self.machine = self.machines[0]

    def migrate(self, kind: str, **more: Any) -> Any:
        """Hand the guest over; what is said of the sessions."""
        there = self.machines[1].lines()[0]
        told = {"host": "127.0.0.1", "port": there["port"], "tls_port": there["tls_port"] or 0} | more
        found = self.machine.ask("migrate", kind=kind, guest=str(self.folder / "guest"), **told)
        until(lambda: self.machines[0].process.poll() is not None, what="the source ends")
        assert self.machines[0].process.returncode == 0, self.machines[0].log.read_text()
        self.machine = self.machines[1]
        self._seen = 0
        return found

    def picture(self) -> Any:
        """What the guest shows: red, green, blue."""
        path = self.folder / "guest.png"
        self.machine.ask("picture", path=str(path))
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))

    def got(self, **wanted: Any) -> None:
        """Wait until the guest has got this."""

        def arrived() -> bool:
            lines = [line for line in self.machine.lines() if line["event"] == "input"]
            found = [place for place, line in enumerate(lines) if place >= self._seen and wanted.items() <= line.items()]
            if found:
                self._seen = found[0] + 1
            return bool(found)

        until(arrived, what=f"the guest gets {wanted}; see {self.machine.log}")

    def end(self) -> None:
        for machine in self.machines:
            end(machine.process)


@contextmanager
def pair(folder: Path, *options: str, certificates: Path | None = None) -> Iterator[Pair]:
    """Both servers, until the end of the block."""
    found = Pair(folder, *options, certificates=certificates)
    try:
        yield found
        found.machine.ask("shutdown")
        until(lambda: found.machine.process.poll() is not None, what="the destination ends")
        assert found.machine.process.returncode == 0, found.machine.log.read_text()[-3000:]
    finally:
        found.end()


class Gtk(Told):
    """spice-gtk, which does one step after the other."""

    def __init__(self, folder: Path, port: int | None, **properties: Any) -> None:
        super().__init__([gtk(), str(DRIVER)], folder / "client.jsonl")
        self._steps: dict[str, int] = {}
        where = {"host": "127.0.0.1"} if port is None else {"host": "127.0.0.1", "port": str(port)}
        self.tell(**(where | properties))
        for channel in CHANNELS:
            self.until("channel", channel=channel, what="opened")

    def do(self, do: str, **values: Any) -> None:
        """Do it."""
        self._steps[do] = self._steps.get(do, 0) + 1
        self.tell(do=do, **values)
        self.until("done", self._steps[do], do=do)


def same_picture(client: Gtk, servers: Pair) -> None:
    """The client shows what the guest does, pixel for pixel."""

    def same() -> bool:
        path = servers.folder / "shown"
        client.do("picture", path=str(path))
        one, other = shown(path), servers.picture()
        return one.shape == other.shape and bool((one == other).all())

    until(same, what="the same picture")


def use(client: Gtk, servers: Pair) -> None:
    """Type, move the mouse in both modes, and look."""
    client.do("key", code=0x1E)
    servers.got(input="key", code="1e", down=False)
    client.do("mode", mode=1)
    client.do("motion", dx=7, dy=5)
    servers.got(input="motion", dx=7, dy=5)
    client.do("button", button=1)
    servers.got(input="button", button=1, down=False)
    client.do("mode", mode=2)
    client.do("position", x=120, y=90)
    servers.got(input="position", x=120, y=90)
    same_picture(client, servers)


def arrived(client: Gtk, servers: Pair, kind: str) -> None:
    """The client is at the destination with all channels."""
    if kind == "switch-host":
        for channel in CHANNELS:
            client.until("channel", 2, channel=channel, what="opened")
    for channel in CHANNELS:
        servers.machine.until("channel", channel=channel)


@pytest.mark.parametrize("kind", KINDS)
def test_spice_gtk_follows(tmp_path: Path, kind: str) -> None:
    """A desktop: the same picture, keys, both mouse modes."""
    gtk()
    with pair(tmp_path, "--guest", "desktop", "--pointer", "absolute", "--image-compression", "auto_glz") as servers:
        client = Gtk(tmp_path, servers.machine.port)
        try:
            use(client, servers)
            found = servers.migrate(kind)
            assert [session["kind"] for session in found["sessions"]] == [kind] and found["left"]
            arrived(client, servers, kind)
            same_picture(client, servers)
            use(client, servers)
            client.end()
            assert client.process.returncode == 0
        finally:
            end(client.process)


@pytest.mark.parametrize(("kind", "named"), (("seamless", True), ("semi-seamless", False), ("switch-host", True)))
def test_spice_gtk_follows_over_tls(tmp_path: Path, kind: str, named: bool) -> None:
    """All channels have TLS on both sides; the certificate has the subject that was said, or the name of the host."""
    gtk()
    folder = tmp_path / "certificates"
    with pair(tmp_path, "--guest", "desktop", "--password", "sesame", "--pointer", "absolute", certificates=folder) as servers:
        place = servers.machine.lines()[0]
        secure = {"tls-port": str(place["tls_port"]), "password": "sesame", "ca-file": str(folder / "ca-cert.pem")}
        client = Gtk(tmp_path, None, **secure)
        try:
            subject = {"subject": place["host_subject"]} if named else {}
            found = servers.migrate(kind, port=0, **subject)
            assert [session["kind"] for session in found["sessions"]] == [kind]
            arrived(client, servers, kind)
            use(client, servers)
            assert all(line["tls"] for line in servers.machine.lines() if line["event"] == "connected")
            client.end()
            assert client.process.returncode == 0
        finally:
            end(client.process)


@pytest.mark.parametrize(("told", "why"), (({"subject": "CN=somebody else"}, "subject"), ({"tls_port": 1}, "port")))
def test_spice_gtk_stays_where_the_destination_is_none(tmp_path: Path, told: dict[str, Any], why: str) -> None:
    """A wrong subject, or a port at which nobody is: the client says so, and the source waits for nobody; it switches hosts."""
    gtk()
    folder = tmp_path / "certificates"
    with pair(tmp_path, "--guest", "desktop", "--pointer", "absolute", certificates=folder) as servers:
        place = servers.machine.lines()[0]
        client = Gtk(tmp_path, None, **{"tls-port": str(place["tls_port"]), "ca-file": str(folder / "ca-cert.pem")})
        try:
            found = servers.migrate("seamless", port=0, **told)
            assert [session["kind"] for session in found["sessions"]] == ["switch-host"]
        finally:
            end(client.process)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_follows(tmp_path: Path, kind: str) -> None:
    """What the guest plays is heard before, and goes on by itself."""
    gtk()
    with pair(tmp_path, "--guest", "sweep") as servers:
        client = Gtk(tmp_path, servers.machine.port)
        try:
            client.do("hear", stretches=1)
            assert [session["kind"] for session in servers.migrate(kind)["sessions"]] == [kind]
            arrived(client, servers, kind)
            servers.machine.until("channel", channel="playback")
            client.do("hear", stretches=100)  # a second
            client.end()
            assert client.process.returncode == 0
        finally:
            end(client.process)


@pytest.mark.parametrize("kind", KINDS)
def test_the_agent_follows(tmp_path: Path, kind: str) -> None:
    """What is copied on one side is pasted on the other, before and behind the migration."""
    gtk()
    with pair(tmp_path, "--guest", "agent") as servers:
        client = Gtk(tmp_path, servers.machine.port)
        try:
            client.until("agent", connected=True)
            until(lambda: _clipboard_goes_over(client, servers, "before"), what="the clipboard")
            assert [session["kind"] for session in servers.migrate(kind)["sessions"]] == [kind]
            arrived(client, servers, kind)
            until(lambda: _clipboard_goes_over(client, servers, "behind"), what="the clipboard")
            client.end()
            assert client.process.returncode == 0
        finally:
            end(client.process)


def _clipboard_goes_over(client: Gtk, servers: Pair, text: str) -> bool:
    client.do("grab", selection=0, type=TEXT, text=f"of the client, {text}")
    until(lambda: servers.machine.ask("clipboard").get("text") == f"of the client, {text}", what="the guest has the text")
    servers.machine.ask("copy", text=f"of the guest, {text}")
    path = servers.folder / "pasted"
    client.do("request", selection=0, type=TEXT, path=str(path))
    return path.read_bytes() == f"of the guest, {text}".encode()
