"""How a server answered, in words."""

from __future__ import annotations

import pytest

from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.case import Case
from conformance.channels import COMMON
from conformance.client_wire import Ask, ClientWire
from conformance.network import ServerNetwork
from conformance.outcome import Failure, NotApplicable
from conformance.reference_target import MemoryServer
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import LinkErr

REPLY = Answer("reply", LinkErr.NEED_SECURED)
RESULT = Answer("result", LinkErr.PERMISSION_DENIED, stage="login")
FINE = Answer("result", LinkErr.OK, stage="login")


def test_a_certain_error() -> None:
    REPLY.expect_error(LinkErr.NEED_SECURED)
    REPLY.expect_error(LinkErr.NEED_SECURED, kind="reply")
    with pytest.raises(Failure, match=r"expected link result NEED_SECURED \(5\); found link reply NEED_SECURED \(5\)"):
        REPLY.expect_error(LinkErr.NEED_SECURED, kind="result")
    with pytest.raises(Failure, match=r"link reply or link result ERROR \(1\); found link result PERMISSION_DENIED \(7\)"):
        RESULT.expect_error(LinkErr.ERROR)


def test_any_error() -> None:
    RESULT.expect_refused("result")
    with pytest.raises(Failure, match=r"link reply other than OK \(0\); found link result PERMISSION_DENIED"):
        RESULT.expect_refused("reply")
    for answer in (FINE, Answer("result"), Answer("closed", stage="login")):
        with pytest.raises(Failure, match="link result other than OK"):
            answer.expect_refused("result")


@pytest.mark.parametrize(("sasl_only", "outcome"), [(True, NotApplicable), (False, Failure)])
def test_who_can_not_log_in_is_not_told_what_else_the_server_says(
    sasl_only: bool, outcome: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """libspice-server with SASL refuses such a client behind its link reply, which SPICE-LINK-042 is about."""
    target = MemoryServer("ref:server", fault="link-reply-twice")
    network = target.open(Case("SPICE-LINK-038/x", "server", lambda client: None, "x"))
    assert isinstance(network, ServerNetwork)
    client = SuiteClient(network, target)
    capabilities = client.usual(common=COMMON.without(CommonCapability.PROTOCOL_AUTH_SELECTION))
    wire = client.ask(Ask(capabilities=capabilities))
    wire.reply()
    monkeypatch.setattr(ClientWire, "sasl_only", sasl_only)
    with pytest.raises(outcome, match="SASL only" if sasl_only else "bytes between its link reply and the login"):
        wire.log_in()
