"""``spiceproto.read``: what is said on the wire as typed values, and all that is not right beside them."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import assert_type

import pytest

import spiceproto
from spiceproto.capture.reading import Message, Seen
from spiceproto.command import main
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages.agent import AnnounceCapabilities
from spiceproto.messages.common import Ping, Pong, SetAck
from spiceproto.messages.display import DrawCopy, StreamCreate, SurfaceCreate
from spiceproto.tests.capture_samples import CAPTURES, Talk, pcap
from spiceproto.tests.recorded import names, recording

SESSION = Path(__file__).parents[2] / "examples" / "seabios.pcapng"
DECODE_AS: dict[tuple[str | None, int], str] = {("10.0.0.2", 5900): "main"}


def pings(path: Path, *bodies: tuple[int, bytes]) -> Path:
    """A capture of messages of a main server."""
    talk = Talk()
    talk.send(True)
    for number, body in bodies:
        talk.send(False, struct.pack("<HL", number, len(body)) + body)
    path.write_bytes(pcap(talk.packets, 101))
    return path


PING = (4, struct.pack("<LQ", 7, 9))


def test_types(tmp_path: Path) -> None:
    """mypy is strict about this file too: it says the same."""
    path = pings(tmp_path / "pings", PING)
    for one in spiceproto.read(path, Ping, decode_as=DECODE_AS):
        assert_type(one, Seen[Ping])
        assert one.message.id == 7
    for two in spiceproto.read(path, Ping, Pong, decode_as=DECODE_AS):
        assert_type(two.message, Ping | Pong)
        assert two.message.timestamp == 9
    for four in spiceproto.read(path, Ping, Pong, DrawCopy, StreamCreate, decode_as=DECODE_AS):
        assert_type(four.message, Ping | Pong | DrawCopy | StreamCreate)
    for any in spiceproto.read(path, decode_as=DECODE_AS):
        assert_type(any.message, Message)
        if isinstance(any.message, Ping):
            assert any.message.id == 7


def test_what_stands_beside_a_message(tmp_path: Path) -> None:
    (seen,) = spiceproto.read(pings(tmp_path / "one", PING), decode_as=DECODE_AS)
    assert (seen.name, seen.type, seen.sender, seen.body, seen.table) == ("PING", 4, "server", PING[1], "main")
    assert (seen.channel, seen.channel_id, seen.connection, seen.number, seen.serial) == ("main", 0, 1, 1, 1)
    assert (seen.frames, seen.time_ns) == ((2,), 1_700_000_000_000_002_000)
    assert seen.conversation.connection.server == ("10.0.0.2", 5900)


@pytest.mark.parametrize("wanted", [(), (Ping, SetAck)], ids=["all", "some"])
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, wanted: tuple[type[Message], ...]) -> None:
    path = pings(tmp_path / "bad", PING, (4, b"\0"), (999, b"ab"), (3, bytes(8) + b"???"), PING)
    reading = spiceproto.read(path, *wanted, decode_as=DECODE_AS)
    assert [seen.number for seen in reading] == [1, 4, 5]
    codes = [problem.code for problem in reading.problems]
    assert codes == ["malformed-message", "unknown-message", "trailing-bytes"] and reading.problem_count == 3
    assert [problem.number for problem in reading.problems] == [2, 3, 4]
    assert (reading.decoder.undecoded, reading.decoder.trailing) == (3, 3)


def test_only_what_is_wanted_is_parsed(tmp_path: Path) -> None:
    reading = spiceproto.read(pings(tmp_path / "bad", (4, b"\0")), DrawCopy, decode_as=DECODE_AS)
    assert not list(reading) and not reading.problems


def test_messages_before_damage_come_first(tmp_path: Path) -> None:
    path = pings(tmp_path / "damaged", PING, PING)
    data = path.read_bytes()
    path.write_bytes(data + struct.pack("<IIII", 0, 0, 1 << 30, 1 << 30))
    messages = iter(spiceproto.read(path, Ping, decode_as=DECODE_AS))
    assert [next(messages).number, next(messages).number] == [1, 2]
    with pytest.raises(RemoteError, match="too long"):
        next(messages)


def test_what_is_no_capture() -> None:
    with pytest.raises(LocalError):
        list(spiceproto.read("/nonexistent"))
    with pytest.raises(RemoteError):
        list(spiceproto.read(Path(__file__)))


@pytest.mark.skipif(not SESSION.exists(), reason="the example session is part of the source tree only")
def test_a_session() -> None:
    reading = spiceproto.read(SESSION)
    found = list(reading)
    assert len(found) == 50 == reading.decoder.number and not reading.problems
    (created,) = [seen.message for seen in found if isinstance(seen.message, SurfaceCreate)]
    assert (created.width, created.height) == (720, 400)


def test_tls_with_a_key_log() -> None:
    found = list(spiceproto.read(CAPTURES / "andris-tls.pcapng", keylog=CAPTURES / "andris-tls.keys.txt"))
    assert {seen.channel for seen in found} >= {"main", "display", "inputs"}


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_recordings_as_decode_has_them(name: str, tmp_path: Path) -> None:
    """The same messages in the same order, those of agents among them, and the same problems."""
    path = recording(name)
    main(["decode", str(path), "--format", "jsonl", "-o", str(tmp_path / "out")])
    records = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    expected = [(record["name"], record.get("serial", 0)) for record in records if record["record"] in ("message", "agent")]
    reading = spiceproto.read(path)
    assert [(seen.name, seen.serial) for seen in reading] == expected
    assert [problem.code for problem in reading.problems] == [item["code"] for item in records if item["record"] == "problem"]
    announced = list(spiceproto.read(path, AnnounceCapabilities))
    assert len(announced) == sum(name == "ANNOUNCE_CAPABILITIES" for name, _ in expected)


def test_importing_stays_light() -> None:
    """Neither the package nor reading a capture loads what only pictures, schemas or the suite need."""
    heavy = "{'construct', 'numpy', 'numba', 'scapy', 'hypothesis', 'asyncio', 'cryptography'}"
    code = (
        "import sys, spiceproto; print(sorted(name for name in sys.modules if name.startswith('spiceproto.')));"
        f"spiceproto.read; list(spiceproto.read(sys.argv[1])); print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(SESSION)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'write'"):
        spiceproto.write  # noqa: B018
