"""The sentences of the specification, as the suite needs them.

They are read from the chapters, which are installed with the packages.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any, Final

from conformance import judge
from spiceproto import compared, migration
from spiceproto.derive import sentences
from spiceproto.derive.sentences import Sentence
from spiceproto.machine import EVERY
from spiceproto.rules import MACHINES, link
from spiceproto.siblings import PLACE

__all__ = ["Sentence", "anchor", "by_rules", "channels_of", "described", "fingerprint", "requirements", "unbound", "untestable"]

SPEC: Final = PLACE / "spec"


@cache
def requirements() -> dict[str, Sentence]:
    """Id to sentence."""
    return sentences.read(SPEC)


@cache
def untestable() -> dict[str, str]:
    """Id to the reason why nobody can tell."""
    return sentences.parse_reasons((SPEC / "untestable.md").read_text(encoding="utf-8"))


_OF_THE_OTHER: Final = {"server": "Clients: ", "client": "Servers: "}
"""Role to how the reason begins of a sentence for both that is decided for this role, and not for the other."""


@cache
def unbound(role: str = "") -> dict[str, str]:
    """Id of a sentence that nothing decides yet, of a target of this role if there is one, to what can judge it."""
    found = sentences.parse_reasons((SPEC / "unbound.md").read_text(encoding="utf-8"))
    decided = _OF_THE_OTHER.get(role)
    return {id: reason for id, reason in found.items() if decided is None or not reason.startswith(decided)}


@cache
def by_rules() -> frozenset[str]:
    """Sentences that can be read off any conversation: those that a table, the link observer or the session names."""
    found = {id for machine in MACHINES.values() for id in machine.requirements()}
    return frozenset(found.union(link.OBSERVED.values(), compared.REQUIREMENTS, migration.REQUIREMENTS))


@cache
def channels_of(id: str) -> frozenset[str]:
    """The channels without which no rule can say anything of a sentence; none for one that is read off others as well."""
    about = [frozenset(machine.channels) for machine in MACHINES.values() if id in machine.requirements()]
    about += [frozenset({"display"})] * (id in compared.PICTURES)
    elsewhere = (id in compared.REQUIREMENTS and id not in compared.PICTURES) or id in judge.REQUIREMENTS
    elsewhere = elsewhere or id in migration.REQUIREMENTS
    other = id in link.OBSERVED.values() or elsewhere or frozenset(EVERY) in about
    return frozenset() if other or not about else frozenset.intersection(*about)


def anchor(sentence: Sentence) -> str:
    """Where it stands, as in ``spec/01-link.md#12-link-header``."""
    kept = "".join([letter for letter in sentence.section.lower() if letter.isalnum() or letter in " -"])
    return f"spec/{sentence.chapter}.md#{kept.replace(' ', '-')}"


@cache
def fingerprint() -> str:
    """Which specification this is: a hash over all sentences."""
    return sha256("".join(f"{id}{item.hash}" for id, item in requirements().items()).encode()).hexdigest()[:12]


@cache
def described() -> dict[str, dict[str, Any]]:
    """Every sentence as it stands in the header of a run."""
    return {
        id: {
            "level": item.level,
            "role": item.role,
            "source": item.source,
            "chapter": item.chapter,
            "section": item.section,
            "anchor": anchor(item),
            "text": item.text,
        }
        for id, item in requirements().items()
    }
