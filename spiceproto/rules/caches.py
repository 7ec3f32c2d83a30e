"""What a display client keeps because the server said so: images and palettes.

Images are kept in a cache that several channels may share, and channels overtake each other. So the table of images holds
while one channel has its cache alone: a session takes it away as soon as another channel names the same cache
(:mod:`spiceproto.shares`, which also counts pixels). Palettes belong to one channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.image_places import PALETTED, PATHS
from spiceproto.machine import Begin, Forbidden, Keys, Machine, Place, Rule, Scenario, Split

__all__ = ["IMAGES", "LOSSY", "MACHINES", "PALETTES", "SCENARIOS"]

LOSSY: Final = (ImageType.JPEG, ImageType.JPEG_ALPHA)
"""Images whose pixels are not those of the guest."""

_KEEP, _REPLACE = int(ImageFlags.CACHE_ME), int(ImageFlags.CACHE_REPLACE_ME)


def _words() -> Iterator[tuple[tuple[int, ...], str]]:
    """What type and flags of an image do to the cache; nothing if they are not here."""
    for flags in range((_KEEP | _REPLACE) + 1):
        yield (int(ImageType.FROM_CACHE), flags), "any"
        yield (int(ImageType.FROM_CACHE_LOSSLESS), flags), "lossless"
    for kind in ImageType:
        if kind not in (ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS, ImageType.RESERVED):
            lossy = kind in LOSSY
            yield (int(kind), _KEEP), "kept-lossy" if lossy else "kept"
            if not lossy:
                yield (int(kind), _REPLACE), "in-place"
                yield (int(kind), _KEEP | _REPLACE), "in-place"


_STATES: Final = ("absent", "kept", "lossy")
_TAKEN, _LOSSLESS = "SPICE-CACHE-001", "SPICE-CACHE-002"

IMAGES = Machine(
    "images",
    doc="The images in the pixmap cache of a display channel that has it alone, by `id` of their descriptor.",
    channels=("display",),
    carried=True,
    states={
        "absent": "The client has not kept it.",
        "kept": "The client has the guest's pixels.",
        "lossy": "The client has a copy that JPEG has changed.",
    },
    begins={"destination": Begin(past=False)},
    rules=(
        *[Rule(state, "server", "IMAGE once", state, _TAKEN) for state in _STATES],
        Rule("absent", "server", "IMAGE kept", "kept", _TAKEN),
        Rule("absent", "server", "IMAGE kept-lossy", "lossy", _TAKEN),
        *[Rule(state, "server", "IMAGE kept", "kept", "SPICE-CACHE-004", tolerated=True) for state in ("kept", "lossy")],
        *[Rule(state, "server", "IMAGE kept-lossy", "lossy", "SPICE-CACHE-004", tolerated=True) for state in ("kept", "lossy")],
        Rule("lossy", "server", "IMAGE in-place", "kept", "SPICE-CACHE-005"),
        *[Rule(state, "server", "IMAGE in-place", "kept", "SPICE-CACHE-005", tolerated=True) for state in ("absent", "kept")],
        *[Rule(state, "server", "IMAGE any", state, _TAKEN) for state in ("kept", "lossy")],
        Rule("kept", "server", "IMAGE lossless", "kept", _LOSSLESS),
        *[Rule(state, "server", "INVAL_LIST", "absent", "SPICE-CACHE-006") for state in ("kept", "lossy")],
        Rule("absent", "server", "INVAL_LIST", "absent", "SPICE-CACHE-006", tolerated=True),
        *[Rule(state, "server", "INVAL_ALL_PIXMAPS", "absent", _TAKEN) for state in _STATES],
    ),
    splits=(Split("server", "IMAGE", ("type", "flags"), tuple(_words()), "once", masks=(0xFF, _KEEP | _REPLACE)),),
    forbidden=(
        Forbidden("server", "IMAGE any", _TAKEN),
        Forbidden("server", "IMAGE lossless", _TAKEN),
        Forbidden("server", "IMAGE lossless", _LOSSLESS, state="lossy"),
    ),
    keys=Keys(
        "image",
        ("id",),
        (
            *[
                Place("server", message, ("id",), at=f"{path}.descriptor", letter="IMAGE")
                for message, paths in PATHS.items()
                for path in paths
            ],
            Place("server", "INVAL_LIST", ("id",), at="resources"),
            Place("server", "INVAL_ALL_PIXMAPS", all=True),
        ),
    ),
)

_PALETTE, _MIGRATED = "SPICE-CACHE-010", "SPICE-MIG-049"
_FLAGS: Final = int(BitmapFlags.PAL_CACHE_ME | BitmapFlags.PAL_FROM_CACHE)

PALETTES = Machine(
    "palettes",
    doc="The palettes in the cache of a display channel, by `unique`.",
    channels=("display",),
    carried=True,
    states={
        "absent": "The client has not kept it.",
        "kept": "The client has it.",
        "stale": "The channel has come from another server: what the client has is to be forgotten.",
    },
    begins={"destination": Begin(past=False)},
    rules=(
        *[Rule(state, "server", "PALETTE once", state, _PALETTE) for state in ("absent", "kept", "stale")],
        *[Rule(state, "client", "MIGRATE_DATA", "stale", _MIGRATED) for state in ("absent", "kept", "stale")],
        Rule("absent", "server", "PALETTE kept", "kept", _PALETTE),
        Rule("kept", "server", "PALETTE kept", "kept", "SPICE-CACHE-012", tolerated=True),
        Rule("kept", "server", "PALETTE again", "kept", _PALETTE),
        Rule("kept", "server", "INVAL_PALETTE", "absent", "SPICE-CACHE-013"),
        *[Rule(state, "server", "INVAL_PALETTE", state, "SPICE-CACHE-013", tolerated=True) for state in ("absent", "stale")],
        *[
            Rule(state, "server", message, "absent", _PALETTE)
            for state in ("absent", "kept", "stale")
            for message in ("INVAL_ALL_PALETTES", "RESET")
        ],
    ),
    splits=(
        Split(
            "server",
            "PALETTE",
            ("flags",),
            (((int(BitmapFlags.PAL_CACHE_ME),), "kept"), ((int(BitmapFlags.PAL_FROM_CACHE),), "again")),
            "once",
            masks=(_FLAGS,),
        ),
    ),
    forbidden=(
        Forbidden("server", "PALETTE again", _PALETTE),
        Forbidden("server", "PALETTE again", _MIGRATED, state="stale"),
        Forbidden("server", "PALETTE kept", _MIGRATED, state="stale", then="kept"),
    ),
    keys=Keys(
        "palette",
        ("unique",),
        (
            *[
                Place("server", message, (key,), at=f"{path}.{kind}", letter="PALETTE")
                for message, paths in PATHS.items()
                for path in paths
                for kind in PALETTED
                for key in ("palette.unique", "palette_id")
            ],
            Place("server", "INVAL_PALETTE", ("id",)),
            Place("server", "INVAL_ALL_PALETTES", all=True),
            Place("client", "MIGRATE_DATA", all=True),
            Place("server", "RESET", all=True),
        ),
        alive=("kept",),
        most=256,
        above="SPICE-CACHE-011",
    ),
)

MACHINES = (IMAGES, PALETTES)

SCENARIOS = (
    Scenario(
        "images",
        "An image is kept, drawn again and dropped",
        "images",
        (
            ("server", "IMAGE kept-lossy", "a JPEG picture with CACHE_ME"),
            ("server", "IMAGE any", "FROM_CACHE"),
            ("server", "IMAGE in-place", "the guest's pixels, with CACHE_REPLACE_ME"),
            ("server", "IMAGE lossless", "FROM_CACHE_LOSSLESS"),
            ("server", "INVAL_LIST", ""),
        ),
    ),
    Scenario(
        "palettes",
        "A palette is kept, used again and dropped",
        "palettes",
        (
            ("server", "PALETTE kept", "PAL_CACHE_ME"),
            ("server", "PALETTE again", "PAL_FROM_CACHE: its number alone"),
            ("server", "INVAL_PALETTE", ""),
        ),
    ),
)
