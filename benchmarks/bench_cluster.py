"""How a fuzz campaign scales over the workers of a Dask cluster on this machine. Nothing here can fail.

Campaigns with some seeds are held in this process, then by one worker and by more. Prints for each the seconds by the clock,
the processor time of the jobs, their ratio, which is how many workers were at work at a time, and what was found, which is the
same each time. Times by the clock mean something only if the load that is printed first was near 0.
"""

from __future__ import annotations

import argparse
import os
import time

from distributed import LocalCluster

from conformance.fuzz.spread import Held, Job, Together, hold
from spiceproto.pool import open_pool

TARGET = "ref:server?fault=closes-for-the-wrong-movement"


def measured(job: Job) -> tuple[Held, float]:
    """What became of a job, and the processor time that it took."""
    began = time.process_time()
    held = hold(job)
    return held, time.process_time() - began


def spread(name: str, address: str | None, jobs: list[Job]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time."""
    together, busy = Together(), 0.0
    with open_pool(address) as pool:
        list(pool.map(measured, [Job(address=TARGET, count=20, seed=number) for number in range(2 * pool.workers)]))
        began = time.perf_counter()
        for held, seconds in pool.map(measured, jobs):
            together.add(held)
            busy += seconds
        wall = time.perf_counter() - began
    found = ", ".join([str(item.finding.sentence) for item in together.found])
    said = (
        f"{together.conversations} conversations in {wall:6.1f} s, {busy:6.1f} s of processor time, {busy / wall:.2f} at a time"
    )
    print(f"{name:<12} {said}; found {found}", flush=True)
    return wall, busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--count", type=int, default=400, help="conversations of each")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    jobs = [Job(address=TARGET, seed=seed, count=options.count) for seed in range(options.seeds)]
    _, alone = spread("here", None, jobs)
    walls = {}
    for workers in (1, options.workers):
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=None
        ) as cluster:
            walls[workers], busy = spread(f"{workers} worker{'s' * (workers > 1)}", cluster.scheduler_address, jobs)
    faster, cost = walls[1] / walls[options.workers], busy / alone
    print(f"{options.workers} workers: {faster:.2f} times as fast as one; a job costs {cost:.2f} of what it does here")


if __name__ == "__main__":
    main()
