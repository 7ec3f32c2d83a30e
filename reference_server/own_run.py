"""A guest of the user's own while the program runs: what its threads want done is done, and when it fails all ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from reference_server.guest import Guest
from reference_server.guests.own import OwnGuest, OwnProgram
from reference_server.shell import Shell
from spiceproto.errors import LocalError

__all__ = ["OwnRun"]


class OwnRun:
    """``stop`` is called when the guest has failed. Without :meth:`start` there is no such guest, and nothing happens."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._program: OwnProgram | None = None
        self._failure: LocalError | None = None

    def start(self, own: OwnGuest, guest: Guest, displays: int) -> None:
        """Start it. Raises LocalError if it can not begin."""
        self._program = own.run(guest, displays, self._failed)
        if self._failure is not None:
            self.end()

    def _failed(self, failure: LocalError) -> None:
        self._failure = failure
        self._stop()

    def answer_calls(self, shell: Shell) -> None:
        """From now on what its threads want done is done, in the turn of the server."""
        program, loop = self._program, asyncio.get_running_loop()
        if program is None:
            return

        def turn() -> None:
            program.answer_calls()
            shell.flush()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(turn)

        program.wake = wake
        wake()

    def end(self) -> None:
        """Stop it. Raises LocalError if it has failed."""
        if self._program is not None:
            self._program.stop()
        if self._failure is not None:
            raise self._failure
