"""What is tested, and how the suite reaches it: the interface. What an address stands for is :mod:`conformance.address`.

    conformance.reference_target   ref:server, ref:client    the references, in this process
    conformance.program_target     everything else           servers and clients on the other side of sockets
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from conformance.case import NEEDS, Case
from conformance.network import Network
from conformance.outcome import NotApplicable

if TYPE_CHECKING:
    from conformance.as_client import SuiteClient
    from conformance.as_server import SuiteServer

__all__ = ["Target"]


class Target(ABC):
    """``role`` is what it is; ``has`` are the needs that it meets, beyond what it is asked at run time.

    ``secure``      whether the suite uses TLS unless a case says otherwise
    ``start_time``  seconds that a client may take from being asked until it connects
    ``interactive`` whether somebody can ask a client to do something
    """

    role = "server"

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
        self.identity: dict[str, Any] = {}
        self.piece = 0
        self.linked: set[tuple[int, int]] = set()
        """Channels that a client has linked in any case, by type and id."""
        self.unlinked: set[tuple[int, int]] = set()
        """Channels that a list has named and the client did not link, so that no case need wait for them as long again."""

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
        """"" while the target runs or nobody can know; else how its process ended."""
        return ""

    def meets(self, need: str) -> bool:
        """Whether a need of a case is met."""
        return need in self.has

    def lacks(self, case: Case) -> str:
        """What the target lacks for a case, in words; "" for nothing."""
        return "; ".join([f"not so at this target: {NEEDS[need]}" for need in case.needs if not self.meets(need)])

    # -- servers

    def control(self, client: SuiteClient, verb: str, *values: Any) -> Any:
        """Have something done to a server from outside."""
        raise NotApplicable(f"nobody can do this to the target: {verb}")

    # -- clients

    def invite(self, network: Network) -> None:
        """Ask a client to connect."""
        raise NotImplementedError

    def act(self, server: SuiteServer, verb: str, **values: Any) -> None:
        """Ask a client to do something of its own accord."""
        raise NotApplicable(f"nobody can ask the target for this: {verb}")

    def last_words(self) -> str:
        """What a client said when it ended, for a failure."""
        return ""
