"""What is tested, and how the suite reaches it: the interface. What an address stands for is :mod:`conformance.address`.

conformance.reference_target   ref:server, ref:client    the references, in this process
conformance.program_target     everything else           servers and clients on the other side of sockets
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from conformance.case import NEEDS, Case
from conformance.network import Network
from conformance.outcome import NotApplicable
from conformance.peer import Peer
from spiceproto.controls import CONTROLS, Control, Role, control

__all__ = ["Reach", "Target"]


class Reach(msgspec.Struct, frozen=True):
    """How a target is reached without the suite, by the scripts of a report.

    * ``arguments``: of a script, for a server that is somewhere: ``HOST:PORT``, ``--tls``, ``--unix PATH``
    * ``start``: a command that starts the target, where there is one that everybody has
    * ``started``: the command line by which the suite has started it; ``remarks``: what else one has to know of that
    """

    arguments: tuple[str, ...] = ()
    start: str = ""
    started: str = ""
    remarks: tuple[str, ...] = ()


class Target(ABC):
    """``role`` is what it is; ``has`` are the needs that it meets, beyond what it is asked at run time.

    ``secure``      whether the suite uses TLS unless a case says otherwise
    ``start_time``  seconds that a client may take from being asked until it connects
    ``interactive`` whether somebody can ask a client to do something
    ``one_picture`` whether a client takes a picture when the first thing is drawn, and leaves with it
    ``least_screen`` width and height of the smallest screen that a client shows as it is, pixel by pixel
    ``copies``      whether each process that runs cases has a target of its own
    ``virtual``     whether its clock only counts, so that no case is slow
    """

    role: Role = "server"
    copies = True
    virtual = False

    def __init__(self, address: str, *, password: str = "", has: frozenset[str] = frozenset()) -> None:
        self.address = address
        self.password = password
        self.username = "suite"
        self.secured: frozenset[int] = frozenset()
        """Channel types that are linked with TLS unless a case says otherwise, although others are not."""
        self.has = has
        self.secure = False
        self.start_time = 0.0
        self.interactive = False
        self.one_picture = False
        self.least_screen = (0, 0)
        self.reasons: Mapping[str, str] = {}
        """Why needs are not met, where more can be said than that they are not."""
        self.identity: dict[str, Any] = {}
        self.piece = 0
        self.still: set[int] = set()
        """Displays of a server on which nothing was drawn although it was waited for; nobody can have it draw there."""
        self.linked: set[tuple[int, int]] = set()
        """Channels that a client has linked in any case, by type and id."""
        self.left: set[tuple[int, int]] = set()
        """Channels that a client closes by itself before it has said anything there."""
        self.silent_starts = 0
        """In how many sessions a client was waited for in vain to ask for the channels, until one in which it did."""
        self.unlinked: set[tuple[int, int]] = set()
        """Channels that a list has named and the client did not link, so that no case need wait for them as long again."""
        self.unannounced: set[int] = set()
        """Capabilities of main that a client was seen not to announce: cases that need them begin no session."""
        self._shown: dict[str, bool] = {}
        """Whether it was seen to have what a target need not have, such as a device on a channel that it has."""

    def shows(self, what: str, wait: Callable[[float | None], bool], quiet: float) -> bool:
        """Whether something comes that a target need not have.

        ``wait`` waits for so many seconds, None being the usual patience. That is waited out in full once: a target that did
        not show it then has ``quiet`` seconds.
        """
        found = wait(None if self._shown.get(what, True) else quiet)
        self._shown[what] = found or self._shown.get(what, False)
        return found

    def start(self) -> None:  # noqa: B027 - most targets have nothing to start
        """Begin. Raises TargetUnusable."""

    def stop(self) -> None:  # noqa: B027
        """The end of a run: whatever the suite started is ended."""

    @abstractmethod
    def open(self, case: Case) -> Network:
        """A network for one case. Raises TargetUnusable."""

    def close(self, network: Network) -> None:
        """The case is over."""
        network.stop()

    @property
    def ended(self) -> str:
        """ "" while the target runs or nobody can know; else how its process ended."""
        return ""

    def gone(self) -> str:
        """ "" while somebody can be reached, or where the suite starts the target anew; else why nobody can any more."""
        return ""

    def reach(self) -> Reach:
        """How scripts of a report reach it; to be asked when a case is over."""
        return Reach()

    def meets(self, need: str) -> bool:
        """Whether a need of a case is met."""
        return need in self.has

    def lacks(self, case: Case) -> str:
        """What the target lacks for a case, in words; "" for nothing."""
        missing = [need for need in case.needs if not self.meets(need)]
        return "; ".join([self.reasons.get(need) or f"only where {NEEDS[need]}" for need in missing])

    def invite(self, network: Network) -> None:
        """Ask a client to connect."""
        raise NotImplementedError

    # -- told from outside

    def tell(self, peer: Peer, verb: str, values: Mapping[str, Any]) -> Any:
        """Have the target do one of :data:`spiceproto.controls.CONTROLS`, with values as in JSON.

        Raises NotApplicable where nobody can, LocalError for a verb or values that are none.
        """
        row = control(self.role, verb)
        row.read(values)
        said = " ".join([f"{name}={value}" for name, value in values.items()])
        peer.step(f"the target is asked: {verb} {said}".rstrip())
        return self.done_beside(peer, row, values)

    def done_beside(self, peer: Peer, row: Control, values: Mapping[str, Any]) -> Any:
        """:meth:`do`, for who has to go on with the conversation meanwhile."""
        return self.do(row, values)

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        """A target has a method for each verb that it can be told: ``do_mouse_mode``. Raises NotApplicable for others."""
        method = getattr(self, row.method, None)
        if method is None:
            raise NotApplicable(f"nobody can ask the target for this: {row.verb}")
        return method(**row.read(values))

    @classmethod
    def own_verbs(cls) -> frozenset[str]:
        """The verbs that this kind of target has a method for, as needs of a case."""
        return frozenset([row.need for row in CONTROLS if row.role == cls.role and hasattr(cls, row.method)])

    def last_words(self) -> str:
        """What a client said when it ended, for a failure."""
        return ""
