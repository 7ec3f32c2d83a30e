"""A card reader: a device behind the smartcard channel, with a card in it or not.

It says and is told VSC messages, as ``ccid-card-passthru`` of QEMU does; ids of readers are the server's, and mean nothing
here. What it answers is what that device answers, which knows no more of a card than its answer to reset.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from reference_server.watched import Watched
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages.smartcard import Data, VscApdu, VscError

__all__ = ["CardAnswered", "CardChanged", "CardReader", "ReaderChanged", "ReaderSays"]

_ATR_LEAST, _ATR_MOST = 2, 33
_ATR_FIRST: Final = (0x3B, 0x3F)
"""How ISO/IEC 7816-3 lets an answer to reset begin, and how long it may be."""

_COMMANDS: Final = 1024
"""Commands that may wait for a card that does not answer."""


class ReaderSays(msgspec.Struct, frozen=True):
    """A message for the client."""

    message: Data


class ReaderChanged(msgspec.Struct, frozen=True):
    """A client has plugged the reader in, or taken it away."""

    present: bool


class CardChanged(msgspec.Struct, frozen=True):
    """A card was put in, whose answer to reset this is, or taken out; then it is None."""

    atr: bytes | None


class CardAnswered(msgspec.Struct, frozen=True):
    """What the card said to a command; None if the command did not reach it."""

    command: bytes
    answer: bytes | None


class CardReader(Watched):
    """``present`` says whether a client has it, ``name`` what the client calls it, ``atr`` is that of the card in it.

    Tells :class:`ReaderSays`, :class:`ReaderChanged`, :class:`CardChanged` and :class:`CardAnswered`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.present = False
        self.name = b""
        self.atr: bytes | None = None
        self._commands: deque[bytes] = deque()

    # -- what the server does to it for a client

    def receive(self, message: Data) -> None:
        """A message of the client."""
        try:
            value = vsc.inside(message)
        except RemoteError:
            value = None
        act = _ACTS.get(message.type)
        if act is None or value is None:
            self._say(VscError(VscErrorCode.GENERAL_ERROR))
        else:
            act(self, value)

    def _add(self, value: Any) -> None:
        self.present, self.name = True, bytes(value.name).rstrip(b"\0")
        self._say(VscError(VscErrorCode.SUCCESS))
        self.tell(ReaderChanged(True))

    def _remove(self, value: Any) -> None:
        self._lose_card()
        self.present, self.name = False, b""
        self._say(VscError(VscErrorCode.SUCCESS))
        self.tell(ReaderChanged(False))

    def _put_in(self, value: Any) -> None:
        """A card that says what no card can say is none (SPICE-CARD-017)."""
        atr = bytes(value.atr)
        if not _ATR_LEAST <= len(atr) <= _ATR_MOST or atr[0] not in _ATR_FIRST:
            self._say(VscError(VscErrorCode.GENERAL_ERROR))
            return
        self._lose_card()
        self.atr = atr
        self._say(VscError(VscErrorCode.SUCCESS))
        self.tell(CardChanged(atr))

    def _take_out(self, value: Any) -> None:
        self._say(VscError(VscErrorCode.SUCCESS))
        self._lose_card()

    def _lose_card(self) -> None:
        if self.atr is not None:
            self.atr = None
            self._commands.clear()
            self.tell(CardChanged(None))

    def _answered(self, value: Any) -> None:
        """One that nothing was asked for is none (SPICE-CARD-026)."""
        if self._commands:
            self._next(bytes(value.data))

    def _failed(self, value: Any) -> None:
        if self._commands:
            self._next(None)

    def _next(self, answer: bytes | None) -> None:
        command = self._commands.popleft()
        if self._commands:
            self._say(VscApdu(self._commands[0]))
        self.tell(CardAnswered(command, answer))

    def _say(self, value: Any) -> None:
        self.tell(ReaderSays(vsc.message(value)))

    # -- the guest goes to another server

    @property
    def commands(self) -> tuple[bytes, ...]:
        """Those that the card has not answered; the first was told it."""
        return tuple(self._commands)

    def unpack(self, *, present: bool, name: bytes, atr: bytes | None, commands: Iterable[bytes]) -> None:
        """The guest comes from another server, where all this was so; nobody is told."""
        self.present, self.name, self.atr = present, name, atr
        self._commands = deque(commands)

    # -- what the guest does

    def transmit(self, command: bytes) -> None:
        """Ask the card something; one that it has not answered yet is waited for (SPICE-CARD-021). Raises LocalError."""
        if self.atr is None:
            raise LocalError("there is no card in the reader")
        if len(self._commands) >= _COMMANDS:
            raise LocalError("the card does not answer", expected=f"at most {_COMMANDS} commands that wait")
        self._commands.append(command)
        if len(self._commands) == 1:
            self._say(VscApdu(command))


_ACTS: Final[Mapping[int, Callable[[CardReader, Any], None]]] = {
    VscMessageType.ReaderAdd: CardReader._add,
    VscMessageType.ReaderRemove: CardReader._remove,
    VscMessageType.ATR: CardReader._put_in,
    VscMessageType.CardRemove: CardReader._take_out,
    VscMessageType.APDU: CardReader._answered,
    VscMessageType.Error: CardReader._failed,
}
