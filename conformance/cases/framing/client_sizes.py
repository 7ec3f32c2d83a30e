"""Clients: sizes (2.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import AFTER_FULL, closed_in_order, opened, ping
from conformance.cases.framing.steps import FULL, bare_header, check_sizes
from conformance.channels import COMMON
from spiceproto.messages import common

_SIZE: Final = 0xFFFFFFFF


@client_case("SPICE-FRAME-012/client-sizes", channel="main")
def sizes(server: SuiteServer) -> None:
    """Every message of the client on its channels has a body that its type may have."""
    with server.preparing("every channel, linked"):
        server.session()
        server.link_others()
    for each in server.talking:
        each.send(common.SetAck(1, 1), ping(9))
        each.wait_for("PONG", id=9)
        check_sizes(each)


@client_case("SPICE-FRAME-014/ping-of-4294967295", "main", 4, "mini", channel="main")
@client_case("SPICE-FRAME-014/unknown-of-4294967295", "main", 250, "mini", channel="main")
@client_case("SPICE-FRAME-014/inputs-of-4294967295", "inputs", 101, "mini", channel="inputs")
@client_case("SPICE-FRAME-014/full-header-of-4294967295", "main", 4, "full", channel="main", requires=AFTER_FULL)
def oversize(server: SuiteServer, table: str, number: int, header: str) -> None:
    """A header that announces 4294967295 bytes, and some of them: channel, type, kind of header."""
    talk = opened(server, table, common=COMMON if header == "mini" else FULL, answering=True)
    talk.send_bytes(bare_header(talk, number, _SIZE), f"a header: type {number}, {_SIZE} bytes")
    before = talk.count("PONG")
    talk.send(ping(1), text="PING, which is a part of that body")
    closed = talk.wait_closed(server.patience_for_a_manner)
    talk.expect_count("PONG", before, why=f"the PING is a part of the {_SIZE} bytes that a header announces")
    if not closed or not closed_in_order(server, talk):
        server.tolerate("waiting for the announced bytes")
