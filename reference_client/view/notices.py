"""What the server has to say to the user. Each page is told, and one that comes later of the newest."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from reference_client.events import Event, Notified
from reference_client.notices import one_line, severity_name
from reference_client.view.feature import Page, Session
from spiceproto.errors import LocalError

__all__ = ["KEPT", "Notices"]

KEPT: Final = 3
"""As many as a page shows."""


class Notices:
    """``{"event": "notice", "severity": "information", "warning" or "error", "text": ...}``."""

    verbs: tuple[str, ...] = ()
    kinds: tuple[int, ...] = ()

    def __init__(self, session: Session) -> None:
        self._pages: list[Page] = []
        self._kept: deque[Mapping[str, object]] = deque(maxlen=KEPT)

    def opened(self, page: Page) -> None:
        self._pages.append(page)
        for message in self._kept:
            page.send_json(message)

    def closed(self, page: Page) -> None:
        self._pages.remove(page)

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        raise LocalError("pages say nothing of notices")

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        raise LocalError("notices have no bytes")

    def event(self, event: Event) -> None:
        if isinstance(event, Notified):
            message = {"event": "notice", "severity": severity_name(event.severity), "text": one_line(event.text)}
            self._kept.append(message)
            for page in self._pages:
                page.send_json(message)
