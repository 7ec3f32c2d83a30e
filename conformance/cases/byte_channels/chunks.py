"""A webdav channel as the suite sees it: chunks out of the stream, and what was said on each connection of the guest."""

from __future__ import annotations

from typing import Final

from conformance.outcome import Failure, NotApplicable
from conformance.peer import Peer
from conformance.talk import Talk
from spiceproto import byte_channel
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.messages.spicevmc import Data
from spiceproto.mux import Demultiplexer, multiplex

__all__ = ["Connections", "get", "head", "say"]

_HEAD: Final = b"\r\n\r\n"


def get(path: str) -> bytes:
    """A request for a file."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1")


def say(talk: Talk, number: int, data: bytes) -> None:
    """A chunk, in a message of its own; without bytes the end of the connection."""
    talk.send(Data(multiplex(number, data)))


def head(answer: bytes) -> tuple[int, int]:
    """Status and size of the body of an answer whose head is whole. Raises Failure for what is no answer."""
    first, _, fields = answer.partition(b"\r\n")
    words = first.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise Failure("an answer of HTTP", repr(first[:60]))
    for line in fields.partition(_HEAD)[0].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(words[1]), int(value)
    return int(words[1]), -1


class Connections:
    """What has come, by the numbers of connections: ``said`` their bytes, ``over`` the numbers that were ended."""

    def __init__(self, peer: Peer, talk: Talk) -> None:
        self.said: dict[int, bytes] = {}
        self.over: list[int] = []
        self._peer = peer
        self._talk = talk
        self._parts = Demultiplexer()

    def pump(self) -> None:
        """Take what lies in the inbox. Raises Failure for what can not be inflated."""
        for message in self._talk.unread("DATA", "COMPRESSED_DATA"):
            try:
                stretch = byte_channel.unpack(message.parsed)
            except RemoteError as error:
                raise Failure("COMPRESSED_DATA that can be inflated", str(error)) from None
            except MissingExtraError as error:
                raise NotApplicable(f"the suite can not inflate: {error}") from None
            for chunk in self._parts.receive(stretch):
                if chunk.data:
                    self.said[chunk.client] = self.said.get(chunk.client, b"") + bytes(chunk.data)
                else:
                    self.over.append(chunk.client)
        self._talk.drop("DATA", "COMPRESSED_DATA")

    def answer(self, number: int, why: str = "") -> tuple[int, bytes]:
        """Status and body of the next answer on a connection; status 0 if it was ended instead. Raises Failure."""

        def whole() -> bool:
            self.pump()
            said = self.said.get(number, b"")
            if number in self.over or self._talk.closed:
                return True
            if _HEAD not in said:
                return False
            size = head(said)[1]
            return size >= 0 and len(said.partition(_HEAD)[2]) >= size

        self._peer.step(f"{self._talk.name}: expect an answer on connection {number}")
        came = self._peer.run(whole)
        said = self.said.pop(number, b"")
        if not said and number in self.over:
            return 0, b""
        if not came or not said or _HEAD not in said:
            seen = f"{len(said)} bytes of it" if said else "nothing of it"
            others = f"; others: {sorted(self.said)}" if self.said else ""
            state = f"; {self._talk.name} was {self._talk.stream.ended}" if self._talk.closed else ""
            raise Failure(f"an answer on connection {number}" + (f" ({why})" if why else ""), seen + others + state)
        status, size = head(said)
        body = said.partition(_HEAD)[2]
        if 0 <= size < len(body):
            self.said[number], body = body[size:], body[:size]
        return status, body
