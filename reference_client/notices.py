"""What the server has to say to the user: ``NOTIFY``, as a line that a person reads.

The server says how serious a text is (``severity``), and how visible it should be (``visibility``). A client that logs nothing
prints errors alone: servers warn of every session without TLS. A server may say anything, as often as it likes: there is a
longest line, and a last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_client.events import Event, Notified
from spiceproto.enums.common import NotifySeverity

__all__ = ["LINES", "LONGEST", "Notices", "one_line", "severity_name"]

LONGEST: Final = 500
"""Characters of a text that are shown."""

LINES: Final = 50
"""Notices of a session that are printed."""

_NAMES: Final = {
    int(NotifySeverity.INFO): "information",
    int(NotifySeverity.WARN): "warning",
    int(NotifySeverity.ERROR): "error",
}


def severity_name(severity: int) -> str:
    """A word for people; a number that is none of :class:`NotifySeverity` is information."""
    return _NAMES.get(severity, "information")


def one_line(text: str) -> str:
    """The text without line ends and control characters, of at most :data:`LONGEST` characters and an ellipsis."""
    shown = " ".join("".join([letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST]]).split())
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."


class Notices:
    """Prints errors: ``show`` gets each line."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._shown = 0

    def on_event(self, event: Event) -> None:
        """What the client tells."""
        if not isinstance(event, Notified) or self._shown > LINES:
            return
        if event.severity != NotifySeverity.ERROR:
            return
        self._shown += 1
        if self._shown > LINES:
            self._show("the server has more to say (--log prints each)")
        else:
            self._show(f"the server says: {one_line(event.text)}")
