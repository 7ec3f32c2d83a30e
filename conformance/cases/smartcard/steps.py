"""What cases about smart cards have in common: readers, cards and commands, from either end."""

from __future__ import annotations

from functools import partial
from typing import Final

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.channels import LISTED
from conformance.client_wire import Ask
from conformance.expectation import check_value, one_of
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.link import ChannelType
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscApdu, VscAtr, VscError, VscReaderAdd

__all__ = [
    "ATR",
    "OK",
    "SELECT",
    "add",
    "added",
    "answer",
    "answered",
    "ask",
    "code_of",
    "comes",
    "done",
    "holding",
    "inserted",
    "more",
    "on_cards",
    "once",
    "plugged",
    "put_in",
    "refused",
    "settled",
    "with_card",
]

ATR: Final = bytes.fromhex("3b055350494345")
"""The answer to reset of a card that has no interface bytes, and five of its own."""

SELECT: Final = bytes.fromhex("00a4000c023f00")
"""A command that every card has an answer to."""

OK: Final = b"\x90\x00"
"""The status word of what was done."""

_NAME: Final = b"spiceconf reader"


def code_of(value: Data) -> int:
    """The code of an Error. Raises Failure for a body that is none."""
    if len(value.data) < 4:
        raise Failure("an Error with a code of 4 bytes", f"{len(value.data)} bytes")
    return int(vsc.inside(value).code)


# -- the suite is a client


def on_cards(client: SuiteClient) -> Talk:
    """The smartcard channel of a new session. Raises NotApplicable if there is none."""
    client.session()
    return client.channel(Ask(ChannelType.SMARTCARD))


def answer(talk: Talk, why: str = "") -> Data:
    """The server's next Error: what it says to what was said last. Raises Failure."""
    found: Data = talk.wait_for("DATA", type=VscMessageType.Error, why=why)
    return found


def done(talk: Talk, reader_id: int, why: str) -> None:
    """The answer is that it was done. Raises Failure."""
    found = answer(talk, why)
    check_value("answer", "reader_id", found.reader_id, reader_id)
    check_value("answer", "code", code_of(found), 0, why=why)


def refused(talk: Talk, reader_id: int, why: str) -> None:
    """The answer is that it was not done, whatever the code is, in whichever order its bytes are. Raises Failure."""
    found = answer(talk, why)
    check_value("answer", "reader_id", found.reader_id, reader_id)
    if not code_of(found):
        raise Failure(f"an Error whose code is not SUCCESS ({why})", "code 0")


def add(talk: Talk, reader_id: int = vsc.UNDEFINED) -> int | None:
    """Say ReaderAdd: the new reader's id; None if it is refused. Raises Failure without an answer."""
    talk.send(vsc.message(VscReaderAdd(_NAME), reader_id))
    found = answer(talk, "a ReaderAdd is answered")
    return None if code_of(found) else found.reader_id


def added(talk: Talk) -> int:
    """A new reader's id. Raises NotApplicable if the server has no room for one."""
    found = add(talk)
    if found is None:
        raise NotApplicable("the server takes no reader")
    return found


def put_in(talk: Talk, reader: int, atr: bytes = ATR) -> None:
    """A card that the server takes. Raises Failure."""
    talk.send(vsc.message(VscAtr(atr), reader))
    done(talk, reader, "the card is put in")


def with_card(client: SuiteClient) -> tuple[Talk, int]:
    """A smartcard channel with a reader and a card in it."""
    talk = on_cards(client)
    reader = added(talk)
    put_in(talk, reader)
    return talk, reader


# -- the suite is a server


def comes(server: SuiteServer, talk: Talk, what: str = "a card reader") -> bool:
    """Whether the client says something, of what it need not have; it stays in the inbox."""
    return server.target.shows(what, partial(_said, server, talk), server.network.quiet)


def more(server: SuiteServer, talk: Talk) -> bool:
    """Whether the client says something besides within a short quiet time; it stays in the inbox."""
    return _said(server, talk, server.network.quiet)


def _said(server: SuiteServer, talk: Talk, within: float | None) -> bool:
    return server.run(lambda: any(item.name == "DATA" for item in talk.inbox) or talk.closed, within)


def plugged(server: SuiteServer) -> tuple[Talk, Data]:
    """A smartcard channel of a client that has a reader, and its ReaderAdd, which waits for an answer.

    Raises NotApplicable if the client links none, or has none.
    """
    server.session(listed=(*LISTED, (ChannelType.SMARTCARD, 0)))
    talk = server.linked(ChannelType.SMARTCARD, 0)
    if not comes(server, talk):
        if server.target.meets("act:card-reader"):
            server.act("card-reader", present=True)
        if not comes(server, talk):
            raise NotApplicable("the target has no card reader")
    return talk, talk.expect("DATA", type=VscMessageType.ReaderAdd)


def holding(server: SuiteServer, reader: int = 0) -> Talk:
    """A smartcard channel of a client whose reader has this id, with a card in it. Raises NotApplicable if there is none."""
    talk, _ = plugged(server)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), reader))
    inserted(server, talk, reader)
    return talk


def inserted(server: SuiteServer, talk: Talk, reader: int) -> Data:
    """The client puts its card in, of its own accord or because it is told to; the answer is given. Raises NotApplicable."""
    if not comes(server, talk, "a card"):
        if server.target.meets("act:card"):
            server.act("card", present=True)
        if not comes(server, talk, "a card"):
            raise NotApplicable("the target puts no card into its reader")
    found: Data = talk.expect("DATA", type=VscMessageType.ATR)
    talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), reader))
    return found


def settled(server: SuiteServer, talk: Talk, reader: int) -> None:
    """The client says nothing more; spice-gtk 0.42 may say ATR twice, and waits for the answer to each. Raises Failure."""
    while more(server, talk):
        talk.expect("DATA", type=VscMessageType.ATR)
        talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), reader))


def answered(talk: Talk, reader: int, why: str) -> Data:
    """The client's next answer to a command. Raises Failure."""
    found: Data = talk.wait_for("DATA", type=one_of(VscMessageType.APDU, VscMessageType.Error), why=why)
    check_value("answer", "reader_id", found.reader_id, reader)
    return found


def once(server: SuiteServer, talk: Talk) -> None:
    """No answer comes behind the one that was taken; what else the client says is none. Raises Failure."""
    server.wait_quiet()
    kinds = (VscMessageType.APDU, VscMessageType.Error)
    more = [found for found in talk.unread("DATA") if found.value is not None and found.value.type in kinds]
    check_value("", "answers to one command", 1 + len(more), 1)


def ask(talk: Talk, reader: int, *commands: bytes) -> None:
    """Commands of the guest."""
    talk.send(*[vsc.message(VscApdu(each), reader) for each in commands])
