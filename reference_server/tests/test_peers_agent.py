"""Real clients and real agents: spice-gtk with the guest that plays an agent, and spice-vdagent behind the server.

spice-vdagentd connects to the server's socket in place of a virtio port, and spice-vdagent has an X server of its own.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reference_server.tests.test_peers import gtk
from spiceproto.tests.peers import PATIENCE, end, need, program, running, until

DRIVER = Path(__file__).with_name("gtk_agent.py")
TEXT, PNG = 1, 2
LARGE = 16 << 20


class Told:
    """A program that does what its standard input says, and prints JSON lines."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT)

    def tell(self, **values: Any) -> None:
        """A line for its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(values).encode() + b"\n")
        self.process.stdin.flush()

    def lines(self) -> list[dict[str, Any]]:
        """What it has printed."""
        text = self.log.read_text(errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]

    def until(self, event: str, count: int = 1, **fields: Any) -> dict[str, Any]:
        """Wait for the ``count``-th event with these fields."""

        def found() -> list[dict[str, Any]]:
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-3000:]
            lines = [line for line in self.lines() if line["event"] == event and fields.items() <= line.items()]
            return lines if len(lines) >= count else []

        return until(found, what=f"{event} {fields or ''}; see {self.log}")[count - 1]

    def end(self) -> None:
        """End it, and what it was told."""
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate(timeout=PATIENCE)
        end(self.process)


class Machine(Told):
    """The server with its guest. ``ask`` puts a question to it."""

    def __init__(self, folder: Path, *options: str) -> None:
        log = folder / "server.jsonl"
        command = [sys.executable, "-m", "reference_server", "--port", "0", "--log", "--control", *options]
        super().__init__(command, log)
        self._answers = 0
        self.port = self.until("listening")["port"]

    def ask(self, do: str, **values: Any) -> Any:
        """The answer to a question."""
        self._answers += 1
        self.tell(do=do, **values)
        found = self.until("answer", self._answers)
        assert found["answer"] == "ok", found
        return found.get("value")


@contextmanager
def machine(folder: Path, *options: str) -> Iterator[Machine]:
    """A server, until the end of the block."""
    found = Machine(folder, *options)
    try:
        yield found
        found.ask("shutdown")
        until(lambda: found.process.poll() is not None, what="the server ends")
        assert found.process.returncode == 0, found.log.read_text()[-3000:]
    finally:
        end(found.process)


@contextmanager
def client(folder: Path, server: Machine) -> Iterator[Told]:
    """spice-gtk in a session in which the agent has announced itself."""
    found = Told([gtk(), str(DRIVER)], folder / "client.jsonl")
    try:
        found.tell(host="127.0.0.1", port=str(server.port))
        found.until("agent", connected=True)
        yield found
        found.end()
        assert found.process.returncode == 0, found.log.read_text()[-3000:]
    finally:
        end(found.process)


def content(folder: Path, name: str, size: int) -> Path:
    """A file with bytes that do not repeat."""
    path = folder / name
    path.write_bytes(b"".join(number.to_bytes(4, "little") for number in range(size // 4)) + bytes(size % 4))
    return path


def test_spice_gtk_copies_and_pastes(tmp_path: Path) -> None:
    """Text one way, a picture of 16 MiB the other way and back."""
    gtk()
    picture = content(tmp_path, "picture", LARGE)
    (tmp_path / "text").write_bytes("Größe\nzwei".encode())
    with machine(tmp_path, "--guest", "agent") as server, client(tmp_path, server) as gtk_client:
        server.ask("copy", text="of the guest", selection="primary")
        gtk_client.until("grab", selection=1)
        gtk_client.tell(do="request", selection=1, type=TEXT, path=str(tmp_path / "primary"))
        gtk_client.until("content", selection=1)
        assert (tmp_path / "primary").read_bytes() == b"of the guest"
        gtk_client.tell(do="grab", selection=0, paths={TEXT: str(tmp_path / "text")})
        gtk_client.until("grab", selection=0)  # the guest has got it, and offers it
        assert server.ask("clipboard") == {"owner": "guest", "types": ["text"], "size": 12, "text": "Größe\nzwei"}
        gtk_client.tell(do="grab", selection=0, paths={PNG: str(picture)})
        gtk_client.until("grab", 2, selection=0)
        gtk_client.tell(do="request", selection=0, type=PNG, path=str(tmp_path / "back"))
        gtk_client.until("content", selection=0, type=PNG, size=LARGE)
        assert (tmp_path / "back").read_bytes() == picture.read_bytes()
        server.ask("release-clipboard", selection="primary")
        gtk_client.until("release", selection=1)


def test_spice_gtk_sends_files(tmp_path: Path) -> None:
    gtk()
    folder = tmp_path / "in"
    folder.mkdir()
    paths = [content(tmp_path, "large file", 5_000_001), content(tmp_path, "small", 7), content(tmp_path, "empty", 0)]
    with machine(tmp_path, "--guest", "agent", "--files", str(folder)) as server, client(tmp_path, server) as gtk_client:
        gtk_client.tell(do="send", paths=[str(path) for path in paths])
        gtk_client.until("sent")
        assert {file["name"]: file["whole"] for file in server.ask("files")} == {path.name: True for path in paths}
        huge = tmp_path / "huge"
        with huge.open("wb") as out:
            out.truncate(1 << 43)
        gtk_client.tell(do="send", paths=[str(huge)])
        gtk_client.until("not-sent")
        with huge.open("wb") as out:
            out.truncate(2 << 30)
        gtk_client.tell(do="send", paths=[str(huge)])
        server.until("file", name="huge", state="coming")
        gtk_client.tell(do="cancel")
        gtk_client.until("not-sent", 2)
        server.until("file", name="huge", state="given up")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {path.name: path.read_bytes() for path in paths}


def monitors(server: Machine) -> list[tuple[int, ...]]:
    """Number, size and place of each monitor of the guest."""
    return [(m["number"], m["width"], m["height"], m["x"], m["y"]) for m in server.ask("monitors")]


def test_spice_gtk_sets_monitors(tmp_path: Path) -> None:
    """Two monitors side by side, for which spice-gtk gets a surface of their size."""
    gtk()
    with machine(tmp_path, "--guest", "agent") as server, client(tmp_path, server) as gtk_client:
        gtk_client.tell(do="monitors", monitors=[[0, 0, 800, 600], [800, 0, 320, 240]])
        server.until("agent-message", type="REPLY")
        expected = [(0, 800, 600, 0, 0), (1, 320, 240, 800, 0)]
        # It may have said before what it takes for its own window.
        until(lambda: monitors(server) == expected, what=f"the guest has {expected}")
        gtk_client.until("surface", size=[1120, 600])


@pytest.mark.parametrize("options", (("--no-copy-paste",), ("--no-file-transfer",)))
def test_what_is_off_spice_gtk_does_not_try(tmp_path: Path, options: tuple[str, ...]) -> None:
    gtk()
    small = content(tmp_path, "small", 7)
    with machine(tmp_path, "--guest", "agent", *options) as server, client(tmp_path, server) as gtk_client:
        if "--no-file-transfer" in options:
            gtk_client.tell(do="send", paths=[str(small)])
            gtk_client.until("not-sent")
            assert server.ask("files") == []
        else:
            server.ask("copy", text="of the guest")
            gtk_client.tell(do="send", paths=[str(small)])
            gtk_client.until("sent")
            assert [line for line in gtk_client.lines() if line["event"] == "grab"] == []


class Desktop:
    """The real agent, and an X server whose clipboard it shares."""

    def __init__(self, number: int, folder: Path) -> None:
        self.environment = {"DISPLAY": f":{number}", "PATH": "/usr/bin:/bin", "GDK_BACKEND": "x11", "HOME": str(folder)}
        self.folder = folder
        self._owner: subprocess.Popen[bytes] | None = None

    def copy(self, data: bytes, selection: str = "clipboard") -> None:
        """Own the clipboard, as a program of the desktop does."""
        self.close()
        command = [program("xclip"), "-selection", selection, "-t", "UTF8_STRING", "-i", "-loops", "0", "-quiet"]
        self._owner = subprocess.Popen(
            command, stdin=subprocess.PIPE, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert self._owner.stdin is not None
        self._owner.stdin.write(data)
        self._owner.stdin.close()

    def paste(self, selection: str = "clipboard") -> bytes:
        """What the clipboard has; nothing if nobody has it."""
        command = [program("xclip"), "-selection", selection, "-t", "UTF8_STRING", "-o"]
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE, check=False)
        return done.stdout

    def size(self) -> tuple[int, ...]:
        """Width and height of the screen."""
        command = [program("xdotool"), "getdisplaygeometry"]
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE, check=False)
        return tuple([int(word) for word in done.stdout.split()])

    def close(self) -> None:
        """Own nothing any more."""
        if self._owner is not None:
            end(self._owner)
            self._owner = None


@contextmanager
def real_agent(folder: Path, socket: Path) -> Iterator[Desktop]:
    """spice-vdagentd at this socket, spice-vdagent in an X server; files go to ``folder / "in"``."""
    need("Xvfb", "spice-vdagentd", "spice-vdagent", "xclip")
    display, inputs, inner = folder / "display", folder / "uinput", folder / "inner"
    (folder / "in").mkdir()
    inputs.write_bytes(b"")
    screen = ("-screen", "0", "1024x768x24", "-nolisten", "tcp")
    with contextlib.ExitStack() as stack:
        with (folder / "xvfb.log").open("wb") as out, display.open("wb") as number:
            command = [program("Xvfb"), "-displayfd", str(number.fileno()), *screen]
            x = subprocess.Popen(command, stdout=out, stderr=out, pass_fds=[number.fileno()])
        stack.callback(end, x)
        until(lambda: display.read_text().endswith("\n"), what="Xvfb is ready")
        desktop = Desktop(int(display.read_text()), folder)
        stack.callback(desktop.close)
        daemon = (program("spice-vdagentd"), "-x", "-X", "-f", "-u", str(inputs), "-s", str(socket), "-S", str(inner))
        stack.enter_context(running(*daemon, log=folder / "vdagentd.log", ready=inner.exists))
        session = (
            program("spice-vdagent"),
            "-x",
            "-d",
            "-S",
            str(inner),
            "-s",
            str(socket),
            "-f",
            str(folder / "in"),
            "-o",
            "0",
        )
        stack.enter_context(running(*session, log=folder / "vdagent.log", env=desktop.environment))
        yield desktop


def test_spice_vdagent_shares_the_clipboard(tmp_path: Path) -> None:
    """What is copied in spice-gtk is pasted in X, and the other way round."""
    gtk()
    socket = tmp_path / "port"
    (tmp_path / "text").write_bytes(b"copied in the client")
    with machine(tmp_path, "--agent-socket", str(socket)) as server, real_agent(tmp_path, socket) as desktop:
        server.until("agent", present=True)
        with client(tmp_path, server) as gtk_client:
            gtk_client.tell(do="grab", selection=0, paths={TEXT: str(tmp_path / "text")})
            until(lambda: desktop.paste() == b"copied in the client", what="the text is pasted in X")
            gtk_client.until("request", selection=0, type=TEXT)
            desktop.copy(b"copied in X")
            gtk_client.until("grab", selection=0)
            gtk_client.tell(do="request", selection=0, type=TEXT, path=str(tmp_path / "pasted"))
            gtk_client.until("content", selection=0)
            assert (tmp_path / "pasted").read_bytes() == b"copied in X"
        server.until("agent-message", type="CLIENT_DISCONNECTED")
        server.until("agent-message", type="CLIPBOARD_RELEASE")


def test_spice_vdagent_takes_files_and_moves_the_pointer(tmp_path: Path) -> None:
    gtk()
    socket = tmp_path / "port"
    paths = [content(tmp_path, "large", 3_000_001), content(tmp_path, "empty", 0)]
    with machine(tmp_path, "--agent-socket", str(socket)) as server, real_agent(tmp_path, socket):
        server.until("agent", present=True)
        with client(tmp_path, server) as gtk_client:
            gtk_client.tell(do="send", paths=[str(path) for path in paths])
            gtk_client.until("sent")
            gtk_client.until("agent", mouse=2)
            gtk_client.tell(do="point", x=100, y=50)
            events = tmp_path / "uinput"
            until(lambda: len(events.read_bytes()) >= 72, what="the agent moves the pointer")
    assert {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()} == {
        path.name: path.read_bytes() for path in paths
    }


def test_spice_vdagent_comes_and_goes(tmp_path: Path) -> None:
    gtk()
    socket = tmp_path / "port"
    with machine(tmp_path, "--agent-socket", str(socket)) as server:
        with real_agent(tmp_path, socket):
            server.until("agent", present=True)
            with client(tmp_path, server):
                pass
        server.until("agent", present=False)


def test_spice_vdagent_and_the_reference_client(tmp_path: Path) -> None:
    """Both references between two desktops: clipboards both ways, a monitor of another size, a file."""
    need("xdotool")
    socket, uri = tmp_path / "port", "spice://127.0.0.1:{}"
    (tmp_path / "text").write_bytes(b"copied in the client")
    file = content(tmp_path, "file", 3_000_001)
    run = (sys.executable, "-m", "reference_client")
    with machine(tmp_path, "--agent-socket", str(socket)) as server, real_agent(tmp_path, socket) as desktop:
        server.until("agent", present=True)
        place = uri.format(server.port)
        wishes = ("--monitors", "800x600", "--copy", str(tmp_path / "text"), "--paste", str(tmp_path / "pasted"))
        with running(*run, *wishes, place, log=tmp_path / "client.log") as client:
            until(lambda: desktop.paste() == b"copied in the client", what="the text is pasted in X")
            until(lambda: desktop.size() == (800, 600), what="the desktop is resized")
            desktop.copy(b"copied in X")
            assert client.wait(PATIENCE) == 0, (tmp_path / "client.log").read_text()
        assert (tmp_path / "pasted").read_bytes() == b"copied in X"
        with running(*run, "--send-file", str(file), place, log=tmp_path / "sender.log") as client:
            assert client.wait(PATIENCE) == 0, (tmp_path / "sender.log").read_text()
    assert (tmp_path / "in" / "file").read_bytes() == file.read_bytes()
