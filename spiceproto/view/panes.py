"""What a page shows beside the list: panes, each of which is made of some messages of a capture.

A pane says which messages it wants, and hears their values behind their rows. What it has found goes into the page as plain
values, and as texts that are opened when they are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, NamedTuple

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import Diagnostic
from spiceproto.errors import RemoteError

__all__ = ["Pane", "Panes", "Spot"]


class Spot(NamedTuple):
    """Where a message stands: its row (-1 for one that is not listed), seconds after the first thing seen, and who said it."""

    row: int
    seconds: float
    sender: str


class Pane:
    """One of them. ``name`` is its key in the page; ``texts`` are what it has in the page besides values, ``said`` what is to
    be said of the whole."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.said: list[str] = []

    def wanted(self, table: str, sender: str) -> Collection[str]:
        """Names of the messages that it hears."""
        return ()

    def message(self, conversation: Conversation, spot: Spot, name: str, value: Any, body: bytes) -> None:
        """One of them."""

    def agent(self, conversation: Conversation, spot: Spot, name: str, value: Any, size: int) -> None:
        """A whole message of the agent, with a body of ``size`` bytes."""

    def problem(self, conversation: Conversation, problem: Diagnostic) -> None:
        """Something is not as it should be."""

    def as_values(self) -> Any:
        """What it has found, for JSON; asked once, at the end."""


class Panes:
    """Tells each pane what it wants to hear."""

    def __init__(self, panes: Sequence[Pane] = ()) -> None:
        self.panes = tuple(panes)

    def lane(self, conversation: Conversation, sender: str, emit: Emit, place: Callable[[], int], start_ns: Any) -> Emit:
        """The messages of one sender; ``place`` says in which row the last one is, ``start_ns`` when the capture began."""
        if conversation.copy_of is not None:
            return emit
        table = dispatch.rows(conversation.table, sender)
        names = {row.name: row for row in table.values()}
        listeners: dict[int, list[Pane]] = {}
        for pane in self.panes:
            for name in pane.wanted(conversation.table, sender):
                if name in names:
                    listeners.setdefault(names[name].number, []).append(pane)
        if not listeners:
            return emit

        def heard(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            who = listeners.get(number)
            if who is None:
                return
            row = table[number]
            try:
                value = row.parse(body)
            except RemoteError:
                return  # the report says so
            spot = Spot(place(), max(time_ns - start_ns(), 0) / 1e9, sender)
            for pane in who:
                pane.message(conversation, spot, row.name, value, body)

        return heard

    def agent(self, conversation: Conversation, spot: Spot, row: dispatch.Row, body: bytes) -> None:
        """A whole message of the agent that could be read."""
        if conversation.copy_of is not None or not self.panes:
            return
        value = row.parse(body)
        for pane in self.panes:
            pane.agent(conversation, spot, row.name, value, len(body))

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        if problem.conversation is not None:
            for pane in self.panes:
                pane.problem(problem.conversation, problem)

    def as_values(self) -> dict[str, Any]:
        """What all have found, by name."""
        return {pane.name: pane.as_values() for pane in self.panes}

    @property
    def said(self) -> list[str]:
        """What is to be said of the whole, once everything was found."""
        return [line for pane in self.panes for line in pane.said]
