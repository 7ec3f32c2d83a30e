"""``spiceproto anonymise A -o B``: a capture that can be shown to others."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from spiceproto import file_endings, regular_file
from spiceproto.command import fail, output
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.errors import MissingExtraError, SpiceError

if TYPE_CHECKING:
    from spiceproto.anonymity.recorder import Recorder

_MOST_SAID = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="A", help="pcap or pcapng file, perhaps compressed")
    parser.add_argument("-o", "--output", metavar="B", required=True, help="the pcapng file that is written")
    parser.add_argument(
        "--keep-what-is-unknown",
        action="store_true",
        help="write the copy although parts of the capture mean nothing to this program; its messages stay as they are",
    )
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """0: written, 1: something can not be blanked, or the copy is no likeness, 2: a file can not be read or written."""
    try:
        file_endings.check("anonymise", options.output, ".pcapng")
        return _run(options)
    except (SpiceError, MissingExtraError) as error:
        return fail(error)
    except OSError as error:
        return fail(f"{error.filename or options.capture}: {error.strerror}")


def _run(options: argparse.Namespace) -> int:
    from spiceproto.anonymity.copy import write

    source, target = Path(options.capture), Path(options.output)
    output.check(str(source), target)
    regular_file.check(options.output)
    found = _read(options, source, keep=options.keep_what_is_unknown)
    for what, count in list(found.unknown.items())[:_MOST_SAID]:
        print(f"not understood: {what} ({count})")
    if found.unknown and not options.keep_what_is_unknown:
        print("nothing is written; with --keep-what-is-unknown these messages stay as they are, and what is encrypted is zeros")
        return 1
    for words in found.lacks:
        print(f"incomplete: {words}")
    for what, count in found.poor.items():
        print(f"does not decode any more: {what} ({count})")
    with output.whole(target) as place:
        write(found, place)
        again = _read(options, place, keep=True)
        alike = _counts(found) == _counts(again)
        if not alike:
            place.unlink()
    if not alike:
        lost, more = _counts(found) - _counts(again), _counts(again) - _counts(found)
        names = ", ".join(dict.fromkeys(name for _, name in [*lost, *more]))
        print(f"nothing is written: the copy does not decode to the same messages ({names})")
        return 1
    messages = sum(found.rows.values())
    print(f"{target}: {messages} messages and steps of link stages, in the copy as in the capture")
    return 0


def _read(options: argparse.Namespace, path: Path, *, keep: bool) -> Recorder:
    from spiceproto.anonymity.recorder import Recorder, Recording

    recorder = Recorder(keep=keep)
    with progress(str(path)) as advance:
        decoder = Recording(path, recorder, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
        recorder.begin(decoder)
        decoder.run()
    recorder.finish()
    return recorder


def _counts(recorder: Recorder) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (_, sender, name), count in recorder.rows.items():
        found[sender, name] += count
    return found
