"""Agent messages out of AGENT_DATA, and what a capture says of them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from spiceproto.agent import AgentReader, chunks
from spiceproto.agent.pieces import HEADER_SIZE
from spiceproto.command import main
from spiceproto.enums.agent import AgentMessageType
from spiceproto.errors import RemoteError

CAPTURES = Path(__file__).parent / "captures"

CLIPBOARD = b"".join(chunks(AgentMessageType.CLIPBOARD, b"\x01\0\0\0text"))
RELEASE = b"".join(chunks(AgentMessageType.CLIPBOARD_RELEASE, b""))
BOTH = [(AgentMessageType.CLIPBOARD, 0, b"\x01\0\0\0text"), (AgentMessageType.CLIPBOARD_RELEASE, 0, b"")]


def test_a_message_complete() -> None:
    assert list(AgentReader().receive(CLIPBOARD)) == BOTH[:1]


def test_two_messages_in_one_piece() -> None:
    assert list(AgentReader().receive(CLIPBOARD + RELEASE)) == BOTH


@pytest.mark.parametrize("size", [1, 2, 3, 7, 21])
def test_two_messages_in_any_pieces(size: int) -> None:
    reader, whole = AgentReader(), CLIPBOARD + RELEASE
    found = [item for at in range(0, len(whole), size) for item in reader.receive(whole[at : at + size])]
    assert found == BOTH
    assert reader.pending == 0


@pytest.mark.parametrize("extra", [b"x", b"more text", bytes(28)])
def test_a_message_that_runs_past_its_size(extra: bytes) -> None:
    """The message is handed on, and then the bytes behind it are nobody's."""
    reader = AgentReader()
    assert list(reader.receive(CLIPBOARD[:-2])) == []
    found = reader.receive(CLIPBOARD[-2:] + extra)
    assert next(found) == BOTH[0]
    with pytest.raises(RemoteError, match=f"CLIPBOARD runs {len(extra)} bytes past the size that the message announced"):
        next(found)


def test_an_unknown_protocol() -> None:
    with pytest.raises(RemoteError, match="an unknown agent protocol"):
        list(AgentReader().receive(b"\x02" + CLIPBOARD[1:]))


def _decode(name: str, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert main(["decode", str(CAPTURES / f"{name}.pcap"), *options]) == 1
    return capsys.readouterr().out.splitlines()


def test_a_clipboard_longer_than_announced(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _decode("clipboard-longer-than-announced", capsys)
    errors = [line.partition("malformed-message")[2].strip() for line in lines if line.startswith("!!")]
    assert errors == [
        "agent: CLIPBOARD runs 28 bytes past the size that the message announced; "
        "expected 24 bytes; found 52 bytes (size byte 16, frame 14)",
        "agent CLIPBOARD: the message ends inside a field; expected 4 bytes; found 2 bytes left (type byte 0, frame 15)",
        "agent: CLIPBOARD runs 2 bytes past the size that the message announced; "
        "expected 2 bytes; found 4 bytes (size byte 16, frame 15)",
    ]
    assert sum(" agent  " in line and "CLIPBOARD" in line and "data=20 bytes" in line for line in lines) == 1


def test_monitors_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _decode("monitors-config-size", capsys)
    assert [line.split("  ")[-1].strip() for line in lines if " agent  " in line] == [
        "(malformed)",
        "(malformed)",
        "flags=USE_POS|0x80 monitors=[1024x768+0+0 32 bits]",
        "flags=USE_POS monitors=[768x1024+0+0 32 bits]",
    ]
    errors = [line for line in lines if line.startswith("!!")]
    assert len(errors) == 2
    assert "expected 2 elements of at least 20 bytes; found 20 bytes left (monitors byte 8, frame 13)" in errors[0]
    assert "expected 1 elements of at least 4 bytes; found 0 bytes left (physical_sizes byte 28, frame 14)" in errors[1]


def test_monitors_in_trees(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _decode("monitors-config-size", capsys, "--verbose")
    assert lines.count("            [12:16]    width: 1024                        00 04 00 00") == 2
    assert "    [4:8]      flags: USE_POS | 0x80 (0x81)               81 00 00 00" in lines


def test_small_pieces_take_no_more_memory_than_they_have_bytes() -> None:
    reader, size = AgentReader(), 1 << 20
    header = chunks(4, bytes(size))[0][:HEADER_SIZE]
    body = bytes(range(256)) * (size >> 8)
    assert list(reader.receive(header)) == []
    tracemalloc.start()
    for at in range(0, size - 2, 2):
        assert list(reader.receive(body[at : at + 2])) == []
    assert tracemalloc.get_traced_memory()[0] < 2 * size
    tracemalloc.stop()
    assert list(reader.receive(body[-2:])) == [(4, 0, body)]
