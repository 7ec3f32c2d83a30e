"""Jobs here and on a cluster of two processes: results in the order of the jobs, errors where they belong."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from spiceproto import pool
from spiceproto.errors import LocalError, RemoteError
from spiceproto.pool import Pool, open_pool

distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra dask)")

JOBS = list(range(12))


def slow_at_first(number: int) -> tuple[int, int]:
    """Its square, and who made it; the first ones take longest."""
    time.sleep(0.05 if number < 2 else 0.0)
    return number * number, os.getpid()


def fails_at_five(number: int) -> int:
    if number == 5:
        raise RemoteError("five", path="number", actual=str(number))
    return number


def ends_its_process(number: int) -> int:
    os._exit(number)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, each a process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=None
    ) as made:
        yield made.scheduler_address


@pytest.fixture(params=["here", "processes", "cluster"])
def workers(request: pytest.FixtureRequest) -> Iterator[Pool]:
    address = request.getfixturevalue("cluster") if request.param == "cluster" else None
    with open_pool(address, 2 if request.param == "processes" else 1) as opened:
        yield opened


def test_results_come_in_the_order_of_the_jobs(workers: Pool) -> None:
    found = list(workers.map(slow_at_first, JOBS))
    assert [square for square, _ in found] == [number * number for number in JOBS]


def test_processes_of_a_cluster_share_the_jobs(cluster: str) -> None:
    with open_pool(cluster) as opened:
        assert opened.workers == 2
        makers = {maker for _, maker in opened.map(slow_at_first, JOBS)}
    assert len(makers) == 2 and os.getpid() not in makers


def test_an_error_comes_at_the_place_of_its_job(workers: Pool) -> None:
    found = []
    with pytest.raises(RemoteError, match=r"number: five; found 5"):
        for result in workers.map(fails_at_five, JOBS):
            found.append(result)
    assert found == [0, 1, 2, 3, 4]
    assert list(workers.map(fails_at_five, [1, 2])) == [1, 2]


def test_jobs_that_nobody_asks_for_are_given_up(workers: Pool) -> None:
    results = workers.map(slow_at_first, range(1000))
    assert next(results)[0] == 0
    results.close()  # type: ignore[attr-defined]
    assert [square for square, _ in workers.map(slow_at_first, [3])] == [9]


def test_a_job_that_ends_its_worker() -> None:
    config: dict[str, Any] = {"distributed.scheduler.allowed-failures": 0}
    dask = pytest.importorskip("dask")
    with (
        dask.config.set(config),
        distributed.LocalCluster(n_workers=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=None) as made,
        open_pool(made.scheduler_address) as opened,
        pytest.raises(LocalError, match="have ended"),
    ):
        list(opened.map(ends_its_process, [1]))


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 0.5)
    for address in ("127.0.0.1:1", "nothing://", "127.0.0.1:port"):
        with pytest.raises(LocalError, match="no scheduler of Dask"), open_pool(address):
            pass


def test_a_scheduler_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 2.0)
    with (
        distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as made,
        pytest.raises(LocalError, match="without workers"),
        open_pool(made.scheduler_address),
    ):
        pass


def test_workers_of_another_version(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "__version__", "0.0.9")
    with pytest.raises(LocalError, match=r"another version; expected 0\.0\.9"), open_pool(cluster):
        pass


def test_dask_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(LocalError, match=r"spiceproto\[dask\]"), open_pool("127.0.0.1:8786"):
        pass
