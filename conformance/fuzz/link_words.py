"""What a step says of a link that is wrong: the words behind ``link`` and ``bare``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

import msgspec

from conformance.fuzz.words import digits_of
from conformance.wire_form import Freedom
from spiceproto.errors import LocalError

__all__ = ["bare_words", "link_words"]

_Number = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]
_Words = Annotated[int, msgspec.Meta(ge=0)] | tuple[_Number, ...]
_BYTES: Final = ("gap", "padding", "magic")


class _Link(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """As :class:`Freedom`, with digits for bytes, and the id of a session."""

    connection_id: _Number | msgspec.UnsetType = msgspec.UNSET
    common_caps: _Words | msgspec.UnsetType = msgspec.UNSET
    channel_caps: _Words | msgspec.UnsetType = msgspec.UNSET
    counts: tuple[_Number, _Number] | msgspec.UnsetType = msgspec.UNSET
    offset: _Number | msgspec.UnsetType = msgspec.UNSET
    gap: str | msgspec.UnsetType = msgspec.UNSET
    padding: str | msgspec.UnsetType = msgspec.UNSET
    size: _Number | msgspec.UnsetType = msgspec.UNSET
    magic: str | msgspec.UnsetType = msgspec.UNSET
    major: _Number | msgspec.UnsetType = msgspec.UNSET
    minor: _Number | msgspec.UnsetType = msgspec.UNSET


class _Bare(msgspec.Struct):
    common_caps: Annotated[int, msgspec.Meta(ge=0)] = 0
    channel_caps: Annotated[int, msgspec.Meta(ge=0)] = 0


def link_words(words: Mapping[str, Any]) -> tuple[int | None, Freedom]:
    """The id of a session, None for the right one, and what is wrong besides. Raises LocalError."""
    try:
        link = msgspec.convert(words, _Link)
    except msgspec.ValidationError as error:
        raise LocalError(f"nothing of a link message: {error}", actual=str(words)[:80]) from None
    said = {name: value for name, value in msgspec.structs.asdict(link).items() if value is not msgspec.UNSET}
    connection_id = said.pop("connection_id", None)
    freedom = {name: digits_of(value) if name in _BYTES else value for name, value in said.items()}
    return connection_id, cast(Freedom, freedom)


def bare_words(words: Mapping[str, Any]) -> tuple[int, int]:
    """The capabilities of a link, those of all channels and its own. Raises LocalError."""
    try:
        bare = msgspec.convert(words, _Bare)
    except msgspec.ValidationError as error:
        raise LocalError(f"no capabilities: {error}", actual=str(words)[:80]) from None
    return bare.common_caps, bare.channel_caps
