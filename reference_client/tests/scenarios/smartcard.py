"""Faults of smart cards (spec/18-smartcard.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.card import usual_card
from reference_client.channels.smartcard import SmartcardChannel
from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, ServerLine
from spiceproto import dispatch, vsc
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import ChannelType
from spiceproto.messages.smartcard import (
    Data,
    VscApdu,
    VscAtr,
    VscCardRemove,
    VscError,
    VscFlush,
    VscFlushComplete,
    VscReaderAdd,
)

_KEY = (int(ChannelType.SMARTCARD), 0)
_SELECT, _CHALLENGE, _UNKNOWN = bytes.fromhex("00a4000c023f00"), bytes.fromhex("0084000008"), bytes.fromhex("00ff000000")
_OK, _CHANCE, _NO = b"\x90\x00", bytes(range(8)) + b"\x90\x00", b"\x6d\x00"
_ADD = vsc.message(VscReaderAdd(b"Reference reader"))


def _linked(make: Make) -> tuple[ScriptedServer, ServerLine]:
    known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {_KEY: COMMON}
    server = ScriptedServer(make(card=usual_card()), channels=known)
    server.init()
    server.listing(*LISTED, _KEY)
    return server, server.lines[_KEY]


def _said(line: ServerLine, *values: Any, reader: int = 5) -> list[Any]:
    """What the client says to these."""
    line.send(*[value if isinstance(value, Data) else vsc.message(value, reader) for value in values])
    return line.take()


def _there(make: Make, reader: int = 5) -> tuple[ScriptedServer, ServerLine, bool]:
    """A reader with a card in it, and whether the client said so as it should."""
    server, line = _linked(make)
    good = line.take() == [_ADD]
    good &= _said(line, VscError(0), reader=reader) == [vsc.message(VscAtr(bytes.fromhex("3b055350494345")), reader)]
    return server, line, good & (_said(line, VscError(0), reader=reader) == [])


def _answers(make: Make) -> bool:
    """Commands of every size, and what means nothing."""
    server, line, good = _there(make)
    for command, response in ((_SELECT, _OK), (_CHALLENGE, _CHANCE), (_UNKNOWN, _NO), (bytes(261), _NO), (bytes(65544), _NO)):
        good &= _said(line, VscApdu(command)) == [vsc.message(VscApdu(response), 5)]
    good &= _said(line, VscFlush()) == [vsc.message(VscFlushComplete(), 5)]
    good &= _said(line, VscError(0), VscError(1), Data(99, 5, b""), Data(1, 5, b"VSCD" + bytes(8))) == []
    return good and alive(server)


def _bodies_are_whole(make: Make) -> bool:
    """What stands behind an answer to a command."""
    server, line, good = _there(make)
    before = len(line.raw)
    line.send(vsc.message(VscApdu(_SELECT), 5))
    number, body = dispatch.build("smartcard", "client", vsc.message(VscApdu(_OK), 5))
    header = number.to_bytes(2, "little") + len(body).to_bytes(4, "little")
    return good and line.raw[before:] == header + body and alive(server)


def _errors_without_a_card(make: Make) -> bool:
    server, line, good = _there(make)
    refused = vsc.message(VscError(1), 77)
    good &= _said(line, VscApdu(_SELECT), reader=77) == [refused]
    server.client.channel(SmartcardChannel).put(False)
    server.run()
    good &= line.take() == [vsc.message(VscCardRemove(), 5)]
    return good and _said(line, VscApdu(_SELECT)) == [vsc.message(VscError(1), 5)]


def _refused(make: Make) -> bool:
    good = True
    for code in (1, 2, 99):
        _, line = _linked(make)
        line.take()
        good &= _said(line, VscError(code), reader=vsc.UNDEFINED) == []
    return good


def _one_after_the_other(make: Make) -> bool:
    server, line, _ = _there(make)
    channel = server.client.channel(SmartcardChannel)
    channel.put(False)
    channel.put(True)
    server.run()
    return [value.type for value in line.take()] == [6] and [value.type for value in _said(line, VscError(0))] == [5]


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "bytes-behind-answers": _bodies_are_whole,
    "card-types-fatal": _answers,
    "card-init-as-command": _answers,
    "card-before-its-reader": _answers,
    "own-reader-number": _answers,
    "refused-reader-used": _refused,
    "few-codes-say-no": _refused,
    "cards-change-unanswered": _one_after_the_other,
    "no-unasked-errors": _answers,
    "silent-card": _answers,
    "answers-behind": _answers,
    "answers-for-any-reader": _errors_without_a_card,
    "silent-without-a-card": _errors_without_a_card,
    "answers-nothing": _answers,
    "card-says-nothing": _answers,
    "no-commands-above-256": _answers,
    "no-extended-commands": _answers,
}
