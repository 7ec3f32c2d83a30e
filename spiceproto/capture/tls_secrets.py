"""TLS secrets in the text format of NSS (draft-ietf-tls-keylogfile): label, client random, secret, in hexadecimal.

They come from a file the caller names and from decryption-secrets blocks of the capture. Those may lie behind the
records they open: where the capture has a path, the rest of the file is searched once; where it is a stream,
connections wait in ``waiting`` until the secrets come, within a bound.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from spiceproto.capture.limits import KEY_LOG, KEY_LOG_SESSIONS
from spiceproto.errors import LocalError

__all__ = ["LABELS", "GrowingLog", "Secrets"]

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
    """The secrets of all sessions of a capture, by client random, by label.

    * ``complete``: no more secrets can come
    * ``search``: looks through the rest of the capture; called at most once
    * ``waiting``: by client random: connections to be asked again when there is a new secret of that session
    * ``waiting_bytes``: what they hold meanwhile
    * ``asked``, ``fitting``: connections of which the secrets were asked for, and those that had them
    """

    def __init__(self) -> None:
        self._sessions: dict[bytes, dict[str, bytes]] = {}
        self._size = 0
        self.complete = False
        self.search: Callable[[], None] | None = None
        self.waiting: dict[bytes, dict[Callable[[], None], None]] = {}
        self.waiting_bytes = 0
        self.asked = self.fitting = 0

    @property
    def sessions(self) -> int:
        """Of how many there are secrets."""
        return len(self._sessions)

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

    def missing(self, client_random: bytes, needed: tuple[str, ...]) -> str:
        """Why there are no secrets of a session, in words."""
        session = self._sessions.get(client_random)
        if session is not None:
            absent = " and ".join(label for label in needed if label not in session)
            return f"the key log has {' and '.join(session)} of it, but no {absent}"
        if self._sessions:
            count = len(self._sessions)
            return f"the key log has secrets of {count} session{'s'[: count != 1]}, none of this one"
        return "give them with --keylog FILE, which a client writes where SSLKEYLOGFILE says"

    def of(self, client_random: bytes, needed: tuple[str, ...]) -> dict[str, bytes] | None:
        """The secrets of a session if those that are ``needed`` are known."""
        for _ in range(2):
            session = self._sessions.get(client_random)
            if session is not None and all(label in session for label in needed):
                self.fitting += 1
                return session
            if self.search is None:
                return None
            search, self.search = self.search, None
            self.complete = True
            search()
        return None


class GrowingLog:
    """A key log that a program writes while its traffic is captured."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise LocalError(
                "the key log cannot be read",
                where=os.fspath(path),
                expected="a text file in NSS format",
                actual=error.strerror or "?",
            ) from error
        self._begun = b""

    def more(self) -> bytes:
        """The lines that are new; one that is not whole waits."""
        text = self._begun + (self._file.read(KEY_LOG) or b"")
        whole = text.rfind(b"\n") + 1
        self._begun = text[whole:]
        return text[:whole]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
