"""Keys for tickets, made ahead.

Each link has a key of its own (SPICE-LINK-043), and to make one takes most of the time of a login. So they are made on a
thread, some fast and more of them without haste, and whoever serves many clients in one thread takes them from here; a
burst of links costs nobody else anything. A link for which there is none yet waits for one: see
:meth:`reference_server.shell.Shell.received`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from spiceproto.ticket import TicketKey

__all__ = ["Keys"]

_FEW: Final = 8
"""So many are made without a pause."""

_REST: Final = 2
"""Behind that, a pause is so many times as long as it took to make one."""

_AGAIN: Final = 0.5
"""Seconds until it is tried again to make one."""

_GOODBYE: Final = 1.0
"""Seconds for the key that is being made at the end."""


class Keys:
    """At most ``size`` keys that nobody had before.

    ``make``    makes one; it is called on the thread, unless there is none where one is taken
    ``on_key``  is called on the thread whenever there is one more
    """

    def __init__(self, size: int, make: Callable[[], TicketKey], on_key: Callable[[], None]) -> None:
        self.size = max(size, 1)
        self.on_key = on_key
        self.make = make
        self._keys: deque[TicketKey] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="ticket keys", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._keys)

    def take(self) -> TicketKey:
        """One key; it is made here if there is none."""
        with self._changed:
            if self._keys:
                self._changed.notify()
                return self._keys.popleft()
        return self.make()

    def close(self) -> None:
        """Make no more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(_GOODBYE)

    def _work(self) -> None:
        pause = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._keys) < min(_FEW, self.size), pause)
                self._changed.wait_for(lambda: self._closed or len(self._keys) < self.size)
                if self._closed:
                    return
            began = time.monotonic()
            try:
                key = self.make()
            except (OSError, ImportError):
                # The first one needs modules, and they need descriptors.
                time.sleep(_AGAIN)
                continue
            pause = _REST * (time.monotonic() - began)
            with self._changed:
                self._keys.append(key)
            self.on_key()
