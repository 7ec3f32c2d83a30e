"""``SPICE_PROXY`` at the command: what is wrong with a proxy is said of it, by its place."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.tests.peers import PATIENCE, free_port


def client(*words: str, proxy: str = "") -> subprocess.CompletedProcess[str]:
    """The program that has nothing to read."""
    command = [sys.executable, "-m", "reference_client", *words]
    environment = {**os.environ, "SPICE_PROXY": proxy}
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )


def test_a_proxy_that_is_not_there() -> None:
    port = free_port()
    done = client("spice://127.0.0.1:1", proxy=f"http://127.0.0.1:{port}")
    wrong = f"the proxy 127.0.0.1:{port} can not be reached: Connection refused"
    assert (done.returncode, done.stderr) == (1, f"spice-reference-client: main:0 refused (connect): {wrong}\n")


def test_a_proxy_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        done = client("spice://127.0.0.1:1", "--duration", "1", proxy=place)
    assert (done.returncode, done.stderr) == (1, f"spice-reference-client: the proxy {place} has not answered\n")


@pytest.mark.parametrize("proxy", ["http://a b:1", "http://a\nb:1", "a\x1bb"])
def test_what_is_no_host_is_wrong_usage(proxy: str) -> None:
    done = client("spice://127.0.0.1:1", proxy=proxy)
    assert done.returncode == 2 and "not the host of a proxy" in done.stderr and done.stderr.count("\n") == 1


def test_a_file_whose_host_has_a_zero_byte_is_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "x.vv"
    path.write_text("[virt-viewer]\ntype=spice\nhost=127.0.0.1\0\nport=5900\n")
    done = client(str(path))
    assert done.returncode == 2 and "not a host; expected no zero byte; found '127.0.0.1\\x00'" in done.stderr
