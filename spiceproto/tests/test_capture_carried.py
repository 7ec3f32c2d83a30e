"""What byte channels of a capture carry, in reports: recordings of spice-gtk, and talks made here."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from spiceproto import dispatch
from spiceproto.capture.decode import Decoder
from spiceproto.enums.spicevmc import DataCompressionType, PortEvent
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbredirType as Type
from spiceproto.messages import port, spicevmc
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport
from spiceproto.tests import test_usbredir as usb
from spiceproto.tests import test_webdav as dav
from spiceproto.tests.capture_samples import Talk, ethernet, pcap
from spiceproto.tests.recorded import recording

Say = tuple[bool, Any]


def data(value: bytes) -> spicevmc.Data:
    return spicevmc.Data(data=value)


def compressed(value: bytes) -> spicevmc.CompressedData:
    block = pytest.importorskip("lz4.block").compress(value, store_size=False)
    return spicevmc.CompressedData(type=DataCompressionType.LZ4, uncompressed_size=len(value), compressed_data=block)


def capture(folder: Path, channel: str, said: Iterable[Say], *, lost: int = -1) -> str:
    """A file with these messages on one connection; ``lost`` is the number of a packet that is missing."""
    talk = Talk()
    talk.open()
    for from_client, value in said:
        number, body = dispatch.build(channel, "client" if from_client else "server", value)
        talk.send(from_client, struct.pack("<HL", number, len(body)) + body)
        talk.send(not from_client)
    talk.close()
    packets = [packet for place, packet in enumerate(talk.packets) if place != lost]
    path = folder / "made.pcap"
    path.write_bytes(pcap(map(ethernet, packets)))
    return str(path)


def report(path: str, channel: str, kind: Any = TextReport) -> list[str]:
    out = io.StringIO()
    made = kind(out)
    named: dict[tuple[str | None, int], str] = {(None, 5900): channel} if channel else {}
    decoder = Decoder(path, made, decode_as=named)
    made.begin(decoder, path)
    decoder.run()
    made.end(None)
    return out.getvalue().splitlines()


def carried(lines: list[str], what: str) -> list[str]:
    """Sender, name and text of the lines of what is carried."""
    return [" ".join(line.split()[3:]) for line in lines if line.split()[2:3] == [what]]


def codes(lines: list[str]) -> list[str]:
    return [line[36:].split()[1] for line in lines if line.startswith("!!")]


USB = [usb.hello(Can.FILTER), usb.packet(Type.RESET, 7), usb.packet(Type.BULK_PACKET, 9, bytes(99))]


def test_packets_over_several_messages(tmp_path: Path) -> None:
    rest = USB[1] + USB[2]
    said = [(True, data(USB[0])), (False, data(USB[0])), *((True, data(rest[at : at + 13])) for at in range(0, len(rest), 13))]
    lines = report(capture(tmp_path, "usbredir", said), "usbredir")
    assert carried(lines, "usbredir") == [
        "client HELLO 80 id=0 version='a program 1.0' capabilities=FILTER",
        "server HELLO 80 id=0 version='a program 1.0' capabilities=FILTER",
        "client RESET 12 id=7",
        "client BULK_PACKET 111 id=9 endpoint=0 status=0 length=0 stream_id=0",
    ]
    assert codes(lines) == []


def test_compressed_data_is_the_same_stream(tmp_path: Path) -> None:
    said = [(True, data(USB[0])), (True, data(USB[1][:5])), (True, compressed(USB[1][5:] + USB[2]))]
    lines = report(capture(tmp_path, "usbredir", said), "usbredir")
    assert [line.split()[1] for line in carried(lines, "usbredir")] == ["HELLO", "RESET", "BULK_PACKET"]


@pytest.mark.parametrize("name", ["org.spice-space.webdav.0\0", "org.spice-space.webdav.0", "a.port.0\0"])
def test_a_port_carries_what_its_name_says(tmp_path: Path, name: str) -> None:
    said: list[Say] = [
        (False, port.Init(name=name.encode(), opened=1)),
        (False, data(dav.chunk(1, dav.GET)[:20])),
        (False, data(dav.chunk(1, dav.GET)[20:])),
        (True, data(dav.chunk(1, dav.OK) + dav.chunk(1))),
        (False, data(dav.chunk(2, dav.GET)[:20])),
        (False, port.Event(event=PortEvent.CLOSED)),
        (False, port.Event(event=PortEvent.OPENED)),
        (False, data(dav.chunk(1, dav.GET))),
    ]
    lines = report(capture(tmp_path, "port", said), "port")
    expected = [
        f"server CHUNK {10 + len(dav.GET)} client=1 http='GET /a HTTP/1.1'",
        f"client CHUNK {10 + len(dav.OK)} client=1 http='HTTP/1.1 200 OK'",
        "client CLOSE 10 client=1",
        f"server CHUNK {10 + len(dav.GET)} client=1 http='GET /a HTTP/1.1'",
    ]
    assert carried(lines, "webdav") == (expected if "webdav" in name else [])
    assert codes(lines) == []


def test_what_does_not_fit_is_said_once_and_shown_as_bytes(tmp_path: Path) -> None:
    said = [(True, data(USB[0])), *((True, data(usb.packet(77, 0))) for _ in range(3)), (False, data(USB[0]))]
    lines = report(capture(tmp_path, "usbredir", said), "usbredir")
    assert codes(lines) == ["carried-unknown"]
    assert sum(" DATA " in line for line in lines) == 5
    assert [line.split()[:2] for line in carried(lines, "usbredir")] == [["client", "HELLO"], ["server", "HELLO"]]


def test_what_begins_before_the_capture_is_said_once(tmp_path: Path) -> None:
    said = [(True, data(USB[2][40:])), (True, data(USB[2][50:])), (True, data(USB[1]))]
    lines = report(capture(tmp_path, "usbredir", said), "usbredir")
    assert codes(lines) == ["carried-midway"]
    assert carried(lines, "usbredir") == ["client RESET 12 id=7"]


def test_after_a_lost_packet(tmp_path: Path) -> None:
    said = [
        (True, data(USB[0])),
        (True, data(USB[2][:50])),
        (True, data(USB[2][50:])),
        (True, data(USB[1])),
        (True, data(USB[1])),
    ]
    lines = report(capture(tmp_path, "usbredir", said, lost=7), "usbredir")
    assert "gap" in codes(lines) and "carried-unknown" not in codes(lines)
    assert [line.split()[1] for line in carried(lines, "usbredir")] == ["HELLO", "RESET", "RESET"]


def test_what_is_not_whole_at_the_end(tmp_path: Path) -> None:
    said = [(True, data(USB[0])), (True, data(USB[2][:50]))]
    assert codes(report(capture(tmp_path, "usbredir", said), "usbredir")) == ["carried-incomplete"]


def test_a_block_that_does_not_inflate(tmp_path: Path) -> None:
    pytest.importorskip("lz4.block")
    broken = spicevmc.CompressedData(type=DataCompressionType.LZ4, uncompressed_size=70, compressed_data=b"\xff" * 9)
    lines = report(capture(tmp_path, "usbredir", [(True, data(USB[0])), (True, broken), (True, broken)]), "usbredir")
    assert codes(lines) == ["carried-unknown"]


def test_the_tree_shows_the_fields(tmp_path: Path) -> None:
    lines = report(capture(tmp_path, "usbredir", [(True, data(USB[0] + USB[1]))]), "usbredir", TreeReport)
    start = next(place for place, line in enumerate(lines) if "usbredir HELLO from client, 80 bytes" in line)
    assert lines[start + 1 : start + 4] == [
        "        [0:4]      type: HELLO (0)                        00 00 00 00",
        "        [4:8]      length: 68                             44 00 00 00",
        "        [8:12]     id: 0                                  00 00 00 00",
    ]
    assert lines[start + 4].startswith("        [12:76]    version: 'a program 1.0")
    assert "    usbredir RESET from client, 12 bytes" in lines


def test_commands_of_mass_storage_are_shown_by_name(tmp_path: Path) -> None:
    block = b"USBC" + struct.pack("<LLBBB", 7, 2048, 0x80, 0, 10) + bytes([0x28, 0, 0, 0, 0, 16, 0, 0, 1, 0]).ljust(16, b"\0")
    status = b"USBS" + struct.pack("<LLB", 7, 48, 1)
    out = struct.pack("<BBHL", 2, 0, 31, 0) + block
    back = struct.pack("<BBHL", 0x81, 0, 13, 0) + status
    said = [
        (True, data(USB[0])),
        (False, data(USB[0])),
        (False, data(usb.packet(Type.BULK_PACKET, 3, out))),
        (True, data(usb.packet(Type.BULK_PACKET, 4, back))),
    ]
    path = capture(tmp_path, "usbredir", said)
    found = carried(report(path, "usbredir"), "usbredir")[2:]
    assert found == [
        "server BULK_PACKET 51 id=3 command='SCSI READ(10) from 16, 1 blocks, 2048 bytes' "
        "endpoint=2 status=0 length=31 stream_id=0",
        "client BULK_PACKET 33 id=4 command='SCSI failed, 48 bytes less' endpoint=129 status=0 length=13 stream_id=0",
    ]
    lines = report(path, "usbredir", TreeReport)
    assert "        SCSI READ(10) from 16, 1 blocks, 2048 bytes" in lines
    assert any("length: 31" in line for line in lines)


def test_json_has_a_record_for_each(tmp_path: Path) -> None:
    path = capture(tmp_path, "usbredir", [(True, data(USB[0] + USB[1]))])
    records = [json.loads(line) for line in report(path, "usbredir", JsonReport)]
    assert [
        {name: item[name] for name in item if name not in ("time", "record", "connection")}
        for item in records
        if item["record"] == "usbredir"
    ] == [
        {
            "direction": "client",
            "message": 1,
            "name": "HELLO",
            "size": 80,
            "type": 0,
            "length": 68,
            "id": 0,
            "version": "a program 1.0",
            "capabilities": ["FILTER"],
        },
        {"direction": "client", "message": 1, "name": "RESET", "size": 12, "type": 3, "length": 0, "id": 7},
    ]


def test_recorded_webdav() -> None:
    lines = report(str(recording("spicy-webdav")), "")
    found = [line.partition(" client=")[2] for line in carried(lines, "webdav")]
    assert found == [
        "1 http='OPTIONS / HTTP/1.1'",
        "1 http='HTTP/1.1 200 OK'",
        "1",
        "1 http='PROPFIND / HTTP/1.1'",
        "1 http='HTTP/1.1 207 Multi-Status'",
        "1",
        "1",
        "2 http='GET /hello.txt HTTP/1.1'",
        "2 http='HTTP/1.1 200 OK'",
        "2",
        "2",
        "1",
    ]
    assert codes(lines) == []


def test_recorded_usbredir() -> None:
    lines = report(str(recording("spicy-usbredir")), "")
    found = carried(lines, "usbredir")
    assert [line.split()[:3] for line in found] == [["client", "HELLO", "80"], ["server", "HELLO", "80"]] * 2
    assert "version='spice-gtk 0.42'" in found[0] and "version='qemu usb-redir guest 7.2.22'" in found[1]
    assert all("IDS_64BITS" in line for line in found) and codes(lines) == []


def test_a_recorded_port_carries_nothing() -> None:
    lines = report(str(recording("qemu-port")), "")
    assert carried(lines, "webdav") == [] and codes(lines) == []
