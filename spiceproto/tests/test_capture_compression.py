"""Compressed capture files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spiceproto.capture.compression import compression
from spiceproto.capture.streams import Capture
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.tests.capture_samples import Result, pcap
from spiceproto.tests.plain_recording import PLAIN, PLAIN_STREAMS, tshark_streams


def _zstd(data: bytes) -> bytes:
    module = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    made: bytes = pytest.importorskip(module, reason="the captures extra is not installed").compress(data)
    return made


def _lz4(data: bytes) -> bytes:
    made: bytes = pytest.importorskip("lz4.frame", reason="the captures extra is not installed").compress(data)
    return made


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": _zstd,
    "lz4": _lz4,
}
DATA = PLAIN.read_bytes()


def streams(data: bytes | Path) -> list[tuple[bytes, bytes]]:
    result = Result(data)
    assert not result.capture.warnings
    return [(sink.client, sink.server) for sink in result.sinks]


@pytest.mark.parametrize("name", COMPRESS)
def test_complete_and_in_parts(name: str) -> None:
    compress = COMPRESS[name]
    assert streams(compress(DATA)) == PLAIN_STREAMS
    assert streams(compress(DATA[:1000]) + compress(DATA[1000:])) == PLAIN_STREAMS
    assert streams(compress(DATA) + bytes(64)) == PLAIN_STREAMS


@pytest.mark.parametrize("name", COMPRESS)
def test_byte_by_byte(name: str) -> None:
    class Dribble(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(1)

    found: list[object] = []
    Capture(Dribble(COMPRESS[name](DATA))).run(lambda connection: found.append(connection))
    assert len(found) == len(PLAIN_STREAMS)


@pytest.mark.parametrize("name", COMPRESS)
def test_truncated_is_a_warning(name: str, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    compress = COMPRESS[name]
    path.write_bytes(compress(DATA[:-100]) + compress(DATA[-100:])[:-3])
    texts = [warning.text for warning in Result(path).capture.warnings if warning.code == "truncated-file"]
    assert f"the {name} data end too early" in texts


def test_truncated_before_the_first_byte() -> None:
    with pytest.raises(RemoteError, match="the gzip data end too early"):
        Result(gzip.compress(DATA)[:11])


@pytest.mark.parametrize("name", COMPRESS)
def test_damaged(name: str) -> None:
    good = COMPRESS[name](DATA)
    with pytest.raises(RemoteError, match=f"the {name} data are damaged"):
        Result(good[:6] + b"garbage garbage garbage garbage garbage")


@pytest.mark.parametrize("name", COMPRESS)
def test_much_out_of_little_stays_in_pieces(name: str) -> None:
    """100 MB of nothing: no read gives more than was asked for."""
    from spiceproto.capture.source import Source

    source = Source(io.BytesIO(COMPRESS[name](bytes(100_000_000))))
    sizes = [len(piece) for piece in iter(lambda: source.read(1 << 16), b"")]
    assert sum(sizes) == 100_000_000 and max(sizes) <= 1 << 16


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    with pytest.raises(MissingExtraError, match=r"compressed with lz4 needs lz4.*pip install 'spiceproto\[captures\]'"):
        Result(b"\x04\x22\x4d\x18" + bytes(20))


def test_plain_files_are_not_compressed() -> None:
    assert compression(DATA[:4]) is compression(pcap([])[:4]) is compression(b"") is None


@pytest.mark.parametrize(("tool", "name"), [("zstd", "zstd"), ("lz4", "lz4"), ("xz", "xz"), ("gzip", "gzip")])
def test_what_the_tools_write(tool: str, name: str, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    COMPRESS[name](b"")
    with PLAIN.open("rb") as file:
        made = subprocess.run([tool, "-c"], stdin=file, capture_output=True, check=True).stdout
    path = tmp_path / "compressed.pcapng"
    path.write_bytes(made)
    assert streams(path) == PLAIN_STREAMS
    if name in ("gzip", "lz4"):
        assert tshark_streams(path) == tshark_streams(PLAIN)
