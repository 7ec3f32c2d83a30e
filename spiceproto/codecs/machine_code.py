"""Machine code for kernels, made before it is needed: for a program that may not stand still at its first picture.

The first compiled picture of a process costs a third of a second where the code is in the user's cache, and many seconds where
it is not. There are two ways not to wait for it:

* everything at once: a program with an event loop calls :func:`prepare_in_thread` when it starts. Until the thread is done,
  codecs of all other threads interpret, and do not wait; from then on they use the machine code.
* a kind at a time: who asks :func:`is_cold` before it decodes has :func:`prepare_kind` called on a thread, and keeps its
  pictures meanwhile. That is much less work where few kinds are met.

Meanwhile no thread waits for the collector of garbage: with the objects of numba, a full collection holds all of them up for
0.05 to 0.3 s. So only young garbage is collected while kernels are made, and then everything that is there is set aside
(``gc.freeze``), garbage of numba among it: 20 MiB where a kind is compiled, 100 MiB where all are, next to nothing where they
are loaded.

A kind is a codec and the type in the header of its streams; sound has none, so CELT's is 0, and 1 for who encodes,
too. A kernel that was called for a kind is not compiled for it again.
``SPICEPROTO_KERNELS=interpreted`` and ``compiled`` decide as always: nothing is prepared, or nobody waits for it.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from spiceproto.codecs import tier
from spiceproto.enums.image import LzImageType, QuicImageType
from spiceproto.errors import MissingExtraError

__all__ = ["CELT", "CELT_ENCODER", "Kind", "is_cold", "is_prepared", "prepare", "prepare_in_thread", "prepare_kind", "ready"]

_SIDE: Final = 9


class Kind(NamedTuple):
    """A codec, and the type that its streams have in their headers."""

    codec: Literal["lz", "quic", "glz", "celt051"]
    type: int


_ALL: Final = (
    *(Kind("quic", type) for type in (QuicImageType.RGB32, QuicImageType.RGBA, QuicImageType.RGB16, QuicImageType.GRAY)),
    *(Kind("lz", type) for type in (LzImageType.RGB32, LzImageType.RGBA, LzImageType.RGB16, LzImageType.PLT8)),
    *(Kind("glz", type) for type in (LzImageType.RGB32, LzImageType.RGBA, LzImageType.RGB16)),
)
"""One for each set of kernels for pictures."""

CELT: Final = Kind("celt051", 0)
"""Sound in mode CELT_0_5_1, to be decoded."""

CELT_ENCODER: Final = Kind("celt051", 1)
"""So sound to be encoded, and decoded."""

_kinds: set[Kind] = set()
"""What :func:`prepare_kind` was called for."""


# -- everything


def ready() -> bool:
    """Whether no picture will wait for kernels: machine code is there, or this process uses none."""
    return tier.is_prepared() or _interpreted()


def prepare(*, encoders: bool = True) -> bool:
    """Load or compile the kernels of every codec and type, those of sound last; returns whether there is machine code now.

    Without ``encoders`` only what decodes is prepared, in half the time. Blocks this thread, and no other one for long.
    There is none without numba, nor if the environment asks for interpreted kernels. May be called again, and from several
    threads.
    """
    if _interpreted():
        return False
    ways: tuple[tier.Tier, ...] = ("interpreted", "compiled") if encoders else ("interpreted",)
    try:
        with _uncollected(), tier.preparing():
            for kind in _ALL:
                for way in ways:
                    _exercise(kind, way)
            if encoders:
                _choose()
        # Pictures do not wait for kernels of sound, which few sessions have.
        with _uncollected():
            for way in ways:
                _exercise(CELT, way)
        _kinds.update((CELT, CELT_ENCODER) if encoders else (CELT,))
    except MissingExtraError:
        return False
    return True


def prepare_in_thread(*, encoders: bool = True) -> threading.Thread:
    """Start a thread that calls :func:`prepare`; it does not keep the process from ending."""
    thread = threading.Thread(target=prepare, kwargs={"encoders": encoders}, name="kernels", daemon=True)
    thread.start()
    return thread


# -- a kind


def is_cold(kind: Kind, pixels: int) -> bool:
    """Whether decoding so many more pixels of a kind would compile kernels first."""
    return not is_prepared(kind) and tier.would_compile(pixels)


def is_prepared(kind: Kind) -> bool:
    """Whether :func:`prepare_kind` or :func:`prepare` has been there."""
    return kind in _kinds or (kind not in (CELT, CELT_ENCODER) and tier.is_prepared())


def prepare_kind(kind: Kind) -> None:
    """Compile what decodes a kind, or encodes it; nothing where numba is missing, or where kernels are interpreted anyway."""
    if not _interpreted():
        try:
            with _uncollected():
                _exercise(kind, "compiled" if kind == CELT_ENCODER else "interpreted")
        except MissingExtraError:
            return
    _kinds.update((kind, CELT) if kind == CELT_ENCODER else (kind,))


# -- how

_YOUNG: Final = (2000, 10, 1 << 30)
"""Thresholds of the collector with which there is no full collection."""

_lock: Final = threading.Lock()
_thresholds: list[tuple[int, int, int]] = []
"""Those that were in force before, of each thread that makes kernels."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """In the block there is no full collection of garbage; behind it what was there is none, and is not looked at."""
    with _lock:
        _thresholds.append(_thresholds[0] if _thresholds else gc.get_threshold())
        if _thresholds[0][0]:
            gc.set_threshold(*_YOUNG)
    try:
        yield
    finally:
        with _lock:
            before = _thresholds.pop()
            if not _thresholds and before[0]:
                gc.set_threshold(*before)
                gc.freeze()


def _interpreted() -> bool:
    return os.environ.get(tier.ENVIRONMENT) == "interpreted"


def _exercise(kind: Kind, way: tier.Tier) -> None:
    """Have the kernels of a kind decode tiny pictures that were encoded in this way: numba compiles what is called."""
    with tier.forced(way):
        decodings = list(_DECODINGS[kind.codec](kind.type))
    with tier.forced("compiled"):
        for decode in decodings:
            decode()


def _choose() -> None:
    """Have the kernel look at pictures that decides between encoders."""
    from spiceproto.codecs import choice

    for dtype in ("uint32", "uint16"):
        choice.score(_picture(dtype))


def _picture(dtype: str) -> Any:
    import numpy as np

    return (np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE) // 5 * 0x010203).astype(dtype)


def _tone() -> Any:
    import numpy as np

    wave = (9000 * np.sin(np.arange(256) * np.pi / 32)).astype(np.int16)
    return np.stack([wave, wave], axis=1)


def _lz(number: int) -> Iterator[Callable[[], object]]:
    from spiceproto.codecs import lz

    type = LzImageType(number)
    wide = type in (LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA)
    stream = lz.encode(_picture("uint16" if type is LzImageType.RGB16 else "uint32" if wide else "uint8"), type)
    yield partial(lz.decode, stream)
    yield partial(lz.decode, stream)  # the second one takes the short way, where there is one
    yield partial(lz.decode_all, [stream])


def _quic(number: int) -> Iterator[Callable[[], object]]:
    from spiceproto.codecs import quic

    type = QuicImageType(number)
    dtype = {QuicImageType.GRAY: "uint8", QuicImageType.RGB16: "uint16"}.get(type, "uint32")
    stream = quic.encode(_picture(dtype), type)
    yield partial(quic.decode, stream)
    yield partial(quic.decode, stream)


def _celt051(number: int) -> Iterator[Callable[[], object]]:
    from spiceproto.codecs import celt051

    encoder, decoder = celt051.Encoder(), celt051.Decoder()
    sound = _tone()
    for _ in range(_SIDE):
        yield partial(decoder.decode, encoder.encode(sound))
    yield partial(decoder.decode, b"\xff" * celt051.PACKET)
    yield partial(decoder.decode, None)


def _glz(number: int) -> Iterator[Callable[[], object]]:
    from spiceproto.codecs import glz

    type = LzImageType(number)
    dictionary, window = glz.Dictionary(1 << 12), glz.Window(1 << 12)
    picture = _picture("uint16" if type is LzImageType.RGB16 else "uint32")
    for _ in range(2):
        yield partial(glz.decode, glz.encode(picture, type, dictionary), window)


_DECODINGS: Final[dict[str, Callable[[int], Iterator[Callable[[], object]]]]] = {
    "lz": _lz,
    "quic": _quic,
    "glz": _glz,
    "celt051": _celt051,
}
