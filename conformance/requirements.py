"""The sentences of the specification, as the suite needs them.

They are read from the chapters, which are installed with the packages.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import spec
from spiceproto import session
from spiceproto.derive import sentences
from spiceproto.derive.sentences import Sentence
from spiceproto.rules import MACHINES, link

__all__ = ["Sentence", "anchor", "by_rules", "described", "fingerprint", "requirements", "untestable"]

SPEC: Final = Path(spec.__file__).parent


@cache
def requirements() -> dict[str, Sentence]:
    """Id to sentence."""
    return sentences.read(SPEC)


@cache
def untestable() -> dict[str, str]:
    """Id to the reason why nobody can tell."""
    return sentences.parse_untestable((SPEC / "untestable.md").read_text(encoding="utf-8"))


@cache
def by_rules() -> frozenset[str]:
    """Sentences that can be read off any conversation: those that a table, the link observer or the session names."""
    found = {id for machine in MACHINES.values() for id in machine.requirements()}
    return frozenset(found | set(link.OBSERVED.values()) | session.REQUIREMENTS)


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
        id: {"level": item.level, "role": item.role, "source": item.source, "chapter": item.chapter,
             "section": item.section, "anchor": anchor(item), "text": item.text}
        for id, item in requirements().items()
    }  # fmt: skip
