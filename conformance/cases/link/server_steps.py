"""Steps that cases about the link stage of servers share."""

from __future__ import annotations

from typing import Final, Unpack

from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.channels import COMMON, LISTED
from conformance.client_wire import Ask, ClientWire
from conformance.expectation import check_value, such
from conformance.naming import named
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from conformance.wire_form import Freedom
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import LinkErr
from spiceproto.link.structures import parse_header
from spiceproto.messages.link import LinkHeader
from spiceproto.sizes import LINK_HEADER_SIZE

__all__ = [
    "ALL_ONES",
    "EVERY_CHANNEL",
    "LARGEST",
    "NO_SESSION",
    "OTHERS_WAIT",
    "POOR",
    "TICKET_CHOSEN",
    "WITH_SASL",
    "WRONG_TICKET",
    "all_closed",
    "first_channels",
    "linked_or_too_old",
    "need_announced",
    "not_logged_in",
    "only_closed",
    "refusal",
    "refused",
    "refused_channel",
    "served",
    "served_poor",
    "session_with",
    "whole_session",
]

LARGEST: Final = 4096
"""Bytes of the largest link message."""

ALL_ONES: Final = (1 << 32) - 1

WITH_SASL: Final = COMMON.with_(CommonCapability.AUTH_SASL)
TICKET_CHOSEN: Final = (CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE)
"""What a server has announced where a mechanism is due, and may be the ticket."""

POOR: Final = ("SPICE-LINK-019/no-channel-words", "SPICE-LINK-020/neither-login", "SPICE-LINK-038/no-auth-selection")
"""What a server must do well before anything can be learnt from a client that announces nothing."""

EVERY_CHANNEL: Final = ("SPICE-LINK-001/other-channels",)
"""Whether a whole session can be had at all."""

WRONG_TICKET: Final = ("SPICE-LINK-048/one-byte-more",)
NO_SESSION: Final = ("SPICE-LINK-031/display-of-no-session",)
"""Whether there is a refusal at all, behind which something can be looked for."""

OTHERS_WAIT: Final = ("SPICE-LINK-064/half-a-header",)
"""Whether a second link can be begun at all before the first is finished."""

_PATIENCE: Final = 63.0
"""Seconds that a server has for closing a link that is silent for 60."""


# -- on the way to what a case is about


def need_announced(wire: ClientWire, *capabilities: CommonCapability) -> None:
    """Raises NotApplicable if the server does not announce all of these in its link reply, which is read."""
    with wire.peer.preparing("a link reply"):
        server = wire.announced()
    missing = [str(capability.name) for capability in capabilities if not server.has(capability)]
    if missing:
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}, without {', '.join(missing)}")


def session_with(client: SuiteClient, channel_type: int) -> Talk:
    """Main of a session whose list names the first channel of a type. Raises NotApplicable if it does not."""
    ask = Ask(channel_type)
    with client.preparing(f"a session that lists {ask.name}"):
        talk, listed = client.session()
        client.need_listed(listed, (channel_type, 0))
    return talk


def first_channels(client: SuiteClient) -> tuple[Talk, list[Ask]]:
    """Main of a new session, and every first channel but main that its list names. Raises NotApplicable for none."""
    with client.preparing("a session with a list of channels"):
        talk, listed = client.session()
    firsts = _firsts(listed)
    if not firsts:
        raise client.not_listed(listed, *LISTED)
    return talk, firsts


def whole_session(client: SuiteClient) -> list[Talk]:
    """Main and every first channel that is listed, each with what a client says first on it."""
    talk, listed = client.session()
    return [talk, *[client.channel(ask, wait=False) for ask in _firsts(listed)]]


def _firsts(listed: set[tuple[int, int]]) -> list[Ask]:
    return [Ask(kind, number) for kind, number in LISTED if (kind, number) in listed]


# -- that a link is served


def served(client: SuiteClient, capabilities: Capabilities | None = None, **freedom: Unpack[Freedom]) -> Talk:
    """Main is linked whatever is odd about the link message, and a session begins that answers. Raises Failure."""
    talk = client.main(Ask(capabilities=capabilities), **freedom)
    client.alive(talk)
    return talk


def served_poor(client: SuiteClient, common: Capabilities, **freedom: Unpack[Freedom]) -> None:
    """As :func:`served`, for a client that announces so little that some servers find it too old. Raises Failure."""
    wire = client.ask(Ask(capabilities=common), **freedom)
    if linked_or_too_old(client, wire.conclude(), "a client that announces little"):
        talk = wire.talk()
        talk.expect("INIT")
        client.alive(talk)


def linked_or_too_old(client: SuiteClient, answer: Answer, who: str) -> bool:
    """Whether a client that can do less than others has logged in; being found too old is tolerated. Raises Failure.

    Raises NotApplicable where SPICE-LINK-042 wants it to be found too old.
    """
    client.note(f"answered with: {answer}")
    if answer.kind == "reply" and answer.error == LinkErr.VERSION_MISMATCH:
        another = client.ask()
        if another.sasl_only:
            raise NotApplicable("the server takes SASL only, and has to refuse clients that cannot choose it")
        another.close()
        client.tolerate(f"the error VERSION_MISMATCH for {who}", against="SPICE-LINK-021")
        return False
    answer.expect_logged_in()
    return True


# -- that a link is refused


def only_closed(client: SuiteClient, answer: Answer) -> bool:
    """Whether a server that should refuse only closed, which is tolerated. The answer is written down."""
    client.note(f"answered with: {answer}")
    if answer.kind == "closed":
        client.tolerate("closing without an answer")
    return answer.kind == "closed"


def refused(client: SuiteClient, wire: ClientWire, error: LinkErr, *tolerated: LinkErr) -> None:
    """The link message is answered with ``error``, and the connection is closed. Raises Failure."""
    answer = wire.answer()
    if only_closed(client, answer):
        return
    if answer.is_error(*tolerated):
        client.tolerate(f"the error {named(LinkErr, answer.error or 0)} in place of {named(LinkErr, error)}")
    else:
        answer.expect_error(error, kind="reply")
    wire.expect_closed(rest=True)


def refused_channel(client: SuiteClient, ask: Ask, *errors: LinkErr, silently: bool = False) -> None:
    """A channel is refused with one of ``errors``, before the login or after. Raises Failure.

    ``silently``: the server may as well close.
    """
    answer = client.ask(ask).conclude()
    if not silently:
        client.note(f"answered with: {answer}")
    elif only_closed(client, answer):
        return
    answer.expect_error(*errors)


def not_logged_in(client: SuiteClient, wire: ClientWire, error: LinkErr | None = None) -> None:
    """The ticket is refused: with ``error``, or with which error is another question. Raises Failure."""
    answer = wire.result()
    client.note(f"answered with: {answer}")
    if error is None:
        answer.expect_refused("result")
    else:
        answer.expect_error(error, kind="result")


def refusal(client: SuiteClient, wire: ClientWire) -> tuple[LinkHeader, bytes] | None:
    """Header and body of a link reply with an error, as they are; None if the server only closed, which is tolerated.

    Raises Failure.
    """
    wire.step("expect a link header and a link reply with an error")
    head = wire.take(LINK_HEADER_SIZE)
    if head is None and wire.stream.ended and not wire.stream.received:
        client.tolerate("closing without an answer", against="SPICE-LINK-008")
        return None
    if head is None:
        raise Failure(f"a link header of {LINK_HEADER_SIZE} bytes", wire.state())
    check_value("link header", "letters", head[:4], b"REDQ")
    found = parse_header(head)
    check_value("link header", "size", found.size, such(f"4 to {LARGEST}", lambda size: 4 <= size <= LARGEST))
    return found, wire.need(found.size, f"the {found.size} bytes of the link reply")


def all_closed(client: SuiteClient, wires: dict[str, ClientWire]) -> None:
    """Connections on which the client is silent are closed in time. Raises Failure."""
    client.step("expect every connection to be closed 60 s later")
    client.run(lambda: all(wire.stream.ended for wire in wires.values()), _PATIENCE)
    left = [what for what, wire in wires.items() if not wire.stream.ended]
    check_value("", f"links open after {_PATIENCE:g} s, silent behind", ", ".join(left) or "none", "none")
