"""Faults of smart cards (spec/18-smartcard.md)."""

from __future__ import annotations

from typing import Any

from reference_server.channels.smartcard import SmartcardChannel
from reference_server.faults.fault import fault
from reference_server.guest import AttachedReader, CardReader, ReaderSays
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscApdu, VscError, VscReaderAdd

_SELECT = bytes.fromhex("00a4000c023f00")
_SHORT_ANSWER = 258


@fault("commands-in-two", "SPICE-CARD-001", "SPICE-CARD-021")
class CommandsInTwo(SmartcardChannel):
    """Sends each command in two DATA."""

    def say(self, message: Data) -> None:
        half = len(message.data) // 2
        if message.type == VscMessageType.APDU:
            super().say(Data(message.type, message.reader_id, message.data[:half]))
            message = Data(message.type, message.reader_id, message.data[half:])
        super().say(message)


@fault("no-unknown-card-messages", "SPICE-CARD-002")
class NoUnknownCardMessages(SmartcardChannel):
    """Closes the channel for a type that it has no use for."""

    def unknown(self, value: Data) -> None:
        self.line.drop("a VSC message of another type")


@fault("adds-readers-itself", "SPICE-CARD-003")
class AddsReadersItself(SmartcardChannel):
    """Says ReaderAdd to a client that has added a reader."""

    def add(self, value: Data) -> None:
        super().add(value)
        self.send(vsc.message(VscReaderAdd(b"the guest's"), 0))


class _Silent(SmartcardChannel):
    """Does not answer what is named in ``left``."""

    left: VscMessageType

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._asked = 0

    def handle(self, value: Any, now: float) -> None:
        self._asked = int(value.type) if isinstance(value, Data) else 0
        super().handle(value, now)
        self._asked = 0

    def send(self, *values: Any) -> None:
        if self._asked == self.left:
            values = tuple([value for value in values if value.type != VscMessageType.Error])
        super().send(*values)


@fault("reader-added-silently", "SPICE-CARD-005")
class ReaderAddedSilently(_Silent):
    """Does not answer ReaderAdd."""

    left = VscMessageType.ReaderAdd


@fault("reader-removed-silently", "SPICE-CARD-011", "SPICE-CARD-012")
class ReaderRemovedSilently(_Silent):
    """Does not answer ReaderRemove."""

    left = VscMessageType.ReaderRemove


@fault("card-put-in-silently", "SPICE-CARD-016", "SPICE-CARD-019")
class CardPutInSilently(_Silent):
    """Does not answer ATR."""

    left = VscMessageType.ATR


@fault("card-taken-out-silently", "SPICE-CARD-018", "SPICE-CARD-019", "SPICE-CARD-026")
class CardTakenOutSilently(_Silent):
    """Does not answer CardRemove."""

    left = VscMessageType.CardRemove


@fault("one-id-for-readers", "SPICE-CARD-006")
class OneIdForReaders(SmartcardChannel):
    """Gives every reader the id 0."""

    def say(self, message: Data) -> None:
        super().say(Data(message.type, 0, message.data))


@fault("no-room-in-other-words", "SPICE-CARD-007")
class NoRoomInOtherWords(SmartcardChannel):
    """Says GENERAL_ERROR and 0 where there is no room for a reader."""

    def refuse(self, reader_id: int, code: VscErrorCode = VscErrorCode.GENERAL_ERROR) -> None:
        if code == VscErrorCode.CANNOT_ADD_MORE_READERS:
            super().refuse(0)
        else:
            super().refuse(reader_id, code)


@fault("readers-without-an-id", "SPICE-CARD-008")
class ReadersWithoutAnId(SmartcardChannel):
    """Refuses a ReaderAdd that has a reader_id."""

    def add(self, value: Data) -> None:
        if value.reader_id == vsc.UNDEFINED:
            super().add(value)
        else:
            self.refuse(value.reader_id)


@fault("removes-any-reader", "SPICE-CARD-012")
class RemovesAnyReader(SmartcardChannel):
    """Says SUCCESS to ReaderRemove of a reader that is not there."""

    def remove(self, value: Data) -> None:
        if value.reader_id in self.readers:
            super().remove(value)
        else:
            self.refuse(value.reader_id, VscErrorCode.SUCCESS)


@fault("closes-for-no-reader", "SPICE-CARD-012")
class ClosesForNoReader(SmartcardChannel):
    """Closes the channel for ReaderRemove of a reader that is not there."""

    def remove(self, value: Data) -> None:
        if value.reader_id in self.readers:
            super().remove(value)
        else:
            self.line.drop("no such reader")


@fault("answers-cards-twice", "SPICE-CARD-013")
class AnswersCardsTwice(SmartcardChannel):
    """Answers CardRemove twice."""

    def of_reader(self, value: Data) -> None:
        super().of_reader(value)
        if value.type == VscMessageType.CardRemove and value.reader_id in self.readers:
            self.send(vsc.message(VscError(VscErrorCode.SUCCESS), value.reader_id))


@fault("takes-any-card", "SPICE-CARD-017")
class TakesAnyCard(SmartcardChannel):
    """Takes a card whatever its answer to reset is."""

    def of_reader(self, value: Data) -> None:
        if value.type == VscMessageType.ATR:
            value = Data(value.type, value.reader_id, b"\x3b\x00")
        super().of_reader(value)


@fault("closes-for-no-card", "SPICE-CARD-019")
class ClosesForNoCard(SmartcardChannel):
    """Closes the channel for a card in a reader that is not there."""

    def of_reader(self, value: Data) -> None:
        if value.reader_id in self.readers:
            super().of_reader(value)
        else:
            self.line.drop("no such reader")


@fault("asks-without-a-card", "SPICE-CARD-020")
class AsksWithoutACard(SmartcardChannel):
    """Sends a command to each reader that is added."""

    def add(self, value: Data) -> None:
        super().add(value)
        self.send(*[vsc.message(VscApdu(_SELECT), number) for number in self.readers])


@fault("asks-twice-at-once", "SPICE-CARD-021", "SPICE-CARD-030")
class AsksTwiceAtOnce(SmartcardChannel):
    """Sends each command twice."""

    def say(self, message: Data) -> None:
        super().say(message)
        if message.type == VscMessageType.APDU:
            super().say(message)


@fault("no-unasked-answers", "SPICE-CARD-026")
class NoUnaskedAnswers(SmartcardChannel):
    """Closes the channel for an answer to nothing."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._open = 0

    def say(self, message: Data) -> None:
        self._open += message.type == VscMessageType.APDU
        super().say(message)

    def of_reader(self, value: Data) -> None:
        if value.type in (VscMessageType.APDU, VscMessageType.Error):
            if not self._open:
                self.line.drop("an answer to nothing")
                return
            self._open -= 1
        super().of_reader(value)


class _Longest(SmartcardChannel):
    """Cuts answers of more than ``longest`` bytes."""

    longest: int

    def of_reader(self, value: Data) -> None:
        super().of_reader(Data(value.type, value.reader_id, value.data[: self.longest]))


@fault("short-answers-cut", "SPICE-CARD-027", "SPICE-CARD-028")
class ShortAnswersCut(_Longest):
    """Cuts answers behind 256 bytes."""

    longest = _SHORT_ANSWER - 2


@fault("long-answers-cut", "SPICE-CARD-028")
class LongAnswersCut(_Longest):
    """Cuts answers behind the longest short one."""

    longest = _SHORT_ANSWER


@fault("keeps-readers", "SPICE-CARD-029")
class KeepsReaders(SmartcardChannel):
    """Keeps the readers of a channel that has ended."""

    def end(self, now: float) -> None:
        self._watched = [item for item in self._watched if item[0] not in self.readers.values()]
        self.readers = {}
        super().end(now)

    def _said(self, number: int, news: ReaderSays) -> None:
        if number in self.readers:
            super()._said(number, news)

    def lose(self, reader: CardReader | AttachedReader) -> None:
        pass


@fault("answers-turned-around", "SPICE-CARD-030")
class AnswersTurnedAround(SmartcardChannel):
    """Hands the guest each answer with its last byte first."""

    def of_reader(self, value: Data) -> None:
        if value.type == VscMessageType.APDU:
            value = Data(value.type, value.reader_id, bytes(value.data)[::-1])
        super().of_reader(value)
