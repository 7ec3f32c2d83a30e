"""A guest in a page: a clock whose hand goes round once in a minute, and ticks.

    spice-reference-server --port 5934 --guest examples/clock_guest.py

A key makes the dial another colour, a button puts the clock where the pointer is. docs/reference.md says what more a guest has.
"""

from math import cos, pi, sin

import numpy as np

from reference_server import Program
from reference_server.guest import Button, Key, Motion, Position

COLOURS = [(160, 80, 32), (64, 144, 32), (48, 48, 176)]  # blue, green, red


class Clock:
    def __init__(self, program: Program) -> None:
        self.screen = program.guest.screens[0]
        width, height = self.screen.size
        self.at = self.pointer = width // 2, height // 2
        self.colour = self.seconds = 0
        program.watch(program.guest.keyboard, self.key, Key)
        program.watch(program.guest.pointer, self.move, Motion, Position)
        program.watch(program.guest.pointer, self.click, Button)
        program.every(1.0, self.draw)  # at once for the first time
        program.play(self.sound)

    def draw(self, seconds: int | None = None) -> None:
        self.seconds = self.seconds if seconds is None else seconds
        width, height = self.screen.size
        x, y = np.arange(width) - self.at[0], np.arange(height)[:, np.newaxis] - self.at[1]
        angle = 2 * pi * self.seconds / 60
        along, across = x * sin(angle) - y * cos(angle), x * cos(angle) + y * sin(angle)
        picture = np.full((height, width, 4), 32, np.uint8)
        picture[x**2 + y**2 < 100**2, :3] = COLOURS[self.colour]
        picture[(abs(across) < 3) & (along > 0) & (along < 90)] = 255
        self.screen.draw(0, 0, picture)

    def key(self, news: Key) -> None:
        self.colour = (self.colour + news.down) % len(COLOURS)
        self.draw()

    def move(self, news: Motion | Position) -> None:
        x, y = self.pointer
        self.pointer = (x + news.dx, y + news.dy) if isinstance(news, Motion) else (news.x, news.y)

    def click(self, news: Button) -> None:
        self.at = self.pointer
        self.draw()

    def sound(self, first: int, count: int, rate: int) -> np.ndarray:
        frames = np.arange(first, first + count)[:, np.newaxis] % rate  # a click at every second
        return np.repeat(8000 * np.exp(-frames / 100) * np.sin(frames / 5), 2, axis=1).astype(np.int16)


guest = Clock
