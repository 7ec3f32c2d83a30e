"""``spiceconf demo``: what the suite is, in under a minute, without any other program.

Both references are held against the specification, then five faults that real programs had. Exit status 0 if the clean
references pass and every fault is caught.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

__all__ = ["FAULTS", "configure", "run"]

FAULTS: Final = (
    ("client", "position-in-server-mode", "a Kotlin client moved the pointer by MOUSE_POSITION in SERVER mode: it was dead"),
    ("client", "ignores-motion-ack", "the same client sent as many movements as it liked"),
    ("client", "unknown-type-fatal", "a browser client stopped at a message that it did not know"),
    ("client", "double-connect", "a client library linked its sound again and again after an upgrade of QEMU"),
    ("server", "silent-takeover", "a second client took the session over, and the first was never told"),
)
"""Role, name, and which field report it re-enacts."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, default=Path("spiceconf-demo"), help="where the reports go")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    from conformance.command.run import execute

    began = time.perf_counter()
    bad = 0
    for role in ("server", "client"):
        print(f"== the reference {role} ==")
        bad += execute(f"ref:{role}", {"report": options.output / role}, quiet=True) != 0
        print()
    for role, name, story in FAULTS:
        print(f"== ref:{role}?fault={name}: {story} ==")
        bad += execute(f"ref:{role}?fault={name}", {"report": options.output / name}, quiet=True) != 1
        print()
    print(f"{time.perf_counter() - began:.1f} s. The reports:")
    for name in ("server", "client", *[name for _, name, _ in FAULTS]):
        print(f"  {options.output / name / 'index.html'}")
    if bad:
        print(f"{bad} of these runs did not end as they should")
    return 1 if bad else 0
