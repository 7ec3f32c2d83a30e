"""``spiceproto export FORM``: what is derived from the schemas, for people and for other programs.

markdown   the reference: one file per channel into a folder, or one text
json       the inventory of everything (spiceproto.derive.inventory says what the keys mean)
lua        a Wireshark dissector: tshark -X lua_script:FILE, or a file in the personal Lua plugin folder
scapy      a module of scapy layers that needs nothing of spiceproto
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.command import fail

__all__ = ["configure", "run"]

FORMS = ("markdown", "json", "lua", "scapy")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("form", choices=FORMS, metavar="FORM", help="markdown, json, lua or scapy")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="write to PATH instead of standard output; markdown: a folder, for one file per channel",
    )


def run(options: argparse.Namespace) -> int:
    """Export; exit status as the command says."""
    try:
        if options.form == "markdown" and options.output is not None and not options.output.endswith(".md"):
            return _folder(Path(options.output))
        text = _text(options.form)
        if options.output is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            Path(options.output).write_text(text, encoding="utf-8")
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.filename or options.output}: {error.strerror}")
    return 0


def _folder(path: Path) -> int:
    from spiceproto.derive import markdown

    path.mkdir(parents=True, exist_ok=True)
    for name, text in markdown.pages().items():
        (path / name).write_text(text, encoding="utf-8")
    return 0


def _text(form: str) -> str:
    match form:
        case "markdown":
            from spiceproto.derive import markdown

            return markdown.stream()
        case "json":
            from spiceproto.derive import inventory

            return inventory.text()
        case "lua":
            from spiceproto.derive import lua

            return lua.dissector()
    from spiceproto.derive import scapy_layers

    return scapy_layers.module_source()
