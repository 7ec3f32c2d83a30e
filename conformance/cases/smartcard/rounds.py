"""A guest that can be told to ask a card, and what it gets."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.expectation import check_value
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto import vsc
from spiceproto.enums.smartcard import VscMessageType
from spiceproto.messages.smartcard import VscApdu

__all__ = ["COMMANDS", "EXTENDED", "SHORT", "asked", "round_trip"]

COMMANDS: Final = ("control:card-command", "control:card-events")
"""What a case needs for it."""

SHORT: Final = bytes.fromhex("00d60000ff") + bytes(range(255)) + b"\0"
"""The longest short command: header, length, 255 bytes, and how many are wanted."""

EXTENDED: Final = bytes.fromhex("00d6000000ffff") + bytes(65535) + b"\0\0"
"""The longest extended one."""


def asked(client: SuiteClient, talk: Talk, reader: int, command: bytes) -> None:
    """The guest asks; the command comes. Raises Failure."""
    client.control("card-command", command.hex())
    found = talk.wait_for("DATA", type=VscMessageType.APDU, why="the guest sends a command")
    check_value("APDU", "reader_id", found.reader_id, reader)
    check_value("APDU", "data", bytes(found.data), command)


def round_trip(client: SuiteClient, talk: Talk, reader: int, command: bytes, response: bytes) -> None:
    """The guest asks, and gets the answer. Raises Failure."""
    client.control("card-events")
    asked(client, talk, reader, command)
    talk.send(vsc.message(VscApdu(response), reader))
    client.alive(client.main_talk)
    wanted = {"event": "card-answer", "command": command.hex(), "answer": response.hex()}
    events: list[Any] = []

    def came() -> bool:
        events.extend(client.control("card-events"))
        return any(item["event"] == "card-answer" for item in events)

    client.run(came)
    if wanted not in events:
        raise Failure(f"the guest gets {len(response)} bytes for its command", f"what it got: {str(events)[:200]}")
