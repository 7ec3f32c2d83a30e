"""The questions of docs/archive.md, put to an archive of the recordings, against what ``decode``, ``stats`` and lint say."""

from __future__ import annotations

import io
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from spiceproto.archive.columns import TABLES
from spiceproto.command import main
from spiceproto.command.judging import lint_of_the_suite
from spiceproto.tests.recorded import HERE

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (the extra test)")
pytest.importorskip("pyarrow", reason="PyArrow is not installed (the extra archive)")

PAGE: Final = (Path(__file__).parents[2] / "docs" / "archive.md").read_text("utf-8")
EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "seabios.pcapng"
KEYS: Final = HERE / "andris-tls.keys.txt"

SETUP: Final = re.findall(r"```sql setup\n(.*?)```", PAGE, re.DOTALL)
QUESTIONS: Final[dict[str, str]] = dict(re.findall(r"### (.*?)\n(?:(?!###).)*?```sql\n(.*?)```", PAGE, re.DOTALL))

Rows = list[tuple[Any, ...]]


def printed(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with redirect_stdout(out):
        status = main([*arguments])
    return status, out.getvalue()


@cache
def captures() -> dict[str, Path]:
    """Name in the archive to each file that can be read."""
    files = {f"captures/{path.name}": path for path in sorted(HERE.iterdir())} | {EXAMPLE.name: EXAMPLE}
    return {name: path for name, path in files.items() if records(path)}


@cache
def records(path: Path) -> tuple[dict[str, Any], ...]:
    """JSON lines of a capture, with channel and session of what has none of its own; none of what is no capture."""
    said = printed("decode", str(path), "--format", "jsonl", "--keylog", str(KEYS))[1].splitlines()
    found = [json.loads(line) for line in said]
    known = {item["connection"]: item for item in found if item["record"] == "connection"}
    for item in found:
        place = known.get(item.get("connection"))
        if place is not None:
            item.setdefault("channel", place["channel"])
            item["session"] = place["session"]
    return tuple(found)


def every(*kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, path in captures().items():
        for item in records(path):
            if item["record"] in kinds:
                yield name, item


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Rows]]:
    folder = tmp_path_factory.mktemp("questions")
    status, said = printed("archive", str(HERE), str(EXAMPLE), "--keylog", str(KEYS), "-o", str(folder / "archive"))
    assert status == 0, said
    before = Path.cwd()
    os.chdir(folder)
    with duckdb.connect() as base:
        base.execute("SET timezone = 'UTC'")
        for statement in SETUP:
            base.execute(statement)
        yield lambda sql: list(base.execute(sql).fetchall())
    os.chdir(before)


def captures_that_are_not_whole(rows: Rows) -> None:
    refused = {f"captures/{path.name}" for path in HERE.iterdir()} - set(captures())
    assert {name for name, status, _ in rows if status == "refused"} == refused
    assert {(name, status) for name, status, _ in rows if status != "refused"} == {("captures/unknown-ca.pcap", "sealed")}
    assert all(reason for _, _, reason in rows)


def messages_by_kind(rows: Rows) -> None:
    wanted: Counter[tuple[Any, ...]] = Counter()
    sizes: Counter[tuple[Any, ...]] = Counter()
    for path in captures().values():
        for item in json.loads(printed("stats", str(path), "--format", "json", "--keylog", str(KEYS))[1])["by_message"]:
            place, _, inner = item["channel"].partition(" ")
            kind = place.partition(":")[0], inner or "spice", item["direction"], item["name"]
            wanted[kind] += item["count"]
            sizes[kind] += item["bytes"]
    assert {row[:4]: row[4] for row in rows} == wanted
    assert {row[:4]: row[5] for row in rows} == sizes


@cache
def findings() -> dict[str, Rows]:
    """Capture to sentence, sender and number of the message of what the page of a capture shows as broken."""
    from spiceproto.capture.decode import Decoder
    from spiceproto.view.recorder import Recorder

    found = {}
    for name, path in captures().items():
        recorder = Recorder(lint_of_the_suite())
        decoder = Decoder(path, recorder, keylog=KEYS, in_order=True)
        recorder.begin(decoder, name)
        decoder.run()
        recorder.end()
        assert recorder.judge is not None
        recorder.judge.ended(decoder.capture.totals.frames, decoder.capture.last_time_ns)
        recorder.judge.went(decoder.moved)
        numbers = recorder.rows.columns["number"]
        broken = [item for item in recorder.broken.as_dicts() if not item["tolerated"]]
        found[name] = [(item["sentence"], item["sender"], _message(numbers, item["row"])) for item in broken]
    return found


def _message(numbers: Any, row: int) -> int:
    """Of a row: of one inside of a message that of the message, which stands behind it."""
    return int(next((number for number in numbers[row:] if number), 0))


def broken_sentences(rows: Rows) -> None:
    times = Counter((sentence, sender) for items in findings().values() for sentence, sender, _ in items)
    where = {key: {name for name, items in findings().items() if key in {item[:2] for item in items}} for key in times}
    assert {(code, sender): (count, places) for code, sender, count, places in rows} == {
        key: (count, len(where[key])) for key, count in times.items()
    }
    assert rows


def first_places(rows: Rows) -> None:
    wanted: dict[str, tuple[str, int]] = {}
    for name, items in sorted(findings().items()):
        for sentence, _, number in sorted(items, key=lambda item: item[2]):
            wanted.setdefault(sentence, (name, number))
    assert {sentence: (name, number) for sentence, name, number in rows} == wanted


def problems_by_code(rows: Rows) -> None:
    found = [(name, item["severity"], item["code"]) for name, item in every("problem")]
    counts = Counter(item[1:] for item in found)
    refused = len(list(HERE.iterdir())) + 1 - len(captures())
    for said in ("nothing", "key-log"):  # of what is no capture decode says no more than that
        rows = [(sev, code, n - refused, m - refused) if code == said else (sev, code, n, m) for sev, code, n, m in rows]
    assert {row[:2]: row[2] for row in rows if row[2]} == counts
    assert {row[:2]: row[3] for row in rows if row[2]} == {key: len({x[0] for x in found if x[1:] == key}) for key in counts}


def pictures(rows: Rows) -> None:
    """Footers count every image; in these recordings no message has two pictures."""
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, item in every("footer"):
        for type, sums in item["images"]["types"].items():
            one = wanted[type.removeprefix("type ")]
            for place, name in enumerate(("count", "pixels", "bytes")):
                one[place] += sums[name]
    assert {row[0]: [row[2], row[3], row[4] or 0] for row in rows} == wanted


def pings(rows: Rows) -> None:
    wanted: Counter[tuple[str, int]] = Counter()
    waiting: set[tuple[Any, ...]] = set()
    for name, item in every("message"):
        if item["name"] in ("PING", "PONG"):
            key = name, item["connection"], item["fields"]["id"], item["fields"]["timestamp"]
            if item["name"] == "PING":
                waiting.add(key)
            elif key in waiting:
                wanted[key[:2]] += 1
    assert {row[:2]: row[2] for row in rows} == wanted
    assert all(timedelta(0) <= least <= most for *_, least, most in rows)


def who_sent(rows: Rows) -> None:
    found = {(name, session): (client, server) for name, session, client, server, _ in rows}
    wanted: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for name, item in every("end"):
        one = wanted[name, item["session"]]
        one[0] += item["sent"]["client"]
        one[1] += item["sent"]["server"]
    assert found == {key: tuple(sums) for key, sums in wanted.items()}


def able(rows: Rows) -> None:
    wanted = []
    for name, item in every("connection"):
        if item["channel"] == "display" and "client" in item["capabilities"]:
            wanted.append((name, item["connection"], "PREF_COMPRESSION" in item["capabilities"]["client"]["channel"]))
    assert rows == sorted(wanted)


def ended(rows: Rows) -> None:
    wanted = Counter((item["channel"], tuple(f"{e['side']} {e['kind']}" for e in item["ends"])) for _, item in every("end"))
    assert {(channel, tuple(ends)): count for channel, ends, count in rows} == wanted


def screens(rows: Rows) -> None:
    made = [(name, item["fields"]) for name, item in every("message") if item["name"] == "SURFACE_CREATE"]
    wanted = {(name, said["width"], said["height"], said["format"]) for name, said in made if "PRIMARY" in said["flags"]}
    assert rows == sorted(wanted) and rows


def largest(rows: Rows) -> None:
    found = [(name, item["number"], item["channel"], item["name"], item["size"]) for name, item in every("message")]
    assert rows == sorted(found, key=lambda item: (-item[4], item[0], item[1]))[:10]


def silences(rows: Rows) -> None:
    found = []
    before: tuple[str, float] = ("", 0.0)
    for name, item in every("message"):
        if before[0] == name:
            found.append((item["time"] - before[1], name, item["number"]))
        before = name, item["time"]
    wanted = sorted(found, key=lambda item: (-item[0], *item[1:]))[:5]
    assert [row[:2] for row in rows] == [item[1:] for item in wanted]
    assert all(abs(row[2].total_seconds() - item[0]) < 1e-5 for row, item in zip(rows, wanted, strict=True))


def keys(rows: Rows) -> None:
    wanted = Counter((name, item["shown"]["code"]) for name, item in every("message") if item["name"] == "KEY_DOWN")
    assert {row[:2]: row[2] for row in rows} == wanted and rows


def migrations(rows: Rows) -> None:
    wanted = [(name, item["kind"], item["outcome"]) for name, item in every("migration")]
    assert Counter(rows) == Counter(wanted) and rows


CHECKS: Final[dict[str, Callable[[Rows], None]]] = {
    "Which captures are not whole, and why?": captures_that_are_not_whole,
    "How many messages of which kind are there?": messages_by_kind,
    "Which sentences of the specification are broken, and in how many captures?": broken_sentences,
    "Where does each of them happen first?": first_places,
    "What could not be read?": problems_by_code,
    "How are pictures compressed?": pictures,
    "How long does a ping take?": pings,
    "Who sent how much?": who_sent,
    "Which clients can do something, and which can not?": able,
    "How did connections end?": ended,
    "How large were the screens?": screens,
    "Which messages were the largest?": largest,
    "Where was nothing said for longest?": silences,
    "Which keys were pressed?": keys,
    "What became of migrations?": migrations,
}


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_answers_are_what_the_reports_say(question: str, asked: Callable[[str], Rows]) -> None:
    CHECKS[question](asked(QUESTIONS[question]))


def test_every_question_is_checked() -> None:
    assert set(QUESTIONS) == set(CHECKS)


def test_the_page_names_every_column() -> None:
    tables = dict(re.findall(r"### The table `(\w+)`\n\n(.*?)(?=\n### |\n## |\Z)", PAGE, re.DOTALL))
    assert list(tables) == list(TABLES)
    for table, columns in TABLES.items():
        named = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) *\|$", tables[table], re.MULTILINE)
        assert named == [(column.name, column.type, column.text) for column in columns], table
