"""What a builder is writing: its three sections, the variables met, and the bytes that stand in line so far."""

from __future__ import annotations

from spiceproto.derive.line import Line, total
from spiceproto.derive.source import Constants, Lines
from spiceproto.walk import Structure

__all__ = ["Sections"]


class Sections:
    """The text of one builder in the making. See :mod:`spiceproto.derive.builder` for what each section is."""

    def __init__(self, top: Structure, constants: Constants, *, local: bool = False, message: bool = False) -> None:
        self.top = top
        self.constants = constants
        self.local = local
        self.follows = message and top.has_pointer
        """True if pointers are followed here; a ``write_`` function leaves that to ``building.place``."""
        self.out = Lines()
        """The first section."""
        self.later = Lines()
        """The second section."""
        self.line = Line(constants)
        self.names: dict[str, int] = {}
        self.known: dict[str, str] = {}
        """Expression -> the variable that holds its value."""
        self.targets: list[str] = []
        self.uncounted: list[str] = []
        """Targets whose size is not in ``o`` yet."""
        self.ended = False
        """True if every way through the function has returned."""

    def variable(self, letter: str = "a") -> str:
        """A new name. a: values; t: discriminators; c: bytes in line, s: their size; x: targets, r: their offsets."""
        self.names[letter] = self.names.get(letter, 0) + 1
        return f"{letter}{self.names[letter]}"

    def value(self, place: str) -> str:
        """The variable that holds the value at ``place``."""
        if place not in self.known:
            self.known[place] = self.variable()
            self.out.add(f"{self.known[place]} = {place}")
        return self.known[place]

    def count_targets(self) -> None:
        """From here on ``o`` is where the next target begins."""
        if self.uncounted:
            self.later.add(f"o += {total(self.uncounted)}")
            self.uncounted = []

    def refuse_values(self, names: list[str], value: str, word: str = "if") -> None:
        """Values where none may be."""
        if names:
            test = " or ".join(f"{value}.{name} is not None" for name in names)
            self.out.add(f"{word} {test}:", "    raise ValueError")

    def refuse_others(self, elements: str, out: Lines) -> None:
        """Sets and dicts have a length too."""
        self.constants.use("spiceproto.building", "sequence")
        out.add(f"if type({elements}) is not tuple:", f"    sequence({elements})")
