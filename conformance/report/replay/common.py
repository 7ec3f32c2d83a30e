"""Blocks of recorded bytes, a connection that is read structure by structure, and what counts as a difference.

A conversation is a list of tuples, of which the second part is the number of a connection:

    ("open", 1, "main:0", secure, client has mini headers, mini headers, (1, 0))
                                          mini headers: None where the record has no messages; type and id of the channel
    ("send", 1, "link-header", block)     bytes of the suite's end
    ("receive", 1, "INIT", block, size)   a structure of the target's; the block may show only its beginning
    ("wait", 1, 2.0)                      time that passed
    ("close", 1)                          the suite closed
    ("closed", 1)                         the target closed

A block is lines of hexadecimal digits, each with what they mean behind two spaces. ``00*12000`` is a byte many times, and a
word with @ stands for what is different each time.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

# -- pasted

Item = Any
"""A tuple of the conversation."""

FREE = (
    "PING",
    "NOTIFY",
    "SET_ACK",
    "MULTI_MEDIA_TIME",
    "ACK",
    "KEY_MODIFIERS",
    "MOUSE_MODE_REQUEST",
    "MOUSE_MOTION",
    "MOUSE_POSITION",
)
"""Messages that an end sends when it likes: how many of them come says nothing."""

STEADY = ("main", "inputs")
"""Channels on which an end speaks when there is a reason. On others (pictures, sound) only the kinds of messages count."""


class Ended(Exception):
    """The target closed where it did not in the record, or said nothing for too long."""


class Report:
    """What is printed. ``differences`` is what makes the exit status 1."""

    def __init__(self) -> None:
        self.differences = 0

    def say(self, connection: int, text: str) -> None:
        print(f"[{connection}] {text}", flush=True)

    def differs(self, connection: int, text: str) -> None:
        self.differences += 1
        self.say(connection, f"DIFFERS  {text}")

    def verdict(self) -> int:
        if self.differences:
            print(f"not as recorded: {self.differences} difference(s)")
            return 1
        print("as recorded")
        return 0


def fields_of(block: str) -> list[tuple[str, str]]:
    """Bytes (or @word) and meaning of each line of a block."""
    lines = [line.strip().partition("  ") for line in block.splitlines()]
    return [(word, meaning.strip()) for word, _, meaning in lines if word and not word.startswith("#")]


def bytes_of(word: str) -> bytes:
    """``0a0b`` or ``00*12000``; what is recorded behind the last colon of an @word."""
    if word.startswith("@"):
        word = word.rpartition(":")[2] if ":" in word else ""
    digits, _, count = word.partition("*")
    return bytes.fromhex(digits) * int(count or 1)


def recorded(block: str) -> bytes:
    """The bytes of a block as they were recorded."""
    return b"".join([bytes_of(word) for word, _ in fields_of(block)])


class Connection:
    """One connection to the target. ``mini`` says which headers its messages have."""

    def __init__(self, number: int, channel: str, peer: Any, names: dict[int, str], report: Report, patience: float) -> None:
        self.number = number
        self.channel = channel
        self.mini = True
        self.peer = peer
        self.names = names
        self.report = report
        self.patience = patience
        self.data = b""
        self.ended = False
        self.broken = False
        self.link_size = 0
        self.reply = b""
        self.pending: list[tuple[int, bytes]] = []
        self.pings: list[bytes] = []
        self.generation = b""
        self.session = b""
        self.expected: dict[int, int] = {}
        self.arrived: dict[int, int] = {}

    # -- bytes

    def send(self, data: bytes) -> None:
        try:
            self.peer.settimeout(self.patience)
            self.peer.sendall(data)
        except OSError as error:
            self.report.say(self.number, f"could not send {len(data)} bytes: {error}")

    def fill(self, until: float) -> bool:
        """Wait for more bytes; False if none come."""
        left = until - time.monotonic()
        if self.ended or left <= 0:
            return False
        try:
            self.peer.settimeout(left)
            found = self.peer.recv(65536)
        except socket.timeout:  # noqa: UP041  (another class before Python 3.10)
            return False
        except OSError:
            found = b""
        self.ended = not found
        self.data += found
        return bool(found)

    def take(self, size: int) -> bytes:
        """``size`` bytes. Raises Ended."""
        until = time.monotonic() + self.patience
        while len(self.data) < size:
            if not self.fill(until):
                rest = f" after {self.data[:32].hex()}" if self.data else ""
                raise Ended(f"closed{rest}" if self.ended else f"nothing for {self.patience:g} s{rest}")
        found, self.data = self.data[:size], self.data[size:]
        return found

    # -- structures of the link stage

    def structure(self, name: str, size: int) -> bytes:
        """A structure of the link stage; ``size`` is the recorded one. Raises Ended."""
        if name == "link-header":
            found = self.take(16)
            self.link_size = min(struct.unpack("<L", found[12:])[0], 1 << 20)
            return found
        if name in ("link-message", "link-reply", "link-error"):
            found = self.take(self.link_size)
            self.reply = found
            return found
        if name == "sasl-start":
            return self._counted(0) + self._counted(0)
        if name.startswith("sasl-"):
            return self._counted(1 if name == "sasl-challenge" else 0)
        return self.take(size)

    def _counted(self, behind: int) -> bytes:
        head = self.take(4)
        return head + self.take(min(struct.unpack("<L", head)[0], 1 << 20) + behind)

    # -- messages

    def pump(self) -> None:
        """Cut what has come into messages."""
        header = 6 if self.mini else 18
        while len(self.data) >= header:
            number, size = struct.unpack_from("<HL", self.data, 0 if self.mini else 8)
            if len(self.data) < header + size:
                return
            body, self.data = self.data[header : header + size], self.data[header + size :]
            self.arrived[number] = self.arrived.get(number, 0) + 1
            self.pending.append((number, body))
            name = self.name(number)
            if name == "PING" and len(body) >= 12:
                self.pings.append(body[:12])
            elif name == "SET_ACK":
                self.generation = body[:4]
            elif name == "INIT" and self.channel.startswith("main"):
                self.session = body[:4]

    def message(self, number: int) -> bytes:
        """The body of the next message of a type; others stay for later. Raises Ended."""
        until = time.monotonic() + self.patience
        while True:
            self.pump()
            for index, (found, body) in enumerate(self.pending):
                if found == number:
                    del self.pending[index]
                    return body
            if not self.fill(until):
                raise Ended("closed" if self.ended else f"nothing like it for {self.patience:g} s")

    def name(self, number: int) -> str:
        return self.names.get(number, f"type {number}")

    # -- against the record

    def receive(self, name: str, block: str, size: int, link: bool) -> None:
        """One recorded structure of the target: wait for it, and say where it differs. Raises Ended."""
        old = recorded(block)
        if link or name == "bytes":
            new = self.structure(name, size)
            # Whether a link was granted is what a record is about; keys and capabilities may be others.
            if name in ("link-reply", "link-error", "link-result") and old[:4] != new[:4]:
                raise Ended(f"error {int.from_bytes(new[:4], 'little')}, recorded {int.from_bytes(old[:4], 'little')}")
            if name == "link-header" and old[:8] != new[:8]:
                raise Ended(f"{new.hex()}, recorded {old.hex()}")
        else:
            number = struct.unpack_from("<H", old, 0 if self.mini else 8)[0]
            first = number not in self.expected
            self.expected[number] = self.expected.get(number, 0) + 1
            self.pump()
            if (name in FREE or self.channel.partition(":")[0] not in STEADY) and not first:
                return
            # Taking the message has compared the type; serials differ where messages came that the record does not have.
            new = old[: 6 if self.mini else 18] + self.message(number)
        self.report.say(self.number, f"{name}{self._changes(block, old, new, size)}")

    def _changes(self, block: str, old: bytes, new: bytes, size: int) -> str:
        if old == new[: len(old)]:
            return ""
        found: list[str] = []
        at, seen = 0, ""
        for word, meaning in fields_of(block):
            was = bytes_of(word)
            now = new[at : at + len(was)]
            field = meaning.partition(" = ")[0] or seen
            if was != now and (field != seen or not field):
                shown = [data.hex() if len(data) <= 16 else f"{data[:12].hex()}.." for data in (was, now)]
                found.append(f"{field or f'byte {at}'}: recorded {shown[0]}, now {shown[1] or 'nothing'}")
                seen = field
            at += len(was)
        return "  (" + "; ".join(found[:6]) + ("; ..." if len(found) > 6 else "") + ")"

    def expect_end(self) -> None:
        """The target closed in the record."""
        until = time.monotonic() + self.patience
        while self.fill(until):
            pass
        if not self.ended:
            self.report.differs(self.number, "recorded: the target closes; now it stays open")
        else:
            self.report.say(self.number, "closed by the target")

    def linger(self, seconds: float) -> None:
        """Time passes; what comes meanwhile is looked at."""
        until = time.monotonic() + min(seconds, 60)
        while self.fill(until):
            pass
        left = until - time.monotonic()
        if left > 0:
            time.sleep(left)

    def leave(self, linked: bool) -> None:
        """The record of this connection ends: is there anything that is not in it?"""
        self.linger(0.05)
        if self.broken:
            return
        if not linked:
            if self.data:
                self.report.differs(self.number, f"not in the record: {len(self.data)} bytes, {self.data[:32].hex()}")
            return
        self.pump()
        steady = self.channel.partition(":")[0] in STEADY
        for number, count in sorted(self.arrived.items()):
            more = count - self.expected.get(number, 0)
            if more > 0 and self.name(number) not in FREE and (steady or number not in self.expected):
                self.report.differs(self.number, f"not in the record: {more} x {self.name(number)}")
