"""``spiceproto render`` on recorded sessions, against what the client, the server or the X server showed.

The truth beside a recording is a PNG (``.screendump.png``: QEMU's own picture, ``.server.png``: libspice-server's,
``.xserver.png``: the X server's, ``.client.png``: the client's) or the SHA-256 of the client's picture in ``.client.jsonl``.
Lossless sessions must be equal pixel for pixel.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from spiceproto.codecs import video
from spiceproto.command import main
from spiceproto.enums.display import VideoCodecType
from spiceproto.tests.recorded import names, recording

#: Differences from libspice-server's own rendering that docs/rendering.md explains: pixels of A8 text.
A8_TEXT = {"drawall-off": 23, "drawall-auto_glz": 23, "drawall-lz": 23}

#: JPEG on the way: how near the server's picture must be, in dB, where the client's own picture is not there to be equal to.
LOSSY = {"drawall-jpeg": 30.0}

#: The picture beside the recording was taken at another time than its end.
ANOTHER_TIME = {"spicy-screenshot"}


def picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def client_hash(path: Path) -> str | None:
    """SHA-256 of the RGB bytes of the client's final picture."""
    log = path.with_suffix("").with_suffix(".client.jsonl")
    found = None
    if log.exists():
        for line in log.read_text().splitlines():
            item = json.loads(line)
            for value in item.values() if isinstance(item, dict) else ():
                if isinstance(value, str) and len(value) == 64:
                    found = value
    return found


def truths(path: Path) -> dict[str, NDArray[np.uint8]]:
    stem = path.with_suffix("")
    files = {kind: stem.with_suffix(f".{kind}.png") for kind in ("client", "xserver", "screendump", "server")}
    return {kind: picture(file) for kind, file in files.items() if file.exists()}


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_equal_to_what_was_seen(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recording(name)
    status = main(["render", str(path), "-o", str(tmp_path)])
    said = capsys.readouterr().err
    shown = {file.stem: picture(file) for file in sorted(tmp_path.glob("session*.png"))}
    wanted = truths(path)
    digest = client_hash(path)
    if name != "qemu-link-probes":
        assert (status, said) == (0, ""), said
    if not shown:
        assert not digest or "password" in name or name in ("qemu-sasl-digest", "libspice-test-playback"), "nothing was drawn"
        return
    last = [image for key, image in shown.items() if key.endswith("display0")][-1]
    hashes = {hashlib.sha256(image.tobytes()).hexdigest() for image in shown.values()}
    if name in A8_TEXT:
        different = int((last != wanted["server"]).any(axis=2).sum())
        assert different <= A8_TEXT[name]
    elif name in LOSSY:
        assert psnr(last, wanted["server"]) >= LOSSY[name]
    elif "client" in wanted:
        assert np.array_equal(last, wanted["client"])
    elif digest is not None and digest in hashes:
        pass
    elif name not in ANOTHER_TIME:
        kind = next(iter(wanted), None)
        assert kind is None or np.array_equal(last, wanted[kind]), kind


@pytest.mark.parametrize("name", ["xspice-stream-mjpeg", "xspice-stream-vp8"])
def test_video_is_shown_by_the_clock(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the middle of a stream the picture has the last frame whose time has come, and not the last that had arrived."""
    pytest.importorskip("av")
    path = recording(name)
    assert main(["decode", "--format", "jsonl", "--full-data", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    messages = [row for row in rows if row.get("record") == "message"]
    begin = next(row for row in messages if row["channel"] == "main" and row["name"] == "INIT")
    stream = next(row for row in messages if row["name"] == "STREAM_CREATE")
    frames = [row for row in messages if row["name"] == "STREAM_DATA" and row["number"] > stream["number"]]
    middle = frames[len(frames) // 2]
    clock = begin["fields"]["multi_media_time"] + 1000 * (middle["time"] - begin["time"])
    decoder = video.decoder(VideoCodecType[stream["fields"]["codec_type"]])
    waiting, due = 0, None
    for frame in frames:
        (found,) = decoder.decode(bytes.fromhex(frame["fields"]["data"]))
        if frame["fields"]["base"]["multi_media_time"] <= clock:
            due = found
        elif frame["time"] <= middle["time"]:
            waiting += 1
    assert due is not None and waiting
    start = min(row["time"] for row in rows if "time" in row)
    assert main(["render", str(path), "--at", str(middle["time"] - start), "-o", str(tmp_path)]) == 0
    (shown,) = [picture(file) for file in tmp_path.glob("*.png")]
    dest = stream["fields"]["dest"]
    part = shown[dest["top"] : dest["bottom"], dest["left"] : dest["right"]]
    assert np.array_equal(part, np.stack([due >> shift & 255 for shift in (16, 8, 0)], axis=2))
