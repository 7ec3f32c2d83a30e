"""``spiceproto decode CAPTURE``: a capture file as a report."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TextIO

from spiceproto import channels
from spiceproto.capture.decode import Decoder
from spiceproto.capture.places import Place
from spiceproto.capture.source import Readable
from spiceproto.command import fail
from spiceproto.errors import LocalError, SpiceError

if TYPE_CHECKING:
    import argparse

    from spiceproto.capture.consumer import Consumer
    from spiceproto.report.base import Report
    from spiceproto.report.jsonl import JsonReport
    from spiceproto.report.text import TextReport

_WAITS = hasattr(select, "poll")
"""Whether the system can wait for a pipe and for a file: Windows can not."""

_INTERRUPTION_ABOVE = 4 << 20
"""Bytes of capture above which a report is ended in order when the command is interrupted: less takes a tenth of a second."""

_PROGRESS_ABOVE = 20 << 20
"""Bytes of capture above which a progress bar is worth its start-up time."""


class Options:
    """What ``decode`` may be told, and what holds where it is not; see :func:`configure`."""

    follow = False
    format = "text"
    verbose = False
    frames = False
    time: str | None = None
    between: tuple[float | None, float | None] | None = None
    filter: str | None = None
    session: int | None = None
    conversation: int | None = None
    full_data = False
    output: str | None = None
    keylog: str | None = None
    decode_as: Sequence[tuple[Place, str]] = ()

    def __init__(self, capture: str) -> None:
        self.capture = capture


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    # not at import: argparse takes its time
    from spiceproto.command.filtering import Names, Time, add_filter_options, session_number

    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument("--follow", action="store_true", help="wait for what is added to the file, until interrupted")
    parser.add_argument(
        "--format", choices=("text", "jsonl"), default=Options.format, help="text lines (default) or JSON lines"
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="every field with its bytes")
    parser.add_argument("--frames", action="store_true", help="text: a column with the frame that completed each message")
    parser.add_argument(
        "--time",
        action=Time,
        metavar="{relative,absolute,utc,epoch,A..B}",
        help="text: seconds since the first thing seen (default); date and time, of the local zone or UTC; seconds since 1970. "
        "A..B: only from second A to second B, either of which may be left out; may be given beside one of the others",
    )
    parser.add_argument(
        "--conversation",
        type=session_number,
        metavar="N",
        help="text: what client and server of session N say to each other, on all channels in one column each",
    )
    parser.add_argument("--names", action=Names, help="print the names that filters know, and exit")
    parser.add_argument("--full-data", action="store_true", help="jsonl: do not shorten long data")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
    parser.set_defaults(between=None)
    add_filter_options(parser, time=False)
    add_capture_options(parser)


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    """What every command that reads a capture accepts."""
    parser.add_argument("--keylog", metavar="FILE", help="TLS secrets in NSS key-log format (SSLKEYLOGFILE)")
    parser.add_argument(
        "--decode-as",
        metavar="[CLIENT-]ADDR:PORT=CHANNEL",
        action="append",
        default=[],
        type=decode_as,
        help="take connections to this server address, or only those of this client, for SPICE; CHANNEL (as display or "
        "display:1) where the capture does not have the link stage, empty where it has. CLIENT is an ADDR:PORT, too, and ADDR "
        "may be left out of both",
    )


def decode_as(text: str) -> tuple[Place, str]:
    """``127.0.0.1:5900=display`` as ((address or None, port), channel); with both ends, theirs in a row."""
    from argparse import ArgumentTypeError

    ends, _, channel = text.partition("=")
    if channel and channel.partition(":")[0] not in channels.NAMES:
        raise ArgumentTypeError(f"expected a channel ({', '.join(channels.NAMES)}), found {channel!r}")
    client, dash, server = ends.rpartition("-")
    if not dash:
        return _end(server, text), channel
    return (*_end(client, text), *_end(server, text)), channel


def _end(place: str, text: str) -> tuple[str | None, int]:
    from argparse import ArgumentTypeError

    address, _, port = place.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ArgumentTypeError(f"expected [CLIENT-]ADDR:PORT=CHANNEL, found {text!r}")
    return address.strip("[]") or None, int(port)


def run(options: Options | argparse.Namespace) -> int:
    """Decode; exit status as the command says."""
    if options.follow and options.capture == "-":
        return fail("--follow takes the name of a file; standard input is shown as it comes without it")
    if options.follow and not _WAITS:
        return fail("this system can not wait for what is added to a file: --follow needs poll")
    if options.format == "jsonl" and (options.frames or options.time):
        return fail("--frames and --time are for text; JSON lines have the frames and the seconds since 1970")
    if options.conversation is not None:
        if options.format == "jsonl" or options.verbose or options.session is not None:
            return fail("--conversation is text of one session: it goes with neither --format jsonl, --verbose nor --session")
        options.session = options.conversation
    try:
        if options.output is not None:
            from spiceproto.command.output import check

            check(options.capture, options.output)
        with _output(options.output) as out:
            return _live(options, out) if options.follow or _is_live(options.capture) else _whole(options, out)
    except BrokenPipeError:
        raise
    except LocalError as error:
        return fail(error)
    except OSError as error:
        return fail(f"{error.filename or options.output or 'standard output'}: {error.strerror}")


def make_report(options: Options | argparse.Namespace, out: TextIO) -> JsonReport | TextReport:
    """The consumer for what was asked; only its module is imported."""
    if options.format == "jsonl":
        from spiceproto.report.jsonl import JsonReport

        return JsonReport(out, full_data=options.full_data, verbose=options.verbose)
    time = options.time or "relative"
    if options.verbose:
        from spiceproto.report.tree import TreeReport

        return TreeReport(out, time=time, frames=options.frames)
    if options.conversation is not None:
        from spiceproto.report.talk import TalkReport

        return TalkReport(out, time=time, frames=options.frames, session=options.conversation)
    if options.frames:
        from spiceproto.report.framed import FramedReport

        return FramedReport(out, time=time, frames=True)
    from spiceproto.report.text import TextReport

    return TextReport(out, time=time)


def _whole(options: Options | argparse.Namespace, out: TextIO) -> int:
    """A capture that is there. Interrupted, what was read so far is reported."""
    asked: list[bool] = []
    with progress(options.capture) as bar, _interruptible(options.capture, lambda: asked.append(True)):

        def advance(report: Report, done: int, total: int | None) -> None:
            if asked:
                raise KeyboardInterrupt
            if bar is not None:
                bar(done, total)

        return _report(options, out, sys.stdin.buffer if options.capture == "-" else options.capture, advance)


def _live(options: Options | argparse.Namespace, out: TextIO) -> int:
    """A capture that is still being written: every line as soon as its packet is there, until it ends or we are asked to."""
    from spiceproto.capture.live import Live, Unheard
    from spiceproto.command.interruption import when_interrupted

    tell = partial(print, f"spiceproto: {options.capture}", file=sys.stderr, flush=True)
    try:
        capture = Live(options.capture, follow=options.follow, tell=tell, output=_descriptor(out))
    except LocalError as error:
        return fail(error)

    def advance(report: Report, done: int, total: int | None) -> None:
        report.flush()
        out.flush()

    with closing(capture), when_interrupted(capture.stop):
        try:
            return _report(options, out, capture, advance, live=True)
        except Unheard as unheard:
            raise BrokenPipeError from unheard


def _is_live(path: str) -> bool:
    """Whether bytes may still come: anything that is there and no regular file; ``-`` is standard input.

    Where the system can not wait for it, it is read to its end.
    """
    if not _WAITS:
        return False
    try:
        mode = os.fstat(0).st_mode if path == "-" else os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _descriptor(out: TextIO) -> int | None:
    """Of the report, if it has one."""
    try:
        return out.fileno()
    except (OSError, ValueError):
        return None


def _report(
    options: Options | argparse.Namespace,
    out: TextIO,
    capture: str | Readable,
    advance: Callable[[Report, int, int | None], object],
    *,
    live: bool = False,
) -> int:
    """``advance`` is called at the start and after every read."""
    report = make_report(options, out)
    consumer: Consumer = report
    if options.filter is not None or options.session is not None or options.between is not None:
        from spiceproto.command.filtering import selection
        from spiceproto.filters import Selected

        try:
            report.selection = wanted = selection(options)
        except LocalError as error:
            return fail(error)
        assert wanted is not None
        consumer = Selected(report, wanted, clock=report.clock)
    decode_as, read = dict(options.decode_as), partial(advance, report)
    try:
        decoder = Decoder(capture, consumer, keylog=options.keylog, decode_as=decode_as, progress=read, live=live)
    except LocalError as error:
        return fail(error)
    report.begin(decoder, options.capture)
    read(0, None)
    failure: SpiceError | None = None
    interrupted = False
    try:
        decoder.run()
    except SpiceError as error:
        failure = error
    except KeyboardInterrupt:
        interrupted = True
    if failure is not None and not decoder.connections:
        return fail(failure)
    report.end(failure)
    if failure is not None:
        return fail(failure)
    if interrupted:
        print(f"interrupted: the report ends behind frame {decoder.capture.totals.frames}", file=sys.stderr)
        return 130
    return 1 if report.problems["error"] else 0


@contextmanager
def _output(path: str | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with open(path, "w", encoding="utf-8") as out:
        yield out


def _size(path: str) -> int:
    """Of a regular file; 0 where nobody knows."""
    try:
        return 0 if path == "-" else os.stat(path).st_size
    except OSError:
        return 0


def _interruptible(path: str, call: Callable[[], object]) -> AbstractContextManager[None]:
    """Have this called when the command is asked to end; of a short file the report is not worth the start-up time."""
    if path != "-" and _size(path) < _INTERRUPTION_ABOVE:
        return nullcontext()
    from spiceproto.command.interruption import when_interrupted

    return when_interrupted(call)


@contextmanager
def progress(path: str) -> Iterator[Callable[[int, int | None], object] | None]:
    """A progress bar on a terminal, for files that take a while."""
    if _size(path) < _PROGRESS_ABOVE or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    from spiceproto.command.interruption import let_raise

    let_raise()  # the bar hides the cursor, and has to show it again
    with Progress(transient=True) as bar:
        task = bar.add_task("reading", total=_size(path))
        yield lambda done, total: bar.update(task, completed=done, total=total)
