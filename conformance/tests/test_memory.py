"""Streams in memory, and a clock that only counts."""

from __future__ import annotations

import pytest

from conformance.memory import MemoryClientNetwork, MemoryServerNetwork
from spiceproto.transport import Action, Close, Connection, Open, Send


class Echo:
    """An end that answers with what it got, and speaks by itself when its time has come."""

    def __init__(self, *, deadline: float | None = None, stuck: bool = False) -> None:
        self.deadline = deadline
        self.stuck = stuck
        self.calls: list[tuple[str, float]] = []
        self.got: list[bytes] = []
        self.connection = Connection(1)
        self._actions: list[Action] = []

    def accept(self, now: float, *, secure: bool) -> Connection:
        self.connection = Connection(1, secure=secure)
        return self.connection

    def start(self, now: float) -> None:
        self._actions.append(Open(self.connection))

    def opened(self, connection: Connection, now: float) -> None:
        self._actions.append(Send(connection, b"hello"))

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        self.got.append(data)
        self._actions.append(Send(connection, data))

    def closed(self, connection: Connection, now: float) -> None:
        self.calls.append(("closed", now))

    def tick(self, now: float) -> None:
        self.calls.append(("tick", now))
        if not self.stuck:
            self.deadline = None
            self._actions += [Send(self.connection, b"time"), Close(self.connection)]

    def take_actions(self) -> list[Action]:
        found, self._actions = self._actions, []
        return found


def test_an_answer_is_there_at_once() -> None:
    network = MemoryServerNetwork(Echo())
    stream = network.connect()
    stream.send(b"abc")
    assert bytes(stream.received) == b"abc" and network.now == 0.0 and not stream.secure


def test_tls_is_a_word_here() -> None:
    end = Echo()
    assert MemoryServerNetwork(end).connect(secure=True).secure and end.connection.secure


def test_pieces() -> None:
    end = Echo()
    stream = MemoryServerNetwork(end, piece=2).connect()
    stream.send(b"abcde")
    assert end.got == [b"ab", b"cd", b"e"]


def test_the_clock_jumps_to_the_deadline() -> None:
    end = Echo(deadline=3600.0)
    network = MemoryServerNetwork(end)
    stream = network.connect()
    assert network.run(lambda: bool(stream.received), 7200)
    assert network.now == 3600.0 and end.calls == [("tick", 3600.0)]
    assert bytes(stream.received) == b"time" and stream.ended == "closed"


def test_the_clock_jumps_no_further_than_the_wait() -> None:
    end = Echo(deadline=10.0)
    network = MemoryServerNetwork(end)
    network.connect()
    assert not network.run(lambda: False, 9.5)
    assert network.now == 9.5 and end.calls == []
    network.run(lambda: False, 0.5)
    assert end.calls == [("tick", 10.0)], "a wait that ends at the deadline has it"


def test_a_deadline_that_is_over_is_now() -> None:
    end = Echo()
    network = MemoryServerNetwork(end)
    network.connect()
    network.run(lambda: False, 5)
    end.deadline = 1.0
    network.run(lambda: False, 1)
    assert end.calls == [("tick", 5.0)] and network.now == 6.0


def test_an_end_that_is_stuck() -> None:
    network = MemoryServerNetwork(Echo(deadline=1.0, stuck=True))
    network.connect()
    with pytest.raises(AssertionError, match="again and again"):
        network.run(lambda: False, 5)


def test_a_stream_that_the_suite_closed() -> None:
    end = Echo()
    network = MemoryServerNetwork(end)
    stream = network.connect()
    stream.close()
    stream.close()
    assert end.calls == [("closed", 0.0)] and not stream.open
    stream.send(b"lost")
    stream.arrived(b"late")
    assert end.got == [] and not stream.received and stream.ended == ""


def test_a_stream_that_the_target_closed() -> None:
    end = Echo(deadline=1.0)
    network = MemoryServerNetwork(end)
    stream = network.connect()
    network.run(lambda: bool(stream.ended), 2)
    stream.send(b"late")
    stream.close()
    assert end.got == [] and ("closed", 1.0) not in end.calls
    assert [chunk.sender for chunk in network.transcript.chunks] == ["server", "client"], "what nobody hears is recorded"


def test_half_a_close() -> None:
    end = Echo()
    stream = MemoryServerNetwork(end).connect()
    stream.half_close()
    assert end.calls == [("closed", 0.0)] and stream.open


def test_a_client_opens_by_itself() -> None:
    end = Echo()
    network = MemoryClientNetwork(end)
    end.start(0.0)
    assert network.run(lambda: bool(network.streams and network.streams[0].received), 1)
    assert bytes(network.streams[0].received) == b"hello"


def test_a_server_opens_nothing() -> None:
    end = Echo()
    network = MemoryServerNetwork(end)
    end.start(0.0)
    with pytest.raises(AssertionError, match="opens no connections"):
        network.collect()
