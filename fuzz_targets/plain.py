"""Damaged seeds, without anything that has to be installed: what tests and CI run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from fuzz_targets.target import Target
from spiceproto.tests.codec_mutations import mutated

__all__ = ["SUFFIX", "Campaign", "Crash", "inputs", "run", "write"]

SUFFIX: Final = ".bin"
_LARGEST_FILE: Final = 1 << 20
_BATCH: Final = 200
_KINDS: Final = 20
"""Crashes of different places that are kept."""


class Crash(msgspec.Struct):
    """An input, and what it raised; ``where`` is the innermost place in a file of ours."""

    data: bytes
    error: BaseException
    where: str


class Campaign(msgspec.Struct):
    """What became of the inputs: ``slowest`` is the longest that one took, in seconds."""

    target: Target
    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    crashes: list[Crash] = []


def inputs(target: Target, folder: Path | None = None) -> list[bytes]:
    """The seeds, and the files of a corpus: those of ``folder`` are in one of the target's name."""
    found = list(target.seeds())
    if folder is not None and (folder / target.name).is_dir():
        for path in sorted((folder / target.name).iterdir()):
            if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
                found.append(path.read_bytes())
    return list(dict.fromkeys(found))


def _place(error: BaseException) -> str:
    trace, found = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            found = f"{Path(code.co_filename).name}:{code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__} in {found}"


def _made(known: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """The known ones, and damaged ones for ever."""
    yield from known
    batch = 0
    while known:
        yield from mutated(known, _BATCH, seed=seed * 1_000_003 + batch)
        batch += 1


def run(
    target: Target,
    known: Sequence[bytes],
    *,
    count: int = 0,
    seconds: float = 0.0,
    seed: int = 0,
    tell: Callable[[Crash], None] = lambda crash: None,
) -> Campaign:
    """So many inputs, or so many seconds; the known ones first. By count, one seed makes the same inputs each time."""
    campaign = Campaign(target, crashes=[])
    began = time.monotonic()
    for data in _made(known, seed):
        if count and campaign.count >= count:
            break
        started = time.monotonic()
        if seconds and started - began >= seconds:
            break
        data = data[: target.largest]
        try:
            target.once(data)
        except Exception as error:
            where = _place(error)
            if len(campaign.crashes) < _KINDS and all(crash.where != where for crash in campaign.crashes):
                campaign.crashes.append(Crash(data, error, where))
                tell(campaign.crashes[-1])
        campaign.count += 1
        campaign.slowest = max(campaign.slowest, time.monotonic() - started)
    campaign.seconds = time.monotonic() - began
    return campaign


def write(folder: Path, data: bytes) -> Path:
    """An input as a file of a corpus; the name says what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(data).hexdigest()[:16]}{SUFFIX}"
    path.write_bytes(data)
    return path
