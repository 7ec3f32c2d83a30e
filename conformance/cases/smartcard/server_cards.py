"""Servers: cards, commands and their answers (18.3, 18.4)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.smartcard.steps import ATR, OK, SELECT, added, done, on_cards, put_in, refused, with_card
from conformance.expectation import check_value
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import VscApdu, VscAtr, VscCardRemove, VscError, VscReaderRemove

_ADDED: Final = ("SPICE-CARD-005/added",)
_IN: Final = ("SPICE-CARD-016/put-in",)
_ROUND: Final = ("SPICE-CARD-030/select",)
_COMMANDS: Final = ("control:card-command", "control:card-events")
_HEADER: Final = 12
_NO_READER: Final = 7

_SHORT: Final = bytes.fromhex("00d60000ff") + bytes(range(255)) + b"\0"
"""The longest short command: header, length, 255 bytes, and how many are wanted."""

_EXTENDED: Final = bytes.fromhex("00d6000000ffff") + bytes(65535) + b"\0\0"
"""The longest extended one."""


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


@server_case("SPICE-CARD-019/atr-7", VscAtr(ATR), _NO_READER, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/atr-undefined", VscAtr(ATR), vsc.UNDEFINED, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/card-remove-7", VscCardRemove(), _NO_READER, channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-019/card-remove-undefined", VscCardRemove(), vsc.UNDEFINED, channel="smartcard", requires=_IN)
def no_reader(client: SuiteClient, value: Any, reader_id: int) -> None:
    """A card of a reader that is not there: an Error says no, and the channel stays open. Message, id."""
    talk = on_cards(client)
    talk.send(vsc.message(value, reader_id))
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


@server_case("SPICE-CARD-026/answer", VscApdu(OK), channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-026/error", VscError(VscErrorCode.GENERAL_ERROR), channel="smartcard", requires=_IN)
@server_case("SPICE-CARD-026/empty-answer", VscApdu(b""), channel="smartcard", requires=_IN)
def answers_nothing(client: SuiteClient, value: Any) -> None:
    """An answer to nothing, for a reader without a card and with one: the server goes on. Message."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(value, reader))
    put_in(talk, reader)
    talk.send(vsc.message(value, reader), vsc.message(VscCardRemove(), reader))
    done(talk, reader, "the card is taken out")


# -- with a guest that can be told to ask


def _asked(client: SuiteClient, talk: Talk, reader: int, command: bytes) -> None:
    """The guest asks; the command comes. Raises Failure."""
    client.control("card-command", command.hex())
    found = talk.wait_for("DATA", type=VscMessageType.APDU, why="the guest sends a command")
    check_value("APDU", "reader_id", found.reader_id, reader)
    check_value("APDU", "data", bytes(found.data), command)


def _round(client: SuiteClient, talk: Talk, reader: int, command: bytes, response: bytes) -> None:
    """The guest asks, and gets the answer. Raises Failure."""
    client.control("card-events")
    _asked(client, talk, reader, command)
    talk.send(vsc.message(VscApdu(response), reader))
    client.alive(client.main_talk)
    wanted = {"event": "card-answer", "command": command.hex(), "answer": response.hex()}
    events: list[Any] = []

    def came() -> bool:
        events.extend(client.control("card-events"))
        return any(item["event"] == "card-answer" for item in events)

    client.run(came)
    if wanted not in events:
        raise Failure(f"the guest gets {len(response)} bytes for its command", f"what it got: {str(events)[:200]}")


@server_case("SPICE-CARD-030/select", channel="smartcard", needs=_COMMANDS, requires=("SPICE-CARD-001/command",))
def select(client: SuiteClient) -> None:
    """The guest sends SELECT to the card, which says 90 00."""
    talk, reader = with_card(client)
    _round(client, talk, reader, SELECT, OK)


@server_case("SPICE-CARD-030/one-after-the-other", channel="smartcard", needs=_COMMANDS, requires=_ROUND)
def several(client: SuiteClient) -> None:
    """Three commands with three answers."""
    talk, reader = with_card(client)
    for number in range(3):
        _round(client, talk, reader, SELECT[:-1] + bytes([number]), bytes([number]) + OK)


@server_case("SPICE-CARD-030/put-in-again", channel="smartcard", needs=_COMMANDS, requires=(*_ROUND, "SPICE-CARD-018/taken-out"))
def put_in_again(client: SuiteClient) -> None:
    """A command, the card is taken out and put in again, and a command."""
    talk, reader = with_card(client)
    _round(client, talk, reader, SELECT, OK)
    talk.send(vsc.message(VscCardRemove(), reader))
    done(talk, reader, "the card is taken out")
    put_in(talk, reader)
    _round(client, talk, reader, SELECT, b"\x6a\x82")


@server_case("SPICE-CARD-026/before-a-command", channel="smartcard", needs=_COMMANDS, requires=_ROUND)
def answer_before(client: SuiteClient) -> None:
    """An answer to nothing, then a command and its answer: that is what the guest gets."""
    talk, reader = with_card(client)
    talk.send(vsc.message(VscApdu(b"\x6f\x00"), reader))
    _round(client, talk, reader, SELECT, OK)


@server_case("SPICE-CARD-001/command", SELECT, channel="smartcard", needs=_COMMANDS, requires=_IN)
@server_case("SPICE-CARD-001/command-of-261", _SHORT, channel="smartcard", needs=_COMMANDS, requires=_IN)
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


@server_case("SPICE-CARD-027/answer-of-258", SELECT, 256, channel="smartcard", needs=_COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-027/both", _SHORT, 256, channel="smartcard", needs=_COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-028/answer-of-65538", SELECT, 65536, channel="smartcard", needs=_COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-028/both", _EXTENDED, 65536, channel="smartcard", needs=_COMMANDS, requires=_ROUND)
def sizes(client: SuiteClient, command: bytes, size: int) -> None:
    """A command, and an answer with so many bytes before the status word. Command, bytes."""
    talk, reader = with_card(client)
    _round(client, talk, reader, command, bytes(size) + OK)
