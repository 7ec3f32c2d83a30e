"""The normative sentences of the specification as records.

A sentence is a paragraph of one line in a chapter, with notes below it:

    **SPICE-LINK-006** (MUST, server, normative) A server MUST answer ...
    - Test: what shows whether it is kept; one of these makes the sentence a case of the conformance suite
    - Tolerated: what real programs do instead without harm
    - Observed: what real programs do instead, with harm
    - Vectors: names in ``spec/vectors/images`` that show it; ``*`` stands for any part

Ids are never used for anything else. ``spec/requirements.lock`` holds id, revision and hash of each sentence; what
has another hash than there was changed in silence, and what is there but not in the chapters must be marked
``retired``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, cast

import msgspec

from spiceproto.errors import SchemaError

__all__ = ["Level", "Lock", "Sentence", "locked", "parse", "parse_lock", "parse_reasons", "read", "write_lock"]

Level = Literal["MUST", "SHOULD", "MAY"]

_SENTENCE = re.compile(
    r"\*\*(SPICE-[A-Z]+-\d{3})\*\* \((MUST|SHOULD|MAY), (client|server|both), (normative|de facto|quirk)\) (\S.*)"
)
_NOTE = re.compile(r"- (Test|Tolerated|Observed|Vectors): (\S.*)")
_KEYWORD = re.compile(r"\b(?:MUST|SHOULD|MAY)\b")
_GENERATED = re.compile(r"<!-- generated: .*? -->\n.*?<!-- end -->", re.DOTALL)
_REASON = re.compile(r"\| (SPICE-[A-Z]+-\d{3}) \| (\S.*?) \|")
RETIRED: Final = "retired"


class Sentence(msgspec.Struct, frozen=True):
    """One requirement.

    * ``role``: who has to keep it: "client", "server" or "both"
    * ``source``: "normative", "de facto" (what programs agree on) or "quirk" (what one does and others live with)
    * ``chapter``, ``section``: name of the file without suffix, and heading
    """

    id: str
    level: Level
    role: str
    source: str
    text: str
    chapter: str
    section: str
    line: int
    tests: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The middle of the id."""
        return self.id.split("-")[1]

    @property
    def hash(self) -> str:
        """Of what the sentence demands; notes do not belong to it."""
        text = "\n".join((self.id, self.level, self.role, self.source, " ".join(self.text.split())))
        return sha256(text.encode()).hexdigest()[:16]


def parse(text: str, chapter: str) -> list[Sentence]:
    """The sentences of one chapter. Raises SchemaError for a line that is nearly one, and for a keyword elsewhere."""
    found: list[Sentence] = []
    section = ""
    plain = _GENERATED.sub(lambda match: "\n" * match[0].count("\n"), text)
    notes: dict[str, list[str]] | None = None
    for number, line in enumerate(plain.splitlines(), 1):
        where = f"{chapter}.md:{number}"
        match = _SENTENCE.fullmatch(line)
        note = _NOTE.fullmatch(line)
        if match is not None:
            id, level, role, source, sentence = match.groups()
            if set(_KEYWORD.findall(sentence)) != {level}:
                raise SchemaError("a sentence has the keyword of its level and no other", where=where, expected=level)
            notes = {"Test": [], "Tolerated": [], "Observed": [], "Vectors": []}
            found.append(Sentence(id, cast(Level, level), role, source, sentence, chapter, section, number))
        elif note is not None and notes is not None:
            notes[note[1]].append(note[2])
            found[-1] = msgspec.structs.replace(
                found[-1],
                tests=tuple(notes["Test"]),
                tolerated=tuple(notes["Tolerated"]),
                observed=tuple(notes["Observed"]),
                vectors=tuple(re.findall(r"`([^`]+)`", " ".join(notes["Vectors"]))),
            )
        else:
            notes = None
            if line.startswith("#"):
                section = line.lstrip("# ")
            if "**SPICE-" in line or _KEYWORD.search(line):
                raise SchemaError("a normative sentence without the form of one", where=where, actual=line[:80])
    return found


def read(folder: Path) -> dict[str, Sentence]:
    """Id to sentence, of all chapters in a folder. Raises SchemaError for an id that is there twice."""
    found: dict[str, Sentence] = {}
    for path in sorted(folder.glob("[0-9][0-9]-*.md")):
        for sentence in parse(path.read_text(encoding="utf-8"), path.stem):
            if sentence.id in found:
                raise SchemaError("an id is used twice", where=f"{path.name}:{sentence.line}", actual=sentence.id)
            found[sentence.id] = sentence
    return found


def parse_reasons(text: str) -> dict[str, str]:
    """Id to reason, from a table of sentences that are not tested: ``untestable.md`` and ``unbound.md``."""
    return {match[1]: match[2] for match in _REASON.finditer(text)}


Lock = dict[str, tuple[int, str]]
"""Id to revision and hash; the hash of an id that is used no more is ``retired``."""


def parse_lock(text: str) -> Lock:
    """A lock file; empty lines and what begins with ``#`` do not count."""
    found: Lock = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            id, revision, digest = line.split()
            if id in found:
                raise SchemaError("an id is locked twice", path="requirements.lock", actual=id)
            found[id] = (int(revision), digest)
    return found


def locked(sentences: Mapping[str, Sentence], lock: Lock) -> list[str]:
    """What the lock has against the sentences, a line each; nothing if all is well."""
    problems = []
    for id, sentence in sentences.items():
        if id not in lock:
            problems.append(f"{id} is new: lock it")
        elif lock[id][1] == RETIRED:
            problems.append(f"{id} is retired and may not be used again")
        elif lock[id][1] != sentence.hash:
            problems.append(f"{id} was changed: revise it, or give the changed sentence a new id")
    problems += [f"{id} is gone: retire it" for id, (_, digest) in lock.items() if id not in sentences and digest != RETIRED]
    return problems


_HEAD = """\
# Id, revision and hash of every normative sentence. Made by `python -m spiceproto.derive.chapters --lock`; do not edit.
# An id is never used for another sentence; one that is used no more stays here as retired.
"""


def write_lock(
    sentences: Mapping[str, Sentence], lock: Lock, *, revise: Collection[str] = (), retire: Collection[str] = ()
) -> str:
    """The lock with new sentences added. Raises SchemaError for a change that nobody named."""
    found = dict(lock)
    for id, sentence in sentences.items():
        if id not in found:
            found[id] = (1, sentence.hash)
        elif id in revise and found[id][1] not in (sentence.hash, RETIRED):
            found[id] = (found[id][0] + 1, sentence.hash)
    for id in retire:
        if id in found and id not in sentences:
            found[id] = (found[id][0], RETIRED)
    problems = locked(sentences, found)
    if problems:
        raise SchemaError(problems[0], path="requirements.lock")
    return _HEAD + "".join(f"{id} {revision} {digest}\n" for id, (revision, digest) in sorted(found.items()))
