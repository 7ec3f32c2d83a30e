"""The Wireshark dissector on recordings of migrations: states of channels, and what goes on at another server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from spiceproto.tests.capture_samples import CAPTURES
from spiceproto.tests.dissected import exported, names_seen, tshark
from spiceproto.tests.rewritten import Said, mini, written

SEAMLESS = CAPTURES / "qemu-migration-seamless-agent.pcapng.gz"
SEMI = CAPTURES / "qemu-migration-semi-seamless.pcapng.gz"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("lua"))


def column(script: Path, capture: Path, filter: str, *fields: str) -> list[list[str]]:
    wanted = [word for field in fields for word in ("-e", field)]
    shown = tshark(script, capture, "-Y", filter, "-T", "fields", *wanted)
    return [line.split("\t") for line in shown.splitlines()]


def test_states_by_name_in_the_packet_list_and_below(script: Path) -> None:
    found = column(script, SEAMLESS, "spiceproto.migration", "spiceproto.sender", "spiceproto.migration", "_ws.col.Info")
    assert sorted((sender, name) for sender, name, _ in found) == sorted(
        (sender, name) for sender in ("client", "server") for name in ("DISPLAY", "INPUTS", "MAIN", "SPICEVMC")
    )
    assert all(f"MIGRATE_DATA {name}" in info for _, name, info in found)


def test_what_waits_for_the_agent(script: Path) -> None:
    for agent, selection in column(
        script,
        SEAMLESS,
        'spiceproto.migration == "MAIN"',
        "spiceproto.agent",
        "spiceproto.agent.clipboard_grab_selected.selection",
    ):
        assert agent == "MOUSE_STATE,CLIPBOARD_GRAB" and selection == "0"


def test_what_the_agent_has_announced_goes_over(script: Path, tmp_path: Path) -> None:
    """The layout of its messages depends on that; and one that is half over goes on."""
    last = column(script, SEAMLESS, "spiceproto.agent and frame.number > 420", "_ws.col.Info")
    assert "CLIPBOARD_GRAB selection=CLIPBOARD" in last[-1][0]

    def cut(items: list[Said]) -> Iterator[Said]:
        grab = [item for item in items if (item.sender, item.name) == ("server", "AGENT_DATA")][-1]
        leaves = next(item for item in items if (item.place, item.name) == ("main:0", "MIGRATE"))
        for item in items:
            if item is leaves:
                yield mini(item, grab.body[:25], "AGENT_DATA")
            yield mini(grab, grab.body[25:]) if item is grab else item

    halves = tmp_path / "halves.pcapng"
    halves.write_bytes(written(SEAMLESS, cut))
    last = column(script, halves, "spiceproto.agent", "_ws.col.Info")
    assert "CLIPBOARD_GRAB selection=CLIPBOARD" in last[-1][0]


@pytest.mark.parametrize("path", [SEAMLESS, SEMI])
def test_all_messages_are_named_and_passes_agree(path: Path, script: Path) -> None:
    found = names_seen(script, path)
    assert found and not [word for words in found.values() for word in words if word.startswith("unknown")]
    fields = ("-Y", "spiceproto", "-T", "fields", "-e", "frame.number", "-e", "spiceproto.message", "-e", "spiceproto.agent")
    assert tshark(script, path, *fields) == tshark(script, path, "-2", *fields)
