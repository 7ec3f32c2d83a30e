"""``spiceproto anonymise``: the copy decodes to the same messages, and holds none of the words that went in."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto import png
from spiceproto.anonymity import blanks, bodies, pictures
from spiceproto.capture.decode import Decoder
from spiceproto.codecs import glz, jpeg, jpeg_alpha, lz, lz4, quic, zlib_glz
from spiceproto.codecs.glz.dictionary import Dictionary
from spiceproto.codecs.glz.dictionary import encode as encode_glz
from spiceproto.command import main
from spiceproto.dispatch import row_of
from spiceproto.enums.agent import ClipboardType
from spiceproto.enums.image import BitmapFmt, ImageFlags, ImageType, LzImageType, QuicImageType
from spiceproto.messages import agent, image, inputs, port
from spiceproto.messages import main as main_messages
from spiceproto.messages.link import LinkMess
from spiceproto.messages.spicevmc import Data
from spiceproto.report.differences import Gathered, Row
from spiceproto.tests.capture_samples import SERVER, Talk, ethernet, pcap
from spiceproto.tests.plain_recording import tshark_streams
from spiceproto.tests.recorded import HERE, recording
from spiceproto.tests.test_extraction import EXAMPLE, agent_said, extract, files, made, transfer

NAMED = ["--decode-as", ":5900=main", "--decode-as", ":5902=port"]
RECORDINGS = (
    "andris-clipboard",
    "andris-synthetic",
    "qemu-agent-clipboard",
    "qemu-inputs-ps2",
    "qemu-draw-jpeg",
    "qemu-draw-zlib",
    "qemu-migration-seamless",
    "qemu-wrong-password",
    "spicy-usbredir",
    "spicy-webdav",
)


def anonymise(path: Path, folder: Path, *options: str, status: int = 0) -> Path:
    target = folder / "copy.pcapng"
    assert main(["anonymise", str(path), "-o", str(target), *options]) == status
    return target


def names(path: Path, **options: Any) -> dict[Row, list[str]]:
    """What messages there are, in each row."""
    found = Gathered()
    decoder = Decoder(path, found, **options)
    found.begin(decoder)
    decoder.run()
    return {row: [item.name for item in items] for row, items in found.rows.items()}


def forms(word: str) -> list[bytes]:
    """A word as it may stand somewhere: in base64 at each of three places."""
    plain = word.encode()
    coded = [base64.b64encode(bytes(shift) + plain)[(4 * shift + 2) // 3 + 1 : -4] for shift in range(3)]
    return [plain, plain.upper(), word.encode("utf-16-le"), word.encode("utf-16-be"), *coded]


def test_the_forms_of_a_word_find_it() -> None:
    for shift in range(3):
        text = base64.b64encode(b"abc"[:shift] + b"what was secret there")
        assert any(form in text for form in forms("what was secret there")[4:])


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_copy_has_the_same_messages(name: str, tmp_path: Path) -> None:
    path = recording(name)
    assert names(anonymise(path, tmp_path)) == names(path)


def test_images_of_the_copy_are_black(tmp_path: Path) -> None:
    index = extract(anonymise(EXAMPLE, tmp_path), "images", tmp_path / "images")
    before = extract(EXAMPLE, "images", tmp_path / "before")
    assert [(item["type"], item["width"]) for item in files(index)] == [(item["type"], item["width"]) for item in files(before)]
    assert not any(png.decode((tmp_path / "images" / item["file"]).read_bytes()).any() for item in files(index))


def test_tls_with_keys_is_written_decrypted(tmp_path: Path) -> None:
    path = HERE / "andris-tls.pcapng"
    keys = HERE / "andris-tls.keys.txt"
    copy = anonymise(path, tmp_path, "--keylog", str(keys))
    assert names(copy) == names(path, keylog=keys)


WORDS = ("Rumpelstilzchen", "wolpertinger.txt", "Schwarzwaldklinik", "Donaudampfschiff")


def private(folder: Path) -> Path:
    """A capture with words in it, in UTF-8 and UTF-16, in several places; AGENT_DATA cut in the middle of them."""
    clip = agent_said("client", agent.Clipboard(ClipboardType.UTF8_TEXT, WORDS[0].encode()))[1].data
    wide = agent_said("client", agent.Clipboard(ClipboardType.UTF8_TEXT, WORDS[2].encode("utf-16-le")))[1].data
    said = [("client", main_messages.AgentData(part)) for part in (clip[:30], clip[30:], wide)]
    said += transfer(WORDS[3].encode(), base64.b64encode(WORDS[0].encode()), size=36, name=WORDS[1])
    named = [("server", main_messages.Name(WORDS[2].encode() + b"\0"))]
    ports = [("server", port.Init(WORDS[3].encode() + b"\0", 1)), *[("server", Data(word.encode())) for word in WORDS * 2]]
    return made(folder, main=named + said, port=ports)


def test_no_word_is_left(tmp_path: Path) -> None:
    path = private(tmp_path)
    copy = anonymise(path, tmp_path, *NAMED)
    before, after = path.read_bytes(), copy.read_bytes()
    for word in WORDS:
        assert any(form in before for form in forms(word)), "the test would see it"
        assert not any(form in after for form in forms(word)), word
    index = extract_files(copy, tmp_path / "files")
    assert [(item["name"], item["announced"]) for item in index] == [("xxxxxxxxxxxx.xxx", 36)], "the same length, and its size"


def extract_files(path: Path, folder: Path) -> list[dict[str, Any]]:
    assert main(["extract", str(path), "files", "-o", str(folder), *NAMED]) == 0
    index = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    return [item for item in index if item["record"] == "file"]


def test_addresses_and_tickets_are_gone(tmp_path: Path) -> None:
    copy = anonymise(recording("qemu-password"), tmp_path)
    assert bytes([127, 0, 0, 1]) not in copy.read_bytes()
    found = Gathered()
    decoder = Decoder(copy, found)
    found.begin(decoder)
    decoder.run()
    tickets = [item.content for row in found.rows.values() for item in row if item.name == "link stage: ticket"]
    assert tickets and all(b'"encrypted_data":"' + b"0" * 256 in content for content in tickets)


def test_what_is_unknown_is_refused_and_kept_if_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk(server=(SERVER[0], 5902))
    talk.open()
    for _ in range(3):
        talk.send(False, bytes.fromhex("6500 03000000") + b"abc")
    talk.send(False, bytes.fromhex("f401 06000000") + b"secret")
    talk.send(False, bytes.fromhex("6500 03000000") + b"abc")
    path = tmp_path / "odd.pcap"
    path.write_bytes(pcap(map(ethernet, talk.packets)))
    target = anonymise(path, tmp_path, *NAMED, status=1)
    assert not target.exists() and "message 500 of port:0 (1)" in capsys.readouterr().out
    assert b"secret" in anonymise(path, tmp_path, *NAMED, "--keep-what-is-unknown").read_bytes()


def test_holes_stay_where_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [("server", port.Init(b"x\0", 1)), *[("server", Data(part)) for part in (b"abc", b"def", b"ghi", b"jkl", b"mno")]]
    path = made(tmp_path, port=said, without=5)
    options = {"decode_as": {(None, 5902): "port"}}
    found = names(path, **options)
    assert names(anonymise(path, tmp_path, *NAMED), **options) == found
    assert "incomplete: connection 1: 9 bytes of the server were not captured" in capsys.readouterr().out
    assert sum(name == "DATA" for row in found.values() for name in row) == 4


def test_names_and_sizes_that_are_words_are_none_in_the_copy(tmp_path: Path) -> None:
    """Lines of FILE_XFER_START that only begin like those that say nothing, and the name of a port."""
    head = b"[vdagent-file-xfer]"
    data = (
        head + b" secret\nname=a\nsize=12 secret\n",
        head + b"\nname=a\nsize=secret\n",
        head + b"\n name = secret.txt\n size = 5\n#secret\n",
    )
    said = [agent_said("client", agent.FileXferStart(number, text + b"\0")) for number, text in enumerate(data)]
    ports = [("server", port.Init(b"org.spice-space.secret\0", 1)), ("server", Data(b"x"))]
    path = made(tmp_path, main=[("server", main_messages.Name(b"name\0")), *said], port=ports)
    copy = anonymise(path, tmp_path, *NAMED).read_bytes()
    assert path.read_bytes().count(b"secret") == 6 and b"secret" not in copy
    assert b"\n name = xxxxxx.xxx\n size = 5\n#xxxxxx\n" in copy


def test_what_is_beside_the_capabilities_of_a_link_message_is_zeros() -> None:
    value = LinkMess(
        connection_id=0,
        channel_type=1,
        channel_id=0,
        num_common_caps=1,
        num_channel_caps=1,
        caps_offset=26,
        caps=b"secret12" + struct.pack("<LL", 9, 3) + b"secret",
    )
    head = struct.pack("<LBBLLL", 0, 1, 0, 1, 1, 26)
    assert bodies.link(value, head + value.caps) == head + bytes(8) + struct.pack("<LL", 9, 3) + bytes(6)


def test_both_ends_of_a_connection_end_in_the_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(tmp_path, port=[("server", port.Init(b"x\0", 1)), ("server", Data(b"x"))])
    said = []
    for one in (path, anonymise(path, tmp_path, *NAMED)):
        capsys.readouterr()
        assert main(["decode", str(one), *NAMED]) == 0
        said += [line.count("FIN of the") for line in capsys.readouterr().out.splitlines() if "connection 1 ended" in line]
    assert said == [2, 2]


def test_what_is_left_of_an_agent_message_is_zeros(tmp_path: Path) -> None:
    """The capture begins in the middle of one, and ends in the middle of another."""
    data = agent_said("client", agent.Clipboard(ClipboardType.UTF8_TEXT, b"first secret, " * 10 + b"second secret"))[1].data
    said = [("client", main_messages.AgentData(part)) for part in (data[60:100], data[100:], data[:90])]
    path = made(tmp_path, main=[("server", main_messages.Name(b"name\0")), *said])
    copy = anonymise(path, tmp_path, *NAMED).read_bytes()
    assert b"secret" in path.read_bytes() and b"secret" not in copy and b"first" not in copy


def test_tshark_reads_the_copy(tmp_path: Path) -> None:
    """Its checksums are right, and it finds the streams."""
    copy = anonymise(EXAMPLE, tmp_path)
    check = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp.checksum.status != 0")
    assert tshark_streams(copy) and len(tshark_streams(copy, *check)) == len(tshark_streams(copy))
    bad = ("-o", "tcp.check_checksum:TRUE", "-Y", "tcp.checksum.status == 0")
    assert not tshark_streams(copy, *bad)


def test_the_capture_itself_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.pcapng"
    path.write_bytes(EXAMPLE.read_bytes())
    assert main(["anonymise", str(path), "-o", str(path)]) == 2
    assert path.read_bytes() == EXAMPLE.read_bytes()
    assert main(["anonymise", str(tmp_path / "none"), "-o", str(tmp_path / "b.pcapng")]) == 2
    assert main(["anonymise", str(path), "-o", str(tmp_path / "b.txt")]) == 2


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("Aß 1.2", "Xé 0.0"), ("日本 x", "中中 x"), ("😀", "\U0001f600"), ("a\0b\r\n", "x\0x\r\n"), ("", "")],
)
def test_text_of_the_same_length(given: str, wanted: str) -> None:
    found = blanks.octets(given.encode())
    assert found == wanted.encode() and len(found) == len(given.encode())


def test_octets_that_are_no_text_are_zeros() -> None:
    assert blanks.octets(b"PK\3\4 secret") == bytes(11) and blanks.octets(b"\xff\xfe") == bytes(2)


def test_one_key_for_all() -> None:
    down, up = [row_of("inputs", "client", kind(0x1E)) for kind in (inputs.KeyDown, inputs.KeyUp)]
    for row, code, wanted in ((down, 0x1F, 0x1E), (up, 0x9F, 0x9E), (down, 0x48E0, 0x1EE0), (up, 0xC8E0, 0x9EE0)):
        assert bodies.blank(row, code.to_bytes(4, "little")) == (bytearray(wanted.to_bytes(4, "little")), 0)


NOISE = np.random.default_rng(7).integers(0, 1 << 24, (24, 40), np.uint32)


def streams() -> dict[str, tuple[str, ImageType, Any]]:
    packed = zlib_glz.encode(NOISE, LzImageType.RGB32, Dictionary(10_000))
    alpha = jpeg_alpha.encode(NOISE | np.uint32(0x7F000000))
    binary = image.BinaryData
    return {
        "quic": ("quic", ImageType.QUIC, binary(quic.encode(NOISE, QuicImageType.RGB32))),
        "lz": ("lz_rgb", ImageType.LZ_RGB, binary(bytes(lz.encode(NOISE, LzImageType.RGB32)))),
        "glz": ("lz_rgb", ImageType.GLZ_RGB, binary(encode_glz(NOISE, LzImageType.RGB32, Dictionary(10_000)))),
        "lz4": ("lz4", ImageType.LZ4, binary(lz4.encode(NOISE, BitmapFmt._32BIT))),
        "jpeg": ("jpeg", ImageType.JPEG, binary(jpeg.encode(NOISE))),
        "zlib_glz": ("zlib_glz", ImageType.ZLIB_GLZ_RGB, image.ZlibGlzRGBData(packed[1], packed[0])),
        "jpeg_alpha": ("jpeg_alpha", ImageType.JPEG_ALPHA, image.JPEGAlphaData(*alpha)),
    }


def decoded(field: str, kind: ImageType, part: Any, data: bytes) -> Any:
    if field == "jpeg_alpha":
        return jpeg_alpha.decode(data, part.jpeg_size, 40, 24, top_down=bool(part.flags))
    if field == "zlib_glz":
        return zlib_glz.decode(data, part.glz_data_size, glz.Window())
    if field == "lz4":
        return lz4.decode(data, 40, 24)
    if kind == ImageType.GLZ_RGB:
        return glz.decode(data, glz.Window())
    return {"quic": quic, "lz_rgb": lz, "jpeg": jpeg}[field].decode(data)


@pytest.mark.parametrize("name", ["quic", "lz", "glz", "lz4", "jpeg", "zlib_glz", "jpeg_alpha"])
def test_streams_of_each_codec_are_black_and_as_long(name: str) -> None:
    field, kind, part = streams()[name]
    head = image.ImageDescriptor(id=1, type=kind, flags=ImageFlags(0), width=40, height=24)
    absent = dict.fromkeys(image.Image.__struct_fields__)
    found, decodes = pictures.blank(field, image.Image(**{**absent, "descriptor": head, field: part}))
    assert decodes and len(found) == len(part.data)
    assert not (decoded(field, kind, part, found) & 0xFFFFFF).any()
    assert (decoded(field, kind, part, bytes(part.data)) & 0xFFFFFF).any()


@pytest.mark.parametrize(("count", "size"), [(1 << 20, 4300), (4000, 40), (4000, 500), (12800, 3000), (70000, 69000)])
def test_zeros_in_a_block_of_any_size(count: int, size: int) -> None:
    library = pytest.importorskip("lz4.block")
    for more in range(20):
        block = pictures._zeros(count, size + more)
        assert block is not None and len(block) == size + more
        assert library.decompress(block, uncompressed_size=count) == bytes(count)
