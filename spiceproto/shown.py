"""How people read some numbers and bytes: scan codes as keys, a magic number as its letters, bits as capabilities.

A field of a schema names its form in ``shown``; summaries and trees print it so. Values stay what they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from spiceproto.enums.base import bit_names
from spiceproto.public_key import public_key
from spiceproto.scan_codes import key_name, scan_codes

__all__ = [
    "FORMS",
    "Shown",
    "agent_capabilities",
    "content",
    "file_name",
    "key_file",
    "letters",
    "letters_big",
    "public_key",
    "scan_code",
    "scan_code_bytes",
    "transfer_detail",
]

_KEPT = 1024
"""Entries that a table keeps."""

_CODES = 16
"""Scan codes of one message that are printed."""

_TEXT = 256
"""Bytes of text that are printed."""

_CONTENT = 64
"""Bytes of what may be text."""

_SPACES = dict.fromkeys(map(ord, "\0\t\r\n"), " ")


class Shown(dict[int, str]):
    """Number -> how people read it; what generated summaries index. A full table keeps what it has."""

    __slots__ = ("_form",)

    def __init__(self, form: Callable[[int], str]) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, number: int) -> str:
        text = self._form(number)
        if len(self) < _KEPT:
            self[number] = text
        return text


def letters(number: int) -> str:
    """``REDQ`` for 0x51444552: the bytes of a number of 32 bits, lowest first; in hexadecimal if people do not read them."""
    raw = number.to_bytes(4, "little")
    text = raw.decode("ascii", "replace")
    return text if raw.isascii() and text.isprintable() and text.strip() else f"{number:#x}"


def letters_big(number: int) -> str:
    """The same, highest first."""
    return letters(int.from_bytes(number.to_bytes(4, "big"), "little"))


def scan_code(number: int) -> str:
    """``e0 48 (Up down)`` for 0x48E0: the bytes of a number of 32 bits, lowest first, without the zeros behind them."""
    return scan_code_bytes(number.to_bytes(4, "little").rstrip(b"\0") or b"\0")


def scan_code_bytes(data: bytes) -> str:
    """``1e (A down) 9e (A up)``: scan codes in a row, in hexadecimal and with the names of the keys."""
    words = []
    for index, (code, down) in enumerate(scan_codes(bytes(data[: 3 * _CODES]))):
        if index == _CODES:
            break
        name = key_name(code)
        said = f" ({name} {'down' if down else 'up'})" if name else ""
        words.append(code.to_bytes(max((code.bit_length() + 7) // 8, 1), "little").hex(" ") + said)
    size = sum(len(word.partition(" (")[0].split()) for word in words)
    return " ".join(words) + (f" and {len(data) - size} bytes more" if size < len(data) else "")


def agent_capabilities(words: tuple[int, ...]) -> str:
    """Names of the bits that are set in capability words of the guest agent."""
    from spiceproto.enums.agent import AgentCapability  # not at import: few captures have an agent

    bits = int.from_bytes(b"".join([word.to_bytes(4, "little") for word in words]), "little")
    return " ".join(bit_names(AgentCapability, bits)) or "none"


def key_file(data: bytes) -> str:
    """A GLib key file in one line."""
    text = bytes(data[:_TEXT]).rstrip(b"\0").decode("utf-8", "backslashreplace")
    return repr(" ".join(text.split())) + (" ..." if len(data) > _TEXT else "")


def file_name(name: str) -> str:
    """The name of a file as text: bytes of it that are no UTF-8 are said as such."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def content(data: bytes) -> str:
    """Text in quotes, as much as fits on a line; of anything else its size and first bytes."""
    cut = bytes(data[:_CONTENT])
    text = cut.decode("utf-8", "ignore")
    whole = len(text.encode()) > len(cut) - 4 if len(data) > _CONTENT else text.encode() == cut
    if text and whole and text.translate(_SPACES).isprintable():
        return repr(text) + (f" ... {len(data)} bytes" if len(data) > _CONTENT else "")
    return f"{len(data)} bytes: {cut[:16].hex(' ')}{' ...' if len(data) > 16 else ''}" if data else "0 bytes"


def transfer_detail(data: bytes) -> str:
    """What stands behind the status of a file transfer, which is told by its size."""
    if not data:
        return "none"
    if len(data) == 8:
        return f"{int.from_bytes(data, 'little')} bytes free"
    if len(data) == 5:
        from spiceproto.enums.agent import FileXferErrorType

        kind = data[0]
        known = FileXferErrorType._value2member_map_.get(kind)
        return f"{known.name if known is not None else f'kind {kind}'} error {int.from_bytes(data[1:], 'little')}"
    return f"{len(data)} bytes"


FORMS: Final[dict[str, Callable[[Any], str]]] = {
    "agent_capabilities": agent_capabilities,
    "content": content,
    "key_file": key_file,
    "letters": letters,
    "letters_big": letters_big,
    "public_key": public_key,
    "scan_code": scan_code,
    "scan_code_bytes": scan_code_bytes,
    "transfer_detail": transfer_detail,
}
"""What ``shown`` of a field names: of a number, of bytes, or of a sequence of numbers."""
