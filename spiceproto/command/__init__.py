"""The ``spiceproto`` command. Each sub-command is a module with ``configure(parser)`` and ``run(options) -> exit status``.

Exit status: 0 done, 1 done and problems of severity error were found, 2 wrong usage or a file that cannot be read,
130 interrupted. Whatever happens, people get a sentence and never a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from spiceproto.errors import in_words


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    As a program, without ``arguments``, it starts without garbage collection: modules are no garbage, and to look for
    some among them, here and at the end, takes a sixth of the time of a small capture.
    """
    if arguments is not None:
        return _main(list(arguments), lambda: None)
    _show_all(sys.stdout)
    gc.disable()
    try:
        return _main(sys.argv[1:], gc.enable)
    finally:
        gc.freeze()


def _main(arguments: list[str], started: Callable[[], None]) -> int:
    run: Callable[[Any], int]
    options: Any
    try:
        if len(arguments) == 2 and arguments[0] == "decode" and arguments[1][:1] not in ("", "-"):
            from spiceproto.command.decode import Options, run  # argparse takes a tenth of the time of a small capture

            options = Options(arguments[1])
        else:
            from spiceproto.command.arguments import parse

            options = parse(arguments)
            run = import_module(f"{__name__}.{options.command}").run
        started()
        status = run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _hear_no_more()
        return 0
    except OSError as error:  # commands name what they could not read or write: this is what is left
        _hear_no_more()
        return fail(in_words(error) if error.filename else f"standard output: {in_words(error)}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _hear_no_more() -> None:
    """What waits for standard output, which takes nothing more, is dropped: else the interpreter tries again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_all(out: Any) -> None:
    """Have letters that ``out`` has no form for, as those of a file name that is no UTF-8, shown as escapes."""
    if getattr(out, "errors", "") == "strict":
        out.reconfigure(errors="backslashreplace")


def fail(text: object) -> int:
    """Say why nothing could be done."""
    print(f"spiceproto: {text}", file=sys.stderr)
    return 2
