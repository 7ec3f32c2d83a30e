"""The smartcard channel: readers of clients, the guest's and those of a device, and what the guest asks cards."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.guest import AttachedReader, CardReader, ForDevice, on_cards
from reference_server.guests.card import SELECT, card
from reference_server.guests.program import Program
from reference_server.tests.memory import PIECES, Line, Wire, serve, small
from spiceproto import vsc
from spiceproto.enums.link import ChannelType
from spiceproto.enums.smartcard import VscErrorCode
from spiceproto.errors import LocalError
from spiceproto.messages.smartcard import Data, VscApdu, VscAtr, VscCardRemove, VscError, VscReaderAdd, VscReaderRemove

ATR = bytes.fromhex("3b055350494345")
OK = b"\x90\x00"
DONE = VscError(VscErrorCode.SUCCESS)
NO = VscError(VscErrorCode.GENERAL_ERROR)


def cards(guest: Any, piece: int = 0) -> tuple[Wire, Line]:
    wire = serve(guest, piece=piece)
    wire.main()
    line = wire.link(ChannelType.SMARTCARD)
    assert line.refused is None
    line.read()
    return wire, line


def said(line: Line, value: Any, reader: int = vsc.UNDEFINED) -> list[tuple[Any, int]]:
    """What the server says to this: values and ids."""
    line.send(vsc.message(value, reader))
    return [(vsc.inside(item), item.reader_id) for item in line.read() if isinstance(item, Data)]


def test_there_is_no_channel_without_a_reader() -> None:
    wire = serve(small())
    wire.main()
    assert wire.link(ChannelType.SMARTCARD).refused is not None


@PIECES
def test_a_card_is_asked(piece: int) -> None:
    guest = small(readers=1)
    events: list[Any] = []
    on_cards(guest, lambda name, fields: events.append((name, fields)))
    _, line = cards(guest, piece)
    assert said(line, VscReaderAdd(b"mine")) == [(DONE, 0)]
    assert said(line, VscAtr(ATR), 0) == [(DONE, 0)]
    (reader,) = guest.readers
    assert isinstance(reader, CardReader) and reader.name == b"mine"
    reader.transmit(b"\0\xa4")
    reader.transmit(b"\0\xb0")
    assert [(vsc.inside(item), item.reader_id) for item in line.read()] == [(VscApdu(b"\0\xa4"), 0)]
    assert said(line, VscApdu(OK), 0) == [(VscApdu(b"\0\xb0"), 0)]
    assert said(line, NO, 0) == []
    assert said(line, VscApdu(b"to nothing"), 0) == []
    assert said(line, VscCardRemove(), 0) == [(DONE, 0)]
    with pytest.raises(LocalError, match="no card"):
        reader.transmit(b"\0\xa4")
    assert said(line, VscReaderRemove(), 0) == [(DONE, 0)]
    assert events == [
        ("card-reader", {"present": True}),
        ("card", {"atr": ATR.hex()}),
        ("card-answer", {"command": "00a4", "answer": "9000"}),
        ("card-answer", {"command": "00b0", "answer": None}),
        ("card", {"atr": None}),
        ("card-reader", {"present": False}),
    ]


def test_each_reader_has_an_id_until_there_is_none() -> None:
    wire, line = cards(small(readers=2))
    assert [said(line, VscReaderAdd(b""))[0] for _ in range(3)] == [
        (DONE, 0),
        (DONE, 1),
        (VscError(VscErrorCode.CANNOT_ADD_MORE_READERS), vsc.UNDEFINED),
    ]
    assert said(line, VscReaderRemove(), 0) == [(DONE, 0)]
    assert said(line, VscAtr(ATR), 0) == [(NO, 0)]
    assert said(line, VscReaderRemove(), 0) == [(NO, 0)]
    assert said(line, VscReaderAdd(b"")) == [(DONE, 0)]
    line.hang_up()
    assert not any(reader.present for reader in wire.server.guest.readers if isinstance(reader, CardReader))


def test_a_device_is_somewhere_else() -> None:
    guest, device = small(), AttachedReader()
    guest.readers.append(device)
    heard: list[bytes] = []
    device.watch(lambda news: heard.append(news.data), ForDevice)
    _, line = cards(guest)
    assert said(line, VscReaderAdd(b"x")) == [(NO, 0)]
    device.attach()
    line.send(vsc.message(VscReaderRemove(), 0))
    device.fed(vsc.device_bytes(vsc.message(DONE, 0)))
    line.read()
    assert said(line, VscReaderAdd(b"x")) == []
    assert heard[-1] == bytes.fromhex("00000003 ffffffff 00000001 78")
    answer = bytes.fromhex("00000002 00000000 00000004 00000000")
    device.fed(answer[:7])
    assert line.read() == []
    device.fed(answer[7:])
    assert [(vsc.inside(item), item.reader_id) for item in line.read()] == [(DONE, 0)]
    line.hang_up()
    assert heard[-1][:4] == bytes.fromhex("00000004")


def test_a_program_asks_every_card() -> None:
    guest = small(readers=1)
    card(Program(guest, 1))
    _, line = cards(guest)
    said(line, VscReaderAdd(b""))
    assert said(line, VscAtr(ATR), 0) == [(DONE, 0), (VscApdu(SELECT), 0)]
    before = guest.screens[0].picture[0, 0].tolist()
    said(line, VscApdu(OK), 0)
    assert guest.screens[0].picture[0, 0].tolist() != before
