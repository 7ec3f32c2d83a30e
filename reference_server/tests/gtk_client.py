"""A program for the system's Python: spice-gtk does what standard input says, and what it sees is printed.

It is run by test_peers.py and imports nothing of this project. Input is JSON, one value a line: the properties of the session,
then steps, each of which waits until what it needs is there. The session ends with the input.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import struct
import time
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found]  # noqa: E402

PATIENCE = 60.0
LINES = open(0, "rb", buffering=0)  # noqa: SIM115 - nothing is read ahead, so that what has come can be waited for


class Client:
    """One session."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self.channels: dict[str, Any] = {}
        self.opened: set[str] = set()
        self.session = SpiceClientGLib.Session()
        for name, value in properties.items():
            self.session.set_property(name, value)
        GObject.Object.connect(self.session, "channel-new", self._new)
        if not self.session.connect():
            raise SystemExit("no session")

    def _new(self, session: Any, channel: Any) -> None:
        name = SpiceClientGLib.Channel.type_to_string(channel.get_property("channel-type"))
        self.channels[name] = channel
        GObject.Object.connect(channel, "channel-event", self._event, name)
        SpiceClientGLib.Channel.connect(channel)

    def _event(self, channel: Any, event: Any, name: str) -> None:
        what = event.value_nick
        print(json.dumps({"event": what, "channel": name}), flush=True)
        if what == "opened":
            self.opened.add(name)
        elif what.startswith("error"):
            raise SystemExit(f"{name}: {what}")

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

    def step(self, step: dict[str, Any]) -> None:
        """One thing to do."""
        inputs, main = self.channels["inputs"], self.channels["main"]
        do = step["do"]
        if do == "mode":
            main.request_mouse_mode(step["mode"])
            self.wait(lambda: main.get_property("mouse-mode") == step["mode"], f"mode {step['mode']}")
        elif do == "motion":
            inputs.motion(step["dx"], step["dy"], 0)
        elif do == "position":
            inputs.position(step["x"], step["y"], 0, 0)
        elif do == "button":
            inputs.button_press(step["button"], 0)
            inputs.button_release(step["button"], 0)
        elif do == "key":
            inputs.key_press(step["code"])
            inputs.key_release(step["code"])
        elif do == "picture":
            self.write_picture(step["path"])

    def write_picture(self, path: str) -> None:
        """What is shown, as a file: width, height and stride, four bytes each, and rows of bytes b, g, r and another."""
        box = SpiceClientGLib.DisplayPrimary()
        display = self.channels["display"]
        self.wait(lambda: SpiceClientGLib.DisplayChannel.display_channel_get_primary(display, 0, box), "picture")
        # struct SpiceDisplayPrimary of spice-gtk 0.42; the bindings have its fields 4 bytes off. The box must stay alive.
        _, width, height, stride, _ = struct.unpack("5i", ctypes.string_at(hash(box), 20))
        (address,) = struct.unpack("P", ctypes.string_at(hash(box) + 24, 8))
        with open(path + ".part", "wb") as out:
            out.write(struct.pack("3i", width, height, stride) + ctypes.string_at(address, stride * height))
        os.replace(path + ".part", path)


def main() -> None:
    client = Client(json.loads(LINES.readline()))
    client.wait(lambda: client.opened >= {"main", "display", "inputs", "cursor"}, "channels")
    while (step := client.told()) is not None:
        client.step(step)
    client.session.disconnect()


main()
