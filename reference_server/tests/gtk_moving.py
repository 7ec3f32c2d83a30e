"""A program for the system's Python: spice-gtk in a session whose guest moves, as standard input says.

It is run by test_peers_migration.py and imports nothing of this project. Input is JSON, one value a line: the properties of the
session, then steps. Output is JSON, too: what happens, and a line ``{"event": "done", "do": ...}`` behind each step.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found]  # noqa: E402

PATIENCE = 60.0
LINES = open(0, "rb", buffering=0)  # noqa: SIM115 - nothing is read ahead

G = GObject.Object
NAMES = {
    SpiceClientGLib.MainChannel: "main",
    SpiceClientGLib.DisplayChannel: "display",
    SpiceClientGLib.InputsChannel: "inputs",
    SpiceClientGLib.CursorChannel: "cursor",
    SpiceClientGLib.PlaybackChannel: "playback",
}


def say(event: str, **fields: Any) -> None:
    print(json.dumps({"event": event} | fields), flush=True)


class Client:
    """One session. ``channels`` are those that it has now; ``sounds`` counts stretches of sound."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self.channels: dict[str, Any] = {}
        self.copied: dict[tuple[int, int], bytes] = {}
        self.asked: dict[int, str] = {}
        self.sounds = 0
        self.session = SpiceClientGLib.Session()
        for name, value in properties.items():
            self.session.set_property(name, value)
        G.connect(self.session, "channel-new", self._new)
        G.connect(self.session, "notify::migration-state", self._state)
        if not self.session.connect():
            raise SystemExit("no session")

    def _state(self, session: Any, *_: Any) -> None:
        say("migration", state=session.get_property("migration-state").value_nick)

    def _new(self, session: Any, channel: Any) -> None:
        name = next((name for kind, name in NAMES.items() if isinstance(channel, kind)), "")
        if name:
            self.channels[name] = channel
            G.connect(channel, "channel-event", self._event, name)
        if name == "main":
            for signal, act in (
                ("main-agent-update", self._agent),
                ("main-clipboard-selection-grab", self._grab),
                ("main-clipboard-selection-request", self._request),
                ("main-clipboard-selection", self._content),
            ):
                G.connect(channel, signal, act)
        elif name == "playback":
            G.connect(channel, "playback-data", self._sound)
        SpiceClientGLib.Channel.connect(channel)

    def _event(self, channel: Any, event: Any, name: str) -> None:
        say("channel", channel=name, what=event.value_nick)

    def _agent(self, channel: Any) -> None:
        say("agent", connected=channel.get_property("agent-connected"))

    def _grab(self, channel: Any, selection: int, types: Any, count: int) -> bool:
        say("grab", selection=selection, count=count)
        return True

    def _request(self, channel: Any, selection: int, type: int) -> bool:
        data = self.copied.get((selection, type), b"")
        SpiceClientGLib.MainChannel.clipboard_selection_notify(channel, selection, type, data)
        return True

    def _content(self, channel: Any, selection: int, type: int, data: Any, size: int) -> None:
        content = ctypes.string_at(data, size) if isinstance(data, int) else bytes(data or b"")
        place = self.asked.pop(selection, None)
        if place:
            Path(place).write_bytes(content)
        say("content", selection=selection, type=type, size=size)

    def _sound(self, channel: Any, *_: Any) -> None:
        self.sounds += 1

    def wait(self, condition: Callable[[], bool], text: str) -> None:
        """Let the client work until something is true."""
        end = time.monotonic() + PATIENCE
        context = GLib.MainContext.default()
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"no {text}")
            if not context.iteration(False):
                time.sleep(0.002)

    def told(self) -> Any:
        """The next line of the input, None at its end; the client works until it comes."""
        self.wait(lambda: bool(select.select([LINES], [], [], 0)[0]), "input")
        line = LINES.readline()
        return json.loads(line) if line else None

    # -- steps

    def do_mode(self, mode: int) -> None:
        main = self.channels["main"]
        main.request_mouse_mode(mode)
        self.wait(lambda: main.get_property("mouse-mode") == mode, f"mode {mode}")

    def do_motion(self, dx: int, dy: int) -> None:
        self.channels["inputs"].motion(dx, dy, 0)

    def do_position(self, x: int, y: int) -> None:
        self.channels["inputs"].position(x, y, 0, 0)

    def do_button(self, button: int) -> None:
        self.channels["inputs"].button_press(button, 0)
        self.channels["inputs"].button_release(button, 0)

    def do_key(self, code: int) -> None:
        self.channels["inputs"].key_press(code)
        self.channels["inputs"].key_release(code)

    def do_hear(self, stretches: int) -> None:
        """Hear so many stretches that were not heard before."""
        before = self.sounds
        self.wait(lambda: self.sounds >= before + stretches, "sound")

    def do_grab(self, selection: int, type: int, text: str) -> None:
        """Copy."""
        self.copied[selection, type] = text.encode()
        SpiceClientGLib.MainChannel.clipboard_selection_grab(self.channels["main"], selection, [type])

    def do_request(self, selection: int, type: int, path: str) -> None:
        """Paste into a file."""
        self.asked[selection] = path
        SpiceClientGLib.MainChannel.clipboard_selection_request(self.channels["main"], selection, type)
        self.wait(lambda: selection not in self.asked, "content")

    def do_picture(self, path: str) -> None:
        """What is shown, as a file: width, height and stride, four bytes each, and rows of bytes b, g, r and another."""
        box = SpiceClientGLib.DisplayPrimary()
        primary = SpiceClientGLib.DisplayChannel.display_channel_get_primary
        self.wait(lambda: primary(self.channels["display"], 0, box), "picture")
        # struct SpiceDisplayPrimary of spice-gtk 0.42; the bindings have its fields 4 bytes off. The box must stay alive.
        _, width, height, stride, _ = struct.unpack("5i", ctypes.string_at(hash(box), 20))
        (address,) = struct.unpack("P", ctypes.string_at(hash(box) + 24, 8))
        with open(path + ".part", "wb") as out:
            out.write(struct.pack("3i", width, height, stride) + ctypes.string_at(address, stride * height))
        os.replace(path + ".part", path)


def main() -> None:
    client = Client(json.loads(LINES.readline()))
    while (step := client.told()) is not None:
        do = step.pop("do")
        getattr(client, f"do_{do}")(**step)
        say("done", do=do)
    client.session.disconnect()


main()
