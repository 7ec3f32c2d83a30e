"""The reference client, libspice-server, and the agent that Linux guests have, on a desktop of its own."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.adapters.tests.played_guest import ReferenceClient
from conformance.adapters.tests.real_agent import Desktop, desktop, real_agent
from spiceproto.tests.peers import until

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000


def test_what_is_copied_on_one_side_is_pasted_on_the_other(tmp_path: Path) -> None:
    with (
        desktop(tmp_path / "display") as guest,
        real_agent(tmp_path, guest) as port,
        ReferenceClient(f"spice://127.0.0.1:{port}") as client,
    ):
        until(lambda: client.told("agent-capabilities"), what="both know what the other can do")
        client.ask("copy", text="grüße\nvon hier")
        until(lambda: guest.paste() == "grüße\nvon hier".encode(), what="the text is pasted in the guest")
        (tmp_path / "picture").write_bytes(PICTURE)
        client.ask("copy", path=str(tmp_path / "picture"))
        until(lambda: guest.paste("image/png") == PICTURE, what="the picture is pasted in the guest")
        for content, target in ((b"from there", "UTF8_STRING"), (PICTURE, "image/png")):
            assert _pasted(tmp_path, client, guest, content, target) == content


def _pasted(folder: Path, client: ReferenceClient, guest: Desktop, content: bytes, target: str) -> bytes:
    """What is pasted here of what was copied in the guest."""
    before = len(client.told("clipboard-grabbed"))
    guest.copy(content, target)
    until(lambda: len(client.told("clipboard-grabbed")) > before, what="the client knows of it")
    before = len(client.told("clipboard-pasted"))
    assert client.ask("paste", path=str(folder / "pasted")) == {"answer": "ok"}
    until(lambda: len(client.told("clipboard-pasted")) > before, what="it is pasted here")
    return (folder / "pasted").read_bytes()


def test_files_monitors_and_the_pointer_are_the_guests(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "letter.bin").write_bytes(content)
    (tmp_path / "empty").write_bytes(b"")
    with (
        desktop(tmp_path / "display") as guest,
        real_agent(tmp_path, guest) as port,
        ReferenceClient(f"spice://127.0.0.1:{port}", "--monitors", "800x600") as client,
    ):
        until(lambda: client.told("agent-reply"), what="the monitors are answered")
        assert client.told("agent-reply") == [{"event": "agent-reply", "message": "MONITORS_CONFIG", "done": True}]
        until(lambda: "800x600" in (tmp_path / "agent.log").read_text(errors="replace"), what="the screen is smaller")
        for name in ("letter.bin", "empty"):
            client.ask("send-file", path=str(tmp_path / name))
        until(lambda: len(client.told("file-ended")) == 2, what="both files are sent")
        assert {line["result"] for line in client.told("file-ended")} == {"success"}
        assert (tmp_path / "received" / "letter.bin").read_bytes() == content
        assert (tmp_path / "received" / "empty").read_bytes() == b""
        # Client mouse mode rests on the agent alone here.
        until(lambda: client.told("mouse-mode")[-1]["mode"] == 2, what="client mode")
        client.ask("position", x=100, y=50)
        until(lambda: (tmp_path / "pointer").stat().st_size > 0, what="the agent moves the pointer")


def test_two_desktops_have_one_clipboard(tmp_path: Path) -> None:
    with (
        desktop(tmp_path / "display") as guest,
        real_agent(tmp_path, guest) as port,
        desktop(tmp_path / "ours") as ours,
    ):
        ours.copy(b"copied here before")
        environment = {**os.environ, **ours.environment}
        environment.pop("WAYLAND_DISPLAY", None)
        with ReferenceClient(f"spice://127.0.0.1:{port}", "--clipboard", mode="--log", environment=environment) as client:
            until(lambda: client.told("agent-capabilities"), what="both know what the other can do")
            until(lambda: guest.paste() == b"copied here before", what="it is pasted there")
            guest.copy(b"copied there")
            until(lambda: ours.paste() == b"copied there", what="it is pasted here")
            ours.copy(PICTURE, "image/png")
            until(lambda: guest.paste("image/png") == PICTURE, what="the picture is pasted there")
            guest.copy(PICTURE[:-1], "image/png")
            until(lambda: ours.paste("image/png") == PICTURE[:-1], what="the picture is pasted here")
            guest.copy(b"marked there", selection="primary")
            until(lambda: ours.paste(selection="primary") == b"marked there", what="what is marked there is marked here")
            assert ours.paste("image/png") == PICTURE[:-1], "and what was copied is still there"
