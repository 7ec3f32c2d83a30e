"""The log of what happens between clients and the agent."""

from __future__ import annotations

from typing import Any

from reference_server.guests import GUESTS
from reference_server.happenings import log_agent
from reference_server.tests.agent_client import AgentClient
from reference_server.tests.memory import serve, small
from spiceproto.enums.agent import ClipboardType
from spiceproto.messages import agent


def test_the_log() -> None:
    wire = serve(small(), copy_paste=True, file_transfer=False)
    lines: list[tuple[str, dict[str, Any]]] = []
    log_agent(wire.server, lambda name, fields: lines.append((name, fields)))
    GUESTS["agent"](wire.server.guest, 1)
    line, _ = wire.main()
    client = AgentClient(line)
    line.read()
    client.greet()
    client.grab(ClipboardType.UTF8_TEXT, 99)
    client.put(10, b"a file")
    client.put(77, b"unknown")
    client.say(agent.MonitorsConfig(0, (agent.MonConfig(height=50, width=60, depth=32, x=0, y=0),)))
    file = wire.server.guest.disk.create("file", 100)
    for _ in range(100):
        file.write(b"x")
    file.end(whole=True)
    wire.server.guest.agent.say(1, bytes(40))
    assert lines[0] == ("agent", {"present": True})
    assert ("agent-message", {"from": "client", "type": "FILE_XFER_START", "size": 6, "filtered": True}) in lines
    assert ("agent-message", {"from": "client", "type": "77", "size": 7}) in lines
    assert ("clipboard", {"selection": "CLIPBOARD", "owner": "client", "types": ["UTF8_TEXT", "99"]}) in lines
    shown = [{"display": 0, "monitor": 0, "size": [60, 50], "at": [0, 0]}]
    assert ("monitors", {"monitors": shown}) in lines
    files = [fields for name, fields in lines if name == "file"]
    assert len(files) == 12 and files[-1] == {"name": "file", "size": 100, "have": 100, "state": "whole"}
    assert [fields["present"] for name, fields in lines if name == "agent"] == [True, False, False]
