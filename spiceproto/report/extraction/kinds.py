"""What can be extracted, by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spiceproto.report.extraction.extraction import Extraction
    from spiceproto.report.extraction.folder import Folder

__all__ = ["KINDS", "kind"]

KINDS: Final = MappingProxyType(
    {
        "images": "images of the wire and shapes of the pointer, as PNG",
        "streams": "video streams, as they were coded",
        "sound": "what the guest played and heard, as WAV",
        "clipboard": "what was copied, in both directions",
        "files": "files that were sent to the guest",
        "ports": "bytes of ports",
        "usb": "bytes and packets of usbredir",
        "webdav": "HTTP of shared folders",
    }
)
"""Name to what it is; the order is that of help."""

_CLASSES: Final = {
    "images": ("extraction.images", "ImageFiles"),
    "streams": ("extraction.streams", "Streams"),
    "sound": ("sounds", "Sounds"),
    "clipboard": ("extraction.clipboard", "Clipboards"),
    "files": ("extraction.files", "Transfers"),
    "ports": ("extraction.byte_streams", "Ports"),
    "usb": ("extraction.byte_streams", "Usb"),
    "webdav": ("extraction.webdav", "WebdavTalk"),
}


def kind(name: str) -> Callable[[Folder], Extraction]:
    """The class behind a name; only its module is imported."""
    module, found = _CLASSES[name]
    made: Callable[[Folder], Extraction] = getattr(import_module(f"spiceproto.report.{module}"), found)
    return made
