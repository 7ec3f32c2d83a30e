"""The ``spiceconf`` command. Each sub-command is a module with ``configure(parser)`` and ``run(options) -> exit status``.

Exit status: 0 nothing unexpected, 1 something unexpected, 2 usage, 3 the target cannot be tested, 4 a mistake in the suite
or a file that is no result, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import Final

from spiceproto.errors import SpiceError

__all__ = ["COMMANDS", "main"]

COMMANDS: Final = {
    "demo": "run both references, then five faulty ones, and open a report: a minute to see what this is",
    "run": "hold a target against the specification",
    "probe": "link a target, and print what it announces",
    "lint": "hold a recorded session against the rules",
    "list": "list the cases",
    "explain": "print a sentence, its notes, and the cases and faults about it",
    "report": "make the reports again from results.jsonl",
    "diff": "compare two results",
    "schema": "print the JSON schema of results.jsonl",
    "faults": "list the faults of the references, or hold the suite against all of them",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    # Not list(...): once that sub-command is imported, its module has this name here.
    arguments = [*(sys.argv[1:] if arguments is None else arguments)]
    parser = argparse.ArgumentParser("spiceconf", description="The SPICE conformance suite.")
    parser.add_argument("--version", action="store_true", help="print the version of suite and specification")
    choices = parser.add_subparsers(dest="command", metavar="COMMAND")
    wanted = next((word for word in arguments if word in COMMANDS), None)
    for name, text in COMMANDS.items():
        one = choices.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if name == wanted:  # the others are not imported
            import_module(f"{__name__}.{name}").configure(one)
    options = parser.parse_args(arguments)
    if options.version:
        from conformance.requirements import fingerprint, requirements
        from conformance.run import installed

        print(f"spiceconf {installed()}, specification {fingerprint()} with {len(requirements())} sentences")
        return 0
    if options.command is None:
        parser.print_help()
        return 2
    try:
        return int(import_module(f"{__name__}.{options.command}").run(options))
    except SpiceError as error:
        print(f"spiceconf: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
