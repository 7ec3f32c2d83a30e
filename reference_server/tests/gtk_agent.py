"""A program for the system's Python: spice-gtk and the guest's agent, as standard input says.

It is run by test_peers_agent.py and imports nothing of this project. Input is JSON, one value a line: the properties of the
session, then steps. Output is JSON, too: what happens, and a line ``{"event": "done", "do": ...}`` behind each step.
"""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import Gio, GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found]  # noqa: E402

PATIENCE = 120.0
LINES = open(0, "rb", buffering=0)  # noqa: SIM115 - nothing is read ahead


def say(event: str, **fields: Any) -> None:
    print(json.dumps({"event": event} | fields), flush=True)


class Client:
    """One session, and what it would paste: ``copied`` by selection and type."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self.main: Any = None
        self.inputs: Any = None
        self.channels: list[Any] = []
        self.copied: dict[tuple[int, int], bytes] = {}
        self.asked: dict[int, str] = {}
        self.session = SpiceClientGLib.Session()
        for name, value in properties.items():
            self.session.set_property(name, value)
        GObject.Object.connect(self.session, "channel-new", self._new)
        if not self.session.connect():
            raise SystemExit("no session")

    def _new(self, session: Any, channel: Any) -> None:
        self.channels.append(channel)
        if isinstance(channel, SpiceClientGLib.MainChannel):
            self.main = channel
            for signal, act in (
                ("main-agent-update", self._agent),
                ("main-clipboard-selection-grab", self._grab),
                ("main-clipboard-selection-request", self._request),
                ("main-clipboard-selection", self._content),
                ("main-clipboard-selection-release", self._release),
                ("new-file-transfer", self._transfer),
            ):
                GObject.Object.connect(channel, signal, act)
        elif isinstance(channel, SpiceClientGLib.DisplayChannel):
            GObject.Object.connect(channel, "display-primary-create", self._surface)
        elif isinstance(channel, SpiceClientGLib.InputsChannel):
            self.inputs = channel
        SpiceClientGLib.Channel.connect(channel)

    def _surface(self, channel: Any, format: int, width: int, height: int, *_: Any) -> None:
        say("surface", size=[width, height])

    def _agent(self, channel: Any) -> None:
        say("agent", connected=channel.get_property("agent-connected"), mouse=channel.get_property("mouse-mode"))

    def _grab(self, channel: Any, selection: int, types: Any, count: int) -> bool:
        # The bindings hand over an address, or nothing: what was grabbed is asked for by number.
        say("grab", selection=selection, count=count)
        return True

    def _request(self, channel: Any, selection: int, type: int) -> bool:
        data = self.copied.get((selection, type), b"")
        say("request", selection=selection, type=type, size=len(data))
        SpiceClientGLib.MainChannel.clipboard_selection_notify(channel, selection, type, data)
        return True

    def _content(self, channel: Any, selection: int, type: int, data: Any, size: int) -> None:
        import ctypes

        place = self.asked.pop(selection, None)
        content = ctypes.string_at(data, size) if isinstance(data, int) else bytes(data or b"")
        if place:
            Path(place).write_bytes(content)
        say("content", selection=selection, type=type, size=size)

    def _transfer(self, channel: Any, task: Any) -> None:
        GObject.Object.connect(task, "notify::progress", self._progress)

    def _progress(self, task: Any, *_: Any) -> None:
        say("progress", share=task.get_property("progress"))

    def _release(self, channel: Any, selection: int) -> None:
        say("release", selection=selection)

    def agent_has_spoken(self) -> bool:
        """Whether it is there, and has announced a clipboard or that there is none."""
        main = self.main
        return main is not None and any(main.agent_test_capability(bit) for bit in range(18))

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
        end = time.monotonic() + 10 * PATIENCE
        context = GLib.MainContext.default()
        while not select.select([LINES], [], [], 0)[0]:
            if time.monotonic() > end:
                raise SystemExit("no input")
            if not context.iteration(False):
                time.sleep(0.002)
        line = LINES.readline()
        return json.loads(line) if line else None

    # -- steps

    def do_grab(self, selection: int, paths: dict[str, str]) -> None:
        """Copy: the content of each type is in a file."""
        for kind, path in paths.items():
            self.copied[selection, int(kind)] = Path(path).read_bytes()
        types = [int(kind) for kind in paths]
        SpiceClientGLib.MainChannel.clipboard_selection_grab(self.main, selection, types)

    def do_release(self, selection: int) -> None:
        SpiceClientGLib.MainChannel.clipboard_selection_release(self.main, selection)

    def do_request(self, selection: int, type: int, path: str) -> None:
        """Paste into a file."""
        self.asked[selection] = path
        SpiceClientGLib.MainChannel.clipboard_selection_request(self.main, selection, type)

    def do_monitors(self, monitors: list[list[int]]) -> None:
        for number, (x, y, width, height) in enumerate(monitors):
            self.main.update_display_enabled(number, True, False)
            self.main.update_display(number, x, y, width, height, False)
        self.main.send_monitor_config()

    def do_send(self, paths: list[str]) -> None:
        """Send files."""

        def over(channel: Any, result: Any, *_: Any) -> None:
            try:
                channel.file_copy_finish(result)
                say("sent")
            except GLib.Error as error:
                say("not-sent", text=error.message)

        self.cancel = Gio.Cancellable()
        files = [Gio.File.new_for_path(path) for path in paths]
        self.main.file_copy_async(files, 0, self.cancel, None, None, over, None)

    def do_point(self, x: int, y: int) -> None:
        self.wait(lambda: self.main.get_property("mouse-mode") == 2 and self.inputs is not None, "client mouse mode")
        self.inputs.position(x, y, 0, 0)

    def do_cancel(self) -> None:
        self.cancel.cancel()


def main() -> None:
    client = Client(json.loads(LINES.readline()))
    client.wait(client.agent_has_spoken, "agent")
    while (step := client.told()) is not None:
        do = step.pop("do")
        getattr(client, f"do_{do}")(**step)
        say("done", do=do)
    client.session.disconnect()


main()
