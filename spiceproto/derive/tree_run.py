"""A run of a tree: fields of fixed size that follow each other are unpacked at once and printed with one ``%``."""

from __future__ import annotations

__all__ = ["Run"]


class Run:
    """Fields of fixed size that follow each other, with the lines of structures that begin among them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        """With ``%s`` for the place, if that depends only on where the run begins, and ``%%`` for what else is filled in."""
        self.places: list[tuple[int, int]] = []
        """Those places, counted from the beginning of the run."""
        self.order = "<"
        self.codes = ""
        self.names: list[str] = []
        self.arguments: list[str] = []
        self.size = 0
        self.waiting = 0
        """Structures of free size that begin here and did not end yet. Until they do, the run is not printed."""
        self.start = ""
        """Offset of the run, once it was unpacked."""
        self.index = ""
        """The variable of the index that was kept for it among the lines."""

    @property
    def targets(self) -> str:
        """What its numbers are assigned to."""
        return "".join([f"{name}, " for name in self.names]) + "= " * bool(self.names)

    def filled(self, template: str, at: str) -> str:
        """The expression of its lines, which begin at the offset ``at``."""
        return f"{template} % ({', '.join(self.arguments)},)".replace("{at}", at) if self.arguments else template
