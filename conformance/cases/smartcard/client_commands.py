"""Clients: commands of the guest, and the answers of the card (18.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.smartcard.rounds import EXTENDED, SHORT
from conformance.cases.smartcard.steps import SELECT, answered, ask, code_of, holding, once, plugged, settled
from conformance.expectation import check_value
from conformance.outcome import Failure
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscError

_IN: Final = ("SPICE-CARD-022/select",)
_STATUS: Final = 2
_NO_READER: Final = 77

_ONE: Final = bytes.fromhex("00a40004023f00"), bytes.fromhex("0084000008"), bytes.fromhex("00ff000000")
"""SELECT, GET CHALLENGE, and an instruction that there is none of: most cards say something else to each."""


def _said(found: Data) -> None:
    """It is what a card says. Raises Failure."""
    if found.type == VscMessageType.APDU and len(found.data) < _STATUS:
        raise Failure("an answer with two bytes of status word", f"{len(found.data)} bytes")


@client_case("SPICE-CARD-022/select", channel="smartcard", requires=("SPICE-CARD-004/reader-first",))
def select(server: SuiteServer) -> None:
    """A command for the card: one answer comes, with a status word."""
    talk = holding(server)
    ask(talk, 0, SELECT)
    _said(answered(talk, 0, "each command is answered"))
    once(server, talk)
    server.alive(talk)


@client_case("SPICE-CARD-022/one-after-the-other", channel="smartcard", requires=_IN)
def in_turn(server: SuiteServer) -> None:
    """Three commands, each when the one before was answered: three answers."""
    talk = holding(server)
    for command in _ONE:
        ask(talk, 0, command)
        _said(answered(talk, 0, "each command is answered"))


@client_case("SPICE-CARD-022/three-at-once", channel="smartcard", requires=("SPICE-CARD-022/one-after-the-other",))
def at_once(server: SuiteServer) -> None:
    """The same three commands at once: the same answers, in the same order, but for bytes of chance."""
    talk = holding(server)
    alone = []
    for command in _ONE:
        ask(talk, 0, command)
        alone.append(answered(talk, 0, "each command is answered"))
    ask(talk, 0, *_ONE)
    together = [answered(talk, 0, "each command is answered") for _ in _ONE]
    for first, second in zip(alone, together, strict=True):
        check_value("answer", "type", int(second.type), int(first.type), why="in the order of the commands")
        check_value("answer", "bytes", len(second.data), len(first.data), why="in the order of the commands")
        check_value("answer", "status word", bytes(second.data)[-_STATUS:], bytes(first.data)[-_STATUS:])


@client_case("SPICE-CARD-022/put-in-again", channel="smartcard", needs=("act:card",), requires=_IN)
def put_in_again(server: SuiteServer) -> None:
    """The card is taken out and put in again: it answers."""
    talk = holding(server)
    settled(server, talk, 0)
    server.act("card", present=False)
    talk.wait_for("DATA", type=VscMessageType.CardRemove)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    server.act("card", present=True)
    talk.wait_for("DATA", type=VscMessageType.ATR)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    ask(talk, 0, SELECT)
    _said(answered(talk, 0, "a command is answered"))


@client_case("SPICE-CARD-023/no-such-reader", channel="smartcard", requires=_IN)
def no_such_reader(server: SuiteServer) -> None:
    """A command for a reader that the client does not have: an Error of it comes, and its own card answers."""
    talk = holding(server)
    ask(talk, _NO_READER, SELECT)
    found = answered(talk, _NO_READER, "there is no such reader")
    check_value("answer", "type", int(found.type), VscMessageType.Error)
    if not code_of(found):
        raise Failure("an Error whose code is not SUCCESS", "code 0")
    ask(talk, 0, SELECT)
    _said(answered(talk, 0, "a command is answered"))


@client_case("SPICE-CARD-023/reader-refused", channel="smartcard", requires=_IN)
def reader_refused(server: SuiteServer) -> None:
    """A command for a reader that was refused: an Error of it comes."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(VscErrorCode.CANNOT_ADD_MORE_READERS)))
    server.alive(talk)
    ask(talk, 0, SELECT)
    found = answered(talk, 0, "there is no such reader")
    check_value("answer", "type", int(found.type), VscMessageType.Error)


@client_case("SPICE-CARD-023/taken-out", channel="smartcard", needs=("act:card",), requires=_IN)
def taken_out(server: SuiteServer) -> None:
    """The card is taken out, and a command comes: an Error of its reader is the answer."""
    talk = holding(server)
    settled(server, talk, 0)
    server.act("card", present=False)
    talk.wait_for("DATA", type=VscMessageType.CardRemove)
    ask(talk, 0, SELECT)
    found = answered(talk, 0, "there is no card")
    check_value("answer", "type", int(found.type), VscMessageType.Error)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    server.alive(talk)


@client_case("SPICE-CARD-022/no-bytes", b"", channel="smartcard", requires=_IN)
@client_case("SPICE-CARD-022/three-bytes", b"\0\xa4\0", channel="smartcard", requires=_IN)
@client_case("SPICE-CARD-027/command-of-261", SHORT, channel="smartcard", requires=_IN)
@client_case("SPICE-CARD-028/command-of-65544", EXTENDED, channel="smartcard", requires=_IN)
def sizes(server: SuiteServer, command: bytes) -> None:
    """A command that is short, no command at all, or as long as can be: an answer comes, and one to the next. Command."""
    talk = holding(server)
    ask(talk, 0, command)
    answered(talk, 0, "each command is answered")
    ask(talk, 0, SELECT)
    _said(answered(talk, 0, "each command is answered"))
