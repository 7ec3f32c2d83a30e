"""What a part of the view is, and what it sees of a page and of the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reference_client.client import Client
from reference_client.events import Event

__all__ = ["Feature", "Page", "Session"]


class Session(Protocol):
    """The session that is shown; a :class:`~reference_client.shell.Shell` is one.

    ``client``  the client, whose channels are told what the user wishes
    """

    client: Client

    @property
    def now(self) -> float:
        """The clock of the session, in seconds."""

    def pump(self) -> None:
        """Carry out what the client wants; to be called after the client was told something outside of a feature's calls."""


class Page(Protocol):
    """A page that is open. Nothing here blocks or raises: a page that takes too little is closed."""

    @property
    def controls(self) -> bool:
        """Whether it may act on the guest; others only look."""

    def send_json(self, message: Mapping[str, object]) -> None:
        """A text message, ``{"event": NAME, ...}``."""

    def send_bytes(self, data: bytes) -> None:
        """A binary message, whose first byte is its kind. Of sound the oldest goes where too much waits."""


class Feature(Protocol):
    """A part of the view. It is made with the :class:`Session`; the view carries out what the client wants after each call.

    * ``verbs``: of the text messages that it takes
    * ``kinds``: first bytes of the binary messages that it takes

    ``told`` and ``received`` may raise LocalError for what is wrong in a message, which the page is then told
    (``{"event": "refused", "do": VERB, "text": WHY}``), and for what the session cannot have.
    """

    verbs: tuple[str, ...]
    kinds: tuple[int, ...]

    def opened(self, page: Page) -> None:
        """A page has come in."""

    def closed(self, page: Page) -> None:
        """It is gone."""

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        """A text message of a page."""

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        """A binary message of a page, with its first byte."""

    def event(self, event: Event) -> None:
        """Something that the client tells."""
