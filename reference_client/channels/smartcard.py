"""The smartcard channel: a card reader of the client's, with a card in it or not (spec/18-smartcard.md).

A client with a card (``Options.card``) plugs in its reader when the channel is linked, and puts the card in once the server has
said which number the reader has. What it says of reader and card is said one after the other, each when the one before was
answered (SPICE-CARD-010); commands are answered at any time.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, Final

from reference_client.channels.base import ClientChannel, Handlers, Verbs
from reference_client.events import Event
from reference_client.host import Host
from reference_client.line import Line
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.errors import LocalError, RemoteError, UnsupportedError
from spiceproto.messages.smartcard import (
    Data,
    VscApdu,
    VscAtr,
    VscCardRemove,
    VscError,
    VscFlushComplete,
    VscReaderAdd,
    VscReaderRemove,
)

__all__ = ["CardAsked", "CardSaid", "SmartcardChannel"]

_WISHES: Final = 64
"""What may wait for an answer of the server."""

_HINT: Final = "--smartcard gives the client one"


class CardSaid(Event, frozen=True, tag="card"):
    """What the server answered: ``what`` is ReaderAdd, ReaderRemove, ATR or CardRemove, ``code`` 0 if it was done."""

    what: str
    reader: int
    code: int


class CardAsked(Event, frozen=True, tag="card-asked"):
    """The guest has sent a command to the card, in hexadecimal; ``answer`` is "" if there was no card for it."""

    reader: int
    command: str
    answer: str
    name: str = ""


class SmartcardChannel(ClientChannel):
    """``reader`` is the number of the reader, None while the server has given none; ``inserted`` whether the card is in it."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.card = host.options.card
        self.reader: int | None = None
        self.inserted = False
        self._due: deque[type] = deque()
        self._asked: type | None = None

    def start(self, now: float) -> None:
        if self.card is not None:
            self.wish(VscReaderAdd)
            self.wish(VscAtr)

    # -- what the user may wish

    def plug(self, present: bool) -> None:
        """Plug the reader in, or take it away. Raises LocalError where there is none."""
        self._need_card()
        self.wish(VscReaderAdd if present else VscReaderRemove)

    def put(self, present: bool) -> None:
        """Put the card into the reader, or take it out. Raises LocalError where there is none."""
        self._need_card()
        self.wish(VscAtr if present else VscCardRemove)

    def _need_card(self) -> None:
        if self.card is None:
            raise UnsupportedError("there is no card", expected=_HINT)
        if len(self._due) >= _WISHES:
            raise LocalError("the server does not answer", expected=f"at most {_WISHES} wishes that wait")

    # -- one after the other

    def wish(self, kind: type) -> None:
        """Say it when all before it was answered."""
        self._due.append(kind)
        self.proceed_with_wishes()

    def proceed_with_wishes(self) -> None:
        """The next that can be said; what can not is left out."""
        while self._due and self._asked is None:
            kind = self._due.popleft()
            if self.makes_sense(kind):
                self._asked = kind
                self.say(self.statement(kind))

    def makes_sense(self, kind: type) -> bool:
        """Whether this can be said of the reader and the card as they are."""
        if kind is VscReaderAdd:
            return self.reader is None
        if kind is VscAtr:
            return self.reader is not None and not self.inserted
        return self.reader is not None and (kind is VscReaderRemove or self.inserted)

    def statement(self, kind: type) -> Any:
        """What is said."""
        assert self.card is not None
        if kind is VscReaderAdd:
            return VscReaderAdd(self.card.reader.encode())
        if kind is VscAtr:
            return VscAtr(self.card.atr)
        return kind()

    def say(self, value: Any) -> None:
        """A message, which has the number of the reader where there is one."""
        if isinstance(value, VscReaderRemove | VscCardRemove):
            self.inserted = False  # commands that are under way find no card any more
        reader = vsc.UNDEFINED if self.reader is None else self.reader
        self.send(vsc.message(value, reader))

    # -- what the server says

    def on_data(self, value: Data, now: float) -> None:
        """An answer, or a command for the card; what means nothing is left (SPICE-CARD-002)."""
        try:
            found = vsc.inside(value)
        except RemoteError:
            return
        if value.type == VscMessageType.Error:
            self.answered(value.reader_id, found)
        elif value.type == VscMessageType.APDU:
            self.command(value.reader_id, found)
        elif value.type == VscMessageType.Flush:
            self.flushed(value.reader_id)

    def answered(self, reader_id: int, found: VscError) -> None:
        """What was asked for was done, or was not (SPICE-CARD-009, SPICE-CARD-014)."""
        asked, self._asked = self._asked, None
        if asked is None:
            return
        code = int(found.code)
        if asked is VscReaderAdd and code == VscErrorCode.SUCCESS:
            self.reader = reader_id
        elif asked is VscReaderRemove:
            self.reader = None
        elif asked is VscAtr:
            self.inserted = code == VscErrorCode.SUCCESS
        what = _NAMES[asked]
        self.host.tell(CardSaid(what=what, reader=reader_id, code=code))
        self.proceed_with_wishes()

    def command(self, reader_id: int, found: VscApdu) -> None:
        """The guest asks the card (SPICE-CARD-022, SPICE-CARD-023)."""
        command = bytes(found.data)
        answer = self.answer(reader_id, command)
        if answer is None:
            self.send(vsc.message(VscError(VscErrorCode.GENERAL_ERROR), reader_id))
        else:
            self.send(vsc.message(VscApdu(answer), reader_id))
        said = "" if answer is None else answer.hex()
        name = vsc.command_name(command)
        self.host.tell(CardAsked(reader=reader_id, command=command.hex(), answer=said, name=name))

    def answer(self, reader_id: int, command: bytes) -> bytes | None:
        """What the card says; None where there is none. The guest may ask before it has confirmed the card."""
        there = self.inserted or self._asked is VscAtr
        if self.card is None or reader_id != self.reader or not there:
            return None
        return self.card.answer(command)

    def flushed(self, reader_id: int) -> None:
        """Everything before it is done already."""
        self.send(vsc.message(VscFlushComplete(), reader_id))

    def state(self, now: float) -> dict[str, Any]:
        return {"reader": self.reader, "card": self.inserted}

    handlers: ClassVar[Handlers] = {Data: on_data}
    verbs: ClassVar[Verbs] = {"card-reader": plug, "card": put}


_NAMES: Final[dict[type, str]] = {
    VscReaderAdd: "ReaderAdd",
    VscReaderRemove: "ReaderRemove",
    VscAtr: "ATR",
    VscCardRemove: "CardRemove",
}
