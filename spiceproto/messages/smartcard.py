"""Values of smartcard. Made from spiceproto/schema/smartcard.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.smartcard import VscErrorCode, VscMessageType


class Data(msgspec.Struct, frozen=True, gc=False):
    """One message of the virtual smartcard protocol.

    * ``type`` uint32: Kind of the VSC message
    * ``reader_id`` uint32: Which card reader; 0xffffffff where none is meant
    * ``data`` bytes: The VSC body
    """

    type: VscMessageType | int
    reader_id: int
    data: bytes

    @property
    def length(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class VscInit(msgspec.Struct, frozen=True, gc=False):
    """Opens the conversation.

    * ``magic`` uint32: The letters VSCD
    * ``version`` uint32: Of the VSC protocol: 2 is 0.0.2, with 11, 11 and 10 bits
    * ``capabilities`` uint32s: Capability words
    """

    magic: int
    version: int
    capabilities: tuple[int, ...]


class VscError(msgspec.Struct, frozen=True, gc=False):
    """Answer to what the client has said of its readers and cards, and to a command that the card did not get.

    * ``code`` uint32: Whether it was done
    """

    code: VscErrorCode | int


class VscReaderAdd(msgspec.Struct, frozen=True, gc=False):
    """The client has a card reader.

    * ``name`` bytes: Name of the reader
    """

    name: bytes


class VscReaderRemove(msgspec.Struct, frozen=True, gc=False):
    """The reader is gone."""


class VscAtr(msgspec.Struct, frozen=True, gc=False):
    """A card was put in.

    * ``atr`` bytes: Answer to reset of the card that was put in
    """

    atr: bytes


class VscCardRemove(msgspec.Struct, frozen=True, gc=False):
    """The card was taken out."""


class VscApdu(msgspec.Struct, frozen=True, gc=False):
    """A command to the card, or its answer.

    * ``data`` bytes: An ISO 7816 command or answer
    """

    data: bytes


class VscFlush(msgspec.Struct, frozen=True, gc=False):
    """Asks for FlushComplete once everything before it is done."""


class VscFlushComplete(msgspec.Struct, frozen=True, gc=False):
    """Everything before the Flush is done."""
