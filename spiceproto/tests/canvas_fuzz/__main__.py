"""``python -m spiceproto.tests.canvas_fuzz --library PATH [--seed N] [--count N] [--time SECONDS] [--samples FOLDER]``.

Exits with 0 if both canvases showed the same but for what is excused, with 1 if they differed.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path

from spiceproto.tests.canvas_fuzz.exceptions import EXCEPTIONS
from spiceproto.tests.canvas_fuzz.fuzz import Outcome, fuzz
from spiceproto.tests.canvas_fuzz.peer import Peer, of_library
from spiceproto.tests.canvas_fuzz.sample import as_json

__all__ = ["main"]


def _arguments(line: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m spiceproto.tests.canvas_fuzz",
        description="Draw random messages on this canvas and on spice-common's, and compare all surfaces after each.",
        epilog="How the library is built is told at the top of field_canvas.c, beside this program.",
    )
    parser.add_argument("--library", type=Path, required=True, help="what field_canvas.c became: a shared library")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other scenes (1)")
    parser.add_argument("--count", type=int, default=25_000, help="stop after so many commands (25000)")
    parser.add_argument("--time", type=float, default=600.0, help="or after so many seconds (600)")
    parser.add_argument("--samples", type=Path, help="write the smallest case of each kind into this folder, too")
    return parser.parse_args(line)


def _told(outcome: Outcome) -> str:
    lines = [f"{outcome.commands.total()} commands in {outcome.scenes} scenes"]
    lines += [f"  {count:6} {name}" for name, count in sorted(outcome.commands.items())]
    for excuse in EXCEPTIONS:
        if outcome.excused[excuse.name]:
            lines.append(f"{outcome.excused[excuse.name]} times excused, {excuse.name}: {excuse.reason}")
    for kind, found in outcome.found.items():
        lines.append(f"{found.times} times {' '.join(kind)}; the smallest case of scene {found.scene}:")
        lines.append(as_json(found.sample))
    return "\n".join([*lines, f"{len(outcome.found)} kinds of differences" if outcome.found else "no difference"])


def _opened(library: Path, perturbed: int) -> Peer:
    return of_library(library, perturbed=perturbed)


def main(line: list[str] | None = None) -> int:
    """Run, tell, and give the exit status."""
    given = _arguments(line)
    if not given.library.is_file():
        print(f"no such file: {given.library}", file=sys.stderr)
        return 2
    end = time.monotonic() + given.time
    outcome = fuzz(partial(_opened, given.library.resolve()), given.seed, given.count, enough=lambda: time.monotonic() >= end)
    print(_told(outcome))
    if given.samples is not None:
        given.samples.mkdir(parents=True, exist_ok=True)
        for found in outcome.found.values():
            (given.samples / f"{found.sample['name']}.json").write_text(as_json(found.sample) + "\n")
    return 1 if outcome.found else 0


if __name__ == "__main__":
    sys.exit(main())
