"""The suite's end of a case, whichever role it plays: the clock, what is written down, and what the case rests on.

Every step is written down with the conversation. Nobody sleeps: whoever waits lets the network run until something has
come, or a time is over (:meth:`Peer.run`). Meanwhile every channel that is linked takes its messages and answers what has
to be answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from conformance.network import Network
from conformance.outcome import Blocked, Failure, Flooded, NotApplicable
from spiceproto.capabilities import Capabilities

__all__ = ["Peer"]


class Peer:
    """What both kinds of suite ends have.

    ``tolerated``          manners of the target that real peers live with, and the sentence that each is against
    ``relied_on``          ids of the cases on which this one relied without being about them
    ``manner_is_known``    whether a manner that the case tolerates is known of the target, so that it accuses nobody
    ``known_broken``       says of the id of a case whether it is known not to pass
    ``known_to_fail``      says of the id of a case whether it was seen not to pass, waived or not
    ``expected_to_fail``   the same, or a waiver says so
    ``capabilities_seen``  what the target announced, by channel
    ``undecided``          sentences that the case decides elsewhere, and why not in this conversation
    ``missed``             channels that a tour could not see to the end, and why
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tolerated: dict[str, str] = {}
        self.relied_on: list[str] = []
        self.manner_is_known = False
        self.known_broken: Callable[[str], bool] = lambda id: False
        self.known_to_fail: Callable[[str], bool] = lambda id: False
        self.expected_to_fail: Callable[[str], bool] = lambda id: False
        self.capabilities_seen: dict[str, Capabilities] = {}
        self.undecided: dict[str, str] = {}
        self.missed: dict[str, Exception] = {}
        self._pumps: list[Callable[[], None]] = []

    @property
    def now(self) -> float:
        """Seconds since the case began."""
        return self.network.now

    # -- what is written down

    def step(self, text: str, connection: int = 0) -> None:
        """Write down what comes next."""
        self.network.transcript.step(text, self.now, connection)

    def note(self, text: str) -> None:
        """Write down a remark."""
        self.network.transcript.note(text, self.now)

    def tolerate(self, manner: str, *, against: str = "") -> None:
        """What the target does is not as it should be, but real peers live with it.

        ``against`` is the sentence that it is against, if that is not the one which the case is about. Of which targets a
        manner is known stands in their waivers; at others it is a failure of the case about that sentence.
        """
        self.tolerated.setdefault(manner, against)

    def leaves_undecided(self, ids: Iterable[str], why: str) -> None:
        """This conversation shows nothing of these sentences, which the case decides as well where it can."""
        self.undecided |= dict.fromkeys(ids, why)

    # -- what the case rests on

    def relies_on(self, *ids: str) -> None:
        """What follows relies on what other cases are about.

        Raises Blocked if one of them is known not to pass. If this case fails, and one of them turns out not to pass, it is
        blocked by that, and so accuses nobody: it does not wait long.
        """
        self.relied_on += [id for id in ids if id not in self.relied_on]
        if any(self.expected_to_fail(id) for id in ids):
            self.network.hurry()
        broken = [id for id in ids if self.known_broken(id)]
        if broken:
            raise Blocked(f"it relies on {', '.join(broken)}", broken)

    def awaits(self, table: str, message: str) -> None:
        """A message is waited for by name on a channel: what shows that the target sends it at all is relied on."""

    @contextmanager
    def visiting(self, *tables: str) -> Iterator[None]:
        """A part of a tour, on these channels: what goes wrong in here is no end of the tour, and is kept in ``missed``."""
        try:
            yield
        except (Failure, Blocked, NotApplicable) as why:
            self.note(f"{' and '.join(tables)} left: {why}")
            self.missed |= dict.fromkeys(tables, why)

    @contextmanager
    def preparing(self, what: str) -> Iterator[None]:
        """Steps on the way to what the case is about: a failure in here blocks the case, and decides no sentence."""
        try:
            yield
        except Failure as failure:
            raise Blocked(f"{what}: expected {failure.expected}; found {failure.actual}") from failure

    # -- time

    def run(self, until: Callable[[], bool], within: float | None = None) -> bool:
        """Let things happen until ``until`` holds."""

        def look() -> bool:
            self.pump_all()
            if self.network.transcript.flood:
                raise Flooded(self.network.transcript.flood)
            return until()

        return self.network.run(look, self.network.patience if within is None else within)

    def wait(self, seconds: float) -> None:
        """Let so much time pass: only for sentences about time."""
        self.step(f"wait {seconds:g} s")
        self.run(lambda: False, seconds)

    def wait_quiet(self) -> None:
        """Let pass what is under way: the short time after which what has not come does not come."""
        self.run(lambda: False, self.network.quiet)

    @property
    def patience_for_a_manner(self) -> float:
        """How long to wait for what is exact where the other is a manner: the usual time, or a short one if that is known."""
        return 2 * self.network.quiet if self.manner_is_known else self.network.patience

    def add_pump(self, pump: Callable[[], None]) -> None:
        """From now on ``pump`` is called while anybody waits: it takes what has come on a channel."""
        self._pumps.append(pump)

    def pump_all(self) -> None:
        """Let every channel take what has come."""
        for pump in self._pumps:
            pump()

    def finish(self) -> None:
        """The case is over; its connections are still there."""
