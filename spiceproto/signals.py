"""What an asyncio program does when it is asked to end: SIGINT and SIGTERM, on every system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

__all__ = ["when_asked_to_end"]


def when_asked_to_end(call: Callable[[], object]) -> None:
    """Have this called in the running loop, in place of what was called before. From the main thread only."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, call)
        except NotImplementedError:  # as on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))
