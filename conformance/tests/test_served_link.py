"""Links that no case takes are served by the suite, whatever order they come in and whatever the case is about."""

from __future__ import annotations

import pytest

from conformance.address import open_target
from conformance.as_server import SuiteServer
from conformance.case import Case
from conformance.channels import LISTED
from conformance.memory import MemoryClientNetwork
from conformance.outcome import Failure, NotApplicable
from conformance.target import Target
from conformance.tests.test_memory import Echo
from spiceproto.capabilities import NONE
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common
from spiceproto.transport import Connection, Open, Send

CASE = Case("SPICE-MAIN-015/x", "client", lambda server: None, "x")
INPUTS = (ChannelType.INPUTS, 0)
ORDERS = ("parallel", "reversed", "sequential")


def serving(order: str = "parallel") -> SuiteServer:
    """The suite as a server, and a client that has not come yet."""
    target = open_target(f"ref:client?link={order}")
    network = target.open(CASE)
    assert isinstance(network, MemoryClientNetwork)
    return SuiteServer(network, target)


def named(server: SuiteServer) -> list[str]:
    return [talk.name for talk in server.talking]


@pytest.mark.parametrize("order", ORDERS)
def test_a_case_about_main_leaves_no_link_waiting(order: str) -> None:
    server = serving(order)
    talk = server.main()
    server.list_channels(talk, *LISTED)
    server.alive(talk)
    assert sorted(named(server)) == ["cursor:0", "display:0", "inputs:0", "main:0"]
    assert all(each.count("PONG") == (each is talk) for each in server.talking)


def test_what_is_announced_there() -> None:
    server = serving()
    server.session(common=NONE)
    server.link_others()
    assert all(not each.mini_header for each in server.talking)
    server = serving("sequential")
    server.session()
    server.linked(*INPUTS, capabilities=NONE)
    server.link_others()
    assert [each.name for each in server.talking if not each.mini_header] == ["inputs:0"]


@pytest.mark.parametrize(
    ("order", "first", "left"), [("parallel", "display:0", 2), ("sequential", "display:0", 0), ("reversed", "cursor:0", 2)]
)
def test_a_link_that_a_case_takes_is_left_to_it_and_no_other(order: str, first: str, left: int) -> None:
    server = serving(order)
    talk = server.session()
    wire = server.next_asked()
    assert wire is not None and wire.asked.name == first
    server.wait_quiet()
    assert len(server.talks) == 1 + left, "who links one behind the other waits for the one that the case has"
    server.greet(wire.link())
    server.alive(talk)
    assert len(server.talks) == 4


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_is_served_while_a_case_takes_all(order: str) -> None:
    server = serving(order)
    talk = server.session()
    with server.taking():
        taken = []
        while (wire := server.next_asked()) is not None:
            taken.append(wire.asked.name)
            assert named(server) == ["main:0", *taken[:-1]]
            server.greet(wire.link())
    assert sorted(taken) == ["cursor:0", "display:0", "inputs:0"]
    server.alive(talk)


class Beginner(Echo):
    """A client that says something of its own on each connection, and then no more. Bytes of the suite are passed over."""

    def __init__(self, *says: bytes) -> None:
        super().__init__()
        self.says = says

    def start(self, now: float) -> None:
        self._actions += [Open(Connection(number)) for number in range(len(self.says))]

    def opened(self, connection: Connection, now: float) -> None:
        self._actions.append(Send(connection, self.says[connection.number]))

    def receive(self, connection: Connection, data: bytes, now: float) -> None: ...


class Begins(Target):
    """A target that is such a client; its network is made beside it."""

    role = "client"

    def open(self, case: Case) -> MemoryClientNetwork:
        raise NotImplementedError


def _message(kind: int, number: int = 0) -> bytes:
    """A link message without capabilities."""
    return b"REDQ" + bytes([2, 0, 0, 0, 2, 0, 0, 0, 18, 0, 0, 0]) + bytes([1, 0, 0, 0, kind, number]) + bytes(8) + b"\x12\0\0\0"


def beginning(*says: bytes) -> SuiteServer:
    """A client that has said this on its connections."""
    end = Beginner(*says)
    network = MemoryClientNetwork(end)
    end.start(0.0)
    network.collect()
    return SuiteServer(network, Begins("client:x"))


@pytest.mark.parametrize(
    ("says", "due"),
    [
        (_message(3)[:30], "a link message of 18 bytes"),
        (_message(3), "a ticket of 128 bytes"),
        (_message(3) + bytes(100), "a ticket of 128 bytes"),
        (_message(3)[:12] + b"\xf0\xff\xff\xff" + _message(3)[16:], "a link message of 4294967280 bytes"),
    ],
)
def test_a_link_stage_that_stops_is_said_to_who_needs_it(says: bytes, due: str) -> None:
    with pytest.raises(Failure, match=f"expected {due}; found nothing for 5 s"):
        beginning(says).link_others()
    if len(says) > 30 and due.startswith("a ticket"):
        with pytest.raises(Failure, match=f"expected {due}"):
            beginning(says).linked(*INPUTS)
        with pytest.raises(NotApplicable, match="the target links no display:0"):
            beginning(says).linked(ChannelType.DISPLAY)


def test_a_connection_without_a_link_message() -> None:
    with pytest.raises(Failure, match="a link header"):
        beginning(b"RED").link_others()


def test_a_channel_that_is_linked_twice() -> None:
    server = beginning(_message(3) + bytes(128), _message(3) + bytes(128))
    first = server.linked(*INPUTS)
    server.link_others()
    assert [asked.name for asked in server.links] == ["inputs:0", "inputs:0"]
    assert server.talks[INPUTS] is first, "a second link does not take the place of the first"
    assert first.sent_serial == 1 and len(server.network.streams) == 2


def test_messages_of_a_served_channel_are_taken() -> None:
    server = serving("sequential")
    talk = server.session(INPUTS)
    server.talks[INPUTS].send(common.Ping(4, 5, b""))
    server.alive(talk)
    assert server.talks[INPUTS].count("PONG") == 1
