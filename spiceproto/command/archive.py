"""``spiceproto archive DIR... -o OUT``: many captures as tables of Parquet."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options
from spiceproto.command.interruption import let_raise
from spiceproto.command.judging import lint_of_the_suite
from spiceproto.errors import LocalError, in_words

if TYPE_CHECKING:
    from spiceproto.archive.archive import Archive
    from spiceproto.archive.captures import Asked, File
    from spiceproto.archive.part import Job, Written

_MOST_SAID: Final = 20
_PROCESSES: Final = 256


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "captures", metavar="DIR", nargs="+", help="folder with captures, in folders of its own as well; or a capture"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help="folder of the archive; what is in it and has not changed is not read again",
    )
    parser.add_argument("--filter", metavar="EXPR", help="only messages that fit, as: channel == display and name == DRAW_COPY")
    parser.add_argument("--no-rules", action="store_true", help="do not look which sentences of the specification are broken")
    many = parser.add_mutually_exclusive_group()
    many.add_argument("-j", "--jobs", type=_processes, default=1, metavar="N", help="processes of this machine (default: 1)")
    many.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="scheduler of a Dask cluster whose workers do it; they have the captures and OUT at the same paths",
    )
    add_capture_options(parser)


def _processes(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= _PROCESSES:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {_PROCESSES}, found {text!r}")
    return int(text)


def work(job: Job) -> Written:
    """One part, in this process or in another one."""
    from spiceproto.archive.part import write

    return write(job, lint_of_the_suite if job.asked.rules else None)


def run(options: argparse.Namespace) -> int:
    """Write; exit status as the command says. What is wrong with captures is in the archive."""
    let_raise()
    try:
        return _run(options)
    except LocalError as error:
        return fail(error)
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(in_words(error))


def _run(options: argparse.Namespace) -> int:
    from spiceproto.archive.archive import Archive
    from spiceproto.archive.captures import Asked, find
    from spiceproto.filters import Filter

    if options.filter is not None:
        Filter(options.filter)
    asked = Asked(
        filter=options.filter,
        decode_as=tuple(options.decode_as),
        rules=not options.no_rules,
        keylog=os.path.abspath(options.keylog) if options.keylog is not None else None,
    )
    output = Path(options.output)
    files = find([os.path.abspath(name) for name in options.captures], output)
    with Archive.open(output) as archive:
        old = archive.old(files, asked)
        summary = _Summary(len(files), len(old))
        try:
            _put(archive, old, asked, options, summary)
        except KeyboardInterrupt:
            print(
                f"interrupted: {summary.done} of {len(old)} captures are in the archive; the same command goes on",
                file=sys.stderr,
            )
            return 130
    summary.tell(output)
    return 0


def _put(archive: Archive, old: list[File], asked: Asked, options: argparse.Namespace, summary: _Summary) -> None:
    from spiceproto.pool import open_pool

    with open_pool(options.dask, min(options.jobs, max(len(old), 1))) as pool:
        archive.put(old, asked, pool, work, summary.add)


class _Summary:
    """What is said at the end: how many captures, and which could not be read."""

    def __init__(self, files: int, new: int) -> None:
        self.files = files
        self.new = new
        self.done = 0
        self.rows = 0
        self.statuses: Counter[str] = Counter()
        self.reasons: list[tuple[str, str, str]] = []
        self.more = 0

    def add(self, written: Written, captures: int) -> None:
        """A part is in its place."""
        self.done += captures
        self.rows += written.rows
        self.statuses.update(written.statuses)
        room = _MOST_SAID - len(self.reasons)
        self.reasons += written.reasons[:room]
        self.more += max(len(written.reasons) - room, 0)

    def tell(self, output: Path) -> None:
        """All of it."""
        for capture, status, reason in self.reasons:
            print(f"{status}: {capture}: {reason}")
        if self.more:
            print(f"... and {self.more} more; all of them are in the table captures")
        known = ", ".join(f"{count} {status}" for status, count in self.statuses.most_common())
        same = f"; {self.files - self.new} are in it as they are" if self.files > self.new else ""
        print(f"{output}: {self.new} captures read{f' ({known})' if known else ''}, {self.rows} rows of messages{same}")
