"""What comes out of the ports of spice-gtk's session, and goes in: a part of ``spice_gtk_driver.py``, for the same Python."""

import ctypes
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GObject  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

PORT_EVENTS = {0: "opened", 1: "closed", 2: "break"}

MOST_BYTES = 16 << 20
"""Of one port, that are kept."""


class PortVerbs:
    """``opened`` gives the channels of ports that are open, by their ids; ``refused`` makes an error of a text."""

    def __init__(self, opened: Callable[[], list[Any]], refused: Callable[[str], Exception]) -> None:
        self.opened = opened
        self.refused = refused
        self.forget()

    def forget(self) -> None:
        """As before a session."""
        self.ports: dict[int, tuple[bytearray, list[str]]] = {}

    def watch(self, number: int, channel: Any) -> None:
        """A port of a session."""
        self.ports[number] = (bytearray(), [])
        GObject.Object.connect(channel, "port-data", lambda _, data, size: self.data(number, data, size))
        GObject.Object.connect(channel, "port-event", lambda _, event: self.event(number, event))

    def data(self, number: int, data: Any, size: int) -> None:
        """Bytes of a port."""
        if number in self.ports and len(self.ports[number][0]) < MOST_BYTES:
            self.ports[number][0].extend(ctypes.string_at(data, size))

    def event(self, number: int, event: int) -> None:
        """The guest has done something to a port."""
        if number in self.ports:
            self.ports[number][1].append(PORT_EVENTS.get(event, str(event)))

    def named(self, name: str) -> Any:
        """A port that is open, by its name; the first one for none."""
        for channel in self.opened():
            if name in ("", channel.get_property("port-name")):
                return channel
        raise self.refused(f"there is no port {name}")

    # -- verbs

    def do_port_write(self, values: dict[str, Any]) -> dict[str, Any]:
        channel = self.named(values.get("name", ""))
        if not channel.get_property("port-opened"):
            raise self.refused("the port is closed")
        data = bytes.fromhex(values["data"])
        channel.write_async(data, None, lambda *_, kept=data: len(kept))
        return {}

    def do_port_open(self, values: dict[str, Any]) -> dict[str, Any]:
        self.named(values.get("name", "")).event(0 if values["opened"] else 1)
        return {}

    def do_port_break(self, values: dict[str, Any]) -> dict[str, Any]:
        self.named(values.get("name", "")).event(2)
        return {}

    def do_port_read(self, values: dict[str, Any]) -> dict[str, Any]:
        number = self.named(values.get("name", "")).get_property("channel-id")
        data, events = self.ports[number]
        self.ports[number] = (bytearray(), [])
        return {"data": data.hex(), "events": events}
