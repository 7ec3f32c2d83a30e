"""Clients: the bytes of a stream, out of messages and into them (15.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.byte_channels.steps import (
    AS_SEEN,
    BROKEN,
    TOO_LARGE,
    check_stream,
    compressed,
    data,
    need_lz4,
    of_guest,
    on_channel,
    pattern,
    stream,
)
from spiceproto.messages.spicevmc import CompressedData, Data

_READS: Final = ("act:port-read",)
_TEXT: Final = b"what the guest writes"


def _sends(server: SuiteServer, wanted: bytes, *values: Data | CompressedData, lz4: bool = False) -> None:
    """The suite sends a stream in these messages, and the user of the client reads it. Raises Failure."""
    talk = on_channel(server)
    if lz4:
        need_lz4(talk, "client")
    server.alive(talk)
    server.act("port-read", name="")
    talk.send(*values)
    server.alive(talk)
    of_guest(server, wanted, "what was sent")


@client_case("SPICE-VMC-001/one-byte-of-a-client", 1, channel="port", needs=("act:port-write",))
@client_case("SPICE-VMC-001/some-bytes-of-a-client", 300, channel="port", needs=("act:port-write",))
@client_case("SPICE-VMC-001/many-bytes-of-a-client", 70000, channel="port", needs=("act:port-write",))
def written(server: SuiteServer, size: int) -> None:
    """The user writes twice into a port: so it comes. Bytes."""
    talk = on_channel(server)
    server.alive(talk)
    for first in (0, 1000):
        server.act("port-write", data=pattern(size, first).hex(), name="")
        check_stream(stream(talk, size), pattern(size, first), "what the user writes")


@client_case("SPICE-VMC-002/a-byte-in-each-to-a-client", 1, channel="port", needs=_READS)
@client_case("SPICE-VMC-002/three-bytes-in-each-to-a-client", 3, channel="port", needs=_READS)
@client_case("SPICE-VMC-002/all-in-one-to-a-client", len(_TEXT), channel="port", needs=_READS)
def pieces(server: SuiteServer, size: int) -> None:
    """DATA: the user reads the bytes in it, however they are cut. Bytes in each."""
    _sends(server, _TEXT, *data(*[_TEXT[at : at + size] for at in range(0, len(_TEXT), size)]))


@client_case("SPICE-VMC-002/many-to-a-client", channel="port", needs=_READS)
def many(server: SuiteServer) -> None:
    """DATA of 100000 bytes: the user reads all of them."""
    _sends(server, pattern(100_000), *data(pattern(100_000)))


@client_case("SPICE-VMC-006/between-to-a-client", 2000, channel="port", needs=_READS)
@client_case("SPICE-VMC-007/as-seen-to-a-client", AS_SEEN, channel="port", needs=_READS)
def inflated(server: SuiteServer, size: int) -> None:
    """COMPRESSED_DATA between two DATA: the user reads all of it in its order. Bytes in it."""
    wanted = b"before" + pattern(size) + b"behind"
    _sends(server, wanted, *data(b"before"), compressed(pattern(size)), *data(b"behind"), lz4=True)


def _hostile(name: str) -> Callable[[Callable[[SuiteServer, str], None]], Callable[[SuiteServer, str], None]]:
    """A case for each name."""

    def declare(function: Callable[[SuiteServer, str], None]) -> Callable[[SuiteServer, str], None]:
        for kind in BROKEN if name == "SPICE-VMC-008" else TOO_LARGE:
            client_case(f"{name}/{kind}-to-a-client", kind, channel="port")(function)
        return function

    return declare


@_hostile("SPICE-VMC-008")
@_hostile("SPICE-VMC-009")
def not_inflated(server: SuiteServer, name: str) -> None:
    """COMPRESSED_DATA that nobody can inflate: the session goes on, with the channel or without. What is wrong."""
    talk = on_channel(server)
    need_lz4(talk, "client")
    talk.send((BROKEN | TOO_LARGE)[name], *data(b"behind"))
    server.alive(server.main_talk, "a port is not the session")
