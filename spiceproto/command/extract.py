"""``spiceproto extract CAPTURE KIND -o DIR``: what a capture carries, as files, and an index of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.errors import MissingExtraError, SpiceError
from spiceproto.report.extraction.kinds import KINDS, kind

_MOST_SAID = 100

_EVERY = "all"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument(
        "what",
        choices=(*KINDS, _EVERY),
        metavar="KIND",
        help="; ".join(f"{name}: {text}" for name, text in (*KINDS.items(), (_EVERY, "each of these, in a folder of its own"))),
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        required=True,
        help="folder for the files; it is made. index.jsonl in it says which message each file came from, and what is missing",
    )
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write; exit status as the command says."""
    try:
        if options.what != _EVERY:
            return _extract(options, options.what, Path(options.output))
        if options.capture == "-":
            return fail("standard input can be read once only; expected a file, or one of the kinds: " + ", ".join(KINDS))
        return _every(options)
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.filename or options.output}: {error.strerror}")
    except MissingExtraError as error:
        return fail(error)


def _every(options: argparse.Namespace) -> int:
    worst = 0
    for what in KINDS:
        print(f"{what}:")
        try:
            status = _extract(options, what, Path(options.output) / what)
        except MissingExtraError as error:
            worst = fail(error)
            continue  # others may do without it
        if status == 2:
            return status
        worst = max(worst, status)
    return worst


def _extract(options: argparse.Namespace, what: str, output: Path) -> int:
    from spiceproto.capture.decode import Decoder
    from spiceproto.report.extraction.folder import Folder

    folder = Folder(output)
    found = kind(what)(folder)
    path = sys.stdin.buffer if options.capture == "-" else options.capture
    failure = None
    with progress(options.capture) as advance:
        try:
            decoder = Decoder(path, found, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
            found.begin(decoder, Path(options.capture).name)
            decoder.run()
        except MissingExtraError as error:
            found.finish(error)
            raise
        except SpiceError as error:
            failure = error
    if hasattr(found, "decoder"):
        found.finish(failure)
        said = found.said
        for line in said[:_MOST_SAID]:
            print(line, file=sys.stderr)
        if len(said) > _MOST_SAID:
            print(f"... and {len(said) - _MOST_SAID} more", file=sys.stderr)
    others = folder.others
    if others:
        print(f"{folder.path}: {others} other file{'s'[: others != 1]} in it, not of this capture", file=sys.stderr)
    if failure is not None:
        return fail(failure)
    for name in folder.files:
        print(folder.path / name)
    print(found.summary)
    return 1 if found.problems["error"] else 0
