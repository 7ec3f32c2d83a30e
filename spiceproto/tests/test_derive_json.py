"""The JSON form: lossless both ways for every record, readable, and clear about what it refuses."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from spiceproto import schema, wire
from spiceproto.derive.json_form import encoder, from_json, to_json
from spiceproto.derive.legal import RandomChooser, Sizes, legal_value
from spiceproto.enums.display import ClipType
from spiceproto.enums.image import BitmapFmt
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.errors import LocalError
from spiceproto.messages import draw, geometry
from spiceproto.messages import image as image_values
from spiceproto.messages import inputs as inputs_values
from spiceproto.messages import main as main_values
from spiceproto.schema import display, image, inputs, main

RECORDS = list(schema.records().values())


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_record_comes_back(record: wire.Record) -> None:
    chooser = RandomChooser(random.Random(record.name))
    for _ in range(25):
        value = legal_value(record, chooser)
        form = to_json(value)
        text = json.dumps(form)
        back = from_json(record, json.loads(text))
        assert back == value
        assert repr(back) == repr(value)
        assert to_json(back) == form
        assert encoder(record)(value) == form


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_fields_stand_in_wire_order_and_counts_may_be_left_out(record: wire.Record) -> None:
    chooser = RandomChooser(random.Random(record.name))
    order = list(dict.fromkeys(item.name for item in record.fields))
    for _ in range(5):
        value = legal_value(record, chooser)
        form = to_json(value)
        assert list(form) == [name for name in order if name in form]
        shorter = {name: found for name, found in form.items() if name not in record.counting}
        assert from_json(record, shorter) == value
        assert from_json(record, {name: form.get(name) for name in order}) == value


def test_numbers_enums_and_flags() -> None:
    motion = inputs_values.MouseMotion(-3, 4, MouseButtonMask.LEFT | MouseButtonMask.RIGHT)
    assert to_json(motion) == {"dx": -3, "dy": 4, "buttons_state": ["LEFT", "RIGHT"]}
    odd = inputs_values.MouseMotion(0, 0, 0x8001)
    assert to_json(odd)["buttons_state"] == ["LEFT", 0x8000]
    assert from_json(inputs.MouseMotion, to_json(odd)) == odd
    assert from_json(inputs.MouseMotion, {"dx": 0, "dy": 0, "buttons_state": 5}).buttons_state == 5
    clip = draw.Clip(77)
    assert to_json(clip) == {"type": 77}


def test_names_that_begin_with_a_digit_lose_their_underscore() -> None:
    value = image_values.BitmapData(
        format=BitmapFmt._1BIT_LE, flags=0, x=1, y=1, stride=1, palette_id=None, palette=None, data=b"\x80"
    )
    form = to_json(value)
    assert form["format"] == "1BIT_LE"
    assert from_json(image.BitmapData, form).format is BitmapFmt._1BIT_LE


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (b"host\0", "host\0"),
        (b"", ""),
        ("ä".encode(), "ä"),
        (b"\xff\xfe", {"hex": "fffe"}),
        (b"\xed\xa0\x80", {"hex": "eda080"}),
    ],
)
def test_text_is_a_string_if_it_can_be_one(raw: bytes, form: Any) -> None:
    value = main_values.Name(raw)
    assert to_json(value) == {"name_len": len(raw), "name": form}
    assert from_json(main.Name, json.loads(json.dumps(to_json(value)))) == value


def test_long_bytes_can_be_abbreviated_and_then_not_be_read_back() -> None:
    value = image_values.BinaryData(bytes(range(100)))
    form = to_json(value, limit=4)
    assert form == {"data_size": 100, "data": {"bytes": 100, "hex": "00010203"}}
    assert to_json(value, limit=100) == to_json(value)
    with pytest.raises(LocalError) as caught:
        from_json(image.BinaryData, form)
    assert caught.value.path == "data"


RECT = {"top": 0, "left": 0, "bottom": 1, "right": 1}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"type": "RECTS", "rects": {"rects": [{**RECT, "top": "x"}]}}, "rects.rects[0].top"),
        ({"type": "RECTS", "rects": {"rects": [{**RECT, "top": True}]}}, "rects.rects[0].top"),
        ({"type": "RECTS", "rects": {"rects": [{**RECT, "top": 1 << 31}]}}, "rects.rects[0].top"),
        ({"type": "RECTS", "rects": {"rects": [{**RECT, "depth": 0}]}}, "rects.rects[0].depth"),
        ({"type": "RECTS", "rects": {"rects": [RECT, {"top": 0}]}}, "rects.rects[1].left"),
        ({"type": "RECTS", "rects": {"rects": 5}}, "rects.rects"),
        ({"type": "RECTS", "rects": {"num_rects": 2, "rects": [RECT]}}, "rects.num_rects"),
        ({"type": "RECTS", "rects": []}, "rects"),
        ({"type": "RECTS"}, "rects"),
        ({"type": "NONE", "rects": {"rects": []}}, "rects"),
        ({"type": "OVAL"}, "type"),
        ({"type": 256}, "type"),
        ({"type": None}, "type"),
        ({}, "type"),
        ([], ""),
        (None, ""),
    ],
)
def test_what_is_wrong_is_named(data: Any, path: str) -> None:
    with pytest.raises(LocalError) as caught:
        from_json(schema.records()["draw.Clip"], data)
    assert caught.value.path == path


@pytest.mark.parametrize("data", ["xyz", "abc", 5, None, [1], {"hex": 5}, {"octets": ""}, {"bytes": 2, "hex": "00"}])
def test_bytes_must_be_hexadecimal_digits(data: Any) -> None:
    with pytest.raises(LocalError) as caught:
        from_json(image.BinaryData, {"data": data})
    assert caught.value.path == "data"


def test_more_elements_than_the_count_can_say() -> None:
    record = schema.records()["playback.Volume"]
    with pytest.raises(LocalError) as caught:
        from_json(record, {"volume": [0] * 256})
    assert caught.value.path == "volume"


def test_values_that_are_none() -> None:
    with pytest.raises(LocalError):
        to_json(5)
    clip = draw.Clip(ClipType.RECTS, draw.ClipRects((geometry.Rect(top=0, left=0, bottom=0, right=None),)))  # type: ignore[arg-type]
    assert to_json(clip)["rects"]["num_rects"] == 1  # nothing is checked that needs no conversion
    with pytest.raises(LocalError) as caught:
        to_json(draw.Clip(ClipType.RECTS, draw.ClipRects((5,))))  # type: ignore[arg-type]
    assert caught.value.path == "rects.rects[0]"


def test_records_outside_the_package() -> None:
    record = wire.record("mine.Pair", wire.field("a", wire.uint8), wire.field("b", wire.text(wire.REST)))
    value = record.value_class(1, b"x")
    with pytest.raises(LocalError):
        to_json(value)
    assert to_json(value, record) == {"a": 1, "b": "x"}
    assert from_json(record, {"a": 1, "b": "x"}) == value


def test_draw_copy_as_people_read_it() -> None:
    chooser = RandomChooser(random.Random(2))
    value = legal_value(display.DrawCopy, chooser, Sizes(1, 64, 4))
    form = to_json(value, limit=8)
    assert list(form) == ["base", "data"]
    assert list(form["base"]["box"]) == ["top", "left", "bottom", "right"]
    assert len(json.dumps(form)) < 4000
