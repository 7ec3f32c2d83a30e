"""QEMU in every way in which the adapter can start it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.adapters.process import TargetUnusable
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import ALL, check_gone, in_session, left_by_clients, link_reply, need_adapters, opened
from spiceproto.errors import LocalError
from spiceproto.tests.peers import need, until

NEED_SECURED = 5


@pytest.fixture(scope="module")
def gtk() -> Iterator[SpiceGtk]:
    need_adapters(Qemu, SpiceGtk)
    client = SpiceGtk()
    with client:
        yield client


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ticket": "sesame"},
        {"ticket": "sesame", "tls": "1"},
        {"tls": "only"},
        {"unix": "1", "ticket": "a b,c"},
        {"tls": "1", "secure": "main+inputs"},
        {"sasl": "1"},
        {"sasl": "1", "ticket": "other", "username": "somebody", "spice": "image-compression=quic"},
    ],
    ids=lambda options: "&".join(f"{name}={value}" for name, value in options.items()) or "plain",
)
def test_starts_and_lets_clients_in(gtk: SpiceGtk, options: dict[str, str]) -> None:
    if "sasl" in options:
        need("saslpasswd2")
    qemu = left_by_clients(options)
    with qemu:
        assert qemu.version.startswith("QEMU ") and "libspice-server" in qemu.version
        if qemu.port or qemu.unix_path:
            assert link_reply(qemu.address) == (b"REDQ", NEED_SECURED if "secure" in options else 0)
        if qemu.tls_port:
            assert link_reply(qemu.address, secure=True) == (b"REDQ", 0)
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        gtk.disconnect()
        assert qemu.ended is None
    assert qemu.process is not None and qemu.process.ended == 0
    check_gone(qemu.process)


def test_password_is_changed_and_expires(gtk: SpiceGtk) -> None:
    qemu = left_by_clients({"ticket": "sesame"})
    with qemu:
        old = qemu.address
        qemu.do_set_password("open")
        gtk.connect(old)
        until(lambda: "error-auth" in gtk.do("state").values["last_error"])
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        qemu.do_expire_password()
        gtk.connect(qemu.address)
        until(lambda: "error-auth" in gtk.do("state").values["last_error"])


def test_several_displays(gtk: SpiceGtk) -> None:
    qemu = left_by_clients({"displays": "2"})
    with qemu:
        assert "two-displays" in qemu.has
        gtk.connect(qemu.address)
        until(lambda: opened(gtk) >= ALL | {("display", 1), ("cursor", 1)})
        until(lambda: len(gtk.do("state").values["pictures"]) == 2)
        gtk.disconnect()


def test_a_display_is_added_while_a_session_goes_on(gtk: SpiceGtk) -> None:
    qemu = left_by_clients()
    with qemu:
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        qemu.add_display()
        until(lambda: opened(gtk) >= ALL | {("display", 1), ("cursor", 1)})


def test_pictures_agree(gtk: SpiceGtk, tmp_path: Path) -> None:
    """What the guest draws reaches the client, and its lamps do."""
    from PIL import Image

    qemu = left_by_clients({"guest": "pointer"})
    with qemu:
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        qemu.do_animate(4, wait=True)
        server, client = tmp_path / "server.png", tmp_path / "client.png"

        def agree() -> bool:
            qemu.do_picture(str(server))
            assert gtk.do("picture", path=str(client)).kind == "ok"
            with Image.open(server) as ours, Image.open(client) as theirs:
                return ours.size == theirs.size and ours.convert("RGB").tobytes() == theirs.convert("RGB").tobytes()

        until(agree)
        assert gtk.do("preferred-compression", compression="lz4").kind == "ok"
        with Image.open(server) as drawn:
            assert drawn.size == (640, 400)
            assert len(drawn.getcolors(1000) or []) == 5
        gtk.take_events()
        qemu.do_lock_keys(6)
        until(lambda: {"event": "modifiers", "flags": 6} in gtk.take_events())
        gtk.disconnect()


@pytest.mark.parametrize(
    "modes",
    ["640x480x8", "640x480x15", "640x480x16", "640x480x24", "640x480x32", "800x600x16+320x240x8+1024x768x32+640x401x24"],
)
def test_pictures_agree_in_other_modes(gtk: SpiceGtk, tmp_path: Path, modes: str) -> None:
    """Every depth, new colours of a palette, and other sizes while a client looks."""
    from PIL import Image

    qemu = left_by_clients({"guest": modes})
    wanted = [tuple(int(word) for word in mode.split("x")[:2]) for mode in modes.split("+")]
    with qemu:
        gtk.connect(qemu.address)
        until(lambda: in_session(gtk))
        server, client = tmp_path / "server.png", tmp_path / "client.png"

        def agree() -> bytes:
            qemu.do_picture(str(server))
            assert gtk.do("picture", path=str(client)).kind == "ok"
            with Image.open(server) as ours, Image.open(client) as theirs:
                sizes.append(ours.size)
                pixels = ours.convert("RGB").tobytes()
                return pixels if ours.size == theirs.size and pixels == theirs.convert("RGB").tobytes() else b""

        seen: list[bytes] = []
        for number in range(len(wanted) + 1):
            sizes: list[tuple[int, int]] = []
            until(agree)
            assert sizes[-1] == wanted[number % len(wanted)]
            seen.append(agree())
            qemu.do_animate(3, wait=True)
        assert len(set(seen)) == len(seen)
        gtk.disconnect()


def test_its_drivers_take_turns() -> None:
    """There is one connection to the machine's ports: behind that of the serial line comes that of the card reader."""
    need_adapters(Qemu)
    qemu = Qemu({"sound": "0"})
    with qemu:
        for _ in range(2):
            assert qemu.do_port_read() == {"data": "", "events": []}
            with qemu.card_reader() as reader:
                assert not reader.card()


def test_a_guest_goes_over_with_what_is_played_of_it() -> None:
    need_adapters(Qemu)
    qemu = Qemu({"migrate": "seamless", "guest": "pointer", "sound": "0", "port": "1"})
    assert {"semi-seamless", "seamless"} <= qemu.has and "migrate-begin" in qemu.controls
    with qemu:
        there = qemu.destination
        assert there is not None and there.process is not None and there.port not in (0, qemu.port)
        assert qemu.holder is qemu and not qemu.spent
        qemu.do_port_write(b"before")
        qemu.do_migrate_begin()
        assert qemu.spent
        qemu.do_migrate_cancel()
        qemu.do_migrate_begin()
        qemu.do_migrate_finish()
        assert qemu.holder is there
        assert isinstance(there, Qemu)
        there.do_animate(1, wait=True)
        assert there.do_input_events() == []
        there.do_port_write(b"behind")
        assert qemu.ended is None
    check_gone(qemu.process)
    check_gone(there.process)


@pytest.mark.parametrize(("kind", "words"), [("sideways", "switch-host"), ("seamless", "Unix")])
def test_migrations_that_there_are_not(kind: str, words: str) -> None:
    with pytest.raises(LocalError, match=words):
        Qemu({"migrate": kind, "unix": "1"})


def test_what_qemu_refuses_is_quoted() -> None:
    need_adapters(Qemu)
    qemu = Qemu({"extra": "-no-such-option"})
    with pytest.raises(TargetUnusable, match=r"ended with status 1(?s:.)*-no-such-option"):
        qemu.start()
    check_gone(qemu.process)


def test_a_port_that_is_taken_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another start with other ports."""
    need_adapters(Qemu)
    from conformance.adapters import listening
    from conformance.adapters.programs import qemu as module

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answers = [[taken.getsockname()[1], 1], listening.free_ports(2)]
        monkeypatch.setattr(module, "free_ports", lambda number: answers.pop(0))
        made = Qemu()
        with made:
            assert not answers
            assert link_reply(made.address) == (b"REDQ", 0)
