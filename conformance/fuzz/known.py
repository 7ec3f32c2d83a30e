"""What is known of a target, so that a campaign has it apart from what is new.

Waivers count by their sentence. What campaigns have found in programs of other people stands in ``peers.toml``: program,
sentence, and what was seen; of the end of a process nothing but that.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from conformance.case import Case
from conformance.cases import all_cases
from conformance.fuzz.verdict import Finding
from conformance.waivers import Waivers

__all__ = ["Known", "Seen", "seen"]

_PEERS: Final = Path(__file__).parent / "peers.toml"


class Seen(msgspec.Struct, frozen=True):
    """What a campaign has seen of a program: ``program`` is the scheme of its address."""

    program: str
    sentence: str
    what: str


def seen() -> tuple[Seen, ...]:
    """All of it."""
    return tuple(msgspec.convert(tomllib.loads(_PEERS.read_text(encoding="utf-8")).get("seen", []), tuple[Seen, ...]))


class Known:
    """``name`` as of ``--waivers``, None for none; ``address`` is the target's. Raises LocalError."""

    def __init__(self, name: str | None, address: str) -> None:
        self._waivers = Waivers(()) if name is None else Waivers.named(name, address=address)
        self._program = address.partition(":")[0] if name in (None, "builtin") else str(name).removesuffix(":")
        self._seen = [item for item in seen() if item.program == self._program]

    def of(self, finding: Finding) -> str:
        """Why a finding is known; "" if it is new."""
        for item in self._seen:
            if item.sentence == finding.sentence:
                return item.what
        for entry, fits in self._waivers.entries:
            if any(fits(case) for case in self._cases(finding.sentence)):
                return entry.reason
        return ""

    @staticmethod
    def _cases(sentence: str) -> list[Case]:
        return [case for case in all_cases() if case.requirement == sentence]
