"""The guest that is an X display: what it costs to see that all of the display has changed. Nothing here can fail.

    python benchmarks/bench_x11_guest.py [--size 1024x768] [--seconds N]

A program on an Xvfb of its own shows noise at another place, a hundred times a second. Printed are pictures a second, the
milliseconds of the processor that each takes until it is in the screen of the server, and those of the server's thread alone.
What it takes to send them is not in here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

_NOISE: Final = """
import random, time
from Xlib import X, display
shown = display.Display()
screen = shown.screen()
width, height, depth = screen.width_in_pixels, screen.height_in_pixels, screen.root_depth
window = screen.root.create_window(0, 0, width, height, 0, depth, X.InputOutput, X.CopyFromParent, override_redirect=1)
window.map()
context = window.create_gc()
noise = window.create_pixmap(width + 64, height + 64, depth)
for top in range(0, height + 64, 8):
    noise.put_image(context, 0, top, width + 64, 8, X.ZPixmap, depth, 0, random.randbytes(4 * 8 * (width + 64)))
turn = 0
while True:
    turn += 1
    window.copy_area(context, noise, turn * 5 % 64, turn * 3 % 64, width, height, 0, 0)
    shown.sync()
    time.sleep(0.01)
"""


def measure(name: str, seconds: float) -> tuple[float, float, float]:
    """Pictures a second, and milliseconds of the processor for each: of all, and of this thread."""
    import x11_guest

    from reference_server import Guest, Program
    from reference_server.guest import Drawn

    guest = Guest()
    program = Program(guest, 1)
    called = threading.Event()
    program.wake = called.set
    x11_guest.X11Guest(program, name)
    drawn: list[Drawn] = []
    guest.screens[0].watch(drawn.append, Drawn)
    noise = subprocess.Popen([sys.executable, "-c", _NOISE], env=os.environ | {"DISPLAY": name})
    try:
        while not drawn:
            called.wait(0.1)
            program.answer_calls()
        drawn.clear()
        began, used, here = time.perf_counter(), time.process_time(), time.thread_time()
        while time.perf_counter() - began < seconds:
            called.wait(0.1)
            called.clear()
            program.answer_calls()
        passed, used, here = time.perf_counter() - began, time.process_time() - used, time.thread_time() - here
    finally:
        noise.terminate()
        noise.wait()
        program.stop()
    return len(drawn) / passed, 1000 * used / len(drawn), 1000 * here / len(drawn)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1024x768")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryFile() as log, tempfile.NamedTemporaryFile() as number:
        command = ["Xvfb", "-displayfd", str(number.fileno()), "-screen", "0", f"{options.size}x24", "-nolisten", "tcp"]
        server = subprocess.Popen([*command, "-noreset"], stderr=log, pass_fds=[number.fileno()])
        try:
            while not (name := Path(number.name).read_text()).endswith("\n"):
                time.sleep(0.05)
            rate, all_of_it, here = measure(f":{name.strip()}", options.seconds)
        finally:
            server.terminate()
            server.wait()
    print(
        f"{options.size}: {rate:.1f} pictures a second, {all_of_it:.1f} ms each, {here:.1f} ms of that in the server's thread"
    )


if __name__ == "__main__":
    main()
