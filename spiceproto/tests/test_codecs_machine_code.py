"""Machine code made in a thread: meanwhile the others interpret and do not wait, afterwards there is nothing to wait for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spiceproto.codecs import glz, lz, machine_code, quic, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.machine_code import Kind
from spiceproto.codecs.quic import QuicImageType

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="without numba nothing is compiled")

PIXELS = np.arange(600, dtype=np.uint32).reshape(20, 30)


def in_a_new_process(code: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def test_others_interpret_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tier.ENVIRONMENT, "auto")
    monkeypatch.setattr(tier, "_prepared", False)
    began, end = threading.Event(), threading.Event()
    tiers = []

    def prepare() -> None:
        with tier.preparing():
            tiers.append(tier.choose(0))
            began.set()
            end.wait(10)

    thread = threading.Thread(target=prepare)
    thread.start()
    assert began.wait(10)
    assert (tiers, tier.choose(1 << 40), tier.compiled(), machine_code.ready()) == (["compiled"], "interpreted", False, False)
    assert tier.kernels("quic", 1 << 40, BPC=8).INTERPRETED
    with tier.forced("interpreted"):
        stream = quic.encode(PIXELS, QuicImageType.RGB32)
    assert np.array_equal(quic.decode(stream), PIXELS)
    end.set()
    thread.join()
    assert (tier.choose(0), tier.compiled(), machine_code.ready()) == ("compiled", True, True)


def test_what_failed_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier, "_prepared", False)
    with pytest.raises(ZeroDivisionError), tier.preparing():
        raise ZeroDivisionError
    assert not machine_code.ready()


@needs_numba
def test_no_full_collection_of_garbage_holds_others_up() -> None:
    code = (
        "import gc\n"
        "from spiceproto.codecs import machine_code\n"
        "before, seen = gc.get_threshold(), []\n"
        "gc.callbacks.append(lambda phase, info: seen.append(info['generation']))\n"
        "machine_code.prepare_kind(machine_code.Kind('lz', 8))\n"
        "gc.callbacks.clear()\n"
        "print(bool(seen), 2 in seen, gc.get_freeze_count() > 10_000, gc.get_threshold() == before)\n"
    )
    assert in_a_new_process(code, SPICEPROTO_KERNELS="auto") == ["True", "False", "True", "True"]


def test_every_picture_afterwards_finds_its_kernels() -> None:
    """numba compiles or loads nothing more, whatever the type and the size."""
    code = (
        "import numpy as np\n"
        "from spiceproto.codecs import celt051, choice, machine_code, tier, quic, lz, glz\n"
        "assert not machine_code.ready()\n"
        "machine_code.prepare_in_thread().join()\n"
        "assert machine_code.ready()\n"
        "def made():\n"
        "    modules = [module for key, module in tier._loaded.items() if key[1] == 'compiled']\n"
        "    kernels = [each for module in modules for each in vars(module).values() if hasattr(each, 'overloads')]\n"
        "    pictures = [key for key in tier._loaded if key[1] == 'compiled' and not key[0].startswith('celt051')]\n"
        "    return len(pictures), sum(len(each.overloads) for each in kernels)\n"
        "before = made()\n"
        "plain = ('uint8', [1], [1, 2, 3, 4, 5, 10, 11])\n"
        "for dtype, kinds, types in (plain, ('uint16', [2], [6]), ('uint32', [3, 4, 5], [7, 8, 9])):\n"
        "    pixels = (np.arange(7 * 150) // 4 % 2).astype(dtype).reshape(7, 150)\n"
        "    if dtype != 'uint8': choice.score(pixels, top_down=False)\n"
        "    for kind in kinds:\n"
        "        quic.decode(quic.encode(pixels[:, ::2], kind), out=np.empty((7, 75), dtype))\n"
        "        quic.decode(bytearray(quic.encode(pixels, kind)))\n"
        "    for type in types:\n"
        "        lz.decode(memoryview(lz.encode(pixels, type, top_down=False)))\n"
        "        if type < 6 or type > 9: continue\n"
        "        dictionary, window = glz.Dictionary(9999), glz.Window(9999)\n"
        "        for top_down in (True, False):\n"
        "            glz.decode(glz.encode(pixels, type, dictionary, top_down=top_down), window, copy=top_down)\n"
        "decoder = celt051.Decoder()\n"
        "for options in ({}, {'pitch': False}):\n"
        "    encoder = celt051.Encoder(**options)\n"
        "    for shift in range(9):\n"
        "        sound = (np.arange(512).reshape(256, 2) << shift & 0x1fff).astype(np.int16)\n"
        "        decoder.decode(encoder.encode(sound))\n"
        "for byte in (0, 0x41, 0x85, 0xff):\n"
        "    for size in (0, 47, 200):\n"
        "        decoder.decode(bytes([byte]) * size)\n"
        "decoder.decode(None)\n"
        "print(before[0], made() == before)\n"
    )
    assert in_a_new_process(code, SPICEPROTO_KERNELS="auto") == ["9", "True"]


def test_nothing_to_prepare() -> None:
    code = "from spiceproto.codecs import machine_code as m\nimport sys\nprint(m.prepare(), m.ready(), 'numba' in sys.modules)"
    assert in_a_new_process(code, SPICEPROTO_KERNELS="interpreted") == ["False", "True", "False"]
    missing = "import sys\nsys.modules['numba'] = None\n" + code
    assert in_a_new_process(missing, SPICEPROTO_KERNELS="auto") == ["False", "False", "True"]


# -- a kind


def signatures() -> dict[str, int]:
    """How many kinds of arguments each kernel was compiled for."""
    return {
        f"{module.__name__}.{name}": len(value.signatures)
        for module in tier._loaded.values()
        if not module.INTERPRETED
        for name, value in vars(module).items()
        if hasattr(value, "signatures")
    }


def of_lz(type: LzImageType) -> Callable[[], Any]:
    stream = lz.encode(np.random.default_rng(1).integers(0, 1 << 24, (40, 50)).astype(np.uint32), type)
    return lambda: lz.decode(stream)


def of_quic(type: QuicImageType) -> Callable[[], Any]:
    stream = quic.encode(np.random.default_rng(1).integers(0, 1 << 24, (40, 50)).astype(np.uint32), type)
    return lambda: quic.decode(stream)


def of_glz(type: LzImageType) -> Callable[[], Any]:
    window, dictionary = glz.Window(), glz.Dictionary()
    streams = [glz.encode(np.full((40, 50), n, np.uint32), type, dictionary) for n in range(3)]
    return lambda: [glz.decode(stream, window) for stream in streams]


@needs_numba
@pytest.mark.parametrize(
    ("kind", "decoding"),
    [
        (Kind("lz", LzImageType.RGB32), lambda: of_lz(LzImageType.RGB32)),
        (Kind("lz", LzImageType.RGBA), lambda: of_lz(LzImageType.RGBA)),
        (Kind("quic", QuicImageType.RGB32), lambda: of_quic(QuicImageType.RGB32)),
        (Kind("quic", QuicImageType.RGBA), lambda: of_quic(QuicImageType.RGBA)),
        (Kind("glz", LzImageType.RGB32), lambda: of_glz(LzImageType.RGB32)),
    ],
    ids=lambda value: value.codec if isinstance(value, Kind) else "",
)
def test_a_kind_that_is_prepared_compiles_nothing_more(kind: Kind, decoding: Callable[[], Callable[[], Any]]) -> None:
    with tier.forced("interpreted"):
        decode = decoding()
    machine_code.prepare_kind(kind)
    known = signatures()
    assert known and machine_code.is_prepared(kind)
    with tier.forced("compiled"):
        decode()
    assert signatures() == known


@needs_numba
def test_a_kind_is_cold_until_it_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "_kinds", set())
    kind = Kind("lz", LzImageType.RGB32)
    with tier.forced("compiled"):
        assert machine_code.is_cold(kind, 1)
        machine_code.prepare_kind(kind)
        assert not machine_code.is_cold(kind, 1)
    with tier.forced("interpreted"):
        assert not machine_code.is_cold(Kind("lz", LzImageType.RGBA), 1 << 30)


@needs_numba
def test_where_kernels_are_interpreted_no_kind_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "_kinds", set())
    monkeypatch.setenv(tier.ENVIRONMENT, "interpreted")
    known = signatures()
    kind = Kind("quic", QuicImageType.RGB24)
    assert not machine_code.is_cold(kind, 1 << 30)
    machine_code.prepare_kind(kind)
    assert signatures() == known
