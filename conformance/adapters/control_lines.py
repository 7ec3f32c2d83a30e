"""A program that is asked in JSON lines on its standard input, and answers on its standard output.

A question is ``{"do": VERB, ...values}``. Each has one answer, ``{"answer": "ok" | "unsupported" | "error", "text": ...}``,
in the order of the questions, and without waiting for anything that comes over the network. ``{"event": ...}`` may stand
between them at any time.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import time
from collections.abc import Mapping
from typing import Any, Final

from conformance.adapters.client import Answer
from conformance.adapters.process import Process, end_of

__all__ = ["ControlLines"]

_PATIENCE: Final = 10.0
_LINE: Final = 1 << 20
"""Bytes of one line; a program that sends more is not speaking this language."""


class ControlLines:
    """The suite's end of the pipes. ``events`` are what came unasked, the oldest first."""

    _begins: Final = ("start", "connect")
    """What a program is told before anything comes over the network."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._buffer = b""
        self._told = ""
        assert process.popen.stdin is not None and process.popen.stdout is not None
        self._input = process.popen.stdin.fileno()
        self._output = process.popen.stdout.fileno()

    def ask(self, verb: str, values: Mapping[str, Any] | None = None, seconds: float = _PATIENCE) -> Answer:
        """One question and its answer. Raises TargetUnusable if none comes."""
        text = json.dumps({"do": verb, **(values or {})})
        question = text.encode() + b"\n"
        if verb in self._begins:
            self._told = text
        try:
            os.write(self._input, question)
        except OSError as error:
            raise self.process.unusable(f"takes no more questions ({error.strerror}) at {verb}") from None
        deadline = time.monotonic() + seconds
        while True:
            found = self._next(deadline, verb)
            kind = found.pop("answer")
            if kind not in ("ok", "unsupported", "error"):
                raise self.process.unusable(f"answers {kind!r} to {verb}")
            return Answer(kind, str(found.pop("text", "")), found)

    @property
    def line(self) -> str:
        """A command line by which the program comes to where it is: started, and told what it was told last."""
        return f"(echo {shlex.quote(self._told)}; cat) | {self.process.line}" if self._told else self.process.line

    def take_events(self) -> list[dict[str, Any]]:
        """What came unasked since the last call; does not wait."""
        while select.select([self._output], [], [], 0)[0]:
            data = os.read(self._output, 65536)
            if not data:
                break
            self._buffer += data
        while (message := self._message()) is not None:
            if "event" in message:
                self.events.append(message)
        found, self.events = self.events, []
        return found

    def _next(self, deadline: float, verb: str) -> dict[str, Any]:
        while True:
            while (message := self._message()) is not None:
                if "answer" in message:
                    return message
                self.events.append(message)
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._output], [], [], left)[0]:
                raise self.process.unusable(f"does not answer {verb}")
            data = os.read(self._output, 65536)
            if not data:
                status = self.process.wait(1)
                how = "closed its standard output" if status is None else f"ended ({end_of(status)})"
                raise self.process.unusable(f"{how} instead of answering {verb}")
            self._buffer += data

    def _message(self) -> dict[str, Any] | None:
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if not end:
                if len(self._buffer) > _LINE:
                    raise self.process.unusable("sends a line without end")
                return None
            self._buffer = rest
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except ValueError:
                found = None
            if not isinstance(found, dict) or not ("answer" in found or "event" in found):
                raise self.process.unusable(f"sends what is neither answer nor event: {line[:200]!r}")
            return found
