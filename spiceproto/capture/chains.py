"""Where messages begin in bytes of which nobody said what they are: rows of messages that follow each other to the end.

A :class:`Run` is what one end sent without a hole in between, with the places where segments begin. :class:`Search` looks
in it for the messages of one table and sender under one kind of header. A start that does not lead from message to message
up to the end of the run (where the last one may be cut off) is no start. What each place gave is remembered, so a run costs
what its length is.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import Final, NamedTuple

from spiceproto import dispatch
from spiceproto.capture.evidence import is_opaque, points
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE
from spiceproto.size_limits import CHANNELS, size_limits

__all__ = ["Chain", "Run", "Search"]

_mini = Struct("<HL").unpack_from
_full = Struct("<QHLL").unpack_from

_HEADER_POINTS: Final = 2
"""What a header alone speaks for."""

_FULL_POINTS: Final = 2
_SERIAL_POINTS: Final = 4
_BEGINS_SEGMENT: Final = 1
_ENDS_SEGMENT: Final = 2
_INSIDE_SEGMENT: Final = -4
_NOT_FIRST: Final = -2
_SKIPPED_EACH: Final = 64
_SKIPPED_MOST: Final = 6
_ENOUGH_POINTS: Final = 40
_ENOUGH_MESSAGES: Final = 4
_SURE_BYTES: Final = 4
"""A first message that begins inside a segment has at least so many bytes: shorter ones are found by chance."""

_SOUNDING: Final = ("playback", "record")
_SOUND: Final = 101
_SOUND_POINTS: Final = 3
_SOUND_APART: Final = 2000
"""Milliseconds between two pieces of sound, at most."""

_LEFT_OUT: Final = ("BASE_LAST",)
_NUMBERS: Final = frozenset(
    [number for table in CHANNELS for sender in ("server", "client") for number in dispatch.rows(table, sender)]
)
_TOP: Final = 3
"""The highest byte of the size of a message, at most."""


class Run:
    """Bytes of one end without a hole in between.

    * ``data``: the bytes
    * ``begins``: where segments begin
    """

    __slots__ = ("_heads", "_pieces", "_size", "begins")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._heads: dict[bool, tuple[int, list[int]]] = {}
        self.begins: set[int] = set()

    def __len__(self) -> int:
        return self._size

    def add(self, chunk: bytes) -> None:
        """One more segment."""
        self.begins.add(self._size)
        self._pieces.append(chunk)
        self._size += len(chunk)

    @property
    def data(self) -> bytes:
        """All of it."""
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    def heads(self, mini: bool) -> list[int]:
        """Segments that may begin with a header of some message, whatever the channel."""
        done, found = self._heads.get(mini, (-1, []))
        data, shift = self.data, 0 if mini else 8
        for start in sorted(item for item in self.begins if item > done):
            done = start
            head = data[start + shift : start + shift + 6]
            if len(head) < 6 or (head[5] <= _TOP and head[0] | head[1] << 8 in _NUMBERS):
                found.append(start)
        self._heads[mini] = (done, found)
        return found


class Chain(NamedTuple):
    """Messages that follow each other to the end of a run.

    * ``start``: offset of the first header
    * ``points``: what they speak for
    * ``messages``: whole ones; ``own`` of them have numbers of the channel, ``plain`` of them have a body that could not be
      anything
    """

    start: int
    points: int
    messages: int
    own: int
    plain: int


class _Rest(NamedTuple):
    """What follows from one place on.

    * ``serial``: of the first message, under full headers
    * ``sounds``: when the first sound of it is to be played, -1 where there is none
    """

    points: int
    messages: int
    own: int
    plain: int
    serial: int
    sounds: int


_END: Final = _Rest(0, 0, 0, 0, -1, -1)
_patterns: dict[tuple[str, str, bool], re.Pattern[bytes]] = {}


def _pattern(table: str, sender: str, mini: bool) -> re.Pattern[bytes]:
    """Finds places where a header may be: a number of the table, and a size below 64 MiB."""
    found = _patterns.get((table, sender, mini))
    if found is None:
        numbers = [number for number, row in dispatch.rows(table, sender).items() if row.name not in _LEFT_OUT]
        words = []
        for high in sorted({number >> 8 for number in numbers}):
            low = b"".join(re.escape(bytes([number & 255])) for number in numbers if number >> 8 == high)
            words.append(b"[" + low + b"]" + re.escape(bytes([high])))
        header = b"(?:" + b"|".join(words) + b")...[\0-\3]"
        if not mini:
            header = b".....\0\0\0" + header
        found = _patterns[table, sender, mini] = re.compile(b"(?=" + header + b")", re.DOTALL)
    return found


class Search:
    """Looks for the messages of one table and sender in one run.

    * ``spent``: bodies that were looked at
    """

    __slots__ = ("_begins", "_data", "_header", "_known", "_limits", "_mini", "_pattern", "_rows", "_run", "spent")

    def __init__(self, run: Run, table: str, sender: str, *, mini: bool) -> None:
        self._run = run
        self._data = run.data
        self._begins = run.begins
        self._rows = dispatch.rows(table, sender)
        self._limits = size_limits("main" if table == "common" else table, sender)
        self._mini = mini
        self._header = MINI_HEADER_SIZE if mini else FULL_HEADER_SIZE
        self._pattern = _pattern(table, sender, mini)
        self._known: dict[int, _Rest | None] = {}
        self.spent = 0

    def at(self, start: int) -> Chain | None:
        """The chain that begins here."""
        rest = self._walk(start)
        if rest is None:
            return None
        worth = rest.points
        if start not in self._begins:
            if not self._is_sure(start):
                return None
            worth += _INSIDE_SEGMENT
        if start:
            worth += _NOT_FIRST - min(start // _SKIPPED_EACH, _SKIPPED_MOST)
        return Chain(start, worth, rest.messages, rest.own, rest.plain)

    def of_segments(self) -> Chain | None:
        """The best chain that begins with a segment."""
        best: Chain | None = None
        for start in self._run.heads(self._mini):
            found = self.at(start)
            if found is not None and (best is None or found.points > best.points):
                best = found
                if found.messages >= _ENOUGH_MESSAGES and found.points >= _ENOUGH_POINTS:
                    break
        return best

    def of_any(self, best: Chain | None, most: int) -> Chain | None:
        """The best chain from any place before that of ``best``, or ``best``; at most so many bodies are looked at."""
        until = len(self._data) if best is None or not best.messages else best.start
        most += self.spent
        for match in self._pattern.finditer(self._data, 0, min(until + 32, len(self._data))):
            start = match.start()
            if start >= until or self.spent > most:
                break
            found = self.at(start)
            if found is not None and found.messages and (best is None or found.points > best.points):
                best = found
                if found.messages >= _ENOUGH_MESSAGES and found.points >= _ENOUGH_POINTS:
                    break
        return best

    def _is_sure(self, start: int) -> bool:
        """Whether the first message may begin inside a segment: not if chance would make one like it."""
        if start + self._header > len(self._data):
            return False
        number, size = _mini(self._data, start) if self._mini else _full(self._data, start)[1:3]
        row = self._rows.get(number)
        return size >= _SURE_BYTES and row is not None and not is_opaque(row)

    def _walk(self, start: int) -> _Rest | None:
        """What follows from ``start`` on; None if that is not messages up to the end."""
        known, data, header = self._known, self._data, self._header
        end = len(data)
        path: list[tuple[int, int, bool, bool, int, int]] = []
        at = start
        rest: _Rest | None
        while True:
            if at in known:
                rest = known[at]
                break
            if end - at < header:
                rest = _END if end - at < 2 or self._number_at(at) in self._rows else None
                break
            serial = -1
            sub_list = 0
            if self._mini:
                number, size = _mini(data, at)
            else:
                serial, number, size, sub_list = _full(data, at)
            row = self._rows.get(number)
            if row is None or row.name in _LEFT_OUT or size > self._limits.of(number).size or sub_list > size:
                rest = None
                break
            stop = at + header + size
            if stop > end:
                rest = _END._replace(serial=serial)
                break
            self.spent += 1
            worth = points(row, data[at + header : stop])
            if worth is None:
                rest = None
                break
            plain = worth > _HEADER_POINTS or not is_opaque(row)
            worth += (at in self._begins) * _BEGINS_SEGMENT + (stop in self._begins or stop == end) * _ENDS_SEGMENT
            if not self._mini:
                worth += _FULL_POINTS
            sounds = -1
            if number == _SOUND and row.table in _SOUNDING and row.name == "DATA" and size >= 4:
                sounds = int.from_bytes(data[at + header : at + header + 4], "little")
            path.append((at, worth, number >= 100, plain, serial, sounds))
            at = stop
        if rest is None:
            known[at] = None
            for item in path:
                known[item[0]] = None
            return None
        known[at] = rest
        for place, worth, own, plain, serial, sounds in reversed(path):
            if rest is not None and not self._mini and rest.serial >= 0:
                rest = rest if rest.serial == serial + 1 else None
                worth += _SERIAL_POINTS
            if rest is not None:
                if sounds >= 0 and rest.sounds >= 0:
                    later = rest.sounds - sounds
                    plain = 0 < later <= _SOUND_APART
                    worth += _SOUND_POINTS if plain else -_SOUND_POINTS if later else 0
                sounds = sounds if sounds >= 0 else rest.sounds
                rest = _Rest(rest.points + worth, rest.messages + 1, rest.own + own, rest.plain + plain, serial, sounds)
            known[place] = rest
        return rest

    def _number_at(self, at: int) -> int:
        """The number in a header that is not whole."""
        if self._mini:
            return self._data[at] | self._data[at + 1] << 8
        return self._data[at + 8] | self._data[at + 9] << 8 if at + 10 <= len(self._data) else next(iter(self._rows))
