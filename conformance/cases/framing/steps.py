"""Steps that cases about framing share, whichever end the target is."""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack, pack_into
from typing import Any, Final

from conformance.channels import COMMON
from conformance.expectation import at_most, check_value
from conformance.talk import Message, Talk
from spiceproto import dispatch
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.size_limits import named_limit

__all__ = [
    "FULL",
    "TAIL",
    "bare_header",
    "check_left",
    "check_serials",
    "check_sizes",
    "frame_with_list",
    "number_of",
    "send_longer",
    "slug",
]

FULL: Final = COMMON.without(CommonCapability.MINI_HEADER)
"""What an end announces that wants full headers."""

TAIL: Final = bytes(range(0xF0, 0xF8))
"""What stands behind the last field of a body that is longer than it should be."""

_SUB_LIST_AT: Final = 14
"""Where a full header says where the list of messages begins."""


def slug(name: str) -> str:
    """The name of a message as it stands in the id of a case."""
    return name.lower().replace("_", "-")


def number_of(table: str, sender: str, name: str) -> int:
    """The type of a message."""
    return next(number for number, row in dispatch.rows(table, sender).items() if row.name == name)


# -- what is sent


def send_longer(talk: Talk, value: Any) -> None:
    """A message with eight more bytes behind its last field."""
    row = dispatch.row_of(talk.table, talk.peer.network.own_role, value)
    talk.send_raw(row.number, row.build(value) + TAIL, text=f"{row.name} with eight more bytes")


def bare_header(talk: Talk, number: int, size: int) -> bytes:
    """A header of the channel's kind that announces a body of this size."""
    return pack("<HL", number, size) if talk.mini_header else pack("<QHLL", talk.sent_serial + 1, number, size, 0)


def frame_with_list(talk: Talk, number: int, body: bytes, offset: int) -> bytes:
    """A message behind a full header that says where its list of others begins, inside of the body or not."""
    frame = bytearray(talk.frame_raw(number, body))
    pack_into("<L", frame, _SUB_LIST_AT, offset)
    return bytes(frame)


# -- what is looked at in every message


def check_serials(talk: Talk, messages: Iterable[Message]) -> None:
    """These are the first messages of the target on a channel, and their serials are 1, 2, 3 ... Raises Failure."""
    found = [message.serial for message in messages if not message.inside]
    check_value(f"messages on {talk.name}", "serials", found, list(range(1, len(found) + 1)))


def check_sizes(talk: Talk) -> None:
    """No body that came on a channel is larger than its type may have. Raises Failure."""
    for name, size in talk.sizes.items():
        limit = named_limit(talk.table, talk.peer.network.role, name)
        if limit is not None:
            check_value(f"{name} on {talk.name}", "bytes", size, at_most(limit.size))


def check_left(talk: Talk) -> None:
    """If the target said DISCONNECTING, nothing follows it. Raises Failure."""
    names = [message.name for message in talk.unread()]
    if "DISCONNECTING" in names:
        behind = names[names.index("DISCONNECTING") + 1 :]
        check_value("", f"messages on {talk.name} behind DISCONNECTING", behind, [])
