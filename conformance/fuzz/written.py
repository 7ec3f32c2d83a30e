"""A finding as files in a folder of the user's: the conversation as steps, a capture of it, and a script that does it again."""

from __future__ import annotations

from pathlib import Path

from conformance.fuzz.campaign import Found
from conformance.fuzz.corpus import SUFFIX
from conformance.fuzz.steps import text
from conformance.report import pcapng, reproducer
from conformance.results import CaseResult
from conformance.target import Reach

__all__ = ["name_of", "write"]


def name_of(number: int, found: Found) -> str:
    """What the files of a finding are called: ``01-SPICE-MOUSE-014-closed``."""
    return f"{number:02}-{found.finding.sentence}-{found.finding.kind}"


def write(folder: Path, number: int, found: Found, *, target: str, role: str, seed: int, reach: Reach) -> list[Path]:
    """The three files; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    name, finding = name_of(number, found), found.finding
    transcript = found.shown.transcript
    entries = transcript.entries()
    again = f"came back in {found.again} of 3 runs" + (", unsteady" if found.unsteady else "")
    again = "nobody was there to play it again to" if finding.kind == "gone" else again
    about = f"{finding}\ntarget {target}, seed {seed}, conversation {found.at}; {again}"
    paths = [folder / f"{name}{suffix}" for suffix in (SUFFIX, ".pcapng", ".py")]
    lines = "".join([f"# {line}\n" for line in about.splitlines()])
    paths[0].write_text(lines + text(found.steps), encoding="utf-8")
    pcapng.write(paths[1], transcript.chunks, entries, title=f"{finding.sentence}: {finding.kind}")
    case = CaseResult(
        id=f"{finding.sentence}/fuzz-{number}",
        requirement=finding.sentence,
        outcome="fail",
        title=finding.outline,
        role=role,
        expected="the target goes on" if finding.kind != "rule" else "what the sentence says",
        actual=str(finding),
        transcript=entries,
        capture=paths[1].name,
    )
    reproducer.write(paths[2], case, transcript.chunks, reach=reach)
    return paths
