"""``python -m spiceproto.tests.canvas_fuzz.record --library PATH [--check]``: write ``data/canvas_scenes.json``, or hold it.

In it are scenes of the fuzz, whole, with what the field's canvas shows after each message: the first of seed 0 that need no
excuse, are small and have no JPEG, until every command was there often enough. The test draws them without the library.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.display import Display
from spiceproto.image_places import images
from spiceproto.tests.canvas_fuzz.choices import Choices
from spiceproto.tests.canvas_fuzz.commands import Scene, scene
from spiceproto.tests.canvas_fuzz.comparison import Difference, compare, ours
from spiceproto.tests.canvas_fuzz.peer import Peer, of_library
from spiceproto.tests.canvas_fuzz.sample import Sample, as_json, of_scene

__all__ = ["SCENES", "digest", "main", "shown"]

SCENES: Final = Path(__file__).parent.parent / "data" / "canvas_scenes.json"
EACH: Final = 6
"""How often each command is there at least."""
SIZE: Final = 3000
"""Most characters of a scene."""


def digest(pictures: list[NDArray[Any]]) -> str:
    """Eight bytes that stand for the pixels of all surfaces."""
    together = hashlib.sha256()
    for pixels in pictures:
        together.update(np.ascontiguousarray(pixels).tobytes())
    return together.hexdigest()[:16]


def shown(whole: Scene, display: Display) -> str:
    """The digest of what a display shows of the surfaces of a scene."""
    return digest([display.surfaces[start.id].pixels for start in whole.starts])


def _after_each(whole: Scene, peer: Peer) -> list[str] | Difference | None:
    """Digests of what both show after each message; the difference if there is one, None if an excuse was needed."""
    excused: Counter[str] = Counter()
    difference = compare(whole, peer, excused)
    if difference is not None or excused:
        return difference
    display, found = ours(whole.starts), []
    for step in whole.steps:
        display.draw(step.value)
        found.append(shown(whole, display))
    return found


def _has_jpeg(whole: Scene) -> bool:
    """Whether an image is JPEG, which another library may decode to other colours."""
    return any(image.jpeg or image.jpeg_alpha for step in whole.steps for image in images(step.value))


def _samples(peer: Peer) -> Iterator[Sample]:
    seen: Counter[str] = Counter()
    number = 0
    while len(seen) < 15 or min(seen.values()) < EACH:
        whole = scene(Choices(random.Random(f"0/{number}")))
        name = f"seed-0-scene-{number}"
        number += 1
        sample = of_scene(whole, name)
        names = [type(step.value).__name__ for step in whole.steps]
        if len(json.dumps(sample)) > SIZE or all(seen[name] >= EACH for name in names) or _has_jpeg(whole):
            continue
        after = _after_each(whole, peer)
        if isinstance(after, Difference):
            raise SystemExit(f"{name}: {' '.join(after.kind)}")
        if after is not None:
            seen.update(names)
            yield sample | {"after": after}


def main(line: list[str] | None = None) -> int:
    """Write, or check, and give the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m spiceproto.tests.canvas_fuzz.record", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("--library", type=Path, required=True, help="what field_canvas.c became: a shared library")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args(line)
    with of_library(given.library.resolve()) as peer:
        text = "[\n" + ",\n".join(as_json(sample) for sample in _samples(peer)) + "\n]\n"
    if given.check:
        same = SCENES.exists() and SCENES.read_text() == text
        print("up to date" if same else f"{SCENES.name} is not what the library shows")
        return 0 if same else 1
    SCENES.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
