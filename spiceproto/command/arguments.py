"""The command line of programs whose sub-commands are modules of a package, and that of ``spiceproto``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module

from spiceproto.usage import Parser
from spiceproto.version import __version__

COMMANDS = {
    "decode": "decode a capture file into a report",
    "stats": "count what a capture holds: messages, images, caches, video, round trips, bit rates",
    "render": "draw what the client of a capture saw",
    "view": "a capture as one page to look into with a browser: messages, fields, bytes, broken sentences",
    "extract": "write what a capture carries as files: images, video, sound, clipboard, ...",
    "archive": "many captures as Parquet tables, to be asked with SQL",
    "diff": "two recordings of the same thing, and what differs",
    "anonymise": "a copy of a capture without words, keys and pictures, to be shown to others",
    "proxy": "pass a session on, show and record it, and change what a rule names",
    "export": "write field tables, the inventory, a Wireshark dissector, scapy layers",
}


def add_commands(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, package: str, commands: Mapping[str, str]
) -> None:
    """Give a command its sub-commands, each a module of the package; only the module of the wanted one is imported.

    Without ``arguments`` all are, for who wants to know every option.
    """
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", prog=parser.prog)
    wanted = next((word for word in arguments or () if word in commands), None)
    for name, text in commands.items():
        description = text[0].upper() + text[1:] + "."
        one = choices.add_parser(name, help=text, description=description, formatter_class=parser.formatter_class)
        if arguments is None or name == wanted:
            import_module(f"{package}.{name}").configure(one)


def formatter() -> Callable[..., argparse.HelpFormatter]:
    """As wide as the terminal. argparse would ask ``shutil``, whose import takes longer than a small capture."""
    try:
        columns = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size().columns
    except (ValueError, OSError):
        columns = 80
    return partial(argparse.HelpFormatter, width=max(columns, 20) - 2)


def make_parser(arguments: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The options of ``spiceproto``; those of sub-commands as :func:`add_commands` has it."""
    parser = Parser(
        "spiceproto",
        description=f"The SPICE remote-desktop protocol: {', '.join(COMMANDS)}.",
        formatter_class=formatter(),
    )
    parser.add_argument("--version", action="version", version=f"spiceproto {__version__}")
    add_commands(parser, arguments, "spiceproto.command", COMMANDS)
    return parser


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; what is wrong with them ends the program with status 2."""
    parser = make_parser(arguments)
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.error(f"a command is needed: {', '.join(COMMANDS)}")
    return options
