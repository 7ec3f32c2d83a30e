"""``spiceproto export FORM``: what is derived from the schemas, for people and for other programs.

markdown   the reference: one file per channel into a folder, or one text
json       the inventory of everything (spiceproto.derive.inventory says what the keys mean)
lua        a Wireshark dissector: tshark -X lua_script:FILE; with --install where tshark and Wireshark find it themselves
scapy      a module of scapy layers that needs nothing of spiceproto
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.command import fail
from spiceproto.errors import LocalError

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
    parser.add_argument(
        "--install",
        action="store_true",
        help="lua: write to the folder where tshark and Wireshark look, and say where that is",
    )
    parser.add_argument("--force", action="store_true", help="with --install: replace a file that is not of this program")


def run(options: argparse.Namespace) -> int:
    """Export; exit status as the command says."""
    if options.install or options.force:
        if options.form != "lua" or options.output is not None or not options.install:
            return fail("--install is for lua, in place of --output; --force goes with it")
        return _install(options.force)
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
        return fail(f"{error.filename or options.output or 'standard output'}: {error.strerror}")
    return 0


def _install(force: bool) -> int:
    from spiceproto.command.installation import install
    from spiceproto.derive import lua

    try:
        path = install(lua.dissector(), force=force)
    except LocalError as error:
        return fail(error)
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    print(f"{path}: Wireshark and tshark show SPICE as spiceproto from their next start on")
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
