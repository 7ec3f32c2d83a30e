"""What of its connections a capture does not have: where, and how much.

A capture is cut, lossy, begun late or of one side only more often than not, and nobody may be judged by that. So whoever
reports says it: one :class:`Unseen` for each thing that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from spiceproto.capture.layers import Connection, Totals

__all__ = ["Unseen", "lines", "of_all", "unseen"]

What = Literal["beginning", "bytes", "versions", "side", "end"]


class Unseen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is missing of a connection.

    * ``connection``: its number
    * ``what``: its beginning; bytes of a side; which of two versions of bytes of a side counts; all of a side; its end, after
      that of the capture
    * ``side``: "client" or "server"; "" for both
    * ``holes``, ``size``: how many, and their bytes together, as far as the other side's acknowledgements tell
    * ``frame``: where the first one was noticed
    * ``words``: a sentence about the versions
    """

    connection: int
    what: What
    side: str = ""
    holes: int = 0
    size: int = 0
    frame: int = 0
    words: str = ""

    def __str__(self) -> str:
        if self.what == "beginning":
            return f"connection {self.connection}: began before the capture"
        if self.what == "end":
            return f"connection {self.connection}: no end was captured"
        if self.what == "side":
            size = f", at least {self.size} bytes" if self.size else ""
            return f"connection {self.connection}: nothing of the {self.side} was captured{size}"
        if self.what == "versions":
            return f"connection {self.connection}: {self.words}"
        places = f"{self.holes} place{'s'[: self.holes != 1]}, the first noticed at frame {self.frame}"
        return f"connection {self.connection}: {self.size} bytes of the {self.side} were not captured, in {places}"


def unseen(connection: Connection) -> tuple[Unseen, ...]:
    """What is missing of a connection that is over, or whose capture is."""
    number = connection.number
    found = [Unseen(connection=number, what="beginning")] if connection.midstream else []
    for side, item in connection.missing.items():
        what: What = "side" if connection.only not in ("", side) else "bytes"
        found.append(Unseen(connection=number, what=what, side=side, holes=item.holes, size=item.size, frame=item.frame))
    for side, versions in connection.versions.items():
        if versions.holes:
            found.append(
                Unseen(
                    connection=number,
                    what="versions",
                    side=side,
                    holes=versions.holes,
                    size=versions.size,
                    frame=versions.second,
                    words=versions.contested_words(side),
                )
            )
    if connection.only and not any(item.what == "side" for item in found):
        other = "server" if connection.only == "client" else "client"
        found.append(Unseen(connection=number, what="side", side=other))
    if not connection.ends:
        found.append(Unseen(connection=number, what="end"))
    return tuple(found)


def lines(found: Sequence[Unseen], *, cut_frames: int = 0) -> list[str]:
    """All of it for people; connections that only go on share a line.

    ``cut_frames`` were shortened by the capturing program.
    """
    said = [str(item) for item in found if item.what != "end"]
    if cut_frames:
        said.append(f"{cut_frames} frames were captured in part: ask for a larger snapshot length (tcpdump -s 0)")
    on = [str(item.connection) for item in found if item.what == "end"]
    if on:
        few = on if len(on) <= 8 else [*on[:7], f"{len(on) - 7} more"]
        names = few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}"
        said.append(f"connection{'s'[: len(on) != 1]} {names}: no end was captured")
    return said


def of_all(found: Sequence[Unseen], totals: Totals, cut: Sequence[str] = ()) -> list[str]:
    """What is missing of a capture, for people: of its connections, what is encrypted, and where its file ends (``cut``)."""
    said = lines(found, cut_frames=totals.truncated_frames)
    sealed = totals.opaque_connections
    if sealed:
        said.append(f"{sealed} connection{'s are' if sealed > 1 else ' is'} encrypted, and the secrets are missing: --keylog")
    return [*said, *cut]
