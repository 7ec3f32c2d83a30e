"""Which files a report has, and which of them an earlier report has left in a folder.

    names     of the files of one case: capture, script, pictures          known   those of the run itself
    check     that no file of somebody else would be overwritten
    Earlier   what is in a folder before a run: files of an earlier report, and what is somebody else's

A file is known as ours by its name and by whose record names it, or whose case has that name; those of the run, which have
names that others use too, by what stands in them. Nothing else in a folder is ever removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from conformance.naming import counted
from conformance.results import SCHEMA
from spiceproto.errors import LocalError

__all__ = ["KINDS", "Earlier", "check", "file_name", "known", "names", "picture_name"]

KINDS: Final = ("expected", "shown", "difference")
"""Of pictures."""

_HEAD: Final = 4096
"""Bytes of a file that show whose it is."""

_MARKS: Final[Mapping[str, bytes]] = {
    "results.jsonl": f'"{SCHEMA.partition("/")[0]}/'.encode(),
    "junit.xml": b'<testsuites name="spiceconf"',
    "index.html": "– SPICE conformance</title>".encode(),
}
"""Files of the run, and what stands at their beginning."""

_PART: Final = "results.jsonl.part"
"""What somebody leaves who is killed while the records are written once more."""

_NAMED: Final = 3
"""Other things in a folder that are named."""


class _Case(msgspec.Struct):
    """As much of a record as names files."""

    id: str = ""


_case: Callable[[bytes], _Case] = msgspec.json.Decoder(_Case).decode


def file_name(id: str) -> str:
    """What files of a case are called: its id, with an underscore for the slash and for what file systems dislike."""
    return "".join([letter if letter.isalnum() or letter in "-_.=+" else "_" for letter in id])


def names(id: str) -> tuple[str, ...]:
    """Capture and script of a case, and its pictures: expected, shown, difference."""
    name = file_name(id)
    return f"{name}.pcapng", f"repro_{name}.py", *[picture_name(id, kind) for kind in KINDS]


def picture_name(id: str, kind: str) -> str:
    """One picture of a case. Raises ValueError for a kind that is none, as a record of somebody else may have."""
    return f"{file_name(id)}.{KINDS[KINDS.index(kind)]}.png"


def known() -> tuple[str, ...]:
    """The files of a run."""
    return tuple(_MARKS)


def check(folder: Path) -> None:
    """Raises LocalError where a file of somebody else has the name of one that is going to be written."""
    for name, mark in _MARKS.items():
        if (folder / name).exists() and not _is_ours(folder / name, mark):
            raise LocalError(
                f"{name} there is no file of spiceconf, and would be overwritten", where=str(folder), expected="another folder"
            )


class Earlier:
    """A folder before a report is written into it. ``ids`` are cases whose files are ours although no record is there.

    ``others`` are the names of what is not ours, in order. Raises what :func:`check` raises.
    """

    def __init__(self, folder: Path, ids: Iterable[str] = ()) -> None:
        check(folder)
        self._folder = folder
        there = sorted([path.name for path in folder.iterdir()]) if folder.is_dir() else []
        ours = {*_MARKS, _PART}
        for id in (*ids, *_recorded(folder / "results.jsonl")):
            ours.update(names(id))
        self._ours = [name for name in there if name in ours]
        self.others = tuple([name for name in there if name not in ours])

    def remove(self) -> str:
        """Remove what is ours; a sentence about that, "" where the folder was empty. Raises OSError."""
        for name in self._ours:
            (self._folder / name).unlink(missing_ok=True)
        parts = []
        if self._ours:
            one = len(self._ours) == 1
            parts.append(f"{counted(len(self._ours), 'file')} of an earlier report {'was' if one else 'were'} removed")
        if self.others:
            more = len(self.others) - _NAMED
            shown = ", ".join(self.others[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            parts.append(f"what is no part of a report stays there: {shown}")
        return f"{self._folder}: {'; '.join(parts)}" if parts else ""


def _is_ours(path: Path, mark: bytes) -> bool:
    """Whether a file of ours begins so; an empty one is what is left of a run that came to nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return not head or mark in head


def _recorded(path: Path) -> Iterator[str]:
    """The cases of the records in a file; it may end in half a record."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            try:
                found = _case(line)
            except msgspec.DecodeError:
                continue
            if found.id:
                yield found.id
