"""The Wireshark dissector, run by tshark over a capture made here that holds every message, and over recordings.

Compared are the messages of each connection, with the summaries beside the recordings (made by a program that shares
nothing with this one) and with our own decoder where those cannot look (TLS, WebSocket); and the number in every field,
read from the XML that tshark prints, with the value the message was built from or that our parser found.

Recordings: the folder SPICEPROTO_CAPTURES, and a few beside the tests. Where tshark or a recording is missing the test
skips, unless SPICEPROTO_REQUIRE_PEERS is set: then that is a failure.
"""

from __future__ import annotations

import json
import os
import random
import re
import struct
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from spiceproto import agent, dispatch, schema, wire
from spiceproto.command import main
from spiceproto.derive import lua
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.schema.link import DataHeader, LinkHeader, LinkMess, LinkReply, MiniDataHeader
from spiceproto.tests.peers import absent, need, program
from spiceproto.walk import Items, Node, Reference, Scalar, Structure, walk

SENDERS = ("server", "client")
HERE = Path(__file__).parent / "captures"
FOLDERS = [Path(name) for name in (os.environ.get("SPICEPROTO_CAPTURES"), HERE) if name]

SUMMARIES = ("andris-clipboard", "andris-xvfb", "drawall-auto_glz", "drawall-jpeg", "libspice-test-playback",
             "qemu-ac97-record-opus", "qemu-agent-clipboard", "qemu-agent-mouse", "qemu-draw-lz4", "qemu-draw-zlib",
             "qemu-inputs-ps2", "qemu-migration-seamless", "qemu-migration-switch-host", "qemu-multi-display-2",
             "qemu-pcspk-playback-opus", "qemu-port", "qemu-preferred-compression", "qemu-stream-gradient",
             "spicy-usbredir", "spicy-webdav", "xspice-stream-vp8", "xspice-x11perf-auto_glz")  # fmt: skip
"""Recordings of plain TCP connections."""

HIDDEN = ("andris-tls", "html5-debian", "html5-debian-start", "kerbside-proxy", "qemu-tls12-rsa", "qemu-tls13")
"""Recordings with connections in TLS or WebSocket."""

FIELDS = ("andris-xvfb", "drawall-auto_glz", "qemu-agent-clipboard", "qemu-inputs-ps2", "qemu-migration-seamless",
          "qemu-port", "spicy-usbredir")  # fmt: skip
"""Recordings of which every field is compared."""

OCTETS = ("spiceproto.port.init.name", "spiceproto.main.name.name", "spiceproto.main.uuid.uuid",
          "spiceproto.inputs.key_scancode.data", "spiceproto.tunnel.service_add.description")  # fmt: skip
"""Fields of bytes that are compared in the capture made here: in line, behind pointers, up to a zero byte, the rest."""

Messages = dict[tuple[int, str], list[Any]]
"""(TCP stream, sender) -> something of each message, in order."""


def recording(name: str, suffix: str = ".pcapng") -> Path:
    found = next((path for folder in FOLDERS if (path := folder / f"{name}{suffix}").exists()), None)
    return found or absent(f"no {name}{suffix}: SPICEPROTO_CAPTURES names no folder that has it")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported dissector."""
    need("tshark")
    path = tmp_path_factory.mktemp("lua") / "spice.lua"
    assert main(["export", "lua", "-o", str(path)]) == 0
    return path


def tshark(script: Path, capture: Path, *options: str) -> str:
    """What tshark prints; any word of an error in Lua fails the test."""
    command = [program("tshark"), "-X", f"lua_script:{script}", "-r", str(capture), *options]
    keys = capture.with_name(capture.name.removesuffix(".pcapng") + ".keys.txt")
    if keys.exists():
        command += ["-o", f"tls.keylog_file:{keys}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    noise = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    assert not noise and done.returncode == 0, noise
    assert "_ws.lua.error" not in done.stdout
    assert "Lua Error" not in done.stdout
    return done.stdout


def names_seen(script: Path, capture: Path, *options: str) -> Messages:
    """The names of the messages that the dissector finds."""
    fields = ("tcp.stream", "spiceproto.sender", "spiceproto.message", "_ws.lua.error")
    text = tshark(script, capture, *options, "-Y", "spiceproto", "-T", "fields", "-E", "separator=;",
                  *(word for name in fields for word in ("-e", name)))  # fmt: skip
    found: Messages = defaultdict(list)
    for line in text.splitlines():
        stream, sender, names, error = line.split(";")
        assert not error
        if names:
            found[int(stream.split(",")[-1]), sender.split(",")[0]] += names.split(",")
    return found


def per_connection(messages: Messages) -> list[tuple[Counter[str], Counter[str]]]:
    """Counts of names, server and client, one pair a connection that has any, in no meaningful order."""
    streams = {stream for stream, _ in messages}
    return sorted(((Counter(messages.get((stream, "server"), [])), Counter(messages.get((stream, "client"), [])))
                   for stream in streams), key=lambda pair: repr([sorted(one.items()) for one in pair]))  # fmt: skip


def summary(path: Path) -> Messages:
    """Names of the messages of a summary file, without those cut off; each connection is a stream."""
    found: Messages = defaultdict(list)
    stream = -1
    for line in path.read_text().splitlines():
        if line.startswith("  port "):
            stream += 1
        elif heard := re.match(r"    (server|client): (.*)", line):
            for word in heard[2].split(", "):
                name, _, times = word.partition(" x")
                if not name.endswith("(cut)"):
                    found[stream, heard[1]] += [name] * int(times or 1)
    return found


def decoded(capture: Path, folder: Path) -> list[dict[str, Any]]:
    """What our own decoder finds."""
    out = folder / "decoded.jsonl"
    main(["decode", str(capture), "--format", "jsonl", "-o", str(out)])
    return [json.loads(line) for line in out.read_text().splitlines()]


def by_stream(lines: list[dict[str, Any]], record: str) -> Messages:
    """Messages or agent messages of the decoder, by the stream of their connection."""
    streams = {line["connection"]: line["tcp_stream"] for line in lines if line["record"] == "connection"}
    found: Messages = defaultdict(list)
    for line in lines:
        if line["record"] == record:
            found[streams[line["connection"]], line["direction"]].append(line)
    return found


# -- fields ------------------------------------------------------------------------------------------------------------


def snake(name: str) -> str:
    return re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", re.sub(r"([a-z])([A-Z])", r"\1_\2", name)).lower()


def field_name(item: Structure, member: str) -> str:
    return f"spiceproto.{item.module}.{snake(item.class_name)}.{member.lower()}"


def number(node: Scalar, value: Any) -> int:
    """A number of a value, or of the decoder's JSON, where enumerations are names and flags lists of names."""
    if isinstance(value, list):
        return sum(number(node, one) for one in value)
    if isinstance(value, str):
        kind: type[WireEnum] | type[WireFlags] | None = node.table
        assert kind is not None
        return next(int(one) for one in kind.__members__.values() if str(one.name).removeprefix("_") == value)
    return int(value)


def scalars(item: Structure, value: Any) -> Iterator[tuple[str, int]]:
    """Every number of a value in the order of the schema, with the dissector's name for it."""
    done = set()
    for member in item.members:
        found = value.get(member.name) if isinstance(value, dict) else getattr(value, member.name)
        if found is None or (member.condition is not None and member.name in done):
            continue
        if member.condition is not None and not holds(item, member.condition, value):
            continue
        done.add(member.name)
        yield from node_scalars(field_name(item, member.name), member.node, found)


def holds(item: Structure, condition: Any, value: Any) -> bool:
    node: Any = item
    for name in condition.on.split("."):
        node = node.member(name).node
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return bool(condition.holds(number(node, value)))


def node_scalars(name: str, node: Node, value: Any) -> Iterator[tuple[str, int]]:
    match node:
        case Scalar():
            yield name, number(node, value)
        case Structure():
            yield from scalars(node, value)
        case Items():
            for one in value:
                yield from node_scalars(name, node.element, one)
        case Reference():
            yield from node_scalars(name, node.target, value)


Octets = dict[int, list[tuple[str, bytes]]]


def fields_seen(script: Path, capture: Path) -> tuple[Messages, Messages, Octets]:
    """(name, [(field, text)]) of messages and of agent messages, and the bytes of OCTETS, from the XML of tshark."""
    text = tshark(script, capture, "-Y", "spiceproto", "-T", "pdml", "-J", "tcp spiceproto")
    messages: Messages = defaultdict(list)
    agents: Messages = defaultdict(list)
    octets: Octets = defaultdict(list)
    for packet in ElementTree.fromstring(text).iter("packet"):
        (stream,) = {int(field.get("show", "")) for field in packet.iter("field") if field.get("name") == "tcp.stream"}
        for proto in packet.iter("proto"):
            if proto.get("name") != "spiceproto":
                continue
            every = [(str(field.get("name")), field) for field in proto.iter("field")]
            shown = [(name, str(field.get("show"))) for name, field in every]
            octets[stream] += [(name, bytes.fromhex(str(one.get("value")))) for name, one in every if name in OCTETS]
            facts = dict(reversed(shown))
            if "spiceproto.message" not in facts:
                continue
            key = (stream, facts["spiceproto.sender"])
            messages[key].append((facts["spiceproto.message"], shown))
            start = 0
            for index, (name, text) in enumerate(shown):
                if name == "spiceproto.agent":
                    start = index
                    agents[key].append((text, []))
                elif start and name.startswith("spiceproto.agent."):
                    agents[key][-1][1].append((name, text))
    return messages, agents, octets


def numbers(shown: list[tuple[str, str]], wanted: set[str]) -> list[tuple[str, int]]:
    """The numbers of the fields named in ``wanted``."""
    return [(name, int(text, 0)) for name, text in shown if name in wanted]


def integer_fields(item: Structure) -> set[str]:
    """Names of all integer fields that a structure can hold."""
    found: set[str] = set()

    def visit(name: str, node: Node) -> None:
        match node:
            case Scalar():
                found.add(name)
            case Structure():
                for member in node.members:
                    visit(field_name(node, member.name), member.node)
            case Items():
                visit(name, node.element)
            case Reference():
                visit(name, node.target)

    visit("", item)
    return found


# -- a capture with every message --------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("name", SUMMARIES)
def test_recorded_messages_are_those_of_the_summary(name: str, script: Path) -> None:
    found = names_seen(script, recording(name))
    assert not [word for words in found.values() for word in words if word.startswith("unknown")]
    assert per_connection(found) == per_connection(summary(recording(name, ".summary.txt")))


@pytest.mark.parametrize("name", HIDDEN)
def test_recorded_messages_in_tls_and_websocket(name: str, script: Path, tmp_path: Path) -> None:
    path = recording(name)
    found = names_seen(script, path)
    ours = by_stream(decoded(path, tmp_path), "message")
    expected = {key: [line["name"] for line in lines] for key, lines in ours.items()}
    assert expected and dict(found) == expected


@pytest.mark.parametrize("name", ["qemu-link-probes", "qemu-sasl-digest", "html5-debian-start", "qemu-tls13"])
def test_recorded_passes_agree(name: str, script: Path) -> None:
    path = recording(name)
    fields = ("frame.number", *(f"spiceproto.{name}" for name in ("link", "message", "serial", "sasl_wrapped", "lost")))
    options = ("-Y", "spiceproto", "-T", "fields", *(word for name in fields for word in ("-e", name)))
    once = tshark(script, path, *options)
    assert once and once == tshark(script, path, "-2", *options)


@pytest.mark.parametrize("name", FIELDS)
def test_recorded_fields_are_those_of_our_parser(name: str, script: Path, tmp_path: Path) -> None:
    path = recording(name)
    lines = decoded(path, tmp_path)
    found, found_agents, _ = fields_seen(script, path)
    compared = 0
    for key, messages in by_stream(lines, "message").items():
        assert [one for one, _ in found[key]] == [line["name"] for line in messages]
        for line, (_, shown) in zip(messages, found[key], strict=True):
            body = schema.rows(line["channel"], line["direction"])[line["type"]].body
            expected = list(scalars(walk(body), line["fields"]))
            assert numbers(shown, integer_fields(walk(body))) == expected, (key, line["name"], line["serial"])
            compared += len(expected)
    for key, messages in by_stream(lines, "agent").items():
        assert [one for one, _ in found_agents[key]] == [line["name"] for line in messages]
    assert compared > 50
