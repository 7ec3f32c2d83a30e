"""Run by the system's Python, which has the bindings: spice-gtk's session without a window, asked in JSON lines.

    /usr/bin/python3 spice_gtk_driver.py

It imports nothing of ours, because that Python does not have it. See :mod:`conformance.adapters.control_lines` for the
language and :mod:`conformance.adapters.client` for the verbs; it knows these besides:

    connect     host, port, tls_port, unix, uri, password, username, ca (a path), host_subject; each may be absent
    disconnect
    quit

and says {"event": "channel", "type", "id", "state"}, {"event": "mouse-mode", "mode"}, {"event": "modifiers", "flags"},
{"event": "picture", "id", "width", "height"}, {"event": "disconnected"}.
"""

import contextlib
import ctypes
import json
import os
import struct
import sys
import zlib
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

MODES = {"server": 1, "client": 2}
STATES = {
    "opened": "opened", "closed": "closed", "switching": "switching", "error-connect": "error-connect",
    "error-tls": "error-tls", "error-link": "error-link", "error-auth": "error-auth", "error-io": "error-io",
}  # fmt: skip

PROPERTIES = {
    "host": "host", "port": "port", "tls_port": "tls-port", "unix": "unix-path", "uri": "uri", "password": "password",
    "username": "username", "ca": "ca-file", "host_subject": "cert-subject",
}  # fmt: skip

FORMAT_32 = 32


class Refused(Exception):
    """A verb cannot be done; its text says why."""


def listen(source: Any, signal: str, function: Any) -> int:
    """Session.connect and Channel.connect are methods of SPICE and hide the one that is wanted here."""
    return int(GObject.Object.connect(source, signal, function))


def say(message: dict[str, Any]) -> None:
    """One line out."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def write_png(path: str, width: int, height: int, stride: int, data: bytes) -> None:
    """A PNG of 32-bit rows: blue, green, red, unused."""
    rows = bytearray()
    for y in range(height):
        row = data[y * stride : y * stride + 4 * width]
        line = bytearray(3 * width)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        rows += b"\0" + line

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        out.write(chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


class Driver:
    """One session at a time."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.session: Any = None
        self.forget()

    def forget(self) -> None:
        """As before a session."""
        self.channels: dict[tuple[str, int], Any] = {}
        self.states: dict[tuple[str, int], str] = {}
        self.pictures: dict[int, tuple[int, int]] = {}
        self.last_error = ""
        self.mode = ""
        self.buttons = 0

    # -- what spice-gtk tells

    def channel_new(self, session: Any, channel: Any) -> None:
        """A channel object appears; it is linked at our word."""
        key = (SpiceClientGLib.Channel.type_to_string(channel.get_property("channel-type")), channel.get_property("channel-id"))
        self.channels[key] = channel
        self.states[key] = "new"
        listen(channel, "channel-event", lambda _, event: self.channel_event(session, key, event))
        if key[0] == "main":
            listen(channel, "main-mouse-update", lambda _: self.mouse_update(session, channel))
        if key[0] == "inputs":
            listen(channel, "inputs-modifiers", lambda _: self.modifiers(session, channel))
        if key[0] == "display":
            listen(channel, "display-primary-create", lambda _, _format, w, h, *_rest: self.picture(session, key, w, h))
        if key[0] != "main":
            channel.connect()

    def channel_destroy(self, session: Any, channel: Any) -> None:
        """A channel object goes."""
        if session is not self.session:
            return
        for key, known in list(self.channels.items()):
            if known is channel:
                del self.channels[key]
                if self.states.get(key) in ("new", "opened"):
                    self.states[key] = "closed"
                    say({"event": "channel", "type": key[0], "id": key[1], "state": "closed"})

    def channel_event(self, session: Any, key: tuple[str, int], event: Any) -> None:
        """A channel opened, closed, or failed."""
        if session is not self.session:
            return
        state = STATES.get(event.value_nick, event.value_nick)
        self.states[key] = state
        if state.startswith("error"):
            error = self.channels[key].get_error() if key in self.channels else None
            self.last_error = f"{key[0]}:{key[1]} {state}" + (f": {error.message}" if error is not None else "")
        say({"event": "channel", "type": key[0], "id": key[1], "state": state})
        if key[0] == "main" and state not in ("new", "opened"):
            # The library leaves this to the program around it; spicy and remote-viewer do the same.
            GLib.idle_add(session.disconnect)

    def mouse_update(self, session: Any, channel: Any) -> None:
        """The server told the mouse mode."""
        if session is self.session:
            mode = {1: "server", 2: "client"}.get(channel.get_property("mouse-mode"), "")
            if mode != self.mode:
                self.mode = mode
                say({"event": "mouse-mode", "mode": mode})

    def modifiers(self, session: Any, channel: Any) -> None:
        """The server told the keyboard's lamps."""
        if session is self.session:
            say({"event": "modifiers", "flags": int(channel.get_property("key-modifiers"))})

    def picture(self, session: Any, key: tuple[str, int], width: int, height: int) -> None:
        """A display has a surface."""
        if session is self.session:
            self.pictures[key[1]] = (width, height)
            say({"event": "picture", "id": key[1], "width": width, "height": height})

    def ended(self, session: Any) -> None:
        """No channel is left."""
        if session is self.session:
            say({"event": "disconnected"})

    # -- verbs

    def do_hello(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"text": f"spice-gtk {SpiceClientGLib.util_get_version_string()}", "verbs": sorted(
            name[3:].replace("_", "-") for name in dir(self) if name.startswith("do_"))}  # fmt: skip

    def do_connect(self, values: dict[str, Any]) -> dict[str, Any]:
        self.do_disconnect({})
        self.forget()
        session = self.session = SpiceClientGLib.Session.new()
        session.set_property("enable-audio", False)
        session.set_property("enable-usbredir", False)
        for name, property_name in PROPERTIES.items():
            value = values.get(name)
            if value:
                session.set_property(property_name, str(value))
        verify = SpiceClientGLib.SessionVerify
        session.set_property("verify", verify.SUBJECT if values.get("host_subject") else verify.HOSTNAME)
        listen(session, "channel-new", self.channel_new)
        listen(session, "channel-destroy", self.channel_destroy)
        listen(session, "disconnected", self.ended)
        if not session.connect():
            raise Refused("spice-gtk does not accept where to connect to")
        return {}

    def do_disconnect(self, _: dict[str, Any]) -> dict[str, Any]:
        if self.session is not None:
            session, self.session = self.session, None
            session.disconnect()
            self.states = {key: "closed" if state in ("new", "opened") else state for key, state in self.states.items()}
            self.channels = {}
        return {}

    def channel(self, kind: str, number: int = 0) -> Any:
        """A channel that is open."""
        if self.states.get((kind, number)) != "opened" or (kind, number) not in self.channels:
            raise Refused(f"the {kind} channel is not open")
        return self.channels[kind, number]

    def do_motion(self, values: dict[str, Any]) -> dict[str, Any]:
        self.channel("inputs").motion(int(values["dx"]), int(values["dy"]), self.buttons)
        return {}

    def do_position(self, values: dict[str, Any]) -> dict[str, Any]:
        inputs = self.channel("inputs")
        inputs.position(int(values["x"]), int(values["y"]), int(values.get("display", 0)), self.buttons)
        return {}

    def do_press(self, values: dict[str, Any]) -> dict[str, Any]:
        button = int(values["button"])
        self.buttons |= 1 << (button - 1)
        self.channel("inputs").button_press(button, self.buttons)
        return {}

    def do_release(self, values: dict[str, Any]) -> dict[str, Any]:
        button = int(values["button"])
        self.buttons &= ~(1 << (button - 1))
        self.channel("inputs").button_release(button, self.buttons)
        return {}

    def do_wheel(self, values: dict[str, Any]) -> dict[str, Any]:
        steps = int(values["steps"])
        for _ in range(min(abs(steps), 100)):
            button = 4 if steps > 0 else 5
            self.do_press({"button": button})
            self.do_release({"button": button})
        return {}

    def do_key(self, values: dict[str, Any]) -> dict[str, Any]:
        code = int(values["code"])
        if code >> 8 == 0xE0:
            # spice-gtk marks the prefix by one bit.
            code = 0x100 | (code & 0x7F)
        inputs = self.channel("inputs")
        (inputs.key_press if values.get("down", True) else inputs.key_release)(code)
        return {}

    def do_mouse_mode(self, values: dict[str, Any]) -> dict[str, Any]:
        self.channel("main").request_mouse_mode(MODES[values["mode"]])
        return {}

    def do_modifiers(self, values: dict[str, Any]) -> dict[str, Any]:
        self.channel("inputs").set_key_locks(int(values["flags"]))
        return {}

    def do_picture(self, values: dict[str, Any]) -> dict[str, Any]:
        display = self.channel("display", int(values.get("display", 0)))
        box = SpiceClientGLib.DisplayPrimary()
        if not SpiceClientGLib.DisplayChannel.display_channel_get_primary(display, 0, box):
            raise Refused("there is no picture yet")
        # struct SpiceDisplayPrimary of spice-gtk 0.42; the bindings have its fields 4 bytes off. The box must stay alive.
        form, width, height, stride, _shared = struct.unpack("5i", ctypes.string_at(hash(box), 20))
        address, marked = struct.unpack("Pi", ctypes.string_at(hash(box) + 24, 12))
        if form != FORMAT_32:
            raise Refused(f"a picture of {form} bits")
        write_png(values["path"], width, height, stride, ctypes.string_at(address, stride * height))
        return {"width": width, "height": height, "marked": bool(marked)}

    def do_state(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "connected": self.session is not None and any(state == "opened" for state in self.states.values()),
            "channels": [{"type": kind, "id": number, "state": state} for (kind, number), state in sorted(self.states.items())],
            "mouse_mode": self.mode,
            "last_error": self.last_error,
            "pictures": [{"id": number, "width": w, "height": h} for number, (w, h) in sorted(self.pictures.items())],
        }

    def do_quit(self, _: dict[str, Any]) -> dict[str, Any]:
        self.do_disconnect({})
        GLib.timeout_add(50, self.loop.quit)
        return {}

    def question(self, line: bytes) -> None:
        """One line in, one answer out."""
        try:
            values = json.loads(line)
            verb = values.pop("do")
        except (ValueError, KeyError, AttributeError) as error:
            say({"answer": "error", "text": f"not a question: {error}"})
            return
        method = getattr(self, "do_" + str(verb).replace("-", "_"), None)
        if method is None:
            say({"answer": "unsupported", "text": str(verb)})
            return
        try:
            say({"answer": "ok", **method(values)})
        except Refused as error:
            say({"answer": "error", "text": str(error)})
        except (KeyError, TypeError, ValueError, OSError, GLib.Error) as error:
            say({"answer": "error", "text": f"{type(error).__name__}: {error}"})


def main() -> None:
    """Until standard input ends, or quit."""
    loop = GLib.MainLoop()
    driver = Driver(loop)
    buffer = b""

    def readable(_descriptor: int, _condition: Any) -> bool:
        nonlocal buffer
        data = os.read(0, 65536)
        if not data:
            driver.do_disconnect({})
            loop.quit()
            return False
        buffer += data
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            if line.strip():
                driver.question(line)
        return True

    GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, readable)
    with contextlib.suppress(KeyboardInterrupt):
        loop.run()


if __name__ == "__main__":
    main()
