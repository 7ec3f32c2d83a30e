"""Many campaigns with one target, one for each of several seeds, and their findings as of one; whoever holds them.

What a campaign finds depends on its job alone, if it ends by a number of conversations. So findings that are taken in the order
of the seeds are the same on one machine and on many.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast

import msgspec

from conformance.address import Login, Settings, open_target
from conformance.fuzz.campaign import Campaign, Found
from conformance.fuzz.stage import Stage
from conformance.fuzz.steps import Step
from conformance.outcome import TargetUnusable
from conformance.pool import Pool
from conformance.results import Entry
from conformance.target import Reach
from conformance.transcript import Chunk, Transcript

__all__ = ["Held", "Job", "Together", "hold", "spread"]

_ALIKE = 4
"""Findings of one cause that are told, as in a campaign."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign: ``address``, ``settings`` and ``login`` name the target, a client is told of TLS alone if it is ``secure``;
    ``files`` says whether findings become files.
    """

    address: str
    settings: Settings = Settings()
    login: Login = Login()
    seed: int = 0
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    count: int = 0
    seconds: float = 0.0
    corpus: tuple[tuple[Step, ...], ...] = ()
    secure: bool = False
    files: bool = False


class Held(msgspec.Struct, kw_only=True):
    """What became of a job.

    * ``program``: what the target calls itself; ``role``: what it is
    * ``found``: with what was said only where files are wanted; ``reach``: how the target is reached by these
    * ``counts``: how often each cause came; ``pairs``, ``new``: as of a campaign
    * ``unusable``: why the target could not be tested, or no more; "" if it could
    """

    seed: int
    role: str = ""
    program: str = ""
    found: tuple[Found, ...] = ()
    reach: Reach = Reach()
    conversations: int = 0
    counts: dict[tuple[str, ...], int] = {}
    pairs: frozenset[str] = frozenset()
    new: dict[str, tuple[Step, ...]] = {}
    unusable: str = ""


def hold(job: Job) -> Held:
    """Hold a campaign."""
    target = open_target(job.address, job.settings, login=job.login, seed=job.seed)
    stage = Stage(target, secure=job.secure)
    campaign: Campaign | None = None
    reach, unusable = Reach(), ""
    try:
        stage.start()
        reach = target.reach()
        campaign = Campaign(stage, seed=job.seed, kinds=job.kinds, channels=job.channels, corpus=job.corpus)
        campaign.hold(job.seconds, job.count)
        reach = target.reach()
    except TargetUnusable as error:
        unusable = str(error)
    finally:
        stage.stop()
        gc.unfreeze()  # what a campaign has loaded and keeps no longer
    if campaign is None:
        return Held(seed=job.seed, role=target.role, unusable=unusable)
    return Held(
        seed=job.seed,
        role=target.role,
        program=target.identity.get("program") or target.role,
        found=tuple([_carried(item, files=job.files) for item in campaign.found]),
        reach=reach,
        conversations=campaign.conversations,
        counts=dict(campaign.counts),
        pairs=frozenset(campaign.pairs),
        new=campaign.new,
        unusable=unusable,
    )


class _Said:
    """What was said in a conversation, for the files of a finding: no observer of it goes along."""

    def __init__(self, chunks: list[Chunk], entries: list[Entry]) -> None:
        self.chunks = chunks
        self._entries = entries

    def entries(self) -> list[Entry]:
        """As of a transcript."""
        return self._entries


def _carried(found: Found, *, files: bool) -> Found:
    """A finding that can be sent."""
    transcript = found.shown.transcript
    said = _Said(list(transcript.chunks), list(transcript.entries())) if files else _Said([], [])
    return msgspec.structs.replace(found, shown=msgspec.structs.replace(found.shown, transcript=cast(Transcript, said)))


class Together:
    """What campaigns have found together; what it has is as of one campaign."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.pairs: set[str] = set()
        self.new: dict[str, tuple[Step, ...]] = {}
        self.conversations = 0

    def add(self, held: Held) -> list[Found]:
        """One more campaign; those of its findings that no earlier one had."""
        self.counts.update(held.counts)
        self.pairs |= held.pairs
        self.new |= held.new
        self.conversations += held.conversations
        fresh = []
        for item in held.found:
            alike = [known for known in self.found if known.finding.cause == item.finding.cause]
            same = [known for known in alike if known.finding.signature == item.finding.signature]
            if same or len(alike) >= _ALIKE:
                (same or alike)[0].times += item.times
            else:
                self.found.append(item)
                fresh.append(item)
        return fresh


def spread(
    pool: Pool, jobs: Iterable[Job], tell: Callable[[Held, list[Found]], Any], together: Together | None = None
) -> Together:
    """Have all of them held. ``tell`` is called in the order of the jobs, with the findings that are new.

    What was found goes into ``together``, for who is interrupted. Raises TargetUnusable where a target could not be tested.
    """
    together = Together() if together is None else together
    for held in pool.map(hold, list(jobs)):
        if held.conversations or not held.unusable:
            tell(held, together.add(held))
        if held.unusable:
            raise TargetUnusable(held.unusable)
    return together
