"""Scenes of the gallery: one of its rooms at a time, on a wall of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from reference_server.guest import Screen
from reference_server.guest.command import Command
from reference_server.guests.gallery import clear, grounds, hang
from reference_server.guests.gallery.areas import areas
from reference_server.guests.gallery.copies import alphas, copies, images
from reference_server.guests.gallery.lines import lines
from reference_server.guests.gallery.surfaces import composites, surfaces
from reference_server.guests.gallery.tile import Tile, tiles

__all__ = ["SCENES", "draw_scene"]

Room = Callable[[Iterator[Tile]], Iterator[Command]]

SCENES: Final[Mapping[str, tuple[Room, ...]]] = MappingProxyType(
    {
        "areas": (areas,),
        "images": (images,),
        "copies": (copies,),
        "alphas": (alphas,),
        "lines": (lines,),
        "surfaces": (surfaces, composites),  # what is composed is on surfaces
    }
)
"""What each draws, by name; the first one has number 1."""


def draw_scene(screen: Screen, number: int) -> None:
    """Draw a scene of this number, or all of them for 0; what was there before is gone."""
    if not number:
        hang(screen)
        return
    clear(screen)
    for command in grounds():
        screen.push(command)
    free: Iterator[Tile] = iter(tiles())
    for room in tuple(SCENES.values())[number - 1]:
        for command in room(free):
            screen.push(command)
