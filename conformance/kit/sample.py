"""Values for a verb: right ones, with which it can be tried, and wrong ones, which it must not take.

What has to be there is written into a folder: a text to be copied or sent, a place for what is to be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from spiceproto.controls import Control
from spiceproto.controls.verb import REQUIRED, Value

__all__ = ["LEFT_OUT", "right", "written", "wrong"]

LEFT_OUT: Final[Mapping[str, str]] = {
    "insert-disc": "it needs an image of a disc",
    "migrate": "it needs a second server",
    "migrate-begin": "it needs a second server",
    "migrate-finish": "it needs a migration that was begun",
    "migrate-cancel": "it needs a migration that was begun",
    "expect-migration": "it needs a second server",
    "add-channel": "it needs a channel that is not there",
    "agent-device": "it needs somebody who plays the agent",
    "set-password": "it would shut out whoever knows the old one",
    "expire-password": "it would shut out everybody",
    "shutdown": "it would be the end of the server",
}
"""Verbs that are not tried, and why."""

_WRITTEN: Final[Mapping[str, str]] = {
    "picture": "shown.png",
    "picture-with-pointer": "shown.png",
    "heard": "heard.wav",
    "paste": "pasted",
    "clipboard": "clipboard",
}
_TEXTS: Final[Mapping[str, str]] = {"monitors": "800x600", "type": "a", "browse": "/hello.txt"}
_NUMBERS: Final[Mapping[str, int]] = {"key": 30, "say": 440}


def written(row: Control, folder: Path) -> Path | None:
    """The file that a verb writes, if it writes one."""
    return folder / _WRITTEN[row.verb] if row.verb in _WRITTEN else None


def right(row: Control, folder: Path) -> dict[str, Any]:
    """Values for a verb, as in JSON."""
    found = {value.name: _right(row, value, folder) for value in row.values if value.default is REQUIRED}
    if row.verb == "copy":
        found["text"] = "copied"
    return found


def _right(row: Control, value: Value, folder: Path) -> Any:
    if value.choices:
        return value.choices[0]
    if value.kind == "text" and value.name == "path" and row.verb != "browse":
        target = written(row, folder)
        if target is not None:
            return str(target)
        source = folder / "sent.txt"
        source.write_text("sent\n")
        return str(source)
    if value.kind == "text":
        return _TEXTS.get(row.verb, "text")
    if value.kind == "hexadecimal":
        return "1e9e"
    if value.kind == "boolean":
        return True
    return max(_NUMBERS.get(row.verb, 1), value.least or 0)


def wrong(row: Control, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Values that a verb must not take, each with what is wrong in words."""
    needed = [value for value in row.values if value.default is REQUIRED]
    if needed:
        yield f"without {needed[0].name}", {}
    for value in needed:
        if value.kind in ("integer", "number", "boolean", "choice"):
            yield f"{value.name} is a list", right(row, folder) | {value.name: []}
        if value.most is not None and value.kind == "integer":
            yield f"{value.name} is {value.most + 1}", right(row, folder) | {value.name: value.most + 1}
