"""Servers with libspice-server inside and no virtual machine: they start, let clients in, do what they are told, and end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from conformance.adapters.programs.libspice_server import LibspiceServer
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.programs.xspice import Xspice
from conformance.adapters.server import ServerProgram
from conformance.adapters.tests.looks import check_gone, in_session, link_reply, need_adapters
from conformance.outcome import NotApplicable
from spiceproto import png
from spiceproto.tests.peers import until

OPTIONS = [{}, {"tls": "1", "ticket": "other"}]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "tls"])
def test_xspice_starts_and_leaves_nothing_behind(options: dict[str, str]) -> None:
    need_adapters(Xspice)
    with Xspice(options) as server:
        assert server.version.startswith("Xspice in X.Org X Server 1.")
        assert link_reply(server.address) == (b"REDQ", 0)
        if server.tls_port:
            assert link_reply(server.address, secure=True) == (b"REDQ", 0)
        (lock,) = lock_of(server)
        number = lock.name.removeprefix(".X").removesuffix("-lock")
        there = Path(f"/tmp/.X11-unix/X{number}")
        assert there.exists()
    check_gone(server.process)
    assert not lock.exists() and not there.exists()


def test_an_xorg_that_was_killed_has_ended_at_once() -> None:
    need_adapters(Xspice)
    with Xspice() as server:
        assert server.ended is None
        os.kill(int(next(iter(lock_of(server))).read_text()), signal.SIGSEGV)
        until(lambda: server.ended is not None)
        assert server.ended in (-signal.SIGSEGV, -signal.SIGABRT, 1)


def lock_of(server: ServerProgram) -> list[Path]:
    assert server.process is not None
    group = server.process.id
    return [path for path in Path("/tmp").glob(".X*-lock") if group_of(path) == group]


def group_of(lock: Path) -> int:
    """0 for a process that is gone, as others leave their lock files behind, and for a lock that is gone or only begun."""
    try:
        return os.getpgid(int(lock.read_text()))
    except (ProcessLookupError, FileNotFoundError, ValueError):
        return 0


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "tls"])
def test_libspice_server_does_what_it_is_told(options: dict[str, str]) -> None:
    need_adapters(LibspiceServer, SpiceGtk)
    server, gtk = LibspiceServer(options), SpiceGtk()
    with server, gtk:
        assert server.version.startswith("libspice-server.so.1")
        assert link_reply(server.address) == (b"REDQ", 0)
        if server.tls_port:
            assert link_reply(server.address, secure=True) == (b"REDQ", 0)
        gtk.connect(server.address)
        until(lambda: in_session(gtk))
        picture = until(lambda: gtk.do("state").values["pictures"])[0]
        assert (picture["width"], picture["height"]) == (640, 480)
        server.do_input_events()
        gtk.do("key", code=0x1E, down=True)
        until(lambda: "key 0x1e" in server.do_input_events())
        server.do_pointer("absolute")
        until(lambda: gtk.do("state").values["mouse_mode"] == "client")
        gtk.do("position", x=100, y=50, display=0)
        until(lambda: "position 100 50" in server.do_input_events())
        server.do_pointer("relative")
        until(lambda: gtk.do("state").values["mouse_mode"] == "server")
        gtk.take_events()
        server.do_lock_keys(5)
        until(lambda: {"event": "modifiers", "flags": 5} in gtk.take_events())
        server.do_input_events()
        gtk.do("modifiers", flags=1)
        until(lambda: server.do_input_events().splitlines() == ["key 0x3a", "key 0xba"])
        # What is down goes up when its client is gone: A since the beginning.
        gtk.disconnect()
        until(lambda: "key 0x9e" in server.do_input_events())
        server.do_animate(4)
    check_gone(server.process)


@pytest.mark.parametrize("program", [LibspiceServer, Xspice])
def test_what_it_shows_is_a_file(program: type[ServerProgram], tmp_path: Path) -> None:
    need_adapters(program)
    path = tmp_path / "picture.png"
    with program() as server:
        assert "picture" in server.controls
        server.do_picture(str(path))  # type: ignore[attr-defined]
        picture = png.decode(path.read_bytes())
        with pytest.raises(NotApplicable):
            server.do_picture(str(path), 1)  # type: ignore[attr-defined]
    assert min(picture.shape[:2]) >= 480


def test_what_was_drawn_is_in_the_picture(tmp_path: Path) -> None:
    need_adapters(LibspiceServer)
    path = tmp_path / "picture.png"
    with LibspiceServer() as server:
        server.do_animate(1)  # type: ignore[attr-defined]

        def drawn() -> bool:
            server.do_picture(str(path))  # type: ignore[attr-defined]
            return bool(png.decode(path.read_bytes())[16:48, 24:56].tolist() == [[[1, 3, 5]] * 32] * 32)

        until(drawn)
