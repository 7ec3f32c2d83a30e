"""Conversations as files: ``NAME.steps``, lines of steps, with comments behind ``#`` that say where they come from.

A corpus is reviewed like source, and given to any target of its role: what makes no sense there is passed over. It is
minimised by what conversations reach: rows of the tables, and what was said in which state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Final

from conformance.fuzz.reduce import fewer
from conformance.fuzz.stage import Stage
from conformance.fuzz.steps import Step, parse_all, text
from conformance.fuzz.value_text import is_said
from spiceproto.errors import LocalError
from spiceproto.message import Sender

__all__ = ["SUFFIX", "Corpus", "minimised", "name_for", "own", "read"]

SUFFIX: Final = ".steps"
_OWN: Final = Path(__file__).parent / "corpus"
_MOST: Final = 1 << 24
"""Bytes of a file that is read."""

_ENDS: Final[dict[str, tuple[Sender, Sender]]] = {"server": ("client", "server"), "client": ("server", "client")}
"""Role of a target to who talks to it, and who it is."""


def name_for(steps: Sequence[Step], prefix: str = "") -> str:
    """The name of a conversation: what it says, as a short number."""
    return f"{prefix}{sha256(text(steps).encode()).hexdigest()[:12]}"


def read(path: Path) -> tuple[Step, ...]:
    """The conversation of a file. Raises LocalError for a file that is none."""
    with path.open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise LocalError("a conversation that is too large", expected=f"at most {_MOST} bytes", where=str(path))
    try:
        return parse_all(data.decode(), str(path))
    except UnicodeDecodeError:
        raise LocalError("no text", expected="lines of steps in UTF-8", where=str(path)) from None


class Corpus:
    """``folder`` has the files of one role in it; it need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, role: str = "") -> dict[str, tuple[Step, ...]]:
        """Name to conversation, in the order of names. Raises LocalError for a file that is none, or not for this role."""
        found = {}
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            steps = found[path.name.removesuffix(SUFFIX)] = read(path)
            if role and (step := _of_others(steps, role)) is not None:
                own, other = _ENDS[role]
                expected = f"conversations for a {role}: what a {own} says"
                raise LocalError(f"what a {other} says", expected=expected, actual=str(step)[:80], where=str(path))
        return found

    def write(self, name: str, steps: Sequence[Step], comment: str = "") -> Path:
        """One more file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}{SUFFIX}"
        lines = "".join([f"# {line}\n" for line in comment.splitlines()])
        path.write_text(lines + text(steps), encoding="utf-8")
        return path

    def comment(self, name: str) -> str:
        """What stands before the first step of a file."""
        lines = (self.folder / f"{name}{SUFFIX}").read_text(encoding="utf-8").splitlines()
        return "\n".join([line[1:].strip() for line in takewhile(lambda line: line.startswith("#"), lines)])

    def remove(self, names: Iterable[str]) -> None:
        """These files go."""
        for name in names:
            (self.folder / f"{name}{SUFFIX}").unlink()


def _of_others(steps: Sequence[Step], role: str) -> Step | None:
    """The first message that only a target of this role says, and not who talks to it."""
    own, other = _ENDS[role]
    for step in steps:
        if step.is_message and not is_said(step.table, own, step.word) and is_said(step.table, other, step.word):
            return step
    return None


def own(role: str) -> Corpus:
    """The corpus that comes with the suite, for targets of a role."""
    return Corpus(_OWN / role)


def minimised(
    stage: Stage, conversations: Mapping[str, Sequence[Step]], *, shorter: bool = False
) -> tuple[dict[str, tuple[Step, ...]], int]:
    """A few conversations that reach all that these reach at a target, and how many things that is.

    Small ones go first where two reach as much. With ``shorter``, steps that are not needed for that are left out.
    """
    reached = {name: _reached(stage, steps) for name, steps in conversations.items()}
    sizes = {name: len(text(steps)) for name, steps in conversations.items()}
    everything = frozenset[str]().union(*reached.values())
    missing, kept = set(everything), {}
    while missing:
        best = min(reached, key=lambda name: (-len(reached[name] & missing), sizes[name], name))
        wanted = frozenset(reached[best] & missing)
        steps = tuple(conversations[best])
        kept[best] = _shortened(stage, steps, wanted) if shorter else steps
        missing -= wanted
    return kept, len(everything)


def _shortened(stage: Stage, steps: Sequence[Step], wanted: frozenset[str]) -> tuple[Step, ...]:
    return fewer(steps, lambda tried: wanted <= _reached(stage, tried))


def _reached(stage: Stage, steps: Sequence[Step]) -> frozenset[str]:
    shown = stage.replay(steps, count_rows=True)
    return shown.pairs | shown.rows
