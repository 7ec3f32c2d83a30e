"""Messages that refer to what has not come: they can be tried until it has, and nothing is done twice."""

from __future__ import annotations

import numpy as np

from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.canvas.problem import ProblemCode
from spiceproto.canvas.reference import Reference
from spiceproto.codecs import glz
from spiceproto.codecs.lz import LzImageType
from spiceproto.enums.display import Ropd
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Opaque
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.tests import canvas_messages as make

W, H = 16, 8
BOX = make.rect(0, 0, W, H)
WORDS = np.random.default_rng(5).integers(0, 1 << 24, (H, W)).astype(np.uint32)


def two() -> tuple[Display, Display]:
    """Two displays with one pixmap cache and one dictionary."""
    pixmaps, window = PixmapCache(), glz.Window()
    first, second = (make.display(W, H, pixmaps=pixmaps, window=window) for _ in range(2))
    return first, second


def glz_images(*pictures: np.ndarray) -> list[Image]:
    """Images of one dictionary, each of which refers to those before."""
    dictionary = glz.Dictionary()
    return [
        Image(
            descriptor=ImageDescriptor(id=50 + n, type=ImageType.GLZ_RGB, flags=ImageFlags(0), width=W, height=H),
            lz_rgb=BinaryData(glz.encode(picture, LzImageType.RGB32, dictionary)),
        )
        for n, picture in enumerate(pictures)
    ]


def opaque(source: Image, brush: Image, rop: Ropd) -> messages.DrawOpaque:
    data = Opaque(
        src_bitmap=source,
        src_area=BOX,
        brush=make.pattern(brush, 0, 0),
        rop_descriptor=rop,
        scale_mode=0,
        mask=make.NO_MASK,
    )
    return messages.DrawOpaque(make.base(BOX), data)


def test_an_image_of_the_cache_is_waited_for() -> None:
    first, second = two()
    shown = make.copy(BOX, make.cached(7), BOX)
    reference = first.attempt(shown)
    assert reference == Reference("pixmap", 7) and not reference.there(first.pixmaps, first.window)
    assert first.attempt(shown) == reference and not first.problems
    second.draw(make.copy(BOX, make.bitmap(WORDS, id=7, flags=ImageFlags.CACHE_ME), BOX))
    assert reference.there(first.pixmaps, first.window)
    assert first.attempt(shown) is None and not first.problems
    assert (make.pixels(first) == WORDS).all()


def test_a_lossless_copy_is_waited_for() -> None:
    first, second = two()
    shown = make.copy(BOX, make.cached(7, ImageType.FROM_CACHE_LOSSLESS), BOX)
    first.pixmaps.put(7, make.display(W, H).surfaces[0], lossy=True)
    reference = first.attempt(shown)
    assert reference == Reference("lossless", 7) and not reference.there(first.pixmaps, first.window)
    second.draw(make.copy(BOX, make.bitmap(WORDS, id=7, flags=ImageFlags.CACHE_REPLACE_ME), BOX))
    assert reference.there(first.pixmaps, first.window) and first.attempt(shown) is None


def test_a_picture_of_the_dictionary_is_waited_for() -> None:
    first, second = two()
    images = glz_images(WORDS, WORDS)
    shown = make.copy(BOX, images[1], BOX)
    reference = first.attempt(shown)
    assert reference == Reference("glz", 0) and not reference.there(first.pixmaps, first.window)
    second.draw(make.copy(BOX, images[0], BOX))
    assert reference.there(first.pixmaps, first.window)
    assert first.attempt(shown) is None and not first.problems
    assert (make.pixels(first) == WORDS).all()


def test_an_image_enters_the_dictionary_once_however_often_its_message_is_tried() -> None:
    first, second = two()
    source, missing = glz_images(WORDS)[0], make.cached(7)
    shown = opaque(source, missing, Ropd.OP_XOR)
    assert [first.attempt(shown) for _ in range(3)] == [Reference("pixmap", 7)] * 3
    second.draw(make.copy(BOX, make.bitmap(WORDS, id=7, flags=ImageFlags.CACHE_ME), BOX))
    assert first.attempt(shown) is None and not first.problems
    assert not make.pixels(first).any()  # the picture, and itself by XOR


def test_who_gives_up_has_a_problem_and_goes_on() -> None:
    first, _ = two()
    image = glz_images(WORDS)[0]
    shown = opaque(image, make.cached(7), Ropd.OP_PUT)
    assert first.attempt(shown) is not None
    first.draw(shown)
    assert [problem.code for problem in first.problems] == [ProblemCode.MISSING_PIXMAP]
    assert 0 in first.window
    # A message that was never tried again leaves nothing behind for the next one.
    assert first.attempt(make.copy(BOX, make.cached(8), BOX)) is not None
    assert first.attempt(make.copy(BOX, make.bitmap(WORDS), BOX)) is None
    assert (make.pixels(first) == WORDS).all() and not first.images.early


def test_what_is_wrong_by_itself_is_not_waited_for() -> None:
    first, _ = two()
    assert first.attempt(make.copy(BOX, make.of_surface(9), BOX)) is None
    assert [problem.code for problem in first.problems] == [ProblemCode.UNKNOWN_SURFACE]
