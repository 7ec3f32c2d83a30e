"""Files that go to the guest."""

from __future__ import annotations

from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.agent.files import FileBegun, FileEnded, FileProgress
from reference_client.tests.scripted_agent import ALL, ScriptedAgent, agreed
from spiceproto import limits
from spiceproto.agent import file_start, file_status
from spiceproto.agent.file_start import FileStart
from spiceproto.enums.agent import AgentCapability, FileXferStatus
from spiceproto.errors import LocalError
from spiceproto.messages import agent, main

CONTENT = bytes(range(256)) * 1000
"""Four messages of at most 64 KiB."""


class Source:
    """A file in memory, and what was read of it."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> bytes:
        self.reads.append((offset, size))
        return self.content[offset : offset + size]


def send(guest: ScriptedAgent, source: Source, name: str = "letter.txt") -> int:
    number = guest.server.client.main.agent.files.send(name, len(source.content), source.read)
    guest.server.run()
    return number


def status(guest: ScriptedAgent, id: int, result: int, detail: bytes = b"") -> None:
    guest.say(agent.FileXferStatusMessage(id, result, detail))


def ready() -> ScriptedAgent:
    guest = agreed(Client(Options()))
    guest.take()
    return guest


def offered(guest: ScriptedAgent) -> list[tuple[int, FileStart]]:
    return [(value.id, file_start.parse(value.data)) for value in guest.take()]


@pytest.mark.parametrize("content", [CONTENT, b"", b"x"])
def test_a_file_is_offered_and_its_bytes_follow_when_they_are_asked_for(content: bytes) -> None:
    guest, source = ready(), Source(content)
    number = send(guest, source)
    [(id, start)] = offered(guest)
    assert start == FileStart("letter.txt", len(content)) and not source.reads
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    data = guest.take()
    assert b"".join([value.data for value in data]) == content and {value.id for value in data} == {id}
    assert guest.server.told(FileBegun) == [FileBegun(number, "letter.txt", len(content))]
    assert guest.server.told(FileProgress)[-1] == FileProgress(number, "letter.txt", len(content), len(content))
    assert guest.server.client.main.agent.files.busy and not guest.server.told(FileEnded)
    status(guest, id, FileXferStatus.SUCCESS)
    assert guest.server.told(FileEnded) == [FileEnded(number, "letter.txt", "success", "")]
    assert not guest.server.client.main.agent.files.busy


def test_bytes_are_read_as_tokens_come() -> None:
    guest = agreed(tokens=10)
    source = Source(bytes(1 << 20))
    send(guest, source)
    [(id, _)] = _starts(guest)
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    assert len(source.reads) < 4
    for _ in range(100):
        guest.server.main.send(main.AgentToken(10))
    assert sum(len(value.data) for value in guest.take()) == 1 << 20


def _starts(guest: ScriptedAgent) -> list[tuple[int, FileStart]]:
    found = [value for value in guest.take() if isinstance(value, agent.FileXferStart)]
    return [(value.id, file_start.parse(value.data)) for value in found]


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    guest = ready()
    send(guest, Source(bytes(10 << 20)))
    [(id, _)] = offered(guest)
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    for _ in range(20):
        guest.server.wait(0.1)
    told = guest.server.told(FileProgress)
    assert told[-1].sent == 10 << 20 and 2 < len(told) < 15
    assert [event.sent for event in told] == sorted(event.sent for event in told)


def test_several_files_have_their_turns() -> None:
    guest = ready()
    sources = [Source(bytes([number]) * 200_000) for number in range(3)]
    for number, source in enumerate(sources):
        send(guest, source, f"{number}.bin")
    ids = [id for id, _ in offered(guest)]
    assert len(set(ids)) == 3
    for id in ids[1:]:
        status(guest, id, FileXferStatus.CAN_SEND_DATA)
    guest.take()
    assert not sources[0].reads and [len(source.reads) for source in sources[1:]] == [4, 4]
    status(guest, ids[0], FileXferStatus.CAN_SEND_DATA)
    assert b"".join([value.data for value in guest.take()]) == sources[0].content


def test_what_is_too_much_at_once_waits_for_its_turn() -> None:
    guest = ready()
    for number in range(limits.FILE_TRANSFERS + 1):
        send(guest, Source(b"x"), f"{number}.txt")
    found = offered(guest)
    assert len(found) == limits.FILE_TRANSFERS
    status(guest, found[0][0], FileXferStatus.CANCELLED)
    assert [start.name for _, start in offered(guest)] == [f"{limits.FILE_TRANSFERS}.txt"]


@pytest.mark.parametrize(
    ("result", "detail", "name", "text"),
    [
        (FileXferStatus.CANCELLED, b"", "cancelled", "the guest has cancelled it"),
        (FileXferStatus.ERROR, b"", "error", "the guest could not write it"),
        (FileXferStatus.ERROR, file_status.error_detail(14), "error", "the guest could not write it: error 14 of GLib"),
        (
            FileXferStatus.NOT_ENOUGH_SPACE,
            file_status.space_detail(4096),
            "not-enough-space",
            "the guest has not enough space: 4096 bytes are free",
        ),
        (FileXferStatus.NOT_ENOUGH_SPACE, b"\1", "not-enough-space", "the guest has not enough space"),
        (FileXferStatus.SESSION_LOCKED, b"", "session-locked", "the guest's session is locked"),
        (FileXferStatus.VDAGENT_NOT_CONNECTED, b"", "vdagent-not-connected", "nobody is logged in at the guest"),
        (FileXferStatus.DISABLED, b"", "disabled", "the guest takes no files"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_what_goes_wrong_in_the_guest_has_a_name(result: int, detail: bytes, name: str, text: str, begun: bool) -> None:
    guest = agreed(tokens=5)
    number = send(guest, Source())
    [(id, _)] = _starts(guest)
    if begun:
        status(guest, id, FileXferStatus.CAN_SEND_DATA)
    status(guest, id, result, detail)
    assert guest.server.told(FileEnded) == [FileEnded(number, "letter.txt", name, text)]


def test_what_means_nothing_about_files_is_ignored() -> None:
    guest = ready()
    send(guest, Source(b"x"))
    [(id, _)] = offered(guest)
    for found, result in ((id + 7, 0), (id + 7, 3), (id, 99)):
        status(guest, found, result)
    assert guest.take() == [] and not guest.server.told(FileEnded)
    for _ in range(2):
        status(guest, id, FileXferStatus.CAN_SEND_DATA)
    assert len(guest.take()) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_a_file_can_be_cancelled_here(begun: bool) -> None:
    guest = agreed(tokens=8)
    number = send(guest, Source())
    [(id, _)] = _starts(guest)
    if begun:
        status(guest, id, FileXferStatus.CAN_SEND_DATA)
    guest.server.client.wish("cancel-file", {"file": number})
    guest.server.main.send(main.AgentToken(1000))
    said: list[Any] = guest.take()
    assert said[-1] == agent.FileXferStatusMessage(id, FileXferStatus.CANCELLED, b"")
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    assert guest.take() == []
    assert [event.result for event in guest.server.told(FileEnded)] == ["cancelled"]
    with pytest.raises(LocalError, match="no file is under way"):
        guest.server.client.wish("cancel-file", {"file": number})


def test_a_file_that_can_not_be_read_any_more_is_given_up() -> None:
    guest, source = agreed(tokens=5), Source()
    number = send(guest, source)
    [(id, _)] = _starts(guest)
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    source.content = source.content[:150_000]
    guest.server.main.send(main.AgentToken(1000))
    assert guest.take()[-1] == agent.FileXferStatusMessage(id, FileXferStatus.ERROR, b"")
    [end] = guest.server.told(FileEnded)
    assert (end.file, end.result) == (number, "unreadable") and "can not be read" in end.text


def test_files_end_with_their_agent_and_are_offered_to_the_next() -> None:
    guest, source = agreed(tokens=20), Source()
    number = send(guest, source)
    [(id, _)] = _starts(guest)
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    guest.take()
    guest.disconnect()
    assert not guest.server.told(FileEnded)
    guest.connect()
    guest.take()
    guest.announce()
    [(again, start)] = offered(guest)
    assert start == FileStart("letter.txt", len(CONTENT))
    status(guest, again, FileXferStatus.CAN_SEND_DATA)
    assert b"".join([value.data for value in guest.take()]) == CONTENT
    status(guest, again, FileXferStatus.SUCCESS)
    assert guest.server.told(FileEnded) == [FileEnded(number, "letter.txt", "success", "")]


def test_a_file_that_waits_can_be_cancelled() -> None:
    guest = ready()
    guest.disconnect()
    number = send(guest, Source())
    guest.server.client.main.agent.files.cancel(number)
    guest.connect()
    guest.take()
    guest.announce()
    assert offered(guest) == [] and [event.result for event in guest.server.told(FileEnded)] == ["cancelled"]


def test_a_guest_that_takes_no_files_is_offered_none() -> None:
    guest = agreed(Client(Options()), *ALL, AgentCapability.FILE_XFER_DISABLED)
    guest.take()
    with pytest.raises(LocalError, match="takes no files"):
        send(guest, Source())
    assert guest.take() == []


def test_nor_is_it_when_that_comes_out_later() -> None:
    guest = ready()
    guest.disconnect()
    send(guest, Source())
    other = ScriptedAgent(guest.server, *ALL, AgentCapability.FILE_XFER_DISABLED)
    other.connect()
    other.take()
    other.announce()
    assert other.take() == []
    assert [(event.result, event.text) for event in guest.server.told(FileEnded)] == [
        ("disabled", "the guest takes no files; expected an agent without FILE_XFER_DISABLED")
    ]


def test_while_the_way_is_full_no_file_is_read() -> None:
    guest, source = ready(), Source(bytes(4 << 20))
    send(guest, source)
    [(id, _)] = offered(guest)
    guest.server.client.hold(guest.server.main.connection, True, 0.0)
    status(guest, id, FileXferStatus.CAN_SEND_DATA)
    assert not source.reads
    guest.server.client.hold(guest.server.main.connection, False, 0.0)
    guest.server.run()
    while guest.server.client.deadline is not None:
        guest.server.wait(0)
    assert sum(len(value.data) for value in guest.take()) == 4 << 20
