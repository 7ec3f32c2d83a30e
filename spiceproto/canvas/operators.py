"""The operators of pixman (X RENDER): how a source, perhaps through a mask, is combined with what is there.

Pixels are four planes (alpha, red, green, blue) of integers 0 to 255, colours multiplied by alpha.

==============  ==========================================================================================
operators       computed
==============  ==========================================================================================
0x00 to 0x0C    ``s Fs + d Fd``: each product rounded to 8 bits, the sum saturated; table PORTER_DUFF
0x0D            SATURATE, in floating point
0x10 to 0x1B    disjoint: overlaps least, in floating point
0x20 to 0x2B    conjoint: overlaps most, in floating point
0x30 to 0x34    MULTIPLY, SCREEN, OVERLAY, DARKEN, LIGHTEN; also 0x37 HARD_LIGHT, 0x39 DIFFERENCE, 0x3A EXCLUSION:
                in integers, one rounding at the end (MULTIPLY: one for each product)
0x35, 36, 38    COLOR_DODGE, COLOR_BURN, SOFT_LIGHT, in floating point
0x3B to 0x3E    hue, saturation, colour, luminosity, in floating point; with component alpha they draw nothing
==============  ==========================================================================================

What divides is computed in single precision, as pixman does, and cut (not rounded) to 8 bits at the end. Component
alpha takes each channel of the mask as the alpha of that channel; otherwise the mask's alpha counts for all. (Except
that pixman 0.42 multiplies green twice by the mask and blue not at all in the last four; so does this file.)

Source: pixman's ``pixman-combine32.c`` and ``pixman-combine-float.c``; PDF 32000-1, 11.3.5, for the blend modes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.problem import DrawError, ProblemCode

__all__ = ["OPERATORS", "PORTER_DUFF", "Operator", "Words", "combined", "combined_wide", "is_wide", "over", "product"]

Planes: TypeAlias = Any
"""An array: alpha, red, green, blue: ``(4, h, w)``, or ``(1, h, w)`` for one value that counts for all."""

Words = NDArray[np.uint32]


class Operator(IntEnum):
    """Operators of pixman that are not in a group of twelve."""

    CLEAR = 0x00
    SRC = 0x01
    DST = 0x02
    OVER = 0x03
    OVER_REVERSE = 0x04
    IN = 0x05
    IN_REVERSE = 0x06
    OUT = 0x07
    OUT_REVERSE = 0x08
    ATOP = 0x09
    ATOP_REVERSE = 0x0A
    XOR = 0x0B
    ADD = 0x0C
    SATURATE = 0x0D
    DISJOINT_CLEAR = 0x10
    CONJOINT_CLEAR = 0x20
    MULTIPLY = 0x30
    SCREEN = 0x31
    OVERLAY = 0x32
    DARKEN = 0x33
    LIGHTEN = 0x34
    COLOR_DODGE = 0x35
    COLOR_BURN = 0x36
    HARD_LIGHT = 0x37
    SOFT_LIGHT = 0x38
    DIFFERENCE = 0x39
    EXCLUSION = 0x3A
    HSL_HUE = 0x3B
    HSL_SATURATION = 0x3C
    HSL_COLOR = 0x3D
    HSL_LUMINOSITY = 0x3E


OVER_STRIP: Final = 1 << 16
"""Pixels that :func:`over` handles at once: few enough for the processor's caches."""


# -- integers ----------------------------------------------------------------------------------------------------------


def product(a: Any, b: Any) -> Any:
    """``a b / 255`` rounded to the nearest integer, for values 0 to 255 in a wider dtype."""
    return _divided(a * b)


def _divided(value: Any) -> Any:
    """A value 0 to 255 * 255 divided by 255, rounded: the way to do it without dividing."""
    value = value + 128
    return value + (value >> 8) >> 8


def over(source: Words, destination: Words, alpha: int | Words = 255) -> Words:
    """The operator OVER on words ``uint32`` 0xAARRGGBB, after multiplying the source by ``alpha``: a number from 0 to
    255, or one for each pixel, ``uint32`` of the same shape.

    Two channels are computed in one word, which is what makes this fast enough for every frame.
    """
    if source.size > OVER_STRIP and len(source) > 1:
        rows = max(1, OVER_STRIP // source.shape[1])
        strips = [slice(i, i + rows) for i in range(0, len(source), rows)]
        alphas = [alpha if isinstance(alpha, int) else alpha[strip] for strip in strips]
        return np.concatenate([over(source[strip], destination[strip], a) for strip, a in zip(strips, alphas, strict=True)])
    even = np.uint32(0x00FF00FF)
    half = np.uint32(0x00800080)
    channels: list[Any] = []
    for shift in (np.uint32(0), np.uint32(8)):
        part: Any = source >> shift & even
        if not isinstance(alpha, int) or alpha != 255:
            part = part * (np.uint32(alpha) if isinstance(alpha, int) else alpha) + half
            part = (part + (part >> 8 & even)) >> 8 & even
        channels.append(part)
    through = np.uint32(255) - (channels[1] >> 16)
    out: Any = np.zeros_like(source)
    for shift, part in zip((np.uint32(0), np.uint32(8)), channels, strict=True):
        below = (destination >> shift & even) * through + half
        below = (below + (below >> 8 & even)) >> 8 & even
        total = part + below
        total |= (total >> 8 & np.uint32(0x00010001)) * np.uint32(255)  # saturate: a source may exceed its alpha
        out |= (total & even) << shift
    mixed: Words = out
    return mixed


def planes(words: Words) -> Planes:
    """Words as planes ``int32 (4, h, w)``."""
    return np.stack([(words >> np.uint32(shift) & np.uint32(255)).astype(np.int32) for shift in (24, 16, 8, 0)])


def words(channels: Planes) -> Words:
    """Planes as words."""
    a, r, g, b = (plane.astype(np.uint32) for plane in channels)
    out: Words = a << 24 | r << 16 | g << 8 | b
    return out


NOTHING, ALL, SA, DA, NOT_SA, NOT_DA = range(6)

PORTER_DUFF: Final[Mapping[int, tuple[int, int]]] = MappingProxyType(
    {
        Operator.CLEAR: (NOTHING, NOTHING),
        Operator.SRC: (ALL, NOTHING),
        Operator.DST: (NOTHING, ALL),
        Operator.OVER: (ALL, NOT_SA),
        Operator.OVER_REVERSE: (NOT_DA, ALL),
        Operator.IN: (DA, NOTHING),
        Operator.IN_REVERSE: (NOTHING, SA),
        Operator.OUT: (NOT_DA, NOTHING),
        Operator.OUT_REVERSE: (NOTHING, NOT_SA),
        Operator.ATOP: (DA, NOT_SA),
        Operator.ATOP_REVERSE: (NOT_DA, SA),
        Operator.XOR: (NOT_DA, NOT_SA),
        Operator.ADD: (ALL, ALL),
    }
)
"""What source and destination are multiplied by before they are added."""


def _porter_duff(operator: int, s: Planes, sa: Planes, d: Planes, da: Planes) -> Planes:
    factors: tuple[Any, ...] = (0, 255, sa, da, 255 - sa, 255 - da)
    of_source, of_destination = PORTER_DUFF[operator]
    out = product(s, factors[of_source]) + product(d, factors[of_destination])
    return np.minimum(out, 255)


def _hard(s: Any, sa: Any, d: Any, da: Any) -> Any:
    return np.where(2 * s < sa, 2 * s * d, sa * da - 2 * (da - d) * (sa - s))


BLENDS: Final[Mapping[int, Callable[[Any, Any, Any, Any], Any]]] = MappingProxyType(
    {
        Operator.SCREEN: lambda s, sa, d, da: s * da + d * sa - s * d,
        Operator.OVERLAY: lambda s, sa, d, da: _hard(d, da, s, sa),
        Operator.DARKEN: lambda s, sa, d, da: np.minimum(s * da, d * sa),
        Operator.LIGHTEN: lambda s, sa, d, da: np.maximum(s * da, d * sa),
        Operator.HARD_LIGHT: _hard,
        Operator.DIFFERENCE: lambda s, sa, d, da: np.abs(s * da - d * sa),
        Operator.EXCLUSION: lambda s, sa, d, da: s * da + d * sa - 2 * s * d,
    }
)
"""Blend modes in integers: what two colours give where both are, times 255 * 255."""


def _multiply(s: Planes, sa: Planes, d: Planes, da: Planes) -> Planes:
    apart = np.minimum(product(s, 255 - da) + product(d, 255 - sa), 255)
    return np.minimum(apart + product(s, d), 255)


def _blend(operator: int, s: Planes, sa: Planes, d: Planes, da: Planes) -> Planes:
    out = (255 - sa) * d + (255 - da) * s + BLENDS[operator](s, sa, d, da)
    alpha = da[0] * 255 + sa[0] * 255 - sa[0] * da[0]
    out[0] = alpha
    return _divided(np.clip(out, 0, 255 * 255))


# -- floating point ----------------------------------------------------------------------------------------------------

F = np.float32
TINY: Final = float(np.finfo(np.float32).tiny)


def _quotient(a: Any, b: Any, without: float) -> Any:
    """``a / b`` between 0 and 1, and ``without`` where there is nothing to divide by."""
    zero = np.abs(b) < TINY
    return np.where(zero, F(without), np.clip(a / np.where(zero, F(1), b), F(0), F(1)))


def _rest(a: Any, b: Any) -> Any:
    """``1 - a / b`` between 0 and 1; 0 where there is nothing to divide by."""
    zero = np.abs(b) < TINY
    return np.where(zero, F(0), np.clip(F(1) - a / np.where(zero, F(1), b), F(0), F(1)))


Factor = Callable[[Any, Any], Any]


def _none(sa: Any, da: Any) -> Any:
    return F(0)


def _whole(sa: Any, da: Any) -> Any:
    return F(1)


# Factors of one side, in terms of its own alpha and the other's.
def _disjoint_out(own: Any, other: Any) -> Any:
    return _quotient(F(1) - other, own, 1)


def _disjoint_in(own: Any, other: Any) -> Any:
    return _rest(F(1) - other, own)


def _conjoint_out(own: Any, other: Any) -> Any:
    return _rest(other, own)


def _conjoint_in(own: Any, other: Any) -> Any:
    return _quotient(other, own, 1)


def _group(inside: Factor, outside: Factor) -> tuple[tuple[Factor, Factor], ...]:
    """The twelve operators CLEAR to XOR of a group, by the shares of a side inside and outside of the other."""
    return (
        (_none, _none),
        (_whole, _none),
        (_none, _whole),
        (_whole, outside),
        (outside, _whole),
        (inside, _none),
        (_none, inside),
        (outside, _none),
        (_none, outside),
        (inside, outside),
        (outside, inside),
        (outside, outside),
    )


DIVIDED: Final[Mapping[int, tuple[Factor, Factor]]] = MappingProxyType(
    {Operator.SATURATE: (_disjoint_out, _whole)}
    | {Operator.DISJOINT_CLEAR + i: pair for i, pair in enumerate(_group(_disjoint_in, _disjoint_out))}
    | {Operator.CONJOINT_CLEAR + i: pair for i, pair in enumerate(_group(_conjoint_in, _conjoint_out))}
)
"""Operators with quotients: the factor of the source and that of the destination, each of (own alpha, other alpha)."""


def _divided_operator(operator: int, s: Planes, sa: Planes, d: Planes, da: Planes) -> Planes:
    of_source, of_destination = DIVIDED[operator]
    return np.minimum(F(1), s * of_source(sa, da) + d * of_destination(da, sa))


def _color_dodge(s: Any, sa: Any, d: Any, da: Any) -> Any:
    rest = sa - s
    full = (d * sa >= sa * da - s * da) | (np.abs(rest) < TINY)
    out = np.where(full, sa * da, sa * sa * d / np.where(np.abs(rest) < TINY, F(1), rest))
    return np.where(np.abs(d) < TINY, F(0), out)


def _color_burn(s: Any, sa: Any, d: Any, da: Any) -> Any:
    empty = (sa * (da - d) >= s * da) | (np.abs(s) < TINY)
    out = np.where(empty, F(0), sa * (da - sa * (da - d) / np.where(np.abs(s) < TINY, F(1), s)))
    return np.where(d >= da, sa * da, out)


def _soft_light(s: Any, sa: Any, d: Any, da: Any) -> Any:
    none = np.abs(da) < TINY
    by = np.where(none, F(1), da)
    dark = d * sa - d * (da - d) * (sa - F(2) * s) / by
    low = d * sa + (F(2) * s - sa) * d * ((F(16) * d / by - F(12)) * d / by + F(3))
    high = d * sa + (np.sqrt(d * da) - d) * (F(2) * s - sa)
    light = np.where(F(4) * d <= da, low, high)
    out = np.where(F(2) * s <= sa, dark, light)
    return np.where(none, d * sa, out)


SEPARATE: Final[Mapping[int, Callable[[Any, Any, Any, Any], Any]]] = MappingProxyType(
    {
        Operator.COLOR_DODGE: _color_dodge,
        Operator.COLOR_BURN: _color_burn,
        Operator.SOFT_LIGHT: _soft_light,
    }
)
"""Blend modes with quotients or roots, channel by channel."""


def _lum(c: Planes) -> Any:
    return c[0] * F(0.3) + c[1] * F(0.59) + c[2] * F(0.11)


def _set_lum(c: Planes, alpha: Any, lum: Any) -> Planes:
    """Colours (three planes) with another luminosity, pulled back to between 0 and alpha."""
    out = c + (lum - _lum(c))
    middle, low, high = _lum(out), out.min(0), out.max(0)
    span = middle - low
    flat = np.abs(span) < TINY
    raised = np.where(flat, F(0), middle + (out - middle) * middle / np.where(flat, F(1), span))
    out = np.where(low < 0, raised, out)
    span = high - middle
    flat = np.abs(span) < TINY
    lowered = np.where(flat, alpha, middle + (out - middle) * (alpha - middle) / np.where(flat, F(1), span))
    return np.where(high > alpha, lowered, out)


def _sat(c: Planes) -> Any:
    return c.max(0) - c.min(0)


def _set_sat(c: Planes, sat: Any) -> Planes:
    """Colours with another saturation: the lowest channel becomes 0, the highest ``sat``."""
    low, span = c.min(0), _sat(c)
    return np.where(np.abs(span) < TINY, F(0), (c - low) * sat / np.where(np.abs(span) < TINY, F(1), span))


def _hsl(operator: int, s: Planes, sa: Any, d: Planes, da: Any) -> Planes:
    if operator == Operator.HSL_HUE:
        return _set_lum(_set_sat(s * da, _sat(d) * sa), sa * da, _lum(d) * sa)
    if operator == Operator.HSL_SATURATION:
        return _set_lum(_set_sat(d * sa, _sat(s) * da), sa * da, _lum(d) * sa)
    if operator == Operator.HSL_COLOR:
        return _set_lum(s * da, sa * da, _lum(d) * sa)
    return _set_lum(d * sa, sa * da, _lum(s) * da)


HSL: Final = frozenset(
    {
        Operator.HSL_HUE,
        Operator.HSL_SATURATION,
        Operator.HSL_COLOR,
        Operator.HSL_LUMINOSITY,
    }
)

AS_INTEGERS: Final[Mapping[int, int]] = {0x11: Operator.SRC, 0x21: Operator.SRC}
"""DISJOINT_SRC and CONJOINT_SRC need no quotient, and pixman computes them as SRC."""

INTEGERS: Final = frozenset({*PORTER_DUFF, Operator.MULTIPLY, *BLENDS, *AS_INTEGERS})
"""Numbers of the operators that are computed in integers."""

BYTE: Final = F(1) / F(255)
"""What a channel of 8 bits is multiplied by in floating point."""

OPERATORS: Final = frozenset({*PORTER_DUFF, Operator.MULTIPLY, *BLENDS, *DIVIDED, *SEPARATE, *HSL})
"""All numbers that mean something."""


def _float_blend(operator: int, s: Planes, sa: Planes, d: Planes, da: Planes) -> Planes:
    mixed = (
        np.concatenate((sa[:1] * 0, _hsl(operator, s[1:], sa[0], d[1:], da[0])))
        if operator in HSL
        else SEPARATE[operator](s, sa, d, da)
    )
    out = (F(1) - sa) * d + (F(1) - da) * s + mixed
    out[0] = sa[0] + da[0] - sa[0] * da[0]
    return out


def _cut(values: Planes) -> Planes:
    """Floating point to 8 bits: 256 equal steps, as pixman has it."""
    out = (np.clip(values, F(0), F(1)) * F(256)).astype(np.int32)
    return out - (out >> 8)


def combined(operator: int, source: Words, mask: Words | None, destination: Words, *, component_alpha: bool = False) -> Words:
    """One operator on words ``uint32 (h, w)`` 0xAARRGGBB.

    :raises DrawError: BAD_COMMAND for a number that is not in :data:`OPERATORS`.
    """
    if operator not in OPERATORS:
        raise DrawError(
            ProblemCode.BAD_COMMAND,
            "unknown operator",
            path="flags",
            expected="an operator of pixman",
            actual=f"{operator:#04x}",
        )
    if operator == Operator.OVER and not (component_alpha and mask is not None):
        return over(source, destination, 255 if mask is None else mask >> np.uint32(24))
    if operator in HSL and component_alpha and mask is not None:
        return destination
    operator = AS_INTEGERS.get(operator, operator)
    s, d = planes(source), planes(destination)
    m = None if mask is None else planes(mask) if component_alpha else planes(mask)[:1]
    if operator in PORTER_DUFF or operator in BLENDS or operator == Operator.MULTIPLY:
        sa = np.broadcast_to(s[:1], s.shape)
        if m is not None:
            s, sa = product(s, m), np.broadcast_to(product(sa, m), s.shape)
        da = d[:1]
        if operator in PORTER_DUFF:
            return words(_porter_duff(operator, s, sa, d, da))
        if operator == Operator.MULTIPLY:
            return words(_multiply(s, sa, d, da))
        return words(_blend(operator, s, sa, d, np.broadcast_to(da, d.shape)))
    return combined_wide(operator, s.astype(F) * BYTE, None if m is None else m.astype(F) * BYTE, d.astype(F) * BYTE)


def combined_wide(operator: int, source: Planes, mask: Planes | None, destination: Planes) -> Words:
    """One operator in which :func:`is_wide`, on planes ``float32 (4, h, w)`` from 0 to 1, as words.

    The mask is one plane, ``(1, h, w)``, unless it is for component alpha.
    """
    if operator in HSL and mask is not None and len(mask) == 4:
        return words(_cut(destination))
    fs, fd = source, destination
    fsa = np.broadcast_to(fs[:1], fs.shape)
    if mask is not None:
        fsa = np.broadcast_to(fsa * mask, fs.shape)
        # pixman's slip: in these operators green is multiplied twice, blue is not.
        fs = fs * (np.stack((mask[0], mask[0], mask[0] * mask[0], np.ones_like(mask[0]))) if operator in HSL else mask)
    fda = np.broadcast_to(fd[:1], fd.shape)
    if operator in DIVIDED:
        return words(_cut(_divided_operator(operator, fs, fsa, fd, fda)))
    return words(_cut(_float_blend(operator, fs, fsa, fd, fda)))


def is_wide(operator: int) -> bool:
    """Whether an operator is computed in floating point, from the fetch of its operands on."""
    return operator in OPERATORS and operator not in INTEGERS
