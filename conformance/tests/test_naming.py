"""Numbers and values as people write them."""

from __future__ import annotations

from conformance.naming import counted, error_name, in_words, named, shown
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode


def test_numbers_as_people_write_them() -> None:
    assert named(LinkErr, 7) == "PERMISSION_DENIED (7)" and named(LinkErr, 4711) == "4711"
    assert error_name(None) == "nothing" and "second link reply" in error_name(int.from_bytes(b"REDQ", "little"))


def test_how_many_and_why_not() -> None:
    assert [counted(number, "case") for number in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]
    assert in_words(FileNotFoundError(2, "No such file or directory", "/none")) == "No such file or directory"
    assert in_words(ConnectionError("refused")) == "refused"


def test_flags_with_their_names() -> None:
    both = MouseMode.SERVER | MouseMode.CLIENT
    assert named(MouseMode, 3) == shown(both) == "SERVER|CLIENT (3)"
    assert named(MouseMode, 0) == "0" and named(MouseMode, 7) == "7", "none, and one without a name"


def test_a_number_is_named_as_what_it_is_compared_with() -> None:
    assert shown(2, MouseMode.SERVER) == "CLIENT (2)" and shown(2) == "2" and shown(2, 7) == "2"
    assert shown(MouseButtonMask.LEFT, 4) == "LEFT (1)"
    assert shown(True, MouseMode.SERVER) == "True"


def test_bytes_are_cut() -> None:
    assert shown(b"") == "0 bytes" and shown(bytes(40)) == f"40 bytes: {bytes(16).hex()}"
