"""What an end of a session holds on to: every object that can be reached from it, counted by class.

What belongs to the program and not to a session is left out: modules, classes, functions with their globals, enum members. So
are numbers, of which the small ones are no objects of anybody's.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from enum import Enum
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

import msgspec

__all__ = ["Held", "held", "tracked"]

_LEFT_OUT = (type, ModuleType, BuiltinFunctionType, FrameType, Enum, int, float)


class Held(msgspec.Struct, frozen=True):
    """``objects`` are numbers by name of the class, ``size`` is bytes."""

    objects: Counter[str]
    size: int

    def more_than(self, before: Held) -> dict[str, int]:
        """Of which classes there are more now, and how many."""
        return dict(self.objects - before.objects)


def held(*roots: Any) -> Held:
    """What can be reached from ``roots``, after what nobody can reach is gone."""
    gc.collect()
    seen: set[int] = set()
    objects: Counter[str] = Counter()
    size = 0
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _LEFT_OUT):
            continue
        seen.add(id(one))
        if isinstance(one, FunctionType):
            # What it has of where it was made, and not the module.
            waiting += one.__closure__ or ()
            continue
        objects[type(one).__name__] += 1
        size += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return Held(objects, size)


def tracked() -> int:
    """How many objects there are in the whole process that could be part of a cycle."""
    gc.collect()
    return len(gc.get_objects())
