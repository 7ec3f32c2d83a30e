"""Servers: cards, commands and their answers (18.3, 18.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.smartcard.rounds import COMMANDS, SHORT, round_trip
from conformance.cases.smartcard.steps import ATR, OK, SELECT, added, done, on_cards, put_in, refused, with_card
from conformance.expectation import check_value
from spiceproto import vsc
from spiceproto.enums.smartcard import VscMessageType
from spiceproto.messages.smartcard import Data, VscApdu, VscAtr, VscCardRemove, VscReaderRemove

_ADDED: Final = ("SPICE-CARD-005/added",)
_IN: Final = ("SPICE-CARD-016/put-in",)
_ROUND: Final = ("SPICE-CARD-030/select",)
_HEADER: Final = 12
_NO_READER: Final = 7


@server_case("SPICE-CARD-016/put-in", channel="smartcard", requires=_ADDED)
def is_put_in(client: SuiteClient) -> None:
    """ReaderAdd, ATR: the answer is SUCCESS."""
    with_card(client)


@server_case("SPICE-CARD-016/put-in-twice", channel="smartcard", requires=_IN)
def is_put_in_twice(client: SuiteClient) -> None:
    """ATR twice: the second is answered, too, in whichever way."""
    talk, reader = with_card(client)
    talk.send(vsc.message(VscAtr(ATR), reader))
    found = talk.wait_for("DATA", type=VscMessageType.Error, why="each ATR is answered")
    check_value("answer", "reader_id", found.reader_id, reader)


@server_case("SPICE-CARD-017/empty", b"", channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-017/one-byte", b"\x3b", channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-017/34-bytes", b"\x3b\x8f" + bytes(32), channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-017/other-first-byte", b"\x3c" + ATR[1:], channel="smartcard", requires=_IN)
def no_atr(client: SuiteClient, atr: bytes) -> None:
    """ATR that is none: an Error says no. Bytes."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(VscAtr(atr), reader))
    refused(talk, reader, "no card says this")


@server_case("SPICE-CARD-018/taken-out", channel="smartcard", requires=_IN)
def is_taken_out(client: SuiteClient) -> None:
    """ATR, CardRemove: the answer is SUCCESS; and the card is put in again."""
    talk, reader = with_card(client)
    talk.send(vsc.message(VscCardRemove(), reader))
    done(talk, reader, "the card is taken out")
    put_in(talk, reader)


@server_case("SPICE-CARD-019/atr-7", 5, ATR, _NO_READER, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/atr-undefined", 5, ATR, vsc.UNDEFINED, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/card-remove-7", 6, b"", _NO_READER, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/card-remove-undefined", 6, b"", vsc.UNDEFINED, channel="smartcard", requires=_IN)
def no_reader(client: SuiteClient, type: int, body: bytes, reader_id: int) -> None:
    """A card of a reader that is not there: an Error says no, and the channel stays open. Type, body, id."""
    talk = on_cards(client)
    talk.send(Data(type, reader_id, body))
    refused(talk, reader_id, "there is no such reader")
    added(talk)


@server_case("SPICE-CARD-019/removed", channel="smartcard", requires=("SPICE-CARD-011/removed",))
def reader_removed(client: SuiteClient) -> None:
    """ATR for a reader that was removed: an Error says no."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(VscReaderRemove(), reader))
    done(talk, reader, "the reader is removed")
    talk.send(vsc.message(VscAtr(ATR), reader))
    refused(talk, reader, "the reader is gone")


@server_case("SPICE-CARD-026/answer", 7, OK, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-026/error", 2, b"\1\0\0\0", channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-026/empty-answer", 7, b"", channel="smartcard", requires=_IN)
def answers_nothing(client: SuiteClient, type: int, body: bytes) -> None:
    """An answer to nothing, for a reader without a card and with one: the server goes on. Type and body."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(Data(type, reader, body))
    put_in(talk, reader)
    talk.send(Data(type, reader, body), vsc.message(VscCardRemove(), reader))
    done(talk, reader, "the card is taken out")


# -- with a guest that can be told to ask


@server_case("SPICE-CARD-030/select", channel="smartcard", needs=COMMANDS, requires=("SPICE-CARD-001/command",))
def select(client: SuiteClient) -> None:
    """The guest sends SELECT to the card, which says 90 00."""
    talk, reader = with_card(client)
    round_trip(client, talk, reader, SELECT, OK)


@server_case("SPICE-CARD-030/one-after-the-other", channel="smartcard", needs=COMMANDS, requires=_ROUND)
def several(client: SuiteClient) -> None:
    """Three commands with three answers."""
    talk, reader = with_card(client)
    for number in range(3):
        round_trip(client, talk, reader, SELECT[:-1] + bytes([number]), bytes([number]) + OK)


@server_case("SPICE-CARD-030/put-in-again", channel="smartcard", needs=COMMANDS, requires=(*_ROUND, "SPICE-CARD-018/taken-out"))
def put_in_again(client: SuiteClient) -> None:
    """A command, the card is taken out and put in again, and a command."""
    talk, reader = with_card(client)
    round_trip(client, talk, reader, SELECT, OK)
    talk.send(vsc.message(VscCardRemove(), reader))
    done(talk, reader, "the card is taken out")
    put_in(talk, reader)
    round_trip(client, talk, reader, SELECT, b"\x6a\x82")


@server_case("SPICE-CARD-026/before-a-command", channel="smartcard", needs=COMMANDS, requires=_ROUND)
def answer_before(client: SuiteClient) -> None:
    """An answer to nothing, then a command and its answer: that is what the guest gets."""
    talk, reader = with_card(client)
    talk.send(vsc.message(VscApdu(b"\x6f\x00"), reader))
    round_trip(client, talk, reader, SELECT, OK)


@server_case("SPICE-CARD-001/command", SELECT, channel="smartcard", needs=COMMANDS, requires=_IN)
@server_case("SPICE-CARD-001/command-of-261", SHORT, channel="smartcard", needs=COMMANDS, requires=_IN)
def whole(client: SuiteClient, command: bytes) -> None:
    """A command: it comes in one DATA, which has length bytes behind it and nothing else. Command."""
    talk, _ = with_card(client)
    client.control("card-command", command.hex())
    while True:
        message = talk.expect_message("DATA")
        length = int.from_bytes(message.body[8:_HEADER], "little")
        check_value("DATA", "bytes behind length", len(message.body) - _HEADER, length)
        if message.parsed.type == VscMessageType.APDU:
            check_value("APDU", "data", bytes(message.parsed.data), command)
            return
