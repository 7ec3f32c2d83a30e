"""Where messages have images, against values and bytes; and what is around their pixels, against the generated parsers."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from spiceproto import dispatch, schema, wire
from spiceproto.codecs.kernels import glz, lz, quic
from spiceproto.codecs.stream_kinds import CODECS, KINDS, PLAIN
from spiceproto.derive.images import paths
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.spans import dissect
from spiceproto.enums.image import ImageType
from spiceproto.errors import SchemaError
from spiceproto.generated import build_codec, parse_codec
from spiceproto.generated import images as generated
from spiceproto.image_places import DRAWN, PALETTED, PATHS, PICTURES, images, offsets, placed
from spiceproto.messages.codec import GlzHeader, Lz4Header, LzHeader, QuicHeader
from spiceproto.messages.draw import DisplayBase
from spiceproto.messages.image import Image, Palette
from spiceproto.schema.image import Image as ImageRecord
from spiceproto.walk import walk

ROWS = [(name, row) for name in schema.channels() for row in schema.rows(name, "server").values()]
BODIES = 60


def inside(value: Any, kind: type) -> Iterator[Any]:
    """Everything of a kind in a value, in the order of the fields."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from inside(getattr(value, name), kind)
    elif isinstance(value, tuple):
        for item in value:
            yield from inside(item, kind)


def typical(name: str) -> Iterator[tuple[Any, bytes]]:
    """Values of a message, and their bodies."""
    record = next(row.body for _, row in ROWS if row.name == name)
    for seed in range(BODIES):
        value = legal_value(record, RandomChooser(random.Random(f"{name} {seed}")), odd=False)
        yield value, bytes(wire.build(record, value))


@pytest.mark.parametrize(("table", "name"), [(table, row.name) for table, row in ROWS])
def test_images_are_those_of_the_value(table: str, name: str) -> None:
    found = 0
    for value, _ in typical(name):
        everything = list(inside(value, Image))
        assert images(value) == everything
        mask = getattr(getattr(getattr(value, "data", None), "mask", None), "bitmap", None)
        assert images(value, masks=False) == (everything if mask is None else everything[:-1])
        assert mask is None or everything[-1] is mask
        found += len(everything)
    assert bool(found) == (name in PATHS)


@pytest.mark.parametrize("name", PATHS)
def test_places_are_those_of_the_bytes(name: str) -> None:
    record = next(row.body for _, row in ROWS if row.name == name)
    for value, body in typical(name):
        spans = dissect(walk(record), body)
        there = {item.path: item.start for item in spans if item.node is walk(ImageRecord)}
        assert [path for path, _ in placed(value)] == [path for path in PATHS[name] if path in there]
        assert there.keys() <= set(PATHS[name])
        if name in PICTURES:
            assert offsets(name)(body) == tuple(there.get(path, 0) for path in PICTURES[name])


@pytest.mark.parametrize("name", PICTURES)
def test_half_a_body_has_no_place(name: str) -> None:
    """What finds offsets raises two errors only, whatever the bytes."""
    for _, body in typical(name):
        for size in range(min(len(body), 64)):
            try:
                found = offsets(name)(body[:size])
            except (IndexError, struct.error):
                continue
            assert found == offsets(name)(body)


def test_what_draws_has_a_surface_and_a_box() -> None:
    for table, row in ROWS:
        value = next(typical(row.name))[0]
        base = getattr(value, "base", None)
        assert (row.name in DRAWN) == isinstance(base, DisplayBase)
        if row.name in DRAWN:
            assert dispatch.rows(table, "server")[row.number].value_class.__name__ == DRAWN[row.name]
    assert set(PATHS) <= set(DRAWN)


def test_images_that_have_palettes() -> None:
    found = {
        name
        for drawing in PATHS
        for value, _ in typical(drawing)
        for image in images(value)
        for name in Image.__struct_fields__[1:]
        if list(inside(getattr(image, name), Palette))
    }
    assert found == set(PALETTED)


def test_every_type_has_its_fields_and_streams() -> None:
    types = {item for item in ImageType if item != ImageType.RESERVED}
    assert types == PLAIN | CODECS.keys() and not PLAIN & CODECS.keys()
    assert {*generated.VARIANTS} == types - {ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS}
    assert KINDS.keys() == CODECS.keys() - {ImageType.JPEG}
    for value, body in typical("DRAW_COPY"):
        (offset,) = offsets("DRAW_COPY")(body)
        if offset:
            image = value.data.src_bitmap
            id, type, flags, width, height = generated.DESCRIPTOR.unpack_from(body, offset)
            head = image.descriptor
            assert (id, type, flags, width, height) == (head.id, head.type, head.flags, head.width, head.height)
            there = [name for name in Image.__struct_fields__[1:] if getattr(image, name) is not None]
            assert there == [generated.VARIANTS[type]] if type in generated.VARIANTS else not there


HEADERS: dict[str, tuple[struct.Struct, type, Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "QUIC": (generated.QUIC_HEADER, QuicHeader, parse_codec.parse_QuicHeader, build_codec.build_QuicHeader),
    "LZ": (generated.LZ_HEADER, LzHeader, parse_codec.parse_LzHeader, build_codec.build_LzHeader),
    "GLZ": (generated.GLZ_HEADER, GlzHeader, parse_codec.parse_GlzHeader, build_codec.build_GlzHeader),
    "LZ4": (generated.LZ4_HEADER, Lz4Header, parse_codec.parse_Lz4Header, build_codec.build_Lz4Header),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_those_that_are_parsed_and_built(name: str) -> None:
    header, kind, parse, build = HEADERS[name]
    raw = random.Random(name).randbytes(header.size)
    value = parse(raw)
    assert header.unpack(raw) == tuple(getattr(value, field) for field in kind.__struct_fields__)  # type: ignore[attr-defined]
    assert bytes(build(value)) == raw == header.pack(*header.unpack(raw))


def test_kernels_have_the_same_headers() -> None:
    """They are compiled, and have numbers of their own."""
    assert quic.HEADER == generated.QUIC_MAGIC << 32 | generated.QUIC_VERSION
    assert lz.HEADER == generated.LZ_MAGIC << 32 | generated.LZ_VERSION
    assert glz.HEADER == generated.GLZ_MAGIC << 32 | generated.GLZ_VERSION
    sizes = (generated.QUIC_HEADER.size, generated.LZ_HEADER.size, generated.GLZ_HEADER.size)
    assert sizes == (quic.HEADER_SIZE, lz.HEADER_SIZE, glz.HEADER_SIZE)


def test_an_image_needs_a_role() -> None:
    record = wire.record(
        "display.Odd", wire.field("picture", wire.pointer(ImageRecord, null=True), "An image"), doc="An image of no role."
    )
    with pytest.raises(SchemaError, match="picture"):
        paths(walk(record))
