"""A script that says to a peer what a case said to it, and what was answered; it needs nothing but Python.

For a server it is a client that sends the recorded bytes; for a client it is a server that waits for one and plays its part.
The conversation stands at the top of the script, structure by structure, a line for each field; the rest is pasted from
:mod:`conformance.report.replay`.

What cannot be the same twice is filled in when it is played: the ticket, the session id in later link messages, and what
PONG and ACK_SYNC repeat, each only where the case itself repeated it rightly. A ticket is encrypted anew

* from what a note named :data:`TICKET` in front of it says, whose ``data`` is the plain text,
* otherwise from the password on the command line, where the record says that the ticket was accepted,
* otherwise not at all: the recorded bytes are a wrong ticket for every new key, which is what was to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from conformance.report.console import plain
from conformance.results import CaseResult, Entry
from conformance.target import Reach
from conformance.transcript import Chunk
from spiceproto import dispatch
from spiceproto.derive.spans import dissect, uncovered
from spiceproto.errors import SpiceError
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE
from spiceproto.size_limits import CHANNELS
from spiceproto.walk import Structure, walk

__all__ = ["TICKET", "script", "write"]

TICKET: Final = "ticket-plaintext"
"""Name of a note whose ``data`` is what the next ticket of its connection was made of."""

_LINE: Final = 32
"""Bytes of one line of a block."""

_SHOWN: Final = 512
"""Bytes of a structure of the target that the script compares."""

_FIELDS: Final = 80
"""Fields of one structure that get a line of their own."""

_RUN: Final = 64
"""So many equal bytes are written as one with their number."""

_PAUSE: Final = 0.3
"""Seconds between two things that count as waiting."""

_USUAL: Final = "127.0.0.1:5900"
"""Where a script looks for a server that is nowhere by itself."""

_REPLAY: Final = Path(__file__).parent / "replay"
_MARK: Final = "# -- pasted\n"
_LINK: Final = {
    "link-header": "LinkHeader",
    "link-message": "LinkMess",
    "link-reply": "LinkReply",
    "link-error": "LinkError",
    "auth-mechanism": "LinkAuthMechanism",
    "ticket": "LinkEncryptedTicket",
    "link-result": "LinkResult",
    "sasl-mechanism-list": "SaslMechanismList",
    "sasl-start": "SaslStart",
    "sasl-challenge": "SaslChallenge",
    "sasl-response": "SaslResponse",
}
_MINI_BIT: Final = 3


# -- blocks


def _safe(text: str) -> str:
    """Text of a peer inside a string literal or comment of the script."""
    return plain(text).encode("ascii", "replace").decode().replace("\\", "/").replace('"', "'")


def _lines(data: bytes, meaning: str = "") -> Iterator[str]:
    if len(data) >= _RUN and data == data[:1] * len(data):
        yield f"{data[:1].hex()}*{len(data)}  {meaning}".rstrip()
        return
    for at in range(0, len(data), _LINE):
        yield f"{data[at : at + _LINE].hex()}  {'' if at else meaning}".rstrip()


def _structure(module: str, name: str) -> Structure:
    return walk(getattr(import_module(f"spiceproto.schema.{module}"), name))


def _fields(structure: Structure, data: bytes, swapped: dict[str, str]) -> Iterator[str]:
    """A line for each field, if fields cover the bytes one after the other; ``swapped`` has words for some fields."""
    found = dissect(structure, data)
    leaves = sorted([span for span in found.leaves() if span.end > span.start], key=lambda span: (span.start, span.end))
    at = 0
    for count, span in enumerate(leaves):
        if count == _FIELDS or span.start < at:
            break
        yield from _lines(data[at : span.start], "between the fields")
        at = span.end
        text = "REDQ" if data[span.start : span.end] == b"REDQ" else span.text
        if span.kind == "bytes" and not text.startswith("'"):
            text = f"{span.end - span.start} bytes"
        meaning = f"{span.path} = {_safe(text)[:80]}"
        if swapped.get(span.path) == "@password":
            yield "@password  encrypted_data = the password and a zero byte, under the key of this link"
        elif span.path in swapped:
            yield f"{swapped[span.path]}:{data[span.start : span.end].hex()}  {meaning}"
        else:
            yield from _lines(data[span.start : span.end], meaning)
    yield from _lines(data[at:], "behind the fields" if uncovered(data, found) else "further fields" if at < len(data) else "")


def _link_block(entry: Entry, data: bytes, swapped: dict[str, str]) -> list[str]:
    name = _LINK.get(entry.name)
    return list(_lines(data)) if name is None else list(_fields(_structure("link", name), data, swapped))


def _message_block(entry: Entry, data: bytes, mini: bool, swapped: dict[str, str]) -> list[str]:
    size = MINI_HEADER_SIZE if mini else FULL_HEADER_SIZE
    head, body = data[:size], data[size:]
    parts = (2, 4) if mini else (8, 2, 4, 4)
    names = ("type", "size") if mini else ("serial", "type", "size", "sub_list")
    lines: list[str] = []
    at = 0
    for part, name in zip(parts, names, strict=True):
        number = int.from_bytes(head[at : at + part], "little")
        lines += _lines(head[at : at + part], f"{name} = {number}" + (f", {_safe(entry.name)}" if name == "type" else ""))
        at += part
    table = entry.channel.partition(":")[0]
    number = int.from_bytes(head[0 if mini else 8 :][:2], "little")
    row = dispatch.row(table, entry.sender, number) if table in CHANNELS else None
    if "" in swapped:
        lines.append(f"{swapped['']}:{body.hex()}  what came")
    elif row is None:
        lines += _lines(body)
    else:
        lines += _fields(_structure(row.module, row.class_name), body, swapped)
    return lines


# -- the conversation


class _Connection:
    """What the record says about one connection, found before the conversation is written."""

    def __init__(self, number: int, entries: Sequence[Entry], own: str) -> None:
        self.number = number
        self.ours = [entry for entry in entries if entry.size and entry.sender == own]
        self.channel = next((entry.channel for entry in entries if entry.channel), "")
        self.secure = any(entry.secure for entry in entries)
        self.kind: tuple[int, int] | None = None
        self.client_mini = False
        self.mini: bool | None = None
        self.accepted = False
        for entry in entries:
            data = bytes.fromhex(entry.data)
            if entry.name == "link-message" and len(data) >= 18:
                self.kind = data[4], data[5]
                offset = int.from_bytes(data[14:18], "little")
                words = data[offset : offset + 4] if int.from_bytes(data[6:10], "little") else b""
                self.client_mini = bool(int.from_bytes(words, "little") >> _MINI_BIT & 1)
            elif entry.name == "link-result":
                self.accepted = data == bytes(4)
            elif entry.kind == "message" and self.mini is None and entry.size:
                self.mini = int.from_bytes(data[2:6], "little") == entry.size - MINI_HEADER_SIZE
        if self.accepted and self.mini is None and all(entry.kind != "bytes" for entry in entries):
            self.mini = self.client_mini
        self.sent = 0
        self.pings: list[bytes] = []
        self.generation = b""
        self.plaintext: bytes | None = None


class _Teller:
    """Turns a transcript into the items of a conversation, as source text."""

    def __init__(self, case: CaseResult, chunks: Iterable[Chunk]) -> None:
        self._own = "client" if case.role == "server" else "server"
        self._entries = case.transcript
        self._streams: dict[int, bytearray] = {}
        self._answered: dict[int, list[tuple[int, int]]] = {}
        theirs: dict[int, int] = {}
        for chunk in chunks:
            own = self._streams.setdefault(chunk.connection, bytearray())
            if chunk.sender == self._own:
                own.extend(chunk.data)
            else:
                # How much of ours was out when the target sent its bytes from this offset on.
                start = theirs.get(chunk.connection, 0)
                self._answered.setdefault(chunk.connection, []).append((start, len(own)))
                theirs[chunk.connection] = start + len(chunk.data)
        numbers = dict.fromkeys(entry.connection for entry in case.transcript if entry.connection)
        self.connections = {
            number: _Connection(number, [entry for entry in case.transcript if entry.connection == number], self._own)
            for number in numbers
        }
        self._sessions: dict[bytes, int] = {}
        self._opened: set[int] = set()
        self._at = 0.0
        self.lines: list[str] = []
        self.missing = 0

    def tell(self) -> None:
        """All of it."""
        for entry in self._entries:
            connection = self.connections.get(entry.connection)
            if entry.kind == "step":
                self.lines.append(f"    # {_safe(entry.text)}")
            elif entry.kind == "note":
                if entry.name == TICKET and connection is not None:
                    connection.plaintext = bytes.fromhex(entry.data)
                elif entry.name == "cut":
                    self.lines.append(f"    # {_safe(entry.text)}")
            elif connection is not None:
                self._tell(entry, connection)
        for connection in self.connections.values():
            self._rest(connection)

    def _tell(self, entry: Entry, connection: _Connection) -> None:
        if connection.number not in self._opened:
            self._opened.add(connection.number)
            self._item(
                "open",
                connection.number,
                connection.channel,
                connection.secure,
                connection.client_mini,
                connection.mini,
                connection.kind,
            )
        if entry.at - self._at > _PAUSE:
            self._item("wait", connection.number, round(entry.at - self._at, 2))
        self._at = max(self._at, entry.at)
        if entry.kind == "close":
            self._rest(connection)
            self._item("close" if entry.sender == self._own else "closed", connection.number)
        elif entry.size and entry.sender == self._own:
            self._send(entry, connection)
        elif entry.size:
            self._rest(connection, self._before(entry, connection))
            self._receive(entry, connection)

    def _item(self, *parts: Any) -> None:
        self.lines.append(f"    ({', '.join([_literal(part) for part in parts])}),")

    def _block(self, kind: str, entry: Entry, lines: Iterable[str], *behind: int) -> None:
        name = entry.name or "bytes"
        self.lines.append(f'    ({_literal(kind)}, {entry.connection}, {_literal(_safe(name))}, r"""')
        self.lines += [f"        {line}" for line in lines]
        self.lines.append('    """' + "".join([f", {number}" for number in behind]) + "),")

    # -- ours

    def _stream(self, connection: _Connection, start: int, end: int) -> bytes:
        return bytes(self._streams.get(connection.number, b"")[start:end])

    def _send(self, entry: Entry, connection: _Connection) -> None:
        start, end = entry.start, entry.start + entry.size
        if end <= connection.sent:
            return
        if start < connection.sent:
            self._raw(connection, connection.sent, end)
            connection.sent = end
            return
        if start != connection.sent:
            self._raw(connection, connection.sent, start)
        connection.sent = end
        data = self._stream(connection, start, end)
        if len(data) != entry.size:
            data = bytes.fromhex(entry.data)
            self.missing += entry.size - len(data)
            data += bytes(entry.size - len(data))
        self._block("send", entry, self._lines_of(entry, connection, data, self._swapped(entry, connection, data)))

    def _raw(self, connection: _Connection, start: int, end: int) -> None:
        """Bytes that nobody could cut into structures."""
        data = self._stream(connection, start, end)
        self.missing += end - start - len(data)
        if data:
            self._block("send", Entry("bytes", connection=connection.number), _lines(data))

    def _rest(self, connection: _Connection, end: int | None = None) -> None:
        """What was sent before our stream had ``end`` bytes, by default all of it: also what no structure holds.

        A record names structures in the order in which they are understood. So what follows a header that is no header comes
        behind the answer to it, although it was sent before.
        """
        bound = len(self._streams.get(connection.number, b"")) if end is None else end
        for entry in connection.ours:
            # What no structure holds is one entry, however often the target spoke meanwhile.
            if connection.sent <= entry.start < bound and not (entry.kind == "bytes" and entry.start + entry.size > bound):
                self._send(entry, connection)
        if bound > connection.sent:
            self._raw(connection, connection.sent, bound)
            connection.sent = bound

    def _before(self, entry: Entry, connection: _Connection) -> int:
        """How much of ours the target had been sent when it sent this."""
        return max([own for start, own in self._answered.get(connection.number, ()) if start <= entry.start], default=0)

    def _swapped(self, entry: Entry, connection: _Connection, data: bytes) -> dict[str, str]:
        """Fields that are filled in when the script runs."""
        if self._own != "client":
            return {}
        if entry.name == "link-message" and data[:4] in self._sessions:
            return {"connection_id": f"@session:{self._sessions[data[:4]]}"}
        if entry.name == "ticket" and connection.plaintext is not None:
            plaintext, connection.plaintext = connection.plaintext, None
            return {"encrypted_data": f"@ticket:{plaintext.hex()}"}
        if entry.name == "ticket" and connection.accepted:
            return {"encrypted_data": "@password"}
        body = data[MINI_HEADER_SIZE if connection.mini else FULL_HEADER_SIZE :]
        if entry.name == "PONG" and body in connection.pings:
            del connection.pings[: connection.pings.index(body) + 1]
            return {"": "@pong"}
        if entry.name == "ACK_SYNC" and body and body == connection.generation:
            return {"generation": "@generation"}
        return {}

    def _lines_of(self, entry: Entry, connection: _Connection, data: bytes, swapped: dict[str, str]) -> list[str]:
        if entry.kind == "message":
            return _message_block(entry, data, connection.mini is not False, swapped)
        return _link_block(entry, data, swapped) if entry.kind == "link" else list(_lines(data))

    # -- the target's

    def _receive(self, entry: Entry, connection: _Connection) -> None:
        data = bytes.fromhex(entry.data)
        body = data[MINI_HEADER_SIZE if connection.mini else FULL_HEADER_SIZE :]
        if entry.name == "PING":
            connection.pings.append(body[:12])
        elif entry.name == "SET_ACK":
            connection.generation = body[:4]
        elif entry.name == "INIT" and connection.channel.startswith("main"):
            self._sessions[body[:4]] = connection.number
        self._block("receive", entry, self._lines_of(entry, connection, data[:_SHOWN], {}), entry.size)


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


# -- the script


def _pasted(names: Sequence[str]) -> tuple[list[str], str]:
    """Imports and bodies of what is copied."""
    imports: set[str] = set()
    bodies = []
    for name in names:
        head, _, body = (_REPLAY / f"{name}.py").read_text(encoding="utf-8").partition(_MARK)
        imports |= set(re.findall(r"^(?:import|from) (?!conformance|__future__).*$", head, re.MULTILINE))
        bodies.append(re.sub(r"  # noqa.*$", "", body, flags=re.MULTILINE).strip())
    return sorted(imports), "\n\n\n".join(bodies)


def _names(tables: Iterable[str], sender: str) -> list[str]:
    lines = []
    for table in sorted(set(tables)):
        if table in CHANNELS:
            rows = ", ".join([f'{number}: "{row.name}"' for number, row in sorted(dispatch.rows(table, sender).items())])
            lines.append(f'    "{table}": {{{rows}}},')
    return lines


def _usage(server: bool, reach: Reach, lines: Sequence[str]) -> Iterator[str]:
    """How the script is used on this target."""
    if reach.start:
        yield f"The target of the record can be started by: {reach.start}"
    if not server:
        yield "The script prints the address to which the client has to connect."
        return
    place = " ".join([*reach.arguments[:2]] if reach.arguments[:1] == ("--unix",) else [*reach.arguments[:1]])
    yield f"Without another HOST:PORT it speaks to {place or _USUAL}."
    if any(line.lstrip().startswith("@password") for line in lines) and "--password" not in reach.arguments:
        yield "It needs the password of the target: --password TEXT."


def _started(reach: Reach) -> list[str]:
    """How the suite has started the target, in comments: a command line stands there as it is."""
    if not reach.started:
        return []
    return [
        "# The suite had started the target of this record by:",
        f"#   {plain(reach.started)}",
        *[f"# {plain(remark)}" for remark in reach.remarks],
    ]


def script(case: CaseResult, chunks: Iterable[Chunk] = (), *, reach: Reach | None = None) -> str:
    """The source of the script. ``chunks`` are the whole streams; without them what a record cuts is missing.

    ``reach`` says how the target is reached.
    """
    reach = reach or Reach()
    teller = _Teller(case, chunks)
    try:
        teller.tell()
    except SpiceError as error:
        teller.lines.append(f"    # what follows cannot be told: {_safe(str(error))}")
    server = case.role == "server"
    imports, body = _pasted(("common", "tickets", "as_client") if server else ("common", "as_server"))
    about = [f"{case.id}: {case.title}", "", case.sentence, ""]
    said = [f"expected  {case.expected}", f"actual    {case.actual}", *([f"place     {case.place}"] if case.place else [])]
    about += [*said, ""] if case.expected or case.actual else []
    about += [
        "Says to a server what a conformance case said to it, and tells where the answers differ from the recorded ones."
        if server
        else "Waits for a client, says to it what a conformance case said to it, and tells where its answers differ.",
        "Exit status: 0 if the peer behaved as recorded, 1 if not. Needs Python 3.8 or newer and nothing else.",
    ]
    if any(difference.message == "picture" for difference in case.differences):
        about += [
            "What the peer shows is not compared: ask it for its picture, or look at its window.",
            "`spiceproto render` draws from the capture what was to be seen.",
        ]
        files = [picture.file for picture in case.pictures if picture.file]
        about += [f"What was to be seen and what was seen: {', '.join(files)}, beside this script."] if files else []
    about += ["", *_usage(server, reach, teller.lines)]
    about += [f"With the suite: {case.repro}"] if case.repro else []
    if any(entry.place for entry in case.transcript):
        about.append("There were two servers, the source of a migration and its destination. This script speaks to one, which")
        about.append("nobody tells to migrate: it shows what was said, and does not bring it about.")
    if teller.missing:
        about.append(f"{teller.missing} bytes are not in the record; zeros were sent for them, or nothing.")
    tables = [connection.channel.partition(":")[0] for connection in teller.connections.values()]
    return "\n".join(
        [
            "#!/usr/bin/env python3",
            *_started(reach),
            'r"""' + "\n".join([_safe(line) for line in about]),
            '"""',
            "",
            "from __future__ import annotations",
            "",
            *sorted({*imports, "import sys"}, key=lambda line: (line.startswith("from"), line)),
            "",
            "# What was said. A word with @ is filled in when the script runs; behind its last colon stands what was recorded.",
            "CONVERSATION = [",
            *teller.lines,
            "]",
            "",
            f"# Messages of a {case.role}.",
            "NAMES = {",
            *_names(tables, case.role),
            "}",
            "",
            body,
            "",
            "",
            'if __name__ == "__main__":',
            "    # Where no arguments are given: the target that was recorded.",
            f'    sys.exit(main(CONVERSATION, NAMES, __doc__ or "", {list(reach.arguments)!r}))'
            if server
            else '    sys.exit(main(CONVERSATION, NAMES, __doc__ or ""))',
            "",
        ]
    )


def write(path: Path, case: CaseResult, chunks: Iterable[Chunk] = (), *, reach: Reach | None = None) -> None:
    """The script as a file that can be run."""
    path.write_text(script(case, chunks, reach=reach), encoding="utf-8")
    path.chmod(0o755)
