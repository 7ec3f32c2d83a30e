"""The client of :mod:`conformance.tests.one_after_another` as a program of the suite, in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
import time

from conformance.adapters.client import ClientProgram
from conformance.adapters.server_address import ServerAddress
from conformance.tests.one_after_another import Lost, follow

__all__ = ["OneAfterAnother"]

_PAUSE = 0.05


class OneAfterAnother(ClientProgram):
    """``sessions``: so many in a row, each begun a moment after the one before is over."""

    scheme = "one-after-another"
    start_time = 0.5
    knows_tls = False

    def __init__(self, *, sessions: int = 1) -> None:
        super().__init__()
        self.sessions = sessions

    @classmethod
    def missing(cls) -> str:
        return ""

    def connect(self, address: ServerAddress) -> None:
        threading.Thread(target=self._run, args=(address,), daemon=True).start()

    def _run(self, address: ServerAddress) -> None:
        for number in range(self.sessions):
            time.sleep(_PAUSE if number else 0.0)
            with contextlib.suppress(Lost, OSError):
                follow((address.host, address.port), address.password.encode())

    def disconnect(self) -> None: ...
