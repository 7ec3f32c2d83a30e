"""The fields of a message as a flat table, and those that are bound afresh, which are not compared.

fields         path -> value: ``channels[0].id`` -> 3
bound          why a field is not compared; "" if it is
differing      the fields in which two messages differ
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from conformance.naming import shown
from spiceproto.channels import channel_name
from spiceproto.messages.main import ChannelsList

__all__ = ["bound", "compared", "differing", "fields"]

_CLOCK: Final = "a clock"
_ID: Final = "bound afresh"
_GUEST: Final = "of the guest"

_NOTHING: Final = "-"
_TEXT: Final = 200
"""Bytes that are shown as the text that they are."""

_MOST: Final = 4096
"""Fields of a message that are looked at."""

_BOUND: Final[Mapping[tuple[str, str, str], Mapping[str, str]]] = {
    ("server", "main", "INIT"): {
        "session_id": _ID,
        "multi_media_time": _CLOCK,
        "ram_hint": _GUEST,
        "display_channels_hint": _GUEST,
    },
    ("server", "main", "MULTI_MEDIA_TIME"): {"time": _CLOCK},
    ("server", "main", "NAME"): {"name": _GUEST, "name_len": _GUEST},
    ("server", "main", "UUID"): {"uuid": _GUEST},
    ("server", "inputs", "INIT"): {"keyboard_modifiers": _GUEST},
    ("server", "cursor", "INIT"): {
        "position": _GUEST,
        "trail_length": _GUEST,
        "trail_frequency": _GUEST,
        "visible": _GUEST,
        "cursor": _GUEST,
    },
    ("server", "port", "INIT"): {"name": _GUEST, "opened": _GUEST},
    ("server", "playback", "START"): {"time": _CLOCK},
    ("server", "playback", "DATA"): {"time": _CLOCK},
    ("server", "display", "STREAM_DATA"): {"base.multi_media_time": _CLOCK},
    ("server", "display", "STREAM_DATA_SIZED"): {"base.multi_media_time": _CLOCK},
    ("server", "display", "STREAM_CREATE"): {"stamp": _CLOCK},
    ("client", "display", "INIT"): {"pixmap_cache_id": _ID, "glz_dictionary_id": _ID},
    ("client", "record", "START_MARK"): {"time": _CLOCK},
    ("client", "record", "DATA"): {"time": _CLOCK},
    **{("server", table, "NOTIFY"): {"time_stamp": _CLOCK} for table in ("main", "display", "inputs", "cursor")},
}


def bound(sender: str, table: str, name: str, path: str) -> str:
    """Why a field is not compared: it, or what it is part of, is bound afresh; "" if it is compared."""
    rows = _BOUND.get((sender, table, name), {})
    for field, why in rows.items():
        if path == field or path.startswith((f"{field}.", f"{field}[")):
            return why
    return ""


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, ChannelsList):
        # A set: in which order servers name their channels means nothing.
        for item in value.channels:
            yield f"{channel_name(item.type)}:{item.id}", "listed"
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _walk(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        yield f"{path} (number)", len(value)
        for place, item in enumerate(value):
            yield from _walk(item, f"{path}[{place}]")
    else:
        yield path, value


def fields(value: Any) -> dict[str, Any]:
    """Path to value, in the order of the message; at most 4096 of them."""
    found: dict[str, Any] = {}
    for path, item in _walk(value, ""):
        if len(found) == _MOST:
            break
        found[path] = item
    return found


def compared(sender: str, table: str, name: str, value: Any) -> dict[str, Any]:
    """Those that are compared."""
    return {path: item for path, item in fields(value).items() if not bound(sender, table, name, path)}


def differing(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Path, what was recorded, what was found; "-" where there is no such field."""
    different = []
    for path in dict.fromkeys([*recorded, *found]):
        old, new = recorded.get(path, _NOTHING), found.get(path, _NOTHING)
        if old != new:
            different.append((path, _in_words(old, new), _in_words(new, old)))
    return different


def _in_words(value: Any, like: Any) -> str:
    if isinstance(value, bytes) and 0 < len(value) <= _TEXT and value.rstrip(b"\0").isascii():
        text = value.rstrip(b"\0").decode()
        if text.isprintable():
            return f'"{text}"'
    return shown(value, like)
