"""Ways to write scan codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.scan_codes import release_code, scan_codes, wire_code


@pytest.mark.parametrize(
    ("code", "wire"), [(0x1E, 0x1E), (0x1DE0, 0x1DE0), (0xE01D, 0x1DE0), (0x11D, 0x1DE0), (0x9D, 0x9D), (0x180, 0x180)]
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
    assert (release_code(0x1E), release_code(0x4DE0)) == (0x9E, 0xCDE0)
