"""Domains: what is said of a field holds for the tables, the legal values, the mutators and the observer alike."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from spiceproto import dispatch, schema, wire
from spiceproto.derive import domains, strategies
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.mutators import Mutator, strays
from spiceproto.derive.tables import record_table
from spiceproto.domain import VALUES, Bits, Named, NotBelow, Outside, Room, ZeroFree, within
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import cursor, display, draw, geometry, main
from spiceproto.walk import Bytes, Reference, Structure, walk

QUIET = {"database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
LIMITED = [item for item in schema.records().values() if domains.has_domain(walk(item))]
ROWS = {
    row.constant: row
    for table, found in schema.channels().items()
    if found.type is not None
    for sender in ("server", "client")
    for row in dispatch.rows(table, sender).values()
    if row.has_domain
}
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def body_of(row: dispatch.Row) -> wire.Record:
    return schema.rows(row.table, row.sender)[row.number].body


def named_row(table: str, name: str) -> Any:
    """A message of a server."""
    return next(row for row in schema.rows(table, "server").values() if row.name == name)


def declared() -> Iterator[tuple[Structure, Any]]:
    for record in schema.records().values():
        for member in walk(record).members:
            if member.domain is not None:
                yield walk(record), member


@pytest.mark.parametrize(("item", "member"), list(declared()), ids=lambda part: part.name)
def test_a_domain_fits_its_field(item: Structure, member: Any) -> None:
    """It speaks of numbers or of bytes, as its field does, and of fields that stand before it."""
    domain = member.domain
    node = member.node.target if isinstance(member.node, Reference) else member.node
    assert isinstance(node, Bytes) == isinstance(domain, ZeroFree) or isinstance(domain, Room)
    if isinstance(domain, Named | Bits):
        assert domains.names(domain, node)
    elif not isinstance(domain, NotBelow | Room | ZeroFree):
        assert domains.scalar(node) is not None
    names: tuple[str, ...] = (domain.name,) if isinstance(domain, NotBelow) else ()
    if isinstance(domain, Room):
        names = tuple(filter(None, (domain.kind, domain.width, domain.height)))
    earlier = [other.name for other in item.members[: item.members.index(member)]]
    assert {name.partition(".")[0] for name in names} <= set(earlier)


@pytest.mark.parametrize("record", LIMITED, ids=lambda record: record.name)
def test_the_table_of_a_record_says_what_it_may_have(record: wire.Record) -> None:
    item = walk(record)
    lines = record_table(record).splitlines()
    limited = any(member.domain is not None for member in item.members)
    assert ("| values |" in lines[0]) == limited
    for member, line in zip(item.members, lines[2:], strict=True):
        if member.domain is not None:
            assert f" | {domains.words(member)} | " in line
            assert domains.words(member)


@pytest.mark.parametrize("sentence", domains.sentences())
def test_sentences_of_domains_are_in_the_catalogue(sentence: str) -> None:
    assert sentence in dispatch.SENTENCES


def test_fields_whose_values_need_a_capability_are_found_wherever_they_stand() -> None:
    (need,) = domains.needs(walk(named_row("display", "STREAM_CREATE").body))
    assert need.path == "codec_type" and need.values[VideoCodecType.H264] == (
        "H264",
        (DisplayCapability.MULTI_CODEC, DisplayCapability.CODEC_H264),
    )
    row = named_row("display", "DRAW_OPAQUE")
    paths = {item.path for item in domains.needs(walk(row.body))}
    assert paths >= {"data.src_bitmap.descriptor.type", "data.mask.bitmap.descriptor.type"}
    assert domains.needs(walk(named_row("main", "INIT").body)) == ()


def test_a_table_says_which_values_need_a_capability() -> None:
    row = named_row("playback", "MODE")
    assert "; `CELT_0_5_1` needs `CELT_0_5_1`; `OPUS` needs `OPUS` |" in record_table(row.body)


# -- legal values and the check agree ----------------------------------------------------------------------------------


@each_row
def test_legal_values_are_inside(row: dispatch.Row) -> None:
    @settings(max_examples=25, **QUIET)  # type: ignore[arg-type]
    @given(strategies.legal_values(body_of(row)))
    def check(value: Any) -> None:
        body = row.build(value)
        assert row.parse(body) == value
        assert row.outside(value) == ()
        assert row.suspect(body) is None

    check()


@each_row
def test_mutations_that_stray_are_outside(row: dispatch.Row) -> None:
    """Something is found in each, and every field with a domain is reached."""
    record, rng = body_of(row), random.Random(row.constant)
    reached: set[str] = set()
    wanted = {member.name for _, member, _ in domains.declared(walk(record))}
    for number in range(2000):
        if number >= 10 and reached >= wanted:
            break
        body = wire.build(record, legal_value(record, RandomChooser(rng), odd=False))
        mutator = Mutator(record, body)
        for mutation in mutator.strays():
            changed = mutator.apply(mutation)
            found = row.outside(row.parse(changed))
            assert found, mutation
            assert row.suspect(changed) == row.parse(changed)
            reached |= {re.sub(r"\[\d+\]$", "", item.path).rpartition(".")[2] for item in found}
    assert reached >= wanted


def test_strays_of_a_body() -> None:
    value = display.SurfaceCreate(surface_id=1, width=64, height=32, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0))
    found = list(strays(schema.records()["display.SurfaceCreate"], dispatch.build("display", "server", value)[1]))
    assert {mutation.path for mutation in found} == {"width", "height", "format", "flags"}
    assert {mutation.kind for mutation in found} == {"stray"}


# -- the check, by example ---------------------------------------------------------------------------------------------


def outside(table: str, value: Any) -> list[tuple[str, str, str]]:
    return [(item.path, item.expected, item.actual) for item in dispatch.outside(table, "server", value)]


def test_names_bits_and_ranges() -> None:
    value = display.SurfaceCreate(surface_id=1, width=0, height=1, format=SurfaceFmt.INVALID, flags=0x104)
    assert outside("display", value) == [
        ("width", "not 0", "0"),
        ("format", "a name other than INVALID", "0"),
        ("flags", "no other bits", "0x104"),
    ]
    assert outside("display", msgspec.structs.replace(value, width=1, format=99, flags=SurfaceFlags.PRIMARY)) == [
        ("format", "a name other than INVALID", "99")
    ]


def test_a_box_is_not_inverted_and_an_element_has_its_place() -> None:
    upright, inverted = geometry.Rect(top=1, left=2, bottom=1, right=2), geometry.Rect(top=5, left=9, bottom=4, right=8)
    clip = draw.Clip(1, draw.ClipRects((upright, inverted)))
    value = display.CopyBits(draw.DisplayBase(0, upright, clip), geometry.Point(0, 0))
    assert outside("display", value) == [
        ("base.clip.rects.rects[1].bottom", "at least top, which is 5", "4"),
        ("base.clip.rects.rects[1].right", "at least left, which is 9", "8"),
    ]


def test_a_cursor_has_room_for_its_pixels() -> None:
    header = cursor.CursorHeader(unique=1, type=CursorType.MONO, width=9, height=2, hot_spot_x=0, hot_spot_y=0)
    position = geometry.Point16(0, 0)
    for size, found in ((8, []), (7, [("cursor.data", "at least 8 bytes", "7 bytes")]), (9, [])):
        assert outside("cursor", cursor.Set(position, 1, cursor.Cursor(CursorFlags(0), header, bytes(size)))) == found
    for shape in (cursor.Cursor(CursorFlags.FROM_CACHE, header, b""), cursor.Cursor(CursorFlags.NONE, None, b"")):
        assert outside("cursor", cursor.Set(position, 1, shape)) == []


def test_what_only_counts_has_a_domain_too() -> None:
    head = display.Head(monitor_id=0, surface_id=0, width=1, height=1, x=0, y=0, flags=0)
    assert outside("display", display.MonitorsConfig(1, (head, head))) == [("max_allowed", "at least count, which is 2", "1")]
    assert outside("display", display.MonitorsConfig(2, (head, msgspec.structs.replace(head, flags=1)))) == [
        ("heads[1].flags", "0", "1")
    ]


@pytest.mark.parametrize(("name", "found"), [(b"", 0), (b"vm", 0), (b"vm\0", 0), (b"v\0m", 1), (b"vm\0\0", 1)])
def test_a_text_has_a_zero_byte_at_its_end_only(name: bytes, found: int) -> None:
    assert len(outside("main", main.Name(name))) == found


def test_a_domain_names_its_sentence_and_what_is_lived_with() -> None:
    (item,) = dispatch.outside("main", "server", main.MouseModeMessage(MouseMode(3), MouseMode(3)))
    assert (item.sentence, item.tolerated) == ("SPICE-MOUSE-001", False)
    assert item.expected == "SERVER or CLIENT"
    (item,) = dispatch.outside("main", "client", main.MouseModeRequest(3))
    assert (item.sentence, item.tolerated) == ("SPICE-MOUSE-007", True)
    (item,) = dispatch.outside("cursor", "server", cursor.Set(geometry.Point16(0, 0), 2, cursor.Cursor(1, None, b"")))
    assert (item.sentence, item.tolerated) == (VALUES, False)


def test_other_values_have_no_domain() -> None:
    assert dispatch.outside("main", "server", {"session_id": 0}) == ()
    assert dispatch.outside("main", "client", main.MouseModeMessage(0, 0)) == ()
    row = dispatch.row("cursor", "server", 104)
    assert row is not None and not row.has_domain
    assert row.outside(cursor.Move(geometry.Point16(0, 0))) == () and row.suspect(b"xx") is None


def test_a_body_that_does_not_parse_is_not_suspect() -> None:
    row = dispatch.row("display", "server", 314)
    assert row is not None and row.suspect(bytes(3)) is None


def test_within() -> None:
    (found,) = within("base", (Outside("box.top", "1", "2"),))
    assert found == Outside("base.box.top", "1", "2", VALUES, False)
