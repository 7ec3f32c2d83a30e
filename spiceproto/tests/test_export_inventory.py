"""The JSON inventory holds everything the schemas do, and what its keys say about layouts is true."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from spiceproto import dispatch, schema, wire
from spiceproto.command import main
from spiceproto.derive.inventory import SCHEMA_VERSION, inventory, text
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.message import Sender
from spiceproto.schema import codec, link
from spiceproto.walk import Scalar, Structure, walk

SENDERS: tuple[Sender, ...] = ("server", "client")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As a reader of the exported file sees it."""
    path = tmp_path_factory.mktemp("json") / "inventory.json"
    assert main(["export", "json", "-o", str(path)]) == 0
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_text_is_stable(found: dict[str, Any]) -> None:
    assert text() == text()
    assert found == inventory()
    assert found["schema_version"] == SCHEMA_VERSION


def test_every_message(found: dict[str, Any]) -> None:
    assert list(found["tables"]) == list(schema.channels())
    for table in schema.channels():
        for sender in SENDERS:
            listed = {one["number"]: one for one in found["tables"][table]["messages"][sender]}
            assert list(listed) == sorted(schema.rows(table, sender))
            for number, row in schema.rows(table, sender).items():
                one = listed[number]
                expected = dispatch.row(table, sender, number)
                assert expected is not None
                assert (one["name"], one["constant"]) == (row.name, expected.constant)
                assert one["structure"] in found["structures"]
                assert one.get("capability") == (row.capability.name if row.capability is not None else None)


def test_every_structure_and_field(found: dict[str, Any]) -> None:
    everything = {walk(one).name: walk(one) for one in (*schema.records().values(), *link.RECORDS, *codec.RECORDS)}
    assert set(found["structures"]) == set(everything)
    for name, item in everything.items():
        listed = found["structures"][name]
        assert [one["name"] for one in listed["fields"]] == [member.name for member in item.members]
        assert (listed["size"], listed["smallest"]) == (item.size, item.smallest)


def test_names_lead_somewhere(found: dict[str, Any]) -> None:
    def check(node: dict[str, Any]) -> None:
        assert node["kind"] in ("integer", "bytes", "array", "pointer", "struct", "descriptor")
        if node["kind"] == "struct":
            assert node["name"] in found["structures"]
        for key, group in (("enum", "enums"), ("flags", "flags")):
            if key in node:
                assert found[group][node[key]]
        for key in ("target", "element"):
            if key in node:
                check(node[key])

    for item in found["structures"].values():
        names = {one["name"] for one in item["fields"]}
        for one in item["fields"]:
            check(one["type"])
            assert one.get("counts", one["name"]) in names
            if "when" in one:
                assert one["when"]["field"].partition(".")[0] in names


def test_every_enumeration(found: dict[str, Any]) -> None:
    kinds = {
        member.node.table
        for record in schema.records().values()
        for member in walk(record).members
        if isinstance(member.node, Scalar) and member.node.table is not None
    }
    listed = {**found["enums"], **found["flags"]}
    for kind in kinds:
        assert [one["value"] for one in listed[kind.__name__]] == [int(one) for one in kind]  # type: ignore[call-overload,unused-ignore]
    assert {one["name"] for one in found["capabilities"]["common"]} >= {"MINI_HEADER", "AUTH_SPICE"}


def test_offsets_are_where_the_bytes_are(found: dict[str, Any]) -> None:
    """Numbers read at the listed offsets, with the listed size, sign and order, are those of the value."""
    rng = random.Random(11)
    compared = 0
    for record in schema.records().values():
        item: Structure = walk(record)
        value = legal_value(record, RandomChooser(rng))
        body = wire.build(record, value)
        for field in found["structures"][item.name]["fields"]:
            kind = field["type"]
            if kind["kind"] != "integer" or "offset" not in field or "when" in field or "counts" in field:
                continue
            letter = {1: "b", 2: "h", 4: "l", 8: "q"}[kind["size"]]
            form = "<>"[kind["order"] == "big"] + (letter if kind["signed"] else letter.upper())
            (number,) = struct.unpack_from(form, body, field["offset"])
            assert number == int(getattr(value, field["name"])), (item.name, field["name"])
            compared += 1
    assert compared > 200


def test_unwritable_output_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "json", "-o", str(tmp_path / "no" / "such.json")]) == 2
    assert "No such file" in capsys.readouterr().err
