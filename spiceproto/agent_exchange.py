"""What one agent message says to another: answers to requests, serials of grabs, limits of what was announced, sizes of files.

From the client's greeting on until the agent is gone. What crosses on the way is no mistake: a sender is held to what it must
have read, and to what it said itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from spiceproto import limits
from spiceproto.agent import file_start
from spiceproto.enums.agent import AgentCapability, ClipboardType, FileXferStatus, MonitorsConfigFlags
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding

__all__ = ["REQUIREMENTS", "Exchange"]

_ANSWER, _SERIAL, _FORMAT, _ASKED = "SPICE-AGENT-023", "SPICE-AGENT-029", "SPICE-AGENT-032", "SPICE-AGENT-033"
_LARGE, _SPARSE, _SIZES = "SPICE-AGENT-039", "SPICE-AGENT-041", "SPICE-AGENT-042"
_MORE, _OFF, _START, _PATH = "SPICE-AGENT-046", "SPICE-AGENT-048", "SPICE-AGENT-050", "SPICE-AGENT-051"
_EARLY, _DETAIL = "SPICE-AGENT-054", "SPICE-AGENT-055"

REQUIREMENTS: Final = {
    _ANSWER: "counts, for each end, who asked and who answered",
    _SERIAL: "compares a field with how many grabs there were",
    _FORMAT: "compares a field with lists in earlier messages",
    _ASKED: "compares answers with requests that are open, of each selection",
    _LARGE: "compares a size with a field of an earlier message",
    _SPARSE: "compares the items of a list with what was announced inside of agent messages",
    _SIZES: "compares a flag with what was announced inside of agent messages",
    _MORE: "adds the sizes of several messages",
    _OFF: "is about what was announced inside of agent messages",
    _START: "looks into a text",
    _PATH: "looks into a text",
    _EARLY: "adds the sizes of several messages",
    _DETAIL: "compares a field with what was announced inside of agent messages",
}
"""Sentences that are judged here, and why no machine can."""

_MOST: Final = 1 << 12
"""Requests and transfers that are remembered; who has more is not held to the oldest."""

_OTHER: Final = {"client": "server", "server": "client"}
_Bits = Mapping[str, int]


def _has(bits: int, capability: AgentCapability) -> bool:
    return bool(bits >> capability & 1)


class _Selection:
    """One selection. ``total`` counts grabs, None where it is not known; ``last`` is the serial of each end's last grab."""

    __slots__ = ("last", "offered", "open", "total")

    def __init__(self) -> None:
        self.total: int | None = 0
        self.last = {"client": -1, "server": -1}
        self.offered: dict[str, set[int]] = {"client": set(), "server": set()}
        self.open: dict[str, deque[tuple[int, int]]] = {side: deque(maxlen=_MOST) for side in _OTHER}


class _Transfer:
    """One file: bytes it has, or None where nobody knows, and bytes that were sent."""

    __slots__ = ("sent", "size")

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.sent = 0


class Exchange:
    """Both ends, between one greeting and the next."""

    __slots__ = ("_asked", "_channel", "_clipboard_known", "_files_known", "_max", "_selections", "_transfers")

    def __init__(self, channel: tuple[int, int]) -> None:
        self._channel = channel
        self._asked = {"client": 0, "server": 0}
        self._max = -1
        self._selections: dict[int, _Selection] = {}
        self._transfers: dict[int, _Transfer] = {}
        self._clipboard_known = self._files_known = True

    def forget(self, sender: str, name: str) -> None:
        """A message could not be read: what depends on it is not judged any more."""
        if name.startswith("CLIPBOARD"):
            self._clipboard_known = False
        elif name.startswith("FILE_XFER"):
            self._files_known = False
            self._transfers.clear()

    def judge(self, sender: str, name: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        """An agent message that could be read; ``bits`` are what both ends have announced."""
        look = _LOOKS.get(name)
        if look is not None and (self._clipboard_known or not name.startswith("CLIPBOARD")):
            yield from look(self, sender, value, bits, now)

    def _finding(
        self, id: str, sender: str, text: str, expected: str, actual: object, now: float, *, tolerated: bool = False
    ) -> Finding:
        return Finding(id, sender, self._channel, text, expected, str(actual), now, tolerated)

    # -- announcements, and what follows from them

    def _announce(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        if value.request:
            self._asked[sender] += 1
            if sender == "client":
                # Whoever greets anew counts grabs anew; nobody knows which of them the other end has counted.
                self._restart_counts()
        elif self._asked[_OTHER[sender]]:
            self._asked[_OTHER[sender]] -= 1
        else:
            text = "ANNOUNCE_CAPABILITIES as an answer to nothing"
            yield self._finding(_ANSWER, sender, text, "request 1, or a request before it", "request 0", now)

    def _restart_counts(self) -> None:
        for state in self._selections.values():
            state.total = None

    def _max_clipboard(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        self._max = value.max
        yield from ()

    def _monitors(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        agent = bits["server"]
        if not _has(agent, AgentCapability.SPARSE_MONITORS_CONFIG):
            off = sum(not monitor.width or not monitor.height for monitor in value.monitors)
            if off:
                text, expected = "MONITORS_CONFIG with monitors of no size", "SPARSE_MONITORS_CONFIG announced by the agent"
                yield self._finding(_SPARSE, sender, text, expected, f"{off} of them", now)
        if value.flags & MonitorsConfigFlags.PHYSICAL_SIZE and not _has(agent, AgentCapability.MONITORS_CONFIG_POSITION):
            text, expected = "MONITORS_CONFIG with sizes in millimetres", "MONITORS_CONFIG_POSITION announced by the agent"
            yield self._finding(_SIZES, sender, text, expected, "PHYSICAL_SIZE", now, tolerated=True)

    # -- clipboard

    def _selection(self, value: Any) -> _Selection:
        return self._selections.setdefault(getattr(value, "selection", 0), _Selection())

    def _grab(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        state = self._selection(value)
        state.offered[sender].update(value.types[: limits.CLIPBOARD_TYPES])
        serial = getattr(value, "serial", None)
        if serial is None:
            return
        if state.total is None:
            state.total, state.last = serial, {"client": serial - 1, "server": serial - 1}
        if not state.last[sender] < serial <= state.total:
            expected = f"{state.last[sender] + 1} to {state.total}"
            yield self._finding(_SERIAL, sender, "CLIPBOARD_GRAB with another serial", expected, serial, now)
            state.total = None
        else:
            state.last[sender] = serial
            state.total = max(state.total, serial + 1)

    def _request(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        state = self._selection(value)
        state.open[sender].append((value.type, self._max))
        offered = state.offered[_OTHER[sender]]
        if offered and value.type not in offered:
            expected = ", ".join(map(_name, sorted(offered)))
            yield self._finding(_FORMAT, sender, "CLIPBOARD_REQUEST for a format", expected, _name(value.type), now)

    def _content(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        asked = self._selection(value).open[_OTHER[sender]]
        found = next((item for item in asked if value.type in (item[0], ClipboardType.NONE)), None)
        if found is None:
            expected = ", ".join([_name(kind) for kind, _ in asked][:8]) or "nothing"
            yield self._finding(_ASKED, sender, "CLIPBOARD that was not asked for", expected, _name(value.type), now)
            return
        asked.remove(found)
        if sender == "server" and 0 <= found[1] < len(value.data):
            text = "CLIPBOARD is larger than the client allows"
            yield self._finding(_LARGE, sender, text, f"at most {found[1]} bytes", f"{len(value.data)} bytes", now)

    # -- files

    def _start(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        if _has(bits["server"], AgentCapability.FILE_XFER_DISABLED):
            text = "FILE_XFER_START to an agent that takes no files"
            yield self._finding(_OFF, sender, text, "no file", "FILE_XFER_DISABLED", now)
        size = None
        try:
            start = file_start.parse(value.data)
        except RemoteError as error:
            yield self._finding(_START, sender, f"FILE_XFER_START: {error.what}", error.expected, error.actual, now)
        else:
            size = start.size
            if "/" in start.name:
                text = "FILE_XFER_START with a path"
                yield self._finding(_PATH, sender, text, "a name without /", repr(start.name)[:80], now)
        if len(self._transfers) < _MOST:
            self._transfers[value.id] = _Transfer(size)

    def _data(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        transfer = self._transfers.get(value.id)
        if transfer is None:
            return
        transfer.sent += len(value.data)
        if transfer.size is not None and transfer.sent > transfer.size:
            text, expected = f"FILE_XFER_DATA of transfer {value.id} has too much", f"{transfer.size} bytes"
            yield self._finding(_MORE, sender, text, expected, f"{transfer.sent} bytes", now)
            transfer.size = None  # once is enough

    def _status(self, sender: str, value: Any, bits: _Bits, now: float) -> Iterator[Finding]:
        if sender == "client":
            self._transfers.pop(value.id, None)
            return
        if value.result > FileXferStatus.SUCCESS and not _has(bits["client"], AgentCapability.FILE_XFER_DETAILED_ERRORS):
            expected = "FILE_XFER_DETAILED_ERRORS announced by the client"
            yield self._finding(_DETAIL, sender, "FILE_XFER_STATUS with a detailed result", expected, int(value.result), now)
        transfer = self._transfers.get(value.id)
        if transfer is not None and value.result == FileXferStatus.SUCCESS and transfer.sent < (transfer.size or 0):
            text, expected = f"SUCCESS for transfer {value.id}", f"behind {transfer.size} bytes"
            yield self._finding(_EARLY, sender, text, expected, f"behind {transfer.sent}", now)
        if value.result != FileXferStatus.CAN_SEND_DATA:
            self._transfers.pop(value.id, None)


def _name(type: int) -> str:
    found = ClipboardType._value2member_map_.get(type)
    return f"type {type}" if found is None else str(found.name)


_LOOKS: Final[Mapping[str, Callable[[Exchange, str, Any, _Bits, float], Iterator[Finding]]]] = {
    "ANNOUNCE_CAPABILITIES": Exchange._announce,
    "MAX_CLIPBOARD": Exchange._max_clipboard,
    "MONITORS_CONFIG": Exchange._monitors,
    "CLIPBOARD_GRAB": Exchange._grab,
    "CLIPBOARD_REQUEST": Exchange._request,
    "CLIPBOARD": Exchange._content,
    "FILE_XFER_START": Exchange._start,
    "FILE_XFER_DATA": Exchange._data,
    "FILE_XFER_STATUS": Exchange._status,
}
