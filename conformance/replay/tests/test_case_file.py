"""A case made from a recording: it stands as the house writes, and it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.replay import source
from conformance.replay.case_file import case_file
from conformance.replay.recording import read
from conformance.replay.tests.played import ANDRIS, SEABIOS
from conformance.replay.until import cut
from spiceproto.capabilities import Capabilities
from spiceproto.errors import LocalError
from spiceproto.messages import common, display, main
from spiceproto.tests.peers import PATIENCE

_WITH_CASES = """
import sys
import conformance.cases
conformance.cases.__path__.append(sys.argv[1])
from conformance.command import main
sys.exit(main(sys.argv[2:]))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``spiceconf`` with the cases of a folder beside its own."""
    command = [sys.executable, "-c", _WITH_CASES, str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=4 * PATIENCE)


@pytest.mark.parametrize(("side", "role"), [("client", "server"), ("server", "client")])
def test_it_runs(side: str, role: str, tmp_path: Path) -> None:
    (tmp_path / "seabios.py").write_text(case_file(read(SEABIOS), side))
    (tmp_path / "andris.py").write_text(case_file(cut(read(ANDRIS), "main.ATTACH_CHANNELS"), side, about="SPICE-FRAME-002"))
    select = f"SPICE-LINK-001/replayed-seabios-{side},SPICE-FRAME-002/replayed-andris-synthetic-{side}"
    done = run(tmp_path, "run", f"ref:{role}", "--select", select)
    assert done.returncode == 0 and "CONFORMS IN SCOPE" in done.stdout, done.stdout + done.stderr
    assert "2 of " in done.stdout.splitlines()[-2]


def test_it_fails_where_an_answer_does_not_come(tmp_path: Path) -> None:
    (tmp_path / "seabios.py").write_text(case_file(read(SEABIOS), "server"))
    done = run(tmp_path, "run", "ref:client?fault=no-ack-sync", "--select", "SPICE-LINK-001/replayed-seabios-server")
    assert done.returncode == 1 and "at least 1 ACK_SYNC" in done.stdout, done.stdout + done.stderr


def test_it_stands_as_the_house_writes(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    for side in ("client", "server"):
        (tmp_path / f"{side}.py").write_text(case_file(read(SEABIOS), side))
    settings = Path(source.__file__).parent.parent.parent / "pyproject.toml"
    for words in (("format", "--check"), ("check",)):
        command = [sys.executable, "-m", "ruff", *words, "--config", str(settings), str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stdout + done.stderr


def test_sentences_that_do_not_bind_the_target() -> None:
    found = read(SEABIOS)
    with pytest.raises(LocalError, match=r"no such sentence.*SPICE-MAIN-001"):
        case_file(found, "client", about="SPICE-MAINS-001")
    with pytest.raises(LocalError, match="does not bind the target; expected one about a client"):
        case_file(found, "server", about="SPICE-MAIN-001")


def test_values_in_a_program() -> None:
    ping = common.Ping(1, 2, b'a"b')
    assert source.message(ping, {}) == ("common.Ping(id=1, timestamp=2, data=b'a\"b')", {"common"})
    assert source.message(common.Ping(1, 2, bytes(200)), {}) is None
    text, modules = source.message(main.ChannelsList((main.ChannelId(2, 0),)), {}) or ("", set())
    assert (text, modules) == ("main.ChannelsList(channels=(main.ChannelId(type=2, id=0),))", {"main"})
    assert source.capabilities(Capabilities(0xD, 0x1A)) == "Capabilities(0xD, 0x1A)"
    for data in (b"", b"\1", bytes(20), b"\1" + bytes(20), bytes(range(256)), bytes(range(256)) + bytes(99)):
        assert eval(f"({source.raw(data)})") == data
    long = display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 40, glz_dictionary_id=1, glz_dictionary_window_size=1 << 30)
    assert eval(source.message(long, {})[0], {"display": display}) == long  # type: ignore[index]
