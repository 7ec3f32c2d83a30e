"""``spice-proxy`` between programs, for tests: what it said, and what it recorded."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from spiceproto.tests.peers import PATIENCE, end, until

__all__ = ["Proxy", "proxy"]

_READY = re.compile(r"listening on (\S+), for")


class Proxy:
    """One that runs, or has run.

    * ``uri``, ``port``: where it listens
    * ``record``: its recording
    * ``status``: once it has ended
    """

    def __init__(self, folder: Path, upstream: str, *options: str, listen: str = "0") -> None:
        folder.mkdir(exist_ok=True)
        self.record = folder / "session.pcapng"
        self._log = folder / "proxy.log"
        self._out = folder / "proxy.txt"
        command = [sys.executable, "-m", "spiceproto.spice_proxy", listen, upstream, "--record", str(self.record), *options]
        with self._log.open("wb") as log, self._out.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        self.status = -1
        ready = until(lambda: _READY.search(self.told) or self.process.poll() is not None, what="the proxy listens")
        assert isinstance(ready, re.Match), self.told
        self.uri = ready[1]
        self.port = int(found[1]) if (found := re.search(r"127\.0\.0\.1:(\d+)", self.uri)) else 0

    @property
    def told(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    @property
    def shown(self) -> str:
        """What it has printed so far."""
        return self._out.read_text()

    def finish(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGINT)
        self.status = self.process.wait(PATIENCE)
        assert "Traceback" not in self.told and "has failed" not in self.told, self.told


@contextlib.contextmanager
def proxy(folder: Path, upstream: str, *options: str, listen: str = "0") -> Iterator[Proxy]:
    """One before ``upstream``, until the end of the block."""
    found = Proxy(folder, upstream, *options, listen=listen)
    try:
        yield found
        found.finish()
    finally:
        end(found.process)
