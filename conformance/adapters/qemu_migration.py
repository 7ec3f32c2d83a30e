"""A guest goes from one QEMU to another, and the source tells its SPICE clients of it.

    begin     ``client_migrate_info``: libspice-server announces the destination (MIGRATE_BEGIN, MIGRATE_BEGIN_SEAMLESS)
    finish    ``migrate``: the guest goes over a Unix socket on which the destination waits for it
    cancel    a ``migrate`` that is called off: libspice-server hears of an end only where something began

QEMU asks no client. Where one has not linked the destination in time, or can not, it is told MIGRATE_SWITCH_HOST when the guest
has gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from conformance.adapters.process import TargetUnusable
from conformance.adapters.qmp import QmpError
from conformance.adapters.server_address import ServerAddress

__all__ = ["KINDS", "Migration"]

KINDS: Final = ("switch-host", "semi-seamless", "seamless")
"""Each takes more along than the one before."""

_PATIENCE: Final = 20.0
_PAUSE: Final = 0.02
_SLOW: Final = 4096
"""Bytes a second: nothing goes over before it is called off."""
_FAST: Final = 1 << 30


class Migration:
    """Of one guest.

    ``ask``       asks the source by QMP
    ``waits_at``  where the destination waits for the guest
    ``begun``     whether anything was announced: what comes behind that is not as at the start
    ``finished``  whether the guest is at the destination
    """

    def __init__(self, ask: Callable[..., Any], waits_at: Path) -> None:
        self._ask = ask
        self.waits_at = waits_at
        self.begun = False
        self.finished = False

    def begin(self, destination: ServerAddress) -> None:
        """Clients are told where the guest will be."""
        self.begun = True
        there: dict[str, Any] = {"hostname": destination.host}
        if destination.port:
            there["port"] = destination.port
        if destination.tls_port:
            there |= {"tls_port": destination.tls_port, "cert_subject": destination.host_subject}
        self._ask("client_migrate_info", protocol="spice", **there)

    def finish(self) -> None:
        """The guest goes over; returns when it is there. Raises TargetUnusable if it does not arrive."""
        self._ask("migrate-set-parameters", max_bandwidth=_FAST)
        self._ask("migrate", uri=f"unix:{self.waits_at}")
        state = self._wait("completed", "failed", "cancelled")
        if state != "completed":
            raise TargetUnusable(f"QEMU's migration has {state}")
        self.finished = True

    def cancel(self) -> None:
        """What was announced does not happen. The destination is left as it was: the guest sets out for nowhere."""
        self._ask("migrate-set-parameters", max_bandwidth=_SLOW)
        self._ask("migrate", uri="exec:cat > /dev/null")
        self._wait("active", "failed")
        self._ask("migrate_cancel")
        self._wait("cancelled", "failed")

    def _wait(self, *states: str) -> str:
        deadline = time.monotonic() + _PATIENCE
        while (state := self._state()) not in states:
            if time.monotonic() > deadline:
                raise TargetUnusable(f"QEMU's migration is {state or 'not begun'} for {_PATIENCE:g} s")
            time.sleep(_PAUSE)
        return state

    def _state(self) -> str:
        try:
            return str(self._ask("query-migrate").get("status", ""))
        except QmpError as error:
            raise TargetUnusable(str(error)) from None
