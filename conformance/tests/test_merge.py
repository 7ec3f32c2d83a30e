"""The parts of a run, and the whole that is made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.cases import all_cases
from conformance.command import main
from conformance.merge import merge
from conformance.report import jsonl
from conformance.report.jsonl import Run
from conformance.report.verdict import verdict
from conformance.results import CaseResult, Footer, Seen
from conformance.shard import Shard
from spiceproto.errors import LocalError
from spiceproto.tests.peers import free_port

FAULTY = "ref:server?fault=any-magic"
SELECTED = "SPICE-LINK-00, SPICE-MOUSE-01, (tag:observed chapter:link)"
CLOCK = ("seconds", "virtual", "transcript")
"""What is another one each time a case is run."""


def parts(folder: Path, count: int, *options: str, target: str = FAULTY, select: str = SELECTED) -> list[Path]:
    """Run all parts; the folders of their reports."""
    found = [folder / f"part-{number}" for number in range(1, count + 1)]
    for number, path in enumerate(found, 1):
        main(["run", target, "--select", select, "--shard", f"{number}/{count}", "--report", str(path), "-q", *options])
    return found


def one(folder: Path, *options: str, target: str = FAULTY, select: str = SELECTED) -> Run:
    """The same in one run."""
    main(["run", target, "--select", select, "--report", str(folder / "one"), "-q", *options])
    return jsonl.read(folder / "one" / "results.jsonl")


def facts(case: CaseResult) -> dict[str, Any]:
    return {name: getattr(case, name) for name in case.__struct_fields__ if name not in CLOCK}


def end(footer: Footer) -> Footer:
    return msgspec.structs.replace(footer, ended="", seconds=0.0)


def same(left: Run, right: Run) -> None:
    """Both say the same, but for their clocks."""
    assert [facts(case) for case in left.cases] == [facts(case) for case in right.cases]
    assert end(left.footer) == end(right.footer) and verdict(left) == verdict(right)
    headers = [msgspec.structs.replace(run.header, started="") for run in (left, right)]
    assert headers[0] == headers[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], Run]:
    """A folder, the reports of three parts, and the records of one run."""
    folder = tmp_path_factory.mktemp("parts")
    return folder, parts(folder, 3), one(folder)


def edited(folder: Path, path: Path, change: Callable[[Run], Run]) -> Path:
    """A copy of a part with other records."""
    copy = folder / path.name
    copy.mkdir()
    jsonl.write(copy / "results.jsonl", change(jsonl.read(path / "results.jsonl")))
    return copy


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_case_is_in_one_part(count: int) -> None:
    shards = [Shard(number + 1, count) for number in range(count)]
    found = Counter(case.id for shard in shards for case in all_cases() if shard.has(case))
    assert found == Counter(case.id for case in all_cases())
    held = {str(shard): sum(shard.has(case) for case in all_cases() if not case.from_rules) for shard in shards}
    assert min(held.values()) > 0.8 * max(held.values())


def test_the_whole_is_as_of_one_run(pair: tuple[Path, list[Path], Run], capsys: pytest.CaptureFixture[str]) -> None:
    folder, paths, whole = pair
    assert whole.footer.outcomes["fail"] and whole.footer.exit_status == 1
    capsys.readouterr()
    assert main(["merge", *map(str, reversed(paths)), "-o", str(folder / "whole"), "-q"]) == 1
    said = capsys.readouterr().out
    assert said.count("FAIL ") == whole.footer.outcomes["fail"] and "DOES NOT CONFORM" in said
    same(jsonl.read(folder / "whole" / "results.jsonl"), whole)
    files = [{path.name for path in (folder / name).iterdir()} for name in ("one", "whole")]
    assert files[0] == files[1] and any(name.endswith(".pcapng") for name in files[0])
    for name in [name for name in files[0] if name.endswith(".py")]:
        (part,) = [path for path in paths if (path / name).exists()]
        assert (folder / "whole" / name).read_bytes() == (part / name).read_bytes()


def test_a_part_says_that_it_is_one(pair: tuple[Path, list[Path], Run]) -> None:
    for number, path in enumerate(pair[1], 1):
        found = jsonl.read(path / "results.jsonl")
        assert found.header.shard == f"{number}/3" and found.footer.part is not None
        assert verdict(found).kind != "conforms" and f"part {number}/3" in (path / "index.html").read_text()


def test_what_one_part_saw_breaks_a_sentence_of_another(tmp_path: Path, pair: tuple[Path, list[Path], Run]) -> None:
    read = [jsonl.read(path / "results.jsonl") for path in pair[1]]
    (home,) = [run for run in read if any(case.id.endswith("/observed") for case in run.cases)]
    broken = next(case for case in home.cases if case.id.endswith("/observed") and case.outcome == "pass")
    other = next(run for run in read if run is not home and any(case.outcome == "pass" for case in run.cases))
    place = next(case for case in other.cases if case.outcome == "pass")

    def change(run: Run) -> Run:
        if run.header.shard != other.header.shard:
            return run
        seen = (Seen(broken.requirement, "main:0", "it says too much", "one word", "two"),)
        cases = [msgspec.structs.replace(case, seen=seen) if case.id == place.id else case for case in run.cases]
        return msgspec.structs.replace(run, cases=tuple(cases))

    whole = merge([edited(tmp_path, path, change) for path in pair[1]])
    found = next(case for case in whole.cases if case.id == broken.id)
    assert found.outcome == "fail" and found.actual.endswith(f"(in {place.id})") and found.expected == "one word"
    assert whole.footer.outcomes["fail"] == pair[2].footer.outcomes["fail"] + 1


WAIVERS = """
[[waiver]]
select = "SPICE-LINK-006"
reason = "it takes any magic number"
bug = "none filed"

[[waiver]]
select = "SPICE-MOUSE-01"
reason = "nothing of it is true"
bug = "none filed"

[[waiver]]
select = "SPICE-LINK-001/nothing"
reason = "there is no such case"
bug = "none filed"
"""


def test_waivers_hold_for_all_parts_together(tmp_path: Path) -> None:
    """A stale one, of which no part has all cases, is found when they are joined."""
    file = tmp_path / "waivers.toml"
    file.write_text(WAIVERS)
    paths, whole = parts(tmp_path, 3, "--waivers", str(file)), one(tmp_path, "--waivers", str(file))
    assert whole.footer.outcomes["waived"] and any("stale waiver SPICE-MOUSE-01" in text for text in whole.footer.problems)
    assert not any("stale" in text for path in paths for text in jsonl.read(path / "results.jsonl").footer.problems)
    same(merge(paths), whole)


def test_a_part_without_cases_is_in_order(tmp_path: Path) -> None:
    select = "SPICE-LINK-006/zero-bytes"
    for number in range(1, 4):
        command = ["run", "ref:server", "--select", select, "--shard", f"{number}/3", "--report", str(tmp_path / str(number))]
        assert main(command) == 0
    runs = [jsonl.read(tmp_path / str(number) / "results.jsonl") for number in range(1, 4)]
    assert sorted(run.footer.planned for run in runs) == [0, 0, 1]
    assert main(["run", "ref:server", "--select", "SPICE-LINK-999", "--shard", "1/3"]) == 2
    whole = merge([tmp_path / str(number) for number in range(1, 4)])
    assert whole.footer.exit_status == 0 and verdict(whole).kind == "conforms in scope"


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    target = f"127.0.0.1:{free_port()}"
    whole = merge(parts(tmp_path, 2, target=target, select="SPICE-LINK-00"))
    alone = one(tmp_path, target=target, select="SPICE-LINK-00")
    assert whole.footer.exit_status == 3 and end(whole.footer) == end(alone.footer)


def test_too_few_are_too_few_of_the_whole(pair: tuple[Path, list[Path], Run], capsys: pytest.CaptureFixture[str]) -> None:
    executed = pair[2].footer.executed
    assert not merge(pair[1], min_executed=executed).footer.problems
    (problem,) = merge(pair[1], min_executed=executed + 1).footer.problems
    assert problem.startswith(f"too few cases: {executed} executed, at least {executed + 1} wanted")
    assert main(["run", FAULTY, "--shard", "1/3", "--min-executed", "5"]) == 2
    assert "spiceconf merge" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ((0, 2), "1 part of 3 missing; expected all parts; --partial takes what there is; found not there: 2/3"),
        ((0, 1, 2, 1), "a part that is there more than once"),
        ((0, 1, 2, "seed"), "seed of 3/3 is not that of 1/3"),
        ((0, 1, "count"), "one of 3 parts"),
        ((0, 1, "one"), "the records of a whole run"),
        ((0, 1, "version"), "records of a suite with another version"),
    ],
)
def test_what_is_no_whole_is_refused(
    tmp_path: Path, pair: tuple[Path, list[Path], Run], chosen: tuple[int | str, ...], said: str
) -> None:
    other: dict[str, dict[str, Any]] = {
        "seed": {"seed": 5},
        "count": {"shard": "3/4"},
        "version": {"version": "0.0"},
        "one": {"shard": ""},
    }

    def change(run: Run) -> Run:
        return msgspec.structs.replace(run, header=msgspec.structs.replace(run.header, **other[str(chosen[-1])]))

    paths = [pair[1][item] for item in chosen if isinstance(item, int)]
    if isinstance(chosen[-1], str):
        paths = [*[path for path in paths if path != pair[1][2]], edited(tmp_path, pair[1][2], change)]
    with pytest.raises(LocalError) as error:
        merge(paths)
    assert said in str(error.value)


def test_what_there_is_of_a_whole(pair: tuple[Path, list[Path], Run]) -> None:
    whole = merge([pair[1][0], pair[1][2]], partial=True)
    assert whole.footer.exit_status == 137 and "the lack of 1 part: 2/3" in whole.footer.interrupted
    assert verdict(whole).kind == "interrupted"


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "1/99999", "-1/3", "١/٣"])
def test_a_shard_that_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "ref:server", f"--shard={text}"]) == 2
    assert "a shard that is none" in capsys.readouterr().err


def test_no_part_is_overwritten(pair: tuple[Path, list[Path], Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", *map(str, pair[1]), "-o", str(pair[1][0])]) == 2
    assert "would be overwritten" in capsys.readouterr().err
