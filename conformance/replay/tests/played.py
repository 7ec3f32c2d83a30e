"""Recordings for tests, and what is played to references."""

from __future__ import annotations

from pathlib import Path

import conformance
from conformance.address import open_target
from conformance.replay.difference import Compared, compare
from conformance.replay.player import Pace, Played
from conformance.replay.recording import Recording, read
from conformance.replay.replay import play
from conformance.report.pcapng import write

__all__ = ["ANDRIS", "CAPTURES", "SEABIOS", "against", "facts", "recorded"]

_ROOT = Path(conformance.__file__).parent.parent
SEABIOS = _ROOT / "examples" / "seabios.pcapng"
CAPTURES = _ROOT / "spiceproto" / "tests" / "captures"
ANDRIS = CAPTURES / "andris-synthetic.pcapng"


def against(
    recording: Recording, address: str, *, all: bool = False, save: Path | None = None, pace: Pace | None = None
) -> tuple[Played, Compared]:
    """A recording played to a target; ``save``: the new conversation is written there."""
    target = open_target(address)
    try:
        target.start()
        played, transcript = play(recording, target, pace or Pace())
    finally:
        target.stop()
    if save is not None:
        write(save, transcript.chunks, transcript.entries())
    return played, compare(recording, played, target.role, all=all)


def recorded(folder: Path, address: str, capture: Path = SEABIOS) -> Recording:
    """A recording of a target of this kind: the other side is that of a capture."""
    path = folder / "recorded.pcapng"
    against(read(capture), address, save=path)
    return read(path)


def facts(found: Compared) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What differs: kind, channel, name, and the paths of fields."""
    return [(row.kind, row.channel, row.name, tuple([field.path for field in row.fields])) for row in found.differences]
