"""Servers: ports that the guest opens and closes, and what a client may do to them (15.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.byte_channels.steps import check_stream, data, empty, of_client, opened, pattern, stream
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages.port import Event, Init

_OPENS: Final = ("control:port-open",)
_AT_ONCE: Final[dict[str, Any]] = {
    "data": data(b"lost")[0],
    "opened": Event(PortEvent.OPENED),
    "closed": Event(PortEvent.CLOSED),
    "break": Event(PortEvent.BREAK),
    "no-name": Event(77),
}


def _linked(client: SuiteClient, number: int = 0) -> tuple[Talk, Init]:
    if client.session_id == 0:
        client.session()
    talk = client.channel(Ask(ChannelType.PORT, number), wait=False)
    return talk, talk.expect("INIT")


def _open(client: SuiteClient, number: int = 0) -> Talk:
    talk, _ = _linked(client, number)
    opened(client, number)
    return talk


@server_case("SPICE-VMC-014/closed", False, channel="port", needs=_OPENS)
@server_case("SPICE-VMC-014/open", True, channel="port", needs=_OPENS)
def says_whether_it_is_open(client: SuiteClient, is_open: bool) -> None:
    """A port that the guest has open, or closed, is linked: INIT says which. Whether it is open."""
    client.session()
    client.control("port-open", is_open, 0)
    _, init = _linked(client)
    check_value("INIT", "opened", init.opened, int(is_open))


@server_case("SPICE-VMC-015/closed-and-opened", channel="port", needs=_OPENS)
def says_what_the_guest_does(client: SuiteClient) -> None:
    """The guest closes a port, and opens it: EVENT comes for both."""
    talk = _open(client)
    for event in (PortEvent.CLOSED, PortEvent.OPENED):
        client.control("port-open", event == PortEvent.OPENED, 0)
        talk.wait_for("EVENT", event=event)


@server_case("SPICE-VMC-018/data-while-closed", "data", channel="port", needs=_OPENS)
@server_case("SPICE-VMC-018/opened-while-closed", "opened", channel="port", needs=_OPENS)
@server_case("SPICE-VMC-018/break-while-closed", "break", channel="port", needs=_OPENS)
@server_case("SPICE-VMC-018/no-name-while-closed", "no-name", channel="port", needs=_OPENS)
def while_it_is_closed(client: SuiteClient, name: str) -> None:
    """The guest has the port closed, and the client says something there: channel and session go on. What."""
    talk = _open(client)
    client.control("port-open", False, 0)
    talk.send(_AT_ONCE[name])
    client.alive(client.main_talk, "what is said to a closed port is lost")
    talk.expect_open("what is said to a closed port is lost")


@server_case("SPICE-VMC-018/opened", "opened", channel="port")
@server_case("SPICE-VMC-018/closed", "closed", channel="port")
@server_case("SPICE-VMC-018/no-name", "no-name", channel="port")
def says_something(client: SuiteClient, name: str) -> None:
    """EVENT on a port: channel and session go on. What it says."""
    talk = _open(client)
    talk.send(_AT_ONCE[name])
    client.alive(client.main_talk, "EVENT ends nothing")
    talk.expect_open("EVENT ends nothing")


@server_case("SPICE-VMC-019/two-ports", channel="port", needs=("control:port-write", "control:port-read"))
def two_ports(client: SuiteClient) -> None:
    """Guest and client write into two ports in turn: each reads what is for it."""
    client.session()
    client.need_listed(client.listed or (), (ChannelType.PORT, 1))
    talks = [_open(client, number) for number in (0, 1)]
    for number in (0, 1):
        empty(client, number)
    for turn in range(2):
        for number, talk in enumerate(talks):
            client.control("port-write", pattern(50, 100 * number + turn).hex(), number)
            talk.send(*data(pattern(20, 500 + 100 * number + turn)))
    for number, talk in enumerate(talks):
        wanted = b"".join([pattern(50, 100 * number + turn) for turn in range(2)])
        check_stream(stream(talk, len(wanted)), wanted, f"of port {number}")
        of_client(client, b"".join([pattern(20, 500 + 100 * number + turn) for turn in range(2)]), f"for port {number}", number)


@server_case("SPICE-VMC-020/linked-again", channel="port")
def linked_again(client: SuiteClient) -> None:
    """A port is closed and linked again: INIT comes, with the same name."""
    talk, first = _linked(client)
    talk.close()
    client.alive(client.main_talk, "a port is not the session")
    _, second = _linked(client)
    if bytes(second.name) != bytes(first.name):
        raise Failure(f"the name {bytes(first.name)!r}", repr(bytes(second.name)))


@server_case("SPICE-VMC-021/break", channel="port", needs=("control:port-read",))
def hands_a_break_on(client: SuiteClient) -> None:
    """EVENT with BREAK: the guest has a break on its line."""
    talk = _open(client)
    empty(client)
    talk.send(Event(PortEvent.BREAK))
    seen: list[str] = []

    def came() -> bool:
        seen.extend(client.control("port-read", 0)["events"])
        return "break" in seen

    if not client.run(came):
        raise Failure("a break at the guest's device", ", ".join(seen) or "nothing")
