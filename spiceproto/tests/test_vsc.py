"""VSC messages: on the channel, and as devices speak them."""

from __future__ import annotations

import pytest

from spiceproto import limits, vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.errors import LimitError
from spiceproto.messages.smartcard import Data, VscApdu, VscError, VscReaderAdd

MESSAGES = [
    (vsc.message(VscReaderAdd(b"reader")), "00000003 ffffffff 00000006 726561646572"),
    (vsc.message(VscError(VscErrorCode.GENERAL_ERROR), 2), "00000002 00000002 00000004 01000000"),
    (vsc.message(VscApdu(b""), 0), "00000007 00000000 00000000"),
    (Data(99, 1, b"abc"), "00000063 00000001 00000003 616263"),
]
STREAM = b"".join([bytes.fromhex(text) for _, text in MESSAGES])


@pytest.mark.parametrize(("data", "text"), MESSAGES)
def test_a_device_reads_the_highest_byte_first(data: Data, text: str) -> None:
    assert vsc.device_bytes(data) == bytes.fromhex(text)


@pytest.mark.parametrize("piece", [1, 5, 12, 13, len(STREAM)])
def test_a_device_may_cut_anywhere(piece: int) -> None:
    reader = vsc.DeviceReader()
    found = [item for at in range(0, len(STREAM), piece) for item in reader.feed(STREAM[at : at + piece])]
    assert found == [data for data, _ in MESSAGES]
    assert reader.pending == 0


def test_what_is_not_whole_waits() -> None:
    reader = vsc.DeviceReader()
    assert reader.feed(STREAM[:17]) == []
    assert reader.pending == 17


def test_a_message_has_a_largest_size() -> None:
    header = bytes.fromhex("0000000700000000") + (limits.VSC_BODY + 1).to_bytes(4, "big")
    with pytest.raises(LimitError, match="too long"):
        vsc.DeviceReader().feed(header)


def test_inside() -> None:
    assert vsc.inside(MESSAGES[0][0]) == VscReaderAdd(b"reader")
    assert vsc.inside(MESSAGES[3][0]) is None
    assert vsc.message(VscReaderAdd(b"")).type == VscMessageType.ReaderAdd


@pytest.mark.parametrize(
    ("command", "name"),
    [("00a4040000", "SELECT"), ("0cb0000000", "READ BINARY"), ("80a4000000", ""), ("00", ""), ("", ""), ("00ff0000", "")],
)
def test_commands_have_names(command: str, name: str) -> None:
    assert vsc.command_name(bytes.fromhex(command)) == name
