"""Every client connects to QEMU, does its verbs, and leaves nothing behind."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from conformance.adapters.client import Answer
from conformance.adapters.guest import KeyByte, Motion, Position
from conformance.adapters.process import Process, TargetUnusable
from conformance.adapters.programs.command import Command
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.remote_viewer import RemoteViewer, x_keycode
from conformance.adapters.programs.ryll import Ryll
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.programs.spicy_screenshot import SpicyScreenshot
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.tests.looks import check_gone, in_session, left_by_clients, need_adapters
from spiceproto import png
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.tests.peers import PATIENCE, until


def test_spice_gtk_lives_through_many_connections() -> None:
    need_adapters(Qemu, SpiceGtk)
    gtk = SpiceGtk()
    with gtk:
        assert gtk.version.startswith("spice-gtk 0.")
        assert gtk.do("hello").text == gtk.version
        assert gtk.do("scancode", data="1e").kind == "unsupported"
        assert gtk.do("motion", dx=1, dy=1).kind == "error"
        for _ in range(2):
            qemu = left_by_clients()
            with qemu:
                gtk.connect(qemu.address)
                until(lambda: in_session(gtk))
                assert gtk.do("motion", dx="x", dy=1).kind == "error"
                assert gtk.do("mouse-mode", mode="other").kind == "error"
            until(lambda: not gtk.do("state").values["connected"])
            events = gtk.take_events()
            assert {"event": "channel", "type": "inputs", "id": 0, "state": "opened"} in events
            assert any(event.get("type") == "main" and event.get("state") != "opened" for event in events)
        gtk.connect(qemu.address)
        until(lambda: "error-connect" in gtk.do("state").values["last_error"])
        assert gtk.ended is None
    check_gone(gtk.process)


def test_spice_gtk_connects_before_anybody_answers() -> None:
    """The suite is the server, in the same thread: no verb may wait for it."""
    need_adapters(SpiceGtk)
    gtk = SpiceGtk()
    with socket.socket() as server, gtk:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(gtk.start_time)
        gtk.connect(ServerAddress(host="127.0.0.1", port=server.getsockname()[1]))
        assert gtk.do("state").values["connected"] is False
        connection, _ = server.accept()
        with connection:
            connection.settimeout(PATIENCE)
            assert connection.recv(4) == b"REDQ"


@pytest.mark.parametrize("options", [{"ticket": "sesame"}, {"tls": "only"}, {"unix": "1"}], ids=["ticket", "tls", "unix"])
def test_spicy_screenshot(tmp_path: Path, options: dict[str, str]) -> None:
    need_adapters(Qemu, SpicyScreenshot)
    qemu, client = left_by_clients(options), SpicyScreenshot()
    with qemu, client:
        assert client.version.startswith("spicy-screenshot ")
        for _ in range(2):
            assert client.do("picture", path=str(tmp_path / "x.png")).kind == "error"
            client.connect(qemu.address)
            process = client.process
            until(lambda: client.ended is not None)
            assert client.ended == 0
            assert client.do("picture", path=str(tmp_path / "x.png")).kind == "ok"
            assert min(png.decode((tmp_path / "x.png").read_bytes()).shape[:2]) >= 400
            client.disconnect()
            check_gone(process)
            assert client.ended is None


@pytest.mark.parametrize("options", [{"guest": "pointer"}, {"tls": "only", "ticket": "sesame"}], ids=["guest", "tls"])
def test_ryll(tmp_path: Path, options: dict[str, str]) -> None:
    need_adapters(Qemu, Ryll)
    qemu, client = left_by_clients(options), Ryll()
    with qemu, client:
        assert client.version.startswith("ryll ")
        assert client.do("state").kind == "error"
        client.connect(qemu.address)
        process = client.process
        until(lambda: client.do("state").values["surfaces"])
        assert client.do("picture", path=str(tmp_path / "x.png")).kind == "ok"
        assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
        assert client.do("motion", dx=1, dy=1).kind == "unsupported"
        assert client.do("picture", path=str(tmp_path / "second.png"), display=1).kind == "unsupported"
        assert not (tmp_path / "second.png").exists(), "the first display's picture is no picture of the second"
        if "guest" in options:
            until(lambda: "inputs: channel started" in client.process.log_end() if client.process else False)
            # It begins with lock keys, to bring the lamps into step.
            qemu.do_input_events(2, 0.5)
            for code, down in ((0x1E, True), (0x1E, False), (0xE01D, True), (0x11D, False)):
                assert client.do("key", code=code, down=down).kind == "ok"
            found = [event for event in qemu.do_input_events(6, PATIENCE) if isinstance(event, KeyByte)]
            assert [event.byte for event in found[-6:]] == [0x1E, 0x9E, 0xE0, 0x1D, 0xE0, 0x9D]
        client.disconnect()
        check_gone(process)


def test_the_first_surface_of_ryll_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has drawn reaches its control socket a little later than it answers on the channel."""
    early = Answer("error", "no surfaces present in mirror; SPICE session may still be initialising")
    drawn = Answer("ok", values={"data_base64": "iVBORw==", "width": 1, "height": 1})
    answers = [early, early, drawn]
    client = Ryll()
    client.process = cast(Process, object())
    monkeypatch.setattr(client, "_ask", lambda method, **parameters: answers.pop(0))
    assert client.do("picture", path=str(tmp_path / "x.png")).kind == "ok"
    assert not answers and (tmp_path / "x.png").read_bytes() == b"\x89PNG"


def test_the_window_of_remote_viewer_shows_what_qemu_shows(tmp_path: Path) -> None:
    need_adapters(Qemu, RemoteViewer)
    qemu, client = left_by_clients({"guest": "pointer"}), RemoteViewer()
    server, seen = tmp_path / "server.png", tmp_path / "client.png"

    def agree() -> bool:
        qemu.do_picture(str(server))
        return client.do("picture", path=str(seen)).kind == "ok" and bool(
            np.array_equal(png.decode(server.read_bytes()), png.decode(seen.read_bytes()))
        )

    with qemu, client:
        assert client.do("picture", path=str(seen)).kind == "error"
        client.connect(qemu.address)
        qemu.do_animate(4, wait=True)
        until(agree)
        assert png.decode(seen.read_bytes()).shape == (400, 640, 3)


def test_remote_viewer() -> None:
    need_adapters(Qemu, RemoteViewer)
    qemu, client = left_by_clients({"guest": "pointer", "ticket": "sesame"}), RemoteViewer()
    with qemu, client:
        assert "11" in client.version or "remote-viewer" in client.version
        assert client.do("motion", dx=1, dy=1).kind == "error"
        client.connect(qemu.address)
        process = client.process
        until(lambda: client.do("state").values.get("window") and client.do("state").values["mouse_mode"] == "server")
        qemu.do_input_events()

        until(lambda: client.do("press", button=3).kind == "ok")
        client.do("release", button=3)
        assert qemu.do_input_events(2, PATIENCE) == [Motion(0, 0, 0, MouseButtonMask.RIGHT), Motion(0, 0)]
        client.do("motion", dx=5, dy=6)
        assert qemu.do_input_events(1, PATIENCE) == [Motion(5, 6)]
        for code, bytes_ in ((0x1E, [0x1E, 0x9E]), (1, [1, 0x81]), (0xE04B, [0xE0, 0x4B, 0xE0, 0xCB])):
            client.do("key", code=code, down=True)
            client.do("key", code=code, down=False)
            assert qemu.do_input_events(len(bytes_), 5) == [KeyByte(byte) for byte in bytes_]

        qemu.do_pointer("absolute")
        until(lambda: client.do("state").values["mouse_mode"] == "client")
        for x, y in ((100, 50), (0, 0), (719, 399)):
            assert client.do("position", x=x, y=y).kind == "ok"
            places = [event.pixel(720, 400) for event in qemu.do_input_events(2, PATIENCE) if isinstance(event, Position)]
            assert places[-1] == (x, y)
        client.disconnect()
        check_gone(process)
        display = client._display
        assert display is not None
    check_gone(display.server)


@pytest.mark.parametrize("options", [{"tls": "only"}, {"unix": "1"}], ids=["tls", "unix"])
def test_remote_viewer_elsewhere(options: dict[str, str]) -> None:
    need_adapters(Qemu, RemoteViewer)
    qemu, client = left_by_clients(options), RemoteViewer()
    with qemu, client:
        client.connect(qemu.address)
        until(lambda: client.do("state").values.get("window"))


def test_x_keycodes() -> None:
    assert [x_keycode(code) for code in (0x01, 0x1E, 0x58, 0x11D, 0xE01D, 0xE05B)] == [9, 38, 96, 105, 105, 133]
    assert [x_keycode(code) for code in (0, 0x59, 0xE000, 0x1FF, 0x2A1D)] == [None] * 5


def test_command_with_placeholders(tmp_path: Path) -> None:
    """A program is told where the server is, in the words of its own command line."""
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, pathlib\n"
        "said = '\\n'.join(sys.argv[2:5]) + pathlib.Path(sys.argv[5]).read_text()\n"
        "pathlib.Path(sys.argv[1]).write_text(said)\n"
    )
    words = f'"{sys.executable}" {program} {tmp_path / "said"} {{host}}:{{port}} {{password}} {{uri}} {{vv}}'
    client = Command({"command": words})
    with client:
        assert client.knows_tls and not client.verbs
        assert client.do("motion", dx=1, dy=1).kind == "unsupported"
        for port in (5900, 5901):
            client.connect(ServerAddress(host="h", port=port, password="a 'b"))
            until(lambda: client.ended is not None)
            assert client.ended == 0
            said = (tmp_path / "said").read_text()
            assert said.startswith(f"h:{port}\na 'b\nspice://h?port={port}[virt-viewer]\n")
            client.disconnect()
            assert client.ended is None


@pytest.mark.parametrize(("end", "crash"), [("os.abort()", -6), ("sys.exit(3)", None), ("time.sleep(60)", None)])
def test_a_crash_is_known_when_the_session_is_over(end: str, crash: int | None) -> None:
    client = Command({"command": f'"{sys.executable}" -c "import os, sys, time; {end}" {{port}}'})
    with client:
        client.connect(ServerAddress(host="h", port=5900))
        if "sleep" not in end:
            until(lambda: client.ended is not None)
        client.disconnect()
        assert (client.crash, client.ended) == (crash, None)
        client.disconnect()
        assert client.crash == crash


def test_command_that_is_driven() -> None:
    """The driver of spice-gtk speaks the same language as any other program."""
    need_adapters(Qemu, SpiceGtk)
    from conformance.adapters.programs import spice_gtk

    qemu, client = (
        left_by_clients({"tls": "1", "ticket": "sesame"}),
        Command({"command": f"/usr/bin/python3 {spice_gtk._DRIVER}"}),
    )
    with qemu, client:
        assert client.knows_tls
        assert client.version.startswith("spice-gtk")
        assert client.verbs == SpiceGtk.verbs
        client.connect(qemu.address)
        until(lambda: client.do("state").values["pictures"])
        assert client.take_events()
        client.disconnect()
        assert not client.do("state").values["connected"]
    check_gone(client.process)


def test_command_that_does_not_exist() -> None:
    with pytest.raises(TargetUnusable, match="not installed: no-such-client"):
        Command({"command": "no-such-client {host}"}).start()


def test_command_that_should_answer_and_does_not() -> None:
    client = Command({"command": f"{sys.executable} -c pass"})
    with pytest.raises(TargetUnusable, match=r"instead of answering hello|no more questions"):
        client.start()
    check_gone(client.process)
