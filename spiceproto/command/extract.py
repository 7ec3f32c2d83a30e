"""``spiceproto extract CAPTURE sound -o DIR``: what a capture carries, as files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.errors import MissingExtraError, SpiceError

_MOST_SAID = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, perhaps compressed; - for standard input")
    parser.add_argument("what", choices=("sound",), help="sound: what the guest played and heard, as WAV")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="folder for the files; it is made")
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write; exit status as the command says."""
    try:
        folder = Path(options.output)
        folder.mkdir(parents=True, exist_ok=True)
        return _sound(options, folder)
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    except MissingExtraError as error:
        return fail(error)


def _sound(options: argparse.Namespace, folder: Path) -> int:
    from spiceproto.capture.decode import Decoder
    from spiceproto.report.sounds import Sounds

    sounds = Sounds(folder)
    path = sys.stdin.buffer if options.capture == "-" else options.capture
    failure = None
    with progress(options.capture) as advance:
        try:
            decoder = Decoder(path, sounds, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
            sounds.begin(decoder)
            decoder.run()
        except MissingExtraError:
            raise
        except SpiceError as error:
            failure = error
        finally:
            sounds.finish()
    said = sounds.said
    for line in said[:_MOST_SAID]:
        print(line, file=sys.stderr)
    if len(said) > _MOST_SAID:
        print(f"... and {len(said) - _MOST_SAID} more", file=sys.stderr)
    if failure is not None:
        return fail(failure)
    files = [path for track in sounds.tracks.values() for path in track.writer.files]
    for path in files:
        print(path)
    print(f"{len(files)} file{'s'[: len(files) != 1]} of sound, of {len(sounds.tracks)} channels that could carry any")
    return 1 if sounds.problems["error"] else 0
