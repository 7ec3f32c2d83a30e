"""Numbers of the smartcard channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class VscMessageType(WireEnum):
    """Kind of a smartcard message (SPICE_VSC_MESSAGE_TYPE_*, VSC_* in libcacard)."""

    Init = 1
    Error = 2
    ReaderAdd = 3
    ReaderRemove = 4
    ATR = 5
    """Answer to reset: a card was put in."""
    CardRemove = 6
    APDU = 7
    """A command to the card, or its answer."""
    Flush = 8
    FlushComplete = 9


class VscErrorCode(WireEnum):
    """What an Error says (VSC_SUCCESS and others in libcacard)."""

    SUCCESS = 0
    """It was done."""
    GENERAL_ERROR = 1
    CANNOT_ADD_MORE_READERS = 2
    CARD_ALREADY_INSERTED = 3
