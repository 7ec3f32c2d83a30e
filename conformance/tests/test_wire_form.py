"""The structures of the link stage, right and wrong."""

from __future__ import annotations

import pytest

from conformance.wire_form import header, link_message, link_reply
from spiceproto import capabilities as caps
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_header, parse_message, parse_reply
from spiceproto.sizes import LINK_MESSAGE_SIZE, LINK_REPLY_SIZE


def test_a_link_message_is_what_the_library_reads() -> None:
    data = link_message(ChannelType.INPUTS, 3, 77, common_caps=0b1001, channel_caps=1 << 33)
    head = parse_header(data[:16])
    assert head.magic.to_bytes(4, "little") == b"REDQ"
    assert (head.major_version, head.minor_version, head.size) == (2, 2, len(data) - 16)
    body = data[16:]
    found = parse_message(body)
    assert (found.connection_id, found.channel_type, found.channel_id, found.caps_offset) == (77, ChannelType.INPUTS, 3, 18)
    read = caps.read(body, LINK_MESSAGE_SIZE, found.num_common_caps, found.num_channel_caps, found.caps_offset)
    assert (read.common, read.channel) == (0b1001, 1 << 33)


def test_a_link_reply_is_what_the_library_reads() -> None:
    data = link_reply(b"key", error=LinkErr.PERMISSION_DENIED, common_caps=(1, 2), channel_caps=5)
    body = data[16:]
    assert parse_header(data[:16]).size == len(body)
    found = parse_reply(body)
    assert found.error == LinkErr.PERMISSION_DENIED and bytes(found.pub_key) == b"key".ljust(162, b"\0")
    read = caps.read(body, LINK_REPLY_SIZE, found.num_common_caps, found.num_channel_caps, found.caps_offset)
    assert (read.common, read.channel) == (1 | 2 << 32, 5)


def test_capabilities_behind_a_gap() -> None:
    data = link_message(1, common_caps=6, offset=22, gap=b"gap!", padding=b"behind")[16:]
    found = parse_message(data)
    assert caps.read(data, LINK_MESSAGE_SIZE, found.num_common_caps, found.num_channel_caps, 22).common == 6
    assert data.endswith(b"behind")


def test_what_is_said_need_not_be_so() -> None:
    data = link_message(1, common_caps=1, counts=(9, 9), size=1000, magic=b"XXXX", major=7, minor=8)
    assert data[:16] == header(1000, magic=b"XXXX", major=7, minor=8)
    found = parse_message(data[16:])
    assert (found.num_common_caps, found.num_channel_caps) == (9, 9)
    with pytest.raises(RemoteError):
        caps.read(data[16:], LINK_MESSAGE_SIZE, 9, 9, found.caps_offset)
