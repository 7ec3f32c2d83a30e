"""A client that links its channels strictly one after another: a stranger to the suite, in plain sockets.

    python -m conformance.tests.one_after_another HOST PORT PASSWORD

It is as clients with one thread are. While it links a channel it does nothing else: it waits for the link result, and then
for the first message of the channel, and answers nothing on the others meanwhile. It shares no code with the suite or the
references, on purpose. It goes to another host when it is told to, without TLS.
"""

from __future__ import annotations

import hashlib
import os
import select
import socket
import struct
import sys

MAIN, DISPLAY, INPUTS, CURSOR = 1, 2, 3, 4
SET_ACK, PING, WAIT_FOR_CHANNELS, LIST = 3, 4, 5, 8
INIT, CHANNELS_LIST, SWITCH_HOST = 103, 104, 111
ACK_SYNC, ACK, PONG, DISPLAY_INIT, ATTACH_CHANNELS = 1, 2, 3, 101, 104
SELECTION, TICKET, SASL, MINI = 1, 2, 4, 8
LARGEST = 64 << 20
LONGEST = 60
TIME = 15.0


class Lost(Exception):
    """A connection that is of no use any more."""


class Elsewhere(Exception):
    """The session is over, and another one is to begin at ``place``."""

    def __init__(self, place: tuple[str, int]) -> None:
        super().__init__(place)
        self.place = place


def masked(data: bytes, seed: bytes) -> bytes:
    """Under the mask that RSAES-OAEP makes of a seed."""
    mask = b"".join([hashlib.sha1(seed + struct.pack(">I", number)).digest() for number in range(len(data) // 20 + 1)])
    return bytes([one ^ other for one, other in zip(data, mask, strict=False)])


def encrypted(password: bytes, key: bytes) -> bytes:
    """The password and a zero byte, with the key of a link reply."""
    modulus, exponent, seed = int.from_bytes(key[28:157], "big"), int.from_bytes(key[159:162], "big"), os.urandom(20)
    text = password + b"\0"
    block = masked(hashlib.sha1(b"").digest() + bytes(128 - 42 - len(text)) + b"\1" + text, seed)
    whole = int.from_bytes(masked(seed, block) + block, "big")
    return pow(whole, exponent, modulus).to_bytes(128, "big")


class Link:
    """A channel: its link stage, and its messages."""

    def __init__(self, place: tuple[str, int], password: bytes, session: int, kind: int, number: int) -> None:
        self.socket = socket.create_connection(place, TIME)
        self.buffer = bytearray()
        self.open = True
        self.mini = False
        self.sent = self.handled = self.window = self.due = 0
        self.waits: list[tuple[int, int, int]] = []
        words = SELECTION | TICKET | MINI
        self.socket.sendall(b"REDQ" + struct.pack("<IIIIBBIIII", 2, 2, 22, session, kind, number, 1, 0, 18, words))
        letters, major, _, size = struct.unpack("<4sIII", self.read(16))
        if letters != b"REDQ" or major != 2 or not 4 <= size <= 4096:
            raise Lost("no link header")
        reply = self.read(size)
        if reply[:4] != bytes(4) or size < 178:
            raise Lost("refused")
        common, own, at = struct.unpack_from("<III", reply, 166)
        if common + own and (at < 178 or at + 4 * (common + own) > size):
            raise Lost("words outside of the link reply")
        theirs = struct.unpack_from("<I", reply, at)[0] if common else 0
        if theirs & SELECTION and theirs & SASL and not theirs & TICKET:
            raise Lost("SASL is all it has")
        self.mini = bool(theirs & MINI)
        self.socket.sendall(struct.pack("<I", 1)[: 4 * (theirs & SELECTION)] + encrypted(password, reply[4:166]))
        if self.read(4) != bytes(4):
            raise Lost("not logged in")

    def read(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self.receive()
        found = bytes(self.buffer[:size])
        del self.buffer[:size]
        return found

    def receive(self) -> None:
        data = self.socket.recv(1 << 18)
        if not data:
            raise Lost("closed")
        self.buffer += data

    def send(self, number: int, body: bytes = b"") -> None:
        self.sent += 1
        head = struct.pack("<HI", number, len(body)) if self.mini else struct.pack("<QHII", self.sent, number, len(body), 0)
        self.socket.sendall(head + body)

    def next(self) -> tuple[int, bytes, int] | None:
        """The next message: type, body, and where in it the list of those inside begins."""
        begin = 6 if self.mini else 18
        if len(self.buffer) < begin:
            return None
        number, size = struct.unpack_from("<HI", self.buffer, 0 if self.mini else 8)
        if size > LARGEST:
            raise Lost("too large")
        if len(self.buffer) < begin + size:
            return None
        inside = 0 if self.mini else struct.unpack_from("<I", self.buffer, 14)[0]
        body = bytes(self.buffer[begin : begin + size])
        del self.buffer[: begin + size]
        return number, body, inside

    def close(self) -> None:
        self.open = False
        self.socket.close()


def parts(body: bytes, at: int) -> list[tuple[int, bytes]]:
    """The messages inside of one; its list begins at ``at``."""
    found = []
    (count,) = struct.unpack_from("<H", body, at)
    for place in struct.unpack_from(f"<{count}I", body, at + 2):
        number, size = struct.unpack_from("<HI", body, place)
        if place + 6 + size > len(body):
            raise struct.error
        found.append((number, body[place + 6 : place + 6 + size]))
    return found


class Session:
    """All channels, by type and id."""

    def __init__(self, place: tuple[str, int], password: bytes) -> None:
        if len(password) > LONGEST:
            raise Lost("before it began: the password is too long")
        self.place, self.password, self.id = place, password, 0
        self.links: dict[tuple[int, int], Link] = {}
        self.main = self.links[MAIN, 0] = Link(place, password, 0, MAIN, 0)

    def run(self) -> None:
        """Until main is gone."""
        while True:
            while any(self.take(channel) for channel in list(self.links)):
                pass
            there = {link.socket: link for link in self.links.values() if link.open}
            for sock in select.select(list(there), [], [])[0]:
                self.survive(there[sock], there[sock].receive)

    def survive(self, link: Link, step: object, *values: object) -> bool:
        """Do something with a link; main takes the session with it when it is lost."""
        try:
            return bool(step(*values))  # type: ignore[operator]
        except (Lost, OSError):
            link.close()
            if link is self.main:
                raise
            return False

    def take(self, channel: tuple[int, int]) -> bool:
        """Handle the next message of a channel, if there is one and it is its turn."""
        link = self.links[channel]
        return link.open and not self.waiting(link) and self.survive(link, self.handle, channel, link)

    def waiting(self, link: Link) -> bool:
        """Whether a channel that it waits for has not handled the message."""
        there = [(self.links.get((kind, number)), serial) for kind, number, serial in link.waits]
        return any(other is not None and other.open and other.handled < serial for other, serial in there)

    def handle(self, channel: tuple[int, int], link: Link) -> bool:
        found = link.next()
        if found is None:
            return False
        number, body, inside = found
        link.due += link.window > 0
        if link.window and link.due >= link.window:
            link.due = 0
            link.send(ACK)
        try:
            for part in parts(body, inside) if inside else parts(body, 0) if number == LIST else []:
                self.message(channel, link, *part)
            self.message(channel, link, number, body)
        except struct.error:
            pass  # it is skipped
        link.handled += 1
        return True

    def message(self, channel: tuple[int, int], link: Link, number: int, body: bytes) -> None:
        if number == SET_ACK:
            generation, window = struct.unpack_from("<II", body)
            link.window, link.due = window, 0
            link.send(ACK_SYNC, struct.pack("<I", generation))
        elif number == PING:
            link.send(PONG, struct.pack("<IQ", *struct.unpack_from("<IQ", body)))
        elif number == WAIT_FOR_CHANNELS:
            entries = [struct.unpack_from("<BBQ", body, 1 + 10 * entry) for entry in range(body[0] if body else 0)]
            link.waits = entries
        elif channel == (MAIN, 0) and number == INIT and not self.id:
            self.id = struct.unpack_from("<8I", body)[0]
            link.send(ATTACH_CHANNELS)
        elif channel == (MAIN, 0) and number == CHANNELS_LIST and self.id:
            count = struct.unpack_from("<I", body)[0]
            for at in range(4, 4 + 2 * min(count, len(body) + 1), 2):
                struct.unpack_from("<BB", body, at)
            for at in range(4, 4 + 2 * count, 2):
                if body[at] in (DISPLAY, INPUTS, CURSOR) and (body[at], body[at + 1]) not in self.links:
                    self.link(body[at], body[at + 1])

        elif channel == (MAIN, 0) and number == SWITCH_HOST and self.id:
            port, _, size, at = struct.unpack_from("<HHII", body)
            host = body[at : at + size].rstrip(b"\0").decode(errors="replace") if at else ""
            if not host or not port:
                raise Lost("it is told to go nowhere")
            raise Elsewhere((host, port))

    def leave(self) -> None:
        """Close everything."""
        for link in self.links.values():
            link.close()

    def link(self, kind: int, number: int) -> None:
        """Link a channel, and do nothing else before its first message is handled."""
        try:
            link = self.links[kind, number] = Link(self.place, self.password, self.id, kind, number)
        except (Lost, OSError):
            return
        if kind == DISPLAY:
            link.send(DISPLAY_INIT, struct.pack("<BqBi", 1, 1 << 20, 1, 1 << 20))
        while link.open and not link.handled:
            if not self.take((kind, number)):
                self.survive(link, link.receive)


def follow(place: tuple[str, int], password: bytes) -> None:
    """A session, and those at other hosts to which it is sent. Raises Lost or OSError when main is gone."""
    while True:
        session = Session(place, password)
        try:
            session.run()
        except Elsewhere as other:
            session.leave()
            place = other.place


if __name__ == "__main__":
    try:
        follow((sys.argv[1], int(sys.argv[2])), sys.argv[3].encode())
    except (Lost, OSError) as error:
        sys.exit(f"main is gone: {error}")
