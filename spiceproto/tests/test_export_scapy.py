"""The exported scapy layers: bytes of legal values go in, the same values can be read, and the same bytes come out."""

from __future__ import annotations

import importlib.util
import random
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from scapy.packet import Packet, Raw

from spiceproto import agent, dispatch, schema, wire
from spiceproto.command import main
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.scapy_layers import RESERVED, class_of, field_of
from spiceproto.message import Sender
from spiceproto.schema import codec, link
from spiceproto.unsent import Unsent
from spiceproto.walk import walk

SENDERS: tuple[Sender, ...] = ("server", "client")
TABLES = [(table, sender) for table in schema.channels() for sender in SENDERS]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("scapy") / "spice_layers.py"
    assert main(["export", "scapy", "-o", str(found)]) == 0
    return found


@pytest.fixture(scope="module")
def layers(path: Path) -> ModuleType:
    """The exported module."""
    spec = importlib.util.spec_from_file_location("spice_layers", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("number", sorted(dispatch.rows("migration", "server")))
def test_states_of_channels(number: int, layers: ModuleType) -> None:
    """What is in MIGRATE_DATA has its layout by the letters it begins with."""
    row = dispatch.rows("migration", "server")[number]
    chooser = RandomChooser(random.Random(number))
    value = legal_value(schema.rows("migration", "server")[number].body, chooser)
    body = row.build(value)
    body = number.to_bytes(4, "little") + body[4:]
    found = layers.state(body)
    assert type(found).__name__ == class_of(walk(schema.rows("migration", "server")[number].body).name)
    same(row.parse(body), found, row.name)
    assert layers.state(b"") is None and layers.state(b"WXYZ" + body[4:]) is None


def same(ours: Any, theirs: Any, where: str) -> None:
    """Every field of our value is in the scapy packet."""
    fields = getattr(type(ours), "__struct_fields__", None)
    if fields is not None:
        for name in fields:
            same(getattr(ours, name), theirs.getfieldval(field_of(name)), f"{where}.{name}")
    elif isinstance(ours, tuple):
        assert len(ours) == len(theirs), where
        for index, item in enumerate(ours):
            same(item, theirs[index], f"{where}[{index}]")
    elif ours is None or isinstance(ours, Unsent):  # its count is a field of its own
        assert theirs is None or theirs == b"", where
    elif isinstance(ours, bytes):
        assert ours == theirs, where
    else:
        assert int(ours) == int(theirs), where


def without_counts(packet: Any) -> None:
    """Forget all that can be computed."""
    for field in packet.fields_desc:
        value = packet.fields.get(field.name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Packet):
                without_counts(inner)
        if getattr(field, "counts", ""):
            packet.fields.pop(field.name)


@pytest.mark.parametrize(("table", "sender"), TABLES)
def test_legal_bodies(table: str, sender: Sender, layers: ModuleType) -> None:
    rng = random.Random(f"{table} {sender}")
    for number, row in schema.rows(table, sender).items():
        kind = layers.MESSAGES[table, sender][number]
        assert kind is getattr(layers, class_of(walk(row.body).name))
        for _ in range(6):
            value = legal_value(row.body, RandomChooser(rng))
            body = wire.build(row.body, value)
            packet = kind(body)
            assert not isinstance(packet.payload, Raw)
            same(value, packet, row.name)
            assert bytes(packet) == body, row.name
            if body and "Unsent(" not in repr(value):  # where its count is all there is
                without_counts(packet)
                assert bytes(packet) == body, row.name
            assert packet.show(dump=True) and repr(packet)


@pytest.mark.parametrize("record", [*link.RECORDS, *codec.RECORDS], ids=lambda record: str(walk(record).name))
def test_legal_headers(record: wire.Record, layers: ModuleType) -> None:
    rng = random.Random(walk(record).name)
    for _ in range(10):
        value = legal_value(record, RandomChooser(rng))
        kind = getattr(layers, class_of(walk(record).name))
        body = wire.build(record, value)
        packet = kind(body)
        same(value, packet, walk(record).name)
        assert bytes(packet) == body


def test_every_structure_has_a_class_that_builds_from_nothing(layers: ModuleType) -> None:
    for record in schema.records().values():
        packet = getattr(layers, class_of(walk(record).name))()
        assert isinstance(bytes(packet), bytes)


@pytest.mark.parametrize("mini", [True, False])
@pytest.mark.parametrize(("table", "sender"), [pair for pair in TABLES if pair[0] in schema.CHANNELS])
def test_stream_of_messages(table: str, sender: Sender, mini: bool, layers: ModuleType) -> None:
    rng = random.Random(7)
    stream, sent = b"", []
    for number, row in schema.rows(table, sender).items():
        value = legal_value(row.body, RandomChooser(rng))
        body = wire.build(row.body, value)
        head = struct.pack("<HL", number, len(body)) if mini else struct.pack("<QHLL", 1, number, len(body), 0)
        stream += head + body
        sent.append((row, value, head + body))
    found = list(layers.messages(stream + b"\1", table, sender, mini=mini))
    assert len(found) == len(sent)
    for (row, value, data), packet in zip(sent, found, strict=True):
        same(value, packet.payload, row.name)
        assert bytes(packet) == data


def test_type_and_size_are_filled_in(layers: ModuleType) -> None:
    header = layers.stream("display", "server")
    body = layers.SpiceDisplaySurfaceCreate(surface_id=1, width=64, height=48, format="32_xRGB", flags="PRIMARY")
    data = bytes(header() / body)
    assert struct.unpack_from("<HL", data) == (314, 20)
    value = dispatch.parse("display", "server", 314, data[6:])
    assert (value.surface_id, value.width, value.height, int(value.format), int(value.flags)) == (1, 64, 48, 32, 1)


def test_pointers_and_conditions_from_names(layers: ModuleType) -> None:
    image = layers.SpiceImageImage(
        descriptor=layers.SpiceImageImageDescriptor(type="SURFACE", width=3, height=4),
        surface=layers.SpiceImageSurface(surface_id=7),
    )
    rects = layers.SpiceDrawClipRects(rects=[layers.SpiceGeometryRect(right=5)])
    packet = layers.SpiceDisplayDrawCopy(
        base=layers.SpiceDrawDisplayBase(clip=layers.SpiceDrawClip(type="RECTS", rects=rects)),
        data=layers.SpiceDrawCopy(src_bitmap=image),
    )
    value = dispatch.parse("display", "server", 304, bytes(packet))
    assert value.data.src_bitmap.surface.surface_id == 7
    assert value.base.clip.rects.rects[0].right == 5


def test_link_frames(layers: ModuleType) -> None:
    mess = layers.SpiceLinkLinkMess(channel_type="DISPLAY", caps_offset=18, caps=b"12345678")
    data = bytes(layers.SpiceLinkLinkHeader() / mess)
    found = layers.SpiceLinkLinkHeader(data)
    assert (found.size, found.payload.channel_type, found.payload.caps) == (26, 2, b"12345678")
    reply = layers.SpiceLinkLinkHeader() / layers.SpiceLinkLinkReply(caps_offset=178)
    assert type(layers.SpiceLinkLinkHeader(bytes(reply)).payload) is layers.SpiceLinkLinkReply
    error = layers.SpiceLinkLinkHeader() / layers.SpiceLinkLinkError(error="NEED_SECURED")
    assert layers.SpiceLinkLinkHeader(bytes(error)).payload.error == 5


def test_agent_messages(layers: ModuleType) -> None:
    row = schema.rows("agent_selection_serial", "client")[7]
    value = legal_value(row.body, RandomChooser(random.Random(3)))
    (data,) = agent.chunks(7, wire.build(row.body, value))
    packet = layers.agent("client")(data)
    same(value, packet.payload, "CLIPBOARD_GRAB")
    assert bytes(packet) == data
    assert bytes(layers.agent("client")() / packet.payload) == data


def test_garbage_raises_value_error_only(layers: ModuleType) -> None:
    rng = random.Random(1)
    for table, sender in TABLES:
        for kind in layers.MESSAGES[table, sender].values():
            for _ in range(8):
                with suppress(ValueError):
                    kind(rng.randbytes(rng.randint(1, 60)))


def test_reserved_names_are_those_of_packet() -> None:
    taken = set(dir(Packet)) | set(Packet.__slots__)
    names = {item.name for record in (*schema.records().values(), *link.RECORDS) for item in record.fields}
    assert names & taken == RESERVED


def test_stands_alone(path: Path) -> None:
    place = repr(str(path.parent))
    code = f"import sys; sys.path.insert(0, {place}); import spice_layers; print('spiceproto' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
