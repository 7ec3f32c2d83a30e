"""The keyboard of a client: what its user types, and the bytes in what the client says of it."""

from __future__ import annotations

from typing import Final

from conformance.talk import Message
from spiceproto.messages import inputs

__all__ = ["TYPED", "bytes_of"]

TYPED: Final = ("KEY_DOWN", "KEY_UP", "KEY_SCANCODE")
"""Messages that bring scan codes."""


def bytes_of(message: Message) -> bytes:
    """The bytes of the keyboard in one of these messages. Raises Unreadable."""
    value = message.parsed
    if isinstance(value, inputs.KeyScancode):
        return bytes(value.data)
    return bytes(value.code.to_bytes(4, "little").rstrip(b"\0"))
