"""What a channel may ask of the session it belongs to. Channels know this, and not the client."""

from __future__ import annotations

from typing import Protocol, TypeVar

from reference_client.events import Event
from reference_client.options import Options
from reference_client.pointing import Pointing
from spiceproto.messages import main

__all__ = ["Host", "Migration"]

Migration = main.MigrateBegin | main.MigrateBeginSeamless | main.MigrateCancel | main.MigrateEnd | main.MigrateSwitchHost
"""What a source says on main."""

T = TypeVar("T")


class Host(Protocol):
    """The session.

    ``now``         the time of the call that is under way
    ``session_id``  what INIT brought; None before it
    ``pointing``    the pointer that all channels share
    """

    options: Options
    now: float
    session_id: int | None
    pointing: Pointing

    def tell(self, event: Event) -> None:
        """Tell the user."""

    def wants(self, channel_type: int, channel_id: int) -> bool:
        """Whether a channel that a list names is to be linked."""

    def open(self, channel_type: int, channel_id: int) -> None:
        """Begin to link a channel."""

    def coming(self, channel_type: int) -> bool:
        """Whether a channel of this type is on its way to be linked."""

    def shared(self, kind: type[T]) -> T:
        """What the channels of the session share: the one ``kind()`` of it, made when it is first asked for."""

    def migrate(self, value: Migration) -> None:
        """What the server says on main of a migration."""

    def began(self) -> None:
        """INIT has opened the session: what waited for it begins."""

    def end(self, text: str, *, orderly: bool) -> None:
        """End the session, and say why."""
