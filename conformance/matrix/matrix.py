"""The folder of a matrix: what is run, what is made of it, and what has changed since the last time.

make     run, and write everything
again    the page once more, from the reports that are there
status   the exit status of the command
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from conformance.conclusion import FAILED, OK, UNUSABLE
from conformance.matrix import badge, page, record
from conformance.matrix.jobs import Done, run_all
from conformance.matrix.pairs import pairs, role_of
from conformance.matrix.record import Implementation, Matrix, Pair
from conformance.matrix.table import implementation, sentences, slim, without_result
from conformance.matrix.targets import Target
from conformance.report import jsonl
from conformance.report.jsonl import Run
from conformance.requirements import described, fingerprint
from conformance.run import installed
from spiceproto.errors import LocalError

__all__ = ["Asked", "Tell", "make", "status"]

_MARK: Final = "– SPICE conformance matrix</title>"
"""What the page of a matrix has at its beginning."""

_HEAD: Final = 4096

Tell = Callable[[Implementation | Pair], None]


class Asked(msgspec.Struct, frozen=True):
    """What is to be done.

    * ``folder``: of the file of targets, in which paths begin; ``output``: where all of it goes
    * ``only``: names of targets that are run, all for none; of others the report is taken that is there
    * ``again``: nothing is run; ``paired``: clients at servers, too
    * ``against``: the folder of an earlier matrix; None for what is in ``output`` before
    """

    targets: tuple[Target, ...]
    folder: Path
    output: Path
    jobs: int = 1
    only: tuple[str, ...] = ()
    again: bool = False
    paired: bool = False
    against: Path | None = None


def make(asked: Asked, told: Tell) -> Matrix:
    """Run what is to be run, and write the folder. ``told`` hears what becomes of each. Raises LocalError, OSError.

    Commands of targets run in the folder of their file.
    """
    output, against = asked.output.resolve(), asked.against.resolve() if asked.against is not None else None
    with contextlib.chdir(asked.folder):
        return _make(msgspec.structs.replace(asked, output=output, against=against), told)


def _make(asked: Asked, told: Tell) -> Matrix:
    for target in asked.targets:
        role_of(target, asked.folder)  # an address without sense is said before anything is run
    output = asked.output
    output.mkdir(parents=True, exist_ok=True)
    _check(output)
    against = asked.against or output
    earlier = {target.name: run for target in asked.targets if (run := _earlier(against / target.slug)) is not None}
    if asked.again and asked.against is None:
        earlier = {}  # what is there is what the page is about
    last = _last(output) if asked.again or asked.only else None
    wanted = asked.only or [target.name for target in asked.targets]
    chosen = [target for target in asked.targets if not asked.again and not target.skip and target.name in wanted]
    found: dict[str, Implementation] = {}

    def over(target: Target, done: Done) -> None:
        found[target.name] = _read(target, output, asked.folder, done, earlier.get(target.name))
        told(found[target.name])

    began = datetime.now(UTC).isoformat(timespec="seconds")
    run_all(chosen, asked.folder, output, asked.jobs, over)
    for target in asked.targets:
        if target.name not in found:
            why = f"left out: {target.skip}" if target.skip else "not run: there is no report"
            before = None if asked.against is None else earlier.get(target.name)
            found[target.name] = _read(target, output, asked.folder, Done(UNUSABLE, why), before)
    for kept in last.implementations if last is not None else ():
        now = found.get(kept.name)
        if now is not None and now.changes is None and now.started == kept.started:
            found[kept.name] = msgspec.structs.replace(now, changes=kept.changes)
    tried = last.pairs if last is not None else ()
    paired = asked.paired or bool(tried and last is not None and last.paired)
    if asked.paired and not asked.again:
        tried = pairs(asked.targets, asked.folder, output / "pairs", asked.jobs, told)
    matrix = Matrix(
        began,
        installed(),
        fingerprint(),
        tuple([found[target.name] for target in asked.targets]),
        sentences(described()),
        paired=paired,
        pairs=tried,
    )
    _write(output, matrix)
    return matrix


def _read(target: Target, output: Path, folder: Path, done: Done, earlier: Run | None) -> Implementation:
    """What the report of a target says, if there is one."""
    path = output / target.slug / "results.jsonl"
    if done.status == UNUSABLE and target.skip:
        return without_result(target, done.why, done.status, role_of(target, folder))
    try:
        run = jsonl.partial(path)
    except LocalError as error:
        return without_result(target, done.why or str(error), done.status, role_of(target, folder))
    return implementation(target, run, run.footer.exit_status, earlier, done.why)


def _earlier(folder: Path) -> Run | None:
    """The run whose report is there, if that is a whole one."""
    try:
        return slim(jsonl.read(folder / "results.jsonl"))
    except LocalError:
        return None


def _last(output: Path) -> Matrix | None:
    path = output / "matrix.json"
    return record.read(path) if path.exists() else None


def _check(output: Path) -> None:
    """Raises LocalError where a page of somebody else would be overwritten."""
    path = output / "index.html"
    if path.exists() and _MARK not in path.read_text(encoding="utf-8", errors="replace")[:_HEAD]:
        raise LocalError("index.html there is no page of a matrix, and would be overwritten", where=str(output))


def _write(output: Path, matrix: Matrix) -> None:
    record.write(output / "matrix.json", matrix)
    for item in matrix.implementations:
        (output / f"{item.slug}.svg").write_text(badge.badge(item), encoding="utf-8")
    there = [item.slug for item in matrix.implementations if os.path.exists(output / item.slug / "index.html")]
    (output / "index.html").write_text(page.page(matrix, there), encoding="utf-8")


def status(implementations: Sequence[Implementation], tried: Sequence[Pair]) -> int:
    """0 where nothing unexpected was found, 1 where anything was, 3 where a target could not be tested."""
    verdicts = [item.verdict for item in implementations]
    if "does not conform" in verdicts or not all(pair.good for pair in tried):
        return FAILED
    return OK if all(verdict in ("conforms", "conforms in scope") for verdict in verdicts) else UNUSABLE
