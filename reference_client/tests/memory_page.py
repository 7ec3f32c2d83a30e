"""A page of the view and its session for tests of its parts: what a page is told is kept, and the server is a scripted one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_client.client import Client
from reference_client.tests.scripted import ScriptedServer
from reference_client.view.feature import Feature

__all__ = ["MemoryPage", "MemorySession"]


class MemoryPage:
    """``said`` are the events that it was told, ``bytes`` its binary messages."""

    def __init__(self, *, controls: bool = True) -> None:
        self.controls = controls
        self.said: list[Mapping[str, Any]] = []
        self.bytes: list[bytes] = []

    def send_json(self, message: Mapping[str, Any]) -> None:
        self.said.append(message)

    def send_bytes(self, data: bytes) -> None:
        self.bytes.append(data)

    def told(self, event: str) -> list[Mapping[str, Any]]:
        """The events of one kind since the last time."""
        found = [message for message in self.said if message["event"] == event]
        self.said = [message for message in self.said if message["event"] != event]
        return found


class MemorySession:
    """A session with a scripted server; ``parts`` hear its events."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.client: Client = server.client
        self.parts: list[Feature] = []
        self._heard = 0

    @property
    def now(self) -> float:
        return self.server.now

    def pump(self) -> None:
        self.server.run()
        heard, self._heard = self._heard, len(self.server.events)
        for event in self.server.events[heard:]:
            for part in self.parts:
                part.event(event)
