"""Servers: a guest that browses a folder of the client (15.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.byte_channels.chunks import Connections
from conformance.cases.byte_channels.steps import check_stream, data, the_port
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.mux import multiplex

_NEEDS: Final = ("control:browse", "control:browsed")
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
_END: Final = b"\r\n\r\n"


def _asked(client: SuiteClient, *paths: str) -> tuple[Talk, list[int]]:
    """The guest asks for these paths: the channel, and the number of each connection. Raises Failure."""
    talk = the_port(client, kind=ChannelType.WEBDAV)
    seen = Connections(client, talk)
    numbers: list[int] = []
    for path in paths:
        client.control("browse", path)

        def came(path: str = path) -> bool:
            seen.pump()
            return any(said.startswith(f"GET {path} ".encode()) and said.endswith(_END) for said in seen.said.values())

        if not client.run(came):
            raise Failure(f"a request for {path}", repr(seen.said)[:200])
        numbers += [number for number, said in seen.said.items() if said.startswith(f"GET {path} ".encode())][:1]
    return talk, numbers


def _check(client: SuiteClient, *wanted: tuple[bytes, bool]) -> None:
    """What the guest has of each connection, and whether it is over. Raises Failure."""
    found: list[Any] = []

    def came() -> bool:
        found[:] = [(bytes.fromhex(item["data"]), item["over"]) for item in client.control("browsed")]
        return found == list(wanted)

    if not client.run(came):
        for number, (has, (said, over)) in enumerate(zip(found, wanted, strict=False), 1):
            check_stream(has[0], said, f"of request {number}")
            if has[1] != over:
                raise Failure(f"request {number} is {'over' if over else 'open'}", "it is not")
        raise Failure(f"{len(wanted)} requests", f"{len(found)}")


@server_case("SPICE-VMC-028/a-byte-in-each", 1, channel="webdav", needs=_NEEDS)
@server_case("SPICE-VMC-028/seven-bytes-in-each", 7, channel="webdav", needs=_NEEDS)
@server_case("SPICE-VMC-028/all-in-one", 1000, channel="webdav", needs=_NEEDS)
def pieces(client: SuiteClient, size: int) -> None:
    """The guest asks for two files: two chunks for each answer it, however the stream is cut. Bytes in each DATA."""
    talk, (first, second) = _asked(client, "/one", "/two")
    chunks = [(first, _ANSWER[:20]), (second, _ANSWER[:9]), (second, _ANSWER[9:]), (first, _ANSWER[20:])]
    stretch = b"".join([multiplex(*chunk) for chunk in chunks])
    talk.send(*data(*[stretch[at : at + size] for at in range(0, len(stretch), size)]))
    _check(client, (_ANSWER, False), (_ANSWER, False))


@server_case("SPICE-VMC-030/one-of-two", channel="webdav", needs=_NEEDS)
def one_ends(client: SuiteClient) -> None:
    """The guest asks for two files, and the client ends one connection: the other one is answered."""
    talk, (first, second) = _asked(client, "/one", "/two")
    talk.send(*data(multiplex(first, b""), multiplex(second, _ANSWER)))
    _check(client, (b"", True), (_ANSWER, False))


@server_case("SPICE-VMC-038/at-once", channel="webdav", needs=_NEEDS)
def at_once(client: SuiteClient) -> None:
    """The guest asks for two files at once: the requests have different numbers."""
    _, numbers = _asked(client, "/one", "/two")
    if numbers[0] == numbers[1]:
        raise Failure("two numbers", f"{numbers[0]} for both")


@server_case("SPICE-VMC-039/no-connection", channel="webdav", needs=_NEEDS)
def no_connection(client: SuiteClient) -> None:
    """Chunks with numbers that no connection has, and an answer: the guest has the answer."""
    talk, (number,) = _asked(client, "/one")
    for other in (number + 1, 0, -1, 1 << 62):
        talk.send(*data(multiplex(other, b"for nobody"), multiplex(other, b"")))
    talk.send(*data(multiplex(number, _ANSWER)))
    _check(client, (_ANSWER, False))
    client.alive(client.main_talk)
