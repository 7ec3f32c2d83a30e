"""``spiceconf matrix TARGETS.toml``: many implementations beside each other, on one page.

Exit status: 0 nothing unexpected, 1 an implementation does not conform or a pair is not well, 3 one cannot be tested or has no
result. What is left out (``skip``) is neither.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from spiceproto.errors import LocalError

__all__ = ["configure", "run"]

_MOST = 64
"""Runs at a time."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add = parser.add_argument
    add("targets", metavar="TARGETS", type=Path, help="TOML file with a table [[target]] for each (docs/conformance.md)")
    add("-o", "--output", metavar="DIR", type=Path, default=Path("matrix"), help="where all of it goes; matrix unless said")
    add("-n", "--jobs", metavar="N", type=int, default=1, help="so many runs at a time")
    add("--only", metavar="NAME", action="append", default=[], help="run this target, and take the report of others as it is")
    add("--again", action="store_true", help="run nothing: make the page of the reports that are there")
    add("--pairs", action="store_true", help="each client at each server, too, through the proxy")
    add("--against", metavar="DIR", type=Path, help="compare with this matrix; else with the one that is in DIR of -o before")


def run(options: argparse.Namespace) -> int:
    """Make it."""
    from conformance.matrix.matrix import Asked, make, status
    from conformance.matrix.record import Implementation, Pair
    from conformance.matrix.targets import read
    from conformance.report.console import plain
    from spiceproto.suggestion import expected

    if not 1 <= options.jobs <= _MOST:
        raise LocalError("a value without sense for --jobs", expected=f"1 to {_MOST}", actual=str(options.jobs))
    if options.against is not None and not (options.against / "matrix.json").exists():
        raise LocalError("no matrix is there", where=str(options.against), expected="a folder with matrix.json")
    targets = read(options.targets)
    names = [target.name for target in targets]
    for name in options.only:
        if name not in names:
            raise LocalError("no target has this name", expected=expected(name, names), actual=name)

    def told(item: Implementation | Pair) -> None:
        if isinstance(item, Pair):
            print(plain(f"{item.client} at {item.server}: {_said(item)}"), flush=True)
        else:
            print(plain(f"{item.name}: {item.verdict}: {item.reasons[0]}{_changed(item)}"), flush=True)

    asked = Asked(
        targets,
        options.targets.resolve().parent,
        options.output,
        options.jobs,
        tuple(options.only),
        options.again,
        options.pairs,
        options.against,
    )
    matrix = make(asked, told)
    print(options.output / "index.html")
    left_out = {target.name for target in targets if target.skip}
    return status([item for item in matrix.implementations if item.name not in left_out], matrix.pairs)


def _said(pair: object) -> str:
    from conformance.matrix.record import Pair

    assert isinstance(pair, Pair)
    if pair.connected is None:
        return f"not tried: {pair.why}"
    if not pair.connected:
        return f"not connected: {pair.why}"
    broken = f"{len(pair.broken)} sentences broken: {', '.join(pair.broken)}" if pair.broken else "no sentence broken"
    more = f" ({pair.picture_why})" if pair.picture_why else ""
    return f"connected, picture {pair.picture}{more}, {broken} in {pair.messages} messages"


def _changed(item: object) -> str:
    from conformance.matrix.record import Implementation

    assert isinstance(item, Implementation)
    if item.changes is None:
        return ""
    counts = [(name, len(getattr(item.changes, name))) for name in ("broken", "fixed", "new", "gone")]
    said = ", ".join([f"{count} {name}" for name, count in counts if count])
    return f"; since {item.changes.since}: {said or 'nothing broken or fixed'}"
