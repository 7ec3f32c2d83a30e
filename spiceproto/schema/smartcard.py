"""The smartcard channel, and the VSC messages that its DATA carries.

Each DATA is one VSC message; its inner body is chosen by ``type`` and stands in the table ``VSC``.
"""

from __future__ import annotations

from spiceproto.domain import NAMED
from spiceproto.enums.link import ChannelType
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.message import channel, message
from spiceproto.wire import REST, array, data, enum, field, record, text, uint32

Data = record(
    "smartcard.Data",
    field("type", enum(VscMessageType, uint32), "Kind of the VSC message", domain=NAMED),
    field("reader_id", uint32, "Which card reader; 0xffffffff where none is meant"),
    field("length", uint32, "Size of the VSC body", unit="byte"),
    field("data", data("length"), "The VSC body"),
    doc="One message of the virtual smartcard protocol.",
)

SMARTCARD = channel(
    "smartcard",
    ChannelType.SMARTCARD,
    prefix="SMARTCARD",
    server=(message(101, "DATA", Data, summary=("type", "reader_id", "length")),),
    client=(message(101, "DATA", Data, summary=("type", "reader_id", "length")),),
    doc="A card reader at the client, seen by the guest.",
)

VscInit = record(
    "smartcard.VscInit",
    field("magic", uint32, "The letters VSCD", shown="letters"),
    field("version", uint32, "Of the VSC protocol: 2 is 0.0.2, with 11, 11 and 10 bits"),
    field("capabilities", array(uint32, REST), "Capability words"),
    doc="Opens the conversation.",
)

VscError = record(
    "smartcard.VscError",
    field("code", enum(VscErrorCode, uint32), "Whether it was done"),
    doc="Answer to what the client has said of its readers and cards, and to a command that the card did not get.",
)

VscReaderAdd = record(
    "smartcard.VscReaderAdd",
    field("name", text(REST), "Name of the reader"),
    doc="The client has a card reader.",
)

VscReaderRemove = record("smartcard.VscReaderRemove", doc="The reader is gone.")

VscAtr = record(
    "smartcard.VscAtr",
    field("atr", data(REST), "Answer to reset of the card that was put in"),
    doc="A card was put in.",
)

VscCardRemove = record("smartcard.VscCardRemove", doc="The card was taken out.")

VscApdu = record(
    "smartcard.VscApdu",
    field("data", data(REST), "An ISO 7816 command or answer"),
    doc="A command to the card, or its answer.",
)

VscFlush = record("smartcard.VscFlush", doc="Asks for FlushComplete once everything before it is done.")

VscFlushComplete = record("smartcard.VscFlushComplete", doc="Everything before the Flush is done.")

_VSC_ROWS = (
    message(1, "Init", VscInit),
    message(2, "Error", VscError),
    message(3, "ReaderAdd", VscReaderAdd),
    message(4, "ReaderRemove", VscReaderRemove),
    message(5, "ATR", VscAtr),
    message(6, "CardRemove", VscCardRemove),
    message(7, "APDU", VscApdu),
    message(8, "Flush", VscFlush),
    message(9, "FlushComplete", VscFlushComplete),
)

VSC = channel("vsc", None, prefix="VSC", server=_VSC_ROWS, client=_VSC_ROWS, common=False, doc="Inside smartcard DATA.")
