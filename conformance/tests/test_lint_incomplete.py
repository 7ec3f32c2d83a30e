"""Recordings of which something is missing: nobody is blamed for what was not seen, in the lint or in a decode."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from conformance.command.lint import run
from conformance.faults import held_against
from conformance.lint import Lint
from conformance.report import pcapng
from spiceproto.capture.decode import Decoder
from spiceproto.capture.incomplete import lines as incomplete_lines
from spiceproto.report.jsonl import JsonReport
from spiceproto.siblings import package
from spiceproto.tests import incomplete
from spiceproto.tests.capture_samples import CAPTURES
from spiceproto.tests.incomplete import Block
from spiceproto.tests.recorded import recording

CLEAN = ("qemu-agent-mouse", "html5-debian")
SIDES = (
    "andris-xev",
    "drawall-lz",
    "html5-debian",
    "qemu-agent-mouse",
    "qemu-migration-seamless",
    "qemu-port",
    "qemu-sasl-digest",
    "qemu-tls13",
    "qemu-wrong-password",
    "spicy-webdav",
)
JITTER = 5_000_000
"""Nanoseconds between packets that change places."""

MISSING = {
    "agent-message-begun",
    "agent-message-lost",
    "agent-message-not-seen",
    "channel-unknown",
    "gap",
    "link-stage-lost",
    "link-stage-not-seen",
    "link-stage-recovered",
    "message-lost",
    "message-not-seen",
    "not-decoded",
    "not-resynchronised",
    "one-sided",
    "resynchronised",
    "tls-gap",
    "tls-no-handshake",
    "tls-opaque",
    "truncated-file",
    "websocket-gap",
}
"""What a decode may say of a capture that lacks something, and not of the peers."""


@cache
def parts(name: str) -> list[Block]:
    return incomplete.blocks(recording(name))


def judged(data: bytes) -> Lint:
    found = Lint()
    decoder = Decoder(io.BytesIO(data), found, in_order=True)
    decoder.run()
    found.went(decoder.moved)
    return found


def decoded(data: bytes) -> list[dict[str, object]]:
    out = io.StringIO()
    report = JsonReport(out)
    decoder = Decoder(io.BytesIO(data), report)
    report.begin(decoder, "-")
    decoder.run()
    report.end(None)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def accusations(data: bytes) -> set[tuple[str, str]]:
    """What lint and decode hold against the peers, each as what says it and in which words."""
    found = {("lint", item.requirement) for item in judged(data).findings}
    for item in decoded(data):
        if item["record"] == "problem" and item["code"] not in MISSING:
            found.add(("decode", str(item["code"])))
        if item["record"] == "link" and item["step"] == "failed":
            found.add(("link stage", str(item["text"])))
    return found


@cache
def deserved(name: str) -> set[tuple[str, str]]:
    """What the peers of a whole recording really did."""
    return accusations(incomplete.joined(parts(name)))


def false_ones(name: str, trials: Iterable[tuple[int, bytes]]) -> dict[int, set[tuple[str, str]]]:
    """Trials in which somebody is blamed for more than what he did."""
    found = {which: accusations(data) - deserved(name) for which, data in trials}
    assert found
    return {which: wrong for which, wrong in found.items() if wrong}


@pytest.mark.parametrize("name", CLEAN)
def test_one_packet_is_lost(name: str) -> None:
    trials = list(incomplete.lossy(parts(name), 45))
    assert len(trials) == 45
    assert false_ones(name, trials) == {}


@pytest.mark.parametrize("name", CLEAN)
def test_the_file_is_cut(name: str) -> None:
    assert false_ones(name, incomplete.cut(incomplete.joined(parts(name)), 20)) == {}


@pytest.mark.parametrize("name", [*CLEAN, "andris-xev", "kerbside-proxy", "remote-viewer-vv-password"])
def test_the_capture_begins_late(name: str) -> None:
    """What is recognised of such connections is decoded, and not judged."""
    deserved_here = {item for item in deserved(name) if item[0] == "lint"}
    for _, data in incomplete.late(parts(name), 12):
        assert {("lint", item.requirement) for item in judged(data).findings} <= deserved_here


@pytest.mark.parametrize("name", ["andris-tls", "kerbside-proxy", "qemu-link-probes"])
def test_the_capture_begins_with_an_answer(name: str) -> None:
    """What a server answers to was said before, whether or not anything else comes on that connection."""
    whole, ports = parts(name), incomplete.server_ports(parts(name))
    answers = [n for n, part in enumerate(whole) if part.key is not None and part.key[2] in ports and b"REDQ" in part.raw]
    trials = ((first, joined_from(whole, first)) for first in answers)
    wrong = {item for found in false_ones(name, trials).values() for item in found if item[0] == "lint"}
    assert wrong == set()


def joined_from(whole: list[Block], first: int) -> bytes:
    return incomplete.joined([part for number, part in enumerate(whole) if part.key is None or number >= first])


@pytest.mark.parametrize("client", [True, False], ids=["client", "server"])
@pytest.mark.parametrize("name", SIDES)
def test_one_side_only(name: str, client: bool) -> None:
    sides = [(1, incomplete.one_side(parts(name), incomplete.server_ports(parts(name)), client=client))]
    assert false_ones(name, sides) == {}


@pytest.mark.parametrize("same", [True, False], ids=["one-connection", "two-connections"])
@pytest.mark.parametrize("name", [*CLEAN, "qemu-vmmouse-modes", "spicy-basic"])
def test_neighbours_change_places(name: str, same: bool) -> None:
    """Data of opposite directions at most some milliseconds apart, on one connection or on two of the same session."""
    pairs = incomplete.swappable(parts(name), JITTER, same=same)[:12]
    assert false_ones(name, [(first, incomplete.swapped(parts(name), first)) for first in pairs]) == {}


FAULTS = (
    ("client", "ack-too-early"),
    ("client", "double-connect"),
    ("client", "ignores-motion-ack"),
    ("client", "invented-generation"),
    ("client", "pong-with-other-timestamp"),
    ("client", "position-in-server-mode"),
    ("client", "undefined-type"),
    ("server", "base-last"),
    ("server", "init-twice"),
    ("server", "list-outside-its-message"),
    ("server", "motion-ack-every-three"),
    ("server", "no-inputs-init"),
    ("server", "talks-after-disconnecting"),
)


def recorded(folder: Path, role: str, name: str) -> tuple[str, list[Block]]:
    """The sentence that a faulty reference breaks, and a capture of it in which that is found."""
    sentence = package(f"reference_{role}").FAULTS[name].requirement
    results, _ = held_against(role, name, select=sentence)
    for result in results.values():
        if result.outcome == "fail" and result.transcript:
            path = folder / "fault.pcapng"
            pcapng.write(path, pcapng.chunks_of(result.transcript), result.transcript)
            found = incomplete.blocks(path)
            if sentence in {item.requirement for item in judged(incomplete.joined(found)).findings}:
                return sentence, found
    raise AssertionError(f"no conversation shows {sentence}")


@pytest.mark.parametrize(("role", "name"), FAULTS)
def test_faults_in_what_was_seen_are_found(tmp_path: Path, role: str, name: str) -> None:
    """The capture ends behind the fault, or lacks one of the packets after it; and a packet before it hides it at most."""
    sentence, whole = recorded(tmp_path, role, name)
    findings = judged(incomplete.joined(whole)).findings
    sentences = {item.requirement for item in findings}
    now = min(item.now for item in findings if item.requirement == sentence)
    last = max(number for number, part in enumerate(whole) if part.key is not None and part.time <= round(now * 1e6))
    assert sentence in {item.requirement for item in judged(incomplete.joined(whole[: last + 1])).findings}
    for lost, data in incomplete.lossy(whole, 15):
        found = {item.requirement for item in judged(data).findings}
        assert found <= sentences
        assert sentence in found or lost <= last


def test_what_is_missing_is_said() -> None:
    """One packet of the client, and the file is cut: sentences that depend on the past are not judged, and it says why."""
    whole = parts("qemu-agent-mouse")
    lost = next(number for number in incomplete.payloads(whole) if whole[number].payload == 10)
    found = judged(incomplete.joined([*whole[:lost], *whole[lost + 1 : -20]]))
    said = incomplete_lines(found.unseen)
    assert said[0] == "connection 1: 10 bytes of the client were not captured, in 1 place, the first noticed at frame 32"
    assert said[1].endswith("no end was captured")
    verdicts = {item.requirement: item.verdict for item in found.rulings()}
    assert verdicts["SPICE-FRAME-029"] == verdicts["SPICE-MAIN-006"] == "not judged"
    assert verdicts["SPICE-FRAME-040"] == verdicts["SPICE-LINK-001"] == "kept"
    records = decoded(incomplete.joined([*whole[:lost], *whole[lost + 1 :]]))
    (record,) = [item for item in records if item["record"] == "incomplete"]
    assert {key: record[key] for key in ("connection", "what", "side", "holes", "size")} == {
        "connection": 1,
        "what": "bytes",
        "side": "client",
        "holes": 1,
        "size": 10,
    }


def test_one_side_is_said_to_be_missing() -> None:
    whole = parts("qemu-wrong-password")
    side = incomplete.one_side(whole, incomplete.server_ports(whole), client=True)
    (said,) = [line for line in incomplete_lines(judged(side).unseen) if "no end" not in line]
    assert said.startswith("connection 1: nothing of the server was captured")
    assert [item["step"] for item in decoded(side) if item["record"] == "link"][-1] != "failed"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("takeover-fight", "  session 1: taken over by connection 2; the server ended connection 1 (frame 20)"),
        (
            "inputs-never-linked",
            "  session 1: listed and refused: inputs:0 and cursor:0; 2 connections to ",
        ),
        ("unknown-ca", '  connection 1: the client ended TLS with the fatal alert 48 "unknown CA"'),
        ("proxy-authority", '  connection 2: the proxy answered "HTTP/1.0 401 invalid ticket" to "CONNECT '),
    ],
)
def test_what_there_was_besides_messages(name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is nobody's broken sentence, and said."""
    options = argparse.Namespace(
        captures=[CAPTURES / f"{name}.pcap"], images=False, keylog=None, decode_as=(), filter=None, json=False, all=False
    )
    assert run(options) == 0
    assert any(line.startswith(text) for line in capsys.readouterr().out.splitlines())
