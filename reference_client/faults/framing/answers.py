"""A message layer that answers something else than the right answer."""

from __future__ import annotations

from typing import Any

from spiceproto.channel import Channel

__all__ = ["ChangedAnswers"]


class ChangedAnswers(Channel):
    """Answers what :meth:`change` makes of the right answer, in a list; nothing if that is empty."""

    def change(self, value: Any) -> list[Any]:
        return [value]

    def answer(self, value: Any) -> None:
        for item in self.change(value):
            super().answer(item)
