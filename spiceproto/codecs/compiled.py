"""What the kernel primitives of :mod:`spiceproto.codecs.primitives` are when numba compiles: the only module that imports it.

Unaligned loads, count-leading-zeros and ``assume`` are single machine instructions (or none) that numba has no name
for. They are numba *intrinsics*: functions that emit LLVM code where they are called. Loads and stores through them are
not covered by NUMBA_BOUNDSCHECK, so each emits its own check when that variable is set.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

# mypy: disable-error-code="no-untyped-def,no-untyped-call,import-untyped,attr-defined,misc"

__all__ = [
    "assume",
    "clz32",
    "clz64",
    "fill64",
    "hashes8",
    "hashes16",
    "least16",
    "load_be32",
    "load_be64",
    "load_le32",
    "load_le64",
    "move16",
    "move32",
    "store_be64",
    "store_le32",
    "store_le64",
    "table",
]

with open(__file__, "rb") as _file:
    _THIS_FILE = zlib.crc32(_file.read())


# No kernel allocates. numba counts the references of every array at every call of a function all the same, unless it is told;
# the option has no public name.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_njit: Any = numba.njit
try:
    _njit(_nrt=False)
    _OPTIONS["_nrt"] = False
except (KeyError, TypeError):
    pass


def kernel(function: Callable[..., Any], variant: str, forceinline: bool = False, inline: str = "never") -> Any:
    """Compile a module-level function lazily, with the result kept on disk and the GIL released while it runs.

    With ``forceinline`` it becomes part of the functions that call it, in their machine code; with ``inline`` "always", in
    their source, and may then return views.

    numba's cache tells functions apart by source file, qualified name and line, and looks at the file's time stamp. So
    the qualified name must carry the rest of what the machine code depends on: ``variant`` (the parameters of the
    module), this file, and whether indices are checked.
    """
    function.__qualname__ += f"-{variant}{_THIS_FILE:08x}{'-checked' if config.BOUNDSCHECK else ''}"
    before = config.CACHE_DIR
    # Where a function's cache is, numba settles here and once. Beside the source it would stay when the package goes: a folder
    # of that name, which hides the package if it is installed elsewhere the next time.
    config.CACHE_DIR = before or _cache_folder()
    try:
        return _njit(cache=bool(config.CACHE_DIR), forceinline=forceinline, inline=inline, **_OPTIONS)(function)
    finally:
        config.CACHE_DIR = before


def _cache_folder() -> str:
    """The user's folder for machine code; "" if it cannot be written to."""
    try:
        if sys.platform == "win32":
            place = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "spiceproto" / "Cache"
        elif sys.platform == "darwin":
            place = Path.home() / "Library" / "Caches" / "spiceproto"
        else:
            place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spiceproto"
        place = place / "numba"
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the latter: there is no home
        return ""
    return str(place) if os.access(place, os.W_OK) else ""


@intrinsic
def assume(typingctx, condition):
    """Promise the optimiser that ``condition`` holds; undefined behaviour when it does not."""

    def codegen(context, builder, signature, args):
        if not config.BOUNDSCHECK:
            kind = ir.FunctionType(ir.VoidType(), [ir.IntType(1)])
            function = builder.module.declare_intrinsic("llvm.assume", (), kind)
            value = args[0] if args[0].type == ir.IntType(1) else builder.trunc(args[0], ir.IntType(1))
            builder.call(function, [value])
        return context.get_dummy_value()

    return types.none(types.boolean), codegen


def _clz(builder: Any, value: Any) -> Any:
    # is_zero_poison is false: the answer for 0 is the width, one instruction (lzcnt) where the processor has it
    kind = ir.FunctionType(value.type, [value.type, ir.IntType(1)])
    function = builder.module.declare_intrinsic("llvm.ctlz", [value.type], kind)
    return builder.call(function, [value, ir.Constant(ir.IntType(1), 0)])


@intrinsic
def clz64(typingctx, value):
    """Leading zero bits of a uint64 as int64; 64 for 0."""

    def codegen(context, builder, signature, args):
        return _clz(builder, args[0])

    return types.int64(types.uint64), codegen


@intrinsic
def clz32(typingctx, value):
    """Leading zero bits of a uint32 as int64; 32 for 0."""

    def codegen(context, builder, signature, args):
        return builder.zext(_clz(builder, args[0]), ir.IntType(64))

    return types.int64(types.uint32), codegen


@intrinsic
def least16(typingctx, low, high):
    """The least of the eight uint16 that two uint64 hold, as int64: one instruction on x86 (phminposuw)."""

    def codegen(context, builder, signature, args):
        pair = ir.Constant(ir.VectorType(ir.IntType(64), 2), ir.Undefined)
        for index, value in enumerate(args):
            pair = builder.insert_element(pair, value, ir.IntType(32)(index))
        eight = ir.VectorType(ir.IntType(16), 8)
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.IntType(16), [eight]), "llvm.vector.reduce.umin.v8i16"
        )
        return builder.zext(builder.call(function, [builder.bitcast(pair, eight)]), ir.IntType(64))

    return types.int64(types.uint64, types.uint64), codegen


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, offset: Any, bits: int) -> Any:
    """Pointer to ``bits`` bits at byte ``offset`` of a contiguous array of any integer type."""
    struct = context.make_array(array_type)(context, builder, array)
    if config.BOUNDSCHECK:
        total = builder.mul(struct.nitems, struct.itemsize)
        last = builder.sub(total, ir.Constant(total.type, bits // 8))
        low = builder.icmp_signed("<", offset, ir.Constant(offset.type, 0))
        high = builder.icmp_signed(">", offset, last)
        with builder.if_then(builder.or_(low, high), likely=False):
            context.call_conv.return_user_exc(builder, IndexError, ("load or store outside the buffer",))
    start = builder.bitcast(struct.data, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(start, [offset]), ir.IntType(bits).as_pointer())


def _loader(bits: int, swap: bool) -> Any:
    result = types.uint64 if bits == 64 else types.uint32

    def typed(typingctx, array, offset):
        if not (isinstance(array, types.Bytes) or (isinstance(array, types.Array) and array.is_c_contig)):
            return None

        def codegen(context, builder, signature, args):
            pointer = _pointer(context, builder, signature.args[0], args[0], args[1], bits)
            value = builder.load(pointer)
            value.align = 1
            return builder.bswap(value) if swap else value

        return result(array, types.int64), codegen

    return typed


def _storer(bits: int, swap: bool) -> Any:
    operand = types.uint64 if bits == 64 else types.uint32

    def typed(typingctx, array, offset, value):
        if not isinstance(array, types.Array) or not array.is_c_contig or not array.mutable:
            return None

        def codegen(context, builder, signature, args):
            pointer = _pointer(context, builder, signature.args[0], args[0], args[1], bits)
            builder.store(builder.bswap(args[2]) if swap else args[2], pointer).align = 1
            return context.get_dummy_value()

        return types.none(array, types.int64, operand), codegen

    return typed


def _hasher(lanes: int) -> Any:
    """The hashes of LZ and GLZ over three pixels of 24 or 15 bits, for so many pixels at once: a chain of steps, in vectors."""
    vector = ir.VectorType(ir.IntType(32), lanes)

    def typed(typingctx, pixels, index, mask, out):
        if not all(isinstance(array, types.Array) and array.is_c_contig for array in (pixels, out)):
            return None
        if pixels.dtype not in (types.uint32, types.uint16):
            return None

        def constant(value: int) -> Any:
            return ir.Constant(vector, [value] * lanes)

        def codegen(context, builder, signature, args):
            pixels_type, _, _, out_type = signature.args
            bits = pixels_type.dtype.bitwidth
            fields = ((16, 255), (8, 255), (0, 255)) if bits == 32 else ((0, 255), (8, 127))
            loaded = ir.VectorType(ir.IntType(bits), lanes)
            pixels, index, mask, out = args
            state = constant(5381)
            for step in range(3):
                offset = builder.mul(builder.add(index, ir.Constant(index.type, step)), ir.Constant(index.type, bits // 8))
                place = _pointer(context, builder, pixels_type, pixels, offset, bits * lanes)
                pixel = builder.load(builder.bitcast(place, loaded.as_pointer()))
                pixel.align = 1
                pixel = builder.zext(pixel, vector) if bits < 32 else pixel
                for shift, field in fields:
                    byte = builder.and_(builder.lshr(pixel, constant(shift)), constant(field))
                    state = builder.xor(builder.add(builder.shl(state, constant(5)), state), byte)
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), mask, ir.IntType(32)(0))
            every = builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), constant(0))
            start = _pointer(context, builder, out_type, out, ir.Constant(ir.IntType(64), 0), 32 * lanes)
            builder.store(builder.and_(state, every), builder.bitcast(start, vector.as_pointer())).align = 1
            return context.get_dummy_value()

        return types.none(pixels, types.int64, types.uint32, out), codegen

    return typed


def _mover(size: int) -> Any:
    """Copy so many bytes inside a buffer, all read before any is written: a vector, which numba would not make of words."""
    vector = ir.VectorType(ir.IntType(8), size)

    def typed(typingctx, array, to, source):
        if not isinstance(array, types.Array) or not array.is_c_contig or not array.mutable:
            return None

        def codegen(context, builder, signature, args):
            array, to, source = args
            there = _pointer(context, builder, signature.args[0], array, source, 8 * size)
            value = builder.load(builder.bitcast(there, vector.as_pointer()))
            value.align = 1
            here = _pointer(context, builder, signature.args[0], array, to, 8 * size)
            builder.store(value, builder.bitcast(here, vector.as_pointer())).align = 1
            return context.get_dummy_value()

        return types.none(array, types.int64, types.int64), codegen

    return typed


@intrinsic
def fill64(typingctx, array, offset, value):
    """Write a uint64 eight times, to 64 bytes from ``offset`` on."""
    if not isinstance(array, types.Array) or not array.is_c_contig or not array.mutable:
        return None
    vector = ir.VectorType(ir.IntType(64), 8)

    def codegen(context, builder, signature, args):
        array, offset, value = args
        empty = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(empty, value, ir.IntType(32)(0))
        every = builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8))
        here = _pointer(context, builder, signature.args[0], array, offset, 512)
        builder.store(every, builder.bitcast(here, vector.as_pointer())).align = 1
        return context.get_dummy_value()

    return types.none(array, types.int64, types.uint64), codegen


def _named(name: str, function: Any) -> Any:
    function.__name__ = function.__qualname__ = name
    return intrinsic(function)


load_be64 = _named("load_be64", _loader(64, True))
move16 = _named("move16", _mover(16))
move32 = _named("move32", _mover(32))
hashes8 = _named("hashes8", _hasher(8))
hashes16 = _named("hashes16", _hasher(16))
load_be32 = _named("load_be32", _loader(32, True))
load_le64 = _named("load_le64", _loader(64, False))
load_le32 = _named("load_le32", _loader(32, False))
store_be64 = _named("store_be64", _storer(64, True))
store_le64 = _named("store_le64", _storer(64, False))
store_le32 = _named("store_le32", _storer(32, False))

u8, u16, u32, u64 = np.uint8, np.uint16, np.uint32, np.uint64
i32, i64 = np.int32, np.int64


def table(values: Any, dtype: str) -> Any:
    """A constant table: a read-only array, which numba freezes into the machine code."""
    array = np.array(list(values), dtype=dtype)
    array.flags.writeable = False
    return array
