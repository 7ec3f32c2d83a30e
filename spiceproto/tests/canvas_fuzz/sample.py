"""A scene, and what the field's canvas shows at its end, as JSON; and the scene again.

    {"name": ...,
     "surfaces": [{"id", "width", "height", "format", "fill" or "pixels"}],
     "messages": [{"type", "body"}],
     "what": ...,
     "shows": {"surface", "left", "top", "pixels"}}

Pixels are rows of numbers in hexadecimal, in the format of their surface; ``fill`` is one number for all of them.
``shows`` is the rectangle outside of which the surface is as it was at the start. It is missing where no picture is to be
compared: the other process ended.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto import dispatch
from spiceproto.canvas.surface import LAYOUTS
from spiceproto.enums.display import SurfaceFmt
from spiceproto.tests.canvas_fuzz.commands import Scene, Start, Step
from spiceproto.tests.canvas_fuzz.comparison import Difference

__all__ = ["Sample", "as_json", "of_difference", "of_scene", "scene_of", "shown_after"]

Sample = dict[str, Any]


def _rows(pixels: NDArray[Any], format: int) -> list[str]:
    digits = max(LAYOUTS[format].bits // 4, 1)
    return [" ".join(f"{int(pixel):0{digits}x}" for pixel in row) for row in pixels]


def _pixels(rows: list[str], format: int) -> NDArray[Any]:
    return np.array([[int(pixel, 16) for pixel in row.split()] for row in rows], LAYOUTS[format].dtype)


def _surface(start: Start) -> Sample:
    found: Sample = {"id": start.id, "width": start.width, "height": start.height, "format": int(start.format)}
    if (start.pixels == start.pixels[0, 0]).all():
        found["fill"] = _rows(start.pixels[:1, :1], start.format)[0]
    else:
        found["pixels"] = _rows(start.pixels, start.format)
    return found


def of_scene(scene: Scene, name: str) -> Sample:
    """The sample of a whole scene, without what it shows."""
    return {
        "name": name,
        "surfaces": [_surface(start) for start in scene.starts],
        "messages": [{"type": step.type, "body": step.body.hex()} for step in scene.steps],
    }


def of_difference(scene: Scene, difference: Difference, name: str) -> Sample:
    """The sample of a scene that ends with its difference."""
    upto = scene._replace(steps=scene.steps[: difference.number + 1])
    found = of_scene(upto, name) | {"what": " ".join(difference.kind)}
    if difference.surface is not None and difference.theirs is not None:
        start, theirs = difference.surface, difference.theirs
        ys, xs = np.nonzero(start.pixels != theirs)
        top, left, bottom, right = (ys.min(), xs.min(), ys.max() + 1, xs.max() + 1) if ys.size else (0, 0, 1, 1)
        found["shows"] = {
            "surface": start.id,
            "left": int(left),
            "top": int(top),
            "pixels": _rows(theirs[top:bottom, left:right], start.format),
        }
    return found


def as_json(sample: Sample) -> str:
    """The sample as JSON, a part a line."""
    parts = []
    for key, value in sample.items():
        if isinstance(value, list):
            items = ",\n    ".join(json.dumps(item) for item in value)
            parts.append(f"  {json.dumps(key)}: [\n    {items}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}"


def scene_of(sample: Sample) -> Scene:
    """The scene of a sample."""
    starts = []
    for surface in sample["surfaces"]:
        format, size = SurfaceFmt(surface["format"]), (surface["height"], surface["width"])
        pixels = (
            np.full(size, int(surface["fill"], 16), LAYOUTS[format].dtype)
            if "fill" in surface
            else _pixels(surface["pixels"], format)
        )
        starts.append(Start(surface["id"], surface["width"], surface["height"], format, pixels))
    steps = []
    for message in sample["messages"]:
        body = bytes.fromhex(message["body"])
        steps.append(Step(dispatch.parse("display", "server", message["type"], body), message["type"], body))
    return Scene(tuple(starts), tuple(steps))


def shown_after(sample: Sample) -> NDArray[Any] | None:
    """The pixels that the field's canvas shows on the surface of a sample at its end, all of them; None if there are none."""
    if "shows" not in sample:
        return None
    shows = sample["shows"]
    start = next(start for start in scene_of(sample).starts if start.id == shows["surface"])
    rows = _pixels(shows["pixels"], start.format)
    out = start.pixels.copy()
    out[shows["top"] : shows["top"] + rows.shape[0], shows["left"] : shows["left"] + rows.shape[1]] = rows
    return out
