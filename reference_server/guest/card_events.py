"""What a guest knows of readers and cards, as its readers tell it: for a log, or for a test that wants to look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_server.guest.card_reader import CardAnswered, CardChanged, ReaderChanged
from reference_server.guest.guest import Guest

__all__ = ["on_cards"]

_NAMES: dict[type, str] = {ReaderChanged: "card-reader", CardChanged: "card", CardAnswered: "card-answer"}


def on_cards(guest: Guest, told: Callable[[str, dict[str, Any]], None]) -> None:
    """Call ``told`` from now on with a name and fields, whose bytes are hexadecimal digits.

    * ``card-reader``: ``present``
    * ``card``: ``atr``, None for no card
    * ``card-answer``: ``command`` and ``answer``, None for a command that did not reach the card
    """

    def tell(news: ReaderChanged | CardChanged | CardAnswered) -> None:
        fields = {name: getattr(news, name) for name in news.__struct_fields__}
        told(_NAMES[type(news)], {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()})

    for reader in guest.readers:
        reader.watch(tell, *_NAMES)
