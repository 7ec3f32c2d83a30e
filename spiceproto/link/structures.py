"""The generated parsers and builders of the link stage, with the types that generated code leaves out."""

from __future__ import annotations

from collections.abc import Callable

from spiceproto.generated import build_link, parse_link
from spiceproto.messages.link import (
    LinkAuthMechanism,
    LinkEncryptedTicket,
    LinkError,
    LinkHeader,
    LinkMess,
    LinkReply,
    LinkResult,
)

parse_header: Callable[[bytes], LinkHeader] = parse_link.parse_LinkHeader
parse_message: Callable[[bytes], LinkMess] = parse_link.parse_LinkMess
parse_reply: Callable[[bytes], LinkReply] = parse_link.parse_LinkReply
parse_error: Callable[[bytes], LinkError] = parse_link.parse_LinkError
parse_mechanism: Callable[[bytes], LinkAuthMechanism] = parse_link.parse_LinkAuthMechanism
parse_ticket: Callable[[bytes], LinkEncryptedTicket] = parse_link.parse_LinkEncryptedTicket
parse_result: Callable[[bytes], LinkResult] = parse_link.parse_LinkResult

build_header: Callable[[LinkHeader], bytes] = build_link.build_LinkHeader
build_message: Callable[[LinkMess], bytes] = build_link.build_LinkMess
build_reply: Callable[[LinkReply], bytes] = build_link.build_LinkReply
build_mechanism: Callable[[LinkAuthMechanism], bytes] = build_link.build_LinkAuthMechanism
build_result: Callable[[LinkResult], bytes] = build_link.build_LinkResult
