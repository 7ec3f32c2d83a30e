"""A signal that asks a command to end: what it has started ends with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.asked_to_end import AskedToEnd, raised

TARGETS = """
[[target]]
name = "one"
address = "127.0.0.1:{{port}}"
start = "{python} -m reference_server --port {{port}} --log"
select = "chapter:link"
"""


def test_signals_raise_as_long_as_the_context_lasts() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(AskedToEnd) as error, raised():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)  # changes nothing: what has to be ended is being ended
    assert error.value.status == 143
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_matrix_ends_its_runs_and_its_servers(tmp_path: Path, number: signal.Signals) -> None:
    file, output = tmp_path / "targets.toml", tmp_path / "matrix"
    file.write_text(TARGETS.format(python=sys.executable))

    def heard() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may be deaf to it

    command = [sys.executable, "-m", "spiceproto.spiceconf", "matrix", str(file), "-o", str(output)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    end = time.monotonic() + 60
    while not (output / "one" / "results.jsonl").exists():
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    threads = Path("/proc", str(run.pid), "task")
    children = [int(word) for path in threads.glob("*/children") for word in path.read_text().split()]
    assert len(children) == 2, "a run, and the server that it is about"
    run.send_signal(number)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 128 + number and errors == "interrupted\n"
    assert not [child for child in children if Path("/proc", str(child)).exists()]
