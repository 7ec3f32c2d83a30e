"""Everything at once, in an order of chance: displays with small caches, clients that stop and go on, sizes that change."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from reference_server import Guest
from reference_server.compression import COMPRESSIONS
from reference_server.guest.command import sources
from reference_server.guests.gallery import commands
from reference_server.tests.memory import serve
from reference_server.tests.viewer import ALL, Caches, Viewer, differs
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import SurfaceFmt
from spiceproto.messages import display

_STEPS = 250
_SIZES = ((640, 480), (320, 240), (500, 470))


def mixed(random: Random, steps: int) -> Any:
    """Run one; returns what is shown wrongly by each display, and how often each message came."""
    guest = Guest(size=(64, 48))
    wire = serve(guest, displays=2, multi_client=True)
    wire.main()
    caches = Caches(random.choice((0, 1000, 4000, 1 << 20)), random.choice((0, 2000, 1 << 20)))
    own = ALL.without(*[item for item in (DisplayCapability.COMPOSITE, DisplayCapability.A8_SURFACE) if random.random() < 0.3])
    viewers = [Viewer(wire, number, own=own, caches=caches) for number in (0, 1)]
    pool = list(commands())
    for _ in range(steps):
        number = random.randrange(2)
        screen, viewer = guest.screens[number], viewers[number]
        chance = random.random()
        if chance < 0.02:
            screen.resize(*random.choice(_SIZES))
        elif chance < 0.04:
            wire.server.compression.set(random.choice(list(COMPRESSIONS)))
        elif chance < 0.06:
            viewer.send(display.PreferredCompression(COMPRESSIONS[random.choice(list(COMPRESSIONS))]))
        elif chance < 0.15:
            screen.animate(random.randrange(4))
        elif chance < 0.3:
            viewer.look(viewers[1 - number])
        else:
            start = random.randrange(len(pool))
            for command in pool[start : start + random.choice((1, 5, 60))]:
                there = {surface.surface_id for surface in screen.surfaces}
                create = isinstance(command, display.SurfaceCreate)
                needed = sources(command) | ({command.base.surface_id} if hasattr(command, "base") else frozenset())
                if needed <= there if not create else not needed & there:
                    screen.push(command)
    wrong = [differs(viewers[number], guest.screens[number], viewers[1 - number]) for number in (0, 1)]
    for number in (0, 1):
        surfaces = guest.screens[number]._drawing().surfaces
        for key, surface in viewers[number].canvas.surfaces.items():
            # The top byte of a pixel without alpha means nothing.
            ones = 0xFFFFFF if surface.format == SurfaceFmt._32_xRGB else surface.layout.ones
            assert not ((surface.pixels ^ surfaces[key].pixels) & surface.pixels.dtype.type(ones)).any(), key
    return wrong


@pytest.mark.parametrize("seed", range(4))
def test_a_mixture(seed: int) -> None:
    assert mixed(Random(seed), _STEPS) == [[], []]
