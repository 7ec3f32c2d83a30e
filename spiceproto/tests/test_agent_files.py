"""Files: what START says, and both ends of a transfer in the order of speech."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import limits
from spiceproto.agent.file_receiving import Bytes, Complete, FileReceiver, Offered, Refused, Stopped
from spiceproto.agent.file_sending import PIECE, Begun, Ended, FileSendings
from spiceproto.agent.file_start import FileStart, build, file_name, parse
from spiceproto.agent.file_status import error_code, free_space
from spiceproto.agent.terms import mask
from spiceproto.enums.agent import AgentCapability as Cap
from spiceproto.enums.agent import FileXferStatus as Status
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.messages.agent import FileXferData, FileXferStart, FileXferStatusMessage
from spiceproto.tests.test_agent_terms import acquainted

DETAILED = mask((Cap.FILE_XFER_DETAILED_ERRORS,))


def ends(client: int = DETAILED, guest: int = 0) -> tuple[FileSendings, FileReceiver]:
    ours, theirs = acquainted(client, guest)
    return FileSendings(ours), FileReceiver(theirs)


# -- START


def test_what_start_says() -> None:
    assert build(FileStart("letter.txt", 12)) == b"[vdagent-file-xfer]\nname=letter.txt\nsize=12\n\0"


@given(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=300))
def test_any_name_comes_back(name: str) -> None:
    assert parse(build(FileStart(name, 5))).name == name


@pytest.mark.parametrize(
    "data", [b"", b"[vdagent-file-xfer]\nname=x\n", b"[vdagent-file-xfer]\nsize=3\n", b"[other]\nname=x\nsize=3\n"]
)
def test_a_start_that_says_too_little(data: bytes) -> None:
    with pytest.raises(RemoteError):
        parse(data)


@pytest.mark.parametrize("size", [b"-1", b"1e3", b"", b"18446744073709551616", b"9" * 3000])
def test_a_size_that_is_none(size: bytes) -> None:
    with pytest.raises(RemoteError, match="a file without a size"):
        parse(b"[vdagent-file-xfer]\nname=x\nsize=" + size + b"\n")


def test_a_start_too_long() -> None:
    with pytest.raises(LimitError):
        parse(b"[vdagent-file-xfer]\nname=x\nsize=3\n" + bytes(limits.FILE_START))
    with pytest.raises(LocalError):
        build(FileStart("x" * limits.FILE_START, 1))


def test_other_keys_and_groups_are_passed_over() -> None:
    data = b"# c\n[vdagent-file-xfer]\nfoo=1\n#name=no\nname = a b\r\nsize=3\n[more]\nname=c\nsize=4\n\0rubbish"
    assert parse(data) == FileStart("a b", 3)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("letter.txt", "letter.txt"),
        ("/etc/passwd", "passwd"),
        ("../../x", "x"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("a/", "file"),
        ("C:x", "Cx"),
        ("a\x00b\x1b[1mc\n", "ab[1mc"),
        ("\u202egpj.exe", "gpj.exe"),
        (" x. ", "x"),
        (".profile", ".profile"),
        ("\udcff\udcfe", "file"),
        ("CON", "_CON"),
        ("a/nul.tar.gz", "_nul.tar.gz"),
        ("lpt1 .txt", "_lpt1 .txt"),
        ("console", "console"),
        ("com10", "com10"),
        ("ä" * 200 + ".tar", "ä" * 125 + ".tar"),
    ],
)
def test_a_name_is_no_path(name: str, safe: str) -> None:
    assert file_name(name) == safe


@given(st.text(max_size=600))
def test_any_name_is_a_name(name: str) -> None:
    found = file_name(name)
    assert 0 < len(found.encode()) <= limits.FILE_NAME
    assert not set(found) & set("/\\\0:\n")
    assert found not in (".", "..")


# -- both ends


def test_a_file_goes_over() -> None:
    client, guest = ends()
    content = bytes(range(256)) * 600
    sender, start = client.offer("../a.bin", len(content))
    assert guest.receive(start) == Offered(sender.id, "a.bin", len(content))
    assert not sender.ready
    with pytest.raises(LocalError, match="does not wait"):
        sender.data(b"x")
    assert client.receive(guest.accept(sender.id)) == Begun(sender.id)
    assert list(client.ready()) == [sender]
    arrived = b""
    while sender.ready:
        event = guest.receive(sender.data(content[sender.sent : sender.sent + sender.wanted]))
        assert isinstance(event, Complete if sender.state == "sent" else Bytes)
        arrived += event.data
    assert arrived == content
    done = guest.end(sender.id, Status.SUCCESS)
    assert client.receive(done) == Ended(sender.id, Status.SUCCESS, done)
    assert (client.active, guest.active) == ({}, ())


def test_an_empty_file_is_one_empty_piece() -> None:
    client, guest = ends()
    sender, start = client.offer("empty", 0)
    guest.receive(start)
    client.receive(guest.accept(sender.id))
    assert guest.receive(sender.data(b"")) == Complete(sender.id, b"")
    assert not sender.ready


def test_more_than_there_is() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 3)
    guest.receive(start)
    client.receive(guest.accept(sender.id))
    for data in (b"four", b""):
        with pytest.raises(LocalError, match="not what is left"):
            sender.data(data)
    event = guest.receive(FileXferData(sender.id, b"four"))
    assert isinstance(event, Stopped)
    assert event.answer is not None
    assert (event.answer.result, error_code(event.answer)) == (Status.ERROR, 13)
    assert guest.receive(FileXferData(sender.id, b"x")) is None


def test_pieces_are_bounded() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 10 * PIECE)
    guest.receive(start)
    client.receive(guest.accept(sender.id))
    assert sender.wanted == PIECE


def test_bytes_before_they_are_wanted() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 3)
    guest.receive(start)
    event = guest.receive(FileXferData(sender.id, b"abc"))
    assert isinstance(event, Stopped)
    assert event.answer is not None


def test_no_space() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 300)
    guest.receive(start)
    refused = guest.accept(sender.id, free=299)
    assert (refused.result, free_space(refused)) == (Status.NOT_ENOUGH_SPACE, 299)
    assert client.receive(refused) == Ended(sender.id, Status.NOT_ENOUGH_SPACE, refused)


def test_errors_for_a_client_that_knows_no_details() -> None:
    client, guest = ends(client=0)
    sender, start = client.offer("x", 300)
    guest.receive(start)
    refused = guest.accept(sender.id, free=1)
    assert (refused.result, refused.data) == (Status.ERROR, b"")
    assert free_space(refused) is error_code(refused) is None


def test_the_client_cancels() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 3)
    guest.receive(start)
    late = guest.accept(sender.id)
    cancelled = client.cancel(sender.id)
    assert cancelled == FileXferStatusMessage(sender.id, Status.CANCELLED, b"")
    assert guest.receive(cancelled) == Stopped(sender.id)
    assert client.receive(late) is None
    assert client.cancel(sender.id) is None


def test_file_transfer_is_off() -> None:
    client, guest = ends(guest=mask((Cap.FILE_XFER_DISABLED,)))
    with pytest.raises(LocalError, match="takes no files"):
        client.offer("x", 1)
    event = guest.receive(FileXferStart(1, build(FileStart("x", 1))))
    assert isinstance(event, Refused)
    assert event.answer.result == Status.DISABLED


def test_a_start_that_cannot_be_read() -> None:
    _, guest = ends()
    event = guest.receive(FileXferStart(1, b"rubbish"))
    assert isinstance(event, Refused)
    assert error_code(event.answer) == 13
    assert guest.active == ()


def test_an_id_that_is_taken() -> None:
    client, guest = ends()
    _, start = client.offer("x", 1)
    guest.receive(start)
    event = guest.receive(start)
    assert isinstance(event, Stopped)
    assert event.answer is not None
    assert event.answer.result == Status.ERROR
    assert guest.active == ()


def test_too_many_at_once() -> None:
    client, guest = ends()
    for _ in range(limits.FILE_TRANSFERS):
        assert isinstance(guest.receive(client.offer("x", 1)[1]), Offered)
    with pytest.raises(LocalError, match="too many files"):
        client.offer("x", 1)
    event = guest.receive(FileXferStart(9999, build(FileStart("x", 1))))
    assert isinstance(event, Refused)
    assert error_code(event.answer) == 31


def test_unknown_ids_and_results_are_ignored() -> None:
    client, guest = ends()
    sender, start = client.offer("x", 1)
    guest.receive(start)
    assert client.receive(FileXferStatusMessage(77, Status.CAN_SEND_DATA, b"")) is None
    assert client.receive(FileXferStatusMessage(sender.id, 99, b"")) is None
    assert guest.receive(FileXferStatusMessage(sender.id, 99, b"")) is None
    assert guest.receive(FileXferData(77, b"x")) is None
    assert client.receive(guest.accept(sender.id)) == Begun(sender.id)
    assert client.receive(FileXferStatusMessage(sender.id, Status.CAN_SEND_DATA, b"")) is None


def test_the_peer_goes() -> None:
    client, guest = ends()
    first, start = client.offer("x", 1)
    guest.receive(start)
    assert client.end_all() == [Ended(first.id, Status.CANCELLED)]
    assert guest.end_all() == [Stopped(first.id)]
    second, _ = client.offer("x", 1)
    assert second.id != first.id


def test_ids_come_round() -> None:
    client, _ = ends()
    client._next = 0xFFFFFFFF
    assert [client.offer("x", 1)[0].id for _ in range(3)] == [0xFFFFFFFF, 0, 1]
    client._next = 0
    assert client.offer("x", 1)[0].id == 2
