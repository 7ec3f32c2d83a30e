"""What spice-gtk's session does with the guest agent: a part of ``spice_gtk_driver.py``, for the same Python.

A session has no desktop's clipboard; what is copied and pasted is kept here, and line ends are changed as SpiceGtkSession does,
which belongs to a window. spice-gtk says the guest's volume by itself, as that of a sound system, and not when it is told.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import Gio, GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

SELECTIONS = {"clipboard": 0, "primary": 1, "secondary": 2}
FORMATS = {"text": 1, "png": 2, "bmp": 3, "tiff": 4, "jpeg": 5, "files": 6}
BEGINNINGS = {b"\x89PNG\r\n\x1a\n": 2, b"BM": 3, b"II*\0": 4, b"MM\0*": 4, b"\xff\xd8\xff": 5}

MOST_FORMATS = 256
MOST_BYTES = 100 << 20
"""What is believed of what the library says."""

CRLF = 9
"""Number of the capability GUEST_LINEEND_CRLF."""

LIBRARY = ctypes.CDLL("libgobject-2.0.so.0")
GRAB = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p)
CONTENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p)
"""Handlers of two signals, as C has them."""

Main = SpiceClientGLib.MainChannel


class AgentVerbs:
    """``refused`` makes an error of a text, ``say`` says events."""

    def __init__(self, say: Callable[[dict[str, Any]], None], refused: Callable[[str], Exception]) -> None:
        self.say = say
        self.refused = refused
        self.forget()

    def forget(self) -> None:
        """As before a session."""
        self.main: Any = None
        self.copied: dict[int, tuple[int, bytes]] = {}
        self.grabbed: dict[int, list[int]] = {}
        self.pasting: dict[int, list[str]] = {}
        self.numbers = itertools.count(1)
        self.cancels: dict[int, Any] = {}

    def watch(self, main: Any) -> None:
        """The main channel of a session."""
        self.main = main
        GObject.Object.connect(main, "main-clipboard-selection-request", self.request)
        GObject.Object.connect(main, "main-clipboard-selection-release", self.release)
        # Of messages that are cut short the library gives sizes that are none, over which the bindings crash.
        self.kept = [
            GRAB(lambda _main, *values: self.grab(*values[:3])),
            CONTENT(lambda _main, *values: self.content(*values[:4])),
        ]
        for signal, act in zip((b"main-clipboard-selection-grab", b"main-clipboard-selection"), self.kept, strict=True):
            LIBRARY.g_signal_connect_data(ctypes.c_void_p(hash(main)), signal, act, None, None, 0)

    # -- what the guest does

    def grab(self, selection: int, types: int | None, count: int) -> int:
        """Something was copied in the guest: the address of its formats."""
        found = list((ctypes.c_uint32 * count).from_address(types)) if types and 0 < count <= MOST_FORMATS else []
        self.copied.pop(selection, None)
        self.grabbed[selection] = found
        self.say({"event": "clipboard-grabbed", "selection": selection, "types": found})
        return 1

    def request(self, main: Any, selection: int, kind: int) -> bool:
        """Somebody pastes in the guest."""
        has, content = self.copied.get(selection, (0, b""))
        if has == kind:
            if kind == FORMATS["text"] and main.agent_test_capability(CRLF):
                content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            Main.clipboard_selection_notify(main, selection, kind, content)
        else:
            Main.clipboard_selection_notify(main, selection, 0, b"")
        return True

    def content(self, selection: int, kind: int, data: int | None, size: int) -> None:
        """What was asked for."""
        waiting = self.pasting.get(selection)
        if not waiting:
            return
        path = waiting.pop(0)
        if not 0 <= size <= MOST_BYTES:
            kind, size = 0, 0
        found = ctypes.string_at(data, size) if data and size else b""
        if kind == FORMATS["text"] and self.main.agent_test_capability(CRLF):
            found = found.replace(b"\r\n", b"\n")
        if kind:
            with open(path, "wb") as file:
                file.write(found)
        self.say({"event": "clipboard-pasted", "selection": selection, "type": kind, "size": size})

    def release(self, _main: Any, selection: int) -> None:
        """What was copied in the guest is gone."""
        self.grabbed.pop(selection, None)
        self.say({"event": "clipboard-released", "selection": selection})

    # -- verbs

    def channel(self) -> Any:
        """Main, with an agent behind it."""
        if self.main is None or not self.main.get_property("agent-connected"):
            raise self.refused("there is no agent")
        if not any(self.main.agent_test_capability(number) for number in range(32)):
            raise self.refused("the agent has not said what it can do")  # what is asked of it would be lost
        return self.main

    def do_copy(self, values: dict[str, Any]) -> dict[str, Any]:
        selection = SELECTIONS[values.get("selection", "clipboard")]
        text, path = values.get("text"), values.get("path")
        if path is not None:
            with open(path, "rb") as file:
                content = file.read()
        else:
            content = str(text or "").encode()
        kind = next((kind for beginning, kind in BEGINNINGS.items() if content.startswith(beginning)), FORMATS["text"])
        self.copied[selection] = (kind, content)
        self.grabbed.pop(selection, None)
        Main.clipboard_selection_grab(self.channel(), selection, [kind])
        return {}

    def do_release_clipboard(self, values: dict[str, Any]) -> dict[str, Any]:
        selection = SELECTIONS[values.get("selection", "clipboard")]
        self.copied.pop(selection, None)
        Main.clipboard_selection_release(self.channel(), selection)
        return {}

    def do_paste(self, values: dict[str, Any]) -> dict[str, Any]:
        selection = SELECTIONS[values.get("selection", "clipboard")]
        if selection not in self.grabbed:
            raise self.refused("nothing was copied in the guest")
        wanted = FORMATS.get(values.get("format", "best"))
        has = self.grabbed[selection]
        if wanted is None:
            wanted = next((kind for kind in FORMATS.values() if kind in has), has[0] if has else FORMATS["text"])
        if has and wanted not in has:
            raise self.refused("it was not copied so")
        self.pasting.setdefault(selection, []).append(values["path"])
        Main.clipboard_selection_request(self.channel(), selection, wanted)
        return {}

    def do_send_file(self, values: dict[str, Any]) -> dict[str, Any]:
        main, path = self.channel(), values["path"]
        os.stat(path)
        if values.get("name"):
            path = shutil.copy(path, os.path.join(tempfile.mkdtemp(dir="."), os.path.basename(values["name"])))
        number = next(self.numbers)
        self.cancels[number] = Gio.Cancellable()

        def over(_main: Any, result: Any, *_: Any) -> None:
            self.cancels.pop(number, None)
            try:
                main.file_copy_finish(result)
            except GLib.Error as error:
                self.say({"event": "file-ended", "file": number, "text": error.message})
            else:
                self.say({"event": "file-ended", "file": number, "text": ""})

        file = Gio.File.new_for_path(path)
        main.file_copy_async([file], 0, self.cancels[number], None, None, over, None)
        return {"file": number}

    def do_cancel_file(self, values: dict[str, Any]) -> dict[str, Any]:
        cancel = self.cancels.pop(int(values["file"]), None)
        if cancel is None:
            raise self.refused("no such file is under way")
        cancel.cancel()
        return {}

    def do_monitors(self, values: dict[str, Any]) -> dict[str, Any]:
        main, number, across = self.channel(), 0, 0
        for word in values["monitors"].split(","):
            size, *place = word.strip().split("+")
            numbers = [int(part) for part in size.split("x")]
            count, (width, height) = (numbers[0], numbers[1:]) if len(numbers) == 3 else (1, numbers)
            for _ in range(count):
                x, y = (int(part) for part in place) if place else (across, 0)
                main.update_display_enabled(number, True, False)
                main.update_display(number, x, y, width, height, False)
                across, number = x + width, number + 1
        main.send_monitor_config()
        return {}
