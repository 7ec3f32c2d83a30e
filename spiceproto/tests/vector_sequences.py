"""The golden images that refer to each other: sequences of GLZ and ZLIB_GLZ, some in another order than they were coded in.

Streams of GLZ are the same whoever makes them. Those of zlib depend on the version of a library: what is there stays as long as
it inflates to the right stream.
"""

from __future__ import annotations

import zlib

from spiceproto.codecs import glz, zlib_glz
from spiceproto.codecs.lz import LzImageType
from spiceproto.tests.vector_maker import Maker, Pixels
from spiceproto.tests.vector_pictures import as_format, picture
from spiceproto.tests.vectors import Entry, pixel_format

Frame = tuple[str, str, Pixels, bool]  # codec, type, picture, top down


def _scrolled(type: str, count: int, width: int, height: int) -> list[Pixels]:
    """Pieces of one large picture, each seen from another place: every one repeats much of those before."""
    whole = picture("mixed", 3 * width, 2 * height)
    places = ((0, 0), (width // 3, 2), (5, height // 2), (width, height // 3), (2, 1), (width // 2, height - 1), (0, 0))
    return [
        as_format(whole[y : y + height, x : x + width], pixel_format(type))
        for x, y in (places[number % len(places)] for number in range(count))
    ]


def sequences(maker: Maker) -> None:
    """Add all of them."""
    types = ("RGB16", "RGB24", "RGB32", "RGBA")
    for type in types:
        frames: list[Frame] = [("GLZ", type, pixels, number != 3) for number, pixels in enumerate(_scrolled(type, 5, 31, 19))]
        frames.append(("GLZ", type, as_format(picture("solid", 1, 1), pixel_format(type)), True))
        _sequence(maker, f"glz/{type.lower()}", frames, about="matches in earlier images; number 3 is bottom up")
    frames = [("GLZ", type, _scrolled(type, 1 + number, 13, 11)[-1], True) for number, type in enumerate(types * 2)]
    _sequence(maker, "glz/mixed_types", frames, about="all types in one window; matches only between equal types")

    frames = [("GLZ", "RGB32", pixels, True) for pixels in _scrolled("RGB32", 7, 17, 9)]
    frames[3] = ("GLZ", "RGB32", as_format(picture("gradient", 3, 2), "X8R8G8B8"), True)
    _sequence(
        maker,
        "glz/out_of_order",
        frames,
        order=(0, 3, 2, 1, 6, 5, 4),
        about="number 3 overtakes and can be shown at once; others must wait for what they refer to",
    )
    frames = [("GLZ", "RGB32", pixels, True) for pixels in _scrolled("RGB32", 9, 20, 10)]
    _sequence(
        maker,
        "glz/eviction",
        frames,
        window=700,
        about="room for three images: the head distance stops growing, and older ones are dropped",
    )
    frames = [("GLZ", "RGBA", pixels, True) for pixels in _scrolled("RGBA", 8, 20, 10)]
    _sequence(
        maker,
        "glz/eviction_out_of_order",
        frames,
        window=900,
        order=(0, 2, 1, 3, 5, 4, 7, 6),
        about="an image that overtakes another must not drop what the other still refers to",
    )
    frames = [("GLZ", "RGB16", pixels, True) for pixels in _scrolled("RGB16", 3, 13, 7)]
    _sequence(maker, "glz/late_start", frames, first_id=1000, about="the first number is not 0")
    small = _scrolled("RGB32", 1, 12, 3)[0]
    others = [as_format(picture("solid", 2, 1), "X8R8G8B8"), as_format(picture("noise", 2, 1), "X8R8G8B8")]
    frames = [("GLZ", "RGB32", small if number in (0, 64) else others[number % 2], True) for number in range(65)]
    _sequence(
        maker,
        "glz/far_images",
        frames,
        order=(0, 64),
        about="an image refers to the one 64 before it; those between are still on their way, and not needed",
    )
    wide = as_format(picture("solid", 512, 260), "X8R8G8B8")
    wide[::8, ::32] = as_format(picture("gradient", 16, 33), "X8R8G8B8")
    wide[-2:, -40:] = as_format(picture("noise", 40, 2), "X8R8G8B8")
    _sequence(
        maker,
        "glz/long_offsets",
        [("GLZ", "RGB32", wide, True), ("GLZ", "RGB32", wide[-2:, -40:], True)],
        about="matches far away in one image, and near the end of a large one",
    )

    for type in types:
        frames = [("ZLIB_GLZ", type, pixels, number != 1) for number, pixels in enumerate(_scrolled(type, 3, 17, 9))]
        _sequence(maker, f"zlib_glz/{type.lower()}", frames, about="GLZ inside zlib")
    frames = [
        (("GLZ", "ZLIB_GLZ")[number % 2], "RGB32", pixels, True) for number, pixels in enumerate(_scrolled("RGB32", 4, 17, 9))
    ]
    _sequence(maker, "zlib_glz/with_glz", frames, about="images of both codecs in one window")


def _sequence(
    maker: Maker,
    name: str,
    frames: list[Frame],
    *,
    window: int = glz.WINDOW_PIXELS,
    first_id: int = 0,
    order: tuple[int, ...] | None = None,
    about: str = "",
) -> None:
    """Code the frames in their order, and list them in the order of their arrival."""
    dictionary = glz.Dictionary(window, next_id=first_id)
    here = maker.present(f"{name}.stream") or b""
    coded: list[tuple[bytes, Entry]] = []
    for codec, type, pixels, top_down in frames:
        stream = glz.encode(pixels, LzImageType[type], dictionary, top_down=top_down)
        head = glz.header(stream)
        fields: Entry = {"top_down": top_down, "image_id": head.image_id, "head_distance": head.window_head_distance}
        if codec == "ZLIB_GLZ":
            fields["glz_data_size"] = len(stream)
            stream = _kept_zlib(here, stream) or zlib.compress(stream, zlib_glz.LEVEL)
        coded.append((stream, fields))
    bodies, offset = [], 0
    steps: list[Entry] = []
    for number in order or range(len(frames)):
        codec, type, pixels, _ = frames[number]
        stream, fields = coded[number]
        origin = "library" if codec == "ZLIB_GLZ" else "encoder"
        step = maker.entry(f"{name}-{fields['image_id']}", codec, type, pixels, stream, origin, offset=offset, **fields)
        steps.append(step)
        bodies.append(stream)
        offset += len(stream)
    maker.sequence(name, steps, b"".join(bodies), window, first_id, about)


def _kept_zlib(here: bytes, stream: bytes) -> bytes | None:
    """The piece of ``here`` that inflates to ``stream``."""
    start = here.find(b"\x78")
    while start >= 0:
        inflater = zlib.decompressobj()
        try:
            if inflater.decompress(here[start:], len(stream) + 1) == stream:
                inflater.decompress(inflater.unconsumed_tail, 1)
                if inflater.eof:
                    return here[start : len(here) - len(inflater.unused_data)]
        except zlib.error:
            pass
        start = here.find(b"\x78", start + 1)
    return None
