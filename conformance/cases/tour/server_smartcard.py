"""What the tour does on a smartcard channel: a card that says to every command that there is no such thing."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.smartcard import VscMessageType
from spiceproto.messages.smartcard import VscApdu, VscAtr, VscCardRemove, VscReaderAdd, VscReaderRemove

__all__ = ["put_in_card"]

_ATR: Final = bytes.fromhex("3b055350494345")
_UNKNOWN: Final = b"\x6d\x00"
"""Status word: there is no such instruction."""
_COMMANDS: Final = 8
"""That are answered."""


def put_in_card(client: SuiteClient, talk: Talk) -> None:
    """A reader comes, a card is put in, what the guest asks in a short quiet time is answered, and both go."""
    talk.send(vsc.message(VscReaderAdd(b"spiceconf reader")))
    added = talk.wait_for("DATA", type=VscMessageType.Error)
    if any(added.data):
        return
    reader = added.reader_id
    talk.send(vsc.message(VscAtr(_ATR), reader))
    talk.wait_for("DATA", type=VscMessageType.Error)
    for _ in range(_COMMANDS):
        if not client.run(lambda: bool(talk.unread("DATA")) or talk.closed, client.network.quiet):
            break
        if talk.expect("DATA").type == VscMessageType.APDU:
            talk.send(vsc.message(VscApdu(_UNKNOWN), reader))
    for value in (VscCardRemove(), VscReaderRemove()):
        talk.send(vsc.message(value, reader))
        talk.wait_for("DATA", type=VscMessageType.Error)
