"""A pointer that follows the mouse, as every desktop has one."""

from __future__ import annotations

from reference_server.guest import Motion, Position, Shape
from reference_server.guests.program import Program

__all__ = ["Mouse"]


class Mouse:
    """Moves the pointer of the display on which the mouse is: ``display``, ``x``, ``y``."""

    def __init__(self, program: Program) -> None:
        self.guest = program.guest
        self.displays = program.displays
        width, height = self.guest.screens[0].size
        self.display, self.x, self.y = program.had("mouse", tuple[int, int, int], (0, width // 2, height // 2))
        self._resumed = program.resumed
        self._shape: Shape | None = self.guest.cursors[self.display].shape if program.resumed else None
        program.keep("mouse", lambda: (self.display, self.x, self.y))
        program.watch(self.guest.pointer, self._moved, Motion)
        program.watch(self.guest.pointer, self._placed, Position)

    def show(self, shape: Shape | None) -> None:
        """Have another shape; None for none. The first is there already, if the pointer comes from another server."""
        if self._resumed:
            self._resumed = False
            return
        self._shape = shape
        cursor = self.guest.cursors[self.display]
        cursor.move(self.x, self.y)
        cursor.set(shape)

    def _moved(self, news: Motion) -> None:
        width, height = self.guest.screens[self.display].size
        x, y = self.x + news.dx, self.y + news.dy
        # Displays stand side by side.
        if x >= width and self.display + 1 < self.displays:
            self._go(self.display + 1, 0, y)
        elif x < 0 and self.display:
            self._go(self.display - 1, self.guest.screens[self.display - 1].size[0] - 1, y)
        else:
            self._go(self.display, min(max(x, 0), width - 1), min(max(y, 0), height - 1))

    def _placed(self, news: Position) -> None:
        if news.display < self.displays:
            self._go(news.display, news.x, news.y)

    def _go(self, display: int, x: int, y: int) -> None:
        width, height = self.guest.screens[display].size
        self.x, self.y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
        if display != self.display:
            self.guest.cursors[self.display].hide()
            self.display = display
            self.guest.cursors[display].x, self.guest.cursors[display].y = self.x, self.y
            self.guest.cursors[display].set(self._shape)
        else:
            self.guest.cursors[display].move(self.x, self.y)
