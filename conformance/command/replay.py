"""``spiceconf replay CAPTURE --against TARGET``: one side of a recorded session said again, and the answers compared.

Exit status 1 if anything differs, 2 if the capture cannot be played, 3 if the target cannot be reached.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spiceproto.command.decode import add_capture_options

if TYPE_CHECKING:
    from conformance.replay.recording import Recording
    from conformance.target import Target

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add = parser.add_argument
    add("capture", metavar="CAPTURE", type=Path, help="pcap or pcapng, perhaps gzipped")
    add_capture_options(parser)
    add("--against", metavar="TARGET", help="as in `spiceconf run`: a server hears the client's side, a client the server's")
    add("--session", metavar="N", type=int, default=0, help="which session of the capture; usually the first")
    add("--until", metavar="WHERE", default="", help="play up to a message (12), a time (2.5s) or a name (main.CHANNELS_LIST)")
    add("--pace", metavar="SPEED", type=float, default=0.0, help="keep the times of the recording; 2 is twice as fast")
    add("--step", action="store_true", help="stop in front of each message: Enter, c to go on, q to end")
    add("--all", action="store_true", help="compare what depends on guest and user, too")
    add("--json", action="store_true", help="one JSON object a line")
    add("--save", metavar="FILE", type=Path, help="write the new conversation as a capture")
    add("--as-case", metavar="FILE", type=Path, help="write a case of the suite instead, which plays the recording")
    add("--side", choices=("client", "server"), help="which side the case plays; needed without --against")
    add("--about", metavar="SENTENCE", default="", help="the sentence that the case is about, as SPICE-MAIN-001")
    add("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    add("--password-file", metavar="FILE", type=Path, help="its first line is the password of the target")
    add("--ca-file", metavar="FILE", type=Path, help="certificates (PEM) of who signed the target's")
    add("--wait", metavar="S", type=float, default=0.0, help="wait so long until the server listens")


def run(options: argparse.Namespace) -> int:
    """Play it."""
    from conformance.address import Login, open_target, read_settings
    from conformance.places import look_at_file
    from conformance.replay.recording import read
    from conformance.replay.replay import side_of
    from conformance.replay.until import cut
    from spiceproto.errors import LocalError

    if not 0 <= options.pace < float("inf"):
        raise LocalError("no speed", expected="a number above 0", actual=f"{options.pace:g}")
    if not options.against and not (options.as_case and options.side):
        raise LocalError("nobody to play to", expected="--against TARGET, or --as-case FILE --side SIDE")
    for path in filter(None, (options.save, options.as_case)):
        look_at_file(path)
    recording = read(options.capture, session=options.session, keylog=options.keylog, decode_as=dict(options.decode_as))
    recording = cut(recording, options.until)
    target = None
    if options.against:
        login = Login.read(options.password_file, options.ca_file, options.wait)
        target = open_target(options.against, read_settings(options.config), login=login)
        if options.side not in (None, side_of(target)):
            raise LocalError("a side that the target does not hear", expected=side_of(target), actual=options.side)
    if options.as_case:
        from conformance.replay.case_file import case_file

        side = options.side if target is None else side_of(target)
        options.as_case.write_text(case_file(recording, side, about=options.about), encoding="utf-8")
        print(f"wrote {options.as_case}")
        return 0
    assert target is not None
    return _play(options, recording, target)


def _play(options: argparse.Namespace, recording: Recording, target: Target) -> int:
    from conformance.advice import advice
    from conformance.conclusion import UNUSABLE
    from conformance.outcome import Failure, NotApplicable, TargetUnusable
    from conformance.replay.difference import compare
    from conformance.replay.lines import lines
    from conformance.replay.pacing import Steps
    from conformance.replay.player import Pace
    from conformance.replay.replay import play, side_of
    from conformance.replay.text import text
    from conformance.report.pcapng import write

    pace = Pace(options.pace, Steps() if options.step else None)
    try:
        target.start()
        played, transcript = play(recording, target, pace)
    except (TargetUnusable, Failure, NotApplicable) as error:
        print(f"spiceconf: the target cannot be played to: {error}", file=sys.stderr)
        if help := advice(str(error), password=bool(target.password)):
            print(help, file=sys.stderr)
        return UNUSABLE
    finally:
        target.stop()
    if options.save:
        write(options.save, transcript.chunks, transcript.entries(), title=f"{recording.path}, played again")
    compared = compare(recording, played, target.role, all=options.all)
    form = lines if options.json else text
    for line in form(recording, played, compared, target=target.address, side=side_of(target)):
        print(line)
    return 1 if compared.differences else 0
