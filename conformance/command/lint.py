"""``spiceconf lint CAPTURE``: what a recorded session says of the sentences that a recording can decide.

Exit status 1 if a sentence is broken, 2 if the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

import msgspec

from conformance.lint import Lint, Ruling, known_of, lint
from conformance.requirements import requirements
from spiceproto.capture import incomplete
from spiceproto.command.decode import add_capture_options
from spiceproto.errors import LocalError, RemoteError
from spiceproto.filters import Filter, Selection

__all__ = ["configure", "run", "show"]

_SAID = 40
"""Lines on what there was besides messages."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("captures", nargs="+", metavar="CAPTURE", type=Path, help="pcap or pcapng, perhaps gzipped")
    add_capture_options(parser)
    parser.add_argument("--filter", metavar="EXPR", help="show what was found at messages that fit; everything is judged")
    parser.add_argument("--images", action="store_true", help="decode every image, too")
    parser.add_argument("--json", action="store_true", help="one JSON object a sentence and capture")
    parser.add_argument("--all", action="store_true", help="print sentences that were kept, not judged or not seen, too")


def run(options: argparse.Namespace) -> int:
    """Judge them."""
    status = 0
    wanted = None if options.filter is None else Filter(options.filter)
    for path in options.captures:
        selection = None if wanted is None else Selection(wanted)
        try:
            found = lint(
                path, keylog=options.keylog, decode_as=dict(options.decode_as), images=options.images, selection=selection
            )
        except (LocalError, RemoteError) as error:
            if len(options.captures) == 1:
                raise
            print(f"spiceconf: {error}", file=sys.stderr)
            status = 2
            continue
        rulings = found.rulings()
        counts = _counts(rulings)
        status = max(status, int(bool(counts["broken"])))
        if options.json:
            for item in rulings:
                said = [
                    {
                        "sender": one.sender,
                        "channel": list(map(int, one.channel)),
                        "text": one.text,
                        "expected": one.expected,
                        "actual": one.actual,
                        "time": one.now,
                        "frame": found.frame(one) or None,
                        "tolerated": one.tolerated,
                        "known_of": known_of(item.requirement) if one.tolerated else (),
                    }
                    for one in found.shown(item.findings)
                ]
                print(
                    json.dumps(
                        {"capture": str(path), "requirement": item.requirement, "verdict": item.verdict, "findings": said}
                    )
                )
            for thing in found.unseen:
                print(json.dumps({"capture": str(path), "incomplete": msgspec.to_builtins(thing)}))
            for words in found.said:
                print(json.dumps({"capture": str(path), "said": words}))
            continue
        show(found, str(path), everything=options.all)
    return status


def show(found: Lint, name: str, *, everything: bool = False, out: TextIO | None = None) -> int:
    """What was found, as lines; 1 if a sentence is broken. ``name`` is what was judged."""
    say = partial(print, file=out or sys.stdout)
    rulings = found.rulings()
    counts = _counts(rulings)
    say(
        f"{name}: {found.connections} connection{'s'[: found.connections != 1]}, "
        f"{found.messages} message{'s'[: found.messages != 1]} judged; "
        + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    )
    for line in incomplete.lines(found.unseen, cut_frames=found.cut_frames):
        say(f"  incomplete: {line}")
    for words in found.said[:_SAID]:
        say(f"  {words}")
    if len(found.said) > _SAID:
        say(f"  and {len(found.said) - _SAID} more of that kind")
    for conversation in found.opaque:
        of = f"connection {conversation.connection.number} ({conversation.place})"
        say(f"  not judged: messages of {of}, whose link stage is not whole in the capture")
    hidden = 0
    for item in rulings:
        findings = found.shown(item.findings)
        hidden += len(item.findings) - len(findings)
        if item.findings and not findings and not everything:
            continue
        if item.verdict in ("broken", "tolerated") or everything:
            sentence = requirements()[item.requirement]
            say(f"  {item.verdict.upper():<10} {item.requirement} ({sentence.level}, {sentence.role})  {sentence.text}")
        for one in findings[:5]:
            frame = found.frame(one)
            say(f"      {one}{f' (frame {frame})' if frame else ''}")
        known = known_of(item.requirement) if any(one.tolerated for one in findings) else ()
        if known:
            say(f"      others live with it; it is known of {', '.join(known)}")
        if len(findings) > 5:
            say(f"      and {len(findings) - 5} more")
    if hidden:
        say(f"  not shown: {hidden} finding{'s'[: hidden != 1]} at messages that do not fit")
    return int(bool(counts["broken"]))


def _counts(rulings: Sequence[Ruling]) -> dict[str, int]:
    return {
        verdict: sum(item.verdict == verdict for item in rulings)
        for verdict in ("kept", "tolerated", "broken", "not judged", "not seen")
    }
