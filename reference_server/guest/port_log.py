"""What comes out of the ports of a guest, kept until it is read."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from reference_server.guest.port import PortAdded, Ports, Received, Said
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LocalError

__all__ = ["PortLog"]

_KEPT: Final = 1 << 20
"""Bytes of one port that are kept; what comes besides is lost."""

_EVENTS: Final = 1000
"""Events of one port that are kept."""

_NAMES: Final = {PortEvent.OPENED: "opened", PortEvent.CLOSED: "closed", PortEvent.BREAK: "break"}


class PortLog:
    """Of all ports, those that come later too."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._kept: dict[tuple[int, int], tuple[bytearray, list[str]]] = {}
        for key in ports.keys:
            self._watch(PortAdded(key))
        ports.watch(self._watch, PortAdded)

    def take(self, key: tuple[int, int]) -> dict[str, Any]:
        """``data`` in hexadecimal digits and ``events`` since the last call. Raises LocalError for a port that is not there."""
        found = self._kept.get(key)
        if found is None:
            raise LocalError("the guest has no such port", actual=str(key[1]))
        data, events = found
        said = {"data": data.hex(), "events": list(events)}
        data.clear()
        events.clear()
        return said

    def _watch(self, news: PortAdded) -> None:
        kept = self._kept[news.key] = (bytearray(), [])
        port = self._ports[news.key]
        port.watch(partial(self._received, kept[0]), Received)
        port.watch(partial(self._said, kept[1]), Said)

    def _received(self, data: bytearray, news: Received) -> None:
        data += news.data[: _KEPT - len(data)]

    def _said(self, events: list[str], news: Said) -> None:
        name = _NAMES.get(news.event) if isinstance(news.event, PortEvent) else None
        if name is not None and len(events) < _EVENTS:
            events.append(name)
