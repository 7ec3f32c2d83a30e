"""``spiceproto decode`` on recorded sessions of real programs: no problem where both behaved, and the same messages as an
independent walker counted."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from spiceproto.capture.decode import Decoder
from spiceproto.report.jsonl import JsonReport
from spiceproto.tests.recorded import names, recording

#: Recordings in which a peer misbehaves on purpose, and the codes of the errors that says so.
MISBEHAVING: dict[str, set[str]] = {
    "qemu-link-probes": {
        "link-version",  # major versions 1 and 3
        "link-message-size",  # 0, 17, 4097 and 2^32-1 bytes
        "link-capability-words",  # offsets 0 and 2^32-1, counts of 2^30 and beyond the message
        "link-mechanism-unknown",  # login mechanisms 0 and 7
        "link-second-link-reply",  # libspice-server's answer to those
        "link-unannounced-sasl",  # libspice-server begins SASL although it did not announce it
        "link-truncated",  # a header of seven bytes, and a connection closed before the ticket
    }
}

#: Recordings whose bytes cannot all be read.
OPAQUE = {"qemu-sasl-digest", "qemu-link-probes"}


def records(path: Path) -> list[dict[str, Any]]:
    out = io.StringIO()
    report = JsonReport(out)
    decoder = Decoder(path, report)
    report.begin(decoder, str(path))
    decoder.run()
    report.end(None)
    return [msgspec.json.decode(line) for line in out.getvalue().splitlines()]


def counted(path: Path) -> Counter[tuple[str, str, str]]:
    """(channel/id, sender, name) -> count, from the summary beside a recording."""
    found: Counter[tuple[str, str, str]] = Counter()
    place = ""
    for line in path.with_suffix("").with_suffix(".summary.txt").read_text().splitlines():
        head = re.match(r"\s+port (\d+)[^:]*? conn_id \w+ (\w+)/(\d+) ", line)
        if line.lstrip().startswith("port"):
            place = f"{head[1]} {head[2]}:{head[3]}" if head else ""
            continue
        sender, _, rest = line.strip().partition(": ")
        if sender not in ("server", "client") or not place:
            continue
        for part in rest.split(", "):
            name, _, count = part.partition(" x")
            if "(cut)" not in name:
                found[place, sender, name] += int(count or 1)
    return found


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_decodes(name: str) -> None:
    path = recording(name)
    found = records(path)
    footer = found[-1]
    assert footer["record"] == "footer" and footer["failure"] is None
    errors = {item["code"] for item in found if item["record"] == "problem" and item["severity"] == "error"}
    assert errors == MISBEHAVING.get(name, set())
    if name not in OPAQUE:
        assert footer["undecoded_bytes"] == 0
        assert footer["messages"] > 0 or "wrong-password" in name or "no-password" in name


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_counts(name: str) -> None:
    path = recording(name)
    wanted = counted(path)
    ports: dict[int, str] = {}
    clear: set[int] = set()
    got: Counter[tuple[str, str, str]] = Counter()
    for item in records(path):
        if item["record"] == "connection":
            ports[item["connection"]] = item["server"].rpartition(":")[2]
            if item["transport"] == ["tcp"]:
                clear.add(item["connection"])
        if item["record"] == "message" and item["connection"] in clear:
            got[f"{ports[item['connection']]} {item['channel']}:{item['channel_id']}", item["direction"], item["name"]] += 1
    assert got == wanted
