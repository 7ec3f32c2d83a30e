"""Fields that have a column of their own, since many messages have them: places, sizes, images, streams, formats.

They are taken out of the JSON form of a message; which ones a message can have is known from its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from spiceproto.codecs.stream_kinds import CODECS
from spiceproto.enums.image import ImageType
from spiceproto.filters.fields import fields
from spiceproto.image_places import PICTURES

__all__ = ["SCALARS", "scalars"]


class _Place(NamedTuple):
    """A column and a field that may be in it: of ``messages`` whose name begins so, on ``channels``; any if there are none."""

    column: str
    path: str
    messages: str = ""
    channels: tuple[str, ...] = ()


_POINTER: Final = ("inputs", "cursor", "main")

_PLACES: Final = (
    _Place("surface_id", "base.surface_id"),
    _Place("surface_id", "surface_id"),
    *[_Place(side, f"{box}.{side}") for box in ("base.box", "dest") for side in ("left", "top", "right", "bottom")],
    _Place("width", "width"),
    _Place("height", "height"),
    _Place("width", "stream_width"),
    _Place("height", "stream_height"),
    _Place("width", "x_res"),
    _Place("height", "y_res"),
    _Place("format", "format"),
    _Place("codec", "codec_type"),
    _Place("codec", "mode", "MODE"),
    _Place("stream_id", "stream_id", "STREAM_"),
    _Place("stream_id", "base.id", "STREAM_"),
    _Place("stream_id", "id", "STREAM_"),
    _Place("multi_media_time", "base.multi_media_time"),
    _Place("multi_media_time", "multi_media_time"),
    _Place("multi_media_time", "time"),
    *[_Place(axis, path, "", _POINTER) for axis in ("x", "y") for path in (axis, f"position.{axis}")],
)

_IMAGE: Final = ("image_id", "image_type", "image_codec", "image_width", "image_height", "image_bytes")

SCALARS: Final = (
    *("surface_id", "left", "top", "right", "bottom"),
    *_IMAGE,
    *("width", "height", "format", "codec", "stream_id", "multi_media_time", "x", "y"),
)
"""The columns, in their order."""

_WORDS: Final = ("format", "codec")

_NONE: Final = (None,) * len(SCALARS)

_FIRST: Final = SCALARS.index(_IMAGE[0])

_CODEC: Final = {ImageType(number).name: codecs[0] for number, codecs in CODECS.items()}

Plan = tuple[tuple[tuple[int, tuple[str, ...]], ...], tuple[tuple[str, ...], ...]]
"""Places of columns and ways to their fields; ways to images."""


@cache
def _plan(value_class: type, channel: str, name: str) -> Plan:
    kinds = {field.path: field.kind.form for field in fields(value_class)}
    found: dict[int, tuple[str, ...]] = {}
    for place in _PLACES:
        wanted = "enum" if place.column in _WORDS else "number"
        if kinds.get(place.path) == wanted and name.startswith(place.messages) and channel in (place.channels or (channel,)):
            found.setdefault(SCALARS.index(place.column), tuple(place.path.split(".")))
    images = PICTURES.get(name, ()) if channel == "display" else ()
    return tuple(found.items()), tuple([tuple(path.split(".")) for path in images])


def scalars(value_class: type, channel: str, name: str, said: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values of :data:`SCALARS` of a message, whose fields are ``said`` in their JSON form; None for what it lacks."""
    places, images = _plan(value_class, channel, name)
    if not places and not images:
        return _NONE
    row: list[Any] = [None] * len(SCALARS)
    for column, path in places:
        value = _at(said, path)
        row[column] = str(value) if value is not None and SCALARS[column] in _WORDS else value
    for path in images:
        image = _at(said, path)
        if image is not None:
            row[_FIRST : _FIRST + len(_IMAGE)] = _image(image)
            break
    return tuple(row)


def _at(said: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        said = said.get(name)
        if said is None:
            return None
    return said


def _image(image: Mapping[str, Any]) -> tuple[Any, ...]:
    head = image["descriptor"]
    type = str(head["type"])
    size = None
    for name, part in image.items():
        if name == "bitmap":
            size = part["stride"] * part["y"]
        elif name != "descriptor":
            size = part.get("data_size")
    return head["id"], type, _CODEC.get(type), head["width"], head["height"], size
