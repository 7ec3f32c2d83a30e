"""Servers of other people, started for tests on loopback and ended by their own id."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spiceproto.tests import peers
from spiceproto.tests.peers import PATIENCE, free_port, listening, program, running


class Qemu:
    """A running QEMU. ``trace`` is where it notes keys and movements; ``tls_port`` is 0 unless whoever started it says it."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.tls_port = 0
        self.folder = folder
        self.trace = folder / "trace"

    def qmp(self, command: str, **arguments: Any) -> Any:
        """One command of its control socket; the answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE)
            control.connect(str(self.folder / "qmp"))
            with control.makefile("rwb") as lines:
                lines.readline()
                for name, values in (("qmp_capabilities", {}), (command, arguments)):
                    lines.write(json.dumps({"execute": name, "arguments": values}).encode() + b"\n")
                    lines.flush()
                    while "event" in (answer := json.loads(lines.readline())):
                        pass
                assert "return" in answer, answer
                return answer["return"]

    def traced(self, text: str) -> bool:
        return self.trace.exists() and text in self.trace.read_text(errors="replace")

    def traced_in_a_row(self, *texts: str) -> bool:
        """Whether neighbouring lines of the trace have these texts."""
        lines = self.trace.read_text(errors="replace").splitlines() if self.trace.exists() else []
        rows = zip(*[lines[start:] for start in range(len(texts))], strict=False)
        return any(all(text in line for text, line in zip(texts, row, strict=True)) for row in rows)


@contextlib.contextmanager
def qemu(
    folder: Path, spice: str = "disable-ticketing=on", *, unix: bool = False, more: tuple[str, ...] = ()
) -> Iterator[Qemu]:
    """QEMU with a screen and no disk. ``unix`` listens at ``folder/spice`` instead of a port."""
    port = free_port()
    path = folder / "spice"
    where = f"unix=on,addr={path}" if unix else f"port={port},addr=127.0.0.1"
    command = [
        *peers.qemu(where, spice),
        "-qmp",
        f"unix:{folder / 'qmp'},server=on,wait=off",
        "-trace",
        "enable=ps2_put_keycode",
        "-trace",
        "enable=input_event_rel",
        "-D",
        str(folder / "trace"),
        *more,
    ]

    ports = [] if unix else [port, *[int(number) for number in re.findall(r"tls-port=(\d+)", spice)]]

    def ready() -> bool:
        return (not unix or path.exists()) and all(map(listening, ports)) and (folder / "qmp").exists()

    with running(*command, log=folder / "log", ready=ready):
        yield Qemu(port, folder)


@contextlib.contextmanager
def andris(folder: Path, ticket: str = "sesame") -> Iterator[int]:
    """andris with its test picture; the port."""
    port = free_port()
    secret = folder / "ticket"
    secret.touch(mode=0o600)
    secret.write_text(ticket)
    command = [
        program("andris"),
        "--listen",
        f"127.0.0.1:{port}",
        "--ticket-file",
        str(secret),
        "--platform",
        "synthetic",
        "--no-audio",
    ]
    with running(*command, log=folder / "log", port=port):
        yield port
