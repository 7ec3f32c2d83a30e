"""Runs of targets: a process each, several at a time, each within its time.

run_all  all of them
Done     how one ended
started  a server of the file's own, for as long as it is needed
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

import msgspec

from conformance.adapters.listening import free_port
from conformance.adapters.process import Process, program
from conformance.matrix.targets import Target
from conformance.outcome import TargetUnusable

__all__ = ["Done", "run_all", "started"]

_END: Final = 20.0
"""Seconds in which a run that has to end writes its report."""

_LAST: Final = 400
"""Characters of its last words."""


class Done(msgspec.Struct, frozen=True):
    """A run that is over. ``why``: why there may be no report, in words; "" where it came to its end by itself."""

    status: int
    why: str = ""


@contextlib.contextmanager
def started(target: Target, log: Path) -> Iterator[str]:
    """The address of a target, whose own server runs for as long. Raises TargetUnusable."""
    if not target.start:
        yield target.address
        return
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in shlex.split(target.start)]
    process = Process([program(words[0]), *words[1:]], log=log)
    try:
        process.wait_listening(ports=[port])
        yield target.address.replace("{port}", str(port))
    finally:
        process.stop()


def run_all(
    targets: Sequence[Target], folder: Path, output: Path, jobs: int, told: Callable[[Target, Done], None]
) -> dict[str, Done]:
    """Run targets, at most ``jobs`` at a time; name to what became of it. ``told`` hears of each as soon as it is over.

    ``folder`` is that of the file, in which paths begin. What runs is ended when the caller is interrupted.
    """
    running: set[subprocess.Popen[bytes]] = set()
    over = threading.Event()

    def one(target: Target) -> tuple[Target, Done]:
        if over.is_set():
            return target, Done(130, "interrupted")
        try:
            with started(target, output / f"{target.slug}.server.log") as address:
                return target, _run(target, address, folder, output, running, over)
        except TargetUnusable as error:
            return target, Done(3, str(error))

    found: dict[str, Done] = {}
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for future in as_completed([pool.submit(one, target) for target in targets]):
                target, done = future.result()
                found[target.name] = done
                told(target, done)
        except BaseException:
            over.set()
            for process in list(running):
                process.terminate()
            raise
    return found


def _run(
    target: Target,
    address: str,
    folder: Path,
    output: Path,
    running: set[subprocess.Popen[bytes]],
    over: threading.Event,
) -> Done:
    command = [sys.executable, "-m", "spiceproto.spiceconf", "run", address, "--report", str(output / target.slug), "-q"]
    log = output / f"{target.slug}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *target.options(folder)], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
    running.add(process)
    try:
        if over.is_set():
            process.terminate()
        status = process.wait(target.timeout)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return Done(process.returncode, f"it took longer than its {target.timeout:g} seconds")
    finally:
        running.discard(process)
    return Done(status, "" if status in (0, 1) else _last_words(log))


def _last_words(log: Path) -> str:
    """The last line that a run has printed that is not empty."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[:_LAST] for line in reversed(lines) if line), "")
