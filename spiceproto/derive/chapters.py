"""``python -m spiceproto.derive.chapters``: what stands between markers in the chapters of ``spec/``, made anew.

    <!-- generated: KIND NAME -->
    <!-- end -->

    record    fields and layout of a structure              messages  messages of a channel, or "common"
    enum      names of an enumeration                       sizes     largest bodies of a channel, or "common"
    states    state diagram and rules of a machine          counters  counters of a machine
    sequence  an example

``--check`` only says what is out of date. ``--lock`` adds new sentences to the lock file; with ``--revise ID`` or
``--retire ID`` it takes a change. Everything around the markers is written by hand and left alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from spiceproto import schema
from spiceproto.derive import diagrams, sentences, tables
from spiceproto.errors import SchemaError, SpiceError
from spiceproto.machine import ANY
from spiceproto.message import Sender
from spiceproto.rules import MACHINES, SCENARIOS
from spiceproto.schema import common
from spiceproto.size_limits import named_limit
from spiceproto.walk import walk

__all__ = ["SPEC", "block", "regenerated"]

SPEC = Path(__file__).parents[2] / "spec"
"""Where the chapters are in a checkout."""

_BLOCK = re.compile(r"(<!-- generated: (\w+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_LARGEST_DRAWN = 64
_SENDERS: tuple[Sender, ...] = ("server", "client")


def _record(name: str) -> str:
    record = schema.records()[name]
    item = walk(record)
    number = item.smallest if item.size is None else item.size
    size = f"{'at least ' * (item.size is None)}{number} byte{'s'[: number != 1]}"
    text = f"`{record.name}`, {size}. {record.doc}\n\n{tables.record_table(record)}"
    if item.members and item.size is not None and item.size <= _LARGEST_DRAWN:
        text += f"\n```text\n{tables.packet_diagram(record)}```\n"
    return text


def _enum(name: str) -> str:
    module, _, kind = name.partition(".")
    found = getattr(import_module(f"spiceproto.enums.{module}"), kind)
    return f"`{kind}`: {' '.join((found.__doc__ or '').split())}\n\n{tables.enum_table(found)}"


def _messages(name: str) -> str:
    if name != "common":
        return "\n".join(tables.message_table(name, sender) for sender in _SENDERS)
    # Every channel has them; those of the main channel are as good as any.
    found = []
    for sender, rows in (("server", common.SERVER), ("client", common.CLIENT)):
        numbers = {str(row.number) for row in rows}
        lines = tables.message_table("main", sender, common=True).splitlines()  # type: ignore[arg-type]
        found.append("\n".join([*lines[:2], *[line for line in lines[2:] if line.split()[1] in numbers]]) + "\n")
    return "\n".join(found)


def _sizes(name: str) -> str:
    lines = ["| sender | message | bytes at most | because |", "| --- | --- | --- | --- |"]
    for sender, rows in (("server", common.SERVER), ("client", common.CLIENT)):
        own = rows if name == "common" else tuple(schema.channel(name).rows(sender).values())  # type: ignore[arg-type]
        for row in own:
            limit = named_limit("main" if name == "common" else name, sender, row.name)
            if limit is None:
                raise SchemaError("a message without a largest size", path=f"{name}.{row.name}")
            if row.status != "sentinel":
                lines.append(f"| {sender} | `{row.name}` | {limit.size} | {limit.reason} |")
    return "\n".join(lines) + "\n"


def _states(name: str) -> str:
    machine = MACHINES[name]
    idle = [f"`{letter}` ({sender})" for sender, letter in diagrams.idle_letters(machine) if letter != ANY]
    note = f"Not drawn, because they change no state: {', '.join(idle)}.\n\n" if idle else ""
    diagram = diagrams.state_diagram(machine)
    table = diagrams.rule_table(machine)
    return (
        f"Machine `{name}`: {machine.doc}\n\n```mermaid\n{diagram}```\n\n{note}"
        f"<details><summary>The same as a table</summary>\n\n{table}\n</details>\n"
    )


def _counters(name: str) -> str:
    return diagrams.counter_table(MACHINES[name])


def _sequence(name: str) -> str:
    scenario = SCENARIOS[name]
    return f"```mermaid\n{diagrams.sequence_diagram(scenario, MACHINES[scenario.machine])}```\n"


_KINDS: dict[str, Callable[[str], str]] = {
    "record": _record,
    "enum": _enum,
    "messages": _messages,
    "sizes": _sizes,
    "states": _states,
    "counters": _counters,
    "sequence": _sequence,
}


def block(kind: str, name: str) -> str:
    """What belongs between the markers ``kind name``. Raises SchemaError for a kind or name that is none."""
    try:
        return _KINDS[kind](name)
    except (KeyError, AttributeError, ModuleNotFoundError) as error:
        raise SchemaError("nothing is generated under this name", actual=f"{kind} {name}") from error


def regenerated(text: str) -> str:
    """A chapter with everything between markers made anew."""
    return _BLOCK.sub(lambda match: f"{match[1]}\n{block(match[2], match[3])}\n{match[4]}", text)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if something is out of date or was changed in silence."""
    parser = argparse.ArgumentParser(
        prog="python -m spiceproto.derive.chapters", description="Regenerate the chapters."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=SPEC)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--lock", action="store_true", help="add new sentences to requirements.lock")
    parser.add_argument("--revise", metavar="ID", action="append", default=[])
    parser.add_argument("--retire", metavar="ID", action="append", default=[])
    options = parser.parse_args(arguments)
    status = 0
    for path in sorted(options.folder.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = regenerated(old)
        if new != old:
            print(f"{'out of date' if options.check else 'wrote'}: {path.name}")
            status |= options.check
            if not options.check:
                path.write_text(new, encoding="utf-8")
    lock_path = options.folder / "requirements.lock"
    lock = sentences.parse_lock(lock_path.read_text(encoding="utf-8") if lock_path.exists() else "")
    found = sentences.read(options.folder)
    if options.lock and not options.check:
        try:
            lock_path.write_text(
                sentences.write_lock(found, lock, revise=options.revise, retire=options.retire), encoding="utf-8"
            )
        except SpiceError as error:
            print(error)
            return 1
        return status
    problems = sentences.locked(found, lock)
    print("\n".join(problems) if problems else f"{len(found)} sentences")
    return 1 if problems else status


if __name__ == "__main__":
    raise SystemExit(main())
