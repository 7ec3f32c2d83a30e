"""Faults of smart cards (spec/18-smartcard.md)."""

from __future__ import annotations

from typing import Any

from reference_client.channels.smartcard import SmartcardChannel
from reference_client.faults.fault import fault
from spiceproto import dispatch, vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import (
    Data,
    VscApdu,
    VscAtr,
    VscCardRemove,
    VscError,
)

_KNOWN = (VscMessageType.Error, VscMessageType.APDU)
_SHORT, _LONGEST_SHORT = 256, 261
_DONE = b"\x90\x00"


@fault("bytes-behind-answers", "SPICE-CARD-001", "SPICE-FRAME-044")
class BytesBehindAnswers(SmartcardChannel):
    """Sends two bytes more behind each answer of the card than its length says."""

    def send(self, *values: Any) -> None:
        for value in values:
            messages = self.line.messages
            if messages is not None and isinstance(value, Data) and value.type == VscMessageType.APDU:
                number, body = dispatch.build("smartcard", "client", value)
                self.line.put(messages.bytes_to_send() + messages.send_raw(number, body + _DONE))
            else:
                super().send(value)


@fault("card-types-fatal", "SPICE-CARD-002")
class CardTypesFatal(SmartcardChannel):
    """Ends the session for a type that it has no use for."""

    def on_data(self, value: Data, now: float) -> None:
        if value.type in _KNOWN:
            super().on_data(value, now)
        else:
            self.host.end("a VSC message of another type", orderly=False)


@fault("card-init-as-command", "SPICE-CARD-002", "SPICE-CARD-024")
class CardInitAsCommand(SmartcardChannel):
    """Takes Init of the server for a command, and lets the card answer."""

    def on_data(self, value: Data, now: float) -> None:
        if value.type == VscMessageType.Init:
            value = Data(VscMessageType.APDU, value.reader_id, value.data)
        super().on_data(value, now)


@fault("card-before-its-reader", "SPICE-CARD-004", "SPICE-CARD-010")
class CardBeforeItsReader(SmartcardChannel):
    """Says CardRemove before it has a reader."""

    def start(self, now: float) -> None:
        self.send(vsc.message(VscCardRemove(), 0))
        super().start(now)


@fault("own-reader-number", "SPICE-CARD-009", "SPICE-CARD-004")
class OwnReaderNumber(SmartcardChannel):
    """Calls its reader 0 whatever the server says."""

    def say(self, value: Any) -> None:
        given, self.reader = self.reader, None if self.reader is None else 0
        super().say(value)
        self.reader = given


@fault("refused-reader-used", "SPICE-CARD-014")
class RefusedReaderUsed(SmartcardChannel):
    """Goes on as if each reader had been added."""

    def answered(self, reader_id: int, found: VscError) -> None:
        super().answered(reader_id, VscError(VscErrorCode.SUCCESS))


@fault("few-codes-say-no", "SPICE-CARD-014")
class FewCodesSayNo(SmartcardChannel):
    """Takes a code that it does not know for a good one."""

    def answered(self, reader_id: int, found: VscError) -> None:
        super().answered(reader_id, found if isinstance(found.code, VscErrorCode) else VscError(VscErrorCode.SUCCESS))


@fault("cards-change-unanswered", "SPICE-CARD-010")
class CardsChangeUnanswered(SmartcardChannel):
    """Takes the card out and puts it in again without waiting for answers."""

    def proceed_with_wishes(self) -> None:
        while self._due and self._asked in (None, VscCardRemove):
            kind = self._due.popleft()
            if self.makes_sense(kind):
                self._asked = kind
                self.say(self.statement(kind))


@fault("no-unasked-errors", "SPICE-CARD-015")
class NoUnaskedErrors(SmartcardChannel):
    """Ends the session for an Error that answers nothing."""

    def answered(self, reader_id: int, found: VscError) -> None:
        if self._asked is None:
            self.host.end("an Error that answers nothing", orderly=False)
        else:
            super().answered(reader_id, found)


@fault("silent-card", "SPICE-CARD-022")
class SilentCard(SmartcardChannel):
    """Does not answer commands."""

    def command(self, reader_id: int, found: VscApdu) -> None:
        pass


@fault("answers-behind", "SPICE-CARD-022")
class AnswersBehind(SmartcardChannel):
    """Answers each command with what the card said to the one before."""

    last = _DONE

    def answer(self, reader_id: int, command: bytes) -> bytes | None:
        found = super().answer(reader_id, command)
        if found is not None:
            found, self.last = self.last, found
        return found


@fault("answers-for-any-reader", "SPICE-CARD-023")
class AnswersForAnyReader(SmartcardChannel):
    """Has the card answer whichever reader a command is for."""

    def answer(self, reader_id: int, command: bytes) -> bytes | None:
        return None if self.card is None else self.card.answer(command)


@fault("silent-without-a-card", "SPICE-CARD-023")
class SilentWithoutACard(SmartcardChannel):
    """Does not answer a command without a card."""

    def command(self, reader_id: int, found: VscApdu) -> None:
        if self.answer(reader_id, b"") is not None:
            super().command(reader_id, found)


@fault("answers-nothing", "SPICE-CARD-024", "SPICE-CARD-022")
class AnswersNothing(SmartcardChannel):
    """Sends each answer of the card twice."""

    def send(self, *values: Any) -> None:
        for value in values:
            again = isinstance(value, Data) and value.type == VscMessageType.APDU
            super().send(*[value] * (1 + again))


@fault("card-says-nothing", "SPICE-CARD-025")
class CardSaysNothing(SmartcardChannel):
    """Says ATR without an answer to reset."""

    def statement(self, kind: type) -> Any:
        return VscAtr(b"") if kind is VscAtr else super().statement(kind)


class _Longest(SmartcardChannel):
    """Answers no command of more than ``longest`` bytes."""

    longest: int

    def command(self, reader_id: int, found: VscApdu) -> None:
        if len(found.data) <= self.longest:
            super().command(reader_id, found)


@fault("no-commands-above-256", "SPICE-CARD-027", "SPICE-CARD-028")
class NoCommandsAbove256(_Longest):
    """Answers no command of more than 256 bytes."""

    longest = _SHORT


@fault("no-extended-commands", "SPICE-CARD-028")
class NoExtendedCommands(_Longest):
    """Answers short commands alone."""

    longest = _LONGEST_SHORT
