"""A client: what its channels have in common, and how they hear of one another.

No channel knows another one. What one of them has to say to the user, or the server to all, is told by the session
(:mod:`reference_server.watched`); main watches, and sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import msgspec

from reference_server.departure import Departure, Late
from reference_server.watched import Watched
from spiceproto import limits
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import LinkErr
from spiceproto.errors import LocalError

__all__ = ["Leaving", "Notice", "Session"]

Shared = TypeVar("Shared")


class Notice(msgspec.Struct, frozen=True):
    """Something for the user to read. Raises LocalError for a text that no NOTIFY has: too long, or not in UTF-8, or one with
    U+0000, which ends it.
    """

    text: str
    severity: NotifySeverity
    visibility: NotifyVisibility = NotifyVisibility.HIGH

    def __post_init__(self) -> None:
        size = len(self.text.encode(errors="replace"))
        good = "\0" not in self.text and not any("\ud800" <= letter <= "\udfff" for letter in self.text)
        if size > limits.NOTICE or not good:
            actual = f"{size} bytes" if good else "U+0000, or half of a pair of UTF-16"
            raise LocalError(
                "no text for users", expected=f"at most {limits.NOTICE} bytes in UTF-8, none of them 0", actual=actual
            )


class Leaving(msgspec.Struct, frozen=True):
    """The session is about to be ended by the server."""

    reason: LinkErr


class Session(Watched):
    """Tells :class:`Notice`, :class:`Leaving`, and what :mod:`reference_server.departure` has.

    ``id``        its number, which is the connection id of the links of its channels
    ``arriving``  it comes from another server, and its migration has not ended
    ``departure`` how it leaves for another server; None while it stays
    ``beside``    what came with the guest for its channels, by type and id
    ``late``      what came after the guest, as :class:`~reference_server.departure.Late`, oldest first
    ``linked``    type and id of its channels, main among them
    ``heard``     when the client last sent a message on any of them
    """

    def __init__(self, id: int, now: float, *, arriving: bool = False) -> None:
        super().__init__()
        self.id = id
        self.arriving = arriving
        self.departure: Departure | None = None
        self.beside: Mapping[tuple[int, int], Any] = {}
        self.late: list[Late] = []
        self.linked: set[tuple[int, int]] = set()
        self.heard = now
        self._shared: dict[Callable[[], Any], Any] = {}

    def shared(self, make: Callable[[], Shared]) -> Shared:
        """What channels of the client have in common, made by whoever asks first."""
        found = self._shared.get(make)
        if found is None:
            found = self._shared[make] = make()
        return cast(Shared, found)

    def __repr__(self) -> str:
        return f"<session {self.id:#x}, {len(self.linked)} channels>"
