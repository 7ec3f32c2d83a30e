"""What the tour says on a smartcard channel: a guest that takes the client's card, and asks it something."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import VscApdu, VscError

__all__ = ["ask_card"]

_COMMANDS: Final = (bytes.fromhex("00a4000c023f00"), bytes.fromhex("00ff000000"))
"""SELECT of the main file, and an instruction that there is none of."""

_REQUESTS: Final = (VscMessageType.ReaderAdd, VscMessageType.ATR)


def ask_card(server: SuiteServer, talk: Talk) -> None:
    """What the client says of its reader and card is answered; if there is a card, it is asked, one command after the other."""
    for wanted in _REQUESTS:
        if not server.run(lambda: bool(talk.unread("DATA")) or talk.closed, server.network.quiet):
            return
        talk.expect("DATA", type=wanted)
        talk.send(vsc.message(VscError(VscErrorCode.SUCCESS), 0))
    for command in _COMMANDS:
        talk.send(vsc.message(VscApdu(command), 0))
        talk.expect("DATA")
    server.alive(talk, "everything that it was told is legal")
