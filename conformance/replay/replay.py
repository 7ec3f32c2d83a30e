"""A recording played to a target: the target is opened, met, and left."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import SANITY, Case
from conformance.cases import all_cases
from conformance.network import ClientNetwork, ServerNetwork
from conformance.replay.as_client import ClientPlayer
from conformance.replay.as_server import ServerPlayer
from conformance.replay.player import Pace, Played
from conformance.replay.recording import Recording
from conformance.target import Target
from conformance.transcript import Transcript

__all__ = ["play", "side_of"]

_ORDINARY: Pace = Pace()


def side_of(target: Target) -> str:
    """Which side of a recording is said to a target."""
    return "server" if target.role == "client" else "client"


def _case(role: str) -> Case:
    """What a target is opened for: an ordinary session."""
    return next(case for case in all_cases() if case.id == SANITY[role])


def play(recording: Recording, target: Target, pace: Pace = _ORDINARY) -> tuple[Played, Transcript]:
    """What came of it, and the whole conversation. The target is started, and is not stopped.

    Raises TargetUnusable, Failure or NotApplicable where main can not be linked.
    """
    network = target.open(_case(target.role))
    try:
        if isinstance(network, ServerNetwork):
            client = SuiteClient(network, target)
            played = ClientPlayer(recording, client, pace).play()
            client.finish()
        else:
            assert isinstance(network, ClientNetwork)
            played = ServerPlayer(recording, SuiteServer(network, target), pace).play()
        return played, network.transcript
    finally:
        target.close(network)
