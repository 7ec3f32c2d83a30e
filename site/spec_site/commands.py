"""``python -m spec_site.commands DIR``: manual pages and completion of every command, where packages of a system have them.

    DIR/share/man/man1/COMMAND.1
    DIR/share/bash-completion/completions/COMMAND
    DIR/share/zsh/site-functions/_COMMAND
    DIR/share/fish/vendor_completions.d/COMMAND.fish

They are made from the parsers, so that they say what the programs take. ``SOURCE_DATE_EPOCH`` is the date of manual pages.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from spiceproto.errors import LocalError
from spiceproto.version import __version__

__all__ = ["PARSERS", "parser_of", "write"]

PARSERS: Final = {
    "spiceproto": "spiceproto.command.arguments:make_parser",
    "spiceconf": "conformance.command:make_parser",
    "spice-reference-server": "reference_server.arguments:make_parser",
    "spice-reference-client": "reference_client.arguments:make_parser",
    "spice-reference-ctl": "spiceproto.reference_ctl:parser",
    "spice-proxy": "conformance.command:make_proxy_parser",
}
"""Command to the function that makes its parser."""

_COMPLETIONS: Final = {
    "bash": "bash-completion/completions/{}",
    "zsh": "zsh/site-functions/_{}",
    "fish": "fish/vendor_completions.d/{}.fish",
}
"""Shell to the place of its file."""

_WIDTH: Final = "10000"
"""Columns: lines are for those to break who show the page."""


def __getattr__(name: str) -> Callable[[], argparse.ArgumentParser]:
    """The function that makes a parser, under the name of its command: what pages about commands ask for."""
    command = name.replace("_", "-")
    if command not in PARSERS:
        raise AttributeError(name)
    return lambda: _plain(parser_of(command))


def parser_of(command: str) -> argparse.ArgumentParser:
    """Every option of a command, and of its sub-commands."""
    module, _, name = PARSERS[command].partition(":")
    make: Callable[[], Any] = getattr(import_module(module), name)
    return cast(argparse.ArgumentParser, make())


def _plain(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The same with formatters that are classes, as those expect who read parsers, and with its name."""
    if not isinstance(parser.formatter_class, type):
        parser.formatter_class = argparse.HelpFormatter
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                _plain(one)
    return parser


def _load(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise LocalError(f"{module} is not installed", expected="pip install 'spiceproto[docs]'", actual="") from None


def manual(command: str) -> str:
    """A manual page in roff."""
    page = _load("argparse_manpage.manpage").Manpage
    parser = _plain(parser_of(command))
    what = (parser.description or "").partition(":")[0].rstrip(".")
    data = {"description": what, "project_name": "spiceproto", "version": __version__, "manual_title": "spiceproto"}
    return str(page(parser, _data=data))


def completion(command: str, shell: str) -> str:
    """A completion script."""
    return str(_load("shtab").complete(_plain(parser_of(command)), shell=shell))


def write(folder: Path) -> list[Path]:
    """All files; where they are."""
    os.environ["COLUMNS"] = _WIDTH
    files = {}
    for command in PARSERS:
        files[folder / "share" / "man" / "man1" / f"{command}.1"] = manual(command)
        for shell, place in _COMPLETIONS.items():
            files[folder / "share" / place.format(command)] = completion(command, shell)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 2 if it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m spec_site.commands", description="Write manual pages and completion of every command."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="what is written is below DIR/share")
    options = parser.parse_args(arguments)
    try:
        for path in write(options.folder):
            print(path)
    except (LocalError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
