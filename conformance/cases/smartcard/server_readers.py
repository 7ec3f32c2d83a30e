"""Servers: readers that come and go (18.1, 18.2, 18.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.smartcard.steps import add, added, code_of, done, on_cards, refused
from conformance.cases.smartcard.steps import answer as answered
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscReaderAdd, VscReaderRemove

_ADDED: Final = ("SPICE-CARD-005/added",)
_REMOVED: Final = ("SPICE-CARD-011/removed",)
_MOST: Final = 16
"""Readers that are added until one is refused."""

_NO_READER: Final = 7
"""An id that no server has given; libspice-server counts from 0."""


@server_case("SPICE-CARD-005/added", channel="smartcard")
def is_added(client: SuiteClient) -> None:
    """ReaderAdd: one Error comes, and no second one."""
    talk = on_cards(client)
    added(talk)
    client.alive(client.main_talk)
    more = [message.parsed.type for message in talk.unread("DATA")]
    check_value("", "answers to one ReaderAdd", 1 + more.count(VscMessageType.Error), 1)


@server_case("SPICE-CARD-005/added-again", channel="smartcard", requires=_REMOVED)
def is_added_again(client: SuiteClient) -> None:
    """ReaderAdd, ReaderRemove, ReaderAdd: all are answered, and the reader is there again."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(VscReaderRemove(), reader))
    done(talk, reader, "the reader is removed")
    if add(talk) is None:
        raise Failure("the reader is added again", "it is refused")


@server_case("SPICE-CARD-008/0", 0, channel="smartcard", requires=_ADDED)
@server_case("SPICE-CARD-008/7", _NO_READER, channel="smartcard", requires=_ADDED)
def with_an_id(client: SuiteClient, reader_id: int) -> None:
    """ReaderAdd with a reader_id: it is added. Id."""
    talk = on_cards(client)
    if add(talk, reader_id) is None:
        raise Failure("the reader is added", "it is refused")


def _until_refused(talk: Talk) -> tuple[list[int], Data | None]:
    """Ids of readers that were added, one after the other, and the answer to the first that was refused."""
    readers: list[int] = []
    for _ in range(_MOST):
        talk.send(vsc.message(VscReaderAdd(b"spiceconf reader")))
        found = answered(talk)
        if code_of(found):
            return readers, found
        readers.append(found.reader_id)
    return readers, None


@server_case("SPICE-CARD-006/several", channel="smartcard", requires=_ADDED)
def ids_differ(client: SuiteClient) -> None:
    """Readers are added until one is refused: each has an id of its own."""
    readers, _ = _until_refused(on_cards(client))
    if len(readers) < 2:
        raise NotApplicable("the server has room for one reader")
    check_value("", "ids of readers that are there", len(set(readers)), len(readers))


@server_case("SPICE-CARD-007/no-room", channel="smartcard", requires=("SPICE-CARD-006/several",))
def no_room(client: SuiteClient) -> None:
    """Readers are added until one is refused: code CANNOT_ADD_MORE_READERS, reader_id 0xffffffff."""
    _, last = _until_refused(on_cards(client))
    if last is None:
        raise NotApplicable(f"the server takes {_MOST} readers")
    check_value("answer", "reader_id", last.reader_id, vsc.UNDEFINED)
    check_value("answer", "code", code_of(last), VscErrorCode.CANNOT_ADD_MORE_READERS)


@server_case("SPICE-CARD-011/removed", channel="smartcard", requires=_ADDED)
def is_removed(client: SuiteClient) -> None:
    """ReaderAdd, ReaderRemove: the answer is SUCCESS."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(VscReaderRemove(), reader))
    done(talk, reader, "the reader is removed")


@server_case("SPICE-CARD-012/7", _NO_READER, channel="smartcard")
@server_case("SPICE-CARD-012/undefined", vsc.UNDEFINED, channel="smartcard")
def none_is_removed(client: SuiteClient, reader_id: int) -> None:
    """ReaderRemove of a reader that nobody has added: an Error says no. Id."""
    talk = on_cards(client)
    talk.send(vsc.message(VscReaderRemove(), reader_id))
    refused(talk, reader_id, "there is no such reader")
    client.alive(client.main_talk)
    talk.expect_open("only one thing was refused")


@server_case("SPICE-CARD-012/twice", channel="smartcard", requires=_REMOVED)
def removed_twice(client: SuiteClient) -> None:
    """ReaderAdd, and ReaderRemove twice: the second answer says no."""
    talk = on_cards(client)
    reader = added(talk)
    talk.send(vsc.message(VscReaderRemove(), reader))
    done(talk, reader, "the reader is removed")
    talk.send(vsc.message(VscReaderRemove(), reader))
    refused(talk, reader, "the reader is gone")


@server_case("SPICE-CARD-002/type-0", 0, b"", channel="smartcard", requires=_REMOVED)
@server_case("SPICE-CARD-002/type-99", 99, bytes(9), channel="smartcard", requires=_REMOVED)
@server_case("SPICE-CARD-002/init", 1, b"VSCD" + bytes(8), channel="smartcard", requires=_REMOVED)
@server_case("SPICE-CARD-002/flush", 8, b"", channel="smartcard", requires=_REMOVED)
@server_case("SPICE-CARD-002/flush-complete", 9, b"", channel="smartcard", requires=_REMOVED)
def of_no_use(client: SuiteClient, type: int, body: bytes) -> None:
    """What means nothing, or has no use, before and behind ReaderAdd: the server goes on. Type and body."""
    talk = on_cards(client)
    value = Data(type, 0, body)
    talk.send(value)
    reader = added(talk)
    talk.send(value, vsc.message(VscReaderRemove(), reader))
    done(talk, reader, "the reader is removed")


@server_case("SPICE-CARD-029/another-session", channel="smartcard", requires=_ADDED)
def another_session(client: SuiteClient) -> None:
    """Readers are added until one is refused; main and the channel end. In another session there is as much room as before."""
    talk = on_cards(client)
    readers, last = _until_refused(talk)
    if not readers or last is None:
        raise NotApplicable("the server has no room, or room for all")
    talk.close()
    client.main_talk.close()
    client.wait_quiet()
    again, _ = _until_refused(on_cards(client))
    check_value("", "readers for which there is room", len(again), len(readers))


@server_case("SPICE-CARD-029/another-channel", channel="smartcard", requires=_ADDED)
def another_channel(client: SuiteClient) -> None:
    """A reader is added, and main and the channel end; in another session a reader is added."""
    talk = on_cards(client)
    added(talk)
    talk.close()
    client.main_talk.close()
    client.wait_quiet()
    if add(on_cards(client)) is None:
        raise Failure("the reader is added again", "it is refused")
