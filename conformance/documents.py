"""``python -m conformance.documents``: what stands between markers in ``docs/conformance.md``, made anew.

    <!-- generated: programs -->      the programs that the suite can start
    <!-- generated: verbs ROLE -->    what a target of this role can be told from outside
    <!-- generated: needs -->         what else a case may need
    <!-- end -->

``--check`` only says whether something is out of date. Everything around the markers is written by hand and left alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Final

from conformance.adapters.programs import CATALOGUE
from conformance.case import NEEDS
from spiceproto.controls import CONTROLS, REQUIRED, Value

__all__ = ["DOCUMENT", "regenerated"]

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "conformance.md"
"""Where it is in a checkout."""

_BLOCK: Final = re.compile(r"(<!-- generated: (programs|verbs|needs) ?(\w*) -->\n).*?(<!-- end -->)", re.DOTALL)


def _programs(_: str) -> str:
    rows = []
    for scheme, made in CATALOGUE.items():
        if scheme in ("client", "server"):  # forms of addresses, like tcp:
            continue
        title = (sys.modules[made.__module__].__doc__ or "").partition("\n")[0]
        options = ", ".join([f"`{name}` ({meaning})" for name, meaning in made.options.items()])
        rows.append(f"| `{scheme}:` | {made.role} | {title} | {options} |")
    return "\n".join(["| address | role | what it is | options |", "| --- | --- | --- | --- |", *rows])


def _value(value: Value) -> str:
    default = "" if value.default is REQUIRED else f" = {value.default}"
    return f"`{value.name}`{default}: {value.described}, {value.meaning}"


def _verbs(role: str) -> str:
    rows = [row for row in CONTROLS if row.role == role]
    lines = [f"| `{row.verb}` | {'; '.join(map(_value, row.values))} | {row.meaning} |" for row in rows]
    return "\n".join(["| verb | values | what a case that needs it asks for |", "| --- | --- | --- |", *lines])


def _needs(_: str) -> str:
    verbs = {row.need for row in CONTROLS}
    lines = [f"| `{need}` | {meaning} |" for need, meaning in NEEDS.items() if need not in verbs]
    return "\n".join(["| need | what it means |", "| --- | --- |", *lines])


def regenerated(text: str) -> str:
    """The document with everything between markers made anew."""
    kinds = {"programs": _programs, "verbs": _verbs, "needs": _needs}
    return _BLOCK.sub(lambda match: f"{match[1]}\n{kinds[match[2]](match[3])}\n\n{match[4]}", text)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if something is out of date."""
    parser = argparse.ArgumentParser(prog="python -m conformance.documents", description="Regenerate docs/conformance.md.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    old = DOCUMENT.read_text(encoding="utf-8")
    new = regenerated(old)
    if new == old:
        return 0
    print(f"{'out of date' if options.check else 'wrote'}: {DOCUMENT.name}")
    if not options.check:
        DOCUMENT.write_text(new, encoding="utf-8")
    return int(options.check)


if __name__ == "__main__":
    raise SystemExit(main())
