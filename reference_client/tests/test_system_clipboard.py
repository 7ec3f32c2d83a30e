"""The desktop's clipboard, with programs that are played; test_agent_real.py of the suite has real desktops."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from reference_client import Client, Options
from reference_client.events import ChannelLinked
from reference_client.system_clipboard import SystemClipboard, programs
from reference_client.tests.scripted import ScriptedServer
from reference_client.tests.scripted_agent import ALL, ScriptedAgent
from spiceproto.enums.agent import ClipboardType
from spiceproto.errors import LocalError
from spiceproto.messages import agent
from spiceproto.tests.peers import PATIENCE

TEXT = int(ClipboardType.UTF8_TEXT)

WL_PASTE = """#!/bin/sh
case "$*" in
    *--primary*) exit 1;;
    *--list-types*) [ -e "$DESKTOP/text" ] && echo "text/plain;charset=utf-8";;
    *) cat "$DESKTOP/text";;
esac
"""
WL_COPY = """#!/bin/sh
cat > "$DESKTOP/new" && mv "$DESKTOP/new" "$DESKTOP/text"
"""


@pytest.fixture
def wayland(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose programs keep what is copied in a file."""
    for name, text in (("wl-paste", WL_PASTE), ("wl-copy", WL_COPY)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DESKTOP", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    return tmp_path


def test_without_a_desktop_there_is_no_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(LocalError, match="there is no clipboard"):
        programs()


@pytest.mark.parametrize(("name", "package"), [("DISPLAY", "xclip"), ("WAYLAND_DISPLAY", "wl-clipboard")])
def test_a_missing_program_is_named(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv(name, ":7")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalError, match=f"the package {package}"):
        programs()


def test_commands_of_wayland(wayland: Path) -> None:
    found = programs()
    assert found.targets("clipboard") == ["wl-paste", "--list-types"]
    assert found.read("primary", "image/png") == ["wl-paste", "--primary", "--no-newline", "--type", "image/png"]
    assert found.write("clipboard", "image/png") == ["wl-copy", "--type", "image/png"]


class MemoryShell:
    def __init__(self, server: ScriptedServer, follow: SystemClipboard) -> None:
        self.server, self.client, self._follow = server, server.client, follow
        self._told = 0

    def pump(self) -> None:
        self.server.run()
        told, self._told = self.server.events[self._told :], len(self.server.events)
        for event in told:
            self._follow.on_event(event)


def test_both_clipboards_are_one(wayland: Path) -> None:
    (wayland / "text").write_text("copied before")

    async def body() -> None:
        clipboard = SystemClipboard()
        server = ScriptedServer(Client(Options()))
        server.init()
        guest = ScriptedAgent(server, *ALL)
        guest.connect()
        guest.take()
        guest.announce()
        server.events.clear()
        shell = MemoryShell(server, clipboard)
        clipboard.begin(shell)  # type: ignore[arg-type]
        clipboard.on_event(ChannelLinked("main", 0, False, True, 1))
        said: list[object] = []

        async def until(kind: type) -> object:
            async with asyncio.timeout(PATIENCE):
                while not any(isinstance(value, kind) for value in said):
                    shell.pump()
                    said.extend(guest.take())
                    await asyncio.sleep(0.01)
            found = next(value for value in said if isinstance(value, kind))
            said.remove(found)
            return found

        try:
            assert await until(agent.ClipboardGrabSelectedSerial) == agent.ClipboardGrabSelectedSerial(
                selection=0, reserved=bytes(3), serial=0, types=(TEXT,)
            )
            guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
            assert await until(agent.ClipboardSelected) == agent.ClipboardSelected(
                selection=0, reserved=bytes(3), type=TEXT, data=b"copied before"
            )
            guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=1, types=(TEXT,)))
            await until(agent.ClipboardRequestSelected)
            guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"copied there"))
            async with asyncio.timeout(PATIENCE):
                while (wayland / "text").read_text() != "copied there":
                    shell.pump()
                    await asyncio.sleep(0.01)
            await asyncio.sleep(1.2)  # two looks: what came from the guest is not offered to it
            shell.pump()
            assert not [value for value in (*said, *guest.take()) if isinstance(value, agent.ClipboardGrabSelectedSerial)]
            (wayland / "text").write_text("copied again")
            assert await until(agent.ClipboardGrabSelectedSerial) == agent.ClipboardGrabSelectedSerial(
                selection=0, reserved=bytes(3), serial=2, types=(TEXT,)
            )
            (wayland / "text").unlink()
            await until(agent.ClipboardReleaseSelected)
        finally:
            await clipboard.stop()

    asyncio.run(body())
