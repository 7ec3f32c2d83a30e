"""Sizes in bytes that follow from the schema of the link stage. Each is written once, in ``spiceproto/schema/link.py``."""

from __future__ import annotations

from typing import Final

from spiceproto.generated.sizes import SIZES

__all__ = [
    "CAPABILITIES_SIZE",
    "LINK_HEADER_SIZE",
    "LINK_MESSAGE_SIZE",
    "LINK_REPLY_SIZE",
    "LINK_RESULT_SIZE",
    "MECHANISM_SIZE",
    "PUBLIC_KEY_SIZE",
    "TICKET_SIZE",
]

LINK_HEADER_SIZE: Final = SIZES["LinkHeader"]
LINK_MESSAGE_SIZE: Final = SIZES["LinkMess"]
"""Of a link message without its capability words; so is that of a link reply."""
LINK_REPLY_SIZE: Final = SIZES["LinkReply"]
LINK_RESULT_SIZE: Final = SIZES["LinkResult"]
MECHANISM_SIZE: Final = SIZES["LinkAuthMechanism"]
TICKET_SIZE: Final = SIZES["LinkEncryptedTicket"]
PUBLIC_KEY_SIZE: Final = SIZES["LinkReply.pub_key"]
CAPABILITIES_SIZE: Final = (
    SIZES["LinkMess.num_common_caps"] + SIZES["LinkMess.num_channel_caps"] + SIZES["LinkMess.caps_offset"]
)
"""Of what a link message or link reply says of its capability words: two numbers of words, and where they begin."""
