"""Servers: leaving (2.7)."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import whole_session
from conformance.cases.framing.steps import check_left


@server_case("SPICE-FRAME-037/shutdown", needs=("control:shutdown",), also=("SPICE-MAIN-019",))
def shutdown(client: SuiteClient) -> None:
    """The server ends the session in order: nothing follows DISCONNECTING, and every channel is closed."""
    talks = whole_session(client)
    client.wait_quiet()
    for each in talks:
        each.drop()
    client.control("shutdown")
    for each in talks:
        each.expect_closed(why="the server has left")
        check_left(each)
