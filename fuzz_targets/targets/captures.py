"""Capture files: every report of a file is made to its end, or the file is refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from conformance.lint import Lint
from fuzz_targets.target import Target
from spiceproto.capture.decode import Decoder
from spiceproto.errors import RemoteError
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport

__all__ = ["TARGETS"]

_FOLDER: Final = Path(__file__).parents[2] / "spiceproto" / "tests" / "captures"
_LARGEST: Final = 1 << 14

_REPORTS: Final[dict[str, Callable[[io.StringIO], Any]]] = {"text": TextReport, "tree": TreeReport, "json": JsonReport}


def report(kind: str, data: bytes) -> None:
    """A report as ``spiceproto decode`` makes it."""
    made = _REPORTS[kind](io.StringIO())
    try:
        decoder = Decoder(io.BytesIO(data), made)
        made.begin(decoder, "a file")
        decoder.run()
    except RemoteError as error:
        if made.out.getvalue():
            made.end(error)
        return
    made.end(None)


def judged(data: bytes) -> None:
    """The file held against the rules."""
    lint = Lint()
    try:
        decoder = Decoder(io.BytesIO(data), lint, in_order=True)
        decoder.run()
    except RemoteError:
        return
    str(lint.findings)
    str(lint.rulings)


def seeds() -> Iterator[bytes]:
    """Small recordings, of pcap and pcapng, and the beginnings of longer ones."""
    for path in sorted(_FOLDER.glob("*.pcap*")):
        yield path.read_bytes()[:_LARGEST]


TARGETS: Final = [
    *[
        Target(f"capture-{kind}", "a report to its end, or RemoteError", partial(report, kind), seeds, _LARGEST)
        for kind in _REPORTS
    ],
    Target("capture-lint", "a judgement, or RemoteError", judged, seeds, _LARGEST),
]
