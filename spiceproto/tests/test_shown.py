"""How people read numbers and bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import dispatch, shown
from spiceproto.command import main
from spiceproto.messages.agent import (
    AnnounceCapabilities,
    AudioVolumeSync,
    ClipboardGrabSelectedSerial,
    ClipboardSelected,
    DeviceDisplayInfo,
    DisplayConfig,
    FileXferData,
    FileXferStart,
    FileXferStatusMessage,
    GraphicsDeviceInfo,
    MaxClipboard,
    MonConfig,
    MonitorMM,
    MonitorsConfig,
    MouseState,
    Reply,
)
from spiceproto.scan_codes import key_name

CAPTURE = str(Path(__file__).parent / "captures" / "zero-scancodes.pcap")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0x1E, "1e (A down)"),
        (0x9E, "9e (A up)"),
        (0x48E0, "e0 48 (Up down)"),
        (0xC8E0, "e0 c8 (Up up)"),
        (0xE048, "48 (KP8 down) e0"),
        (0x1DE1, "e1 1d (Pause down)"),
        (0x7F, "7f"),
        (0, "00"),
    ],
)
def test_scan_codes_of_keys(code: int, text: str) -> None:
    assert shown.scan_code(code) == text


def test_many_scan_codes_are_cut() -> None:
    assert shown.scan_code_bytes(b"\x1e\x9e" * 20).endswith("9e (A up) and 24 bytes more")


@given(st.binary(max_size=60))
def test_any_scan_codes_are_shown(data: bytes) -> None:
    text = shown.scan_code_bytes(data)
    assert (" bytes more" in text) == (text.count("more") == 1)
    assert text or not data


def test_names_of_keys() -> None:
    assert [key_name(code) for code in (0x01, 0x3A, 0x44, 0x53, 0x54, 0x56, 0x58, 0x1CE0, 0x5BE0, 0xDBE0, 0x55)] == [
        *("Esc", "CapsLock", "F10", "KP.", "SysRq", "102nd", "F12", "KPEnter", "LeftMeta", "LeftMeta", "")
    ]


def test_letters() -> None:
    assert (shown.letters(0x51444552), shown.letters_big(0x20205A4C)) == ("REDQ", "  ZL")
    assert (shown.letters(1), shown.letters(0x34325258)) == ("0x1", "XR24")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "0 bytes"),
        (b"two\nlines", "'two\\nlines'"),
        ("é€".encode(), "'é€'"),
        (b"\x89PNG\r\n\x1a\n", "8 bytes: 89 50 4e 47 0d 0a 1a 0a"),
        (b"a" * 63 + "é".encode(), f"'{'a' * 63}' ... 65 bytes"),
        (b"\xff" * 70, "70 bytes: " + " ".join(["ff"] * 16) + " ..."),
    ],
)
def test_content(data: bytes, text: str) -> None:
    assert shown.content(data) == text


_MONITOR = MonConfig(height=768, width=1024, depth=32, x=-10, y=0)
_OUTPUT = DeviceDisplayInfo(channel_id=0, monitor_id=1, device_display_id=2, device_address=b"pci/0000/02.0\0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MouseState(x=1, y=2, buttons=2, display_id=0), "x=1 y=2 buttons=LBUTTON display_id=0"),
        (
            MonitorsConfig(flags=3, monitors=(_MONITOR,) * 5, physical_sizes=(MonitorMM(height=200, width=300),) * 5),
            f"flags=USE_POS|PHYSICAL_SIZE monitors=[{', '.join(['1024x768-10+0 32 bits'] * 5)}] "
            f"physical_sizes=[{', '.join(['300x200 mm'] * 5)}]",
        ),
        (Reply(type=2, error=1), "type=MONITORS_CONFIG error=SUCCESS"),
        (
            ClipboardSelected(selection=0, reserved=bytes(3), type=1, data=b"words"),
            "selection=CLIPBOARD type=UTF8_TEXT data='words'",
        ),
        (DisplayConfig(flags=9, depth=16), "flags=DISABLE_WALLPAPER|SET_COLOR_DEPTH depth=16"),
        (AnnounceCapabilities(request=1, caps=(1 << 5 | 1 << 31, 1)), "request=1 caps=CLIPBOARD_BY_DEMAND 31 32"),
        (
            ClipboardGrabSelectedSerial(selection=1, reserved=bytes(3), serial=7, types=(1, 2)),
            "selection=PRIMARY serial=7 types=[UTF8_TEXT, IMAGE_PNG]",
        ),
        (
            FileXferStart(id=1, data=b"[vdagent-file-xfer]\nname=a b.txt\nsize=5\n\0"),
            "id=1 data='[vdagent-file-xfer] name=a b.txt size=5'",
        ),
        (FileXferStatusMessage(id=1, result=0, data=b""), "id=1 result=CAN_SEND_DATA data=none"),
        (
            FileXferStatusMessage(id=1, result=4, data=(1000).to_bytes(8, "little")),
            "id=1 result=NOT_ENOUGH_SPACE data=1000 bytes free",
        ),
        (FileXferStatusMessage(id=1, result=2, data=b"\0\x0e\0\0\0"), "id=1 result=ERROR data=GLIB_IO error 14"),
        (FileXferData(id=1, data=b"12345"), "id=1 size=5"),
        (MaxClipboard(max=-1), "max=-1"),
        (AudioVolumeSync(is_playback=1, mute=0, volume=(1, 65535)), "is_playback=1 mute=0 volume=[1, 65535]"),
        (
            GraphicsDeviceInfo(display_info=(_OUTPUT,)),
            "count=1 display_info=[{channel_id=0, monitor_id=1, device_display_id=2, device_address='pci/0000/02.0'}]",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_agent_messages_in_one_line(value: object, text: str) -> None:
    number, body = dispatch.build("agent_selection_serial", "client", value)
    row = dispatch.row("agent_selection_serial", "client", number)
    assert row is not None
    assert row.summary(body) == text


def test_keys_in_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", CAPTURE]) == 0
    lines = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines() if " KEY_" in line and "--" not in line]
    assert lines == ["data=1e (A down) 00 9e (A up) 00", "code=48 (KP8 down) e0", "code=c8 (KP8 up) e0", "code=1f (S down)"]
    assert main(["decode", CAPTURE, "--format", "jsonl"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    keys = [item for item in records if item.get("name", "").startswith("KEY_")]
    assert [item["fields"] for item in keys[1:]] == [{"code": 0xE048}, {"code": 0xE0C8}, {"code": 0x1F}]
    assert [item["shown"] for item in keys[:2]] == [
        {"data": "1e (A down) 00 9e (A up) 00"},
        {"code": "48 (KP8 down) e0"},
    ]
    assert main(["decode", CAPTURE, "--verbose"]) == 0
    assert "    [0:4]      code: 1f (S down)                          1f 00 00 00" in capsys.readouterr().out.splitlines()
