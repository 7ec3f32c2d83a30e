"""Servers: the longest commands and answers (18.4, 18.6).

The longest stand behind all other cases, because their sentence is the last: the device of QEMU 7.2 gets stuck when a message
does not fit into its 64 KiB, and hears nothing more.
"""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.smartcard.rounds import COMMANDS, EXTENDED, SHORT, round_trip
from conformance.cases.smartcard.steps import OK, SELECT, with_card

_ROUND: Final = ("SPICE-CARD-030/select",)
_LONG: Final = ("SPICE-CARD-028/answer-of-65538",)


@server_case("SPICE-CARD-027/answer-of-258", SELECT, 256, channel="smartcard", needs=COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-027/both", SHORT, 256, channel="smartcard", needs=COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-028/answer-of-65538", SELECT, 65536, channel="smartcard", needs=COMMANDS, requires=_ROUND)
@server_case("SPICE-CARD-028/both", EXTENDED, 65536, channel="smartcard", needs=COMMANDS, requires=_LONG)
def sizes(client: SuiteClient, command: bytes, size: int) -> None:
    """A command, and an answer with so many bytes before the status word. Command, bytes."""
    talk, reader = with_card(client)
    round_trip(client, talk, reader, command, bytes(size) + OK)
