"""The guest's image is what its source says, and its lines are read right."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.adapters.guest import IMAGE, KeyByte, Mode, Motion, Position, parse_event, read_mode, write_disk
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.errors import LocalError
from spiceproto.tests.peers import program


def test_image_is_what_the_source_says(tmp_path: Path) -> None:
    built = tmp_path / "guest.img"
    subprocess.run([program("nasm"), "-f", "bin", "guest.asm", "-o", str(built)], cwd=IMAGE.parent, check=True, timeout=240)
    assert built.read_bytes() == IMAGE.read_bytes()


def test_image_can_be_booted() -> None:
    image = IMAGE.read_bytes()
    assert image[510:512] == b"\x55\xaa"
    assert len(image) % 512 == 0 and len(image) <= 4096


def test_disk(tmp_path: Path) -> None:
    write_disk(tmp_path / "disk")
    data = (tmp_path / "disk").read_bytes()
    assert data.startswith(IMAGE.read_bytes())
    assert len(data) == 1 << 20 and not any(data[IMAGE.stat().st_size :])


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("K 1E", KeyByte(0x1E)),
        ("M 28 05 FA 00", Motion(5, 6)),
        ("M 1B FF 00 00", Motion(-1, 0, 0, MouseButtonMask.LEFT | MouseButtonMask.RIGHT)),
        ("M 0C 00 00 0F", Motion(0, 0, 1, MouseButtonMask.MIDDLE)),
        ("M 08 00 00 31", Motion(0, 0, -1, MouseButtonMask.SIDE | MouseButtonMask.EXTRA)),
        ("m 08 01 00 00", Motion(1, 0, bell=True)),
        ("M 08 01 00 00", Motion(1, 0)),
        ("m 28 05 FA 00", Motion(5, 6)),
        ("V 00000000 000027FE 00001AAA 00000000", Position(0x27FE, 0x1AAA)),
        (
            "V 00000038 00000000 00000000 FFFFFFFF",
            Position(0, 0, 1, MouseButtonMask.LEFT | MouseButtonMask.RIGHT | MouseButtonMask.MIDDLE),
        ),
        ("ok hello 1", None),
        ("ready", None),
        ("M 28 05", None),
        ("K ZZ", None),
        ("", None),
    ],
)
def test_lines(line: str, event: object) -> None:
    assert parse_event(line) == event


def test_pixel() -> None:
    assert Position(0x27FE, 0x1AAA).pixel(640, 480) == (100, 50)


def test_modes() -> None:
    assert read_mode("640x480x8") == Mode(640, 480, 8)
    assert read_mode("2560x1600x32") == Mode(2560, 1600, 32)


@pytest.mark.parametrize("text", ["", "tablet", "640x480", "640x480x7", "644x480x8", "0x480x8", "640x9999x8", "640x480x8x8"])
def test_no_modes(text: str) -> None:
    with pytest.raises(LocalError, match="not a mode"):
        read_mode(text)
