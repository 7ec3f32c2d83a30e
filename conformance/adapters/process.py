"""A program of somebody else: started, waited for, and ended by its own id.

Each gets a process group, so that what it starts ends with it, and a log, whose end is quoted when things go wrong.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from conformance.adapters import listening
from conformance.adapters.listening import sockets_of_group, tcp_listeners, unix_listeners
from conformance.outcome import TargetUnusable

__all__ = ["Process", "TargetUnusable", "end_of", "missing_programs", "program", "version_of"]

LISTEN_TIME: Final = 20.0
"""Seconds that a program may take until it listens."""

STOP_TIME: Final = 5.0
"""Seconds between TERM and KILL."""

_LOG_END: Final = 2000
_PAUSE: Final = 0.02


def program(name: str) -> str:
    """Path of a program; those from PyPI may stand beside the interpreter. The name itself if it is nowhere."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside)
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin") or name


def missing_programs(*names: str) -> str:
    """Those that are not installed, in words; "" if all are there."""
    missing = [name for name in names if shutil.which(program(name)) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def end_of(status: int) -> str:
    """How a program ended, in words; ``status`` as :attr:`Process.ended`."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def version_of(name: str, environment: Mapping[str, str] | None = None) -> str:
    """What a program says of its version; with ``environment`` in that, and not in ours."""
    command = [program(name), "--version"]
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False, env=environment).stdout.strip()


class Process:
    """A running program.

    ``line``         the command as a shell takes it, with what was added to the environment
    ``log``          file that gets what it prints (with ``control`` only standard error)
    ``environment``  added to ours
    ``control``      its standard input and output are pipes (``stdin`` and ``stdout`` of ``popen``)
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        control: bool = False,
    ) -> None:
        self.command = tuple(command)
        added = [f"{name}={shlex.quote(value)}" for name, value in (environment or {}).items()]
        self.line = " ".join([*added, shlex.join(self.command)])
        self.log = log
        pipe = subprocess.PIPE if control else None
        with log.open("ab") as out:
            try:
                self.popen: subprocess.Popen[bytes] = subprocess.Popen(
                    self.command,
                    stdin=pipe or subprocess.DEVNULL,
                    stdout=pipe or out,
                    stderr=out,
                    env={**os.environ, **(environment or {})},
                    cwd=folder,
                    start_new_session=True,
                    bufsize=0,
                )
            except OSError as error:
                raise TargetUnusable(f"{self.command[0]} cannot be started: {error.strerror or error}") from None
        self.id = self.popen.pid

    @property
    def ended(self) -> int | None:
        """None while it runs; else its exit status, or the negative number of the signal that ended it."""
        if self.popen.returncode is not None or not hasattr(os, "waitid"):
            return self.popen.poll()
        # It is not reaped before stop(): until then its id, which is also the group's, cannot become somebody else's.
        found = os.waitid(os.P_PID, self.id, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def log_end(self) -> str:
        """The last lines that it printed."""
        with contextlib.suppress(OSError):
            return self.log.read_bytes()[-_LOG_END:].decode(errors="replace").strip()
        return ""

    def wait_listening(self, *, ports: Sequence[int] = (), path: str = "", seconds: float = LISTEN_TIME) -> None:
        """Return once it listens on all of these. Raises TargetUnusable if it ends before or takes too long."""
        deadline = time.monotonic() + seconds
        while not self.listens(ports=ports, path=path):
            status = self.ended
            if status is not None:
                raise self.unusable(f"ended with status {status} before it listened")
            if time.monotonic() > deadline:
                raise self.unusable(f"does not listen on {', '.join([*map(str, ports), *([path] if path else [])])}")
            time.sleep(_PAUSE)

    def listens(self, *, ports: Sequence[int] = (), path: str = "") -> bool:
        """Whether it listens on all of these, it or what it started."""
        if not listening.TOLD:
            return all(listening.is_taken(port) for port in ports) and (not path or Path(path).exists())
        listeners = [tcp_listeners(port) for port in ports] + ([unix_listeners(path)] if path else [])
        if not all(listeners):
            return False
        own = sockets_of_group(self.id)
        return all(found & own for found in listeners)

    def unusable(self, what: str) -> TargetUnusable:
        """An error about this program, with the end of its log."""
        log = self.log_end()
        return TargetUnusable(f"{Path(self.command[0]).name} {what}" + (f"; it said:\n{log}" if log else ""))

    def wait(self, seconds: float) -> int | None:
        """Its exit status once it has ended of its own accord, or None after that time."""
        deadline = time.monotonic() + seconds
        while (status := self.ended) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return status

    def stop(self, seconds: float = STOP_TIME) -> int:
        """End it and what it started; its exit status. More than once does no harm."""
        if self.popen.returncode is None:
            if self.ended is None:
                self._end("SIGTERM")
                self.wait(seconds)
            self._end("SIGKILL")
            self.popen.wait()
            for pipe in (self.popen.stdin, self.popen.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        return self.popen.returncode

    def _end(self, name: str) -> None:
        """The whole group; where there are none, the program alone."""
        if not hasattr(os, "killpg"):
            self.popen.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.id, signal.Signals[name])

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
