"""Numbers and names of the channel types, the way from one to the other, and what to call one that has no name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError

__all__ = ["NAMES", "channel_name", "channel_type", "channel_types"]

NAMES: Final = tuple([kind.name.lower() for kind in ChannelType])
"""``main``, ``display``, ...: the type with number 1 first. A name is also that of the type's table of messages."""

_TYPES: Final = {name: ChannelType[name.upper()] for name in NAMES}


def channel_name(number: int) -> str:
    """Name of a channel type; ``channel-77`` for a number that has none."""
    number = int(number)
    return NAMES[number - 1] if 1 <= number <= len(NAMES) else f"channel-{number}"


def channel_type(name: str) -> ChannelType:
    """The channel type with this name, in small letters. Raises LocalError for a name that is none."""
    try:
        return _TYPES[name]
    except KeyError:
        raise LocalError("no such channel type", expected=", ".join(NAMES), actual=name) from None


def channel_types(names: Iterable[str]) -> frozenset[ChannelType]:
    """The channel types with these names. Raises LocalError for a name that is none."""
    return frozenset([channel_type(name) for name in names])
