"""Servers: the bytes of a stream, out of messages and into them (15.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.byte_channels.steps import (
    AS_SEEN,
    BROKEN,
    TOO_LARGE,
    check_stream,
    compressed,
    data,
    empty,
    need_lz4,
    of_client,
    pattern,
    stream,
    the_port,
)

_READS: Final = ("control:port-read",)
_DANGEROUS: Final = "4-gib"
"""libspice-server 0.15.1 gives its guest memory of its own to read then, and nothing behind that case could be relied on."""

_TEXT: Final = b"what a client writes"


@server_case("SPICE-VMC-001/one-byte", 1, channel="port", needs=("control:port-write",))
@server_case("SPICE-VMC-001/some-bytes", 300, channel="port", needs=("control:port-write",))
@server_case("SPICE-VMC-001/thousands-of-bytes", 5000, channel="port", needs=("control:port-write",))
def written(client: SuiteClient, size: int) -> None:
    """The guest writes twice into a port: so it comes. Bytes."""
    talk = the_port(client)
    for first in (0, 1000):
        client.control("port-write", pattern(size, first).hex(), 0)
        check_stream(stream(talk, size), pattern(size, first), "what the guest writes")


@server_case("SPICE-VMC-002/a-byte-in-each", 1, channel="port", needs=_READS)
@server_case("SPICE-VMC-002/three-bytes-in-each", 3, channel="port", needs=_READS)
@server_case("SPICE-VMC-002/all-in-one", len(_TEXT), channel="port", needs=_READS)
def pieces(client: SuiteClient, size: int) -> None:
    """DATA: the guest reads the bytes in it, however they are cut. Bytes in each."""
    talk = the_port(client)
    empty(client)
    talk.send(*data(*[_TEXT[at : at + size] for at in range(0, len(_TEXT), size)]))
    of_client(client, _TEXT, "what was sent")


@server_case("SPICE-VMC-002/many", channel="port", needs=_READS)
def many(client: SuiteClient) -> None:
    """DATA of 5000 bytes: the guest reads all of them."""
    talk = the_port(client)
    empty(client)
    talk.send(*data(pattern(5000)))
    of_client(client, pattern(5000), "what was sent")


@server_case("SPICE-VMC-006/between", 2000, channel="port", needs=_READS)
@server_case("SPICE-VMC-007/as-seen", AS_SEEN, channel="port", needs=_READS)
def inflated(client: SuiteClient, size: int) -> None:
    """COMPRESSED_DATA between two DATA: the guest reads all of it in its order. Bytes in it."""
    talk = the_port(client)
    empty(client)
    need_lz4(talk, "server")
    talk.send(*data(b"before"), compressed(pattern(size)), *data(b"behind"))
    of_client(client, b"before" + pattern(size) + b"behind", "what was sent")


def _hostile(name: str) -> Callable[[Callable[[SuiteClient, str], None]], Callable[[SuiteClient, str], None]]:
    """A case for each name."""

    def declare(function: Callable[[SuiteClient, str], None]) -> Callable[[SuiteClient, str], None]:
        for kind in BROKEN if name == "SPICE-VMC-008" else [kind for kind in TOO_LARGE if kind != _DANGEROUS]:
            server_case(f"{name}/{kind}", kind, channel="port")(function)
        return function

    return declare


@_hostile("SPICE-VMC-008")
@_hostile("SPICE-VMC-009")
def not_inflated(client: SuiteClient, name: str) -> None:
    """COMPRESSED_DATA that nobody can inflate: the session goes on, with the channel or without. What is wrong."""
    talk = the_port(client)
    need_lz4(talk, "server")
    talk.send((BROKEN | TOO_LARGE)[name], *data(b"behind"))
    client.alive(client.main_talk, "a port is not the session")
