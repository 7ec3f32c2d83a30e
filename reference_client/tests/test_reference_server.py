"""Both references, each as a program, over loopback."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reference_client import events
from reference_client.plan import Wish
from reference_client.tests.test_shell import Session, all_linked, refusal, run
from spiceproto.enums.link import AuthMechanism, LinkErr


@contextmanager
def reference_server(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    if importlib.util.find_spec("reference_server.__main__") is None:
        pytest.fail("the reference server is not installed")
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--log", "--duration", "60", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["port"], process
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(10)


def said(process: subprocess.Popen[str], **wanted: Any) -> dict[str, Any]:
    """The server's next line that has these values."""
    assert process.stdout
    while True:
        found: dict[str, Any] = json.loads(process.stdout.readline())
        if wanted.items() <= found.items():
            return found


def test_a_pointer_moves_in_either_mode_and_keys_arrive() -> None:
    with reference_server("--password", "sesame", "--pointer", "absolute") as (port, process):

        async def body(session: Session) -> None:
            await all_linked(session)
            await session.until(lambda: session.client.in_client_mode)
            session.act("position", 5, 6)
            session.act("request_mouse_mode", "server")
            await session.until(lambda: not session.client.in_client_mode)

        session = run(Wish(target=f"spice://127.0.0.1:{port}", password="sesame"), body)
        assert [event.mode for event in session.told(events.MouseModeChanged)][-1] == 1
        found = said(process, event="input", input="position")
        assert (found["x"], found["y"], found["display"]) == (5, 6, 0)
        assert refusal(Wish(target=f"spice://127.0.0.1:{port}", password="wrong")).error == LinkErr.PERMISSION_DENIED


def test_sasl_and_websocket() -> None:
    with reference_server("--sasl", "--username", "suite", "--password", "sesame") as (port, _):
        session = run(Wish(target=f"ws://127.0.0.1:{port}/", username="suite", password="sesame"), all_linked)
        assert {event.mechanism for event in session.told(events.ChannelLinked)} == {AuthMechanism.SASL}
