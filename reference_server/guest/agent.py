"""The agent: a program inside the guest that moves the pointer, and to which a client may talk."""

from __future__ import annotations

import msgspec

from reference_server.watched import Watched

__all__ = ["Agent", "AgentChanged", "AgentData"]


class AgentChanged(msgspec.Struct, frozen=True):
    """The agent came or went."""

    present: bool


class AgentData(msgspec.Struct, frozen=True):
    """A piece of a client's stream of agent messages."""

    data: bytes


class Agent(Watched):
    """``present`` says whether it is there. Tells :class:`AgentChanged` and :class:`AgentData`."""

    def __init__(self) -> None:
        super().__init__()
        self.present = False

    def receive(self, data: bytes) -> None:
        """The client has said something; comes only while the agent is there."""
        self.tell(AgentData(data))

    def set_present(self, present: bool) -> None:
        """It comes, or goes."""
        if present != self.present:
            self.present = present
            self.tell(AgentChanged(present))
