"""What the kernel primitives of :mod:`spiceproto.codecs.tier` are when numba compiles: the only module that imports it.

Unaligned loads, count-leading-zeros and ``assume`` are single machine instructions (or none) that numba has no name
for. They are numba *intrinsics*: functions that emit LLVM code where they are called. Loads and stores through them are
not covered by NUMBA_BOUNDSCHECK, so each emits its own check when that variable is set.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
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
    "least16",
    "load_be64",
    "load_le32",
    "load_le64",
    "store_be64",
    "store_le32",
    "store_le64",
    "table",
]

with open(__file__, "rb") as _file:
    _THIS_FILE = zlib.crc32(_file.read())


def kernel(function: Callable[..., Any], variant: str) -> Any:
    """Compile a module-level function lazily, with the result kept on disk and the GIL released while it runs.

    numba's cache tells functions apart by source file, qualified name and line, and looks at the file's time stamp. So
    the qualified name must carry the rest of what the machine code depends on: ``variant`` (the parameters of the
    module), this file, and whether indices are checked.
    """
    function.__qualname__ += f"-{variant}{_THIS_FILE:08x}{'-checked' if config.BOUNDSCHECK else ''}"
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # no directory at all that a cache could be written to
        return numba.njit(nogil=True, error_model="numpy")(function)


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
        if not isinstance(array, types.Array) or not array.is_c_contig:
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


def _named(name: str, function: Any) -> Any:
    function.__name__ = function.__qualname__ = name
    return intrinsic(function)


load_be64 = _named("load_be64", _loader(64, True))
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
