"""``spiceproto archive``: every file has its row, what has not changed stays, and it does not matter who does the work."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from spiceproto.archive import captures as files_of
from spiceproto.archive import part, recorder
from spiceproto.archive.captures import Asked, File, bundles, digest, find
from spiceproto.archive.columns import TABLES, schema
from spiceproto.archive.scalars import SCALARS
from spiceproto.command import archive as command
from spiceproto.command import main
from spiceproto.errors import LocalError
from spiceproto.tests.incomplete import blocks, cut, lossy
from spiceproto.tests.recorded import HERE

arrow = pytest.importorskip("pyarrow", reason="PyArrow is not installed (the extra archive)")
parquet = pytest.importorskip("pyarrow.parquet")

EXAMPLE = Path(__file__).parents[2] / "examples" / "seabios.pcapng"
SMALL = HERE / "zero-scancodes.pcap"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Some captures, one of them in a folder of its own, and a file that is none."""
    made = tmp_path / "recorded"
    (made / "more").mkdir(parents=True)
    shutil.copy(SMALL, made / "a.pcap")
    shutil.copy(HERE / "andris-synthetic.pcapng", made / "more" / "b.pcapng")
    shutil.copy(HERE / "monitors-config-size.pcap", made / "c.pcap")
    (made / "notes.txt").write_text("no capture\n")
    return made


def archive(*arguments: object, status: int = 0) -> None:
    assert main(["archive", *map(str, arguments)]) == status


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, part by part."""
    found: list[dict[str, Any]] = []
    for path in sorted((out / table).glob("*.parquet")):
        found += parquet.read_table(path).to_pylist()
    return found


def statuses(out: Path) -> dict[str, str]:
    return {row["capture"]: row["status"] for row in rows(out, "captures")}


def content(out: Path) -> dict[str, bytes]:
    """Name to the bytes of each file."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*.parquet"))}


def test_every_file_has_a_row(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    (folder / "empty.pcap").write_bytes(b"")
    (folder / "gone.pcap").symlink_to(folder / "nowhere")
    (folder / "link").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "cut.pcapng").write_bytes(EXAMPLE.read_bytes()[:-1000])
    (folder / "spoiled.pcap.gz").write_bytes(gzip.compress(EXAMPLE.read_bytes())[:-3000])
    (folder / os.fsdecode(b"na\xefve.pcap")).write_bytes(SMALL.read_bytes())
    holes = next(data for _, data in lossy(blocks(EXAMPLE), 6))
    (folder / "holes.pcapng").write_bytes(holes)
    archive(folder, HERE / "unknown-ca.pcap", HERE / "proxy-authority.pcap", "-o", out)
    assert statuses(out) == {
        "recorded/a.pcap": "whole",
        "recorded/c.pcap": "whole",
        "recorded/cut.pcapng": "damaged",
        "recorded/empty.pcap": "refused",
        "recorded/gone.pcap": "refused",
        "recorded/holes.pcapng": "holes",
        "recorded/link": "refused",
        "recorded/more/b.pcapng": "whole",
        "recorded/na\\xefve.pcap": "whole",
        "recorded/notes.txt": "refused",
        "recorded/pipe": "refused",
        "recorded/spoiled.pcap.gz": "damaged",
        "proxy-authority.pcap": "whole",
        "unknown-ca.pcap": "sealed",
    }
    by_name = {row["capture"]: row for row in rows(out, "captures")}
    assert by_name["recorded/notes.txt"]["reason"].startswith("byte 0: not a capture file")
    assert by_name["recorded/pipe"]["reason"] == "not a regular file"
    assert "bytes of the " in by_name["recorded/holes.pcapng"]["reason"]
    assert all(row["reason"] for row in by_name.values() if row["status"] != "whole")
    counted = {name: sum(row["capture"] == name for row in rows(out, "messages")) for name in by_name}
    assert counted == {name: row["rows"] for name, row in by_name.items()}
    assert counted["recorded/cut.pcapng"] > 50 and counted["recorded/spoiled.pcap.gz"]
    said = capsys.readouterr().out
    assert "refused: recorded/notes.txt: byte 0: not a capture" in said
    (counts,) = re.findall(r"14 captures read \((.*?)\)", said)
    assert set(counts.split(", ")) == {"5 whole", "5 refused", "2 damaged", "1 holes", "1 sealed"}


@pytest.mark.parametrize("path", [EXAMPLE, SMALL, HERE / "qemu-migration-seamless-agent.pcapng.gz"], ids=lambda path: path.name)
def test_rows_are_the_records_of_json_lines(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive(path, "-o", tmp_path / "out")
    capsys.readouterr()
    main(["decode", str(path), "--format", "jsonl"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = [item for item in records if item["record"] in ("message", "link", "agent", "usbredir", "webdav", "vsc", "state")]
    found = rows(tmp_path / "out", "messages")
    assert len(found) == len(wanted)
    channels = {item["connection"]: (item["channel"], item["session"]) for item in records if item["record"] == "connection"}
    for number, (row, item) in enumerate(zip(found, wanted, strict=True), 1):
        assert row["row"] == number and row["capture"] == path.name
        assert (row["name"], row["connection"]) == (item.get("name", item.get("step")), item["connection"])
        assert row["protocol"] == {"message": "spice"}.get(item["record"], item["record"])
        assert json.loads(row["fields"] or "null") == item.get("fields")
        assert row["direction"] == item.get("direction")
        if item["record"] != "link":
            assert (row["channel"], row["session"]) == channels[item["connection"]]
            assert row["size"] == item["size"] and abs(row["time"].timestamp() - item["time"]) < 2e-6
        if item["record"] == "message":
            assert (row["first_frame"], row["frame"]) == (item["frames"][0], item["frames"][-1])
            assert (row["number"], row["serial"], row["type"]) == (item["number"], item["serial"], item["type"])
        for name in ("shown", "streams", "to_agent"):
            assert json.loads(row["more"] or "{}").get(name) == item.get(name)


def test_fields_of_many_messages_are_columns(tmp_path: Path) -> None:
    archive(EXAMPLE, HERE / "qemu-migration-seamless-agent.pcapng.gz", "-o", tmp_path / "out")
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows(tmp_path / "out", "messages"):
        by_name.setdefault(row["name"], []).append(row)
    for row in by_name["DRAW_COPY"]:
        said = json.loads(row["fields"])
        head, box = said["data"]["src_bitmap"]["descriptor"], said["base"]["box"]
        assert [row[f"image_{name}"] for name in ("id", "type", "width", "height")] == [
            head[name] for name in ("id", "type", "width", "height")
        ]
        assert {side: row[side] for side in box} == box and row["surface_id"] == said["base"]["surface_id"]
        assert row["image_codec"] == {"QUIC": "QUIC", "GLZ_RGB": "GLZ", "LZ_RGB": "LZ"}.get(row["image_type"])
        assert row["width"] is None and row["x"] is None
    made = [row for row in by_name["SURFACE_CREATE"] if row["format"] == "32_xRGB"]
    assert made and all(row["width"] and row["height"] for row in made)
    assert all(row[name] is None for row in by_name["PING"] for name in SCALARS)
    used = {name for some in by_name.values() for row in some for name in SCALARS if row[name] is not None}
    assert used >= {"surface_id", "left", "image_bytes", "width", "format", "codec", "multi_media_time"}


def test_again_only_what_is_new_or_has_changed_is_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    archive(folder, "-o", out)
    first = content(out)
    archive(folder, "-o", out)
    assert content(out) == first and "0 captures read, 0 rows of messages; 4 are in it as they are" in capsys.readouterr().out
    shutil.copy(EXAMPLE, folder / "new.pcapng")
    archive(folder, "-o", out)
    assert "1 captures read (1 whole), 82 rows" in capsys.readouterr().out
    second = content(out)
    assert first.items() < second.items()
    shutil.copy(EXAMPLE, folder / "a.pcap")
    archive(folder, "-o", out)
    assert "1 captures read (1 whole), 82 rows" in capsys.readouterr().out
    names = [row["capture"] for row in rows(out, "captures")]
    assert len(names) == len(set(names)) == 5
    for table in ("messages", "connections"):
        again = [row for row in rows(out, table) if row["capture"] == "recorded/a.pcap"]
        same = [row | {"capture": "recorded/a.pcap"} for row in rows(out, table) if row["capture"] == "recorded/new.pcapng"]
        assert again == same
    untouched = [row for row in rows(out, "messages") if row["capture"] == "recorded/more/b.pcapng"]
    assert len(untouched) == 58


def test_what_is_gone_stays_and_a_part_without_captures_goes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    archive(folder, "-o", out)
    (folder / "c.pcap").unlink()
    archive(folder, "-o", out, "--no-rules")  # asked in another way: all of those that are there are read anew
    assert statuses(out)["recorded/c.pcap"] == "whole" and len(statuses(out)) == 4
    (folder / "a.pcap").touch()
    only = tmp_path / "only"
    archive(folder / "a.pcap", "-o", only)
    (folder / "a.pcap").write_bytes(EXAMPLE.read_bytes())
    archive(folder / "a.pcap", "-o", only)
    assert sorted(content(only)) == sorted(f"{table}/00000.parquet" for table in TABLES)
    assert [row["rows"] for row in rows(only, "captures")] == [82]


def test_what_could_not_be_opened_is_tried_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    (folder / "later.pcap").symlink_to(tmp_path / "later.pcap")
    archive(folder, "-o", out)
    assert statuses(out)["recorded/later.pcap"] == "refused"
    shutil.copy(SMALL, tmp_path / "later.pcap")
    archive(folder, "-o", out)
    assert statuses(out)["recorded/later.pcap"] == "whole"
    assert "1 captures read (1 whole)" in capsys.readouterr().out


def test_a_sealed_capture_is_read_again_with_another_key_log(tmp_path: Path) -> None:
    out, folder = tmp_path / "out", tmp_path / "tls"
    folder.mkdir()
    secrets = (10).to_bytes(4, "little")
    kept = [block.raw for block in blocks(HERE / "andris-tls.pcapng") if not block.raw.startswith(secrets)]
    (folder / "tls.pcapng").write_bytes(b"".join(kept))
    shutil.copy(SMALL, folder)
    archive(folder, "-o", out)
    assert statuses(out) == {"tls/tls.pcapng": "sealed", "tls/zero-scancodes.pcap": "whole"}
    before = next(row for row in rows(out, "captures") if row["status"] == "whole")
    archive(folder, "-o", out, "--keylog", HERE / "andris-tls.keys.txt")
    (row,) = [row for row in rows(out, "captures") if row["capture"] == "tls/tls.pcapng"]
    assert row["keylog"] == digest(str(HERE / "andris-tls.keys.txt"))
    assert (row["status"], row["sealed"], row["rows"]) == ("whole", 0, 78)
    assert before in rows(out, "captures")  # it was not sealed, so no key log says more of it


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_of, "_FILES", 2)


@pytest.mark.usefixtures("in_parts")
def test_processes_make_the_same_archive(folder: Path, tmp_path: Path) -> None:
    archive(folder, HERE / "qemu-migration-seamless.pcapng.gz", "-o", tmp_path / "one", status=2)
    archive(folder, EXAMPLE, "-o", tmp_path / "one")
    archive(folder, EXAMPLE, "-o", tmp_path / "two", "-j", 2)
    found = content(tmp_path / "one")
    assert len(found) == 3 * len(TABLES) and found == content(tmp_path / "two")


@pytest.mark.usefixtures("in_parts")
def test_workers_of_a_cluster_make_the_same_archive(folder: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra dask)")
    archive(folder, EXAMPLE, "-o", tmp_path / "one")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=None
    ) as cluster:
        archive(folder, EXAMPLE, "-o", tmp_path / "many", "--dask", cluster.scheduler_address)
    assert content(tmp_path / "one") == content(tmp_path / "many")


@pytest.mark.usefixtures("in_parts")
def test_interrupted_it_goes_on_where_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    archive(folder, "-o", whole)
    do = command.work
    done: list[part.Job] = []

    def interrupted(job: part.Job) -> part.Written:
        if done:
            (Path(job.folder)).mkdir(parents=True)
            (Path(job.folder) / "messages.parquet").write_bytes(b"half")
            raise KeyboardInterrupt
        done.append(job)
        return do(job)

    monkeypatch.setattr(command, "work", interrupted)
    archive(folder, "-o", out, status=130)
    assert "interrupted: 2 of 4 captures are in the archive" in capsys.readouterr().err
    (out / "messages" / "00007.parquet").write_bytes(b"of a part that was not finished")
    monkeypatch.setattr(command, "work", do)
    archive(folder, "-o", out)
    assert content(out) == content(whole) and not (out / ".writing").exists()


def test_with_a_filter_what_fits_is_there_and_everything_is_counted(tmp_path: Path) -> None:
    archive(EXAMPLE, "-o", tmp_path / "out", "--filter", "channel == display and name == DRAW_COPY")
    assert {row["name"] for row in rows(tmp_path / "out", "messages")} == {"DRAW_COPY"}
    archive(EXAMPLE, "-o", tmp_path / "all")
    (some,), (every,) = rows(tmp_path / "out", "captures"), rows(tmp_path / "all", "captures")
    assert some["messages"] == every["messages"] > some["rows"] and some["sums"] is None
    numbers = [row["number"] for row in rows(tmp_path / "all", "messages") if row["name"] == "DRAW_COPY"]
    assert [row["number"] for row in rows(tmp_path / "out", "messages")] == numbers


def test_rows_are_written_when_there_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive(EXAMPLE, "-o", tmp_path / "one")
    monkeypatch.setattr(part, "_ROWS", 10)
    archive(EXAMPLE, "-o", tmp_path / "ten")
    monkeypatch.setattr(part, "_ROWS", 1 << 20)
    monkeypatch.setattr(part, "_LETTERS", 4000)
    archive(EXAMPLE, "-o", tmp_path / "letters")
    assert rows(tmp_path / "one", "messages") == rows(tmp_path / "ten", "messages") == rows(tmp_path / "letters", "messages")
    groups = [
        parquet.ParquetFile(tmp_path / name / "messages" / "00000.parquet").num_row_groups for name in ("one", "ten", "letters")
    ]
    assert groups[0] == 1 and groups[1] == 9 and groups[2] > 2


def test_fields_that_are_too_long_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_MOST", 400)
    archive(EXAMPLE, "-o", tmp_path / "out")
    (row,) = rows(tmp_path / "out", "captures")
    without = [item for item in rows(tmp_path / "out", "messages") if item["fields"] is None and item["name"] != "established"]
    assert row["left_out"] == len(without) > 0


def test_sentences_are_rows_behind_what_broke_them(tmp_path: Path) -> None:
    archive(SMALL, "-o", tmp_path / "out")
    (capture,) = rows(tmp_path / "out", "captures")
    found = [row for row in rows(tmp_path / "out", "problems") if row["kind"] == "sentence"]
    assert capture["broken"] == len([row for row in found if row["severity"] == "broken"]) > 0
    names = {row["number"]: row["name"] for row in rows(tmp_path / "out", "messages") if row["protocol"] == "spice"}
    assert {names[row["number"]] for row in found} <= {"KEY_DOWN", "KEY_UP", "KEY_SCANCODE"}
    assert all(row["session"] == 1 for row in found)
    archive(SMALL, "-o", tmp_path / "without", "--no-rules")
    (capture,) = rows(tmp_path / "without", "captures")
    assert capture["broken"] is None and not [
        row for row in rows(tmp_path / "without", "problems") if row["kind"] == "sentence"
    ]


def test_wrong_usage(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: object) -> str:
        assert main(["archive", *map(str, arguments)]) == 2
        return capsys.readouterr().err

    out = tmp_path / "out"
    assert "there is no such folder or file" in said(tmp_path / "nowhere", "-o", out)
    assert "recorded is no archive of captures; expected an empty folder, or an archive; found a.pcap" in said(
        folder, "-o", folder
    )
    assert "expected a folder; found a file" in said(folder, "-o", folder / "a.pcap")
    assert "column" in said(folder, "-o", out, "--filter", "nam == x")
    assert "keys: No such file" in said(folder, "-o", out, "--keylog", tmp_path / "keys")
    other = tmp_path / "other" / "recorded"
    other.mkdir(parents=True)
    shutil.copy(SMALL, other / "a.pcap")
    assert "two captures would be called the same" in said(folder, other, "-o", out)
    archive(folder, folder, "-o", out)  # the same folder twice is once
    assert len(statuses(out)) == 4
    capsys.readouterr()
    (out / "captures" / "00001.parquet").write_bytes(b"nothing")
    assert "a part of the archive can not be read" in said(folder, "-o", out)
    table = arrow.table({"capture": ["x"]})
    parquet.write_table(table, out / "captures" / "00001.parquet")
    assert "an archive of another form; expected form 1; found none" in said(folder, "-o", out)
    with pytest.raises(SystemExit):
        main(["archive", str(folder), "-o", str(out), "-j", "0"])


def test_two_do_not_write_at_once(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no locks of files")
    out = tmp_path / "out"
    archive(folder, "-o", out)
    with (out / ".lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        archive(folder, "-o", out, status=2)
    assert "somebody writes to this archive" in capsys.readouterr().err


def test_an_archive_inside_of_the_captures_is_none_of_them(folder: Path) -> None:
    for _ in range(2):
        archive(folder, "-o", folder / "archive")
        assert len(statuses(folder / "archive")) == 4


def test_parts_follow_from_the_list_alone(tmp_path: Path) -> None:
    files = [File(f"{number:04}", "", size=size, modified=0) for number, size in enumerate([1] * 300 + [40 << 20, 1, 16 << 20])]
    assert [len(some) for some in bundles(files)] == [128, 128, 44, 1, 2]
    assert list(bundles([])) == []
    assert find([], tmp_path) == []


def test_what_is_asked_is_told_apart() -> None:
    asked = Asked(filter="x", keylog="k")
    assert str(asked) == str(Asked(filter="x")) != str(Asked()) != str(Asked(rules=False))
    place = ("127.0.0.1", 5900)
    assert str(Asked(decode_as=((place, "main"),))) != str(Asked())


def test_arrow_is_an_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(LocalError, match=r"spiceproto\[archive\]"):
        schema("messages")


def test_captures_that_are_damaged_anywhere_end_nothing(tmp_path: Path) -> None:
    folder, whole, rng = tmp_path / "damaged", EXAMPLE.read_bytes(), random.Random(7)
    folder.mkdir()
    for name, data in cut(whole, 8):
        (folder / f"cut {name}.pcapng").write_bytes(data)
    for number in range(16):
        spoiled = bytearray(whole)
        for _ in range(rng.randrange(1, 60)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        (folder / f"{number}.pcapng").write_bytes(spoiled)
    for resolution in (0, 0x80):  # times are of any size in seconds
        (folder / f"times {resolution}.pcapng").write_bytes(_with_resolution(resolution))
    archive(folder, "-o", tmp_path / "out")
    found = statuses(tmp_path / "out")
    assert {Path(name).name for name in found} == {path.name for path in folder.iterdir()}
    assert {"damaged", "holes"} <= set(found.values())
    times = [row["time"] for row in rows(tmp_path / "out", "messages") if row["capture"] == "damaged/times 0.pcapng"]
    assert times and set(times) == {None}


def _with_resolution(resolution: int) -> bytes:
    """A file whose interfaces count time in units of another size."""
    found = []
    for block in blocks(EXAMPLE):
        raw = block.raw
        if raw[:4] == b"\1\0\0\0":
            option = b"\x09\0\x01\0" + bytes((resolution, 0, 0, 0)) + bytes(4)
            size = (16 + len(option) + 4).to_bytes(4, "little")
            raw = raw[:4] + size + raw[8:16] + option + size
        found.append(raw)
    return b"".join(found)
