"""Clients: link header (1.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import accepted, all_links
from conformance.channels import COMMON
from conformance.expectation import check, check_value
from spiceproto.link.structures import parse_header
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE

_LARGEST: Final = 4096
_ENDLESS: Final = (1 << 32) - 16
_WORD: Final = 4


@client_case("SPICE-LINK-005/link-header-of-a-client")
def header_of_client(server: SuiteServer) -> None:
    """Every link header of the client has REDQ and version 2."""
    for wire in all_links(server):
        check_value(f"link header of {wire.asked.name}", "letters", wire.asked.raw[:4], b"REDQ")
        check(f"link header of {wire.asked.name}", parse_header(wire.asked.raw[:LINK_HEADER_SIZE]), major_version=2)


@client_case("SPICE-LINK-010/minor-version-of-a-client")
def minor_of_client(server: SuiteServer) -> None:
    """Every link header of the client has the minor version 2."""
    for wire in all_links(server):
        check(f"link header of {wire.asked.name}", parse_header(wire.asked.raw[:LINK_HEADER_SIZE]), minor_version=2)


@client_case("SPICE-LINK-009/minor-version-0-in-the-reply", 0, channel="main")
@client_case("SPICE-LINK-009/minor-version-99-in-the-reply", 99, channel="main")
def minor_of_server(server: SuiteServer, minor: int) -> None:
    """A link reply with another minor version is as good as any."""
    accepted(server, minor=minor)


@client_case("SPICE-LINK-013/reply-of-4096-bytes", channel="main", requires=("SPICE-LINK-017/bytes-behind-the-words",))
def long_reply(server: SuiteServer) -> None:
    """A link reply of 4096 bytes is accepted."""
    padding = bytes(_LARGEST - LINK_REPLY_SIZE - _WORD)
    accepted(server, common_caps=(COMMON.common,), channel_caps=(), padding=padding)


@client_case("SPICE-LINK-013/reply-of-4-gib", channel="main")
def endless_reply(server: SuiteServer) -> None:
    """A link header that announces 4294967280 bytes: the client closes."""
    wire = server.asked()
    wire.reply(size=_ENDLESS)
    wire.expect_closed(rest=True, why=f"the link header announced {_ENDLESS} bytes")
