"""Lines that a thread writes, so that nobody waits for whoever reads them: a terminal that stands still, a full pipe."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

from spiceproto.errors import in_words

__all__ = ["Lines"]

_MOST: Final = 64 << 20
"""Letters that wait; with more whoever writes has to wait as well."""

_AT_THE_END: Final = 5.0
"""Seconds for what waits at the end."""


class Lines:
    """Text for ``out``. When that takes no more, ``tell`` is called once, from the thread, and what follows is dropped.

    * ``name``: of its file, "" for standard output
    * ``failed``: it takes no more
    * ``missing``: something is not there that somebody wants: not so where a reader has gone
    """

    def __init__(self, out: TextIO, tell: Callable[[str], None], name: str = "") -> None:
        self.failed = False
        self.missing = False
        self._name = name
        self._out = out
        self._tell = tell
        self._texts: deque[str] = deque()
        self._waiting = 0
        self._ending = False
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="lines", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Some text."""
        with self._moved:
            while self._waiting > _MOST and not self.failed:
                self._moved.wait()
            if not self.failed:
                self._texts.append(text)
                self._waiting += len(text)
                self._moved.notify_all()
        return len(text)

    def flush(self) -> None:
        """It is written soon."""

    def close(self) -> None:
        """Wait until everything is written, for a while."""
        with self._moved:
            self._ending = True
            self._moved.notify_all()
        self._thread.join(_AT_THE_END)

    def _work(self) -> None:
        while True:
            with self._moved:
                while not self._texts and not self._ending:
                    self._moved.wait()
                if not self._texts:
                    return
                text = "".join(self._texts)
                self._texts.clear()
            try:
                self._out.write(text)
                self._out.flush()
            except (OSError, ValueError) as error:
                self.failed = True
                self.missing = not isinstance(error, BrokenPipeError)
                place = f"{self._name}: " if self._name else ""
                self._tell(f"nothing more is shown: {place}{getattr(error, 'strerror', None) or in_words(error)}")
            with self._moved:
                self._waiting -= len(text)
                self._moved.notify_all()
                if self.failed:
                    return
