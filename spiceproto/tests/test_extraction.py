"""What ``spiceproto extract`` writes beside sound: recordings, made captures, captures with holes."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto import dispatch, png
from spiceproto.agent import file_start
from spiceproto.command import main
from spiceproto.enums.agent import FileXferStatus
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.display import VideoCodecType
from spiceproto.messages import agent, cursor, display, port
from spiceproto.messages import main as main_messages
from spiceproto.messages.geometry import Point16
from spiceproto.messages.spicevmc import Data
from spiceproto.report.extraction.folder import Folder
from spiceproto.report.extraction.kinds import KINDS
from spiceproto.tests.capture_samples import SERVER, Talk, ethernet, pcap
from spiceproto.tests.recorded import recording
from spiceproto.tests.test_canvas_cursor import shape
from spiceproto.tests.test_video import NUMBER, create, frame

EXAMPLE = Path(__file__).parents[2] / "examples" / "seabios.pcapng"
PORTS = {"main": 5900, "display": 5901, "port": 5902, "cursor": 5903, "playback": 5904, "record": 5905}

Said = Sequence[tuple[str, Any]]


def made(folder: Path, *, without: int = -1, **channels: Said) -> Path:
    """A capture with a connection for each channel; packet ``without`` of all is not in it."""
    packets: list[bytes] = []
    for table, said in channels.items():
        talk = Talk(server=(SERVER[0], PORTS[table]))
        talk.open()
        for sender, value in said:
            number, body = dispatch.build(table, sender, value)
            talk.send(sender == "client", struct.pack("<HI", number, len(body)) + body)
        talk.close()
        packets += talk.packets
    path = folder / "made.pcap"
    path.write_bytes(pcap(ethernet(packet) for number, packet in enumerate(packets) if number != without))
    return path


def extract(path: Path, kind: str, folder: Path, status: int = 0) -> list[dict[str, Any]]:
    """The index."""
    named = [option for name, number in PORTS.items() for option in ("--decode-as", f":{number}={name}")]
    options = named if path.name == "made.pcap" else []
    assert main(["extract", str(path), kind, "-o", str(folder), *options]) == status
    index = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    assert [item["record"] for item in index][:: len(index) - 1] == ["header", "footer"]
    written = sorted(path.name for path in folder.iterdir())
    assert written == sorted(["index.jsonl", *[item["file"] for item in files(index)]]), "each file has its record"
    return index


def files(index: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in index if item["record"] == "file"]


def agent_said(sender: str, value: Any) -> tuple[str, Any]:
    number, body = dispatch.build("agent", sender, value)
    data = struct.pack("<LLQL", 1, number, 0, len(body)) + body
    return sender, main_messages.AgentData(data)


def test_all_kinds_have_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(EXAMPLE), "all", "-o", str(tmp_path / "found")]) == 0
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == sorted(KINDS)
    assert capsys.readouterr().out.splitlines()[0] == "images:"
    for what in KINDS:
        assert (tmp_path / "found" / what / "index.jsonl").exists()
    extract(EXAMPLE, "images", tmp_path / "images")
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        path.name for path in (tmp_path / "found" / "images").iterdir()
    }


def test_standard_input_can_not_be_read_for_all_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "-", "all", "-o", str(tmp_path / "found")]) == 2
    assert "once only" in capsys.readouterr().err and not (tmp_path / "found").exists()


def test_images(tmp_path: Path) -> None:
    found = files(extract(EXAMPLE, "images", tmp_path))
    assert len(found) == 9
    for item in found:
        picture = png.decode((tmp_path / item["file"]).read_bytes())
        assert picture.shape == (item["height"], item["width"], 3)
        assert item["file"] == f"session1-display0-message{item['message']}-{item['type']}.png" and item["whole"]


def test_shapes_of_the_pointer_have_alpha(tmp_path: Path) -> None:
    value = cursor.Set(Point16(1, 1), 1, shape(CursorType.ALPHA, 2, 1, struct.pack("<LL", 0x80402010, 0xFF00FF00)))
    (item,) = files(extract(made(tmp_path, cursor=[("server", value)]), "images", tmp_path / "out"))
    assert (tmp_path / "out" / item["file"]).read_bytes()[25] == 6, "RGBA"
    assert (item["type"], item["channel"], item["message"]) == ("ALPHA", "cursor:0", 1)


def test_the_clipboard(tmp_path: Path) -> None:
    found = files(extract(recording("andris-clipboard"), "clipboard", tmp_path))
    assert [(item["type"], item["direction"], item["size"]) for item in found] == [
        ("UTF8_TEXT", "client", 12),
        ("NONE", "server", 0),
    ]
    assert (tmp_path / found[0]["file"]).read_text() == "hello andris"


def test_a_shared_folder(tmp_path: Path) -> None:
    index = extract(recording("spicy-webdav"), "webdav", tmp_path)
    said = (tmp_path / "session1-webdav0-http3-guest.http").read_bytes()
    assert said.startswith(b"GET /hello.txt HTTP/1.1\r\n")
    assert (tmp_path / "session1-webdav0-http3-client.http").read_bytes().endswith(b"\r\n\r\nhello over webdav\n")
    lines = [line for item in index if item["record"] == "part" for line in item.get("http", ())]
    assert lines[0] == "OPTIONS / HTTP/1.1" and "HTTP/1.1 207 Multi-Status" in lines


def test_usbredir(tmp_path: Path) -> None:
    index = extract(recording("spicy-usbredir"), "usb", tmp_path)
    packets = [item for item in index if item["record"] == "packet"]
    for item in files(index):
        own = [one for one in packets if (one["channel"], one["direction"]) == (item["channel"], item["direction"])]
        assert item["size"] == sum(one["size"] for one in own) and item["whole"]


def test_parts_are_where_they_say(tmp_path: Path) -> None:
    index = extract(recording("qemu-port"), "ports", tmp_path)
    assert {item["name"] for item in index if "name" in item} == {"org.lab.port.1", "org.lab.port.2"}
    for item in files(index):
        parts = [one for one in index if one["record"] == "part" and one["file"] == item["file"]]
        assert [one["offset"] for one in parts] == [sum(one["size"] for one in parts[:n]) for n in range(len(parts))]
        assert (item["messages"], item["size"]) == (len(parts), sum(one["size"] for one in parts))
        assert (tmp_path / item["file"]).stat().st_size == item["size"]


def test_video_in_ivf(tmp_path: Path) -> None:
    said = [("server", value) for value in (create(VideoCodecType.VP8), frame(7000, b"one"), frame(7040, b"three"))]
    index = extract(made(tmp_path, display=[*said, ("server", display.StreamDestroy(NUMBER))]), "streams", tmp_path / "out")
    (item,) = files(index)
    data = (tmp_path / "out" / item["file"]).read_bytes()
    assert data[:12] == b"DKIF\0\0 \0VP80" and struct.unpack_from("<LLL", data, 16) == (1000, 1, 2)
    assert data[32:] == struct.pack("<LQ", 3, 0) + b"one" + struct.pack("<LQ", 5, 40) + b"three"
    assert (item["codec"], item["frames"], item["destroyed"]) == ("VP8", 2, 4)


def test_frames_of_an_unknown_stream_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = extract(made(tmp_path, display=[("server", frame(1, b"one"))]), "streams", tmp_path / "out")
    assert not files(index) and [item["count"] for item in index if item["record"] == "lost"] == [1]
    assert "whose STREAM_CREATE was not seen before it: 1 not written" in capsys.readouterr().err


def transfer(*parts: bytes, size: int, name: str = "../../etc/passwd") -> list[tuple[str, Any]]:
    start = agent_said("client", agent.FileXferStart(3, file_start.build(file_start.FileStart(name, size))))
    data = [agent_said("client", agent.FileXferData(3, part)) for part in parts]
    done = agent_said("server", agent.FileXferStatusMessage(3, FileXferStatus.SUCCESS, b""))
    return [start, *data, done]


def test_a_file_has_no_name_of_the_wire(tmp_path: Path) -> None:
    index = extract(made(tmp_path, main=transfer(b"abc", b"defg", size=7)), "files", tmp_path / "out")
    (item,) = files(index)
    assert item["file"] in ("session0-transfer3.bin", "session1-transfer3.bin")
    assert (tmp_path / "out" / item["file"]).read_bytes() == b"abcdefg"
    assert (item["name"], item["announced"], item["whole"], item["status"]) == ("../../etc/passwd", 7, True, "SUCCESS")


def test_a_hole_is_said_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second piece of five is not in the capture."""
    said = [("server", port.Init(b"x\0", 1)), *[("server", Data(part)) for part in (b"abc", b"def", b"ghi", b"jkl", b"mno")]]
    index = extract(made(tmp_path, port=said, without=5), "ports", tmp_path / "out")
    (item,) = files(index)
    assert not item["whole"] and (tmp_path / "out" / item["file"]).read_bytes() == b"abcghijklmno"
    holes = [one for one in index if one["record"] in ("hole", "incomplete")]
    assert {one.get("code") or one["what"] for one in holes} >= {"gap", "bytes"}
    assert [one["files"] for one in holes if one.get("code") == "gap"] == [[item["file"]]]
    assert "bytes of the server were not captured, in 1 place" in capsys.readouterr().err


def test_names_are_ours(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    assert [folder.name("a-b", "bin") for _ in range(2)] == ["a-b.bin", "a-b-2.bin"]
    for stem in ("../a", "a/b", "", "a.b"):
        with pytest.raises(Exception, match="no name of a file"):
            folder.name(stem, "bin")
    folder.close()


def test_many_files_at_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    outputs = [folder.open(f"f{number}", "bin") for number in range(100)]
    for letter in np.frombuffer(b"abc", np.uint8):
        for output in outputs:
            output.write(bytes([letter]), 1)
    folder.close()
    assert {(tmp_path / "out" / output.name).read_bytes() for output in outputs} == {b"abc"}
