"""Sentences that the rules saw broken in a conversation, as long as the suite itself keeps to the rules."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.transcript import Transcript

__all__ = ["broken"]


def broken(transcript: Transcript, before: Mapping[str, str]) -> Mapping[str, str]:
    """Sentences that the target was seen to break, and how; ``before`` is what was known before the last letter.

    Once a letter has broken a rule on any connection, what the target makes of it accuses nobody.
    """
    if any(line.spoiled for line in transcript.lines):
        return before
    return {item.requirement: item.text for item in transcript.seen if not item.tolerated}
