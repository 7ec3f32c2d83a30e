"""``spiceproto view CAPTURE -o FILE.html``: a capture as one page to look into. ``--live`` is in ``view_live``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from spiceproto.command import fail, output
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.command.filtering import add_filter_options, selection
from spiceproto.command.judging import lint_of_the_suite
from spiceproto.errors import LocalError, SpiceError
from spiceproto.shown import file_name

_DRAWN: Final = 8 << 20
"""Bytes of a file up to which it is drawn unless somebody says otherwise: to draw takes many times as long as to read."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument("-o", "--output", metavar="FILE", help="the page (default: CAPTURE.html, here)")
    parser.add_argument(
        "--pictures",
        action=argparse.BooleanOptionalAction,
        help=f"draw what the displays showed (default: of captures up to {_DRAWN >> 20} MiB)",
    )
    parser.add_argument("--no-rules", action="store_true", help="do not look which sentences of the specification are broken")
    live = parser.add_argument_group("a capture that is still being written")
    live.add_argument("--live", action="store_true", help="serve the page, and show in it what comes, until interrupted")
    live.add_argument("--listen", metavar="[HOST:]PORT", help="where (default: a free port of this machine)")
    live.add_argument("--until-end", action="store_true", help="end when the capture does, as standard input may")
    live.add_argument("--title", metavar="TEXT", help="what the page is called (default: the name of the capture)")
    add_filter_options(parser)
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the page; exit status as the command says."""
    if options.live:
        from spiceproto.command.view_live import run_live

        return run_live(options)
    for option, value in (("--listen", options.listen), ("--until-end", options.until_end), ("--title", options.title)):
        if value:
            return fail(f"{option} is for a page that is served: --live")
    name = "standard input" if options.capture == "-" else file_name(Path(options.capture).name)
    path = Path(options.output or f"{Path(options.capture).name if options.capture != '-' else 'capture'}.html")
    try:
        output.check(options.capture, path)
        return _Viewing(options, name, path).run()
    except BrokenPipeError:
        raise
    except LocalError as error:
        return fail(error)
    except OSError as error:
        return fail(f"{error.filename or path}: {error.strerror}")


class _Viewing:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, name: str, path: Path) -> None:
        self.options = options
        self.name = name
        self.path = path

    def run(self) -> int:
        from spiceproto.capture.decode import Decoder
        from spiceproto.capture.glance import is_in_place
        from spiceproto.view.every_pane import every
        from spiceproto.view.recorder import Recorder

        options = self.options
        lint = None if options.no_rules else lint_of_the_suite()
        recorder = Recorder(lint)
        try:
            recorder.selection = selection(options)
        except LocalError as error:
            return fail(error)
        draws = options.pictures or (options.pictures is None and _size(options.capture) <= _DRAWN)
        if draws:
            from spiceproto.view.displays import Displays

            recorder.displays = Displays(lambda: len(recorder.rows) - 1)
        recorder.panes = every(recorder.tally, draws=draws)
        source = sys.stdin.buffer if options.capture == "-" else options.capture
        failure: SpiceError | None = None
        with progress(options.capture) as advance:
            try:
                decoder = Decoder(
                    source,
                    recorder,
                    keylog=options.keylog,
                    decode_as=dict(options.decode_as),
                    in_order=None if lint is None else not is_in_place(source),
                    progress=advance,
                )
            except SpiceError as error:
                return fail(error)
            recorder.begin(decoder, options.capture)
            try:
                decoder.run()
            except SpiceError as error:
                failure = error
        if failure is not None and not decoder.connections:
            return fail(failure)
        said = recorder.end()
        if lint is not None:
            lint.ended(decoder.capture.totals.frames, decoder.capture.last_time_ns)
            lint.went(decoder.moved)
            said += [words for words in lint.said if words not in said]
        if failure is not None:
            said.insert(0, f"the file can not be read to its end: {failure}")
        self._write(recorder, said)
        if failure is not None:
            return fail(failure)
        return 1 if recorder.problems["error"] else 0

    def _write(self, recorder: Any, said: list[str]) -> None:
        from spiceproto.siblings import PLACE
        from spiceproto.view.broken import sentences
        from spiceproto.view.document import parts

        broken = recorder.broken.as_dicts()
        texts = sentences({item["sentence"] for item in broken}, PLACE / "spec")
        with output.whole(self.path) as place, place.open("w", encoding="utf-8") as out:
            for part in parts(self.name, recorder, said, texts):
                out.write(part)
        breaches = sum(not item["tolerated"] for item in broken)
        said = [_count(len(recorder.rows), "row"), f"{_count(recorder.problems['error'], 'error')} in reading it"]
        if recorder.judge is not None:
            said.append(f"{_count(breaches, 'breach', 'breaches')} of the specification")
        print(f"{self.path}: {', '.join(said)}")


def _size(path: str) -> int:
    """Of the file; nobody knows how much comes from standard input."""
    try:
        return _DRAWN + 1 if path == "-" else Path(path).stat().st_size
    except OSError:
        return 0  # which reading it says


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"
