"""One link stage, held against its table; and what a table says, as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from spiceproto import capabilities as caps
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.link import ChannelType
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.link import Item, Problem, Step
from spiceproto.machine import CLOSE, Coverage, Run, Verdict
from spiceproto.rules import link
from spiceproto.sizes import LINK_MESSAGE_SIZE, LINK_REPLY_SIZE

__all__ = ["LinkStage", "findings_of"]


def findings_of(verdict: Verdict, machine: str, sender: str, channel: tuple[int, int], now: float) -> Iterator[Finding]:
    """What is wrong, or only tolerated, with a letter that a machine has heard."""
    for breach in verdict.breaches:
        yield Finding(
            breach.requirement, breach.sender, channel, breach.text, breach.expected, breach.actual, now, machine=machine
        )
    if verdict.tolerated and verdict.legal and verdict.rule is not None:
        text = f"{verdict.letter} in state {verdict.before}"
        yield Finding(verdict.rule.requirement, sender, channel, text, now=now, tolerated=True, machine=machine)


_MAIN: Final = (int(ChannelType.MAIN), 0)
_NOT_THERE: Final = link.OBSERVED["no-reply"]


class LinkStage:
    """Takes the items of a :class:`spiceproto.link.LinkObserver`; :meth:`feed` says what is wrong with each."""

    __slots__ = ("_coverage", "channel", "run")

    def __init__(self, *, now: float = 0.0, coverage: Mapping[str, Coverage] | None = None) -> None:
        self.channel: tuple[int, int] = (0, 0)
        self.run = Run(link.LINK, now=now)
        self._coverage = coverage

    def feed(self, item: Item, now: float = 0.0) -> tuple[Finding, ...]:
        """One item. Problems of the severity "note" are no findings."""
        if isinstance(item, Problem):
            if item.severity == "note" or item.code in link.JUDGED:
                return ()
            requirement, tolerated = link.OBSERVED[item.code], item.code in link.TOLERATED
            found = Finding(requirement, item.sender, self.channel, item.rule, item.expected, item.actual, now, tolerated)
            return self._kept((found,))
        if not isinstance(item, Step):
            return ()
        if item.kind == "link-message":
            self.channel = (item.value.channel_type, item.value.channel_id)
            self.run.client = _announced(item.value, LINK_MESSAGE_SIZE)
        elif item.kind == "link-reply":
            self.run.server = _announced(item.value, LINK_REPLY_SIZE)
        return self._feed(item.sender, item.kind, item.value, now)

    def closed(self, sender: str, now: float = 0.0) -> tuple[Finding, ...]:
        """``sender`` closed the connection."""
        return self._feed(sender, CLOSE, None, now)

    def _feed(self, sender: str, kind: str, value: Any, now: float) -> tuple[Finding, ...]:
        verdict = self.run.feed(sender, kind, value, now)
        if self._coverage is not None:
            self._coverage[link.LINK.name].note(verdict)
        return self._kept(findings_of(verdict, link.LINK.name, sender, self.channel, now))

    def _kept(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Every server has a first main channel: one that closes it in silence does not do so because it is not there."""
        return tuple([item for item in findings if item.requirement != _NOT_THERE or self.channel != _MAIN])


def _announced(value: Any, fixed: int) -> Capabilities:
    try:
        return caps.read(bytes(fixed) + value.caps, fixed, value.num_common_caps, value.num_channel_caps, value.caps_offset)
    except RemoteError:
        return NONE
