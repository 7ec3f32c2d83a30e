"""Questions and answers, without a program around them."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_client import Client, Options
from reference_client.control import TABLE, Control
from reference_client.plan import Wish
from reference_client.tests.scripted import ScriptedServer, session
from reference_client.tests.scripted_agent import agreed
from reference_client.usb.disc import Disc
from reference_client.wishes import VERBS
from spiceproto.controls import CONTROLS
from spiceproto.controls.audience import Audience, Listener
from spiceproto.errors import LocalError
from spiceproto.messages import agent, display, inputs, main
from spiceproto.wav import Kept


class MemoryShell:
    """As much of a shell as answers need."""

    now = 7.0

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.client = server.client

    def pump(self) -> None:
        self.server.run()

    async def stop(self) -> None:
        self.server.leave()


def hearing(said: list[dict[str, Any]]) -> Audience:
    """Events become lines."""
    audience = Audience()
    audience.join(Listener(said.append, listens=True))
    return audience


def driven(server: ScriptedServer | None = None) -> tuple[Control, list[dict[str, Any]]]:
    said: list[dict[str, Any]] = []
    control = Control(Wish(), hearing(said))
    if server is not None:
        shell: Any = MemoryShell(server)
        control.shell = shell
    return control, said


def ask(control: Control, said: list[dict[str, Any]], **question: Any) -> dict[str, Any]:
    said.clear()
    answer = asyncio.run(control.answer(json.dumps(question).encode(), Listener(said.append)))
    assert not said
    return answer


def test_every_verb_of_a_client_can_be_asked() -> None:
    assert set(TABLE) == {row.verb for row in CONTROLS if row.role == "client"} | {"hello", "events", "connect", "quit"}
    assert all(row.verb in VERBS or row.verb == "events" or hasattr(Control, row.method) for row in TABLE.values())
    control, said = driven()
    hello = ask(control, said, do="hello")
    assert hello["verbs"] == sorted(TABLE) and hello["sasl"] is True


def test_a_session_is_driven(tmp_path: Path) -> None:
    server = session(Client(Options(canvas=True, prefer_client_mode=False)))
    server.line(2).send(display.SurfaceCreate(surface_id=0, width=4, height=3, format=32, flags=1))
    control, said = driven(server)
    for question in ({"do": "motion", "dx": 1, "dy": 2}, {"do": "key", "code": 30}, {"do": "mouse-mode", "mode": "client"}):
        assert ask(control, said, **question) == {"answer": "ok"}
    assert server.inputs.take() == [inputs.MouseMotion(1, 2, 0), inputs.KeyDown(30)]
    assert server.main.got[-1] == main.MouseModeRequest(2)
    path = tmp_path / "seen.png"
    assert ask(control, said, do="picture", path=str(path)) == {"answer": "ok", "width": 4, "height": 3}
    assert path.exists()
    refused = ask(control, said, do="picture", path=str(tmp_path / "seen.jpg"))["text"]
    assert refused.startswith("picture writes no .jpg file; expected a name that ends in .png")
    state = ask(control, said, do="state")
    assert (state["connected"], state["mouse_mode"], state["name"], state["multi_media_time"]) == (True, "server", "", 7000)
    assert {"type": "inputs", "id": 0, "state": "opened"} in state["channels"]
    assert ask(control, said, do="disconnect") == {"answer": "ok"}
    assert ask(control, said, do="state") == {"answer": "ok", "connected": False, "channels": []}


def test_nothing_is_said_of_channels_when_the_session_has_ended() -> None:
    server = session(Client(Options()))
    server.main.send(main.Name(b"guest\0"))
    control, said = driven(server)
    assert ask(control, said, do="state")["name"] == "guest"
    server.main.close()
    state = ask(control, said, do="state")
    assert state["connected"] is False and not state.keys() & {"name", "mouse_mode", "playing", "listening"}


def test_the_clipboard_and_files_are_asked_for(tmp_path: Path) -> None:
    guest = agreed()
    guest.take()
    control, said = driven(guest.server)
    (tmp_path / "letter").write_text("hello")
    assert ask(control, said, do="copy", text="one") == {"answer": "ok"}
    assert ask(control, said, do="copy", path=str(tmp_path / "letter"), selection="primary") == {"answer": "ok"}
    assert [(value.selection, value.types) for value in guest.take()] == [(0, (1,)), (1, (1,))]
    guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=1, types=(1,)))
    assert ask(control, said, do="paste", path=str(tmp_path / "pasted")) == {"answer": "ok"}
    assert guest.take() == [agent.ClipboardRequestSelected(0, bytes(3), 1)]
    guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=1, data=b"there"))
    assert (tmp_path / "pasted").read_bytes() == b"there"
    assert ask(control, said, do="send-file", path=str(tmp_path / "letter"), name="other") == {"answer": "ok", "file": 1}
    [start] = guest.take()
    assert b"name=other\nsize=5\n" in start.data
    assert ask(control, said, do="cancel-file", file=1) == {"answer": "ok"}
    assert ask(control, said, do="release-clipboard", selection="primary") == {"answer": "ok"}
    assert guest.take() == [agent.FileXferStatusMessage(start.id, 1, b""), agent.ClipboardReleaseSelected(1, bytes(3))]


def test_what_can_not_be_pasted_or_written_is_said(tmp_path: Path) -> None:
    guest = agreed()
    guest.take()
    control, said = driven(guest.server)
    nowhere = str(tmp_path / "nowhere" / "pasted")
    assert ask(control, said, do="paste", path=nowhere)["text"].startswith("the guest has nothing to be pasted")
    assert ask(control, said, do="copy")["text"].startswith("nothing was copied")
    assert ask(control, said, do="send-file", path=nowhere)["answer"] == "error"
    guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(1,)))
    assert ask(control, said, do="paste", path=nowhere, format="text") == {"answer": "ok"}
    said.clear()
    guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=1, data=b"there"))
    assert said == [{"event": "clipboard-lost", "path": nowhere, "text": "No such file or directory"}]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_files_that_are_pipes_hold_nobody_up(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    guest = agreed()
    guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(1,)))
    control, said = driven(guest.server)
    control._heard = Kept()
    control._heard.play(0, 48000, np.zeros((480, 2), np.int16))
    questions: list[dict[str, Any]] = [{"do": verb, "path": pipe} for verb in ("copy", "paste", "picture", "heard")]
    for question in (*questions, {"do": "connect", "vv": pipe}, {"do": "connect", "uri": "spice://x", "ca": pipe}):
        found = ask(control, said, **question)
        assert found["answer"] == "error" and "expected a regular file; found a pipe" in found["text"], question
    with pytest.raises(LocalError, match="not a disc; expected a file, or a drive"):
        Disc(pipe)
    assert control.shell is not None


def test_what_a_file_keeps_is_heard_too_and_what_a_file_says_is_not_changed(tmp_path: Path) -> None:
    kept: list[int] = []
    said: list[dict[str, Any]] = []
    silence = np.zeros((480, 2), np.int16)
    wish = Wish(
        target="spice://127.0.0.1:9",
        play=lambda time, frequency, samples: kept.append(len(samples)),
        say=lambda first, count, channels, frequency: silence,
    )
    control = Control(wish, hearing(said))

    async def body() -> None:
        control.begin(wish)
        assert control.shell is not None
        play = control.shell.client.options.play
        assert play is not None
        play(0, 48000, silence)
        await control.do_heard(str(tmp_path / "heard.wav"))
        with pytest.raises(LocalError, match="a file or the microphone"):
            await control.do_say(440)
        await control.stop()

    asyncio.run(body())
    assert kept == [480] and (tmp_path / "heard.wav").stat().st_size == 44 + silence.nbytes


def test_a_password_is_for_the_next_connection() -> None:
    control, said = driven()
    assert ask(control, said, do="password", text="other") == {"answer": "ok"}
    assert control.wish.password == "other"
    answer = ask(control, said, do="password", text="x" * 61)
    assert answer["answer"] == "error" and "too long" in answer["text"]
    assert control.wish.password == "other"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ({"do": "key"}, "a value is missing: code"),
        ({"do": "key", "code": "0x1E"}, "code is not what it should be; expected integer"),
        ({"do": "key", "code": 30, "down": "no"}, "down is not what it should be; expected boolean"),
        ({"do": "motion", "dx": 1.5, "dy": 1}, "dx is not what it should be; expected integer"),
        ({"do": "motion", "dx": 1, "dy": 1, "dz": 1}, "a value that motion does not have"),
        ({"do": "mouse-mode", "mode": "sideways"}, "mode is not what it should be; expected server or client"),
        ({"do": "scancode", "data": "xy"}, "data is not what it should be; expected hexadecimal digits"),
        ({"do": "picture", "path": "x", "display": 5}, "there is no display channel 5"),
        ({"do": "connect", "port": 5900}, "nowhere to connect to"),
        ({"do": "connect", "host": 1}, "host is not what it should be; expected text"),
        ({"do": "connect", "host": "h", "port": "no"}, "port is not what it should be; expected integer"),
        ({"do": "press", "button": 99}, "button is not what it should be; expected integer from 1 to 7; found 99"),
        ({"do": "release", "button": 0}, "button is not what it should be; expected integer from 1 to 7; found 0"),
        ({"do": "wheel", "steps": -101}, "steps is not what it should be; expected integer from -100 to 100"),
        ({"do": "modifiers", "flags": 8}, "flags is not what it should be; expected integer from 0 to 7"),
        ({"do": "motion", "dx": 1 << 31, "dy": 0}, "dx is not what it should be; expected integer from -2147483647"),
        ({"do": "position", "x": -1, "y": 0}, "x is not what it should be; expected integer from 0 to 4294967295"),
        ({"do": "position", "x": 1, "y": 0, "display": 256}, "display is not what it should be"),
        ({"do": "key", "code": 1 << 24}, "code is not what it should be; expected integer from 1 to 16777215"),
        ({"do": "connect", "host": "h", "port": 65536}, "port is not what it should be; expected integer from 1 to 65535"),
        ({"do": "quit", "now": True}, "a value that quit does not have"),
    ],
)
def test_nonsense_is_an_error_and_says_why(question: dict[str, Any], text: str) -> None:
    control, said = driven(session(Client()))
    answer = ask(control, said, **question)
    assert answer["answer"] == "error" and answer["text"].startswith(text)
    assert not control.quitted.is_set()


@pytest.mark.parametrize("question", [{"do": "motion", "dx": 1, "dy": 1}, {"do": "picture", "path": "x"}])
def test_there_has_to_be_a_session(question: dict[str, Any]) -> None:
    control, said = driven()
    assert ask(control, said, **question) == {"answer": "error", "text": "there is no session"}
