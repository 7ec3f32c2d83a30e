"""A guest that is a desktop of its own, for tests: spice-vdagentd and spice-vdagent on Xvfb, behind libspice-server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from conformance.adapters.control_lines import ControlLines
from conformance.adapters.process import Process, program
from conformance.adapters.x_display import XDisplay
from spiceproto.tests.peers import PATIENCE, free_port, listening, need, until

__all__ = ["Desktop", "desktop", "real_agent"]


class Desktop:
    """An X display, and what is copied and pasted there with xclip."""

    def __init__(self, display: XDisplay) -> None:
        self.environment = {"PATH": os.environ["PATH"], **display.environment}

    def copy(self, content: bytes, target: str = "UTF8_STRING", selection: str = "clipboard") -> None:
        """Somebody copies."""
        command = ["xclip", "-selection", selection, "-t", target, "-i"]
        # It lives on behind the scenes, with the streams that it is given.
        subprocess.run(
            command,
            input=content,
            env=self.environment,
            timeout=PATIENCE,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def paste(self, target: str = "UTF8_STRING", selection: str = "clipboard") -> bytes:
        """What somebody pastes; b"" for nothing."""
        command = ["xclip", "-selection", selection, "-t", target, "-o"]
        try:
            return subprocess.run(command, env=self.environment, timeout=PATIENCE, check=False, capture_output=True).stdout
        except subprocess.TimeoutExpired:
            return b""


@contextlib.contextmanager
def desktop(folder: Path, size: tuple[int, int] = (1024, 768)) -> Iterator[Desktop]:
    """An X display of its own."""
    need("Xvfb", "xdotool", "xclip")
    folder.mkdir(exist_ok=True)
    display = XDisplay(folder, size)
    try:
        yield Desktop(display)
    finally:
        display.stop()


@contextlib.contextmanager
def real_agent(folder: Path, guest: Desktop) -> Iterator[int]:
    """libspice-server, with this desktop as its guest; the port. Files come into ``folder/received``."""
    need("spice-vdagentd", "spice-vdagent")
    received = folder / "received"
    received.mkdir()
    place, pointer, session = (str(folder / name) for name in ("port", "pointer", "session"))
    Path(pointer).touch()  # a file is as good as a device: events are written behind each other
    port = free_port()
    with contextlib.ExitStack() as stack:
        server = Process([sys.executable, "-m", "conformance.adapters.libspice_agent"], log=folder / "server.log", control=True)
        stack.callback(server.stop)
        lines = ControlLines(server)
        assert lines.ask("start", {"port": port, "password": ""}).kind == "ok"
        assert lines.ask("agent", {"path": place}).kind == "ok"
        until(lambda: listening(port), what="the server listens")
        daemon = [program("spice-vdagentd"), "-x", "-d", "-d", "-X", "-f", "-u", pointer, "-s", place, "-S", session]
        stack.callback(Process(daemon, log=folder / "daemon.log").stop)
        until(lambda: Path(session).exists(), what="the agent's daemon listens")
        agent = [program("spice-vdagent"), "-x", "-d", "-d", "-S", session, "-s", place, "-f", str(received), "-o", "0"]
        stack.callback(Process(agent, log=folder / "agent.log", environment=guest.environment).stop)
        until(lambda: "opening vdagent" in (folder / "daemon.log").read_text(errors="replace"), what="the agent is there")
        yield port
