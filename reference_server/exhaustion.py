"""Errors that asyncio meets while it accepts connections, and no descriptors are left for them.

It says so a hundred times a second, at length, and tries once more a second later, whether or not the listener is closed by
then. Both is told here once, or not at all; every other error is whose it was before.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Any, Final

__all__ = ["Exhaustion"]

_EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_CALM: Final = 10.0
"""Seconds without one of these after which the next is news."""

_TRIES_AGAIN: Final = "_start_serving"
"""What asyncio calls to accept connections again."""


class Exhaustion:
    """Stands before the exception handler of a loop. ``tell`` takes a text, ``make_room`` is called each time, to close
    something; ``stopping`` says that nobody listens any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tell: Callable[[str], None], make_room: Callable[[], None]) -> None:
        self.stopping = False
        self._loop = loop
        self._tell = tell
        self._make_room = make_room
        self._last: float | None = None
        self._before = loop.get_exception_handler()
        loop.set_exception_handler(self._handle)

    def end(self) -> None:
        """Leave the loop as it was; where it may still try to accept, what is said of that is kept from it."""
        if self._last is None:
            self._loop.set_exception_handler(self._before)

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if self.stopping and isinstance(error, ValueError) and _of_a_closed_listener(error):
            return
        if not (isinstance(error, OSError) and error.errno in _EXHAUSTED and "socket" in context):
            if self._before is not None:
                self._before(loop, context)
            else:
                loop.default_exception_handler(context)
            return
        # Not from inside of what has met it.
        loop.call_soon(self._make_room)
        last, self._last = self._last, loop.time()
        if last is None or self._last - last > _CALM:
            self._tell(f"no more connections can be accepted ({error.strerror}); those that come wait until others are closed")


def _of_a_closed_listener(error: ValueError) -> bool:
    """Whether asyncio itself met it when it tried to accept connections again."""
    step = error.__traceback__
    while step is not None:
        code, module = step.tb_frame.f_code, step.tb_frame.f_globals.get("__name__", "")
        if code.co_name == _TRIES_AGAIN and module.startswith("asyncio."):
            return True
        step = step.tb_next
    return False
