"""The commands as people run them: exit statuses, sentences instead of tracebacks, what comes out."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.command import main
from spiceproto.command.arguments import formatter
from spiceproto.tests.recorded import HERE

SESSION = Path(__file__).parents[2] / "examples" / "seabios.pcapng"

pytestmark = pytest.mark.skipif(not SESSION.exists(), reason="the example session is part of the source tree only")


def decode(*arguments: str) -> int:
    return main(["decode", *arguments])


def test_text_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert decode(str(SESSION)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "SURFACE_CREATE" in out and "width=720 height=400" in out
    totals = (
        "-- 50 messages, 4 connections, 1 session, no problems in reading it (spiceconf lint says whether it may be sent), "
        "0 bytes undecoded; client sent "
    )
    assert out.splitlines()[-1].startswith(totals)


def test_json_records(tmp_path: Path) -> None:
    assert decode(str(SESSION), "--format", "jsonl", "-o", str(tmp_path / "out")) == 0
    records = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    kinds = [record["record"] for record in records]
    assert kinds[0] == "header" and kinds[-1] == "footer"
    assert set(kinds) == {"header", "connection", "link", "message", "end", "footer"}
    messages = [record for record in records if record["record"] == "message"]
    first = messages[0]
    keys = ("number", "channel", "direction", "name", "type")
    assert [first[key] for key in keys] == [1, "main", "server", "INIT", 103]
    assert first["fields"]["supported_mouse_modes"] == ["SERVER"]
    draw = next(record for record in messages if record["name"] == "DRAW_COPY")
    assert draw["fields"]["data"]["src_bitmap"]["descriptor"]["type"] == "QUIC"
    footer = records[-1]
    assert (footer["messages"], footer["connections"], footer["undecoded_bytes"]) == (50, 4, 0)
    connection = next(record for record in records if record["record"] == "connection")
    assert "MINI_HEADER" in connection["capabilities"]["client"]["common"]


def test_verbose_shows_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    assert decode(str(SESSION), "--verbose") == 0
    assert "[0:4]      session_id: 1177232639" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nonexistent/file.pcap"], "No such file"),
        (["/"], "directory"),
        (["/", "--follow"], "directory"),
        ([str(Path(__file__))], "not a capture file"),
        ([str(SESSION), "-o", "/nonexistent/folder/out"], "No such file"),
        ([str(SESSION), "--keylog", "/nonexistent/keys"], "No such file"),
    ],
)
def test_unusable_files(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert decode(*arguments) == 2
    assert sentence.lower() in capsys.readouterr().err.lower()


@pytest.mark.parametrize("value", ["display", "1.2.3.4:x=display", ":0=display", ":5900=nothing"])
def test_wrong_decode_as(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        decode(str(SESSION), "--decode-as", value)
    assert stop.value.code == 2
    assert "expected" in capsys.readouterr().err


def test_damaged_captures_give_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = SESSION.read_bytes()
    rng = random.Random(5)
    path = tmp_path / "damaged.pcapng"
    for _ in range(25):
        data = bytearray(whole[: rng.choice([len(whole), rng.randrange(len(whole))])])
        for _ in range(rng.randrange(1, 30)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        for options in ([], ["--verbose"], ["--format", "jsonl"]):
            assert decode(str(path), *options) in (0, 1, 2)
        assert main(["render", str(path), "-o", str(tmp_path / "pictures")]) in (0, 1, 2)
        capsys.readouterr()


def test_lost_segments_are_reported_and_decoding_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without one packet of the session, every other message is still there."""
    from scapy.utils import PcapNgReader, wrpcap

    packets = list(PcapNgReader(str(SESSION)))
    lost = next(index for index, packet in enumerate(packets) if b"keyboard channel is insecure" in bytes(packet))
    wrpcap(str(tmp_path / "lost.pcap"), packets[:lost] + packets[lost + 1 :])
    assert decode(str(tmp_path / "lost.pcap"), "--format", "jsonl", "-o", str(tmp_path / "out")) in (0, 1)
    records = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert any(record["record"] == "problem" and record["code"] == "gap" for record in records)
    footer = records[-1]
    assert 45 <= footer["messages"] <= 50


def test_small_captures_start_light() -> None:
    """Neither construct nor the heavy packages are imported to print a summary."""
    code = (
        "import sys; from spiceproto.command import main; main(['decode', sys.argv[1]]); "
        "print(sorted({'construct', 'numpy', 'numba', 'scapy', 'cryptography', 'hypothesis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(SESSION)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_render_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    assert main(["render", str(SESSION), "-o", str(tmp_path / "a"), "--images"]) == 0
    picture = Image.open(tmp_path / "a" / "session1-display0.png")
    assert (picture.size, picture.mode) == ((720, 400), "RGB")
    assert len(list((tmp_path / "a").glob("session1-display0-message*-QUIC.png"))) == 1
    assert main(["render", str(SESSION), "-o", str(tmp_path / "b"), "--every", "0.5", "--cursor"]) == 0
    assert len(list((tmp_path / "b").glob("session1-display0-000*.png"))) == 4
    assert main(["render", str(SESSION), "-o", str(tmp_path / "c"), "--at", "0.01"]) == 0
    assert main(["render", str(SESSION), "-o", str(tmp_path / "d"), "--format", "gif"]) == 0
    assert (tmp_path / "d" / "session1-display0.gif").stat().st_size > 1000
    assert main(["render", str(SESSION), "-o", str(tmp_path / "e"), "--at", "-1"]) == 2
    assert "positive" in capsys.readouterr().err


@pytest.mark.parametrize(("columns", "width"), [("60", 58), ("200", 198), ("", 78), ("wide", 78)])
def test_help_is_as_wide_as_the_terminal(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError

    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("os.get_terminal_size", none)
    assert formatter()("spiceproto")._width == width
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((100, 40)))
    assert formatter()("spiceproto")._width == 98


def test_frames_and_time_are_for_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(HERE / "andris-synthetic.pcapng"), "--format", "jsonl", "--frames"]) == 2
    assert "JSON lines have the frames" in capsys.readouterr().err


def test_trees_have_other_times_and_frames(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(HERE / "monitors-config-size.pcap"), "--verbose", "--time", "utc", "--frames"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "             5 2023-11-14 22:13:20.004999    1 link         server link-reply " in "\n".join(lines)
    assert (
        "Message 1 (frame 9) 2023-11-14 22:13:20.008999 connection 1 main:0 from server: INIT, type 103, serial 1, 32 bytes"
        in lines
    )
