"""A program for the system's Python: spice-gtk does what a job on standard input says, and what it sees is printed.

It is run by test_peers.py and imports nothing of this project. The job is JSON: ``properties`` of the session, and
``steps``, each of which waits until what it needs is there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found]  # noqa: E402

PATIENCE = 20.0


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

    def settle(self) -> None:
        """Let what was asked for go out; a round trip on main follows it."""
        end = time.monotonic() + 0.3
        self.wait(lambda: time.monotonic() > end, "time")

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
        self.settle()


def main() -> None:
    job = json.load(sys.stdin)
    client = Client(job["properties"])
    client.wait(lambda: client.opened >= {"main", "display", "inputs", "cursor"}, "channels")
    for step in job["steps"]:
        client.step(step)
    client.session.disconnect()
    client.settle()


main()
