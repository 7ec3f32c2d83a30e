"""The ``spiceproto`` command. Each sub-command is a module with ``configure(parser)`` and ``run(options) -> exit status``.

Exit status: 0 done, 1 done and problems of severity error were found, 2 wrong usage or a file that cannot be read,
130 interrupted. Whatever happens, people get a sentence and never a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from spiceproto import __version__

COMMANDS = {
    "decode": "decode a capture file into a report",
    "render": "draw what the client of a capture saw",
    "export": "write field tables, the inventory, a Wireshark dissector, scapy layers",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser("spiceproto", description="The SPICE remote-desktop protocol: decode, render, export.")
    parser.add_argument("--version", action="version", version=f"spiceproto {__version__}")
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in arguments if word in COMMANDS), None)
    for name, text in COMMANDS.items():
        one = choices.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if name == wanted:  # the others are not imported
            import_module(f"spiceproto.command.{name}").configure(one)
    options = parser.parse_args(arguments)
    try:
        return int(import_module(f"spiceproto.command.{options.command}").run(options))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def fail(text: object) -> int:
    """Say why nothing could be done."""
    print(f"spiceproto: {text}", file=sys.stderr)
    return 2
