"""A manager of clipboards: it takes what a client copies, keeps it, and copies it in the guest, so that a client can paste it.

What goes to the guest and comes back is what a user pastes from then on. Of the types that the client offers it takes those
that it knows, text and pictures.
"""

from __future__ import annotations

from typing import Final

from reference_server.guest import Clipboard, Offered, Pasted
from reference_server.guests.program import Program
from spiceproto.enums.agent import ClipboardType

__all__ = ["Keeper"]

_KEPT: Final = (
    ClipboardType.UTF8_TEXT,
    ClipboardType.IMAGE_PNG,
    ClipboardType.IMAGE_BMP,
    ClipboardType.IMAGE_TIFF,
    ClipboardType.IMAGE_JPG,
)


class Keeper:
    """Keeps what clients copy."""

    def __init__(self, program: Program) -> None:
        self._clipboard: Clipboard = program.guest.clipboard
        self._wanted = program.had("wanted", dict[int, list[int]], {})
        self._kept = program.had("kept", dict[int, dict[int, bytes]], {})
        program.keep("wanted", lambda: self._wanted)
        program.keep("kept", lambda: self._kept)
        program.watch(self._clipboard, self._offered, Offered)
        program.watch(self._clipboard, self._pasted, Pasted)

    def _offered(self, news: Offered) -> None:
        selection = news.selection
        self._kept[selection] = {}
        self._wanted[selection] = [kind for kind in _KEPT if kind in news.types]
        self._next(selection)

    def _next(self, selection: int) -> None:
        """Ask for one type after the other."""
        wanted = self._wanted.get(selection)
        if wanted:
            self._clipboard.paste(wanted[0], selection)

    def _pasted(self, news: Pasted) -> None:
        wanted = self._wanted.get(news.selection)
        if not wanted or news.type not in (0, wanted[0]) or self._clipboard.owner(news.selection) != "client":
            return
        wanted.pop(0)
        kept = self._kept[news.selection]
        if news.type:
            kept[news.type] = news.data
        if wanted:
            self._next(news.selection)
        elif kept:
            self._clipboard.copy(kept, news.selection)
