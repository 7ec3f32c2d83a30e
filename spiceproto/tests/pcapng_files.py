"""Files of pcapng as tests look at them: block by block, and message by message."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from struct import unpack_from
from typing import Any

__all__ = ["block_kinds", "block_places", "decoded", "messages"]


def block_places(path: Path) -> list[tuple[int, int]]:
    """Where each block begins and ends; fails unless all are whole, to the last byte of the file."""
    data = path.read_bytes()
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(data):
        (size,) = unpack_from("<L", data, at + 4)
        assert size % 4 == 0 and at + size <= len(data), f"block {len(found)} is not whole"
        assert unpack_from("<L", data, at + size - 4) == (size,)
        found.append((at, at + size))
        at += size
    return found


def block_kinds(path: Path) -> list[int]:
    """The kinds of its blocks, of which each is whole."""
    data = path.read_bytes()
    return [unpack_from("<L", data, start)[0] for start, _ in block_places(path)]


def decoded(path: Path, *options: str) -> list[dict[str, Any]]:
    """What ``spiceproto decode`` says of a file; fails if there are problems in it, beside notes on what it lacks."""
    command = [sys.executable, "-c", "import sys; from spiceproto.command import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "decode", str(path), "--format", "jsonl", *options], capture_output=True, text=True, timeout=240, check=False
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    problems = [record for record in records if record["record"] == "problem" and record["severity"] != "note"]
    assert done.returncode == 0 and not problems, (done.stderr, problems)
    return records


def messages(records: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What each side said on each channel, in order, as (channel, sender): without times, frames and places."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record["record"] == "message":
            row = {name: record.get(name) for name in ("name", "type", "serial", "size", "fields")}
            found[f"{record['channel']}:{record['channel_id']}", record["direction"]].append(row)
    return found
