"""Faults of files that go to the guest (spec/14-agent.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scenarios.agent import greeted, strict
from reference_client.tests.scripted_agent import ALL, ScriptedAgent
from spiceproto.agent import file_start
from spiceproto.agent.file_start import FileStart
from spiceproto.enums.agent import AgentCapability, FileXferStatus
from spiceproto.errors import LocalError
from spiceproto.messages import agent

_CONTENT = b"x" * 100_000


def _reader(content: bytes) -> Callable[[int, int], bytes]:
    return lambda at, size: content[at : at + size]


def _sent(guest: ScriptedAgent, *files: bytes) -> list[Any]:
    """Files that the user sends; what the agent is told."""
    for content in files:
        guest.server.client.main.agent.files.send("letter.txt", len(content), _reader(content))
    guest.server.run()
    return guest.take()


def _status(guest: ScriptedAgent, id: int, result: int) -> list[Any]:
    guest.say(agent.FileXferStatusMessage(id, result, b""))
    return guest.take()


@strict
def _sends(make: Make) -> bool:
    """Two files, one of them empty: offered under their names, and sent when they are asked for, no byte too many."""
    guest = greeted(make)
    starts = _sent(guest, _CONTENT, b"")
    if [type(value) for value in starts] != 2 * [agent.FileXferStart] or starts[0].id == starts[1].id:
        return False
    if [file_start.parse(value.data) for value in starts] != [FileStart("letter.txt", 100_000), FileStart("letter.txt", 0)]:
        return False
    for start, content in zip(starts, (_CONTENT, b""), strict=True):
        data = _status(guest, start.id, FileXferStatus.CAN_SEND_DATA)
        if not data or b"".join([value.data for value in data]) != content:
            return False
    return True


@strict
def _offers_nothing(make: Make) -> bool:
    guest = greeted(make, *ALL, AgentCapability.FILE_XFER_DISABLED)
    try:
        return not _sent(guest, _CONTENT)
    except LocalError:
        return True


@strict
def _lives_with_unknown_files(make: Make) -> bool:
    guest = greeted(make)
    [start] = _sent(guest, b"x")
    _status(guest, start.id + 7, FileXferStatus.CAN_SEND_DATA)
    _status(guest, start.id, 77)
    return alive(guest.server) and len(_status(guest, start.id, FileXferStatus.CAN_SEND_DATA)) == 1


@strict
def _begins_again(make: Make) -> bool:
    """The agent goes when it has asked for a file: the next is offered it first."""
    guest = greeted(make)
    [start] = _sent(guest, bytes(20 << 20))
    _status(guest, start.id, FileXferStatus.CAN_SEND_DATA)
    guest.disconnect()
    guest.connect()
    guest.take()
    guest.announce()
    guest.server.wait(0)
    return agent.FileXferData not in [type(value) for value in guest.take()]


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "sends-files-unasked": _sends,
    "sends-more-than-the-file": _sends,
    "one-id-for-all-files": _sends,
    "files-for-anybody": _offers_nothing,
    "no-bytes-of-empty-files": _sends,
    "no-size-of-files": _sends,
    "paths-of-files": _sends,
    "no-unknown-transfers": _lives_with_unknown_files,
    "unknown-result-ends-file": _lives_with_unknown_files,
    "files-outlive-their-agent": _begins_again,
}
