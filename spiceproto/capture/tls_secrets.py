"""TLS secrets in the text format of NSS (draft-ietf-tls-keylogfile): label, client random, secret, in hexadecimal.

They come from a file the caller names and from decryption-secrets blocks of the capture.  Those may lie behind the
records they open: where the capture has a path, the rest of the file is searched once; where it is a stream,
connections wait in ``waiting`` until the secrets come, within a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import KEY_LOG, KEY_LOG_SESSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LABELS", "Secrets"]

LABELS = frozenset(
    {
        "CLIENT_RANDOM",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
    }
)

_SECRET_SIZES = (32, 48, 64)


class Secrets:
    """By client random, by label."""

    def __init__(self) -> None:
        self._sessions: dict[bytes, dict[str, bytes]] = {}
        self._size = 0
        self.complete = False
        """No more secrets can come."""
        self.search: Callable[[], None] | None = None
        """Looks through the rest of the capture; called at most once."""
        self.waiting: dict[bytes, dict[Callable[[], None], None]] = {}
        """By client random: connections to be asked again when there is a new secret of that session."""
        self.waiting_bytes = 0

    def add_log(self, text: bytes) -> None:
        """Take all lines that make sense."""
        self._size += len(text)
        if self._size > KEY_LOG:
            return
        for line in text.splitlines():
            words = line.split()
            if len(words) != 3 or line.startswith(b"#"):
                continue
            label = words[0].decode("latin-1")
            if label not in LABELS:
                continue
            try:
                client_random, secret = bytes.fromhex(words[1].decode()), bytes.fromhex(words[2].decode())
            except ValueError:
                continue
            if len(client_random) != 32 or len(secret) not in _SECRET_SIZES:
                continue
            if client_random not in self._sessions and len(self._sessions) >= KEY_LOG_SESSIONS:
                continue
            session = self._sessions.setdefault(client_random, {})
            if label not in session:
                session[label] = secret
                self._notify(client_random)

    def _notify(self, client_random: bytes) -> None:
        for again in list(self.waiting.get(client_random, ())):
            again()

    def wait(self, client_random: bytes, again: Callable[[], None]) -> None:
        """Call ``again`` when there are more secrets of this session, and at the end."""
        self.waiting.setdefault(client_random, {})[again] = None

    def stop_waiting(self, client_random: bytes, again: Callable[[], None]) -> None:
        """Undo :meth:`wait`."""
        group = self.waiting.get(client_random)
        if group is not None:
            group.pop(again, None)
            if not group:
                del self.waiting[client_random]

    def finish(self) -> None:
        """The capture is at its end."""
        self.complete = True
        self.search = None
        for client_random in list(self.waiting):
            self._notify(client_random)

    def of(self, client_random: bytes, needed: tuple[str, ...]) -> dict[str, bytes] | None:
        """The secrets of a session if those that are ``needed`` are known."""
        for _ in range(2):
            session = self._sessions.get(client_random)
            if session is not None and all(label in session for label in needed):
                return session
            if self.search is None:
                return None
            search, self.search = self.search, None
            self.complete = True
            search()
        return None
