"""The generated parsers of the link stage, with the types that generated code leaves out, and what stands in every header."""

from __future__ import annotations

from collections.abc import Callable

from spiceproto.generated import parse_link
from spiceproto.messages.link import (
    LinkAuthMechanism,
    LinkEncryptedTicket,
    LinkError,
    LinkHeader,
    LinkMess,
    LinkReply,
    LinkResult,
)

MAGIC = 0x51444552
MAJOR = 2
MINOR = 2

parse_header: Callable[[bytes], LinkHeader] = parse_link.parse_LinkHeader
parse_message: Callable[[bytes], LinkMess] = parse_link.parse_LinkMess
parse_reply: Callable[[bytes], LinkReply] = parse_link.parse_LinkReply
parse_error: Callable[[bytes], LinkError] = parse_link.parse_LinkError
parse_mechanism: Callable[[bytes], LinkAuthMechanism] = parse_link.parse_LinkAuthMechanism
parse_ticket: Callable[[bytes], LinkEncryptedTicket] = parse_link.parse_LinkEncryptedTicket
parse_result: Callable[[bytes], LinkResult] = parse_link.parse_LinkResult
