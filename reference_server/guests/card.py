"""A program that asks each card that is put in who it is: it selects the card's main file, or what the card takes for it.

Its screen is grey while there is no card, yellow until the card has answered, then green if it could be selected, else red.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from reference_server.guest import CardAnswered, CardChanged, CardReader, Picture
from reference_server.guests.program import Program

__all__ = ["ANSWERED", "NO_CARD", "REFUSED", "SELECT", "WAITING", "card"]

SELECT: Final = bytes.fromhex("00a4000c023f00")
"""SELECT of the main file by its name, without an answer but the status word (ISO/IEC 7816-4)."""

_DONE: Final = (b"\x90\x00", b"\x61", b"\x62")
"""How the status word of a command begins that was done."""

NO_CARD, WAITING, ANSWERED, REFUSED = (128, 128, 128), (0, 200, 200), (0, 160, 0), (0, 0, 160)
"""Blue, green and red of the screen."""

_STATUS: Final = 2


def card(program: Program) -> None:
    """Watches every reader of the guest."""
    screen = program.guest.screens[0]

    def show(colour: tuple[int, int, int]) -> None:
        picture: Picture = np.zeros((*screen.picture.shape[:2], 4), np.uint8)
        picture[..., :3] = colour
        screen.draw(0, 0, picture)

    def watch(reader: CardReader) -> None:
        def changed(news: CardChanged) -> None:
            show(NO_CARD if news.atr is None else WAITING)
            if news.atr is not None:
                reader.transmit(SELECT)

        def answered(news: CardAnswered) -> None:
            good = news.answer is not None and news.answer[-_STATUS:].startswith(_DONE)
            show(ANSWERED if good else REFUSED)

        program.watch(reader, changed, CardChanged)
        program.watch(reader, answered, CardAnswered)

    if not program.resumed:
        show(NO_CARD)
    for reader in program.guest.readers:
        if isinstance(reader, CardReader):
            watch(reader)
