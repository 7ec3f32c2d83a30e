"""Faults of the talk with the agent: a class in the place of the talk, or of one of its parts, on the main channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from reference_client.agent import Agent, AgentClipboard, AgentFiles, AgentMonitors
from reference_client.channels.main import MainChannel
from reference_client.faults.fault import fault

__all__ = ["agent_fault"]

_PARTS: Final[dict[type, str]] = {
    AgentClipboard: "clipboard_class",
    AgentFiles: "files_class",
    AgentMonitors: "monitors_class",
}

_Class = TypeVar("_Class", bound=type[Any])


def agent_fault(name: str, requirement: str, *also: str) -> Callable[[_Class], _Class]:
    """Declare a fault like :data:`fault`, of a class that derives from Agent or from one of its parts."""

    def keep(part: _Class) -> _Class:
        talk: type[Agent] = part
        if not issubclass(part, Agent):
            attribute = next(attribute for base, attribute in _PARTS.items() if issubclass(part, base))
            talk = type(part.__name__, (Agent,), {attribute: part})
        fault(name, requirement, *also)(type(part.__name__, (MainChannel,), {"agent_class": talk, "__doc__": part.__doc__}))
        return part

    return keep
