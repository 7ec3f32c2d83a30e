"""Video through the whole reference pair: from the guest's picture to the picture that the client has, as two programs.

    python benchmarks/bench_pair_video.py [--seconds N] [--size 2560x1440]

The server's guest shows its film, three quarters of the screen in each direction (so 1920x1080 of 2560x1440), 25 pictures a
second, which become MJPEG; the client decodes each, shows it at its time, and counts the ones that came too late. Printed are
the processor time of both programs for a frame, and how many times faster than real time that is, if each has a core. Nothing
here can fail: on a machine that does other work frames are left out, and processor time says what it would be like without.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from reference_server.guests.video import RATE, place

_WARM = 5.0
"""Seconds until the film is video and kernels are compiled."""


def _spent(program: subprocess.Popen[str]) -> float:
    return time.clock_gettime(~program.pid << 3 | 2)  # the clock of its processor time, as clock_getcpuclockid has it


def _ask(client: subprocess.Popen[str], verb: str) -> dict[str, Any]:
    assert client.stdin is not None and client.stdout is not None
    client.stdin.write(json.dumps({"do": verb}) + "\n")
    client.stdin.flush()
    for line in client.stdout:
        found: dict[str, Any] = json.loads(line)
        if "event" not in found:
            return found
    raise SystemExit("the client has ended")


def _counts(client: subprocess.Popen[str]) -> tuple[int, int]:
    """Frames that came, and those of them that were too late."""
    display = _ask(client, "state")["display:0"]
    return display["frames"], display["dropped_frames"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", default="2560x1440", help="of the screen")
    options = parser.parse_args()
    box = place(*map(int, options.size.split("x")))
    server = subprocess.Popen(
        [sys.executable, "-m", "reference_server", "--size", options.size, "--guest", "video", "--streaming-video", "all"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port = json.loads(server.stdout.readline())["port"]
    client = subprocess.Popen(
        [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--control"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        time.sleep(_WARM)
        before, (first, late) = (_spent(server), _spent(client)), _counts(client)
        began = time.monotonic()
        time.sleep(options.seconds)
        after, (last, later) = (_spent(server), _spent(client)), _counts(client)
        passed = time.monotonic() - began
    finally:
        for program in (client, server):
            program.kill()
            program.wait()
    frames = last - first
    size = f"{box.right - box.left}x{box.bottom - box.top}"
    print(f"{size}, {RATE} pictures a second: {frames} frames in {passed:.1f} s, {later - late} of them too late")
    for name, spent in zip(("server", "client"), (after[0] - before[0], after[1] - before[1]), strict=True):
        each = spent / max(frames, 1)
        faster = ", ".join(f"{1 / rate / each:.1f} times {rate} a second" for rate in (RATE, 30))
        print(f"  {name}  {1000 * each:5.1f} ms of processor time a frame: {faster}")


if __name__ == "__main__":
    main()
