"""How much is right of captures that begin in the middle of a session, or lack a packet of a link stage; as Markdown.

    python benchmarks/bench_midsession.py CAPTURES [--cuts 30] > docs/midsession.md

The recordings of the folder are cut, re-framed and robbed of packets by ``spiceproto.tests.cut_recordings``; the truth is the
decode of the whole file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from spiceproto.capture import recognition
from spiceproto.capture.streams import Capture
from spiceproto.errors import RemoteError
from spiceproto.tests.cut_recordings import Recording, Score, in_pieces, lost_in_link

INTRODUCTION = """\
# Captures that begin in the middle

Made by `python benchmarks/bench_midsession.py CAPTURES > docs/midsession.md` from recorded sessions of programs that this
project did not write; `spiceproto/tests/test_capture_midsession.py` holds a smaller sample to the goals. Points and margins
of the recognition were adjusted while looking at these same recordings, so other material will give a little less.

A recording is cut at places that are evenly spread behind its first link stage. A message counts if its connection begins
before the cut and its header behind it. It is right if sender, type, size, bytes and time are those of the decode of the
whole file, and for a channel's own messages the channel; it is wrong if the whole file has no such message.
"""


@contextmanager
def alone(*, port: bool) -> Iterator[None]:
    """Each connection for itself; without ``port`` not even the ports help."""
    with (
        mock.patch.object(Capture, "learn", lambda self, server: None),
        mock.patch.object(recognition, "_PORT", recognition._PORT if port else 0),
    ):
        yield


def recordings(folder: Path, size: int | None = None) -> Iterator[Recording]:
    """All that hold plain connections; in pieces of ``size``."""
    for path in sorted(folder.glob("*.pcapng")):
        try:
            found = Recording(path, None if size is None else in_pieces(path, size))
        except RemoteError as error:
            print(f"{path}: {error}", file=sys.stderr)
            continue
        if found.truth:
            yield found


def row(name: str, score: Score) -> str:
    """One line of the first table."""
    busy = {key: count for key, count in score.decisions.items() if key[2]}
    named = sum(count for (truth, decided, _), count in busy.items() if truth == decided)
    other = sum(count for (truth, decided, _), count in score.decisions.items() if decided not in (truth, "unknown", "silent"))
    total, share = score.right + score.missed, 100 * named / sum(busy.values())
    print(f"{name}: {score.said[:5]}", file=sys.stderr)
    return (
        f"| {name} | {sum(score.decisions.values())} | {named} of {sum(busy.values())} ({share:.1f} %) "
        f"| {other} | {score.right} of {total} ({100 * score.right / total:.2f} %) | {score.wrong} |"
    )


def confusion(score: Score) -> list[str]:
    """What each channel was taken for; in brackets, connections with ten messages or more."""
    columns = [*recognition.CHANNELS, "unknown", "silent", "another header or end"]
    found = Counter[tuple[str, str]]()
    busy = Counter[tuple[str, str]]()
    for (truth, decided, many), count in score.decisions.items():
        found[truth, decided] += count
        busy[truth, decided] += count * many
    columns = [name for name in columns if any(decided == name for _, decided in found)]
    lines = ["| is | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for truth in recognition.CHANNELS:
        if any(key[0] == truth for key in found):
            cells = [f"{found[truth, name]} ({busy[truth, name]})" if found[truth, name] else "" for name in columns]
            lines.append(f"| {truth} | " + " | ".join(cells) + " |")
    return lines


def losses(folder: Path) -> list[str]:
    """Each packet of each link stage lost in turn."""
    trials = Counter[str]()
    right = Counter[str]()
    messages = missed = 0
    for recording in recordings(folder):
        for truth, frame, found in lost_in_link(recording):
            channel = truth.conversation.channel
            trials[channel] += 1
            right[channel] += found is not None and found.kind == truth.kind
            have = Counter(told.message for told in found.messages) if found is not None else Counter()
            want = Counter(told.message for told in truth.messages)
            messages += want.total()
            missed += (want - have).total()
            if found is None or found.kind != truth.kind:
                print(f"{recording.path.stem}: packet {frame} of {channel} lost", file=sys.stderr)
    lines = ["| channel | packets lost in turn | channel, header and end right |", "|---|---|---|"]
    lines += [f"| {channel} | {trials[channel]} | {right[channel]} |" for channel in recognition.CHANNELS if trials[channel]]
    lines.append(f"| all | {trials.total()} | {right.total()} ({100 * right.total() / trials.total():.2f} %) |")
    lines += ["", f"Of {messages} messages of these connections {missed} were not decoded as they are in the whole file."]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cuts", type=int, default=30)
    options = parser.parse_args()
    folder, cuts = options.folder, options.cuts
    whole, single, blind, full, pieces = Score(), Score(), Score(), Score(), Score()
    for recording in recordings(folder):
        places = list(recording.cuts(cuts))
        for cut in places:
            whole.add(recording, cut)
        for cut in places[:: max(1, cuts // 10)]:
            with alone(port=True):
                single.add(recording, cut)
            with alone(port=False):
                blind.add(recording, cut)
            full.add_full(recording, cut)
    for recording in recordings(folder, 1448):
        for cut in recording.cuts(max(1, cuts // 3)):
            pieces.add(recording, cut)
    lines = [
        INTRODUCTION,
        "| trial | connections | channel named, of those with ten messages or more | named falsely | messages right | wrong |",
        "|---|---|---|---|---|---|",
        row(f"{cuts} cuts a recording", whole),
        row(f"{max(1, cuts // 3)} cuts, segments of 1448 bytes at most", pieces),
        row("a third of the cuts, every message under full headers", full),
        row("a third of the cuts, each connection for itself", single),
        row("a third of the cuts, each connection for itself, nothing concluded from ports", blind),
        "",
        "## What each channel was taken for",
        "",
        "Connections of the first row; in brackets those with ten messages or more. *Unknown*: SPICE, but only messages were",
        "sent that every channel has, or that several have. *Silent*: too little to say what it is.",
        "",
        *confusion(whole),
        "",
        "## Each packet of a link stage lost",
        "",
        *losses(folder),
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
