"""Servers: link header (1.2). Where the same is among the recordings of QEMU, the case has the tag ``probe:NAME`` of it."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import ALL_ONES, LARGEST, POOR, refusal, refused, served, served_poor
from conformance.client_wire import ClientWire
from conformance.expectation import check
from conformance.wire_form import header, link_message
from spiceproto.capabilities import NONE
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_MESSAGE_SIZE


@server_case("SPICE-LINK-005/in-a-link-reply", channel="main")
def header_of_a_link_reply(client: SuiteClient) -> None:
    """The header before a link reply: REDQ, major version 2."""
    _expect_header(client, client.ask())


@server_case("SPICE-LINK-005/in-a-refusal", 17, 2, channel="main")
@server_case("SPICE-LINK-005/in-a-refusal-of-version-1", LINK_MESSAGE_SIZE, 1, channel="main")
@server_case("SPICE-LINK-005/in-a-refusal-of-version-3", LINK_MESSAGE_SIZE, 3, channel="main")
def header_of_a_refusal(client: SuiteClient, size: int, major: int) -> None:
    """The header before a link reply with an error has the server's version, whatever size and version the client had."""
    wire = client.connect()
    wire.send(header(size, major=major), f"a link header of version {major}, {size} bytes to follow")
    wire.send(link_message(ChannelType.MAIN)[LINK_HEADER_SIZE:], "a link message")
    _expect_header(client, wire)


def _expect_header(client: SuiteClient, wire: ClientWire) -> None:
    found = refusal(client, wire)
    if found is not None:
        check("link header", found[0], major_version=2)


@server_case("SPICE-LINK-006/zero-bytes", b"\0\0\0\0", channel="main")
@server_case("SPICE-LINK-006/small-letters", b"redq", channel="main", tags=("probe:lowercase-magic",))
@server_case("SPICE-LINK-006/another-letter", b"REDX", channel="main", tags=("probe:bad-magic",))
@server_case("SPICE-LINK-006/letters-turned-round", b"QDER", channel="main")
def other_letters(client: SuiteClient, magic: bytes) -> None:
    """A link header that begins with something else, and is right otherwise."""
    refused(client, client.ask(magic=magic), LinkErr.INVALID_MAGIC)


@server_case("SPICE-LINK-008/version-0", 0, channel="main")
@server_case("SPICE-LINK-008/version-1", 1, channel="main", tags=("probe:major-1",))
@server_case("SPICE-LINK-008/version-3", 3, channel="main", tags=("probe:major-3",))
@server_case("SPICE-LINK-008/version-2-big-endian", 2 << 24, channel="main")
def other_version(client: SuiteClient, major: int) -> None:
    """Another major version."""
    refused(client, client.ask(major=major), LinkErr.VERSION_MISMATCH)


@server_case("SPICE-LINK-009/minor-0", 0, channel="main", tags=("probe:minor-0",))
@server_case("SPICE-LINK-009/minor-99", 99, channel="main", tags=("probe:minor-99",))
@server_case("SPICE-LINK-009/minor-all-ones", ALL_ONES, channel="main")
def other_minor(client: SuiteClient, minor: int) -> None:
    """Another minor version makes no difference."""
    served(client, minor=minor)


@server_case("SPICE-LINK-012/size-0", 0, channel="main", tags=("probe:size-0",))
@server_case("SPICE-LINK-012/size-17", 17, channel="main", tags=("probe:size-17",))
@server_case("SPICE-LINK-012/size-4097", LARGEST + 1, channel="main", tags=("probe:size-4097",))
@server_case("SPICE-LINK-012/size-2147483648", 1 << 31, channel="main")
@server_case("SPICE-LINK-012/size-4294967295", ALL_ONES, channel="main", tags=("probe:size-huge",))
def wrong_size(client: SuiteClient, size: int) -> None:
    """A link header with a size out of bounds, and nothing behind it."""
    wire = client.connect()
    wire.send(header(size), f"a link header that announces {size} bytes")
    refused(client, wire, LinkErr.INVALID_DATA)


@server_case("SPICE-LINK-012/size-18", channel="main", requires=POOR)
def smallest(client: SuiteClient) -> None:
    """The smallest link message, without any capability word."""
    served_poor(client, NONE)


@server_case(
    "SPICE-LINK-012/size-4096", channel="main", tags=("probe:size-4096-padded",), requires=("SPICE-LINK-017/one-byte-behind",)
)
def largest(client: SuiteClient) -> None:
    """The largest link message, most of it padding."""
    served(client, channel_caps=(0,), padding=bytes(LARGEST - LINK_MESSAGE_SIZE - 8))
