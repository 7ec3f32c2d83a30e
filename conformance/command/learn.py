"""``spiceconf learn TARGET``: the state machines of what a target really does, held against those of the reference.

Exit status 1 if a sentence is broken; a difference alone is none. 3 if no session begins.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

__all__ = ["configure", "run"]

_SECONDS: Final = 60.0
_FIRST: Final = ("link", "main", "client")
"""Machines without whose beginning none of the others has one."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("target", metavar="TARGET", help="as in `spiceconf run`")
    parser.add_argument(
        "--machine",
        metavar="NAME",
        action="append",
        help="one of the machines: link, main, mouse, ...; otherwise all; repeatable",
    )
    parser.add_argument("--seconds", metavar="S", type=float, default=_SECONDS, help="at most so long for a machine (60)")
    parser.add_argument("--words", metavar="N", type=int, default=0, help="at most so many conversations for a machine; 0: any")
    parser.add_argument("--walks", metavar="N", type=int, default=3, help="walks from each state behind the golden words (3)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the walks (1)")
    parser.add_argument("--without", metavar="LETTER", action="append", help="do not say this letter; repeatable")
    parser.add_argument("--quiet-time", metavar="S", type=float, default=0.02, help="seconds that are a silence (0.02)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what was learned, as JSON")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write a page with diagrams")
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    parser.add_argument("--password-file", metavar="FILE", type=Path, help="its first line is the password of the target")
    parser.add_argument("--ca-file", metavar="FILE", type=Path, help="certificates (PEM) of who signed the target's")
    parser.add_argument("--wait", metavar="S", type=float, default=0.0, help="wait so long until the server listens")


def run(options: argparse.Namespace) -> int:
    """Learn, and print what was found."""
    from conformance.address import Login, open_target, read_settings
    from conformance.learn.machines import MACHINES
    from conformance.learn.report import text
    from conformance.outcome import Failure, NotApplicable, TargetUnusable
    from conformance.places import look_at_file
    from spiceproto.extras import load

    load("aalpy.learning_algs", "learning a machine")
    for path in filter(None, (options.json, options.markdown)):
        look_at_file(path)
    login = Login.read(options.password_file, options.ca_file, options.wait)
    target = open_target(options.target, read_settings(options.config), login=login)
    found = []
    try:
        alphabets = _machines(options.machine, MACHINES, target.role)
        _check_letters(options.without or (), alphabets)
        target.start()
        for alphabet in alphabets:
            found.append(_study(target, alphabet, options))
            sys.stdout.write(text(found[-1:]))
            sys.stdout.flush()
            if alphabet.name in _FIRST and found[-1].unbegun:
                return _unusable(found[-1].unbegun, password=bool(target.password))
    except (TargetUnusable, Failure, NotApplicable) as error:
        return _unusable(str(error), password=bool(target.password))
    finally:
        target.stop()
        _write(options, target, found)
    return 1 if any(item.wrong for item in found) else 0


def _unusable(why: str, *, password: bool) -> int:
    """Say why a target cannot be learned, and what to do; the exit status."""
    from conformance.advice import advice
    from conformance.conclusion import UNUSABLE

    print(f"spiceconf: the target cannot be learned: {why}", file=sys.stderr)
    if text := advice(why, password=password):
        print(text, file=sys.stderr)
    return UNUSABLE


def _machines(names: list[str] | None, known: Any, role: str) -> list[Any]:
    """The machines of a role that are wanted. Raises LocalError for a name that is none."""
    from spiceproto.errors import LocalError
    from spiceproto.suggestion import expected

    own = {name: item for name, item in known.items() if item.role == role}
    for name in names or ():
        if name not in own:
            raise LocalError(f"no such machine of a {role}", expected=expected(name, own), actual=name)
    return [item for name, item in own.items() if not names or name in names]


def _check_letters(without: Sequence[str], alphabets: list[Any]) -> None:
    """Raise LocalError for a letter that no machine has."""
    from spiceproto.errors import LocalError
    from spiceproto.suggestion import expected

    known = dict.fromkeys([name for alphabet in alphabets for name in alphabet.names])
    for name in without:
        if name not in known:
            raise LocalError("no such letter", expected=expected(name, known), actual=name, where="--without")


def _study(target: Any, alphabet: Any, options: argparse.Namespace) -> Any:
    from conformance.learn.learner import Walks
    from conformance.learn.study import study
    from conformance.learn.tree import Budget
    from spiceproto.errors import LocalError

    for name, value in (("--seconds", options.seconds), ("--words", options.words), ("--walks", options.walks)):
        if not 0 <= value < float("inf"):
            raise LocalError("a bound that is none", expected="0 or more", actual=str(value), where=name)
    return study(
        target,
        alphabet,
        budget=Budget(options.seconds, options.words),
        walks=Walks(options.walks, seed=options.seed),
        without=tuple(options.without or ()),
        quiet=options.quiet_time,
    )


def _write(options: argparse.Namespace, target: Any, found: list[Any]) -> None:
    """The files that were asked for."""
    import msgspec

    from conformance.learn.report import markdown

    program = str(target.identity.get("program", target.address))
    if options.json is not None and found:
        facts = {"target": target.address, "program": program, "date": f"{datetime.now(UTC):%Y-%m-%d}", "machines": found}
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n")
    if options.markdown is not None and found:
        page = [f"# What {program} really does", "", f"`spiceconf learn {target.address}`", "", *markdown(found)]
        options.markdown.write_text("\n".join(page).rstrip() + "\n", encoding="utf-8")
