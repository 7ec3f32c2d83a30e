"""How long the suite takes in memory, and how that grows with the number of cases. Nothing here can fail.

Prints, for each reference: cases, seconds, cases a second; the same for a quarter, half and all of the cases; and the five
slowest cases. `spiceconf run qemu:` is timed as well where QEMU is installed, as the ratio between sockets and memory.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

from conformance.run import Options, Run

ROLES = ("server", "client")


def seconds_of(run: Run, share: float) -> tuple[int, float]:
    cases = run.cases[: int(len(run.cases) * share)]
    began = time.perf_counter()
    for case in cases:
        run.runner.run(case)
    return len(cases), time.perf_counter() - began


def main() -> None:
    for role in ROLES:
        seconds_of(Run(Options(f"ref:{role}")), 0.1)  # imports and keys
        for share in (0.25, 0.5, 1.0):
            run = Run(Options(f"ref:{role}"))
            count, seconds = seconds_of(run, share)
            print(f"ref:{role:<7} {count:4} cases  {seconds:6.3f} s  {1000 * seconds / count:6.2f} ms a case")
        for result in sorted(run.runner.results.values(), key=lambda item: -item.seconds)[:5]:
            print(f"    {1000 * result.seconds:6.1f} ms  {result.id}")
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "conformance", "run", f"ref:{role}", "-q"], capture_output=True, check=False)
        whole = time.perf_counter() - began
        print(f"    the whole command: {whole:.2f} s")
    if shutil.which("qemu-system-x86_64"):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "conformance", "run", "qemu:", "-q"], capture_output=True, check=False)
        print(f"qemu:       the whole command: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
