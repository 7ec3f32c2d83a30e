"""Tables and diagrams: they say what the schemas say, for every record, enumeration and message."""

from __future__ import annotations

import pytest

from spiceproto import schema, wire
from spiceproto.derive.tables import enum_table, enums_of, message_table, packet_diagram, record_table
from spiceproto.enums.image import BitmapFlags, BitmapFmt
from spiceproto.message import Sender
from spiceproto.schema import draw, image, inputs

RECORDS = list(schema.records().values())


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in table.splitlines()]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_field_has_a_row_and_a_box(record: wire.Record) -> None:
    table = record_table(record)
    assert [row.split(" | ")[1] for row in table.splitlines()[2:]] == [f"`{item.name}`" for item in record.fields]
    diagram = packet_diagram(record)
    lines = diagram.splitlines()
    assert all(len(line) <= 65 and line.isascii() for line in lines)
    assert bool(lines) == bool(wire.smallest_size(record) or record.fields)
    for kind in enums_of(record):
        assert len(enum_table(kind).splitlines()) == len(list(kind)) + 2


def test_record_table() -> None:
    assert record_table(inputs.MouseMotion) == (
        "| offset | field | type | unit | values | meaning | condition |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        + "".join(
            f"| {offset} | `{name}` | {kind} | {unit} | {values} | {inputs.MouseMotion.fields[index].doc} |  |\n"
            for index, (offset, name, kind, unit, values) in enumerate(
                [
                    (0, "dx", "int32", "pixel", ""),
                    (4, "dy", "int32", "pixel", ""),
                    (8, "buttons_state", "uint16 MouseButtonMask", "", "no other bits"),
                ]
            )
        )
    )


def test_conditions_counts_and_pointers_are_said() -> None:
    table = record_table(image.BitmapData)
    assert "| 14 | `palette_id` | uint64 |" in table
    assert "if `flags` has PAL_FROM_CACHE" in table
    assert "| + | `palette` | offset to Palette, or 0 |" in table
    assert "if `flags` lacks PAL_FROM_CACHE" in table
    assert "bytes[stride * y]" in table
    table = record_table(draw.ClipRects)
    assert "counts `rects`" in table
    assert "| 4 | `rects` | Rect[num_rects] |" in table


def test_enum_tables_have_the_meanings_of_the_source() -> None:
    assert "| 1 | `1BIT_LE` | The lowest bit is the left pixel. |" in enum_table(BitmapFmt)
    rows = cells(enum_table(BitmapFlags))
    assert rows[0] == ["bit", "value", "name", "meaning"]
    assert rows[2][:3] == ["0", "0x1", "`PAL_CACHE_ME`"]


@pytest.mark.parametrize("table", list(schema.channels()))
@pytest.mark.parametrize("sender", ["server", "client"])
def test_message_tables(table: str, sender: Sender) -> None:
    own = schema.channel(table).rows(sender)
    text = message_table(table, sender)
    numbers = [int(line.split(" | ")[0].strip("| ")) for line in text.splitlines()[2:]]
    assert numbers == sorted(own)
    everything = message_table(table, sender, common=True)
    assert len(everything.splitlines()) == (len(schema.rows(table, sender)) + 2 if schema.rows(table, sender) else 0)


def test_message_row() -> None:
    assert "| 111 | `MOUSE_MOTION` | `MouseMotion` | client |  | current |" in message_table("inputs", "client")
    assert "`KEY_SCANCODE`, else " in message_table("inputs", "client")


def test_packet_diagram_of_numbers() -> None:
    assert packet_diagram(inputs.MouseMotion) == (
        " 0                   1                   2                   3\n"
        " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n"
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+\n"
        "|                               dx                              |\n"
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+\n"
        "|                               dy                              |\n"
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+\n"
        "|         buttons_state         |\n"
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+\n"
    )


def test_packet_diagram_of_fields_that_cross_lines() -> None:
    record = wire.record(
        "mine.Odd", wire.field("a", wire.uint8), wire.field("b", wire.uint64), wire.field("c", wire.data(wire.REST))
    )
    assert packet_diagram(record).splitlines()[2:] == [
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
        "|       a       |                                               |",
        "+-+-+-+-+-+-+-+-+                                               +",
        "|                               b                               |",
        "+               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
        "|               |",
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
        "/                 c (bytes[rest of the message])                /",
        "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
    ]
