"""Null pointers whose count is not 0: taken for no bytes, kept as they are, and found."""

from __future__ import annotations

import copy
import pickle
from struct import pack

import pytest

from spiceproto import dispatch, schema, wire
from spiceproto.derive.json_form import from_json, to_json
from spiceproto.derive.spans import dissect
from spiceproto.enums.display import LineFlags
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import main
from spiceproto.unsent import UNSENT, Unsent, announced

BEGIN = main.MigrateBegin(main.DstInfo(port=5900, sport=5901, host_data=b"h\0", cert_subject_data=Unsent(9)))
BODY = pack("<HHLLLL2s", 5900, 5901, 2, 20, 9, 0, b"h\0")


def test_nothing_is_lost() -> None:
    row = dispatch.row_of("main", "server", BEGIN)
    assert row.parse(BODY) == BEGIN == wire.parse(schema.records()["main.MigrateBegin"], BODY)
    assert dispatch.build("main", "server", BEGIN) == (row.number, BODY)
    assert wire.build(schema.records()["main.MigrateBegin"], BEGIN) == BODY
    assert BEGIN.dst_info.cert_subject_data == Unsent(9) and BEGIN.dst_info.cert_subject_size == 9


def test_it_is_read_as_no_bytes() -> None:
    subject = BEGIN.dst_info.cert_subject_data
    assert isinstance(subject, bytes) and not subject and subject.rstrip(b"\0") == b""
    assert (announced(subject), announced(b"abc"), announced(None)) == (9, 3, 0)


def test_values_are_told_apart() -> None:
    assert Unsent(1) != Unsent(2) and Unsent(1) != b"" and Unsent(1) != b"" and Unsent(1) == Unsent(1)
    assert len({Unsent(1), Unsent(1), Unsent(2), b""}) == 3
    assert copy.deepcopy(Unsent(3)) == Unsent(3) == pickle.loads(pickle.dumps(Unsent(3)))
    assert repr(Unsent(3)) == "Unsent(3)"
    with pytest.raises(LocalError):
        Unsent(0)


def test_both_pointers_of_switch_host() -> None:
    value = main.MigrateSwitchHost(port=1, sport=2, host_data=Unsent(20), cert_subject_data=Unsent(1))
    _, body = dispatch.build("main", "server", value)
    assert body == pack("<HHLLLL", 1, 2, 20, 0, 1, 0)
    assert dispatch.row_of("main", "server", value).parse(body) == value


def test_no_more_than_the_message_has() -> None:
    """Receivers in use look whether as many bytes would fit behind the first byte of the message."""
    row = dispatch.row_of("main", "server", BEGIN)
    assert row.parse(BODY[:12] + pack("<L", 22) + BODY[16:]).dst_info.cert_subject_data == Unsent(22)
    with pytest.raises(RemoteError, match="does not fit"):
        row.parse(BODY[:12] + pack("<L", 23) + BODY[16:])


def test_where_no_receiver_takes_it() -> None:
    """A style of lines is read by its count: spice-gtk would read behind the null pointer."""
    with pytest.raises(RemoteError, match="elements that are announced"):
        wire.parse(schema.records()["draw.LineAttr"], pack("<BBL", LineFlags.STYLED, 2, 0))


def test_json_says_it_by_the_count() -> None:
    record = schema.records()["main.MigrateBegin"]
    form = to_json(BEGIN)
    assert form["dst_info"] == {"port": 5900, "sport": 5901, "host_size": 2, "host_data": "h\0", "cert_subject_size": 9}
    assert from_json(record, form) == BEGIN


def test_it_is_found_and_shown() -> None:
    (item,) = dispatch.outside("main", "server", BEGIN)
    assert (item.sentence, item.path, item.tolerated) == (UNSENT, "dst_info.cert_subject_data", True)
    assert item.actual == "9 bytes announced behind a null pointer"
    found = dissect(schema.records()["main.MigrateBegin"], BODY)
    assert found["dst_info.cert_subject_data"].text == "null, and 9 bytes are announced"
