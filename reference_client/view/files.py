"""What a browser is given: the files in ``page/``, and the headers that say what they may do."""

from __future__ import annotations

from importlib import resources
from typing import Final

from spiceproto.page_requests import PageFile

__all__ = ["HEADERS", "page_files"]

_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
"""Of every answer."""


def page_files() -> dict[str, PageFile]:
    """Path in an address to the file that is there; nothing else is given to anybody."""
    found = {}
    for file in (resources.files("reference_client.view") / "page").iterdir():
        type = _TYPES.get(file.name.rpartition(".")[2])
        if type is not None:
            found[f"/{file.name}"] = PageFile(f"{type}; charset=utf-8", file.read_bytes())
    found["/"] = found["/index.html"]
    return found
