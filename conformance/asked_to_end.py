"""What the suite does that is asked to end by SIGTERM or SIGHUP: the same as behind Ctrl-C.

The signal raises, so that programs which were started are ended, and what was found is kept. A second one changes nothing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["AskedToEnd", "raised", "when_asked"]

_SIGNALS: Final = ("SIGTERM", "SIGHUP")


class AskedToEnd(KeyboardInterrupt):
    """``status`` is the exit status of who was asked by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


def when_asked(number: int, frame: object) -> None:
    """The handler."""
    for name in _SIGNALS:
        known = getattr(signal, name, None)
        if known is not None and signal.getsignal(known) is when_asked:
            signal.signal(known, _nothing)
    raise AskedToEnd(number)


def _nothing(number: int, frame: object) -> None:
    """Whoever cannot wait for the end has SIGKILL."""


@contextmanager
def raised() -> Iterator[None]:
    """As long as the context lasts, signals raise that would end the process at once; in the main thread alone."""
    changed: list[int] = []
    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, when_asked)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
