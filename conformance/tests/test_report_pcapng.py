"""Captures that are made from records open where captures open."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.report import pcapng
from conformance.report.pcapng import Chunk, Closed, Cut
from conformance.results import CaseResult, Entry
from conformance.tests.result_samples import Story, broken_rules, missing_acks
from spiceproto.capture.layers import Connection
from spiceproto.capture.streams import Capture
from spiceproto.command import main as spiceproto
from spiceproto.messages import common
from spiceproto.tests.peers import need, program

STARTED = "2026-11-24T06:13:39Z"


class Sink:
    """Collects the streams of one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.bytes = {True: b"", False: b""}
        self.gaps: list[tuple[bool, int]] = []
        self.problems: list[str] = []
        self.times: list[int] = []

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        self.bytes[from_client] += chunk
        self.times.append(time_ns)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        self.gaps.append((from_client, size))

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        self.problems.append(code)

    def closed(self, time_ns: int, frame: int, /) -> None:
        pass


def sinks(path: Path) -> list[Sink]:
    found: list[Sink] = []

    def begin(connection: Connection) -> Sink:
        found.append(Sink(connection))
        return found[-1]

    Capture(path).run(begin)
    return found


def written(tmp_path: Path, case: CaseResult) -> Path:
    path = tmp_path / "x.pcapng"
    pcapng.write(path, pcapng.chunks_of(case.transcript), case.transcript, started=STARTED, title=case.id)
    return path


def decoded(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    status = spiceproto(["decode", str(path), "--format", "jsonl"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("secure", [False, True])
def test_our_own_decoder_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], secure: bool) -> None:
    case = missing_acks(secure=secure)
    status, records = decoded(written(tmp_path, case), capsys)
    assert status == 0 and not [record for record in records if record["record"] == "problem"]
    names = [record["name"] for record in records if record["record"] == "message"]
    assert names == [entry.name for entry in case.transcript if entry.kind == "message"]
    assert records[-1]["connections"] == 2 and records[-1]["undecoded_bytes"] == 0


def test_what_is_wrong_in_the_conversation_is_wrong_in_the_capture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, records = decoded(written(tmp_path, broken_rules()), capsys)
    codes = {record["code"] for record in records if record["record"] == "problem"}
    assert status == 1 and codes == {"unknown-message", "malformed-message"}


def test_bytes_ports_and_times(tmp_path: Path) -> None:
    case = missing_acks()
    first, second = sinks(written(tmp_path, case))
    for sink, number in ((first, 1), (second, 2)):
        assert (sink.connection.client[1], sink.connection.server[1]) == (40000 + number, 5930)
        for sender in ("client", "server"):
            data = b"".join(
                [
                    bytes.fromhex(entry.data)
                    for entry in case.transcript
                    if entry.connection == number and entry.sender == sender
                ]
            )
            assert sink.bytes[sender == "client"] == data
        assert not sink.gaps and not sink.problems
    assert first.times[0] == 1795500819_000_700_000


def test_tls_connections_have_another_port(tmp_path: Path) -> None:
    assert {sink.connection.server[1] for sink in sinks(written(tmp_path, missing_acks(secure=True)))} == {5931}


def test_the_destination_of_a_migration_is_another_server(tmp_path: Path) -> None:
    case = missing_acks()
    there = [msgspec.structs.replace(entry, place=entry.connection - 1) for entry in case.transcript]
    case = msgspec.structs.replace(case, transcript=tuple(there))
    assert [sink.connection.server[1] for sink in sinks(written(tmp_path, case))] == [5930, 5940]


def big_ping() -> CaseResult:
    story = Story()
    line = story.session()
    story.say(line, "server", common.Ping(2, 1, bytes(256_000)))
    story.say(line, "client", common.Pong(2, 1))
    story.close(line, "server")
    return story.result("SPICE-FRAME-031/big", "fail")


def test_what_a_record_cuts_is_a_packet_that_was_not_captured_whole(tmp_path: Path) -> None:
    case = big_ping()
    (sink,) = sinks(written(tmp_path, case))
    assert sum(size for from_client, size in sink.gaps if not from_client) == 256_000 + 18 - 4096
    assert sink.bytes[True].endswith((2).to_bytes(4, "little") + (1).to_bytes(8, "little")), "what follows is in its place"


def test_whole_streams_are_preferred(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story()
    line = story.session()
    story.say(line, "server", common.Ping(2, 1, bytes(256_000)))
    story.close(line, "client")
    path = tmp_path / "x.pcapng"
    pcapng.write(path, story.transcript.chunks, story.transcript.entries(), started=STARTED)
    status, records = decoded(path, capsys)
    ping = [record for record in records if record.get("name") == "PING"][-1]
    assert status == 0 and ping["size"] == 256_012
    assert not [record for record in records if record["record"] == "problem"]


def test_chunks_of_a_record_with_a_hole_and_an_overlap() -> None:
    entries = [
        Entry("bytes", 1.0, 1, "client", start=0, size=2, data="0102"),
        Entry("bytes", 2.0, 1, "client", start=5, size=3, data="0607"),
        Entry("bytes", 3.0, 1, "client", start=6, size=3, data="070809"),
        Entry("message", 3.5, 1, "client", name="INSIDE"),
        Entry("close", 4.0, 1, "server", text="reset"),
    ]
    assert pcapng.chunks_of(entries) == [
        Chunk(1.0, 1, "client", b"\1\2"),
        Cut(2.0, 1, "client", 3),
        Chunk(2.0, 1, "client", b"\6\7"),
        Cut(2.0, 1, "client", 1),
        Chunk(3.0, 1, "client", b"\x09"),
        Closed(4.0, 1, "server", True),
    ]


def test_a_clock_that_stands_still_keeps_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = missing_acks()
    still = tuple([msgspec.structs.replace(entry, at=0.0) for entry in case.transcript])
    status, records = decoded(written(tmp_path, msgspec.structs.replace(case, transcript=still)), capsys)
    assert status == 0 and records[-1]["connections"] == 2
    names = [record["name"] for record in records if record["record"] == "message"]
    assert names == [entry.name for entry in case.transcript if entry.kind == "message"]


def tshark(path: Path, *arguments: str) -> list[list[str]]:
    command = [program("tshark"), "-r", str(path), *arguments]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    return [line.split("\t") for line in found.stdout.splitlines()]


@pytest.mark.parametrize("secure", [False, True])
def test_tshark_takes_it_for_spice_by_itself(tmp_path: Path, secure: bool) -> None:
    need("tshark")
    path = written(tmp_path, missing_acks(secure=secure))
    seen = tshark(path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "_ws.col.Protocol")
    assert {row[0] for row in seen} - {"TCP"} == {"Spice MAIN", "Spice INPUTS"}  # TCP: a message that goes on


def test_tshark_reads_it(tmp_path: Path) -> None:
    need("tshark")
    path = written(tmp_path, missing_acks())
    rows = tshark(
        path,
        "-T",
        "fields",
        "-e",
        "_ws.col.Protocol",
        "-e",
        "_ws.col.Info",
        "-e",
        "frame.comment",
        "-o",
        "ip.check_checksum:TRUE",
        "-o",
        "tcp.check_checksum:TRUE",
    )
    told = [row[1] for row in rows if row[0].startswith("Spice")]
    assert told.count("Client MOUSE_MOTION") == 8 and "Server CHANNELS_LIST" in told
    comments = [row[2] for row in rows if len(row) > 2 and row[2]]
    assert comments[0] == "send link message for main:0, connection id 0"
    assert comments[-1] == "inputs:0: expect MOUSE_MOTION_ACK"
    wrong = "_ws.malformed or tcp.analysis.flags or tcp.checksum.status == 0 or ip.checksum.status == 0"
    bad = tshark(path, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-Y", wrong)
    assert not bad
    assert len(tshark(path, "-Y", "tcp.flags.fin == 1")) == 4


def test_tshark_sees_a_reset(tmp_path: Path) -> None:
    need("tshark")
    path = written(tmp_path, broken_rules())
    assert len(tshark(path, "-Y", "tcp.flags.reset == 1")) == 1
    assert not tshark(path, "-Y", "tcp.flags.fin == 1")


def test_tshark_knows_that_a_packet_is_cut(tmp_path: Path) -> None:
    need("tshark")
    rows = tshark(written(tmp_path, big_ping()), "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len")
    assert any(int(length) > int(captured) for length, captured in rows)
    assert not tshark(written(tmp_path, big_ping()), "-Y", "tcp.analysis.lost_segment or tcp.analysis.ack_lost_segment")
