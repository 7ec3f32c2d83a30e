"""A file from the reference client to the guest of the reference server, over loopback. Nothing here can fail.

    python benchmarks/bench_agent.py [MIB] [--rounds N]

Both are processes of their own. Printed are MB a second by the clock, and a second of the processor time of each, without what
a file of no bytes takes, which is their start. The last column compares both together with the same bytes in pieces of 2048
over a socket, of which the receiver writes a file: what Python takes for that alone.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
_PIECE: Final = 2048
_CLIENT: Final = ("-m", "reference_client", "--disable-channels", "display,cursor,inputs,playback,record")
_SERVER: Final = ("-m", "reference_server", "--port", "0", "--guest", "agent", "--size", "64x48")


def _used(process: subprocess.Popen[bytes]) -> float:
    """Processor time of a process that ends, in seconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def transfer(path: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds by the clock, and of the processors of client and server, for one file."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, *_SERVER, "--files", str(folder)], stdout=subprocess.PIPE, env=environment)
    assert server.stdout is not None
    port = json.loads(server.stdout.readline())["port"]
    began = time.perf_counter()
    client = subprocess.Popen(
        [sys.executable, *_CLIENT, "--send-file", str(path), f"spice://127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    sent = _used(client)
    seconds = time.perf_counter() - began
    server.terminate()
    taken = _used(server)
    (came,) = folder.iterdir()
    assert client.returncode == 0 and came.stat().st_size == path.stat().st_size
    came.unlink()
    return seconds, sent, taken


def plain(path: Path, out: Path) -> float:
    """Processor seconds of the same bytes in the same pieces over a socket, into a file."""
    one, two = socket.socketpair()

    def send() -> None:
        with path.open("rb") as source, one:
            while piece := source.read(_PIECE):
                one.sendall(piece)

    began = time.process_time()
    thread = threading.Thread(target=send)
    thread.start()
    with out.open("wb") as sink, two:
        while piece := two.recv(_PIECE):
            sink.write(piece)
    thread.join()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mib", nargs="?", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "in").mkdir()
        none, file = place / "none", place / "file"
        none.write_bytes(b"")
        file.write_bytes(os.urandom(1 << 20) * options.mib)
        size = file.stat().st_size / 1e6
        for _ in range(options.rounds):
            start = transfer(none, place / "in")
            whole = transfer(file, place / "in")
            clock, client, server = (max(after - before, 1e-9) for before, after in zip(start, whole, strict=True))
            ratio = (client + server) / plain(file, place / "plain")
            print(
                f"{size:.0f} MB: {size / clock:6.1f} MB/s by the clock; of processor time client {size / client:6.1f} MB/s, "
                f"server {size / server:6.1f} MB/s, both {size / (client + server):6.1f} MB/s: "
                f"{ratio:.1f} times a plain socket",
                flush=True,
            )


if __name__ == "__main__":
    main()
