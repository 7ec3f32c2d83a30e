"""Where the images of a message begin in its body, without parsing the rest of it, and which streams they have."""

from __future__ import annotations

import struct
from typing import NamedTuple

from spiceproto.codecs import stream_headers
from spiceproto.codecs.stream_headers import Found
from spiceproto.codecs.stream_kinds import PLAIN
from spiceproto.image_places import PICTURES, offsets
from spiceproto.report.heads import HEAD_END, TYPE
from spiceproto.report.tally import Tally

__all__ = ["Seen", "look", "places"]


class Seen(NamedTuple):
    """An image that has streams or should have: the ``path`` of its field, and what was ``found``."""

    path: str
    found: Found


def places(name: str, body: bytes) -> list[tuple[str, int]]:
    """Path and offset of the images of a message, masks not counted.

    Raises struct.error or IndexError if the body is not whole.
    """
    if name not in PICTURES:
        return []
    return [item for item in zip(PICTURES[name], offsets(name)(body), strict=True) if item[1]]


def look(name: str, body: bytes, tally: Tally | None = None) -> list[Seen]:
    """The images of a message that have streams, or are of a type that nobody knows; none of a message that is not whole.

    All of its images are put into the tally, if there is one.
    """
    seen = []
    try:
        for path, offset in places(name, body):
            if tally is not None:
                tally.heads[body[offset + TYPE : offset + HEAD_END]] += 1
            if body[offset + TYPE] not in PLAIN:
                seen.append(Seen(path, stream_headers.read(body, offset)))
    except (struct.error, IndexError):
        return []  # which its parser says
    return seen
