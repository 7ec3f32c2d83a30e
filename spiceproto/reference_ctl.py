"""``spice-reference-ctl SOCKET VERB [NAME=VALUE ...]``: tell a reference server or client what to do, at its control socket.

    spice-reference-ctl server.sock mouse-mode client
    spice-reference-ctl client.sock key code=0x1E
    spice-reference-ctl server.sock events --until channel
    printf 'scene 3\\npicture seen.png\\n' | spice-reference-ctl server.sock

Without a verb there is a question in each line of standard input, as words or as JSON. What an answer has is printed, as JSON;
an error is a line on standard error. Exit status: 0 for ok, 1 if something was answered by an error, or nobody answers, 2 for
wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast, get_args

from spiceproto.controls import Control, Role, programs
from spiceproto.controls.schema import text as schema_text
from spiceproto.controls.words import explained, listed, question, split
from spiceproto.errors import LocalError, SpiceError, in_words
from spiceproto.usage import Parser

__all__ = ["main", "parser"]

_OK, _ERROR, _USAGE = 0, 1, 2

_AGAIN: Final = 0.05
"""Seconds between two attempts to connect."""

_READ: Final = 1 << 16
_MOST: Final = 64 << 20
"""Bytes of one line of an answer."""


class _Controlled:
    """A program at the other end of a socket."""

    def __init__(self, path: str, *, wait: float, timeout: float | None) -> None:
        self._socket = _connected(path, wait)
        self._socket.settimeout(timeout)
        self._rest = b""

    def ask(self, asked: Mapping[str, Any], heard: Any = None) -> dict[str, Any]:
        """The answer to a question; ``heard`` is called with events before it. Raises OSError."""
        self._socket.sendall(json.dumps(asked).encode() + b"\n")
        for line in self.lines():
            if "answer" in line:
                return line
            if heard is not None:
                heard(line)
        raise OSError("the program has closed the connection")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Lines until the other end closes. Raises OSError."""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            if end:
                self._rest = rest
                found = json.loads(line)
                if not isinstance(found, dict):
                    raise OSError(f"no line of a control connection: {line[:80]!r}")
                yield found
                continue
            data = self._socket.recv(_READ)
            if not data:
                return
            self._rest += data
            if len(self._rest) > _MOST:
                raise OSError(f"a line is longer than {_MOST} bytes")


def _connected(path: str, wait: float) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no Unix sockets")
    end = time.monotonic() + wait
    while True:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(path)
            return made
        except OSError as error:
            made.close()
            if time.monotonic() >= end or not isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
                raise OSError(error.errno, error.strerror, path) from None
        time.sleep(_AGAIN)


def parser() -> argparse.ArgumentParser:
    """The options, and what each may be."""
    made = Parser(
        prog="spice-reference-ctl",
        description="Tell a reference server or client what to do, at the socket of its --control-socket.",
        epilog="Exit status: 0 ok, 1 an error was the answer or nobody answers, 2 wrong usage.",
    )
    made.add_argument("socket", nargs="?", metavar="SOCKET", help="path of the control socket")
    made.add_argument("verb", nargs="?", metavar="VERB", help="what to do; lines of standard input say so without one")
    made.add_argument("values", nargs="*", metavar="NAME=VALUE", help="values of the verb, in its order if they have no names")
    made.add_argument("--json", action="store_true", help="print answers as they come")
    made.add_argument("--wait", type=float, default=0, metavar="S", help="wait so long until the socket is there")
    made.add_argument("--timeout", type=float, metavar="S", help="wait so long for an answer, or for an event")
    made.add_argument("--until", metavar="EVENT", help="with the verb events: end behind the first of this name")
    made.add_argument("--role", choices=get_args(Role), default="server", help="whose verbs are explained (default: server)")
    made.add_argument("--list", action="store_true", help="print all verbs of the role")
    made.add_argument("--explain", metavar="VERB", help="print what a verb of the role does, and its values")
    made.add_argument("--schema", action="store_true", help="print the JSON Schema of the role's control protocol")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    known = parser()
    options = known.parse_intermixed_args(arguments)
    table = programs.table(options.role)
    if options.list:
        print(listed(table))
        return _OK
    if options.schema:
        print(schema_text(options.role), end="")
        return _OK
    if options.explain is not None:
        row = table.get(options.explain)
        if row is None:
            return _fail(f"a {options.role} has no verb {options.explain}: --list prints them", _USAGE)
        print(explained(row))
        return _OK
    if options.socket is None:
        known.error("the path of a control socket is needed")
    if options.until is not None and options.verb != "events":
        known.error("--until is for the verb events")
    try:
        return _drive(options)
    except BrokenPipeError:  # nobody reads what is printed any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _OK
    except KeyboardInterrupt:
        return _OK
    except TimeoutError:
        return _fail(f"no answer for {options.timeout:g} seconds", _ERROR)
    except (OSError, ValueError) as error:
        return _fail(in_words(error), _ERROR)


def _drive(options: argparse.Namespace) -> int:
    program = _Controlled(options.socket, wait=options.wait, timeout=options.timeout)
    hello = program.ask({"do": "hello"})
    role = _content(hello).get("role")
    if role not in get_args(Role):
        return _fail(str(hello.get("text", f"{options.socket}: no reference program answers there")), _ERROR)
    table = programs.table(cast(Role, role))
    if options.verb is None:
        return max([_OK, *[_one(program, _lines_question(line, table), options) for line in _asked(sys.stdin)]])
    try:
        asked = question([options.verb, *options.values], table)
    except SpiceError as error:
        return _fail(f"{error}", _USAGE)
    status = _one(program, asked, options)
    if status == _OK and options.verb == "events" and asked.get("on", True):
        return _follow(program, options.until)
    return status


def _asked(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _lines_question(line: str, table: Mapping[str, Control]) -> dict[str, Any] | LocalError:
    """A question of standard input, or why it is none."""
    try:
        if line.lstrip().startswith("{"):
            found = json.loads(line)
            return found if isinstance(found, dict) else LocalError("not a question")
        return question(split(line), table)
    except ValueError as error:
        return LocalError(f"no JSON: {error}")
    except LocalError as error:
        return error


def _one(program: _Controlled, asked: dict[str, Any] | LocalError, options: argparse.Namespace) -> int:
    if isinstance(asked, LocalError):
        return _fail(str(asked), _USAGE)
    answer = program.ask(asked, _print)
    if options.json:
        _print(answer)
    elif answer["answer"] == "ok":
        content = answer.get("value") if "event" in answer else _content(answer) or None
        if content is not None:
            print(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), flush=True)
    else:
        _fail(str(answer.get("text", answer)), _ERROR)
    return _OK if answer["answer"] == "ok" else _ERROR


def _follow(program: _Controlled, until: str | None) -> int:
    """Print events as they come, until one of this name, or the end."""
    for line in program.lines():
        _print(line)
        if until is not None and line.get("event") == until:
            return _OK
    return _OK if until is None else _fail(f"the program has ended, and there was no {until}", _ERROR)


def _content(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer has: a server's in one field, a client's beside the word."""
    value = answer.get("value")
    if isinstance(value, dict):
        return value
    return {name: value for name, value in answer.items() if name not in ("answer", "event")}


def _print(line: Mapping[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _fail(text: str, status: int) -> int:
    with contextlib.suppress(BrokenPipeError):
        print(f"spice-reference-ctl: {text}", file=sys.stderr)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
