"""What a capture's smartcard channel carries, in reports."""

from __future__ import annotations

import json
from pathlib import Path

from spiceproto import vsc
from spiceproto.messages.smartcard import Data, VscApdu, VscAtr, VscError, VscReaderAdd
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.tree import TreeReport
from spiceproto.tests.test_capture_carried import capture, carried, report

SAID = [
    (True, vsc.message(VscReaderAdd(b"my reader"))),
    (False, vsc.message(VscError(0), 3)),
    (True, vsc.message(VscAtr(b"\x3b\x00"), 3)),
    (False, vsc.message(VscApdu(bytes.fromhex("00a4040c02")), 3)),
    (True, vsc.message(VscApdu(bytes.fromhex("00a49000")), 3)),
    (True, Data(99, 3, b"?")),
    (True, Data(2, 3, b"?")),
]


def test_messages_have_their_fields(tmp_path: Path) -> None:
    lines = report(capture(tmp_path, "smartcard", SAID), "smartcard")
    assert carried(lines, "vsc") == [
        "client ReaderAdd 21 reader=4294967295 called='my reader'",
        "server Error 16 reader=3 code=0",
        "client ATR 14 reader=3 atr='3b00'",
        "server APDU 17 reader=3 command='SELECT' cla='00' ins='a4' p1='04' p2='0c' data='00a4040c02'",
        "client APDU 16 reader=3 data='00a49000'",
    ]


def test_trees_and_records(tmp_path: Path) -> None:
    path = capture(tmp_path, "smartcard", SAID)
    assert "        command: SELECT, CLA 00 INS a4 P1 04 P2 0c" in report(path, "smartcard", TreeReport)
    records = [json.loads(line) for line in report(path, "smartcard", JsonReport)]
    (found,) = [item for item in records if item["record"] == "vsc" and item.get("command")]
    assert (found["reader"], found["command"], found["p1"]) == (3, "SELECT", "04")
