"""The Wireshark dissector, run by tshark over a capture made here that holds every message.

Compared are the messages of each connection, and the number in every field, read from the XML that tshark prints, with the
value the message was built from. Where tshark is missing the tests skip, unless SPICEPROTO_REQUIRE_PEERS is set: then that
is a failure.
"""

from __future__ import annotations

import random
import struct
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from spiceproto import agent, dispatch, schema, wire
from spiceproto.derive import lua
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.schema.link import DataHeader, LinkHeader, LinkMess, LinkReply, MiniDataHeader
from spiceproto.tests.dissected import (
    OCTETS,
    exported,
    field_name,
    fields_seen,
    integer_fields,
    names_seen,
    numbers,
    scalars,
    tshark,
)
from spiceproto.walk import walk

SENDERS = ("server", "client")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("lua"))


class Synthetic:
    """A capture of TCP segments over IPv4, one connection a channel."""

    def __init__(self, port: int = 5930) -> None:
        self.port = port
        self.out = bytearray(struct.pack("<LHHlLLL", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        self.sent: dict[tuple[int, str], int] = defaultdict(lambda: 1)
        self.clock = 0

    def segment(self, port: int, sender: str, data: bytes) -> None:
        peer = "client" if sender == "server" else "server"
        ports = (self.port, port) if sender == "server" else (port, self.port)
        tcp = struct.pack(">HHLLBBHHH", *ports, self.sent[port, sender], self.sent[port, peer], 0x50, 0x18, 65535, 0, 0)
        self.sent[port, sender] += len(data)
        address = b"\x7f\0\0\x01"
        packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, address, address) + tcp + data
        self.clock += 1
        time = (self.clock // 1000, self.clock % 1000 * 1000)
        self.out += struct.pack("<LLLL", *time, len(packet), len(packet)) + packet

    def send(self, port: int, sender: str, data: bytes, size: int = 1400) -> None:
        for at in range(0, len(data), size):
            self.segment(port, sender, data[at : at + size])

    def link(self, port: int, channel: int, *, mini: bool) -> None:
        caps = struct.pack("<L", 0b1001 if mini else 0b0001)
        mess = wire.build(LinkMess, LinkMess.value_class(1, channel, 0, 1, 0, 18, caps))
        reply = wire.build(LinkReply, LinkReply.value_class(0, bytes(162), 1, 0, 178, caps))
        for sender, body in (("client", mess), ("server", reply)):
            head = wire.build(LinkHeader, LinkHeader.value_class(0x51444552, 2, 2, len(body)))
            self.send(port, sender, head + body, 25)
        self.send(port, "client", struct.pack("<L", 1) + bytes(128), 100)
        self.send(port, "server", bytes(4), 3)


def message_bytes(number: int, body: bytes, serial: int, *, mini: bool) -> bytes:
    if mini:
        return wire.build(MiniDataHeader, MiniDataHeader.value_class(number, len(body))) + body
    return wire.build(DataHeader, DataHeader.value_class(serial, number, len(body), 0)) + body


Sent = dict[tuple[int, str], list[tuple[str, wire.Record, Any]]]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sent, Sent]:
    """A capture with every message of every channel and every agent message, and the values it was built from."""
    rng = random.Random(2009)
    made, sent, agents = Synthetic(), defaultdict(list), defaultdict(list)
    for stream, channel in enumerate(schema.CHANNELS):
        mini = stream % 3 != 2
        port = 40000 + stream
        made.link(port, stream + 1, mini=mini)
        for sender in SENDERS:
            whole = b""
            for _ in range(3):
                for number, row in schema.rows(channel, sender).items():  # type: ignore[arg-type,unused-ignore]
                    if row.name in ("AGENT_DATA", "LIST"):  # what is in them is looked into; random bytes mislead
                        continue
                    value = legal_value(row.body, RandomChooser(rng))
                    sent[stream, sender].append((row.name, row.body, value))
                    body = wire.build(row.body, value)
                    whole += message_bytes(number, body, len(sent[stream, sender]), mini=mini)
            made.send(port, sender, whole, 1400 if stream % 2 else 97)
    stream = len(schema.CHANNELS)
    made.link(50000, 1, mini=True)
    for sender in SENDERS:
        for number, row in schema.rows("agent", sender).items():  # type: ignore[arg-type,unused-ignore]
            value = legal_value(row.body, RandomChooser(rng))
            if row.name == "ANNOUNCE_CAPABILITIES":
                value = row.body.value_class(1, (0b101,))
            agents[stream, sender].append((row.name, row.body, value))
            chunk = agent.chunks(number, wire.build(row.body, value))[0]
            name = dispatch.rows("main", sender)
            data = next(one.number for one in name.values() if one.name == "AGENT_DATA")
            cut = rng.randint(0, len(chunk))
            for piece in filter(None, (chunk[:cut], chunk[cut:])):
                made.send(50000, sender, message_bytes(data, piece, 0, mini=True))
    path = tmp_path_factory.mktemp("everything") / "everything.pcap"
    path.write_bytes(bytes(made.out))
    return path, sent, agents


# -- tests -------------------------------------------------------------------------------------------------------------


def test_tables_hold_every_message_and_structure() -> None:
    text = lua.dissector()
    for name in schema.records():
        assert f'  ["{name}"] = {{' in text
    for table in schema.channels():
        for sender in SENDERS:
            for row in dispatch.rows(table, sender).values():
                assert f'"{row.constant}"' in text
    assert text.startswith("-- SPDX-License-Identifier: LGPL-2.1-or-later\n")
    assert text == lua.dissector()


def test_every_message_is_named(script: Path, everything: tuple[Path, Sent, Sent]) -> None:
    path, sent, agents = everything
    found = names_seen(script, path)
    for key, messages in sent.items():
        assert found[key] == [name for name, _, _ in messages], key
    assert all(name == "AGENT_DATA" for key in agents for name in found[key])


def test_every_field_has_its_number(script: Path, everything: tuple[Path, Sent, Sent]) -> None:
    path, sent, agents = everything
    found, found_agents, octets = fields_seen(script, path)
    for expected, seen in ((sent, found), (agents, found_agents)):
        for key, messages in expected.items():
            assert len(seen[key]) == len(messages)
            for (name, record, value), (name_seen, shown) in zip(messages, seen[key], strict=True):
                item = walk(record)
                assert name_seen == name
                assert numbers(shown, integer_fields(item)) == list(scalars(item, value)), (key, name)
    expected_octets: dict[str, list[bytes]] = {name: [] for name in OCTETS}
    for messages in sent.values():
        for _, record, value in messages:
            item = walk(record)
            for name in item.value_fields:
                if (full := field_name(item, name)) in OCTETS and getattr(value, name):
                    expected_octets[full].append(getattr(value, name))
    for name, wanted in expected_octets.items():
        seen_octets = [data for stream in octets.values() for one, data in stream if one == name]
        assert sorted(seen_octets) == sorted(wanted), name


def test_sub_messages(script: Path, tmp_path: Path) -> None:
    inner = [(315, struct.pack("<L", 7)), (102, b"")]
    offsets, parts = [], b""
    for number, body in inner:
        offsets.append(2 + 4 * len(inner) + len(parts))
        parts += struct.pack("<HL", number, len(body)) + body
    made = Synthetic()
    made.link(40000, 2, mini=True)
    made.send(40000, "server", message_bytes(8, struct.pack("<HLL", len(inner), *offsets) + parts, 1, mini=True))
    made.link(40001, 2, mini=False)
    body = struct.pack("<L", 9) + struct.pack("<HL", 1, 10) + struct.pack("<HLL", 315, 4, 7)
    made.send(40001, "server", struct.pack("<QHLL", 1, 315, len(body), 4) + body)
    path = tmp_path / "list.pcap"
    path.write_bytes(bytes(made.out))
    found = names_seen(script, path)
    assert found[0, "server"] == ["LIST", "SURFACE_DESTROY", "MARK"]
    assert found[1, "server"] == ["SURFACE_DESTROY", "SURFACE_DESTROY"]


def test_other_protocols_keep_their_ports(script: Path, tmp_path: Path) -> None:
    made = Synthetic(port=5900)
    made.send(40000, "server", b"RFB 003.008\n")
    made.send(40000, "client", b"RFB 003.008\n")
    made.link(40001, 2, mini=True)
    made.send(40001, "server", message_bytes(315, struct.pack("<L", 7), 1, mini=True))
    path = tmp_path / "vnc.pcap"
    path.write_bytes(bytes(made.out))
    assert names_seen(script, path) == {(1, "server"): ["SURFACE_DESTROY"]}
    streams = tshark(script, path, "-Y", "vnc", "-T", "fields", "-e", "tcp.stream").split()
    assert streams == ["0", "0"]


def test_passes_agree(script: Path, everything: tuple[Path, Sent, Sent]) -> None:
    path, _, _ = everything
    assert names_seen(script, path, "-2") == names_seen(script, path)


def test_stream_without_link_stage(script: Path, tmp_path: Path) -> None:
    made = Synthetic()
    made.send(40000, "server", message_bytes(315, struct.pack("<L", 7), 1, mini=True))
    path = tmp_path / "middle.pcap"
    path.write_bytes(bytes(made.out))
    assert not names_seen(script, path)
    options = ("-d", "tcp.port==5930,spiceproto", "-o", "spiceproto.channel:display")
    assert names_seen(script, path, *options) == {(0, "server"): ["SURFACE_DESTROY"]}
