"""The Wireshark dissector, run by tshark over recordings.

Compared are the messages of each connection, with the summaries beside the recordings (made by a program that shares
nothing with this one) and with our own decoder where those cannot look (TLS, WebSocket); and the number in every field,
read from the XML that tshark prints, with the value that our parser found.

Recordings: the folder SPICEPROTO_CAPTURES, and a few beside the tests. Where tshark or a recording is missing the test
skips, unless SPICEPROTO_REQUIRE_PEERS is set: then that is a failure.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from spiceproto import schema
from spiceproto.command import main
from spiceproto.tests.dissected import Messages, exported, fields_seen, integer_fields, names_seen, numbers, scalars, tshark
from spiceproto.tests.peers import absent
from spiceproto.walk import walk

HERE = Path(__file__).parent / "captures"
FOLDERS = [Path(name) for name in (os.environ.get("SPICEPROTO_CAPTURES"), HERE) if name]

SUMMARIES = (
    "andris-clipboard",
    "andris-xvfb",
    "drawall-auto_glz",
    "drawall-jpeg",
    "libspice-test-playback",
    "qemu-ac97-record-opus",
    "qemu-agent-clipboard",
    "qemu-agent-mouse",
    "qemu-draw-lz4",
    "qemu-draw-zlib",
    "qemu-inputs-ps2",
    "qemu-migration-seamless",
    "qemu-migration-switch-host",
    "qemu-multi-display-2",
    "qemu-pcspk-playback-opus",
    "qemu-port",
    "qemu-preferred-compression",
    "qemu-stream-gradient",
    "spicy-usbredir",
    "spicy-webdav",
    "xspice-stream-vp8",
    "xspice-x11perf-auto_glz",
)
"""Recordings of plain TCP connections."""

HIDDEN = ("andris-tls", "html5-debian", "html5-debian-start", "kerbside-proxy", "qemu-tls12-rsa", "qemu-tls13")
"""Recordings with connections in TLS or WebSocket."""

FIELDS = (
    "andris-xvfb",
    "drawall-auto_glz",
    "qemu-agent-clipboard",
    "qemu-inputs-ps2",
    "qemu-migration-seamless",
    "qemu-port",
    "spicy-usbredir",
)
"""Recordings of which every field is compared."""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("lua"))


def recording(name: str, suffix: str = ".pcapng") -> Path:
    found = next((path for folder in FOLDERS if (path := folder / f"{name}{suffix}").exists()), None)
    return found or absent(f"no {name}{suffix}: SPICEPROTO_CAPTURES names no folder that has it")


def per_connection(messages: Messages) -> list[tuple[Counter[str], Counter[str]]]:
    """Counts of names, server and client, one pair a connection that has any, in no meaningful order."""
    streams = {stream for stream, _ in messages}
    return sorted(
        ((Counter(messages.get((stream, "server"), [])), Counter(messages.get((stream, "client"), []))) for stream in streams),
        key=lambda pair: repr([sorted(one.items()) for one in pair]),
    )


def summary(path: Path) -> Messages:
    """Names of the messages of a summary file, without those cut off; each connection is a stream."""
    found: Messages = defaultdict(list)
    stream = -1
    for line in path.read_text().splitlines():
        if line.startswith("  port "):
            stream += 1
        elif heard := re.match(r"    (server|client): (.*)", line):
            for word in heard[2].split(", "):
                name, _, times = word.partition(" x")
                if not name.endswith("(cut)"):
                    found[stream, heard[1]] += [name] * int(times or 1)
    return found


def decoded(capture: Path, folder: Path) -> list[dict[str, Any]]:
    """What our own decoder finds."""
    out = folder / "decoded.jsonl"
    main(["decode", str(capture), "--format", "jsonl", "-o", str(out)])
    return [json.loads(line) for line in out.read_text().splitlines()]


def by_stream(lines: list[dict[str, Any]], record: str) -> Messages:
    """Messages or agent messages of the decoder, by the stream of their connection."""
    streams = {line["connection"]: line["tcp_stream"] for line in lines if line["record"] == "connection"}
    found: Messages = defaultdict(list)
    for line in lines:
        if line["record"] == record:
            found[streams[line["connection"]], line["direction"]].append(line)
    return found


@pytest.mark.parametrize("name", SUMMARIES)
def test_recorded_messages_are_those_of_the_summary(name: str, script: Path) -> None:
    found = names_seen(script, recording(name))
    assert not [word for words in found.values() for word in words if word.startswith("unknown")]
    assert per_connection(found) == per_connection(summary(recording(name, ".summary.txt")))


@pytest.mark.parametrize("name", HIDDEN)
def test_recorded_messages_in_tls_and_websocket(name: str, script: Path, tmp_path: Path) -> None:
    path = recording(name)
    found = names_seen(script, path)
    ours = by_stream(decoded(path, tmp_path), "message")
    expected = {key: [line["name"] for line in lines] for key, lines in ours.items()}
    assert expected and dict(found) == expected


@pytest.mark.parametrize("name", ["qemu-link-probes", "qemu-sasl-digest", "html5-debian-start", "qemu-tls13"])
def test_recorded_passes_agree(name: str, script: Path) -> None:
    path = recording(name)
    fields = ("frame.number", *(f"spiceproto.{name}" for name in ("link", "message", "serial", "sasl_wrapped", "lost")))
    options = ("-Y", "spiceproto", "-T", "fields", *(word for name in fields for word in ("-e", name)))
    once = tshark(script, path, *options)
    assert once and once == tshark(script, path, "-2", *options)


@pytest.mark.parametrize("name", FIELDS)
def test_recorded_fields_are_those_of_our_parser(name: str, script: Path, tmp_path: Path) -> None:
    path = recording(name)
    lines = decoded(path, tmp_path)
    found, found_agents, _ = fields_seen(script, path)
    compared = 0
    for key, messages in by_stream(lines, "message").items():
        assert [one for one, _ in found[key]] == [line["name"] for line in messages]
        for line, (_, shown) in zip(messages, found[key], strict=True):
            body = schema.rows(line["channel"], line["direction"])[line["type"]].body
            expected = list(scalars(walk(body), line["fields"]))
            assert numbers(shown, integer_fields(walk(body))) == expected, (key, line["name"], line["serial"])
            compared += len(expected)
    for key, messages in by_stream(lines, "agent").items():
        assert [one for one, _ in found_agents[key]] == [line["name"] for line in messages]
    assert compared > 50
