"""``python -m spiceproto.derive.chapters``: what stands between markers in the chapters of ``spec/``, made anew.

    <!-- generated: KIND NAME -->
    <!-- end -->

    record    fields and layout of a structure              messages  messages of a channel, or "common"
    enum      names of an enumeration                       sizes     largest bodies of a channel, "common", or "all"
    layer     messages of a layer inside a channel          counters  counters of a machine
    states    states, diagrams and rules of a machine
    sequence  an example of messages                        example   a part of a session in bytes
    journey   an example of a migration                     numbers   tables of a format, as Python
    bounds    limits of lengths, with their reasons

In what is generated, ``[[module.Name]]`` is a link to the block that prints this structure or enumeration, in whichever
chapter it stands.

``--check`` only says what is out of date. ``--lock`` adds new sentences to the lock file; with ``--revise ID`` or
``--retire ID`` it takes a change. Everything around the markers is written by hand and left alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from spiceproto.derive import blocks, bounds, diagrams, examples, journey_diagram, numbers, sentences
from spiceproto.derive.journeys import JOURNEYS
from spiceproto.errors import SchemaError, SpiceError
from spiceproto.rules import MACHINES, SCENARIOS

__all__ = ["SPEC", "block", "places", "regenerated"]

SPEC = Path(__file__).parents[2] / "spec"
"""Where the chapters are in a checkout."""

_BLOCK = re.compile(r"(<!-- generated: (\w+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PRINTED = re.compile(r"<!-- generated: (?:record|enum) (\S+) -->")
_LINK = re.compile(r"\[\[([\w.]+)\]\]")


def _states(name: str) -> str:
    machine = MACHINES[name]
    keys = diagrams.key_table(machine)
    text = f"Machine `{name}`: {machine.doc}\n\n"
    if machine.keys is not None:
        noun, fields = machine.keys.noun, " and ".join(machine.keys.fields)
        text += f"There is one such life for each {noun}{f', that is, for each {fields}' * (noun != fields)}.\n"
        if machine.keys.most:
            alive = " or ".join([f"`{state}`" for state in machine.keys.alive])
            verb = "is" if machine.keys.most == 1 else "are"
            text += f"At most {machine.keys.most} {verb} {alive} at once ({machine.keys.above}).\n"
        text += f"\n{keys}\n"
    text += f"{diagrams.state_table(machine)}\n"
    drawn = ""
    for drawing in machine.drawings:
        diagram = diagrams.state_diagram(machine, drawing)
        if diagram:
            title = f"{drawing.title}:\n\n" if drawing.title else ""
            drawn += f"{title}```mermaid\n{diagram}```\n\n"
    text += f"{drawn}Messages that change no state are not drawn.\n\n" if drawn else ""
    allowed, forbidden = diagrams.rule_table(machine), ""
    if machine.forbidden:
        forbidden = f"What no rule allows breaks these sentences:\n\n{diagrams.forbidden_table(machine)}\n"
    return f"{text}<details><summary>All rules as a table</summary>\n\n{allowed}\n{forbidden}</details>\n"


def _counters(name: str) -> str:
    return diagrams.counter_table(MACHINES[name])


def _sequence(name: str) -> str:
    scenario = SCENARIOS[name]
    return f"```mermaid\n{diagrams.sequence_diagram(scenario, MACHINES[scenario.machine])}```\n"


def _journey(name: str) -> str:
    (found,) = [item for item in JOURNEYS if item.name == name]
    return f"```mermaid\n{journey_diagram.journey_diagram(found)}```\n"


_KINDS: dict[str, Callable[[str], str]] = {
    "record": blocks.record,
    "enum": blocks.enum,
    "messages": blocks.messages,
    "layer": blocks.layer,
    "sizes": blocks.sizes,
    "example": examples.example,
    "states": _states,
    "counters": _counters,
    "sequence": _sequence,
    "journey": _journey,
    "numbers": numbers.numbers,
    "bounds": bounds.bounds,
}


def block(kind: str, name: str) -> str:
    """What belongs between the markers ``kind name``. Raises SchemaError for a kind or name that is none."""
    try:
        return _KINDS[kind](name)
    except (KeyError, ValueError, AttributeError, ModuleNotFoundError) as error:
        raise SchemaError("nothing is generated under this name", actual=f"{kind} {name}") from error


def places(folder: Path) -> dict[str, str]:
    """Full name of a structure or enumeration to the file that prints it. Raises SchemaError for one that is printed twice."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.md")):
        for name in _PRINTED.findall(path.read_text(encoding="utf-8")):
            if name in found:
                raise SchemaError("printed twice", where=path.name, actual=name)
            found[name] = path.name
    return found


def regenerated(text: str, file: str = "", where: Mapping[str, str] | None = None) -> str:
    """The chapter ``file`` with everything between markers made anew; ``where`` is what :func:`places` found."""

    def link(name: str) -> str:
        place = (where or {}).get(name)
        label = name.rpartition(".")[2]
        return label if place is None else f"[{label}]({'' if place == file else place}#{name})"

    def made(kind: str, name: str) -> str:
        return _LINK.sub(lambda match: link(match[1]), block(kind, name))

    return _BLOCK.sub(lambda match: f"{match[1]}\n{made(match[2], match[3])}\n{match[4]}", text)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if something is out of date or was changed in silence."""
    parser = argparse.ArgumentParser(prog="python -m spiceproto.derive.chapters", description="Regenerate the chapters.")
    parser.add_argument("folder", nargs="?", type=Path, default=SPEC)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--lock", action="store_true", help="add new sentences to requirements.lock")
    parser.add_argument("--revise", metavar="ID", action="append", default=[])
    parser.add_argument("--retire", metavar="ID", action="append", default=[])
    options = parser.parse_args(arguments)
    status = 0
    where = places(options.folder)
    for path in sorted(options.folder.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = regenerated(old, path.name, where)
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
