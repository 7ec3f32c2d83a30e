"""The images of drawing messages in the words of reports: which streams they have, with the headers of these.

Masks are left out, for they are bitmaps without a stream. A report of lines only says what does not fit, so it asks
:func:`doubts` first, which look at a few bytes (:mod:`spiceproto.report.doubt`); the others find all streams
(:mod:`spiceproto.report.streams`). Neither is imported before there is a display channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from spiceproto.codecs.stream_headers import Stream
    from spiceproto.dispatch import Row
    from spiceproto.report.streams import Seen
    from spiceproto.report.tally import Tally

__all__ = ["as_dict", "as_dicts", "doubts", "numbers", "title"]


def numbers(table: str, rows: Mapping[int, Row]) -> frozenset[int]:
    """The messages of a table that may have images with streams."""
    if table != "display":
        return frozenset()
    from spiceproto.image_places import PICTURES

    return frozenset(number for number, row in rows.items() if row.name in PICTURES)


def doubts(table: str, rows: Mapping[int, Row], tally: Tally) -> dict[int, Callable[[bytes], bool]]:
    """Number to a function that says whether a fault could be found in the images of a message that is well formed.

    On the way each image is put into the tally.
    """
    found = numbers(table, rows)
    if not found:
        return {}
    from spiceproto.report.doubt import doubt

    return {number: doubt(rows[number].name, tally) for number in found}


def title(path: str, stream: Stream) -> str:
    """A stream in one line."""
    said = as_dict(path, stream)
    parts = [f"{path}: {stream.codec} stream of {stream.size} bytes{' inside zlib' * (stream.place is None)}: {said['type']}"]
    if "width" in said:
        parts[0] += f" {said['width']}x{said['height']}"
    if "top_down" in said:
        parts.append("top row first" if said["top_down"] else "bottom row first")
    parts += [f"{name.replace('_', ' ')} {said[name]}" for name in ("id", "window_head_distance", "components") if name in said]
    return ", ".join(parts)


_FRAMES: Final = ("baseline", "extended", "progressive", "lossless")


def as_dict(path: str, stream: Stream) -> dict[str, Any]:
    """A stream for JSON lines."""
    from spiceproto.codecs import stream_headers

    header: Any = stream.header
    kind = stream_headers.kind(header)
    if stream.codec == "JPEG":
        name: str | int = _FRAMES[kind] if kind < len(_FRAMES) else kind
    else:
        name = getattr(kind, "name", "").removeprefix("_") or int(kind)
    said: dict[str, Any] = {
        "path": path,
        "codec": stream.codec,
        "size": stream.size,
        "inflated": stream.place is None,
        "type": name,
    }
    size, top_down = stream_headers.size(header), stream_headers.direction(header)
    if size is not None:
        said["width"], said["height"] = size
    if top_down is not None:
        said["top_down"] = top_down
    for field, shown in (
        ("version", "version"),
        ("stride", "stride"),
        ("image_id", "id"),
        ("window_head_distance", "window_head_distance"),
        ("components", "components"),
    ):
        if hasattr(header, field):
            said[shown] = getattr(header, field)
    return said


def as_dicts(seen: list[Seen]) -> list[dict[str, Any]]:
    """All streams of a message."""
    return [as_dict(item.path, stream) for item in seen for stream in item.found.streams]
