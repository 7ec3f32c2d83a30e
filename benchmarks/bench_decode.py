"""``spiceproto decode`` against tshark on the same files in the same run: processor time and peak memory of whole processes.

    python benchmarks/bench_decode.py [--rounds 5] [--folder CAPTURES] [--json] [--linear]

Commands take turns; medians are compared. ``--json`` compares JSON lines with ``tshark -T ek``, which takes minutes.
``--linear`` adds captures of growing size to show that time grows with the
size and memory does not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import make_captures


def measure(command: list[str]) -> tuple[float, float]:
    """Processor seconds and peak MiB of one run."""
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def pair(name: str, ours: list[str], theirs: list[str], rounds: int) -> None:
    """Both commands in turns."""
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    memory = {"ours": 0.0, "theirs": 0.0}
    for _ in range(rounds):
        for who, command in (("ours", ours), ("theirs", theirs)):
            seconds, peak = measure(command)
            times[who].append(seconds)
            memory[who] = max(memory[who], peak)
    mine, other = statistics.median(times["ours"]), statistics.median(times["theirs"])
    print(
        f"{name:16} spiceproto {mine:7.3f} s {memory['ours']:6.0f} MiB | tshark {other:7.3f} s {memory['theirs']:6.0f} MiB | "
        f"time x{other / mine:.2f} memory 1/{memory['theirs'] / memory['ours']:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--linear", action="store_true")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    if not (folder / "many.pcap").exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_captures.many(folder / "many.pcap", 365_000)
        make_captures.large(folder / "large.pcap", 100 << 20)
        make_captures.many(folder / "tiny.pcap", 130)
    decode = [sys.executable, "-m", "spiceproto", "decode"]
    tshark = shutil.which("tshark")
    for name in ("many", "large", "tiny"):
        path = str(folder / f"{name}.pcap")
        if tshark is None:
            seconds, peak = measure([*decode, path])
            print(f"{name:16} spiceproto {seconds:7.3f} s {peak:6.0f} MiB (tshark is not installed)")
            continue
        base = [tshark, "-n", "-r", path, "-d", "tcp.port==5900,spice"]
        pair(f"{name} summary", [*decode, path], base, options.rounds)
        pair(f"{name} verbose", [*decode, path, "--verbose"], [*base, "-Y", "spice", "-V", "-O", "spice"], options.rounds)
        if options.json:
            pair(
                f"{name} json",
                [*decode, path, "--format", "jsonl"],
                [*base, "-T", "ek"],
                1 if name == "many" else options.rounds,
            )
    bare, package = [], []
    for _ in range(15):
        bare.append(measure([sys.executable, "-c", "pass"])[0])
        package.append(measure([sys.executable, "-c", "import spiceproto"])[0])
    print(f"import spiceproto: {1000 * (statistics.median(package) - statistics.median(bare)):.1f} ms over bare Python")
    if options.linear:
        for count in (250_000, 500_000, 1_000_000, 2_000_000, 10_000_000):
            path = folder / "growing.pcap"
            make_captures.many(path, count)
            seconds, peak = measure([*decode, str(path)])
            print(
                f"{path.stat().st_size >> 20:6} MiB, {count:9} messages: {seconds:7.2f} s "
                f"({1e6 * seconds / count:.2f} us a message), {peak:.0f} MiB"
            )
            path.unlink()


if __name__ == "__main__":
    main()
