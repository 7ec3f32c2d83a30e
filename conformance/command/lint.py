"""``spiceconf lint CAPTURE``: what a recorded session says of the sentences that a recording can decide.

Exit status 1 if a sentence is broken, 2 if the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from conformance.lint import lint
from conformance.requirements import requirements

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("captures", nargs="+", metavar="CAPTURE", type=Path, help="pcap or pcapng, perhaps gzipped")
    parser.add_argument("--keylog", metavar="FILE", type=Path, help="TLS secrets (NSS key log)")
    parser.add_argument("--json", action="store_true", help="one JSON object a sentence and capture")
    parser.add_argument("--all", action="store_true", help="print sentences that were kept or not seen, too")


def run(options: argparse.Namespace) -> int:
    """Judge them."""
    status = 0
    for path in options.captures:
        found = lint(path, keylog=options.keylog)
        rulings = found.rulings()
        counts = {verdict: sum(item.verdict == verdict for item in rulings)
                  for verdict in ("kept", "tolerated", "broken", "not seen")}  # fmt: skip
        status = max(status, int(bool(counts["broken"])))
        if options.json:
            for item in rulings:
                said = [{"sender": one.sender, "channel": list(map(int, one.channel)), "text": one.text,
                         "expected": one.expected, "actual": one.actual, "time": one.now, "tolerated": one.tolerated}
                        for one in item.findings]  # fmt: skip
                print(json.dumps({"capture": str(path), "requirement": item.requirement, "verdict": item.verdict,
                                  "findings": said}))  # fmt: skip
            continue
        print(f"{path}: {found.connections} connections, {found.messages} messages judged; "
              + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))  # fmt: skip
        for item in rulings:
            if item.verdict in ("broken", "tolerated") or options.all:
                sentence = requirements()[item.requirement]
                print(f"  {item.verdict.upper():<10} {item.requirement} ({sentence.level}, {sentence.role})  {sentence.text}")
            for one in item.findings[:5]:
                print(f"      {one}")
            if len(item.findings) > 5:
                print(f"      and {len(item.findings) - 5} more")
    return status
