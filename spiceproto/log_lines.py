"""What a program of ours prints of what happens: the option ``--log``, and its lines.

    LogParser   options, among which ``--log`` has a format behind it or none
    in_text     a line for people

``--log`` alone is ``--log jsonl``. A word behind it that is no format is not its own: it is the address, or what else comes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from spiceproto.usage import Parser

__all__ = ["FORMATS", "LogParser", "in_text"]

FORMATS: Final = ("jsonl", "text")

_OPTION: Final = "--log"


class LogParser(Parser):
    """A parser with the option; ``log`` of what it finds is a format, or "" without the option."""

    def add_log(self, group: Any = None) -> None:
        """Have the option, in a group of options if one is given."""
        text = "print a line for everything that happens: JSON lines, or text for people"
        (group or self).add_argument(_OPTION, choices=FORMATS, default="", metavar="[jsonl|text]", help=text)

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        words = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(_with_format(words), namespace)


def _with_format(words: list[str]) -> list[str]:
    found: list[str] = []
    for number, word in enumerate(words):
        if word == "--":
            return found + words[number:]
        alone = word == _OPTION and words[number + 1 : number + 2] not in [[name] for name in FORMATS]
        found.append(f"{word}={FORMATS[0]}" if alone else word)
    return found


def in_text(line: Mapping[str, Any]) -> str:
    """What happened as a line: the time of the day, the event, and its fields."""
    fields = [f"{name}={_value(value)}" for name, value in line.items() if name != "event"]
    return " ".join([datetime.now().strftime("%H:%M:%S.%f")[:-3], str(line.get("event", "")), *fields])


def _value(value: Any) -> str:
    """Words stand as they are unless it could not be seen where they end."""
    if isinstance(value, str) and value and value.isprintable() and not set(value) & set(' "='):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
