"""What link stage and message layer have for peers that break a rule: each name does what its class says of it."""

from __future__ import annotations

from typing import Any

import pytest

from spiceproto import flow, framing
from spiceproto.channel import Channel, MessageReceived, Part, UnknownMessage
from spiceproto.errors import RemoteError
from spiceproto.link.exchange import Endpoint
from spiceproto.messages import common


def test_an_endpoint_can_be_looked_at_and_changed() -> None:
    found: list[bytes] = []
    end = Endpoint()
    end.expect("ticket", 4, found.append)
    assert (end.stage, end.wanted, len(end.inbox)) == ("ticket", 4, 0)
    end.inbox.add(b"ab")
    end.send(b"first")
    end.send(b"second")
    assert end.sent_offset == 11
    end.unsent.reverse()
    assert end.bytes_to_send() == b"secondfirst" and end.unsent == [] and end.sent_offset == 11
    end.refuse(None, "why not")
    assert end.closing and [event.stage for event in end.take_events()] == ["ticket"]  # type: ignore[union-attr]
    assert end.take_events() == []


class Watching(Channel):
    """Writes down which way messages take."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.way: list[str] = []

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        self.way.append(f"enqueue {type}")
        super().enqueue(sender, type, body, serial, offset, sub_list)

    def unknown(self, part: Any) -> UnknownMessage:
        self.way.append("unknown")
        return super().unknown(part)

    def note(self, value: Any) -> None:
        self.way.append("note")
        super().note(value)

    def answer(self, value: Any) -> None:
        self.way.append("answer")
        super().answer(value)

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        self.way.append(f"frame {type}")
        return super().frame(type, body, sub_list)


def test_a_message_passes_what_a_peer_may_override() -> None:
    server = Channel("server", "main", True)
    client = Watching("client", "main", True)
    client.receive(server.ping(1.0) + server.send_raw(250, b""))
    assert [part.type for part in client.queue if isinstance(part, Part)] == [4, 250]
    assert isinstance(client.next_event(), MessageReceived) and isinstance(client.next_event(), UnknownMessage)
    assert client.way == ["enqueue 4", "enqueue 250", "note", "answer", "frame 3", "unknown"]
    assert len(client.unsent) == 1 and client.bytes_to_send() and client.unsent == []
    assert (client.writer.serial, client.readers["server"].serial) == (1, 2)
    client.end()
    client.receive(server.ping(2.0))
    assert client.next_event() is None


def test_a_reader_forgets_half_a_message() -> None:
    reader = framing.Reader(True)
    whole = framing.Writer(True).frame(3, b"body")
    reader.feed(whole[:7])
    assert reader.pending == 7
    reader.forget()
    assert reader.pending == 0
    reader.finish()
    reader.feed(whole[:7])
    with pytest.raises(RemoteError, match="inside a message"):
        reader.finish()


def test_which_pongs_are_waited_for() -> None:
    pings = flow.Pings()
    ping = pings.ping(1.5)
    assert flow.pong(ping) in pings and common.Pong(ping.id, ping.timestamp + 1) not in pings
    pings.pong(flow.pong(ping), 2.0)
    assert flow.pong(ping) not in pings
