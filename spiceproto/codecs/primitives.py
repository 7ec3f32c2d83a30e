"""The primitives that a kernel source is written in, for both ways to run it.

A kernel source is a file in ``kernels/``::

    from spiceproto.codecs.primitives import primitives

    P = primitives()                                   # of the tier that this copy of the module is loaded for
    kernel, table, u32, u64, i64 = P.kernel, P.table, P.u32, P.u64, P.i64
    BPC = P.parameter("BPC", 8)                        # a constant that kernels(..., BPC=5) replaces
    STEP = table([1, 2, 4], "uint8")                   # constant table: list or frozen array

    @kernel
    def decode(data, out, pixels): ...

* Only module-level functions, which call only module-level functions of the same file or of a source that stands at the top:
  ``LAPLACE = P.source("celt051.laplace")``, and then ``read_step = LAPLACE.read_step``. numba recompiles closures over compiled
  functions in every process, and notices a change of the source by the file alone; of files that are named so it is told.
* Casts ``u8 u16 u32 u64 i32 i64`` pin the type when compiled and **vanish** when interpreted, so mask what may
  overflow: ``u32((x << 8) & M32)``; the mask costs nothing compiled. Inside a kernel call them by these bare names.
  Beware of ``uint64`` mixed with a signed integer: numba makes that a float; cast first.
  To make a float an integer write ``int(x)``, which does not vanish.
* ``clz64(x)``, ``clz32(x)`` leading zeros (64, 32 for zero). Unaligned, with the offset in bytes:
  ``load_be64(buffer, offset)``, ``load_be32``, ``load_le64``, ``load_le32``, ``store_be64(buffer, offset, value)``,
  ``store_le64``, ``store_le32``. Interpreted, the buffer must be bytes-like, and writable for stores (``view`` of a
  uint8 array). NUMBA_BOUNDSCHECK=1 checks them too.
* ``least16(low, high)``: the least of the eight 16-bit fields of two 64-bit integers.
* ``@part`` instead of ``@kernel`` for what only kernels call: it is compiled into its callers, which spares them what an array
  costs as an argument, and costs the time to compile it once for each call that is written down. Neither may return an
  array; ``@views`` may.
* ``fill64(buffer, offset, value)`` writes a 64-bit word eight times; ``move16(buffer, to, source)`` and ``move32`` copy so many
  bytes inside a buffer, all of them read first. Offsets in bytes.
* ``hashes8(pixels, index, mask, out)``, ``hashes16``: the hash of LZ and GLZ at so many pixels from ``index`` on, to ``out``;
  ``pixels`` is a ``view`` of uint32 or uint16.
* ``assume(condition)`` promises something to the optimiser, mostly ``assume(i >= 0)``, which removes the code for
  negative indices and lets loops become vector instructions. A false promise is undefined behaviour.
* ``sqrt(x)``, ``exp(x)``, ``log(x)``: the square root, e to the power of x, the natural logarithm. Floating-point arithmetic is
  the same in both tiers, as nothing is rearranged.
* A literal as argument of another kernel compiles that one anew, for the literal: write ``i64(0)`` there.
* Indexing is unchecked when compiled. Interpreted it is checked, but negative indices wrap: prove your bounds.
* No exceptions in kernels, return a status. No keyword arguments, no default values, no f-strings, no numpy calls.
"""

from __future__ import annotations

import importlib
import math
import struct
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final, TypeVar

__all__ = ["CASTS", "CompiledPrimitives", "Primitives", "loading", "primitives"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

CASTS: Final = frozenset({"u8", "u16", "u32", "u64", "i32", "i64"})
"""Those that pin a type; interpreted, they vanish."""


def _imported(name: str) -> Any:
    return importlib.import_module(f"{__package__}.kernels.{name}")


class Primitives:
    """The names that a kernel source may use, as they are when interpreted. Attributes are documented above."""

    INTERPRETED = True

    def __init__(self, parameters: dict[str, int], load: Callable[[str], Any] = _imported) -> None:
        self._parameters = parameters
        self._load = load

    def source(self, name: str) -> Any:
        """Another kernel source, loaded for the same tier."""
        return self._load(name)

    def parameter(self, name: str, default: int) -> int:
        return self._parameters.get(name, default)

    @staticmethod
    def kernel(function: _Function) -> _Function:
        return function

    part = kernel
    views = kernel

    @staticmethod
    def table(values: Iterable[float], dtype: str) -> Any:
        return list(values)

    @staticmethod
    def u8(value: int) -> int:
        return value

    u16 = u32 = u64 = i32 = i64 = u8

    sqrt = staticmethod(math.sqrt)
    exp = staticmethod(math.exp)
    log = staticmethod(math.log)

    @staticmethod
    def clz64(value: int) -> int:
        return 64 - value.bit_length()

    @staticmethod
    def clz32(value: int) -> int:
        return 32 - value.bit_length()

    @staticmethod
    def assume(condition: bool) -> None:
        return

    @staticmethod
    def least16(low: int, high: int) -> int:
        fields: tuple[int, ...] = struct.unpack("<8H", (high << 64 | low).to_bytes(16, "little"))
        return min(fields)

    @staticmethod
    def hashes8(pixels: Any, index: int, mask: int, out: Any, lanes: int = 8) -> None:
        fields = ((16, 255), (8, 255), (0, 255)) if pixels.itemsize == 4 else ((0, 255), (8, 127))
        for place in range(lanes):
            state = 5381
            for pixel in pixels[index + place : index + place + 3]:
                for shift, field in fields:
                    state = 33 * state & 0xFFFFFFFF ^ pixel >> shift & field
            out[place] = state & mask

    @classmethod
    def hashes16(cls, pixels: Any, index: int, mask: int, out: Any) -> None:
        cls.hashes8(pixels, index, mask, out, 16)

    @staticmethod
    def fill64(buffer: Any, offset: int, value: int) -> None:
        buffer[offset : offset + 64] = value.to_bytes(8, "little") * 8

    @staticmethod
    def move16(buffer: Any, to: int, source: int) -> None:
        buffer[to : to + 16] = bytes(buffer[source : source + 16])

    @staticmethod
    def move32(buffer: Any, to: int, source: int) -> None:
        buffer[to : to + 32] = bytes(buffer[source : source + 32])

    @staticmethod
    def load_be32(buffer: Any, offset: int) -> int:
        return int.from_bytes(buffer[offset : offset + 4], "big")

    @staticmethod
    def load_be64(buffer: Any, offset: int) -> int:
        return int.from_bytes(buffer[offset : offset + 8], "big")

    @staticmethod
    def load_le64(buffer: Any, offset: int) -> int:
        return int.from_bytes(buffer[offset : offset + 8], "little")

    @staticmethod
    def load_le32(buffer: Any, offset: int) -> int:
        return int.from_bytes(buffer[offset : offset + 4], "little")

    @staticmethod
    def store_be64(buffer: Any, offset: int, value: int) -> None:
        buffer[offset : offset + 8] = value.to_bytes(8, "big")

    @staticmethod
    def store_le64(buffer: Any, offset: int, value: int) -> None:
        buffer[offset : offset + 8] = value.to_bytes(8, "little")

    @staticmethod
    def store_le32(buffer: Any, offset: int, value: int) -> None:
        buffer[offset : offset + 4] = value.to_bytes(4, "little")


class CompiledPrimitives(Primitives):
    """The same names, as they are when compiled."""

    INTERPRETED = False

    def __init__(self, parameters: dict[str, int], load: Callable[[str], Any] = _imported) -> None:
        super().__init__(parameters, load)
        from spiceproto.codecs import compiled

        for name in (*CASTS, *compiled.__all__):
            setattr(self, name, getattr(compiled, name))
        self._variant = "".join(f"{key}{value}-" for key, value in sorted(parameters.items()))

        def decorator(**options: Any) -> Callable[[_Function], _Function]:
            # The variant is what it is where the kernel stands, behind all sources that are named.
            return lambda function: compiled.kernel(function, variant=self._variant, **options)

        self.kernel = decorator()  # type: ignore[method-assign, assignment]
        self.part = decorator(forceinline=True)  # type: ignore[method-assign, assignment]
        self.views = decorator(inline="always")  # type: ignore[method-assign, assignment]

    def source(self, name: str) -> Any:
        module = super().source(name)
        self._variant += f"{module.CHECKSUM:08x}-"
        return module


loading: ContextVar[Primitives | None] = ContextVar("kernel_primitives", default=None)
"""Those for which a kernel source is being loaded."""


def primitives() -> Primitives:
    """Called at the top of a kernel source: the primitives of the tier it is being loaded for.

    Plainly imported (by a type checker, by documentation), a kernel source is interpreted.
    """
    return loading.get() or Primitives({})
