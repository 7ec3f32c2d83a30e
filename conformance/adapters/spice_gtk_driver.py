"""Run by the system's Python, which has the bindings: spice-gtk's session without a window, asked in JSON lines.

    /usr/bin/python3 spice_gtk_driver.py

It imports nothing else of ours, because that Python does not have it. See :mod:`conformance.adapters.control_lines` for the
language and :data:`spiceproto.controls.CONTROLS` for the verbs, each a method ``do_...`` here or, where the guest agent has to
do with it, in ``spice_gtk_agent.py``; it knows these besides:

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
import struct
import sys
import wave
import zlib
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject, SpiceClientGLib  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402
from spice_gtk_agent import AgentVerbs  # type: ignore[import-not-found]  # noqa: E402 - it stands beside this file

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

PORT_EVENTS = {0: "opened", 1: "closed", 2: "break"}

LOUD = 8000
"""Height of a tone."""

MOST_HEARD = 16 << 20
"""Bytes of sound that are kept."""

FORMAT_32 = 32
GREEN_BITS = {16: 5, 80: 6}
"""Format of 16 bits to the bits of green."""


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


def widened(data: bytes, green_bits: int) -> bytes:
    """Pixels of 16 bits as pixels of 32: blue, green, red, unused."""
    found = bytearray(2 * len(data))
    for place in range(0, len(data) - 1, 2):
        word = data[place] | data[place + 1] << 8
        blue, green, red = word & 31, word >> 5 & (1 << green_bits) - 1, word >> 5 + green_bits & 31
        found[2 * place] = blue << 3 | blue >> 2
        found[2 * place + 1] = green << 8 - green_bits | green >> 2 * green_bits - 8
        found[2 * place + 2] = red << 3 | red >> 2
    return bytes(found)


class Driver:
    """One session at a time."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.session: Any = None
        self.speaking = 0
        self.inserted = True
        self.agent = AgentVerbs(say, Refused)
        self.forget()

    def forget(self) -> None:
        """As before a session."""
        self.agent.forget()
        self.channels: dict[tuple[str, int], Any] = {}
        self.states: dict[tuple[str, int], str] = {}
        self.pictures: dict[int, tuple[int, int]] = {}
        self.pointers: dict[int, tuple[int, int, bool]] = {}
        self.ports: dict[int, tuple[bytearray, list[str]]] = {}
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
            self.ports[key[1]] = (bytearray(), [])
            listen(channel, "port-data", lambda _, data, size: self.port_data(key[1], data, size))
            listen(channel, "port-event", lambda _, event: self.port_event(key[1], event))
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

    def port_data(self, number: int, data: Any, size: int) -> None:
        """Bytes of a port."""
        if number in self.ports and len(self.ports[number][0]) < MOST_HEARD:
            self.ports[number][0].extend(ctypes.string_at(data, size))

    def port_event(self, number: int, event: int) -> None:
        """The guest has done something to a port."""
        if number in self.ports:
            self.ports[number][1].append(PORT_EVENTS.get(event, str(event)))

    def port(self, name: str) -> Any:
        """A port that is open, by its name; the first one for none."""
        for key in sorted(self.channels):
            if key[0] == "port" and self.states.get(key) == "opened":
                channel = self.channels[key]
                if name in ("", channel.get_property("port-name")):
                    return channel
        raise Refused(f"there is no port {name}")

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

    # -- verbs

    def do_hello(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "text": f"spice-gtk {SpiceClientGLib.util_get_version_string()}",
            "verbs": sorted(name[3:].replace("_", "-") for name in dir(self) + dir(self.agent) if name.startswith("do_")),
        }

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

    def do_port_write(self, values: dict[str, Any]) -> dict[str, Any]:
        channel = self.port(values.get("name", ""))
        if not channel.get_property("port-opened"):
            raise Refused("the port is closed")
        data = bytes.fromhex(values["data"])
        channel.write_async(data, None, lambda *_, kept=data: len(kept))
        return {}

    def do_port_open(self, values: dict[str, Any]) -> dict[str, Any]:
        self.port(values.get("name", "")).event(0 if values["opened"] else 1)
        return {}

    def do_port_break(self, values: dict[str, Any]) -> dict[str, Any]:
        self.port(values.get("name", "")).event(2)
        return {}

    def do_port_read(self, values: dict[str, Any]) -> dict[str, Any]:
        number = self.port(values.get("name", "")).get_property("channel-id")
        data, events = self.ports[number]
        self.ports[number] = (bytearray(), [])
        return {"data": data.hex(), "events": events}

    def do_modifiers(self, values: dict[str, Any]) -> dict[str, Any]:
        self.channel("inputs").set_key_locks(int(values["flags"]))
        return {}

    def do_picture(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.written(values, False)

    def do_picture_with_pointer(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.written(values, True)

    def with_pointer(self, number: int, rows: bytearray, width: int, height: int, stride: int) -> None:
        """Draw the pointer over rows of 32-bit pixels, as the library gives it: red, green, blue, alpha."""
        x, y, shown = self.pointers.get(number, (0, 0, False))
        shape = self.channels[("cursor", number)].get_property("cursor") if ("cursor", number) in self.channels else None
        if not shown or shape is None or not shape.data:
            return
        # struct SpiceCursorShape of spice-gtk 0.42, whose type has 4 bytes; the bindings take it for 8.
        _, wide, high, hot_x, hot_y = struct.unpack("=IHHHH", ctypes.string_at(hash(shape), 12))
        pixels = ctypes.string_at(shape.data, 4 * wide * high)
        for place in range(wide * high):
            column, row = x - hot_x + place % wide, y - hot_y + place // wide
            if not (0 <= column < width and 0 <= row < height):
                continue
            *colours, alpha = pixels[4 * place : 4 * place + 4]
            at = row * stride + 4 * column
            for channel in range(3):
                below = rows[at + 2 - channel] * (255 - alpha) + 128
                rows[at + 2 - channel] = min(colours[channel] + (below + (below >> 8) >> 8), 255)

    def written(self, values: dict[str, Any], pointed: bool) -> dict[str, Any]:
        """A file with what a display shows, with the pointer over it or without."""
        display = self.channel("display", int(values.get("display", 0)))
        box = SpiceClientGLib.DisplayPrimary()
        if not SpiceClientGLib.DisplayChannel.display_channel_get_primary(display, 0, box):
            raise Refused("there is no picture yet")
        # struct SpiceDisplayPrimary of spice-gtk 0.42; the bindings have its fields 4 bytes off. The box must stay alive.
        form, width, height, stride, _shared = struct.unpack("5i", ctypes.string_at(hash(box), 20))
        address, marked = struct.unpack("Pi", ctypes.string_at(hash(box) + 24, 12))
        data = ctypes.string_at(address, stride * height)
        if form in GREEN_BITS:
            data, stride = widened(data, GREEN_BITS[form]), 2 * stride
        elif form != FORMAT_32:
            raise Refused(f"a picture of format {form}")
        if pointed:
            rows = bytearray(data)
            self.with_pointer(int(values.get("display", 0)), rows, width, height, stride)
            data = bytes(rows)
        write_png(values["path"], width, height, stride, data)
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
        name = "do_" + str(verb).replace("-", "_")
        method = getattr(self, name, None) or getattr(self.agent, name, None)
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
