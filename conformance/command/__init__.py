"""The ``spiceconf`` command. Each sub-command is a module with ``configure(parser)`` and ``run(options) -> exit status``.

Exit status: 0 nothing unexpected, 1 something unexpected, 2 usage, 3 the target cannot be tested, 4 a mistake in the suite
or a file that is no result, 5 what was found cannot be written, 128 and the number of the signal for what was interrupted.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from conformance.asked_to_end import AskedToEnd, raised
from spiceproto import usage
from spiceproto.command.arguments import add_commands
from spiceproto.errors import SpiceError
from spiceproto.suggestion import nearest

__all__ = ["COMMANDS", "main", "make_parser", "make_proxy_parser", "proxy_alone"]

COMMANDS: Final = {
    "demo": "hold both references and five faults against the specification; needs no other program",
    "run": "hold a target against the specification",
    "probe": "link a target, and print what it announces",
    "fuzz": "make up conversations with a target, and see what becomes of it",
    "corpus": "bring recorded conversations into a corpus for fuzz, or make one small",
    "learn": "learn the state machines of what a target really does",
    "lint": "hold a recorded session against the rules",
    "replay": "say one side of a recorded session again, and compare the answers",
    "proxy": "pass a session on, and hold it against the rules as it passes; spice-proxy is the same",
    "list": "list the cases",
    "explain": "print a sentence, its notes, and the cases and faults about it",
    "merge": "make one report of the parts of a run",
    "matrix": "hold many targets against the specification, and show them beside each other",
    "adapter": "write an adapter for a program, or try one",
    "report": "make the reports again from results.jsonl",
    "diff": "compare two results",
    "schema": "print the JSON schema of results.jsonl, matrix.json, or a control protocol",
    "faults": "list the faults of the references, or hold the suite against all of them",
}


class Parser(usage.Parser):
    """Says what was probably meant by a word that it does not know."""

    def error(self, message: str) -> NoReturn:
        known = [option for parser in [self, *self.within()] for action in parser._actions for option in action.option_strings]
        words = re.findall(r"unrecognized arguments: (--[\w-]+)|invalid choice: '([^']*)'", message)
        near = [item for pair in words for word in pair if word for item in nearest(word, [*known, *COMMANDS])]
        super().error(message + (f"; did you mean {' or '.join(near)}?" if near else ""))

    def within(self) -> list[argparse.ArgumentParser]:
        """Those of the sub-commands."""
        choices = [action.choices for action in self._actions if isinstance(action, argparse._SubParsersAction)]
        return [parser for found in choices for parser in found.values()]


def make_parser(arguments: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The options; those of sub-commands as :func:`add_commands` has it."""
    parser = Parser("spiceconf", description="The SPICE conformance suite.")
    parser.add_argument("--version", action="store_true", help="print the version of suite and specification")
    add_commands(parser, arguments, __name__, COMMANDS)
    return parser


def make_proxy_parser() -> argparse.ArgumentParser:
    """The options of ``spice-proxy``."""
    parser = Parser("spice-proxy", description="Pass a session on, and hold it against the rules as it passes.")
    import_module(f"{__name__}.proxy").configure(parser)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    # Not list(...): once that sub-command is imported, its module has this name here.
    arguments = [*(sys.argv[1:] if arguments is None else arguments)]
    parser = make_parser(arguments)
    options = parser.parse_args(arguments)
    if options.version:
        from conformance.requirements import fingerprint, requirements
        from conformance.run import installed

        print(f"spiceconf {installed()}, specification {fingerprint()} with {len(requirements())} sentences")
        return 0
    if options.command is None:
        parser.error(f"a command is needed: {', '.join(COMMANDS)}")
    return _run(options.command, options, parser.prog)


def proxy_alone(arguments: list[str]) -> int:
    """The command ``spice-proxy``: the proxy under its own name."""
    parser = make_proxy_parser()
    return _run("proxy", parser.parse_args(arguments), parser.prog)


def _run(command: str, options: argparse.Namespace, name: str) -> int:
    """Run a sub-command; ``name`` begins what is said of its errors."""
    try:
        with raised():
            status = int(import_module(f"{__name__}.{command}").run(options))
            sys.stdout.flush()
            return status
    except SpiceError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{name}: {error.filename or 'the output'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as asked:
        print("interrupted", file=sys.stderr)
        return asked.status if isinstance(asked, AskedToEnd) else 130
