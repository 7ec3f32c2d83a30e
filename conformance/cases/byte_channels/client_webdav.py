"""Clients: a folder for the guest (15.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.byte_channels.chunks import Connections, get, say
from conformance.cases.byte_channels.steps import check_stream, data, on_channel
from conformance.outcome import Failure
from conformance.shared_folder import FILES, OUTSIDE, SECRET
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages.port import Event
from spiceproto.mux import multiplex

_SHARES: Final = ("client-folder",)
_OK: Final = 200
_HELLO: Final = get("/hello.txt")
_CUT: Final = 17

_OUT: Final = {
    "dots": f"/../{OUTSIDE}",
    "escaped-dots": f"/%2e%2e/{OUTSIDE}",
    "escaped-slash": f"/..%2f{OUTSIDE}",
    "from-inside": f"/hello.txt/../../{OUTSIDE}",
    "link": "/link",
}


def _on(server: SuiteServer) -> tuple[Talk, Connections]:
    talk = on_channel(server, ChannelType.WEBDAV)
    server.alive(talk)
    return talk, Connections(server, talk)


def _check(found: tuple[int, bytes], name: str = "hello.txt", why: str = "") -> None:
    """A file of the folder. Raises Failure."""
    status, body = found
    if status != _OK:
        raise Failure(
            f"the file {name}" + (f" ({why})" if why else ""), f"status {status}" if status else "the connection was ended"
        )
    check_stream(body, FILES[name], f"of {name}")


@client_case("SPICE-VMC-028/a-byte-in-each-to-a-client", 1, channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-028/seven-bytes-in-each-to-a-client", 7, channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-028/all-in-one-to-a-client", 1000, channel="webdav", needs=_SHARES)
def pieces(server: SuiteServer, size: int) -> None:
    """Two requests in two chunks each: both are answered, however the stream is cut. Bytes in each DATA."""
    talk, seen = _on(server)
    stretch = b"".join([multiplex(1, _HELLO[:_CUT]), multiplex(1, _HELLO[_CUT:]), multiplex(2, _HELLO)])
    talk.send(*data(*[stretch[at : at + size] for at in range(0, len(stretch), size)]))
    for number in (1, 2):
        _check(seen.answer(number))


@client_case("SPICE-VMC-029/in-turn", channel="webdav", needs=_SHARES)
def in_turn(server: SuiteServer) -> None:
    """The pieces of two requests in turn: each is answered under its number."""
    talk, seen = _on(server)
    other = get("/empty")
    for first, second in ((_HELLO[:_CUT], other[:_CUT]), (_HELLO[_CUT:], other[_CUT:])):
        say(talk, 1, first)
        say(talk, 2, second)
    _check(seen.answer(1))
    _check(seen.answer(2), "empty")


@client_case("SPICE-VMC-030/one-of-two-of-a-client", channel="webdav", needs=_SHARES)
def one_ends(server: SuiteServer) -> None:
    """Two requests have begun, and the guest ends one: the other one is answered."""
    talk, seen = _on(server)
    say(talk, 1, _HELLO[:_CUT])
    say(talk, 2, _HELLO[:_CUT])
    say(talk, 1, b"")
    say(talk, 2, _HELLO[_CUT:])
    _check(seen.answer(2), why="the other connection has ended")
    server.alive(talk)
    seen.pump()
    if 1 in seen.said:
        raise Failure("nothing more on connection 1, which has ended", f"{len(seen.said[1])} bytes")


@client_case("SPICE-VMC-031/half-a-request", channel="webdav", needs=_SHARES)
def used_again(server: SuiteServer) -> None:
    """Half a request, the end, and a whole request under the same number: it is answered."""
    talk, seen = _on(server)
    say(talk, 1, _HELLO[:_CUT])
    say(talk, 1, b"")
    server.alive(talk)
    seen.pump()
    seen.over.clear()
    say(talk, 1, _HELLO)
    _check(seen.answer(1, "the number begins anew"))


@client_case("SPICE-VMC-032/nothing-shared", channel="webdav", needs=("client-no-folder",))
def nothing_shared(server: SuiteServer) -> None:
    """A client without a folder is asked for a file twice: it says no twice, and keeps the channel."""
    talk, seen = _on(server)
    for number in (1, 2):
        say(talk, number, _HELLO)
        status, _ = seen.answer(number, "refused in one way or the other")
        if 0 < status < 400:
            raise Failure("a refusal", f"status {status}")
    server.alive(talk, "only the connection was refused")
    talk.expect_open("only the connection was refused")


@client_case("SPICE-VMC-033/dots", "dots", channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-033/escaped-dots", "escaped-dots", channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-033/escaped-slash", "escaped-slash", channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-033/from-inside", "from-inside", channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-041/link", "link", channel="webdav", needs=_SHARES)
def nothing_from_outside(server: SuiteServer, name: str) -> None:
    """A way out of the folder is asked for: what lies there does not come. Which way."""
    talk, seen = _on(server)
    say(talk, 1, get(_OUT[name]))
    _, body = seen.answer(1)
    if SECRET in body:
        raise Failure(f"nothing from outside of the folder for {_OUT[name]}", "the file that lies there")


@client_case("SPICE-VMC-034/no-http", channel="webdav", needs=_SHARES)
def no_http(server: SuiteServer) -> None:
    """Bytes of no sense on one connection, and a request on another: it is answered."""
    talk, seen = _on(server)
    say(talk, 1, bytes(range(256)) + b"\r\n\r\n")
    say(talk, 2, _HELLO)
    _check(seen.answer(2), why="another connection carries no HTTP")
    server.alive(talk)


@client_case("SPICE-VMC-035/closed-and-opened", channel="webdav", needs=_SHARES)
def closed_and_opened(server: SuiteServer) -> None:
    """A part of a chunk, CLOSED, OPENED, and a request: it is answered."""
    talk, seen = _on(server)
    talk.send(*data(multiplex(1, _HELLO)[:_CUT]), Event(PortEvent.CLOSED), Event(PortEvent.OPENED))
    server.alive(talk)
    say(talk, 2, _HELLO)
    _check(seen.answer(2, "the port was closed in between"))


@client_case("SPICE-VMC-036/no-bytes", "empty", channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-036/many-bytes", "large", channel="webdav", needs=_SHARES)
def as_it_is(server: SuiteServer, name: str) -> None:
    """A file comes as it is. Its name."""
    talk, seen = _on(server)
    say(talk, 1, get(f"/{name}"))
    _check(seen.answer(1), name)


@client_case("SPICE-VMC-037/one", 1, channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-037/an-address", 0x7F5C_0C00_1230, channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-037/the-greatest", (1 << 63) - 1, channel="webdav", needs=_SHARES)
@client_case("SPICE-VMC-037/negative", -2, channel="webdav", needs=_SHARES)
def any_number(server: SuiteServer, number: int) -> None:
    """A request is answered under its number. Which."""
    talk, seen = _on(server)
    say(talk, number, _HELLO)
    _check(seen.answer(number))
