"""Run by the system's Python, which has the bindings: spice-gtk's session without a window, asked in JSON lines.

    /usr/bin/python3 spice_gtk_driver.py

It imports nothing else of ours but its own parts, which stand beside it: that Python does not have the rest. See
:mod:`conformance.adapters.control_lines` for the language and :data:`spiceproto.controls.CONTROLS` for the verbs, each a
method ``do_...`` here, in ``spice_gtk_agent.py`` or in ``spice_gtk_ports.py``; it knows these besides:

    hello
    connect     host, port, tls_port, unix, uri, password, username, ca (a path), host_subject, card_database;
                each may be absent
    quit

and says {"event": "channel", "type", "id", "state"}, {"event": "mouse-mode", "mode"}, {"event": "modifiers", "flags"},
{"event": "picture", "id", "width", "height"}, {"event": "disconnected"}.
"""

import contextlib
import ctypes
import json
import math
import os
import sys
import wave
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402
from spice_gtk_agent import AgentVerbs  # type: ignore[import-not-found]  # noqa: E402 - they stand beside this file
from spice_gtk_pictures import Picture  # type: ignore[import-not-found]  # noqa: E402
from spice_gtk_ports import PortVerbs  # type: ignore[import-not-found]  # noqa: E402

MODES = {"server": 1, "client": 2}
COMPRESSIONS = {"off": 1, "auto-glz": 2, "auto-lz": 3, "quic": 4, "glz": 5, "lz": 6, "lz4": 7}
STATES = {
    "opened": "opened",
    "closed": "closed",
    "switching": "switching",
    "error-connect": "error-connect",
    "error-tls": "error-tls",
    "error-link": "error-link",
    "error-auth": "error-auth",
    "error-io": "error-io",
}

PROPERTIES = {
    "host": "host",
    "port": "port",
    "tls_port": "tls-port",
    "unix": "unix-path",
    "uri": "uri",
    "password": "password",
    "username": "username",
    "ca": "ca-file",
    "host_subject": "cert-subject",
}

CERTIFICATES = ["user1", "user2", "user3"]
"""Names in the database that plays a card."""

LOUD = 8000
"""Height of a tone."""

MOST_HEARD = 16 << 20
"""Bytes of sound that are kept."""


class Refused(Exception):
    """A verb cannot be done; its text says why."""


def listen(source: Any, signal: str, function: Any) -> int:
    """Session.connect and Channel.connect are methods of SPICE and hide the one that is wanted here."""
    return int(GObject.Object.connect(source, signal, function))


def say(message: dict[str, Any]) -> None:
    """One line out."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Driver:
    """One session at a time."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.session: Any = None
        self.speaking = 0
        self.inserted = True
        self.agent = AgentVerbs(say, Refused)
        self.ports = PortVerbs(self.open_ports, Refused)
        self.forget()

    def forget(self) -> None:
        """As before a session."""
        self.agent.forget()
        self.ports.forget()
        self.channels: dict[tuple[str, int], Any] = {}
        self.states: dict[tuple[str, int], str] = {}
        self.pictures: dict[int, tuple[int, int]] = {}
        self.pointers: dict[int, tuple[int, int, bool]] = {}
        self.last_error = ""
        self.mode = ""
        self.buttons = 0
        self.format = (0, 0)
        self.heard = bytearray()
        self.hertz = 0

    # -- what spice-gtk tells

    def channel_new(self, session: Any, channel: Any) -> None:
        """A channel object appears; it is linked at our word."""
        key = (SpiceClientGLib.Channel.type_to_string(channel.get_property("channel-type")), channel.get_property("channel-id"))
        self.channels[key] = channel
        self.states[key] = "new"
        listen(channel, "channel-event", lambda _, event: self.channel_event(session, key, event))
        if key[0] == "main":
            listen(channel, "main-mouse-update", lambda _: self.mouse_update(session, channel))
            self.agent.watch(channel)
        if key[0] == "inputs":
            listen(channel, "inputs-modifiers", lambda _: self.modifiers(session, channel))
        if key[0] == "display":
            listen(channel, "display-primary-create", lambda _, _format, w, h, *_rest: self.picture(session, key, w, h))
        if key[0] == "cursor":
            listen(channel, "cursor-set", lambda *_: self.pointer(session, key[1], shown=True))
            listen(channel, "cursor-move", lambda _, x, y: self.pointer(session, key[1], x, y, shown=True))
            listen(channel, "cursor-hide", lambda _: self.pointer(session, key[1], shown=False))
            listen(channel, "cursor-reset", lambda _: self.pointer(session, key[1], shown=False))
        if key[0] == "record":
            listen(channel, "record-start", lambda _, _format, channels, frequency: self.speak(channel, channels, frequency))
            listen(channel, "record-stop", lambda _: self.fall_silent())
        if key[0] == "playback":
            listen(channel, "playback-start", lambda _, _format, channels, frequency: self.play(channels, frequency))
            listen(channel, "playback-data", lambda _, data, size: self.hear(data, size))
        if key[0] == "port":
            self.ports.watch(key[1], channel)
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
        if key[0] == "main" and state not in ("new", "opened", "switching"):
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

    def pointer(self, session: Any, number: int, x: int | None = None, y: int | None = None, *, shown: bool) -> None:
        """Something was said of the pointer."""
        if session is self.session:
            known = self.pointers.get(number, (0, 0, False))
            self.pointers[number] = (known[0] if x is None else x, known[1] if y is None else y, shown)

    def play(self, channels: int, frequency: int) -> None:
        """The guest plays; what is kept is of one format."""
        if (channels, frequency) != self.format:
            self.format = (channels, frequency)
            self.heard = bytearray()

    def hear(self, data: Any, size: int) -> None:
        """Samples, as the library has decoded them."""
        if len(self.heard) < MOST_HEARD:
            self.heard += ctypes.string_at(data, size)

    def speak(self, channel: Any, channels: int, frequency: int) -> None:
        """The guest listens: a tone is what it hears, or silence as from a microphone in a quiet room, 10 ms at a time."""
        self.fall_silent()
        # Of odd formats no stretch is longer than one of two sound channels at 48 kHz.
        sides, frames = max(min(channels, 2), 1), max(min(frequency, 48000) // 100, 1)
        stretch = (ctypes.c_int16 * (sides * frames))()
        said = 0

        def say_it() -> bool:
            nonlocal said
            for place in range(frames):
                sample = round(LOUD * math.sin(2 * math.pi * self.hertz * (said + place) / max(frequency, 1)))
                stretch[place * sides : (place + 1) * sides] = [sample] * sides
            said += frames
            channel.send_data(ctypes.addressof(stretch), 2 * sides * frames, 0)
            return True

        self.speaking = GLib.timeout_add(10, say_it)

    def fall_silent(self) -> None:
        """The guest listens no more."""
        if self.speaking:
            GLib.source_remove(self.speaking)
            self.speaking = 0

    def ended(self, session: Any) -> None:
        """No channel is left."""
        if session is self.session:
            say({"event": "disconnected"})

    def open_ports(self) -> list[Any]:
        """Channels of ports that are open, by their ids."""
        return [self.channels[key] for key in sorted(self.channels) if key[0] == "port" and self.states.get(key) == "opened"]

    # -- verbs

    def do_hello(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "text": f"spice-gtk {SpiceClientGLib.util_get_version_string()}",
            "verbs": sorted(name[3:].replace("_", "-") for name in self.names() if name.startswith("do_")),
        }

    def names(self) -> list[str]:
        """Of all methods, those of the parts too."""
        return dir(self) + dir(self.agent) + dir(self.ports)

    def do_connect(self, values: dict[str, Any]) -> dict[str, Any]:
        self.do_disconnect({})
        self.forget()
        session = self.session = SpiceClientGLib.Session.new()
        session.set_property("enable-usbredir", "cd" in values)
        session.set_property("shared-dir", values.get("folder") or None)
        if values.get("card_database"):
            session.set_property("enable-smartcard", True)
            session.set_property("smartcard-db", values["card_database"])
            session.set_property("smartcard-certificates", CERTIFICATES)
            if not self.inserted:
                self.do_card({"present": True})
        for name, property_name in PROPERTIES.items():
            value = values.get(name)
            if value:
                session.set_property(property_name, str(value))
        verify = SpiceClientGLib.SessionVerify
        session.set_property("verify", verify.SUBJECT if values.get("host_subject") else verify.HOSTNAME)
        if "cd" in values:
            manager = SpiceClientGLib.UsbDeviceManager.get(session)
            manager.create_shared_cd_device(values["cd"])
            manager.set_property("redirect-on-connect", "-1,-1,-1,-1,1")
        listen(session, "channel-new", self.channel_new)
        listen(session, "channel-destroy", self.channel_destroy)
        listen(session, "disconnected", self.ended)
        if not session.connect():
            raise Refused("spice-gtk does not accept where to connect to")
        return {}

    def do_disconnect(self, _: dict[str, Any]) -> dict[str, Any]:
        self.fall_silent()
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

    def do_preferred_compression(self, values: dict[str, Any]) -> dict[str, Any]:
        change = SpiceClientGLib.DisplayChannel.display_channel_change_preferred_compression
        change(self.channel("display"), COMPRESSIONS[values["compression"]])
        return {}

    def do_heard(self, values: dict[str, Any]) -> dict[str, Any]:
        data, self.heard = bytes(self.heard), bytearray()
        if data:
            with wave.open(values["path"], "wb") as file:
                file.setnchannels(self.format[0])
                file.setsampwidth(2)
                file.setframerate(self.format[1])
                file.writeframes(data)
        return {}

    def do_say(self, values: dict[str, Any]) -> dict[str, Any]:
        self.hertz = int(values["hertz"])
        return {}

    def do_card(self, values: dict[str, Any]) -> dict[str, Any]:
        manager, present = SpiceClientGLib.SmartcardManager.get(), bool(values["present"])
        if present == self.inserted:
            return {}
        if not (manager.insert_card() if present else manager.remove_card()):
            raise Refused("there is no reader whose card is played")
        self.inserted = present
        return {}

    def do_modifiers(self, values: dict[str, Any]) -> dict[str, Any]:
        self.channel("inputs").set_key_locks(int(values["flags"]))
        return {}

    def do_picture(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.written(values, False)

    def do_picture_with_pointer(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.written(values, True)

    def written(self, values: dict[str, Any], pointed: bool) -> dict[str, Any]:
        """A file with what a display shows, with the pointer over it or without."""
        number = int(values.get("display", 0))
        picture = Picture(self.channel("display", number), Refused)
        x, y, shown = self.pointers.get(number, (0, 0, False))
        if pointed and shown and ("cursor", number) in self.channels:
            picture.draw_pointer(self.channels["cursor", number].get_property("cursor"), x, y)
        picture.write(values["path"])
        return {"width": picture.width, "height": picture.height, "marked": picture.marked}

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
        name = "do_" + str(verb).replace("-", "_")
        method = next((getattr(part, name) for part in (self, self.agent, self.ports) if hasattr(part, name)), None)
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
