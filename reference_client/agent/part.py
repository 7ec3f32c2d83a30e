"""What the parts of the talk with an agent are: messages that they take, and moments at which something is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from reference_client.host import Host
from spiceproto.agent.outbox import Outbox
from spiceproto.agent.terms import Terms

__all__ = ["Handlers", "Part", "Talk"]

Handlers = Mapping[type, Callable[[Any, Any, float], None]]
"""Class of an agent message to the method that takes it: ``(part, value, now)``."""


class Talk(Protocol):
    """What a part may ask of the talk it belongs to.

    ``terms``   what both ends have announced
    ``outbox``  messages that wait for tokens
    """

    host: Host
    terms: Terms
    outbox: Outbox

    def say(self, *values: Any) -> None:
        """Messages for the agent, as soon as there are tokens; None among them is left out."""

    def queue(self, *values: Any) -> None:
        """The same for :meth:`Part.fill`, which is asked by who sends."""

    def flush(self) -> None:
        """Send what there are tokens for."""


class Part:
    """One purpose of the agent.

    ``deadline``  when :meth:`tick` is to be called; None for never
    """

    handlers: ClassVar[Handlers] = MappingProxyType({})

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.deadline: float | None = None

    @property
    def terms(self) -> Terms:
        """What both ends have announced."""
        return self.talk.terms

    def agreed(self, now: float) -> None:
        """The agent has said what it can do: at its beginning, and perhaps again."""

    def lost(self, now: float) -> None:
        """The agent is gone, and what waited for it was dropped."""

    def fill(self, now: float) -> None:
        """There is room in the outbox."""

    def tick(self, now: float) -> None:
        """Time has passed."""
