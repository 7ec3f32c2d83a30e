"""What a command does that is asked to end while it works: SIGINT and SIGTERM, the first time. A second one ends it at once.

Who has something to tidy up, and nothing that he wants to have called, lets SIGINT raise KeyboardInterrupt.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

__all__ = ["let_raise", "when_interrupted"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def when_interrupted(call: Callable[[], object]) -> Iterator[None]:
    """Have this called, as long as the context lasts. In another thread than the main one nothing is changed."""

    before: dict[signal.Signals, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def asked(number: int, frame: FrameType | None) -> None:
        restore()
        call()

    try:
        before |= {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            signal.signal(number, asked)
    except ValueError:  # not the main thread
        yield
        return

    try:
        yield
    finally:
        restore()


def let_raise() -> None:
    """From here on SIGINT raises KeyboardInterrupt, if it ends the program at once so far (:mod:`spiceproto.program`)."""
    if getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "spiceproto.program":
        signal.signal(signal.SIGINT, signal.default_int_handler)
