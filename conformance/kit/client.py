"""Tries a client that is driven in JSON lines, at a reference server: every verb that it claims, and what it must not take."""

from __future__ import annotations

import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from conformance.adapters.client import VERBS, Answer
from conformance.adapters.control_lines import ControlLines
from conformance.adapters.listening import free_port
from conformance.adapters.process import Process, program
from conformance.adapters.server_address import ServerAddress
from conformance.kit.sample import LEFT_OUT, right, written, wrong
from conformance.kit.tried import Found
from conformance.outcome import TargetUnusable
from spiceproto import png
from spiceproto.controls import control, programs
from spiceproto.errors import LocalError, SpiceError
from spiceproto.suggestion import expected

__all__ = ["try_client"]

_OWN: Final = ("hello", "connect", "quit")
_INPUT: Final = ("motion", "position", "press", "release", "key", "wheel", "scancode")
"""Verbs that need a channel."""

_LINKED: Final = 8.0
"""Seconds in which a client has linked what a verb needs."""

_END: Final = 5.0
_PAUSE: Final = 0.1
_NOBODY: Final = "no-such-verb-as-this"


def try_client(command: str) -> Iterator[Found]:
    """What is found, as it is found.

    Raises LocalError for a command without sense, TargetUnusable without a reference server.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise LocalError("a command that cannot be split", expected="as in a shell", actual=f"{command}: {error}") from None
    if not words:
        raise LocalError("a client without a command", expected="adapter check 'my-client --control'", actual=repr(command))
    words[0] = program(words[0])
    with tempfile.TemporaryDirectory(prefix="spiceconf-adapter-") as name:
        folder = Path(name)
        port = free_port()
        server = Process(
            [sys.executable, "-m", "reference_server", "--port", str(port), "--disable-ticketing"], log=folder / "server.log"
        )
        try:
            server.wait_listening(ports=[port])
            yield from _Trial(words, folder, ServerAddress(host="127.0.0.1", port=port)).run()
        finally:
            server.stop()


class _Trial:
    """One client, tried once."""

    def __init__(self, words: Sequence[str], folder: Path, address: ServerAddress) -> None:
        self._words = words
        self._folder = folder
        self._address = address
        self._process: Process | None = None

    def run(self) -> Iterator[Found]:
        try:
            yield from self._session()
            yield self._end_of_input()
        except TargetUnusable as error:
            yield Found("", "WRONG", str(error))
        finally:
            if self._process is not None:
                self._process.stop()

    def _start(self) -> ControlLines:
        if self._process is not None:
            self._process.stop()
        self._process = Process(self._words, log=self._folder / "client.log", control=True)
        return ControlLines(self._process)

    def _session(self) -> Iterator[Found]:
        lines = self._start()
        hello = lines.ask("hello")
        if hello.kind != "ok":
            yield Found("hello", "WRONG", f"the answer is {hello.kind}: {hello.text}")
            return
        claimed = hello.values.get("verbs", list(VERBS))
        if not isinstance(claimed, list) or not all(isinstance(verb, str) for verb in claimed):
            yield Found("hello", "WRONG", f"verbs is no list of texts: {claimed!r}"[:200])
            return
        if not isinstance(hello.values.get("sasl", False), bool):
            yield Found("hello", "WRONG", f"sasl is neither true nor false: {hello.values['sasl']!r}"[:200])
        yield Found("hello", "ok", hello.text or "it does not say what it is")
        known = [*VERBS, *_OWN, *programs.table("client")]
        for verb in claimed:
            if verb not in known:
                yield Found(verb, "WRONG", f"hello claims a verb that there is not: {expected(verb, known)}?")
        verbs = [verb for verb in VERBS if verb in claimed and verb not in (*_OWN, "disconnect")]
        yield self._unknown(lines)
        yield from self._before(lines, verbs)
        yield self._connected(lines)
        for verb in verbs:
            yield self._tried(lines, verb)
            yield from self._refused(lines, verb)
        yield from self._left(lines, "disconnect" in claimed)

    def _unknown(self, lines: ControlLines) -> Found:
        answer = lines.ask(_NOBODY)
        if answer.kind != "unsupported":
            return Found(_NOBODY, "WRONG", f"a verb that there is not is answered {answer.kind}, and not unsupported")
        return Found(_NOBODY, "ok", "unsupported, as it has to be")

    def _before(self, lines: ControlLines, verbs: Sequence[str]) -> Iterator[Found]:
        """What needs a channel, while there is none."""
        for verb in [verb for verb in verbs if verb in _INPUT][:1]:
            answer = lines.ask(verb, right(control("client", verb), self._folder))
            if answer.kind == "ok":
                yield Found(verb, "WRONG", "it is ok before there is a session: expected error")

    def _connected(self, lines: ControlLines) -> Found:
        where = self._address
        values: dict[str, Any] = {"host": where.host, "port": where.port, "uri": where.uri()}
        values["vv"] = str(where.write_connection_file(self._folder / "connection.vv"))
        answer = lines.ask("connect", values)
        if answer.kind != "ok":
            return Found("connect", "WRONG", f"the answer is {answer.kind}: {answer.text}")
        return Found("connect", "ok")

    def _tried(self, lines: ControlLines, verb: str) -> Found:
        if verb in LEFT_OUT:
            return Found(verb, "left out", LEFT_OUT[verb])
        row = control("client", verb)
        path = written(row, self._folder)
        deadline = time.monotonic() + _LINKED
        while True:
            if path is not None:
                path.unlink(missing_ok=True)
            answer = lines.ask(verb, right(row, self._folder))
            if answer.kind != "error" or time.monotonic() > deadline:
                return self._judged(verb, answer, path)
            time.sleep(_PAUSE)

    def _judged(self, verb: str, answer: Answer, path: Path | None) -> Found:
        if answer.kind == "unsupported":
            return Found(verb, "WRONG", f"hello claims it, and it is answered unsupported: {answer.text}")
        if answer.kind == "error":
            if not answer.text:
                return Found(verb, "WRONG", "an error without a text")
            return Found(verb, "could not", answer.text)
        if verb.startswith("picture") and path is not None:
            try:
                png.decode(path.read_bytes())
            except (OSError, SpiceError, ValueError) as error:
                return Found(verb, "WRONG", f"it is ok, and there is no PNG file: {error}")
        return Found(verb, "ok")

    def _refused(self, lines: ControlLines, verb: str) -> Iterator[Found]:
        """Values without sense."""
        if verb in LEFT_OUT:
            return
        for said, values in wrong(control("client", verb), self._folder):
            answer = lines.ask(verb, values)
            if answer.kind == "ok":
                yield Found(verb, "WRONG", f"{said}, and it is ok: expected error")

    def _left(self, lines: ControlLines, disconnects: bool) -> Iterator[Found]:
        if disconnects:
            answers = [lines.ask("disconnect").kind for _ in range(2)]
            if answers != ["ok", "ok"]:
                yield Found("disconnect", "WRONG", f"asked twice: {' and then '.join(answers)}, expected ok both times")
            else:
                yield Found("disconnect", "ok")
            yield self._connected(lines)  # once more, so that quit has something to end
        assert self._process is not None
        answer = lines.ask("quit")
        status = self._process.wait(_END)
        if answer.kind != "ok" or status is None:
            how = "and goes on" if status is None else ""
            yield Found("quit", "WRONG", f"it answers {answer.kind} {how}".rstrip())
        else:
            yield Found("quit", "ok", f"exit status {status}")

    def _end_of_input(self) -> Found:
        """Who has lost its controller ends, too."""
        self._start().ask("hello")
        assert self._process is not None and self._process.popen.stdin is not None
        self._process.popen.stdin.close()
        if self._process.wait(_END) is None:
            return Found("end of input", "WRONG", f"it goes on for more than {_END:g} seconds")
        return Found("end of input", "ok")
