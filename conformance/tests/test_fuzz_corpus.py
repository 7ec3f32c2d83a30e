"""A corpus: files of conversations, from recordings too, and made small."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.address import open_target
from conformance.command import main
from conformance.fuzz.corpus import Corpus, minimised, name_for, own
from conformance.fuzz.imported import imported
from conformance.fuzz.stage import Stage
from conformance.fuzz.steps import parse_all, text
from spiceproto.errors import LocalError

MOTION = 'inputs: MOUSE_MOTION {"dx": 1, "dy": 0, "buttons_state": []}\n'


def test_a_file_comes_back_and_its_comment_is_for_people(tmp_path: Path) -> None:
    corpus, steps = Corpus(tmp_path / "new"), parse_all(MOTION)
    assert corpus.read() == {}
    path = corpus.write(name_for(steps, "a-"), steps, "where it\ncomes from")
    assert path.read_text() == f"# where it\n# comes from\n{MOTION}"
    assert corpus.read() == {name_for(steps, "a-"): steps}
    corpus.remove(corpus.read())
    assert corpus.read() == {}


def test_a_file_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.steps").write_text("main: close\nnonsense\n")
    with pytest.raises(LocalError) as error:
        Corpus(tmp_path).read()
    assert error.value.where == f"{tmp_path / 'x.steps'}, line 2"
    (tmp_path / "x.steps").write_bytes(b"\xff\xfe")
    with pytest.raises(LocalError, match="no text"):
        Corpus(tmp_path).read()


def test_what_reaches_nothing_more_is_not_kept() -> None:
    stage = Stage(open_target("ref:server"))
    stage.start()
    conversations = {
        "one": parse_all(MOTION),
        "two": parse_all(MOTION * 2),
        "both": parse_all(MOTION + "main: ATTACH_CHANNELS\n"),
        "other": parse_all('record: MODE {"time": 0, "mode": "RAW", "data": ""}\n'),
    }
    kept, reached = minimised(stage, conversations)
    assert kept == {name: conversations[name] for name in ("both", "other")} and reached > 10
    shorter, same = minimised(stage, {"long": parse_all(MOTION * 6 + "main: ATTACH_CHANNELS\n")}, shorter=True)
    assert [step.word for step in shorter["long"]] in (["MOUSE_MOTION"] * 4 + ["ATTACH_CHANNELS"],) and same > 10


@pytest.mark.parametrize(("role", "least"), [("server", 80), ("client", 250)])
@pytest.mark.timeout(900)
def test_the_corpus_of_the_suite_is_small_and_clean(role: str, least: int) -> None:
    stage = Stage(open_target(f"ref:{role}"))
    stage.start()
    found = own(role)
    reached: set[str] = set()
    for name, steps in found.read().items():
        lines = (found.folder / f"{name}.steps").read_text().splitlines(keepends=True)
        assert lines[0] == f"# {found.comment(name)}\n" and "".join(lines[1:]) == text(steps)
        shown = stage.replay(steps, count_rows=True)
        assert shown.steps == steps and not shown.findings, name
        reached |= shown.rows | shown.pairs
    assert len(reached) >= least


def test_the_corpus_of_the_suite_can_be_read_by_people() -> None:
    sizes = [path.stat().st_size for role in ("server", "client") for path in own(role).folder.iterdir()]
    assert sum(sizes) < 200 << 10 and max(sizes) < 32 << 10


def recording(folder: Path) -> Path:
    """A capture of a case in memory."""
    from conformance.fuzz.campaign import Found
    from conformance.fuzz.verdict import Finding
    from conformance.fuzz.written import write

    stage = Stage(open_target("ref:server"))
    stage.start()
    steps = parse_all(MOTION + 'main: MOUSE_MODE_REQUEST {"mode": ["CLIENT"]}\ninputs: type 999 0102\n')
    found = Found(Finding("rule", "SPICE-MAIN-012"), steps, stage.replay(steps), 3, 1, 0.0, steps)
    paths = write(folder, 1, found, target="ref:server", role="server", seed=0, reach=stage.target.reach())
    assert parse_all(paths[0].read_text()) == steps
    compile(paths[2].read_text(), str(paths[2]), "exec")
    return paths[1]


def test_a_recorded_session_becomes_a_conversation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = recording(tmp_path)
    first = imported(capture, "server")[0]
    assert [step.word for step in first] == ["MOUSE_MOTION", "MOUSE_MODE_REQUEST", "type"]
    assert text(first[:1]) == MOTION
    assert any(step.word == "MARK" for steps in imported(capture, "client") for step in steps) is False
    assert main(["corpus", "import", str(capture), str(tmp_path / "corpus")]) == 0
    assert "1 session" in capsys.readouterr().out
    assert main(["corpus", "minimise", str(tmp_path / "corpus")]) == 0
    assert "1 of 1 conversation are left" in capsys.readouterr().out
    corpus = Corpus(tmp_path / "corpus")
    ((name, steps),) = corpus.read().items()
    corpus.write(name, steps + steps, corpus.comment(name))
    assert main(["corpus", "minimise", "--steps", str(tmp_path / "corpus")]) == 0
    assert corpus.comment(name) == f"from {capture.name}" and 3 <= len(corpus.read()[name]) < 6


def test_a_campaign_keeps_what_reaches_anything_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["fuzz", "ref:server", "--count", "20", "--corpus", str(tmp_path)]
    assert main(arguments) == 0
    kept = len(Corpus(tmp_path).read())
    assert kept > 5 and f"0 conversations, {kept} new" in capsys.readouterr().out
    assert main([*arguments, "--seed", "1"]) == 0
    assert f"corpus: {kept} conversations," in capsys.readouterr().out
    assert len(Corpus(tmp_path).read()) > kept


def test_what_cannot_be_minimised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "minimise", str(tmp_path)]) == 2
    assert f"{tmp_path}: no corpus; expected a folder with files *.steps" in capsys.readouterr().err
    (tmp_path / "x.steps").write_text(MOTION)
    assert main(["corpus", "minimise", str(tmp_path), "127.0.0.1:1"]) == 3
    assert "cannot be tested" in capsys.readouterr().err and (tmp_path / "x.steps").exists()
