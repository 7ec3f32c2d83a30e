"""A part of the cases of a run: ``--shard 2/3`` is the second of three, and together they have each case once.

Which part has a case follows from its id alone, so that it stays there when other cases come or go. Sentences that the rules
read off every conversation are all in one part: the tour that they rest on is made there, and nowhere else.
"""

from __future__ import annotations

import re
from typing import Final
from zlib import crc32

import msgspec

from conformance.case import Case
from conformance.results import CaseResult
from spiceproto.errors import LocalError

__all__ = ["MOST", "Shard", "slim"]

MOST: Final = 1000
"""Parts of a run; there are not more than twice as many cases."""

_TOUR: Final = "the tour"


class Shard(msgspec.Struct, frozen=True):
    """Part ``number``, counted from 1, of ``count``."""

    number: int
    count: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """From "2/3". Raises LocalError."""
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
        shard = cls(int(found[1]), int(found[2])) if found else None
        if shard is None or not 1 <= shard.number <= shard.count <= MOST:
            raise LocalError("a shard that is none", expected=f"I/N, with I from 1 to N and N at most {MOST}: 2/3", actual=text)
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, case: Case) -> bool:
        """Whether a case is in this part."""
        return crc32((_TOUR if case.from_rules else case.id).encode()) % self.count == self.number - 1


def slim(result: CaseResult) -> CaseResult:
    """What another part needs of a result: no conversation."""
    return msgspec.structs.replace(result, transcript=(), pictures=(), seen=(), heard={})
