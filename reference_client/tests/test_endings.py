"""How a session that the server ends is told: in order or broken, the exit status, and one line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reference_client import Client, events
from reference_client.tests.scripted import ScriptedServer, session
from reference_client.tests.servers import qemu
from reference_client.tests.test_reference_server import reference_server
from spiceproto.enums.link import LinkErr
from spiceproto.messages import common
from spiceproto.tests.peers import PATIENCE, end
from spiceproto.tests.proxy_program import proxy


def by_a_close(server: ScriptedServer) -> None:
    server.main.close()


def by_a_word(server: ScriptedServer) -> None:
    server.main.send(common.Disconnecting(0, LinkErr.OK))
    server.main.close()


def by_an_error(server: ScriptedServer) -> None:
    server.main.send(common.Disconnecting(0, LinkErr.PERMISSION_DENIED))
    server.main.close()


def within_a_message(server: ScriptedServer) -> None:
    server.deliver(server.main.connection, b"\x04\x00\x0c\x00\x00")
    server.main.close()


def by_what_is_too_long(server: ScriptedServer) -> None:
    server.deliver(server.main.connection, b"\x04\x00\xff\xff\xff\xff")


def by_a_reset(server: ScriptedServer) -> None:
    server.open.discard(server.main.connection)
    server.client.closed(server.main.connection, 0.0, "Connection reset by peer")
    server.run()


@pytest.mark.parametrize(
    ("how", "orderly", "words"),
    [
        (by_a_close, True, "the server closed the connection"),
        (by_a_word, True, "the server closed the connection"),
        (by_an_error, False, "the server closed main, and said why: PERMISSION_DENIED"),
        (within_a_message, False, "the server closed main, 5 bytes into a message"),
        (by_what_is_too_long, False, "a message is too long"),
        (by_a_reset, False, "main broke: Connection reset by peer"),
    ],
)
def test_what_is_in_order(how: Callable[[ScriptedServer], None], orderly: bool, words: str) -> None:
    server = session(Client())
    how(server)
    [ended] = server.told(events.Ended)
    assert ended.orderly is orderly and words in ended.text
    assert not server.open


@contextmanager
def client(folder: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The program with ``--log``, once its channels are linked."""
    with (folder / "errors").open("w") as errors:
        command = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--log", *options]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout
    try:
        linked: set[str] = set()
        while not linked >= {"display", "inputs", "cursor"}:
            event = json.loads(process.stdout.readline())
            if event["event"] == "linked":
                linked.add(event["channel"])
        yield process
    finally:
        end(process)
        process.stdout.close()


CLOSED = "spice-reference-client: the server closed the connection\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_is_ended_or_killed_is_told_in_one_line(tmp_path: Path, number: signal.Signals) -> None:
    with (
        reference_server("--disable-ticketing") as (port, server),
        client(tmp_path, port) as process,
    ):
        server.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert (tmp_path / "errors").read_text() == CLOSED


@pytest.mark.parametrize(
    ("fault", "words"), [("reset", "main broke: Connection reset by peer"), ("truncate", "bytes into a message")]
)
def test_a_session_that_breaks_is_told_and_has_its_status(tmp_path: Path, fault: str, words: str) -> None:
    with (
        reference_server("--disable-ticketing") as (port, _),
        proxy(tmp_path, f"spice://127.0.0.1:{port}", "--fault", f"{fault}:at=300,sender=server,channel=main") as found,
    ):
        command = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{found.port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1


def test_who_leaves_is_told_nothing(tmp_path: Path) -> None:
    with reference_server("--disable-ticketing") as (port, _), client(tmp_path, port) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert (tmp_path / "errors").read_text() == ""


def test_qemu_that_quits_ends_it_in_order(tmp_path: Path) -> None:
    with qemu(tmp_path) as found, client(tmp_path, found.port) as process:
        found.qmp("quit")
        assert process.wait(PATIENCE) == 0
    assert (tmp_path / "errors").read_text() == CLOSED
