"""What a page that is open does not have yet, as bytes: a piece at a time, from where it is to what there is now.

A page that is slow or comes late misses nothing that is still kept; what was forgotten before it came there is counted. A piece
is

    u32 little-endian   bytes of the head
    head                a JSON object
    columns             of ``count`` rows, one behind the other; each begins at a multiple of 8 bytes
    bodies              of those rows of which column ``flags`` says so
    pictures            PNG files, by the ``pictures`` of the head: place and size

Numbers of rows are those of the whole capture.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Mapping
from typing import Any, Final

from spiceproto.view.latest_displays import LatestDisplays
from spiceproto.view.live_recorder import LiveRecorder
from spiceproto.view.rows import COLUMNS, HAS_BYTES

__all__ = ["Cursor", "Feed", "Sentences"]

_ROWS: Final = 4000
_BYTES: Final = 2 << 20
"""Of rows and bodies in a piece, beside the last body."""

_PLACE: Final = 8

Sentences = Callable[[set[str]], Mapping[str, Mapping[str, str]]]
"""Texts of sentences by id."""


class Cursor:
    """Where one page is. ``left`` counts what it will never have: rows and bodies."""

    def __init__(self) -> None:
        self.row = 0
        self.kinds = 0
        self.changed = 0
        self.problems = 0
        self.findings: list[int] = []
        self.findings_gone = 0
        self.sentences: set[str] = set()
        self.moments: dict[tuple[int, int], int] = {}
        self.picture = 0
        self.images = -1
        self.said: tuple[str, ...] | None = None
        self.state = ""
        self.started = False
        self.firsts = (0, 0, 0)
        self.left = {"rows": 0, "bodies": 0}


class Feed:
    """Pieces of what a recorder has.

    * ``state``: "" while more may come, then why no more does; ``said``: lines about the whole
    """

    def __init__(self, recorder: LiveRecorder, sentences: Sentences) -> None:
        self.recorder = recorder
        self.state = ""
        self.said: list[str] = []
        self._sentences = sentences

    def next(self, cursor: Cursor) -> bytes | None:
        """The next piece, behind which the page is; None while it has everything."""
        head: dict[str, Any] = {}
        data = [*self._rows(cursor, head), *self._pictures(cursor, head)]
        self._listed(cursor, head)
        self._rest(cursor, head)
        if not head:
            return None
        recorder = self.recorder
        displays = self._displays
        cursor.firsts = (recorder.rows.first, recorder.blocks.first, displays.first if displays is not None else 0)
        head["firsts"] = cursor.firsts
        head["left"] = cursor.left
        text = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
        return b"".join([len(text).to_bytes(4, "little"), text, bytes(-(4 + len(text)) % _PLACE), *data])

    @property
    def _displays(self) -> LatestDisplays | None:
        found = self.recorder.displays
        return found if isinstance(found, LatestDisplays) else None

    def _rows(self, cursor: Cursor, head: dict[str, Any]) -> list[bytes]:
        rows, bodies = self.recorder.rows, self.recorder.blocks
        if cursor.row < rows.first:
            cursor.left["rows"] += rows.first - cursor.row
            cursor.row = rows.first
        start = cursor.row - rows.first
        stop = min(start + _ROWS, len(rows.summaries))
        if start == stop:
            return []
        flags = rows.columns["flags"][start:stop]
        found: list[bytes] = []
        size = 0
        for place, flag in enumerate(flags):
            if size >= _BYTES:
                stop = start + place
                break
            if flag & HAS_BYTES:
                body = bodies.body(cursor.row + place)
                if body is None:
                    flags[place] = flag & ~HAS_BYTES
                    cursor.left["bodies"] += 1
                else:
                    found.append(body)
                    size += len(body)
        columns = []
        for name, _ in COLUMNS:
            column = flags[: stop - start] if name == "flags" else rows.columns[name][start:stop]
            columns.append(_padded(column))
        head |= {"row": cursor.row, "count": stop - start, "summaries": rows.summaries[start:stop]}
        cursor.row += stop - start
        if cursor.kinds < len(rows.kinds):
            head["kinds"] = rows.kinds[cursor.kinds :]
            cursor.kinds = len(rows.kinds)
        return [*columns, *found]

    def _pictures(self, cursor: Cursor, head: dict[str, Any]) -> list[bytes]:
        """Moments and images of rows that the page has; of those that are left out nobody asks."""
        displays = self._displays
        if displays is None:
            return []
        displays.tidy()
        cursor.picture = max(cursor.picture, displays.first)
        found: list[bytes] = []
        places: list[tuple[int, int]] = []
        moments = []
        for item in displays.as_dicts():
            key = item["session"], item["channel_id"]
            gone = displays.gone.get(key, 0)
            at = max(cursor.moments.get(key, 0), gone)
            new = [moment for moment in item["moments"][at - gone :] if moment["row"] < cursor.row]
            if new:
                moments.append({"session": key[0], "channel_id": key[1], "moments": new})
                cursor.moments[key] = at + len(new)
                places += [(moment["png"], len(displays.pictures[moment["png"]])) for moment in new]
        images = {row: place for row, place in displays.images.items() if cursor.images < row < cursor.row}
        if images:
            cursor.images = max(images)
            head["images"] = images
            places += [(place, len(displays.pictures[place])) for row in images.values() for place in row]
        if moments:
            head["displays"] = moments
        if places:
            head["pictures"] = places
            found = [displays.pictures[place] for place, _ in places]
        return found

    def _listed(self, cursor: Cursor, head: dict[str, Any]) -> None:
        """Problems and findings. What was found may become less again."""
        recorder = self.recorder
        gone = recorder.problems_gone
        new = recorder.found[max(cursor.problems - gone, 0) :]
        if new:
            head["problems"] = {"gone": gone, "items": new}
            cursor.problems = gone + len(recorder.found)
        gone, findings = recorder.findings()
        numbers = [id(item) for item in findings]
        if numbers == cursor.findings:
            return
        same = 0
        if gone == cursor.findings_gone:
            for one, other in zip(numbers, cursor.findings, strict=False):
                if one != other:
                    break
                same += 1
        cursor.findings, cursor.findings_gone = numbers, gone
        head["broken"] = {"gone": gone, "keep": same, "items": [recorder.broken.as_dict(item) for item in findings[same:]]}
        wanted = {item.requirement for item in findings} - cursor.sentences
        if wanted:
            head["sentences"] = self._sentences(wanted)
            cursor.sentences |= wanted

    def _rest(self, cursor: Cursor, head: dict[str, Any]) -> None:
        recorder = self.recorder
        if cursor.changed < len(recorder.changed):
            head["connections"] = [recorder.connections[place] for place in dict.fromkeys(recorder.changed[cursor.changed :])]
            cursor.changed = len(recorder.changed)
        if not cursor.started and recorder.start_ns >= 0:
            cursor.started, head["start"] = True, recorder.start_ns / 1_000_000_000
        said = tuple(self.said)
        if cursor.said != said:
            head["said"] = cursor.said = said
        behind = cursor.row >= len(recorder.rows)
        if behind and cursor.state != self.state:
            head["state"] = cursor.state = self.state


def _padded(column: array[Any]) -> bytes:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    data = column.tobytes()
    return data + bytes(-len(data) % _PLACE)
