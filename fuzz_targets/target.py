"""What a fuzz target is, and all that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from spiceproto import discovery

__all__ = ["Broken", "Target", "holds", "targets"]

LARGEST: Final = 4096
"""Bytes of an input, where a target says nothing else: more is slower, and reaches the same lines."""


class Broken(AssertionError):
    """A promise of the library does not hold."""


class Target(NamedTuple):
    """One function to be tried.

    * ``name``: "link-server"; ``title``: what holds, in a line
    * ``once``: takes any bytes, and raises whatever was broken; a refusal is none
    * ``seeds``: inputs from which a campaign begins
    * ``largest``: bytes of the inputs that are made
    """

    name: str
    title: str
    once: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    largest: int = LARGEST


def holds(what: str, condition: object, *values: object) -> None:
    """Raises Broken, with the values, if it does not."""
    if not condition:
        raise Broken(" ".join([f"{what}:", *[repr(value)[:300] for value in values]]))


@cache
def targets() -> Mapping[str, Target]:
    """All of them, by name. Imports what they are about."""
    from fuzz_targets import targets as package

    found = [target for module in discovery.modules(package) for target in module.TARGETS]
    return {target.name: target for target in sorted(found)}
