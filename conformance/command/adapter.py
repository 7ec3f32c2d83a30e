"""``spiceconf adapter new NAME`` and ``spiceconf adapter check COMMAND``: a beginning that works, and a trial of it.

Exit status of ``check``: 0 nothing wrong, 1 anything is, 3 the reference server, at which clients are tried, does not start.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.errors import LocalError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    actions = parser.add_subparsers(dest="action", required=True)
    new = actions.add_parser("new", help="write an adapter that works, with a stand-in in place of the program")
    new.add_argument("name", metavar="NAME", help="what the program is called")
    new.add_argument("--role", choices=("both", "client", "server"), default="both", help="what it is; both unless said")
    new.add_argument("-o", "--output", metavar="DIR", type=Path, help="where the files go; a folder of that name unless said")
    check = actions.add_parser("check", help="try every verb that an adapter claims, and say what is wrong")
    check.add_argument("client", metavar="COMMAND", nargs="?", help="of a client that is driven, with or without client:")
    check.add_argument("--controls", metavar="FILE", type=Path, help="TOML file with [target.controls], of a server that runs")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    if options.action == "new":
        from conformance.kit.new import write

        roles = ("client", "server") if options.role == "both" else (options.role,)
        for path in write(options.name, options.output or Path(options.name), roles):
            print(path)
        return 0
    if (options.client is None) == (options.controls is None):
        raise LocalError("nothing to check, or too much", expected="COMMAND of a client, or --controls FILE of a server")
    return _check(options)


def _check(options: argparse.Namespace) -> int:
    from conformance.conclusion import UNUSABLE
    from conformance.kit.client import try_client
    from conformance.kit.server import try_controls
    from conformance.kit.tried import lines, wrong
    from conformance.outcome import TargetUnusable
    from conformance.report.console import plain

    found = []
    try:
        for item in try_controls(options.controls) if options.controls else try_client(options.client.removeprefix("client:")):
            found.append(item)
            print(plain(lines([item])[0]), flush=True)
    except TargetUnusable as error:
        print(f"spiceconf: {error}", file=sys.stderr)
        return UNUSABLE
    print(lines(found)[-1])
    return 1 if wrong(found) else 0
