"""Problems of a capture as values: what the table says, and what a parser's error becomes."""

from __future__ import annotations

import re
from pathlib import Path

import spiceproto.capture
import spiceproto.report
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import KINDS, At, Diagnostic
from spiceproto.capture.layers import Connection
from spiceproto.capture.streams import Capture
from spiceproto.errors import RemoteError

AT = At("server", 5, 3)
CONVERSATION = Conversation(Connection(Capture("-"), 0, 0, 1))


def test_a_kind_has_its_severity_and_text() -> None:
    found = Diagnostic.of("trailing-bytes", CONVERSATION, AT, what="PING", number=7, expected="4 bytes", actual="5 bytes")
    assert (found.severity, found.text) == ("warning", "PING: bytes follow the end of the message")
    assert (found.at, found.number, found.expected, found.actual) == (AT, 7, "4 bytes", "5 bytes")
    assert Diagnostic.of("gap", CONVERSATION, AT).text == KINDS["gap"][1]


def test_an_error_of_a_parser_keeps_its_place() -> None:
    error = RemoteError("too short", path="ping.id", offset=2, expected="4 bytes", actual="1 byte")
    found = Diagnostic.malformed("PING", error, CONVERSATION, AT)
    assert (found.severity, found.code, found.text) == ("error", "malformed-message", "PING: too short")
    assert (found.where, found.expected, found.actual) == ("ping.id byte 2", "4 bytes", "1 byte")


def test_every_kind_is_used_and_every_code_is_a_kind() -> None:
    folders = [Path(str(module.__file__)).parent for module in (spiceproto.capture, spiceproto.report)]
    text = "".join(path.read_text() for folder in folders for path in folder.glob("*.py") if path.name != "diagnostics.py")
    used = set(re.findall(r'(?:\.report|Diagnostic\.of)\(\s*"([a-z-]+)"', text))
    assert used | {"malformed-message"} == set(KINDS)
