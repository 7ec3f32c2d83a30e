"""The gallery: every drawing command, brush, mask, raster operation, clip, scale mode and format, each in a tile of its own.

Which types of images a client gets for it depends on the compression. A key hangs all of it anew, so that a client sees it
being drawn. A click of the mouse shows the next shape of the pointer: one of each type, and none.
"""

from __future__ import annotations

from collections.abc import Iterator

from reference_server.guest import Button, Key, Screen
from reference_server.guest.command import Command
from reference_server.guest.image import put
from reference_server.guests.gallery.areas import areas
from reference_server.guests.gallery.copies import alphas, copies, images
from reference_server.guests.gallery.cursors import shapes
from reference_server.guests.gallery.lines import lines
from reference_server.guests.gallery.pictures import photo, words, writing
from reference_server.guests.gallery.surfaces import composites, surfaces
from reference_server.guests.gallery.tile import SIDE, SIZE, Tile, tiles
from reference_server.guests.mouse import Mouse
from reference_server.guests.program import Program
from spiceproto.messages.display import SurfaceDestroy

__all__ = ["SIZE", "clear", "commands", "gallery", "grounds", "hang"]


def grounds() -> Iterator[Command]:
    """What is below everything else: a picture on each tile."""
    for number, tile in enumerate(tiles()):
        ground = photo(SIDE, SIDE, number % 3) if number % 4 else writing(SIDE, SIDE)
        yield put(words(ground, 200 + (number % 3 if number % 4 else 9)), tile.left, tile.top)


def commands() -> Iterator[Command]:
    """All that is drawn, on a screen of :data:`SIZE`."""
    yield from grounds()
    free: Iterator[Tile] = iter(tiles())
    for rooms in (areas, images, copies, alphas, lines, surfaces, composites):
        yield from rooms(free)


def clear(screen: Screen) -> None:
    """Have a wall with nothing on it."""
    for surface in screen.surfaces[1:]:
        screen.push(SurfaceDestroy(surface.surface_id))
    screen.resize(*SIZE)


def hang(screen: Screen) -> None:
    """Draw all of it; what was there before is gone."""
    clear(screen)
    for command in commands():
        screen.push(command)


def gallery(program: Program) -> None:
    """Hang all of it on every screen."""
    screens = [program.guest.screens[number] for number in range(program.displays)]
    if not program.resumed:
        for screen in screens:
            hang(screen)
    mouse = Mouse(program)
    forms = [*shapes(), None]
    clicks = program.had("clicks", int, 0)
    program.keep("clicks", lambda: clicks)

    def typed(news: Key) -> None:
        if news.down:
            for screen in screens:
                hang(screen)

    def clicked(news: Button) -> None:
        nonlocal clicks
        if news.down:
            clicks += 1
            shape = forms[clicks % len(forms)]
            mouse.show(shape)

    mouse.show(forms[0])
    program.watch(program.guest.pointer, clicked, Button)
    program.watch(program.guest.keyboard, typed, Key)
