"""The kernel tiers: the choice between them, isolation of what is loaded, the cache, threads."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.codecs import primitives, quic, tier
from spiceproto.codecs.quic import QuicImageType
from spiceproto.errors import LocalError

PIXELS: NDArray[np.uint32] = (np.arange(2000) * 2654435761 >> 9 & 0xFF00FF).astype(np.uint32).reshape(40, 50)
TIERS: tuple[tier.Tier, ...] = ("interpreted", "compiled")


def in_a_new_process(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_forced_in_both_directions() -> None:
    for each in TIERS:
        with tier.forced(each):
            assert tier.choose(1 << 40) == each
            assert tier.kernels("quic", 1, BPC=8).INTERPRETED is (each == "interpreted")
    with pytest.raises(LocalError), tier.forced("fast"):  # type: ignore[arg-type]
        pass


def test_forced_is_for_one_thread() -> None:
    with tier.forced("interpreted"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(tier._force.get).result() is None


def test_parameters_are_modules_of_their_own() -> None:
    for each in TIERS:
        with tier.forced(each):
            eight = tier.kernels("quic", 0, BPC=8)
            five = tier.kernels("quic", 0, BPC=5)
            assert eight is tier.kernels("quic", 0, BPC=8)
            assert (eight.BPC, five.BPC) == (8, 5)
            assert eight.__name__ != five.__name__


def test_a_source_of_several_files() -> None:
    """What it names is of its own tier, and a change there makes other machine code of what names it."""
    for each in TIERS:
        with tier.forced(each):
            laplace = tier.kernels("celt051.laplace", 0)
            assert laplace.DECODER is tier.kernels("celt051.range_decoder", 0)
            assert laplace.find is laplace.DECODER.find
            assert laplace.DECODER.INTERPRETED is (each == "interpreted")
            assert tier.kernels("celt051.packet_reader", 0).CHECKSUM != laplace.CHECKSUM
    with tier.forced("compiled"):
        laplace = tier.kernels("celt051.laplace", 0)
        assert f"{laplace.DECODER.CHECKSUM:08x}" in laplace.read_number.py_func.__qualname__


def test_unknown_source() -> None:
    with tier.forced("interpreted"), pytest.raises(LocalError):
        tier.kernels("no_such_kernels", 0)


def test_unknown_tier_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tier.ENVIRONMENT, "turbo")
    with pytest.raises(LocalError, match="SPICEPROTO_KERNELS"):
        tier.choose(1)


def test_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in TIERS:
        monkeypatch.setenv(tier.ENVIRONMENT, each)
        assert tier.choose(1 << 40) == each


def test_automatic_choice_starts_interpreted() -> None:
    """Few pixels never load numba; more than the bound do; then everything is compiled."""
    code = (
        "import sys\n"
        "import spiceproto.codecs\n"
        "assert 'numpy' not in sys.modules\n"
        "from spiceproto.codecs import tier\n"
        "print(tier.choose(tier.INTERPRETED_PIXELS), 'numba' in sys.modules, tier.choose(1), 'numba' in sys.modules)\n"
        "tier.kernels('quic', 1, BPC=8)\n"
        "print('numba' in sys.modules, tier.choose(0))\n"
    )
    environment = dict(os.environ, SPICEPROTO_KERNELS="auto")
    assert in_a_new_process(code, **environment).split() == [
        "interpreted",
        "False",
        "compiled",
        "False",
        "True",
        "compiled",
    ]


def test_works_without_numba() -> None:
    code = (
        "import sys\n"
        "sys.modules['numba'] = None\n"
        "import numpy as np\n"
        "from spiceproto.codecs import primitives, quic, tier\n"
        "from spiceproto.errors import MissingExtraError\n"
        "tier._pixels = 10 * tier.INTERPRETED_PIXELS\n"
        "del sys.modules['numba']\n"
        "sys.meta_path.insert(0, type('No', (), {'find_spec': staticmethod(\n"
        "    lambda name, *_: (_ for _ in ()).throw(ImportError(name)) if name == 'numba' else None)}))\n"
        "pixels = np.arange(12, dtype=np.uint32).reshape(3, 4)\n"
        "print((quic.decode(quic.encode(pixels, 4)) == pixels).all(), tier.choose(1))\n"
        "try:\n"
        "    with tier.forced('compiled'): quic.encode(pixels, 4)\n"
        "except MissingExtraError as error: print(error.expected)\n"
    )
    environment = dict(os.environ, SPICEPROTO_KERNELS="auto")
    assert in_a_new_process(code, **environment).split() == ["True", "interpreted", "pip", "install", "'spiceproto[fast]'"]


def test_machine_code_is_kept_for_the_next_process(tmp_path: Path) -> None:
    """The second process compiles nothing, in a cache directory of its own as where the package is read-only."""
    code = (
        "import numpy as np\n"
        "from spiceproto.codecs import tier\n"
        "kernels = tier.kernels('quic', 0, BPC=8)\n"
        "kernels._fill(np.zeros(5, np.uint8), 1, 3, 7)\n"
        "print(sum(kernels._fill.stats.cache_hits.values()), sum(kernels._fill.stats.cache_misses.values()))\n"
    )
    environment = dict(os.environ, SPICEPROTO_KERNELS="compiled", NUMBA_CACHE_DIR=str(tmp_path))
    environment.pop("NUMBA_BOUNDSCHECK", None)
    assert in_a_new_process(code, **environment) == "0 1"
    assert in_a_new_process(code, **environment) == "1 0"
    # Checked machine code is another; taking the unchecked one would make a fuzzer's run worthless.
    assert in_a_new_process(code, **environment, NUMBA_BOUNDSCHECK="1") == "0 1"


def test_machine_code_is_not_kept_in_the_package(tmp_path: Path) -> None:
    """pip does not know of it there and leaves it, with a folder of the package's name that hides the next installation."""
    code = (
        "import numpy as np\n"
        "from spiceproto.codecs import compiled, tier\n"
        "kernels = tier.kernels('quic', 0, BPC=8)\n"
        "kernels._fill(np.zeros(5, np.uint8), 1, 3, 7)\n"
        "print(kernels._fill.stats.cache_path)\n"
        "import numba\n"
        "assert not numba.config.CACHE_DIR, 'other users of numba have their caches where they had them'\n"
    )
    home = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "XDG_CACHE_HOME": "", "NUMBA_CACHE_DIR": ""}
    place = Path(in_a_new_process(code, SPICEPROTO_KERNELS="compiled", **home))
    assert place.is_relative_to(tmp_path) and any(path.suffix == ".nbc" for path in place.iterdir())
    # Where there is no such folder there is no cache, and still none in the package.
    (tmp_path / "file").touch()
    nowhere = dict.fromkeys(home, str(tmp_path / "file")) | {"NUMBA_CACHE_DIR": ""}
    assert in_a_new_process(code, SPICEPROTO_KERNELS="compiled", **nowhere) == "None"


def test_bounds_check_covers_unaligned_access(tmp_path: Path) -> None:
    code = (
        "import numpy as np\n"
        "from spiceproto.codecs import compiled\n"
        "def read(buffer, offset): return compiled_load(buffer, offset)\n"
        "compiled_load = compiled.load_be64\n"
        "import numba\n"
        "read = numba.njit(read)\n"
        "buffer = np.arange(9, dtype=np.uint8)\n"
        "print(read(buffer, 1))\n"
        "for offset in (-1, 2, 1 << 40):\n"
        "    try: read(buffer, offset)\n"
        "    except IndexError: print('refused')\n"
    )
    output = in_a_new_process(code, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)).split()
    assert output == [str(0x0102030405060708), "refused", "refused", "refused"]


def test_primitives_mean_the_same_in_both_tiers() -> None:
    numba = pytest.importorskip("numba")
    compiled: Any = importlib.import_module("spiceproto.codecs.compiled")
    plain = primitives.Primitives({})
    values = [0, 1, 255, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, 0x0123456789ABCDEF]
    clz64 = numba.njit(lambda value: compiled.clz64(value))
    clz32 = numba.njit(lambda value: compiled.clz32(value))
    least16 = numba.njit(lambda low, high: compiled.least16(low, high))
    for value in values:
        assert clz64(np.uint64(value)) == plain.clz64(value)
        assert clz32(np.uint32(value & 0xFFFFFFFF)) == plain.clz32(value & 0xFFFFFFFF)
        for other in values:
            assert least16(np.uint64(value), np.uint64(other)) == plain.least16(value, other)
    for name, arguments in (("fill64", (3, 0x0123456789ABCDEF)), ("move16", (5, 1)), ("move32", (1, 9)), ("move32", (41, 2))):
        primitive = getattr(compiled, name)
        mine, theirs = (np.arange(80, dtype=np.uint8) for _ in range(2))
        do = numba.njit(lambda buffer, first, second, primitive=primitive: primitive(buffer, first, second))
        do(theirs, arguments[0], np.uint64(arguments[1]) if name == "fill64" else arguments[1])
        getattr(plain, name)(mine.data, *arguments)
        assert mine.tolist() == theirs.tolist()
    pixels: NDArray[Any] = np.random.default_rng(2).integers(0, 1 << 32, 40, np.uint32)
    for name, lanes, mask in (("hashes8", 8, 0x1FFF), ("hashes16", 16, 0xFFFFF), ("hashes8", 8, 0xFFFF)):
        pixels = pixels.astype(np.uint16) if mask == 0xFFFF else pixels
        hashes = getattr(compiled, name)
        hash_them = numba.njit(lambda pixels, index, mask, out, hashes=hashes: hashes(pixels, index, mask, out))
        theirs, ours = np.zeros(lanes, np.uint32), [0] * lanes
        hash_them(pixels, 7, np.uint32(mask), theirs)
        getattr(plain, name)(pixels.data, 7, mask, ours)
        assert theirs.tolist() == ours
    for name, argument in (("be64", "uint64"), ("le64", "uint64"), ("le32", "uint32")):
        load, store = getattr(compiled, f"load_{name}"), getattr(compiled, f"store_{name}", None)
        buffer = np.arange(1, 20, dtype=np.uint8)
        load_it = numba.njit(lambda buffer, offset, load=load: load(buffer, offset))
        assert int(load_it(buffer, 3)) == getattr(plain, f"load_{name}")(buffer.data, 3)
        store_it = numba.njit(lambda buffer, offset, value, store=store: store(buffer, offset, value))
        mine = buffer.copy()
        store_it(buffer, 5, np.dtype(argument).type(0xA1B2C3D4))
        getattr(plain, f"store_{name}")(mine.data, 5, 0xA1B2C3D4)
        assert buffer.tolist() == mine.tolist()


def test_many_threads_at_once() -> None:
    """First use from several threads, both tiers and both depths."""
    stream = quic.encode(PIXELS, QuicImageType.RGB32)
    small: NDArray[np.uint16] = (PIXELS & 0x7FFF).astype(np.uint16)

    def work(number: int) -> bool:
        with tier.forced("interpreted" if number % 4 == 0 else "compiled"):
            if number % 2:
                return bool((quic.decode(stream) == PIXELS).all())
            return bool((quic.decode(quic.encode(small, QuicImageType.RGB16)) == small).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))
