"""Long messages in two parts are the same bytes as in one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from spiceproto import dispatch
from spiceproto.apart import LONG, apart
from spiceproto.channel import Channel
from spiceproto.enums.display import ImageScaleMode, MaskFlags, Ropd
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.errors import LocalError
from spiceproto.messages import display
from spiceproto.messages.draw import Copy, QMask
from spiceproto.messages.geometry import Point
from spiceproto.messages.image import BinaryData, BitmapData, Image, ImageDescriptor, Palette
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect

SIZE = 4 * 200 * 150
STREAMS = {"quic": ImageType.QUIC, "lz_rgb": ImageType.LZ_RGB, "jpeg": ImageType.JPEG, "lz4": ImageType.LZ4}


def descriptor(kind: ImageType) -> ImageDescriptor:
    return ImageDescriptor(id=5, type=kind, flags=ImageFlags(0), width=200, height=150)


def bitmap(**changes: Any) -> Image:
    body = BitmapData(
        format=BitmapFmt._32BIT,
        flags=BitmapFlags.TOP_DOWN,
        x=200,
        y=150,
        stride=800,
        palette_id=None,
        palette=None,
        data=bytes(range(250)) * (SIZE // 250),
    )
    return Image(descriptor=descriptor(ImageType.BITMAP), bitmap=msgspec.structs.replace(body, **changes))


def stream(name: str, size: int = SIZE) -> Image:
    bodies: dict[str, Any] = {name: BinaryData(b"\x07" * size)}
    return Image(descriptor=descriptor(STREAMS[name]), **bodies)


def copied(image: Image, mask: QMask = make.NO_MASK) -> display.DrawCopy:
    data = Copy(
        src_bitmap=image,
        src_area=rect(0, 0, 200, 150),
        rop_descriptor=Ropd.OP_PUT,
        scale_mode=ImageScaleMode.NEAREST,
        mask=mask,
    )
    return display.DrawCopy(make.base(rect(3, 4, 203, 154)), data)


def build(value: Any) -> tuple[int, bytes]:
    return dispatch.build("display", "server", value)


@pytest.mark.parametrize("image", [bitmap(), *map(stream, STREAMS)], ids=["bitmap", *STREAMS])
@pytest.mark.parametrize("mini", [False, True])
def test_both_parts_are_the_message(image: Image, mini: bool) -> None:
    value = copied(image)
    parts = apart(value, build)
    assert parts is not None
    assert (parts[0], parts[1] + parts[2]) == build(value)
    whole, cut = Channel("server", "display", mini), Channel("server", "display", mini)
    for _ in range(2):
        pieces = cut.send_apart(value)
        assert len(pieces) == 2 and b"".join(pieces) == whole.send(value)
    assert cut.ack_sender.open == whole.ack_sender.open == 2


def test_what_has_something_behind_its_stream_stays_whole() -> None:
    palette = Palette(unique=0, ents=(1, 2))
    indexed = bitmap(format=BitmapFmt._8BIT, x=800, palette=palette)
    named = bitmap(format=BitmapFmt._8BIT, x=800, flags=BitmapFlags.PAL_FROM_CACHE, palette_id=9)
    masked = copied(stream("lz4"), QMask(MaskFlags(0), Point(0, 0), bitmap()))
    for value in (copied(indexed), copied(named), masked, copied(stream("lz4", LONG - 1))):
        assert apart(value, build) is None
        (whole,) = Channel("server", "display", True).send_apart(value)
        assert whole == Channel("server", "display", True).send(value)


def test_a_bitmap_of_another_length_is_refused_as_ever() -> None:
    with pytest.raises(LocalError, match="data"):
        Channel("server", "display", True).send_apart(copied(bitmap(y=151)))


def test_who_changes_messages_gets_them_whole() -> None:
    class Other(Channel):
        def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
            return super().frame(type, body[:-1], sub_list)

    (found,) = Other("server", "display", True).send_apart(copied(stream("lz4")))
    assert found.endswith(b"\x07") and len(found) == 6 + len(build(copied(stream("lz4")))[1]) - 1
