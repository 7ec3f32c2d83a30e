"""Ways to write scan codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.errors import LocalError
from spiceproto.scan_codes import KEYS, PAUSE, ScanCodes, key_name, release_code, scan_codes, typed, wire_code


@pytest.mark.parametrize(
    ("code", "wire"),
    [
        (0x1E, 0x1E),
        (0x1DE0, 0x1DE0),
        (0xE01D, 0x1DE0),
        (0x11D, 0x1DE0),
        (0x9D, 0x9D),
        (0x180, 0x180),
        (0xE11D45, PAUSE),
        (PAUSE, PAUSE),
    ],
)
def test_the_code_on_the_wire(code: int, wire: int) -> None:
    assert wire_code(code) == wire


@given(data=st.binary(max_size=20))
def test_scan_codes_are_all_there(data: bytes) -> None:
    rebuilt = b""
    for code, _ in scan_codes(data):
        rebuilt += code.to_bytes(max((code.bit_length() + 7) // 8, 1), "little")
    assert rebuilt == data or b"\0" in data


def test_the_release_of_a_code() -> None:
    assert (release_code(0x1E), release_code(0x4DE0), release_code(PAUSE)) == (0x9E, 0xCDE0, 0xC59DE1)


def test_a_row_of_codes_and_the_same_in_pieces() -> None:
    data = bytes.fromhex("1e e048 e11d45 9e e0c8 e19dc5 e0")
    found = list(scan_codes(data))
    assert found == [
        (0x1E, True),
        (0x48E0, True),
        (PAUSE, True),
        (0x9E, False),
        (0xC8E0, False),
        (0xC59DE1, False),
        (0xE0, True),
    ]
    whole = [(b"\x1e", True), (b"\xe0\x48", True), (b"\xe1\x1d\x45", True)]
    whole += [(code, False) for code, _ in whole]
    for size in (1, 2, 3, len(data)):
        codes = ScanCodes()
        pieces = [codes.feed(data[start : start + size]) for start in range(0, len(data), size)]
        assert [key for piece in pieces for key in piece] == whole and codes.rest == b"\xe0"


def test_names() -> None:
    assert {key_name(code) for code in (PAUSE, release_code(PAUSE), 0x1DE1, 0x9DE1)} == {"Pause"}
    assert (key_name(0x9E), key_name(0xC8E0), key_name(0x7F)) == ("A", "Up", "")


def test_what_stands_on_keys() -> None:
    keys = {name: code for code, name in KEYS.items()}
    assert [typed(each) for each in 'aA1!"\n\t \\|`~'] == [
        (0x1E, False),
        (0x1E, True),
        (2, False),
        (2, True),
        (keys["'"], True),
        (0x1C, False),
        (0x0F, False),
        (0x39, False),
        (0x2B, False),
        (0x2B, True),
        (0x29, False),
        (0x29, True),
    ]
    assert all(typed(chr(code))[0] < 0x80 for code in range(32, 127))
    with pytest.raises(LocalError):
        typed("\u00e4")
