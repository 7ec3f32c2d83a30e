"""Clients: what servers say of ports (15.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.byte_channels.steps import check_stream, data, of_guest, on_channel, pattern, stream
from conformance.channels import LISTED
from conformance.outcome import Failure, Undriven
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages.port import Event, Init

_INIT: Final = Init(b"org.spice-space.suite.0\0", opened=1)
_CLOSED: Final = Init(_INIT.name, opened=0)

_ODD: Final[dict[str, tuple[Any, ...]]] = {
    "init-again": (_INIT, _INIT, _CLOSED, Init(b"org.spice-space.other.0\0", opened=1)),
    "opened-again": (_INIT, Event(PortEvent.OPENED), Event(PortEvent.OPENED)),
    "closed-again": (_INIT, Event(PortEvent.CLOSED), Event(PortEvent.CLOSED)),
    "no-name": (_INIT, Event(77), Event(255)),
    "break-while-closed": (_CLOSED, Event(PortEvent.BREAK)),
    "data-while-closed": (_CLOSED, *data(b"out of nowhere")),
    "data-before-init": (*data(b"early"), _INIT),
    "event-before-init": (Event(PortEvent.OPENED), _INIT),
}

_NAMES: Final = {
    "no-byte": b"",
    "zero-byte-alone": b"\0",
    "no-zero-byte": b"org.spice-space.suite.0",
    "no-text": b"\xff\xfe\x80\0",
    "a-thousand": b"x" * 1000 + b"\0",
    "a-path": b"../../../etc/passwd\0",
}

_PORTS: Final = ((3, b"org.spice-space.suite.a"), (0, b"org.spice-space.suite.b"), (1, b"org.spice-space.suite.c"))
"""Ids in the order of the list, and names."""


_ORDINARY: Final = ("SPICE-VMC-022/ordinary",)


@client_case("SPICE-VMC-022/ordinary", channel="port")
def lives_with_a_port(server: SuiteServer) -> None:
    """A port is opened and closed as it should be: the client goes on."""
    talk = on_channel(server)
    server.alive(talk, "what follows is taken")
    talk.send(Event(PortEvent.CLOSED), Event(PortEvent.OPENED))
    server.alive(talk, "what follows is taken")


@client_case("SPICE-VMC-022/init-again", "init-again", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/opened-again", "opened-again", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/closed-again", "closed-again", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/no-name", "no-name", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/break-while-closed", "break-while-closed", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/data-while-closed", "data-while-closed", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/data-before-init", "data-before-init", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-022/event-before-init", "event-before-init", channel="port", requires=_ORDINARY)
def lives_with(server: SuiteServer, name: str) -> None:
    """A server that says the wrong thing of a port: the client goes on. What."""
    talk = on_channel(server, ChannelType.PORT, *_ODD[name])
    server.alive(talk, "what follows is taken")
    server.alive(server.main_talk)


@client_case("SPICE-VMC-023/no-byte", "no-byte", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-023/zero-byte-alone", "zero-byte-alone", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-023/no-zero-byte", "no-zero-byte", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-023/no-text", "no-text", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-023/a-thousand", "a-thousand", channel="port", requires=_ORDINARY)
@client_case("SPICE-VMC-023/a-path", "a-path", channel="port", requires=_ORDINARY)
def any_name(server: SuiteServer, name: str) -> None:
    """A port with an odd name: the client goes on. Its name."""
    talk = on_channel(server, ChannelType.PORT, Init(_NAMES[name], opened=1))
    talk.send(*data(b"hello"), Event(PortEvent.BREAK))
    server.alive(talk, "a name is a name")
    server.alive(server.main_talk)


@client_case("SPICE-VMC-024/out-of-order", channel="port", needs=("act:port-write", "act:port-read"))
def by_name(server: SuiteServer) -> None:
    """Three ports with ids out of order: the user writes into one of them by its name, and reads of each what came there."""
    server.greetings["port"] = ()
    kind = ChannelType.PORT
    server.session(listed=(*LISTED, *[(kind, number) for number, _ in _PORTS]))
    talks = []
    for place, (number, name) in enumerate(_PORTS):
        # Who links one channel behind the other may wait for what is said on it.
        talks.append(talk := server.linked(kind, number))
        talk.send(Init(name + b"\0", opened=1), *data(pattern(30, 100 * place)))
        server.alive(talk)
    for place, (_, name) in enumerate(_PORTS):
        of_guest(server, pattern(30, 100 * place), f"of {name.decode()}", name.decode())
    for place in (1, 0, 2):
        server.act("port-write", data=pattern(30, 500 + place).hex(), name=_PORTS[place][1].decode())
        check_stream(stream(talks[place], 30), pattern(30, 500 + place), f"for {_PORTS[place][1].decode()}")
        for other in talks:
            if other.unread("DATA", "COMPRESSED_DATA"):
                raise Failure("nothing on the other ports", f"DATA on {other.name}")


@client_case("SPICE-VMC-025/closed", channel="port", needs=("act:port-write",))
def nothing_into_a_closed_port(server: SuiteServer) -> None:
    """The user writes into a port that the guest has closed: nothing comes, whatever the user is told."""
    talk = on_channel(server, ChannelType.PORT, _CLOSED)
    server.alive(talk)
    before = talk.count("DATA")
    try:
        server.act("port-write", data=b"lost".hex(), name="")
    except (Failure, Undriven):
        server.step("the target says no, as it may")
    talk.expect_none("DATA", "COMPRESSED_DATA", after=before, why="the guest has the port closed")
