"""The fast printers of ``decode --verbose`` against the spans: the same text, letter for letter, or no answer.

No answer is right for bodies that are malformed or hold bytes of no field, and wrong for any other.
"""

from __future__ import annotations

import io
import random
from itertools import islice
from pathlib import Path

import pytest

from spiceproto import dispatch, schema, wire
from spiceproto.capture.decode import Decoder
from spiceproto.derive.fast_mutator import fast_mutator
from spiceproto.derive.filling import KEPT, Column, Places
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.mutators import Mutator
from spiceproto.derive.spans import dissect, uncovered
from spiceproto.derive.trees import compile_tree
from spiceproto.errors import RemoteError
from spiceproto.generated.catalogue import TABLES
from spiceproto.report.tree import TreeReport, tree
from spiceproto.schema import display, inputs
from spiceproto.walk import walk

RECORDS = list(schema.records().values())
ROWS = [row for table, senders in TABLES.items() for sender in senders for row in dispatch.rows(table, sender).values()]


def _bodies(record: wire.Record, count: int) -> list[bytes]:
    return [
        wire.build(record, legal_value(record, RandomChooser(random.Random(f"{record.name}{seed}")))) for seed in range(count)
    ]


def _compare(record: wire.Record, body: bytes) -> bool:
    """True if there was an answer."""
    structure = walk(record)
    found = dissect(structure, body)
    text = compile_tree(structure)(body)
    assert (text is not None) == (found.error is None and not uncovered(body, found)), body.hex()
    if text is not None:
        assert text == tree(structure, body), body.hex()
    return text is not None


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_legal_bodies_of_every_record(record: wire.Record) -> None:
    for body in _bodies(record, 25):
        assert _compare(record, body)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_mutated_bodies_of_every_record(record: wire.Record) -> None:
    bodies = _bodies(record, 3)
    for body in bodies:
        mutator = Mutator(record, body)
        for mutation in islice(mutator.systematic(), 300):
            _compare(record, mutator.apply(mutation))
    for body in islice(fast_mutator(bodies, random.Random(record.name)), 200):
        _compare(record, body)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_truncated_and_trailing_bodies_have_no_answer(record: wire.Record) -> None:
    for body in _bodies(record, 2):
        for size in range(len(body)):
            _compare(record, body[:size])
        _compare(record, body + b"\0")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table} {row.sender} {row.name}")
def test_rows_that_have_an_answer_parse_without_a_rest(row: dispatch.Row) -> None:
    record = schema.rows(row.table, row.sender)[row.number].body
    show = compile_tree(walk(record))
    for body in islice(fast_mutator(_bodies(record, 2), random.Random(row.name)), 100):
        tails: list[int] = []
        try:
            row.parse(body, tails.append)
        except RemoteError:
            assert show(body) is None
        else:
            assert not (tails and show(body) is not None)


def test_the_text() -> None:
    body = bytes.fromhex("fdffffff 04000000 0580")
    assert compile_tree(walk(inputs.MouseMotion))(body) == (
        "    [0:4]      dx: -3                                     fd ff ff ff\n"
        "    [4:8]      dy: 4                                      04 00 00 00\n"
        "    [8:10]     buttons_state: LEFT | RIGHT | 0x8000 (0x8005) 05 80"
    )


def test_gaps_and_shared_targets() -> None:
    """A gap in front of what a pointer leads to has no answer; two pointers to the same bytes have one."""
    line = bytes(21) + b"\x39\0\0\0" + bytes(16) + b"\x08\0\0\0" + bytes(12)
    image = bytes(8) + b"\x69\0" + bytes(8) + bytes.fromhex("03000000 ffd8ff")
    assert len(line) == 57
    assert _compare(display.DrawCopy, line + image)
    assert not _compare(display.DrawCopy, line[:21] + b"\x3a" + line[22:] + b"\0" + image)
    assert not _compare(display.DrawCopy, line + image + b"\0")
    assert _compare(display.DrawCopy, line[:53] + b"\x39\0\0\0" + image)


@pytest.mark.parametrize("name", ["html5-debian-start.pcapng", "qemu-tls13.pcapng"])
def test_a_report_is_the_same_without_the_fast_printers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = _report(name)
    monkeypatch.setattr("spiceproto.report.tree.compile_tree", lambda structure: lambda body: None)
    assert _report(name) == fast


def _report(name: str) -> str:
    out = io.StringIO()
    report = TreeReport(out)
    path = str(Path(__file__).parent / "captures" / name)
    decoder = Decoder(path, report)
    report.begin(decoder, path)
    decoder.run()
    report.end(None)
    return out.getvalue()


def test_tables_stay_small() -> None:
    """A peer that never repeats a number or a layout does not make them grow."""
    member = walk(inputs.MouseMotion).member("dx").node
    column, places = Column(member, 30), Places("%s", [(0, 4)])  # type: ignore[arg-type]
    for number in range(3 * KEPT):
        assert column[number].split()[0] == str(number)
        assert places[number] == f"[{number}:{number + 4}]"
    assert len(column) <= KEPT
    assert len(places) <= KEPT
