"""``python -m fuzz_targets`` as people and ClusterFuzzLite use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fuzz_targets import plain
from fuzz_targets.__main__ import main
from fuzz_targets.target import targets
from spiceproto import vsc

ROOT = Path(__file__).parents[2]
LITE = ROOT / ".clusterfuzzlite"
PATIENCE = 240

needs_atheris = pytest.mark.skipif(
    not __import__("importlib.util").util.find_spec("atheris"), reason="atheris is not installed (the extra fuzz)"
)


def program(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )


def test_targets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(targets())


def test_nothing_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plain", "smartcard", "webdav", "--count", "80"]) == 0
    assert re.search(r"^smartcard +80 inputs, .*; 0 broken$", capsys.readouterr().out, re.MULTILINE)


def test_what_is_broken_is_written_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["plain", "smartcard", "--count", "40", "--crashes", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(vsc, "device_bytes", lambda message: b"\xff")
        assert main(arguments) == 1
        (path,) = (tmp_path / "smartcard").iterdir()
        said = capsys.readouterr().out
        assert "BROKEN smartcard: Broken in target.py:holds: said again it is something else" in said and str(path) in said
        assert main(["again", "smartcard", str(path)]) == 1
        assert f"{path}: broken" in capsys.readouterr().out
    assert main(["again", "smartcard", str(path)]) == 0
    assert f"{path}: holds" in capsys.readouterr().out


def test_a_corpus_is_shared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = targets()["proxy-answer"]
    plain.write(tmp_path / target.name, b"HTTP/1.1 503 Busy\r\n\r\n")
    assert b"HTTP/1.1 503 Busy\r\n\r\n" in plain.inputs(target, tmp_path)
    count = len(plain.inputs(target, tmp_path))
    assert main(["plain", target.name, "--count", str(count), "--corpus", str(tmp_path)]) == 0
    assert len(list((tmp_path / target.name).iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plain", "nothing"], "no such target: nothing"),
        (["again", "nothing", "x"], "no such target: nothing"),
        (["again", "smartcard", "/nowhere"], "/nowhere: No such file"),
        (["plain", "smartcard", "--count", "-1"], "0 or more"),
        (["seeds"], "--corpus"),
        ([], "VERB"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and said in capsys.readouterr().err


@needs_atheris
def test_led_by_what_is_reached(tmp_path: Path) -> None:
    found = program("-m", "fuzz_targets", "guided", "smartcard", "--corpus", tmp_path, "--", "-runs=400", "-seed=1")
    assert found.returncode == 0 and re.search(r"DONE +cov: \d\d", found.stderr), found.stderr[-2000:]
    assert len(list((tmp_path / "smartcard").iterdir())) > len(plain.inputs(targets()["smartcard"]))


@needs_atheris
def test_led_nowhere(tmp_path: Path) -> None:
    found = program("-m", "fuzz_targets", "guided", "nothing", "--corpus", tmp_path)
    assert found.returncode == 2 and "no such target: nothing" in found.stderr


def test_files_of_clusterfuzzlite_name_no_host() -> None:
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load((LITE / "project.yaml").read_text())["language"] == "python"
    image = (LITE / "Dockerfile").read_text()
    assert "ARG BASE\nFROM ${BASE}\n" in image
    for path in [*LITE.glob("*.*"), LITE / "Dockerfile", *LITE.glob("hooks/*.py")]:
        assert not re.search(r"\w\.(io|com|org|dev)/", path.read_text()), path


@needs_atheris
@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash")
def test_what_clusterfuzzlite_builds(tmp_path: Path) -> None:
    """With stand-ins for pip and for what makes one file of a program: programs run, and have seeds beside them."""
    folders = {name: tmp_path / name for name in ("SRC", "OUT", "bin")}
    for folder in folders.values():
        folder.mkdir()
    stand_ins = {
        "compile_python_fuzzer": '#!/bin/sh\ntest -d "$5" && cp "$1" "$OUT/"\n',
        "python3": f'#!/bin/sh\n[ "$2" = pip ] || exec {sys.executable} "$@"\n',
        "zip": f'#!/bin/sh\nshift\nexec {sys.executable} -m zipfile -c "$@"\n',
    }
    for name, text in stand_ins.items():
        (folders["bin"] / name).write_text(text)
        (folders["bin"] / name).chmod(0o755)
    environment = {**os.environ, "SRC": str(folders["SRC"]), "OUT": str(folders["OUT"]), "PYTHONPATH": str(ROOT)}
    environment["PATH"] = f"{folders['bin']}:{os.environ['PATH']}"
    names = ["proxy-answer", "link-server"]
    built = subprocess.run(
        [LITE / "build.sh", *names], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert built.returncode == 0, built.stderr
    out = folders["OUT"]
    assert {path.name for path in out.iterdir()} == {
        *("fuzz_proxy_answer.py", "fuzz_proxy_answer_seed_corpus.zip"),
        *("fuzz_link_server.py", "fuzz_link_server_seed_corpus.zip"),
    }
    seeds = out / "fuzz_proxy_answer_seed_corpus.zip"
    assert len(zipfile.ZipFile(seeds).namelist()) == len(plain.inputs(targets()["proxy-answer"]))
    ran = program(out / "fuzz_proxy_answer.py", "-runs=50")
    assert ran.returncode == 0 and "DONE" in ran.stderr, ran.stderr[-2000:]
