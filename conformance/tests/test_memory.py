"""Streams in memory, and a clock that only counts."""

from __future__ import annotations

import pytest

from conformance.memory import MemoryClientNetwork, MemoryServerNetwork
from conformance.outcome import TargetUnusable
from spiceproto.transport import Action, Close, Connection, Open, Place, Send


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


def test_two_servers_live_on_one_clock() -> None:
    source, destination = Echo(deadline=3.0), Echo(deadline=2.0)
    network = MemoryServerNetwork(source, destination=destination)
    here, there = network.connect(), network.connect(place=1)
    there.send(b"there")
    here.send(b"here")
    assert (here.place, there.place) == (0, 1)
    assert (source.got, destination.got) == ([b"here"], [b"there"])
    assert network.run(lambda: bool(there.ended), 10.0) and network.now == 2.0 and not here.ended
    assert network.run(lambda: bool(here.ended), 10.0) and network.now == 3.0
    assert (bytes(here.received), bytes(there.received)) == (b"heretime", b"theretime")
    assert [(chunk.place, chunk.data) for chunk in network.transcript.chunks if chunk.sender == "client"] == [
        (1, b"there"),
        (0, b"here"),
    ]


def test_what_is_closed_is_heard_where_it_was() -> None:
    source, destination = Echo(), Echo()
    network = MemoryServerNetwork(source, destination=destination)
    network.connect()
    network.connect(place=1).close()
    assert not source.calls and destination.calls == [("closed", 0.0)]


def test_without_a_destination_nobody_is_there() -> None:
    with pytest.raises(TargetUnusable, match="no destination"):
        MemoryServerNetwork(Echo()).connect(place=1)


class Traveller(Echo):
    """A client that opens what it is told to, and keeps what came of it."""

    def __init__(self, *wanted: Open) -> None:
        super().__init__()
        self.wanted = wanted
        self.outcome: list[str] = []

    def start(self, now: float) -> None:
        self._actions += self.wanted

    def opened(self, connection: Connection, now: float) -> None:
        self.outcome.append("opened")

    def failed(self, connection: Connection, now: float, text: str) -> None:
        self.outcome.append(text)


_SUBJECT = "O=SPICE reference,CN=localhost"


@pytest.mark.parametrize(
    ("secure", "place", "outcome"),
    [
        (False, None, "opened"),
        (False, Place(host="127.0.0.1", port=5910, tls_port=0), "opened"),
        (False, Place(host="127.0.0.1", port=5912, tls_port=0), "nobody listens at port 5912"),
        (False, Place(host="elsewhere", port=5910, tls_port=0), "no such host: elsewhere"),
        (True, Place(host="127.0.0.1", port=0, tls_port=5911), "opened"),
        (True, Place(host="127.0.0.1", port=0, tls_port=5910), "no TLS there"),
        (True, Place(host="127.0.0.1", port=0, tls_port=5912), "nobody listens at port 5912"),
        (True, Place(host="127.0.0.2", port=0, tls_port=5911), "the certificate is not that of 127.0.0.2"),
        (True, Place(host="127.0.0.2", port=0, tls_port=5911, subject=_SUBJECT), "opened"),
        (True, Place(host="127.0.0.1", port=0, tls_port=5911, subject="CN=other"), f"the certificate is that of {_SUBJECT}"),
    ],
)
def test_where_a_client_gets_to(secure: bool, place: Place | None, outcome: str) -> None:
    end = Traveller(Open(Connection(1, secure=secure), place))
    network = MemoryClientNetwork(end)
    known = network.destination()
    assert (known.port, known.tls_port, known.closed_port, known.subject) == (5910, 5911, 5912, _SUBJECT)
    end.start(0.0)
    network.collect()
    assert end.outcome == [outcome]
    assert [stream.place for stream in network.streams] == ([0 if place is None else 1] if outcome == "opened" else [])


def test_a_destination_is_nowhere_until_somebody_asks_for_it() -> None:
    end = Traveller(Open(Connection(1), Place(host="127.0.0.1", port=5910, tls_port=0)))
    network = MemoryClientNetwork(end)
    end.start(0.0)
    network.collect()
    assert end.outcome == ["no such host: 127.0.0.1"] and not network.streams
