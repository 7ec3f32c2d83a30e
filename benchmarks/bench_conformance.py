"""How long the suite takes in memory, and how that grows with the number of cases. Nothing here can fail.

Prints, for each reference: cases and seconds of processor time, for a quarter, half and all of the cases; the five slowest
cases; and the whole commands, `spiceconf demo` among them. `spiceconf run qemu:`, which waits most of the time, is timed by the
clock where QEMU is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time

from conformance.run import Options, Run

ROLES = ("server", "client")


def seconds_of(run: Run, share: float) -> tuple[int, float]:
    cases = run.cases[: int(len(run.cases) * share)]
    began = time.process_time()
    for case in cases:
        run.runner.run(case)
    return len(cases), time.process_time() - began


def command(*arguments: str) -> tuple[float, float]:
    """Seconds of the clock, and of processor time, of a whole `spiceconf`."""
    began, used = time.perf_counter(), os.times()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "conformance", *arguments]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
    whole = os.times()
    processor = whole.children_user + whole.children_system - used.children_user - used.children_system
    return time.perf_counter() - began, processor


def main() -> None:
    for role in ROLES:
        seconds_of(Run(Options(f"ref:{role}")), 0.1)  # imports and keys
        for share in (0.25, 0.5, 1.0):
            run = Run(Options(f"ref:{role}"))
            count, seconds = seconds_of(run, share)
            print(f"ref:{role:<7} {count:4} cases  {seconds:6.3f} s  {1000 * seconds / count:6.2f} ms a case")
        for result in sorted(run.runner.results.values(), key=lambda item: -item.seconds)[:5]:
            print(f"    {1000 * result.seconds:6.1f} ms  {result.id}")
        print(f"    the whole command: {command('run', f'ref:{role}', '-q')[1]:.2f} s")
    print(f"demo        the whole command: {command('demo')[1]:.1f} s")
    if shutil.which("qemu-system-x86_64"):
        print(f"qemu:       the whole command: {command('run', 'qemu:', '-q')[0]:.1f} s by the clock")


if __name__ == "__main__":
    main()
