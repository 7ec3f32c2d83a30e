"""One kernel source, two ways to run it: interpreted by Python, or compiled by numba.

Compiled kernels are faster than the reference C, but the first one costs 0.4 to 0.7 s of imports in every process.
Interpreted ones are a hundred times slower and cost nothing. So a process interprets until it has handled
:data:`INTERPRETED_PIXELS` pixels, and compiles from then on; a short command that shows one icon never loads numba, and
a machine without numba still works. numba keeps the machine code on disk (in the user's folder for caches, or in
``NUMBA_CACHE_DIR``), so only the first process of all compiles.

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

What a kernel source may use is in :mod:`spiceproto.codecs.primitives`.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias, cast

from spiceproto.codecs.primitives import CASTS, CompiledPrimitives, Primitives, loading
from spiceproto.errors import LocalError, MissingExtraError
from spiceproto.extras import install

__all__ = [
    "INTERPRETED_PIXELS",
    "Tier",
    "choose",
    "compiled",
    "forced",
    "is_prepared",
    "is_slow",
    "kernels",
    "preparing",
    "would_compile",
]

Tier: TypeAlias = Literal["interpreted", "compiled"]

INTERPRETED_PIXELS: Final = 250_000
"""How many pixels a process handles interpreted before it pays for numba: about 0.5 s at 0.5 MPix/s."""

ENVIRONMENT: Final = "SPICEPROTO_KERNELS"
_PACKAGE: Final = "spiceproto.codecs.kernels"

_lock = threading.Lock()  # of the count
_locks: dict[Tier, Any] = {"interpreted": threading.RLock(), "compiled": threading.RLock()}  # who interprets waits for no numba
_loaded: dict[tuple[str, Tier, tuple[tuple[str, int], ...]], ModuleType] = {}
_pixels = 0
_compiling = False  # settled: without being told otherwise, kernels are machine code from now on
_numba_missing = False
_preparing = 0  # threads that do; meanwhile the others interpret
_prepared = False
_force: ContextVar[Tier | None] = ContextVar("kernel_tier", default=None)


# -- loading ----------------------------------------------------------------------------------------------------------


class _Interpretable(ast.NodeTransformer):
    """Take out of a kernel source what only a compiler needs: a cast or a clz64 is a call, 40 to 70 ns each."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and len(node.args) == 1:
            operand = node.args[0]
            if node.func.id in CASTS:
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
        source = file.read()
    tree = ast.parse(source, spec.origin)
    checksum = zlib.crc32(source)

    def load(name: str) -> ModuleType:
        nonlocal checksum
        other = _kept((name, tier, ()))
        checksum = zlib.crc32(str(other.__dict__["CHECKSUM"]).encode(), checksum)
        return other

    chosen: Primitives
    if tier == "compiled":
        chosen = CompiledPrimitives(dict(parameters), load)
    else:
        chosen = Primitives(dict(parameters), load)
        tree = ast.fix_missing_locations(_Interpretable().visit(tree))
        module.__dict__["_from_bytes"] = int.from_bytes
    token = loading.set(chosen)
    try:
        exec(compile(tree, spec.origin, "exec"), module.__dict__)
    finally:
        loading.reset(token)
    values = module.__dict__
    values["INTERPRETED"], values["CHECKSUM"] = chosen.INTERPRETED, checksum
    values["view"], values["values"], values["stream"], values["zeros"] = (
        (_view_interpreted, _values_interpreted, _stream_interpreted, _zeros_interpreted)
        if chosen.INTERPRETED
        else (_flat_array, _flat_array, _flat_array, _zeros_array)
    )
    sys.modules[module.__name__] = module
    return module


def _kept(key: tuple[str, Tier, tuple[tuple[str, int], ...]]) -> ModuleType:
    """A module that is loaded once, by whoever has the lock of its tier."""
    module = _loaded.get(key)
    if module is None:
        module = _loaded[key] = _load(*key)
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
    global _compiling
    force = _force.get()
    if force is not None:
        return force
    tier = _choose(pixels)
    _compiling = tier == "compiled"
    return tier


def _choose(pixels: int) -> Tier:
    global _pixels
    settled = _settled()
    if settled is not None:
        return settled
    with _lock:  # a lost count would do no harm, but costs nothing to avoid
        _pixels += pixels
        return "interpreted" if _pixels <= INTERPRETED_PIXELS else "compiled"


def _settled() -> Tier | None:
    """The tier that does not depend on how many pixels there are; None if it does."""
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
    if _numba_missing or _preparing:
        return "interpreted"
    return "compiled" if _prepared or "numba" in sys.modules else None


def would_compile(pixels: int) -> bool:
    """Whether :func:`choose` would answer "compiled"; nothing is counted."""
    settled = _force.get() or _settled()
    return settled == "compiled" if settled is not None else _pixels + pixels > INTERPRETED_PIXELS


def compiled() -> bool:
    """Whether :func:`choose` would answer "compiled", as far as it did before: what a codec asks for each small picture."""
    force = _force.get()
    return _compiling if force is None else force == "compiled"


@contextmanager
def preparing() -> Iterator[None]:
    """In the block, kernels become machine code, in this thread; other threads interpret, and use it once the block is done."""
    global _preparing, _prepared, _compiling
    with _lock:
        _preparing += 1
        _compiling = False
    try:
        with forced("compiled"):
            yield
        _prepared = True
    finally:
        with _lock:
            _preparing -= 1


def is_prepared() -> bool:
    """Whether a block of :func:`preparing` has been done, and none is under way."""
    return _prepared and not _preparing


def is_slow() -> bool:
    """Whether kernels were interpreted that would have been compiled if numba were there."""
    return _numba_missing


def kernels(name: str, pixels: int, **parameters: int) -> Any:
    """The kernels of ``kernels/<name>.py`` in the tier chosen for the next ``pixels`` pixels.

    ``parameters`` replace constants of the source; each set of them is a module of its own. The result is a module:
    the source's functions, and ``view``, ``values``, ``zeros``, ``INTERPRETED``. Safe to call from several threads.
    Raises :class:`MissingExtraError` where ``compiled`` is demanded and numba is not installed.
    """
    global _numba_missing
    tier = choose(pixels)
    key = (name, tier, tuple(sorted(parameters.items())))
    module = _loaded.get(key)
    if module is not None:
        return module
    with _locks[tier]:
        try:
            return _kept(key)
        except ImportError as error:
            if _force.get() == tier or os.environ.get(ENVIRONMENT) == tier:
                raise MissingExtraError("compiled kernels need numba", expected=install("numba"), actual=str(error)) from error
            _numba_missing = True
            return kernels(name, 0, **parameters)
