"""Servers: what stands in the images that they send (5.1, 5.5, chapter 6), and in drawing messages (7.5 to 7.8).

What is looked at is what the guest draws anyway, in the compression in which it can be found; where the guest can be given
something to show, it is the gallery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.quic_trace import Trace, trace
from conformance.cases.display.server_shown import glz_stream
from conformance.cases.display.server_steps import SEEN, animated, begin, linked, prefer, settle, shows
from conformance.cases.display.view import Drawn, View, check_rules
from conformance.expectation import at_most, check_value, one_of
from conformance.outcome import Failure, NotApplicable
from spiceproto.canvas.operators import Operator
from spiceproto.codecs import bitmap, glz, glz_references, jpeg_stream, lz, lz4, quic
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression, Ropd
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageType, JpegAlphaFlags, LzImageType
from spiceproto.errors import RemoteError

JPEG: Final = "jpeg"
"""Tag of a case that looks at JPEG pictures: a target that the suite sets up for each case makes them."""

_ALL: Final = (*SEEN, DisplayCapability.COMPOSITE, DisplayCapability.A8_SURFACE)
_GUEST: Final = ("control:guest", "control:image-compression")

_QUIC: Final = b"QUIC"
_QUIC_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 4}
"""Type of a QUIC stream to the bytes of a pixel in rows."""
_LZ_TYPES: Final = (ImageType.LZ_RGB, ImageType.GLZ_RGB)
_INDEXED: Final = (BitmapFmt._1BIT_LE, BitmapFmt._1BIT_BE, BitmapFmt._4BIT_LE, BitmapFmt._4BIT_BE, BitmapFmt._8BIT)
_LZ4_FORMATS: Final = (BitmapFmt._16BIT, BitmapFmt._24BIT, BitmapFmt._32BIT, BitmapFmt.RGBA)
_OPERATIONS: Final = (
    Ropd.OP_PUT | Ropd.OP_OR | Ropd.OP_AND | Ropd.OP_XOR | Ropd.OP_BLACKNESS | Ropd.OP_WHITENESS | Ropd.OP_INVERS
)
_OPERATORS: Final = frozenset(map(int, Operator))


class _Watched(View):
    """A client that keeps the messages that draw."""

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.messages: list[tuple[str, Any]] = []

    def draw(self, message: Any) -> None:
        if message.name.startswith("DRAW_") and message.value is not None:
            self.messages.append((message.name, message.value))
        super().draw(message)


def _seen(client: SuiteClient, compression: ImageCompression | None = None) -> _Watched:
    """What is drawn, in the server's compression and then in this one. Raises Blocked where the rules have found something."""
    with client.preparing("a session"):
        client.session()
    talk = linked(client, announced=_ALL)
    begin(client, talk)
    animated(client, talk)
    if compression is not None and talk.server.has(DisplayCapability.PREF_COMPRESSION):
        prefer(client, talk, compression)
    if all(client.target.meets(need) for need in _GUEST):
        shows(client, talk, "gallery")
    animated(client, talk)
    settle(client, talk)
    view = _Watched(client, talk)
    view.take()
    check_rules(client)
    return view


def _of(view: View, *kinds: ImageType) -> Iterator[Drawn]:
    """The images of these types. Raises NotApplicable if there are none."""
    found = [item for item in view.drawn if item.type in kinds]
    if not found:
        raise NotApplicable(f"no image of the type {' or '.join([kind.name for kind in kinds])} has come")
    yield from found


# -- images


def _begins(image: Any) -> tuple[bytes, bytes] | None:
    """How the body of an image begins, and how one of its type does; None for one that nothing begins."""
    kind = image.descriptor.type
    if kind == ImageType.QUIC:
        return image.quic.data[:4], _QUIC
    if kind in _LZ_TYPES:
        return image.lz_rgb.data[:4], lz.MAGIC.to_bytes(4, "big")
    if kind == ImageType.LZ_PLT:
        return image.lz_plt.data[:4], lz.MAGIC.to_bytes(4, "big")
    if kind == ImageType.JPEG:
        return image.jpeg.data[:2], b"\xff\xd8"
    if kind == ImageType.JPEG_ALPHA:
        return image.jpeg_alpha.data[:2], b"\xff\xd8"
    return None


@server_case("SPICE-IMAGE-001/bodies", None, channel="display")
@server_case("SPICE-IMAGE-001/bodies-quic", ImageCompression.QUIC, channel="display")
@server_case("SPICE-IMAGE-001/bodies-lz", ImageCompression.LZ, channel="display")
@server_case("SPICE-IMAGE-001/bodies-glz", ImageCompression.GLZ, channel="display")
def bodies(client: SuiteClient, compression: ImageCompression | None) -> None:
    """Every image has a body that begins as one of its type."""
    for item in _seen(client, compression).drawn:
        found = _begins(item.image)
        if found is not None:
            name = ImageType(item.type).name
            check_value(f"{name} image in {item.name}", "first bytes", found[0].hex(" "), found[1].hex(" "))


@server_case("SPICE-IMAGE-021/entries", channel="display")
def entries(client: SuiteClient) -> None:
    """Every bitmap of indices that brings its palette has an entry for each of them."""
    view = _seen(client, ImageCompression.OFF)
    found = [item for item in view.drawn if item.image.bitmap is not None and item.image.bitmap.palette is not None]
    if not found:
        raise NotApplicable("no bitmap with a palette has come")
    for item in found:
        body = item.image.bitmap
        if body.format not in _INDEXED:
            continue
        pixels = bitmap.indices(body.data, body.format, body.x, body.y, body.stride, top_down=True)
        check_value(item.name, "highest index of a bitmap", int(pixels.max()), at_most(len(body.palette.ents) - 1))


@server_case("SPICE-CODEC-006/last-words", channel="display")
def last_words(client: SuiteClient) -> None:
    """Every QUIC stream has whole words, and ends with one of zeros."""
    for item in _of(_seen(client, ImageCompression.QUIC), ImageType.QUIC):
        data = item.image.quic.data
        if not data.startswith(_QUIC):
            continue  # which SPICE-IMAGE-001 says
        check_value(f"QUIC stream in {item.name}", "size modulo 4", len(data) % 4, 0)
        check_value(f"QUIC stream in {item.name}", "last word", data[-4:].hex(" "), "00 00 00 00")


def _traced(client: SuiteClient) -> Iterator[tuple[str, Trace]]:
    """What the QUIC streams are made of. Raises NotApplicable if none could be looked at."""
    looked = False
    for item in _of(_seen(client, ImageCompression.QUIC), ImageType.QUIC):
        try:
            found = trace(bytes(item.image.quic.data))
        except RemoteError:
            continue  # which other cases say
        looked |= found.whole
        yield f"QUIC stream in {item.name}", found
    if not looked:
        raise NotApplicable("no QUIC image has come that could be looked into as a whole")


@server_case("SPICE-CODEC-014/symbols", channel="display")
def symbols(client: SuiteClient) -> None:
    """No QUIC stream has a symbol of more bits than a channel."""
    for where, found in _traced(client):
        check_value(where, "highest symbol", found.symbol, at_most(found.most))


@server_case("SPICE-CODEC-030/whole-runs", channel="display")
def whole_runs(client: SuiteClient) -> None:
    """Every run in a QUIC stream has all the equal pixels that follow."""
    for where, found in _traced(client):
        if found.short:
            length, row, column = found.short
            raise Failure(
                "runs that end where no equal pixel follows", f"{where}: a run of {length} in row {row}, column {column}"
            )


@server_case("SPICE-CODEC-054/matches", channel="display")
def matches(client: SuiteClient) -> None:
    """Every match of a GLZ stream lies in an image of the same type, and ends before that does."""
    known: dict[int, tuple[LzImageType, int]] = {}
    for item in _of(_seen(client, ImageCompression.GLZ), ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB):
        try:
            data = glz_stream(item.image)
            head = glz.header(data)
        except RemoteError:
            continue  # which other cases say
        known[head.image_id] = (head.type, head.width * head.height)
        for match in glz_references.matches(data):
            other = known.get(head.image_id - match.distance)
            if not match.distance or other is None:
                continue  # of what was dropped other cases speak
            where = f"a match in image {head.image_id - match.distance}, in GLZ image {head.image_id}"
            check_value(where, "type", other[0].name, head.type.name)
            check_value(where, "end", match.offset + match.length, at_most(other[1]))


_STREAMS: Final = (ImageType.QUIC, ImageType.LZ_RGB, ImageType.LZ_PLT, ImageType.LZ4)


def _sizes(image: Any) -> tuple[int, int]:
    """Bytes of the stream of an image, and of its rows. Raises RemoteError for one that is none."""
    width, height = image.descriptor.width, image.descriptor.height
    if image.quic is not None:
        kind = quic.header(image.quic.data).type
        return len(image.quic.data), width * height * _QUIC_BYTES[kind]
    if image.lz4 is not None:
        return len(image.lz4.data), bitmap.row_size(lz4.header(image.lz4.data).format, width) * height
    data = image.lz_plt.data if image.lz_plt is not None else image.lz_rgb.data
    return len(data), lz.stride_of(lz.header(data).type, width) * height


@server_case("SPICE-IMAGE-025/sizes-quic", ImageCompression.QUIC, channel="display")
@server_case("SPICE-IMAGE-025/sizes-lz", ImageCompression.LZ, channel="display")
@server_case("SPICE-IMAGE-025/sizes-lz4", ImageCompression.LZ4, channel="display")
def sizes(client: SuiteClient, compression: ImageCompression) -> None:
    """No image has a stream that is longer than its rows."""
    for item in _of(_seen(client, compression), *_STREAMS):
        try:
            stream, rows = _sizes(item.image)
        except RemoteError:
            continue  # which other cases say
        name = ImageType(item.type).name
        check_value(f"{name} image in {item.name}", "bytes of its stream", stream, at_most(rows))


def _with_alpha(image: Any) -> Any:
    """The pixels of a lossless image with alpha; None for another image."""
    body, size = image.bitmap, image.descriptor
    if body is not None and body.format == BitmapFmt.RGBA:
        top_down = bool(body.flags & BitmapFlags.TOP_DOWN)
        return bitmap.decode(body.data, body.format, body.x, body.y, body.stride, top_down=top_down)
    if image.quic is not None and quic.header(image.quic.data).type == quic.QuicImageType.RGBA:
        return quic.decode(image.quic.data)
    if image.lz_rgb is not None and size.type == ImageType.LZ_RGB and lz.header(image.lz_rgb.data).type == LzImageType.RGBA:
        return lz.decode(image.lz_rgb.data)
    if image.lz4 is not None and lz4.header(image.lz4.data).format == BitmapFmt.RGBA:
        return lz4.decode(image.lz4.data, size.width, size.height)
    return None


@server_case("SPICE-IMAGE-008/none-above", channel="display")
def none_above(client: SuiteClient) -> None:
    """No colour of a pixel with alpha is above its alpha."""
    looked = False
    for item in _seen(client, ImageCompression.OFF).drawn:
        try:
            pixels = _with_alpha(item.image)
        except RemoteError:
            continue  # which other cases say
        if pixels is None:
            continue
        looked = True
        alpha = (pixels >> 24).astype(int)
        above = max([int((((pixels >> shift) & 255).astype(int) - alpha).max()) for shift in (16, 8, 0)])
        check_value(f"pixels with alpha in {item.name}", "most that a colour is above its alpha", max(above, 0), 0)
    if not looked:
        raise NotApplicable("no lossless image with alpha has come")


@server_case("SPICE-CODEC-064/formats", channel="display")
def formats(client: SuiteClient) -> None:
    """Every LZ4 image has a format of colours."""
    for item in _of(_seen(client, ImageCompression.LZ4), ImageType.LZ4):
        data = item.image.lz4.data
        found = data[1] if len(data) > 1 else -1
        check_value(f"LZ4 image in {item.name}", "format", found, one_of(*map(int, _LZ4_FORMATS)))


@server_case("SPICE-CODEC-065/frame-headers", channel="display", tags=(JPEG,))
def frame_headers(client: SuiteClient) -> None:
    """Every JPEG picture has 8 bits a sample, one component or three, and the size of its descriptor."""
    for item in _of(_seen(client, ImageCompression.QUIC), ImageType.JPEG):
        size = item.image.descriptor.width, item.image.descriptor.height
        try:
            head = jpeg_stream.header(item.image.jpeg.data)
        except RemoteError as error:
            raise Failure("a JPEG picture of 8 bits a sample, of one component or three", str(error)) from None
        check_value(f"JPEG picture in {item.name}", "size", (head.width, head.height), size)


@server_case("SPICE-CODEC-070/directions", channel="display", tags=(JPEG,))
def directions(client: SuiteClient) -> None:
    """Every JPEG picture with alpha says the direction that its alpha has."""
    for item in _of(_seen(client, ImageCompression.QUIC), ImageType.JPEG_ALPHA):
        body = item.image.jpeg_alpha
        try:
            top_down = lz.header(body.data[body.jpeg_size :]).top_down
        except RemoteError:
            continue  # which other sentences say
        check_value(f"alpha in {item.name}", "TOP_DOWN", bool(body.flags & JpegAlphaFlags.TOP_DOWN), top_down)


# -- drawing messages


def _each(client: SuiteClient, names: Iterable[str], look: Callable[[str, Any], None]) -> None:
    """Look at each message with one of these names. Raises NotApplicable if there are none."""
    found = [(name, value) for name, value in _seen(client).messages if name in names]
    if not found:
        raise NotApplicable(f"no {' or '.join(names)} has come")
    for name, value in found:
        look(name, value)


def _manner(client: SuiteClient, wrong: bool, what: str) -> None:
    if wrong:
        client.tolerate(what)


@server_case("SPICE-DISPLAY-037/one-operation", channel="display")
def one_operation(client: SuiteClient) -> None:
    """Every raster operation of two inputs is one operation."""

    def look(name: str, value: Any) -> None:
        operation = int(value.data.rop_descriptor) & int(_OPERATIONS)
        _manner(client, operation.bit_count() != 1, f"{name} has another number of operations than one")

    _each(client, ("DRAW_FILL", "DRAW_OPAQUE", "DRAW_COPY", "DRAW_BLEND"), look)


@server_case("SPICE-DISPLAY-050/source-areas", channel="display")
def source_areas(client: SuiteClient) -> None:
    """Every image of a raster operation of three inputs is as large as the box."""

    def look(name: str, value: Any) -> None:
        area, box = value.data.src_area, value.base.box
        same = (area.right - area.left, area.bottom - area.top) == (box.right - box.left, box.bottom - box.top)
        _manner(client, value.data.src_bitmap is not None and not same, f"{name} has a source of another size than its box")

    _each(client, ("DRAW_ROP3",), look)


@server_case("SPICE-DISPLAY-072/modes", channel="display")
def modes(client: SuiteClient) -> None:
    """Every text is put down as it is."""

    def look(name: str, value: Any) -> None:
        other = int(value.data.fore_mode) & int(_OPERATIONS) != Ropd.OP_PUT
        _manner(client, other, f"{name} has a fore_mode other than OP_PUT")

    _each(client, ("DRAW_TEXT",), look)


@server_case("SPICE-DISPLAY-076/operators", channel="display")
def operators(client: SuiteClient) -> None:
    """Every operator of X RENDER has a meaning."""

    def look(name: str, value: Any) -> None:
        _manner(client, int(value.data.flags) & 0xFF not in _OPERATORS, f"{name} has an operator without meaning")

    _each(client, ("DRAW_COMPOSITE",), look)
