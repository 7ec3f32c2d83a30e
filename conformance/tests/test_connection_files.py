"""remote-viewer and the reference client do the same with a connection file, as the server's capture has it.

They differ in two keys that remote-viewer 11 documents and does not obey: ``disable-channels``, of which it says to whoever
debugs that it is not supported, and ``color-depth``, which spice-gtk 0.42 ignores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.x_display import PROGRAMS, XDisplay
from spiceproto.tests.pcapng_files import decoded
from spiceproto.tests.peers import need, program, running, until

KEYS = "disable-channels=playback;record\ncolor-depth=16\ndisable-effects=wallpaper;animation\nfullscreen=0\n"

Command = Callable[[Path], tuple[str, ...]]


def reference(path: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "reference_client", str(path), "--log")


def viewer(path: Path) -> tuple[str, ...]:
    return (program("remote-viewer"), str(path))


@contextmanager
def display(folder: Path, command: Command) -> Iterator[XDisplay | None]:
    """A screen for a client that has windows."""
    if command is reference:
        yield None
        return
    need("remote-viewer", *PROGRAMS)
    found = XDisplay(folder)
    try:
        yield found
    finally:
        found.stop()


def environment(screen: XDisplay | None) -> dict[str, str] | None:
    return None if screen is None else {"PATH": "/usr/bin:/bin", **screen.environment}


def seen(folder: Path, command: Command) -> tuple[set[str], dict[str, Any]]:
    """What a client does with the file: the channels that it links, and what it asks of the guest's desktop."""
    path, capture, log = folder / "x.vv", folder / "x.pcapng", folder / "server.jsonl"
    server = (sys.executable, "-m", "reference_server", "--port", "0", "--password", "sesame", "--guest", "agent", "--log")
    options = ("--write-vv", str(path), "--capture", str(capture))

    wanted = {"main", "display", "inputs", "cursor"} | ({"playback", "record"} if command is viewer else set())

    def asked() -> bool:
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
        linked = {line["channel"] for line in lines if line["event"] == "channel"}
        return linked >= wanted and any(line.get("type") == "DISPLAY_CONFIG" for line in lines)

    with running(*server, *options, log=log, ready=path.exists), display(folder, command) as screen:
        path.write_text(path.read_text() + KEYS)
        with running(*command(path), log=folder / "client.log", env=environment(screen)):
            until(asked, what="the client has asked the agent")
    records = decoded(capture)
    channels = {record["channel"] for record in records if record["record"] == "connection"}
    found = [record for record in records if record.get("name") == "DISPLAY_CONFIG"]
    assert found, sorted({str(record.get("name")) for record in records})
    return channels, found[0]["fields"]


@pytest.mark.parametrize("command", [reference, viewer])
def test_channels_and_desktop_are_as_the_file_says(tmp_path: Path, command: Command) -> None:
    channels, fields = seen(tmp_path, command)
    effects = {"DISABLE_WALLPAPER", "DISABLE_ANIMATION"}
    if command is viewer:
        assert {"playback", "record"} <= channels
        assert (fields["depth"], set(fields["flags"])) == (0, effects)
    else:
        assert not {"playback", "record"} & channels
        assert (fields["depth"], set(fields["flags"])) == (16, {*effects, "SET_COLOR_DEPTH"})


@pytest.mark.parametrize("command", [reference, viewer])
def test_a_file_for_a_later_viewer_reaches_no_server(tmp_path: Path, command: Command) -> None:
    path, log, client = tmp_path / "x.vv", tmp_path / "server.jsonl", tmp_path / "client.log"
    server = (sys.executable, "-m", "reference_server", "--port", "0", "--log", "--write-vv", str(path))

    def refused(screen: XDisplay | None) -> bool:
        if screen is None:
            return "later remote-viewer: see http://example.com/" in client.read_text()
        return bool(screen.xdotool("search", "--onlyvisible", "--class", "remote-viewer"))  # which says it in a window

    with running(*server, log=log, ready=path.exists), display(tmp_path, command) as screen:
        path.write_text(path.read_text() + "version=99.0\nnewer-version-url=http://example.com/\n")
        with running(*command(path), log=client, env=environment(screen)):
            until(lambda: refused(screen), what="the client refuses the file")
    assert len(log.read_text().splitlines()) == 1, "nobody connected"
