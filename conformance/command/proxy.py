"""``spiceconf proxy LISTEN UPSTREAM``: ``spiceproto proxy``, with what passes held against the rules while it does.

A sentence that is broken is told at once; what a whole recording says of all sentences comes at the end.

Exit status 1 if a sentence is broken, or what passes cannot be read.
"""

from __future__ import annotations

import argparse
import sys

from conformance.command.lint import show
from conformance.lint import Lint
from spiceproto.command import proxy
from spiceproto.proxy.decoder import Decoder

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    proxy.configure(parser)
    parser.add_argument("--images", action="store_true", help="decode every image, too")
    parser.add_argument("--all", action="store_true", help="print sentences that were kept, not judged or not seen, too")


def run(options: argparse.Namespace) -> int:
    """Serve, and judge."""
    lint = Lint(images=options.images)
    told = 0

    def tell() -> None:
        nonlocal told
        findings = lint.findings
        while told < len(findings):
            print(f"spice-proxy: {findings[told]}", file=sys.stderr, flush=True)
            told += 1

    decoder = Decoder(lint, tell, lambda text: print(f"spice-proxy: {text}", file=sys.stderr, flush=True))
    status = proxy.serve(options, name="spice-proxy", more=(decoder,))
    decoder.settle()
    decoder.passing.conclude()
    lint.went(decoder.passing.moved)
    lint.said += map(str, (*decoder.passing.takeovers, *decoder.passing.unlinked))
    return max(status, show(lint, "what passed", everything=options.all, out=sys.stderr))
