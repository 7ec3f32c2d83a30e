"""One kernel source, two ways to run it: interpreted by Python, or compiled by numba.

Compiled kernels are faster than the reference C, but the first one costs 0.4 to 0.7 s of imports in every process.
Interpreted ones are a hundred times slower and cost nothing. So a process interprets until it has handled
:data:`INTERPRETED_PIXELS` pixels, and compiles from then on; a short command that shows one icon never loads numba, and
a machine without numba still works. numba keeps the machine code on disk (next to the source, or in the user's cache
directory, or in ``NUMBA_CACHE_DIR``), so only the first process of all compiles.

``SPICEPROTO_KERNELS=interpreted|compiled|auto`` in the environment decides for the process; :func:`forced` decides for
a block of code (tests run the same vectors through both).

For the author of a codec
-------------------------

The codec asks for its kernels with the number of pixels it is about to handle::

    kernels = tier.kernels("lz", pixels)               # kernels/lz.py, whichever tier
    kernels = tier.kernels("quic", pixels, BPC=5)      # the same source again, with another constant
    out = np.empty(pixels, np.uint32)
    status = kernels.decode(kernels.view(data), kernels.view(out), pixels)

``kernels.view(array)`` is the array, flat, when compiled; interpreted it is a ``memoryview`` of the same memory:
reads and writes go through and items are Python ints. ``kernels.values(array)`` copies to a ``list`` when
interpreted (items read and written faster than through a memoryview, but the kernel's writes stay in the list), and is
the flat array when compiled. ``kernels.stream(array)`` is for bytes that are only read: ``bytes``, or the array.
``kernels.zeros(n, "uint32")`` makes work space: a list or an array.
``kernels.INTERPRETED`` tells which tier it is. Pass arguments of one type always (contiguous writable arrays, Python
ints): every new combination of types compiles again.

A kernel source is a file in ``kernels/``::

    from spiceproto.codecs.tier import primitives

    P = primitives()                                   # of the tier that this copy of the module is loaded for
    kernel, table, u32, u64, i64 = P.kernel, P.table, P.u32, P.u64, P.i64
    BPC = P.parameter("BPC", 8)                        # a constant that kernels(..., BPC=5) replaces
    STEP = table([1, 2, 4], "uint8")                   # constant table: list or frozen array

    @kernel
    def decode(data, out, pixels): ...

* Only module-level functions, which call only module-level functions of the same file: numba recompiles closures over
  compiled functions in every process, and notices a change of the source by the file alone.
* Casts ``u8 u16 u32 u64 i32 i64`` pin the type when compiled and **vanish** when interpreted, so mask what may
  overflow: ``u32((x << 8) & M32)``; the mask costs nothing compiled. Inside a kernel call them by these bare names.
  Beware of ``uint64`` mixed with a signed integer: numba makes that a float; cast first.
* ``clz64(x)``, ``clz32(x)`` leading zeros (64, 32 for zero). Unaligned, with the offset in bytes:
  ``load_be64(buffer, offset)``, ``load_le64``, ``load_le32``, ``store_be64(buffer, offset, value)``, ``store_le64``,
  ``store_le32``. Interpreted, the buffer must be bytes-like, and writable for stores (``view`` of a uint8 array).
  NUMBA_BOUNDSCHECK=1 checks them too.
* ``least16(low, high)``: the least of the eight 16-bit fields of two 64-bit integers.
* ``assume(condition)`` promises something to the optimiser, mostly ``assume(i >= 0)``, which removes the code for
  negative indices and lets loops become vector instructions. A false promise is undefined behaviour.
* A literal as argument of another kernel compiles that one anew, for the literal: write ``i64(0)`` there.
* Indexing is unchecked when compiled. Interpreted it is checked, but negative indices wrap: prove your bounds.
* No exceptions in kernels, return a status. No keyword arguments, no default values, no f-strings, no numpy calls.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from spiceproto.errors import LocalError

__all__ = ["INTERPRETED_PIXELS", "Tier", "choose", "forced", "kernels", "primitives"]

Tier: TypeAlias = Literal["interpreted", "compiled"]
_Function = TypeVar("_Function", bound=Callable[..., Any])

INTERPRETED_PIXELS: Final = 250_000
"""How many pixels a process handles interpreted before it pays for numba: about 0.5 s at 0.5 MPix/s."""

ENVIRONMENT: Final = "SPICEPROTO_KERNELS"
_PACKAGE: Final = "spiceproto.codecs.kernels"
_CASTS: Final = frozenset({"u8", "u16", "u32", "u64", "i32", "i64"})

_lock = threading.RLock()
_loaded: dict[tuple[str, Tier, tuple[tuple[str, int], ...]], ModuleType] = {}
_pixels = 0
_numba_missing = False
_force: ContextVar[Tier | None] = ContextVar("kernel_tier", default=None)


# -- the primitives a kernel source is written in ---------------------------------------------------------------------


class Primitives:
    """The names that a kernel source may use, as they are when interpreted. Attributes are documented above."""

    INTERPRETED = True

    def __init__(self, parameters: dict[str, int]) -> None:
        self._parameters = parameters

    def parameter(self, name: str, default: int) -> int:
        return self._parameters.get(name, default)

    @staticmethod
    def kernel(function: _Function) -> _Function:
        return function

    @staticmethod
    def table(values: Iterable[int], dtype: str) -> Any:
        return list(values)

    @staticmethod
    def u8(value: int) -> int:
        return value

    u16 = u32 = u64 = i32 = i64 = u8

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


class _CompiledPrimitives(Primitives):
    INTERPRETED = False

    def __init__(self, parameters: dict[str, int]) -> None:
        super().__init__(parameters)
        from spiceproto.codecs import compiled

        for name in (*_CASTS, *compiled.__all__):
            setattr(self, name, getattr(compiled, name))
        variant = "".join(f"{key}{value}-" for key, value in sorted(parameters.items()))
        self.kernel = partial(compiled.kernel, variant=variant)  # type: ignore[method-assign]


_loading: ContextVar[Primitives | None] = ContextVar("kernel_primitives", default=None)


def primitives() -> Primitives:
    """Called at the top of a kernel source: the primitives of the tier it is being loaded for.

    Plainly imported (by a type checker, by documentation), a kernel source is interpreted.
    """
    return _loading.get() or Primitives({})


# -- loading ----------------------------------------------------------------------------------------------------------


class _Interpretable(ast.NodeTransformer):
    """Take out of a kernel source what only a compiler needs: a cast or a clz64 is a call, 40 to 70 ns each."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and len(node.args) == 1:
            operand = node.args[0]
            if node.func.id in _CASTS:
                return operand
            if node.func.id in ("clz64", "clz32"):
                length = ast.Call(ast.Attribute(operand, "bit_length", ast.Load()), [], [])
                return ast.BinOp(ast.Constant(int(node.func.id[3:])), ast.Sub(), length)
        if isinstance(node.func, ast.Name) and node.func.id == "load_be64":
            buffer, offset = node.args
            end = ast.BinOp(offset, ast.Add(), ast.Constant(8))
            part = ast.Subscript(buffer, ast.Slice(offset, end), ast.Load())
            return ast.Call(ast.Name("_from_bytes", ast.Load()), [part, ast.Constant("big")], [])
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "assume":
            return ast.Pass()
        self.generic_visit(node)
        return node


def _load(name: str, tier: Tier, parameters: tuple[tuple[str, int], ...]) -> ModuleType:
    spec = importlib.util.find_spec(f"{_PACKAGE}.{name}")
    if spec is None or spec.origin is None:
        raise LocalError("no such kernel source", actual=name)
    # A stable name of its own: numba names its cache files after it, and finds the module again in sys.modules.
    suffix = "".join(f"_{key}{value}" for key, value in parameters)
    module = ModuleType(f"{_PACKAGE}.{name}_{tier}{suffix}")
    module.__file__ = spec.origin
    with open(spec.origin, "rb") as file:
        tree = ast.parse(file.read(), spec.origin)
    chosen: Primitives
    if tier == "compiled":
        chosen = _CompiledPrimitives(dict(parameters))
    else:
        chosen = Primitives(dict(parameters))
        tree = ast.fix_missing_locations(_Interpretable().visit(tree))
        module.__dict__["_from_bytes"] = int.from_bytes
    token = _loading.set(chosen)
    try:
        exec(compile(tree, spec.origin, "exec"), module.__dict__)
    finally:
        _loading.reset(token)
    values = module.__dict__
    values["INTERPRETED"] = chosen.INTERPRETED
    values["view"], values["values"], values["stream"], values["zeros"] = (
        (_view_interpreted, _values_interpreted, _stream_interpreted, _zeros_interpreted)
        if chosen.INTERPRETED
        else (_flat_array, _flat_array, _flat_array, _zeros_array)
    )
    sys.modules[module.__name__] = module
    return module


def _view_interpreted(array: Any) -> Any:
    return memoryview(array.reshape(-1))


def _values_interpreted(array: Any) -> Any:
    return array.reshape(-1).tolist()


def _stream_interpreted(array: Any) -> Any:
    return array.tobytes()


def _zeros_interpreted(length: int, dtype: object) -> Any:
    return [0] * length


def _flat_array(array: Any) -> Any:
    return array.reshape(-1)


def _zeros_array(length: int, dtype: Any) -> Any:
    import numpy

    return numpy.zeros(length, dtype)


# -- choosing ---------------------------------------------------------------------------------------------------------


@contextmanager
def forced(tier: Tier) -> Iterator[None]:
    """Within the block, in this thread or task, every codec runs in ``tier``, whatever the environment says."""
    if tier not in ("interpreted", "compiled"):
        raise LocalError("no such kernel tier", expected="interpreted or compiled", actual=str(tier))
    token = _force.set(tier)
    try:
        yield
    finally:
        _force.reset(token)


def choose(pixels: int) -> Tier:
    """The tier in which to handle the next ``pixels`` pixels, which are counted as handled."""
    global _pixels
    force = _force.get()
    if force is not None:
        return force
    asked = os.environ.get(ENVIRONMENT, "auto")
    if asked in ("interpreted", "compiled"):
        return cast(Tier, asked)
    if asked != "auto":
        raise LocalError(
            "unknown kernel tier in the environment",
            path=ENVIRONMENT,
            expected="interpreted, compiled or auto",
            actual=asked,
        )
    if _numba_missing:
        return "interpreted"
    if "numba" in sys.modules:
        return "compiled"
    with _lock:  # a lost count would do no harm, but costs nothing to avoid
        _pixels += pixels
        return "interpreted" if _pixels <= INTERPRETED_PIXELS else "compiled"


def kernels(name: str, pixels: int, **parameters: int) -> Any:
    """The kernels of ``kernels/<name>.py`` in the tier chosen for the next ``pixels`` pixels.

    ``parameters`` replace constants of the source; each set of them is a module of its own. The result is a module:
    the source's functions, and ``view``, ``values``, ``zeros``, ``INTERPRETED``. Safe to call from several threads.
    Raises :class:`LocalError` where ``compiled`` is demanded and numba is not installed.
    """
    global _numba_missing
    tier = choose(pixels)
    key = (name, tier, tuple(sorted(parameters.items())))
    module = _loaded.get(key)
    if module is not None:
        return module
    with _lock:
        module = _loaded.get(key)
        if module is not None:
            return module
        try:
            module = _load(*key)
        except ImportError as error:
            if _force.get() == tier or os.environ.get(ENVIRONMENT) == tier:
                raise LocalError("compiled kernels need numba", actual=str(error)) from error
            _numba_missing = True
            return kernels(name, 0, **parameters)
        _loaded[key] = module
        return module
