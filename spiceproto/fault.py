"""A reference that breaks one rule, and how such a reference is declared.

    fault = Catalogue(Server, parts={ServerLink: "link_class"}, channels="channels")

    @fault("init-twice", "SPICE-MAIN-002")
    class InitTwice(MainChannel):
        \"\"\"Sends INIT twice.\"\"\"

        def start(self, now: float) -> None:
            super().start(now)
            self.send(self.init(now))

What a class derives from says which part of the end it stands in for: one of its channels, its link stage, its message
layer, or the whole end. Whoever has a Catalogue makes ends with faults from it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["Catalogue", "Fault"]


class Fault(msgspec.Struct, frozen=True):
    """One mistake.

    * ``name``: what is wrong, in a few words with hyphens
    * ``requirement``: id of the sentence it breaks
    * ``breaks``: ids of all sentences that a perfect suite would report; the first is ``requirement``
    * ``title``: what is wrong, in a sentence: the first line of the class's docstring
    * ``make``: the end that does it; called like the end without faults
    """

    name: str
    requirement: str
    breaks: tuple[str, ...]
    title: str
    make: type[Any]


_Class = TypeVar("_Class", bound=type[Any])


class Catalogue(Mapping[str, Fault]):
    """The faults of one end by name, and the decorator that declares them.

    ``end``       the end without faults
    ``parts``     class of a part to the attribute of ``end`` that holds it
    ``channels``  attribute of ``end`` that maps channel types to the classes of channels
    """

    def __init__(self, end: type[Any], *, parts: Mapping[type, str], channels: str) -> None:
        self._end = end
        self._parts = parts
        self._channels = channels
        self._declared: dict[str, Fault] = {}

    def __call__(self, name: str, requirement: str, *also: str) -> Callable[[_Class], _Class]:
        """Declare a fault that breaks ``requirement``; ``also`` are further sentences that it can not help breaking."""

        def keep(part: _Class) -> _Class:
            title = (part.__doc__ or "").strip().partition("\n")[0]
            if name in self._declared or not title:
                raise ValueError(f"two faults have the name {name}" if title else f"{name} has no docstring")
            self._declared[name] = Fault(name, requirement, (requirement, *also), title, self.with_part(part))
            return part

        return keep

    def with_part(self, *parts: type[Any]) -> type[Any]:
        """The end with each of ``parts`` in place of the class that it derives from."""
        found: dict[str, Any] = {}
        for part in parts:
            if issubclass(part, self._end):
                if len(parts) > 1:
                    raise ValueError(f"{part.__name__} is a whole end, and goes with no other part")
                return part
            attribute = next((name for base, name in self._parts.items() if issubclass(part, base)), "")
            if attribute:
                found[attribute] = part
                continue
            channels: Mapping[int, type] = found.get(self._channels) or getattr(self._end, self._channels)
            changed = {kind: part if issubclass(part, usual) else usual for kind, usual in channels.items()}
            if changed == dict(channels):
                raise ValueError(f"{part.__name__} stands in for no part of {self._end.__name__}")
            found[self._channels] = changed
        return type("".join([part.__name__ for part in parts]), (self._end,), found)

    def make(self, name: str) -> type[Any]:
        """The end with this fault. Raises LocalError for a name that nobody has declared."""
        if name not in self._declared:
            raise LocalError(f"there is no fault {name!r}", expected=expected(name, self, listing="--list-faults prints them"))
        return self._declared[name].make

    def __getitem__(self, name: str) -> Fault:
        return self._declared[name]

    def __iter__(self) -> Iterator[str]:
        """Names in the order of the sentences' ids."""
        return iter(sorted(self._declared, key=lambda name: (self._declared[name].requirement, name)))

    def __len__(self) -> int:
        return len(self._declared)
