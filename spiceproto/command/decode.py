"""``spiceproto decode CAPTURE``: a capture file as a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from spiceproto.capture.decode import CHANNELS, Decoder
from spiceproto.command import fail
from spiceproto.errors import LocalError, SpiceError

if TYPE_CHECKING:
    from spiceproto.report.jsonl import JsonReport
    from spiceproto.report.text import TextReport

_PROGRESS_ABOVE = 20 << 20
"""Bytes of capture above which a progress bar is worth its start-up time."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps in gzip; - for standard input")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="text lines (default) or JSON lines")
    parser.add_argument("--verbose", "-v", action="store_true", help="every field with its bytes")
    parser.add_argument("--full-data", action="store_true", help="jsonl: do not shorten long data")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
    add_capture_options(parser)


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    """What every command that reads a capture accepts."""
    parser.add_argument("--keylog", metavar="FILE", help="TLS secrets in NSS key-log format (SSLKEYLOGFILE)")
    parser.add_argument(
        "--decode-as",
        metavar="ADDR:PORT=CHANNEL",
        action="append",
        default=[],
        type=decode_as,
        help="take connections to this server address for SPICE; CHANNEL (as display or display:1) where the capture does "
        "not have the link stage, empty where it has. ADDR may be left out",
    )


def decode_as(text: str) -> tuple[tuple[str | None, int], str]:
    """``127.0.0.1:5900=display`` as ((address or None, port), channel)."""
    place, _, channel = text.partition("=")
    address, _, port = place.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"expected ADDR:PORT=CHANNEL, found {text!r}")
    if channel and channel.partition(":")[0] not in CHANNELS:
        raise argparse.ArgumentTypeError(f"expected a channel ({', '.join(CHANNELS)}), found {channel!r}")
    return (address.strip("[]") or None, int(port)), channel


def run(options: argparse.Namespace) -> int:
    """Decode; exit status as the command says."""
    try:
        with _output(options.output) as out:
            return _report(options, out)
    except OSError as error:
        return fail(f"{error.filename or options.output}: {error.strerror}")


def _make_report(options: argparse.Namespace, out: TextIO) -> JsonReport | TextReport:
    """The consumer for what was asked; only its module is imported."""
    if options.format == "jsonl":
        from spiceproto.report.jsonl import JsonReport

        return JsonReport(out, full_data=options.full_data, verbose=options.verbose)
    if options.verbose:
        from spiceproto.report.tree import TreeReport

        return TreeReport(out)
    from spiceproto.report.text import TextReport

    return TextReport(out)


def _report(options: argparse.Namespace, out: TextIO) -> int:
    report = _make_report(options, out)
    path = sys.stdin.buffer if options.capture == "-" else options.capture
    with progress(options.capture) as advance:
        try:
            decoder = Decoder(path, report, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
        except LocalError as error:
            return fail(error)
        report.begin(decoder, options.capture)
        failure = None
        try:
            decoder.run()
        except SpiceError as error:
            failure = error
    if failure is not None and not decoder.connections:
        return fail(failure)
    report.end(failure)
    if failure is not None:
        return fail(failure)
    return 1 if report.problems["error"] else 0


@contextmanager
def _output(path: str | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with open(path, "w", encoding="utf-8") as out:
        yield out


@contextmanager
def progress(path: str) -> Iterator[Callable[[int, int | None], object] | None]:
    """A progress bar on a terminal, for files that take a while."""
    try:
        import os

        size = os.stat(path).st_size if path != "-" else 0
    except OSError:
        size = 0
    if size < _PROGRESS_ABOVE or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(transient=True) as bar:
        task = bar.add_task("reading", total=size)
        yield lambda done, total: bar.update(task, completed=done, total=total)
