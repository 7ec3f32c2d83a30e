"""Clients: what they say of their reader and card (18.1 to 18.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.smartcard.steps import SELECT, answered, ask, holding, inserted, more, once, plugged, settled
from conformance.expectation import check_value
from conformance.outcome import Failure
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscApdu, VscError

_ADDS: Final = ("SPICE-CARD-004/reader-first",)
_ANSWERS: Final = ("SPICE-CARD-022/select",)
_OF_A_READER: Final = (VscMessageType.ATR, VscMessageType.CardRemove, VscMessageType.ReaderRemove)
_ATR_LEAST, _ATR_MOST = 2, 33
_ATR_FIRST: Final = (0x3B, 0x3F)


@client_case("SPICE-CARD-004/reader-first", channel="smartcard")
def reader_first(server: SuiteServer) -> None:
    """The channel is linked: the first that the client says is ReaderAdd."""
    plugged(server)


@client_case("SPICE-CARD-009/5", 5, channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-009/0x7fffffff", 0x7FFFFFFF, channel="smartcard", requires=_ANSWERS)
def its_id(server: SuiteServer, reader: int) -> None:
    """ReaderAdd is answered with an id: ATR and answers to commands have it. Id."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), reader))
    found = inserted(server, talk, reader)
    check_value("ATR", "reader_id", found.reader_id, reader)
    ask(talk, reader, SELECT)
    answered(talk, reader, "a command is answered")


@client_case("SPICE-CARD-014/general-error", 1, channel="smartcard", requires=_ADDS)
@client_case("SPICE-CARD-014/no-room", 2, channel="smartcard", requires=_ADDS)
@client_case("SPICE-CARD-014/code-99", 99, channel="smartcard", requires=_ADDS)
@client_case("SPICE-CARD-014/highest-byte-first", 0x02000000, channel="smartcard", requires=_ADDS)
def is_refused(server: SuiteServer, code: int) -> None:
    """ReaderAdd is answered with another code: the client says nothing of reader and card, but may ask again. Code."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(code)))
    said = server.so_far(talk, "DATA")
    server.wait_quiet()
    said += talk.unread("DATA")
    found = [VscMessageType(item.parsed.type).name for item in said if item.parsed.type in _OF_A_READER]
    if found:
        raise Failure("nothing of a reader that was refused", ", ".join(found))


@client_case("SPICE-CARD-010/waits", channel="smartcard", requires=_ADDS)
def waits(server: SuiteServer) -> None:
    """ReaderAdd is not answered for a while: nothing more comes; then ATR does."""
    talk, _ = plugged(server)
    talk.expect_none("DATA", after=talk.count("DATA"), why="ReaderAdd is not answered yet")
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    inserted(server, talk, 0)


@client_case("SPICE-CARD-010/out-and-in", channel="smartcard", needs=("act:card",), requires=_ADDS)
def out_and_in(server: SuiteServer) -> None:
    """The card is taken out and put in at once: CardRemove comes, and ATR when that is answered."""
    talk = holding(server)
    settled(server, talk, 0)
    server.act("card", present=False)
    server.act("card", present=True)
    talk.expect("DATA", type=VscMessageType.CardRemove, reader_id=0)
    talk.expect_none("DATA", after=talk.count("DATA"), why="CardRemove is not answered yet")
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    talk.expect("DATA", type=VscMessageType.ATR, reader_id=0)


@client_case("SPICE-CARD-009/taken-away", channel="smartcard", needs=("act:card-reader",), requires=_ADDS)
def taken_away(server: SuiteServer) -> None:
    """The reader is taken away, and is there again with another id: ReaderRemove has the first, and ATR the second."""
    talk = holding(server, 3)
    server.act("card-reader", present=False)
    last = talk.wait_for("DATA", type=VscMessageType.ReaderRemove)
    check_value("ReaderRemove", "reader_id", last.reader_id, 3)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 3))
    server.act("card-reader", present=True)
    talk.expect("DATA", type=VscMessageType.ReaderAdd)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 4))
    check_value("ATR", "reader_id", inserted(server, talk, 4).reader_id, 4)


@client_case("SPICE-CARD-015/its-reader", 0, channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-015/another-reader", 9, channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-015/no-reader", vsc.UNDEFINED, channel="smartcard", requires=_ANSWERS)
def error_to_nothing(server: SuiteServer, reader: int) -> None:
    """Errors that answer nothing, good and bad: the client goes on, and the card answers. Id."""
    talk = holding(server)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), reader), vsc.message(VscError(VscErrorCode.GENERAL_ERROR), reader))
    server.alive(talk)
    ask(talk, 0, SELECT)
    answered(talk, 0, "a command is answered")


@client_case("SPICE-CARD-025/atr", channel="smartcard", requires=_ADDS)
def atr(server: SuiteServer) -> None:
    """ATR: 2 to 33 bytes, the first of which is 0x3b or 0x3f."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    said = bytes(inserted(server, talk, 0).data)
    if not _ATR_LEAST <= len(said) <= _ATR_MOST or said[0] not in _ATR_FIRST:
        raise Failure("an answer to reset: 2 to 33 bytes, the first 3b or 3f", f"{len(said)} bytes: {said[:40].hex(' ')}")


@client_case("SPICE-CARD-002/type-0-of-a-server", 0, b"", channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-002/type-99-of-a-server", 99, bytes(9), channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-002/init-of-a-server", 1, b"VSCD" + bytes(8), channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-002/flush-of-a-server", 8, b"", channel="smartcard", requires=_ANSWERS)
@client_case("SPICE-CARD-002/flush-complete-of-a-server", 9, b"", channel="smartcard", requires=_ANSWERS)
def of_no_use(server: SuiteServer, type: int, body: bytes) -> None:
    """What means nothing, or has no use, when the card is there, and a command: the card answers that alone. Type and body."""
    talk = holding(server)
    talk.send(Data(type, 0, body), vsc.message(VscApdu(SELECT), 0))
    answered(talk, 0, "a command is answered")
    once(server, talk)
    server.alive(talk)


@client_case("SPICE-CARD-001/atr", channel="smartcard", requires=_ANSWERS)
def whole(server: SuiteServer) -> None:
    """ReaderAdd, ATR and an answer: each comes in one DATA, which has length bytes behind it and nothing else."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    more(server, talk)
    bodies = [message.body for message in talk.unread("DATA")]
    inserted(server, talk, 0)
    ask(talk, 0, SELECT)
    bodies.append(talk.expect_message("DATA", why="a command is answered").body)
    for body in bodies:
        check_value("DATA", "bytes behind length", len(body) - 12, int.from_bytes(body[8:12], "little"))
