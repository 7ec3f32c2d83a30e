"""Who does a list of jobs: this process, one after the other, processes of its own, or the workers of a Dask cluster on any
number of machines.

    with open_pool(address) as pool:
        for result in pool.map(function, jobs):   # in the order of the jobs
            ...

A job is one value for a function of a module, and both its result and it are what can be pickled. The function depends on the
value alone, so that the results are the same whoever makes them. A worker does one job at a time, whatever its threads.

Workers run what they are sent: an address is one of a cluster whose scheduler and workers are trusted, as those trust whoever
reaches them.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar

from spiceproto import extras
from spiceproto.errors import LocalError
from spiceproto.version import __version__

__all__ = ["Cluster", "Here", "Pool", "Processes", "open_pool"]

A = TypeVar("A")
B = TypeVar("B")

_PATIENCE: Final = 15.0
"""Seconds in which a scheduler answers, and in which a first worker is there."""

_AHEAD: Final = 4
"""Jobs of each worker that are handed out: what waits longer is not pickled yet."""

_MODULE: Final = "distributed"
_WHAT: Final = "a cluster of Dask"

_one = threading.Lock()


class Pool(Protocol):
    """``workers``: how many there are; for people."""

    workers: int

    def map(self, function: Callable[[A], B], jobs: Sequence[A]) -> Iterator[B]:
        """The results, in the order of the jobs. Raises what a job raises, at its place; jobs behind it are given up."""


class Here:
    """This process."""

    workers = 1

    def map(self, function: Callable[[A], B], jobs: Sequence[A]) -> Iterator[B]:
        """See :meth:`Pool.map`."""
        for job in jobs:
            yield function(job)


class Processes:
    """Processes of this machine, each a Python of its own; ``executor`` has them."""

    def __init__(self, executor: Any, workers: int) -> None:
        self._executor = executor
        self.workers = workers

    def map(self, function: Callable[[A], B], jobs: Sequence[A]) -> Iterator[B]:
        """See :meth:`Pool.map`. Raises LocalError where a process has ended while it did a job."""
        from concurrent.futures.process import BrokenProcessPool

        rest = iter(jobs)
        waiting: deque[Any] = deque()
        try:
            while True:
                while len(waiting) < _AHEAD * self.workers and (job := next(rest, _END)) is not _END:
                    waiting.append(self._executor.submit(function, job))
                if not waiting:
                    return
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise LocalError("a process that did a job has ended", actual=str(error).partition(",")[0]) from error
        finally:
            for future in waiting:
                future.cancel()


class Cluster:
    """The workers of a Dask cluster; ``client`` is a client of its scheduler."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.workers = len(client.nthreads())

    def map(self, function: Callable[[A], B], jobs: Sequence[A]) -> Iterator[B]:
        """See :meth:`Pool.map`. Raises LocalError where a worker was lost while it did a job, or can not do it."""
        waiting: list[Any] = []
        rest = iter(jobs)

        def hand_out() -> None:
            while len(waiting) < _AHEAD * self.workers and (job := next(rest, _END)) is not _END:
                waiting.append(self._client.submit(_done, function, job, pure=False))

        try:
            hand_out()
            while waiting:
                first = waiting.pop(0)
                yield self._result(first)
                first.release()
                hand_out()
        finally:
            self._client.cancel(waiting)

    @staticmethod
    def _result(future: Any) -> Any:
        distributed = extras.load(_MODULE, _WHAT)
        try:
            return future.result()
        except distributed.KilledWorker as error:
            raise LocalError("the workers that did this job have ended", actual=str(error).partition(".")[0]) from error
        except distributed.CancelledError as error:
            raise LocalError("the cluster was closed while it had jobs") from error
        except ImportError as error:
            raise LocalError("a worker lacks what a job needs", expected="what is installed here", actual=str(error)) from error


_END: Final[Any] = object()


def _done(function: Callable[[A], B], job: A) -> B:
    with _one:
        return function(job)


def _deaf() -> None:
    """Who is interrupted at a terminal is the process that has the others: it ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _version() -> str:
    return __version__


@contextmanager
def open_pool(address: str | None, processes: int = 1) -> Iterator[Pool]:
    """A pool; ``address`` is that of a scheduler of Dask, as ``HOST:PORT`` or ``tcp://HOST:PORT``, and None means this machine:
    this process, or more than one ``processes``.

    Raises LocalError where there is no scheduler, no worker, or a worker with another version of this.
    """
    if address is None and processes > 1:
        import multiprocessing  # not at import: most have one process
        from concurrent.futures import ProcessPoolExecutor

        executor = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_deaf)
        try:
            yield Processes(executor, processes)
        finally:
            executor.shutdown(cancel_futures=True)
        return
    if address is None:
        yield Here()
        return
    distributed = extras.load(_MODULE, _WHAT)
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        expected = "HOST:PORT, as `dask scheduler` prints it"
        raise LocalError("no scheduler of Dask", where=address, expected=expected, actual=str(error)) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise LocalError("a cluster without workers", where=address, expected="one at least: dask worker ADDRESS") from None
        _check(client, address)
        yield Cluster(client)


def _check(client: Any, address: str) -> None:
    """Every worker has this version: other ones have other tables, and so other results."""
    try:
        versions = client.run(_version)
    except ImportError as error:
        raise LocalError("a worker without this project", where=address, expected=__version__, actual=str(error)) from error
    for worker, version in versions.items():
        if version != __version__:
            raise LocalError("a worker of another version", where=worker, expected=__version__, actual=version)
