"""Messages of a server as the words of an answer: their names, and those of their fields that a machine is about."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from conformance.learn.model import NOTHING
from conformance.talk import Message
from spiceproto.enums.base import WireEnum

__all__ = ["UNHEARD", "folded", "word"]

UNHEARD: Final = frozenset({"SET_ACK", "PING", "MULTI_MEDIA_TIME", "NOTIFY"})
"""Messages that no letter causes: clocks, windows, the measuring of the network, and remarks for people."""

_DRAWS: Final = "drawings"

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "INIT": ("supported_mouse_modes", "current_mouse_mode", "agent_connected", "keyboard_modifiers"),
    "MOUSE_MODE": ("supported_modes", "current_mode"),
    "KEY_MODIFIERS": ("modifiers",),
    "AGENT_DISCONNECTED": ("error_code",),
    "AGENT_TOKEN": ("num_tokens",),
    "SURFACE_CREATE": ("flags",),
    "MIGRATE": ("flags",),
}
"""Fields that belong to the word of a message."""


def _shown(value: Any) -> str:
    if isinstance(value, WireEnum):
        return str(value.name)
    return str(int(value)) if isinstance(value, int) else str(value)


def word(message: Message) -> str:
    """One message; "" for one that no letter causes."""
    if message.name in UNHEARD:
        return ""
    if message.name.startswith("DRAW_") or message.name == "COPY_BITS":
        return _DRAWS
    if message.value is None:
        return f"{message.name} that cannot be read" if message.error else message.name
    fields = [getattr(message.value, name, None) for name in _FIELDS.get(message.name, ())]
    shown = " ".join([_shown(value) for value in fields if value is not None])
    return f"{message.name} {shown}".rstrip()


def folded(words: Iterable[str]) -> str:
    """The words of an answer: several of the same, one behind the other, are one; drawings are one, at the end."""
    kept = [text for text in words if text]
    found = []
    for text, run in groupby([text for text in kept if text != _DRAWS]):
        found.append(f"several {text}" if len(list(run)) > 1 else text)
    found += [_DRAWS] if _DRAWS in kept else []
    return ", ".join(found) or NOTHING
