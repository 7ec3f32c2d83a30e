"""``spiceproto stats CAPTURE``: what a capture holds in numbers."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.command.filtering import add_filter_options, selection
from spiceproto.command.interruption import when_interrupted
from spiceproto.errors import LocalError, SpiceError

if TYPE_CHECKING:
    from spiceproto.report.stats import Stats


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or one JSON object")
    parser.add_argument(
        "--dictionary", action="store_true", help="read GLZ images, too: how much of them others have; takes longer"
    )
    add_filter_options(parser)
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Count; exit status as the command says."""
    from spiceproto.capture.consumer import Consumer
    from spiceproto.capture.decode import Decoder
    from spiceproto.report.stats import Stats

    dictionary = None
    if options.dictionary:
        from spiceproto.report.dictionary import Dictionary

        dictionary = Dictionary()
    stats = Stats(sys.stdout, dictionary=dictionary)
    consumer: Consumer = stats
    path = sys.stdin.buffer if options.capture == "-" else options.capture
    failure: SpiceError | None = None
    asked: list[bool] = []
    interrupted = False
    try:
        stats.selection = wanted = selection(options)
        if wanted is not None:
            from spiceproto.filters import Selected

            consumer = Selected(stats, wanted, clock=stats.clock)
        with progress(options.capture) as bar, when_interrupted(lambda: asked.append(True)):

            def advance(done: int, total: int | None) -> None:
                if asked:
                    raise KeyboardInterrupt
                if bar is not None:
                    bar(done, total)

            decoder = Decoder(path, consumer, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
            stats.begin(decoder, options.capture)
            try:
                decoder.run()
            except SpiceError as error:
                failure = error
                if not decoder.connections:
                    return fail(failure)
            except KeyboardInterrupt:
                interrupted = True
    except LocalError as error:
        return fail(error)
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    stats.end(failure)
    _print(stats, options)
    if failure is not None:
        return fail(failure)
    if interrupted:
        print(f"interrupted: the numbers end behind frame {decoder.capture.totals.frames}", file=sys.stderr)
        return 130
    return 1 if stats.problems["error"] else 0


def _print(stats: Stats, options: argparse.Namespace) -> None:
    from spiceproto.report import stats_form

    if options.format == "json":
        import json

        print(json.dumps(stats_form.as_dict(stats, options.capture), indent=1))
        return
    for line in stats_form.lines(stats, options.capture):
        print(line)
