"""How images are compressed: by the server's choice, changed while it runs, and by the client's."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from reference_server import Options, Server
from reference_server.channels.display.caches import GlzDictionary
from reference_server.channels.display.images import Source, compressed
from reference_server.compression import COMPRESSIONS, Compression, CompressionUsed
from reference_server.guest.image import NO_CLIP, NO_MASK, image, put
from reference_server.guests.gallery.areas import pattern
from reference_server.guests.gallery.pictures import alpha, palette, photo, words, writing
from reference_server.tests.memory import serve, small
from reference_server.tests.viewer import ALL, Caches, Viewer, differs
from spiceproto.capabilities import Capabilities
from spiceproto.codecs import lz4, tier
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import AlphaFlags, ImageCompression, Ropd, SurfaceFmt
from spiceproto.enums.image import BitmapFmt, ImageFlags, ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display
from spiceproto.messages.draw import AlphaBlend, DisplayBase, Opaque


def shown(own: Capabilities = ALL, caches: Caches | None = None, **options: Any) -> tuple[Any, Any, Viewer]:
    """A screen, its server, and a client that has begun."""
    guest = small()
    wire = serve(guest, **options)
    wire.main()
    viewer = Viewer(wire, own=own, caches=caches)
    viewer.look()
    viewer.types.clear()
    return guest.screens[0], wire.server, viewer


def drawn(screen: Any, viewer: Viewer, picture: Any) -> ImageType | int:
    """The type of the image that comes for a picture."""
    screen.push(put(picture, 2, 3))
    (message,) = viewer.look()
    kind: ImageType | int = message.data.src_bitmap.descriptor.type
    return kind


def test_the_server_s_choice_changes_while_it_runs() -> None:
    screen, server, viewer = shown()
    assert drawn(screen, viewer, words(photo(20, 20))) == ImageType.BITMAP
    server.compression.set("lz")
    assert drawn(screen, viewer, words(photo(20, 20))) == ImageType.LZ_RGB
    server.compression.set("auto_glz")
    assert drawn(screen, viewer, words(photo(20, 20))) == ImageType.QUIC
    assert drawn(screen, viewer, words(writing(20, 20))) == ImageType.GLZ_RGB
    server.compression.set("off")
    assert drawn(screen, viewer, words(photo(20, 20))) == ImageType.BITMAP
    assert differs(viewer, screen) == []


def test_the_client_s_choice_holds_for_it_alone() -> None:
    guest = small()
    wire = serve(guest, displays=2)
    wire.main()
    first, second = Viewer(wire, 0), Viewer(wire, 1)
    first.send(display.PreferredCompression(ImageCompression.LZ4))
    for number, viewer in ((0, first), (1, second)):
        viewer.look()
        viewer.types.clear()
        guest.screens[number].push(put(words(writing(20, 20)), 0, 0))
        viewer.look()
    assert set(first.types) == {ImageType.LZ4} and set(second.types) == {ImageType.BITMAP}


@pytest.mark.parametrize("number", (0, 8, 99, 255))
def test_a_preference_that_means_nothing(number: int) -> None:
    screen, _, viewer = shown(image_compression="lz")
    viewer.line.send(display.PreferredCompression(number))
    assert drawn(screen, viewer, words(photo(20, 20))) == ImageType.LZ_RGB
    assert not viewer.line.closed


def test_a_preference_that_was_not_announced() -> None:
    guest = small()
    announced = Server(Options()).listing.announced(ChannelType.DISPLAY).without(DisplayCapability.PREF_COMPRESSION)
    wire = serve(guest, capabilities={ChannelType.DISPLAY: announced})
    wire.main()
    viewer = Viewer(wire)
    viewer.line.send(display.PreferredCompression(ImageCompression.LZ))
    viewer.look()
    assert drawn(guest.screens[0], viewer, words(photo(20, 20))) == ImageType.BITMAP


def test_lz4_only_for_those_who_read_it() -> None:
    screen, _, viewer = shown(ALL.without(DisplayCapability.LZ4_COMPRESSION), image_compression="lz4")
    assert drawn(screen, viewer, words(writing(20, 20))) == ImageType.LZ_RGB


def test_what_is_no_compression() -> None:
    assert list(COMPRESSIONS) == ["off", "auto_glz", "auto_lz", "quic", "glz", "lz", "lz4"]
    with pytest.raises(ValueError, match="auto_glz"):
        Compression("zip")
    compression = Compression()
    with pytest.raises(ValueError, match="'zip'"):
        compression.set("zip")
    assert compression.kind == ImageCompression.OFF


def test_whoever_prepares_machine_code_hears_of_it_once_and_large_pictures_wait() -> None:
    screen, server, viewer = shown()
    told: list[Any] = []
    server.compression.watch(told.append, CompressionUsed)
    server.compression.ready = lambda: False
    for _ in range(2):
        viewer.send(display.PreferredCompression(ImageCompression.LZ))
    assert told == [CompressionUsed()]
    screen.resize(100, 100)
    viewer.look()
    assert drawn(screen, viewer, words(writing(80, 80))) == ImageType.BITMAP
    assert drawn(screen, viewer, words(writing(20, 20))) == ImageType.LZ_RGB


# -- JPEG


def near(viewer: Viewer, screen: Any) -> bool:
    """Whether what is shown is nearly what the guest shows."""
    difference = np.abs(viewer.picture().astype(int) - screen.picture[..., 2::-1].astype(int))
    return int(difference.max()) > 0 and float(difference.mean()) < 4


def test_jpeg_where_it_is_no_harm() -> None:
    screen, _, viewer = shown(image_compression="auto_lz", jpeg=True)
    assert drawn(screen, viewer, words(photo(40, 40))) == ImageType.JPEG
    assert near(viewer, screen)
    clear = image(alpha(40, 40), BitmapFmt.RGBA)
    base = DisplayBase(0, put(clear, 5, 5).base.box, NO_CLIP)
    blend = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=255, src_bitmap=clear, src_area=put(clear, 0, 0).data.src_area)
    screen.push(display.DrawAlphaBlend(base, blend))
    (message,) = viewer.look()
    assert message.data.src_bitmap.descriptor.type == ImageType.JPEG_ALPHA
    assert drawn(screen, viewer, words(writing(40, 40))) == ImageType.LZ_RGB


def test_a_lossy_copy_in_the_cache_gives_way_to_a_lossless_one() -> None:
    screen, _, viewer = shown(image_compression="quic", jpeg=True)
    picture = words(photo(40, 40), 500)
    assert drawn(screen, viewer, picture) == ImageType.JPEG
    assert drawn(screen, viewer, picture) == ImageType.FROM_CACHE
    copy = put(picture, 2, 3)
    exact = display.DrawCopy(copy.base, msgspec.structs.replace(copy.data, rop_descriptor=Ropd.OP_PUT | Ropd.INVERS_SRC))
    screen.push(exact)
    (message,) = viewer.look()
    descriptor = message.data.src_bitmap.descriptor
    assert (descriptor.type, descriptor.flags) == (ImageType.QUIC, ImageFlags.CACHE_REPLACE_ME)
    screen.push(exact)
    (message,) = viewer.look()
    assert message.data.src_bitmap.descriptor.type == ImageType.FROM_CACHE_LOSSLESS
    assert drawn(screen, viewer, picture) == ImageType.FROM_CACHE
    assert differs(viewer, screen) == []


# -- palettes


def test_palettes_are_kept_and_dropped() -> None:
    screen, _, viewer = shown()
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    names = []
    for unique in [*range(1, 200), 199, 198, 1, 0, 0]:
        screen.push(put(image(indices, BitmapFmt._8BIT, palette=palette(256, unique)), 0, 0))
        names.append([type(value).__name__ for value in viewer.look()])
    assert names[0] == ["DrawCopy"] and names[150] == ["InvalPalette", "DrawCopy"]
    assert names[-5:] == [["DrawCopy"], ["DrawCopy"], ["InvalPalette", "DrawCopy"], ["DrawCopy"], ["DrawCopy"]]
    assert len(viewer.canvas.palettes) == 128
    assert differs(viewer, screen) == []


def test_an_image_twice_in_one_command() -> None:
    """What it brings it does not name; and nothing that it needs goes for another part of it."""
    screen, _, viewer = shown(caches=Caches(pixels=400))
    first, second = words(photo(20, 20), 1), words(photo(20, 20, 9), 2)
    screen.push(put(first, 0, 0))
    viewer.look()
    copy = put(first, 0, 0)

    def opaque(source: Any, brush: Any) -> display.DrawOpaque:
        return display.DrawOpaque(
            copy.base,
            Opaque(
                src_bitmap=source,
                src_area=copy.data.src_area,
                brush=pattern(brush),
                rop_descriptor=Ropd.OP_XOR,
                scale_mode=0,
                mask=NO_MASK,
            ),
        )

    for source, brush in ((first, second), (second, second), (second, first)):
        screen.push(opaque(source, brush))
        assert differs(viewer, screen) == []


@pytest.mark.parametrize("name", ("lz", "glz", "quic", "lz4"))
@pytest.mark.parametrize("kernels", get_args(tier.Tier))
def test_the_byte_without_meaning_and_the_order_of_rows_change_nothing(name: str, kernels: tier.Tier) -> None:
    """A bitmap is compressed where it lies: what is in its spare bytes stays there, and nobody writes to it."""
    kind = {"lz": ImageType.LZ_RGB, "glz": ImageType.GLZ_RGB, "quic": ImageType.QUIC, "lz4": ImageType.LZ4}[name]
    clean = np.kron(photo(10, 10), np.ones((2, 3), np.uint32))  # what LZ4 makes smaller, too
    streams = []
    for pixels in (clean, clean | np.uint32(0x5A000000)):
        for top_down in (True, False):
            rows = np.ascontiguousarray(pixels if top_down else pixels[::-1])
            bare = image(clean, BitmapFmt._32BIT, top_down=top_down)
            assert bare.bitmap is not None
            made = msgspec.structs.replace(bare, bitmap=msgspec.structs.replace(bare.bitmap, data=rows.tobytes()))
            assert made.bitmap is not None
            before = bytes(bytearray(made.bitmap.data))
            with tier.forced(kernels):
                found = compressed(made, kind, Source(made.bitmap), GlzDictionary(1 << 16))
            assert made.bitmap.data == before and found.descriptor.type == kind
            (body,) = [part for part in (found.lz_rgb, found.quic, found.lz4) if part is not None]
            streams.append(body.data)
    assert streams[:2] == streams[2:]


def _spare(number: int, key: int | None = None) -> Any:
    """A picture whose byte without meaning is not 0."""
    made = image(np.full((8, 8), 0x102030 + number, np.uint32), BitmapFmt._32BIT, key=key)
    assert made.bitmap is not None
    data = (np.frombuffer(made.bitmap.data, "<u4") | np.uint32(0x55000000)).astype("<u4").tobytes()
    return msgspec.structs.replace(made, bitmap=msgspec.structs.replace(made.bitmap, data=data))


def test_the_byte_without_meaning_goes_as_it_is_where_nobody_can_see_it() -> None:
    """On a surface with alpha, and in an image that may come there, it is 0."""
    screen, _, viewer = shown(image_compression="lz4")
    seen = []
    for number, key in ((1, None), (2, 77)):
        screen.push(put(_spare(number, key), 2, 3))
        (message,) = viewer.look()
        assert message.data.src_bitmap.descriptor.type == ImageType.LZ4
        seen.append(int(lz4.decode(message.data.src_bitmap.lz4.data, 8, 8, spare=True)[0, 0]) >> 24)
    assert seen == [0x55, 0]
    screen.resize(64, 48, SurfaceFmt._32_ARGB)
    viewer.look()
    screen.push(put(_spare(3), 2, 3))
    (message,) = viewer.look()
    assert int(lz4.decode(message.data.src_bitmap.lz4.data, 8, 8, spare=True)[0, 0]) >> 24 == 0
    assert differs(viewer, screen) == []
