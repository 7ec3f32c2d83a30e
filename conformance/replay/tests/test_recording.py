"""A session of a capture as a list: links and messages of both sides in one order."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.replay.recording import Linked, Said, read
from conformance.replay.tests.played import CAPTURES, SEABIOS, against
from conformance.replay.until import cut
from conformance.report.pcapng import write
from conformance.transcript import Chunk
from spiceproto import framing
from spiceproto.errors import LocalError
from spiceproto.messages import main
from spiceproto.tests.recorded import recording


def test_a_session() -> None:
    found = read(SEABIOS)
    assert (found.number, found.sessions, found.remarks) == (1, 1, ())
    assert list(found.links) == [("main", 0), ("display", 0), ("inputs", 0), ("cursor", 0)]
    assert isinstance(found.events[0], Linked) and found.links["main", 0].client.common == 0xD
    assert [said.number for said in found.messages] == list(range(1, 51))
    assert [(said.place, said.sender, said.name) for said in found.messages[:2]] == [
        ("main:0", "server", "INIT"),
        ("main:0", "server", "NAME"),
    ]
    assert [said.at for said in found.messages] == sorted([said.at for said in found.messages])
    assert isinstance(found.messages[0].value, main.Init)


def test_what_cannot_be_played(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"no such session.*expected 1 to 1; found 2"):
        read(SEABIOS, session=2)
    with pytest.raises(LocalError, match=r"without a session that can be played.*found none"):
        read(CAPTURES / "unknown-ca.pcap")
    chunks = [Chunk(0.0, 1, "client", b"REDQ" + bytes(12)), Chunk(0.1, 1, "server", bytes(4))]
    write(tmp_path / "half.pcapng", chunks)
    with pytest.raises(LocalError, match="without a session that can be played"):
        read(tmp_path / "half.pcapng")


def test_why_there_is_nothing_to_play() -> None:
    with pytest.raises(LocalError, match=r"found main:0 \(its link stage failed\)"):
        read(recording("qemu-wrong-password"))
    with pytest.raises(LocalError, match=r"found main:0 \(encrypted\)"):
        read(recording("qemu-sasl-digest"))


def test_a_session_is_played_up_to_its_migration() -> None:
    found = read(CAPTURES / "qemu-migration-semi-seamless.pcapng.gz")
    assert found.remarks and found.remarks[0].startswith("not played: what comes from message ")
    assert "MIGRATE_BEGIN: the session goes to another server" in found.remarks[0]
    assert all(said.name != "MIGRATE_BEGIN" for said in found.messages)
    assert found.messages[-1].name and len(found.links) >= 4


def test_messages_inside_of_others(tmp_path: Path) -> None:
    """A list comes behind what it holds, and is one message when it is said again."""
    _, _ = against(read(SEABIOS), "ref:server?fault=counts-messages-in-messages", save=tmp_path / "list.pcapng")
    found = read(tmp_path / "list.pcapng").messages
    lists = [place for place, said in enumerate(found) if said.type == framing.LIST and said.sender == "server"]
    assert lists
    inside = found[lists[0] - 1]
    assert inside.inside and inside.name == "PING" and not found[lists[0]].inside and found[lists[0]].sub_list == 0
    assert sum(said.inside for said in found) == len(lists)


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("12", 12),
        ("0.03s", 12),
        ("CHANNELS_LIST", 10),
        ("main.PONG", 7),
        ("display:0.INIT", 12),
        ("", 50),
        ("0", 0),
        ("99", 50),
    ],
)
def test_until(until: str, last: int) -> None:
    found = cut(read(SEABIOS), until)
    assert [said.number for said in found.messages] == list(range(1, last + 1))


def test_until_what_there_is_not() -> None:
    with pytest.raises(LocalError, match=r"expected CHANNELS_LIST\?.*found CHANNEL_LIST"):
        cut(read(SEABIOS), "CHANNEL_LIST")


def test_names_and_values() -> None:
    unknown = Said(1, 0.0, ("main", 0), "server", 999, b"", 1)
    assert unknown.name == "type 999" and unknown.value is None
    short = msgspec.structs.replace(unknown, type=103, body=b"\0")
    assert short.name == "INIT" and short.value is None
