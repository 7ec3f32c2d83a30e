"""Numbers of the smartcard channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class VscMessageType(WireEnum):
    """Kind of a smartcard message (VSC_*)."""

    Init = 1
    Error = 2
    ReaderAdd = 3
    ReaderRemove = 4
    ATR = 5
    CardRemove = 6
    APDU = 7
    Flush = 8
    FlushComplete = 9
