"""Questions as lines of JSON, and what one comes to.

    bytes ──> Lines ──> {"do": VERB, NAME: VALUE, ...} ──> the row of the verb, its values ──> act ──> {"answer": "ok", ...}

Nothing that is asked ends a conversation: what is no question, and what can not be done, has the answer ``error`` or
``unsupported``, with a text. A line that is too long is one error, however long it is.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from spiceproto.controls.verb import Control
from spiceproto.errors import LocalError, SpiceError, UnsupportedError, in_words

__all__ = ["LINE", "Act", "Lines", "answer"]

LINE: Final = 1 << 20
"""Bytes of one question: a clipboard that is copied by hand, and more than anybody types."""

_SHOWN: Final = 60
"""Bytes that are shown of a line that is none."""

Act = Callable[[Control, dict[str, Any]], Awaitable[Mapping[str, Any]]]
"""Does what a verb says with these values; what the answer has beside ``ok``."""


class Lines:
    """Cuts bytes into lines, without their ends. One of more than :data:`LINE` bytes is None."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._lost = False

    def receive(self, data: bytes) -> list[bytes | None]:
        """The lines that end in these bytes; those that are blank are left out."""
        found: list[bytes | None] = []
        *whole, rest = data.split(b"\n")
        for part in whole:
            found += self._end(part)
        if not self._lost:
            self._rest += rest
            if len(self._rest) > LINE:
                self._rest.clear()
                self._lost = True
        return found

    def end(self) -> list[bytes | None]:
        """The last line, if it has no end."""
        return self._end(b"")

    def _end(self, part: bytes) -> list[bytes | None]:
        line = bytes(self._rest) + part
        lost = self._lost or len(line) > LINE
        self._rest.clear()
        self._lost = False
        if lost:
            return [None]
        return [line] if line.strip() else []


def _question(line: bytes) -> dict[str, Any]:
    """Raises LocalError for a line that is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # among them what is no UTF-8
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("do"), str):
        there = line[:_SHOWN].decode("utf-8", "backslashreplace") + "..." * (len(line) > _SHOWN)
        raise LocalError("a line is one JSON object in UTF-8", expected='{"do": VERB, ...}', actual=there)
    return found


async def answer(line: bytes | None, table: Mapping[str, Control], act: Act) -> dict[str, Any]:
    """What one line comes to; None is one that was too long."""
    try:
        if line is None:
            raise LocalError(f"a line is longer than {LINE} bytes")
        question = _question(line)
        verb = question.pop("do")
        row = table.get(verb)
        if row is None:
            return {"answer": "unsupported", "text": f"there is no verb {verb[:80]}"}
        return {"answer": "ok", **await act(row, row.read(question))}
    except UnsupportedError as error:
        return {"answer": "unsupported", "text": in_words(error)}
    except (SpiceError, OSError, ValueError, RecursionError) as error:
        return {"answer": "error", "text": in_words(error)}
