"""What a browser is given: the files in ``page/``, and the headers that say what they may do."""

from __future__ import annotations

from importlib import resources
from typing import Final

import msgspec

__all__ = ["HEADERS", "PageFile", "page_files"]

_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer."""


class PageFile(msgspec.Struct, frozen=True):
    """A file and its type."""

    type: str
    data: bytes


def page_files() -> dict[str, PageFile]:
    """Path in an address to the file that is there; nothing else is given to anybody."""
    found = {}
    for file in (resources.files("reference_client.view") / "page").iterdir():
        type = _TYPES.get(file.name.rpartition(".")[2])
        if type is not None:
            found[f"/{file.name}"] = PageFile(f"{type}; charset=utf-8", file.read_bytes())
    found["/"] = found["/index.html"]
    return found
