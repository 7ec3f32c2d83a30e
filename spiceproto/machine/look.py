"""Places of a message, ready to be looked at.

Every message that draws is looked at in a dozen places, and in most of them there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from spiceproto.machine.rows import Place, Split, read_all

__all__ = ["Look"]

_OF_LISTS: Final = frozenset(dir(tuple))
"""What a sequence has under the same name as a value might."""


class Look:
    """Neighbouring places of one message that look at the same parts of it, and read the same there.

    * ``places``: at least one; alone if it needs no part
    * ``split``: tells apart what is read, if something does
    """

    __slots__ = ("_names", "_path", "places", "split")

    def __init__(self, places: tuple[Place, ...], split: Split | None) -> None:
        self.places = places
        self.split = split
        self._path = places[0].at
        names = tuple(self._path.split(".")) if self._path else ()
        self._names = None if _OF_LISTS.intersection(names) else names

    def at(self, value: Any) -> Sequence[Any]:
        """The parts of a message that name a life each. Most of them are not there, which has to be cheap."""
        if self._names is None or not isinstance(value, msgspec.Struct):
            return read_all(value, self._path)
        found: Any = value
        for name in self._names:
            holder, found = found, getattr(found, name, None)
            if found is None:
                return () if isinstance(holder, msgspec.Struct) else read_all(value, self._path)
        return found if type(found) is tuple else (found,)
