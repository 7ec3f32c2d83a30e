"""Recordings that begin in the middle, and how much of them is decoded right.

The truth is the decode of the whole recording. A message counts if its header begins behind the cut and its connection
before it; it is right if sender, type, size, bytes and time are, and for a channel's own messages the channel.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from socket import AF_INET, inet_pton
from typing import Any, NamedTuple

from spiceproto.capture.consumer import Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.events import Data, Opened, read
from spiceproto.capture.places import Named
from spiceproto.channel_state import State
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.tests.capture_samples import Talk, ethernet, pcapng

PACKETS = (2, 3, 6)
"""Types of pcapng blocks that hold a packet."""

Address = tuple[str, int]
Ends = tuple[Address, Address]
Message = tuple[Address, int, int, int, int, str]
"""Address of the sender, type, size, checksum, time, channel if the type is one of its own."""


class Blocks:
    """A pcapng file as its blocks.

    * ``blocks``: whether each is a packet, and its bytes
    * ``packets``: how many packets there are
    """

    def __init__(self, data: bytes) -> None:
        self.blocks: list[tuple[bool, bytes]] = []
        at = 0
        while at + 12 <= len(data):
            kind, size = int.from_bytes(data[at : at + 4], "little"), int.from_bytes(data[at + 4 : at + 8], "little")
            self.blocks.append((kind in PACKETS, data[at : at + size]))
            at += size
        self.packets = sum(packet for packet, _ in self.blocks)

    def without(self, lost: Iterable[int]) -> bytes:
        """The file without some packets, which count from 1."""
        gone = set(lost)
        number = 0
        out = []
        for packet, block in self.blocks:
            number += packet
            if not (packet and number in gone):
                out.append(block)
        return b"".join(out)

    def cut(self, first: int) -> bytes:
        """The file without its first packets."""
        return self.without(range(1, first + 1))


class Told(NamedTuple):
    """A message as it was decoded, with the packet in which it begins, and its body."""

    message: Message
    frame: int
    body: bytes


class Heard:
    """What was decoded of one connection.

    * ``conversation``: what it is
    * ``messages``: all of them
    """

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.messages: list[Told] = []

    @property
    def ends(self) -> Ends:
        """Both addresses, lower first."""
        connection = self.conversation.connection
        first, second = sorted((connection.client, connection.server))
        return first, second

    @property
    def kind(self) -> tuple[str, bool, Address]:
        """Channel, header and server."""
        return self.conversation.channel, self.conversation.mini_header, self.conversation.connection.server


class Collector:
    """A consumer that keeps messages.

    * ``heard``: by connection
    * ``problems``: all of them
    * ``agents``: table and type of the agent messages
    """

    def __init__(self) -> None:
        self.heard: dict[Conversation, Heard] = {}
        self.problems: list[Diagnostic] = []
        self.agents: list[tuple[str, int]] = []
        self.established: set[Conversation] = set()

    def connection(self, conversation: Conversation) -> None:
        self.heard[conversation] = Heard(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        pass

    def lane(self, conversation: Conversation, sender: str) -> Any:
        self.established.add(conversation)
        heard, connection = self.heard[conversation], conversation.connection
        address = connection.client if sender == "client" else connection.server

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            channel = conversation.channel if number >= 100 else ""
            told = (address, number, len(body), zlib.crc32(body), time_ns, channel)
            heard.messages.append(Told(told, min(frames) if frames else 0, body))

        return emit

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        self.agents.append((table, type))

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """Not counted."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """Not counted."""

    def problem(self, problem: Diagnostic) -> None:
        self.problems.append(problem)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        pass

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        pass

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        pass

    def closed(self, conversation: Conversation, at: At) -> None:
        pass


def decoded(data: bytes, decode_as: Named | None = None) -> Collector:
    """All that a capture holds."""
    found = Collector()
    Decoder(io.BytesIO(data), found, decode_as=decode_as).run()
    return found


class Recording:
    """A recording with its truth.

    * ``blocks``: the file
    * ``truth``: ends -> what was said, for connections directly on TCP whose link stage is whole
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        """``data``: what is read instead of the file."""
        self.path = path
        data = path.read_bytes() if data is None else data
        self.blocks = Blocks(data)
        whole = decoded(data)
        self.truth: dict[Ends, Heard] = {}
        twice = set()
        for conversation, heard in whole.heard.items():
            plain = conversation.connection.layers == ["tcp"] and conversation in whole.established
            if heard.ends in self.truth or not plain:
                twice.add(heard.ends)
            self.truth[heard.ends] = heard
        for ends in twice:
            del self.truth[ends]

    def cuts(self, count: int) -> Iterator[int]:
        """So many places, evenly spread behind the first link stage."""
        begins = [heard.messages[0].frame for heard in self.truth.values() if heard.messages]
        if begins:
            first = min(begins)
            yield from sorted({first + (self.blocks.packets - first) * item // (count + 1) for item in range(1, count + 1)})


def _untimed(messages: Counter[Message]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for message, count in messages.items():
        found[(*message[:4], message[5])] += count
    return found


class Score:
    """What came of some trials.

    * ``right``, ``wrong``, ``missed``: messages
    * ``decisions``: channel, what it was taken for, ten messages or more -> connections
    """

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = 0
        self.decisions: Counter[tuple[str, str, bool]] = Counter()
        self.said: list[str] = []

    def add(self, recording: Recording, cut: int) -> None:
        """One trial: a recording from behind a packet on."""
        found = decoded(recording.blocks.cut(cut))
        for ends, truth in recording.truth.items():
            if truth.conversation.connection.frame <= cut:
                want = Counter(told.message for told in truth.messages if told.frame > cut)
                whole = Counter(told.message for told in truth.messages)
                self._count(f"{recording.path.stem} {cut}", truth, want, whole, of_ends(found, ends))

    def add_full(self, recording: Recording, cut: int) -> None:
        """The same under full headers, whose times are others."""
        data, wanted = with_full_headers(recording.truth, cut)
        found = decoded(data)
        for ends, truth in recording.truth.items():
            items = of_ends(found, ends)
            for item in items:
                item.messages = [told._replace(message=(*told.message[:4], 0, told.message[5])) for told in item.messages]
            self._count(f"{recording.path.stem} {cut}", truth, wanted[ends], wanted[ends], items, mini=False)

    def _count(
        self,
        where: str,
        truth: Heard,
        want: Counter[Message],
        whole: Counter[Message],
        items: list[Heard],
        *,
        mini: bool = True,
    ) -> None:
        if not want:
            return
        have = Counter(told.message for item in items for told in item.messages)
        decided = self._decision(truth, items[-1], mini) if items else "silent"
        self.decisions[truth.conversation.channel, decided, want.total() >= 10] += 1
        right = (want & have).total()
        # What was sent again behind the cut has another time.
        wrong = (_untimed(have) - _untimed(whole)).total()
        self.right += right
        self.wrong += wrong
        self.missed += want.total() - right
        if wrong or want.total() > right:
            kind = truth.conversation.channel
            self.said.append(f"{where} {kind} as {decided}: {right} right, {wrong} wrong, {want.total() - right} missed")

    @staticmethod
    def _decision(truth: Heard, item: Heard, mini: bool) -> str:
        channel, header, server = item.kind
        if header != (truth.kind[1] if mini else False) or server != truth.kind[2]:
            return "another header or end"
        return channel or "unknown"


def of_ends(found: Collector, ends: Ends) -> list[Heard]:
    """What was decoded between two addresses."""
    return [item for item in found.heard.values() if item.ends == ends]


def lost_in_link(recording: Recording) -> Iterator[tuple[Heard, int, Heard | None]]:
    """Each packet of each link stage lost in turn: the truth of its connection, the packet, what is decoded."""
    packets = [block for packet, block in recording.blocks.blocks if packet]
    for ends, truth in recording.truth.items():
        if not truth.messages:
            continue
        first, second = (end[1].to_bytes(2, "big") for end in ends)
        for frame in range(truth.conversation.connection.frame, min(told.frame for told in truth.messages)):
            block = packets[frame - 1]
            if first + second in block or second + first in block:
                found = decoded(recording.blocks.without([frame]))
                yield truth, frame, next((item for item in found.heard.values() if item.ends == ends), None)


def in_pieces(path: Path, size: int) -> bytes:
    """A recording whose segments are at most so long, as they are on a network."""
    talks: dict[int, Talk] = {}
    packets: list[bytes] = []
    for event in read(path):
        connection = event.connection
        number = connection.tcp_stream
        if isinstance(event, Opened):
            # Addresses of their own, for a port may be used twice.
            ends = [(inet_pton(AF_INET, "127.0.0.1"), port) for port in (connection.client[1], connection.server[1])]
            talks[number] = talk = Talk(ends[0], ends[1])
            talk.open()
        elif isinstance(event, Data):
            talk = talks[number]
            for at in range(0, len(event.chunk), size):
                talk.send(event.from_client, event.chunk[at : at + size])
        else:
            continue
        packets += talk.packets
        talk.packets.clear()
    return pcapng(map(ethernet, packets))


def with_full_headers(truth: Mapping[Ends, Heard], cut: int) -> tuple[bytes, dict[Ends, Counter[Message]]]:
    """What was said behind a packet, under full headers, without link stages; and what should be decoded of it."""
    packets: list[tuple[int, bytes]] = []
    want: dict[Ends, Counter[Message]] = {}
    for ends, heard in truth.items():
        connection = heard.conversation.connection
        client, server = ((inet_pton(AF_INET, "127.0.0.1"), end[1]) for end in (connection.client, connection.server))
        talk = Talk(client, server)
        serials = {True: 0, False: 0}
        want[ends] = Counter()
        for told in heard.messages:
            from_client = told.message[0] == connection.client
            serials[from_client] += 1
            if told.frame <= cut or connection.frame > cut:
                continue
            want[ends][(*told.message[:4], 0, told.message[5])] += 1
            data = struct.pack("<QHII", serials[from_client], told.message[1], len(told.body), 0) + told.body
            for at in range(0, len(data), 60_000):
                talk.send(from_client, data[at : at + 60_000])
                packets.append((told.frame, talk.packets[-1]))
    packets.sort(key=lambda item: item[0])
    return pcapng([ethernet(packet) for _, packet in packets]), want
