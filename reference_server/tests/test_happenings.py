"""The log of what happens between clients and the guest."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_server import Guest
from reference_server.guests import GUESTS
from reference_server.happenings import log_agent, log_media
from reference_server.tests.agent_client import AgentClient
from reference_server.tests.memory import serve, small
from spiceproto.capabilities import NONE
from spiceproto.enums.agent import ClipboardType
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.link import ChannelType
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


def test_the_log_of_a_film_with_sound() -> None:
    """The film becomes video, and ends when it stands still; the microphone has no mode of ours."""
    guest = Guest(size=(160, 120))
    GUESTS["video"](guest, 1)
    wire = serve(guest, streaming_video="all", ack_window=1000)
    lines: list[tuple[str, dict[str, Any]]] = []
    log_media(wire.server, lambda name, fields: lines.append((name, fields)))
    wire.main()
    shown = wire.display(own=NONE.with_(DisplayCapability.CODEC_MJPEG, DisplayCapability.MULTI_CODEC))
    heard, said = wire.link(ChannelType.PLAYBACK), wire.link(ChannelType.RECORD)
    guest.speaker.play(lambda first, count, frequency: np.zeros((count, 2), np.int16))
    guest.microphone.listen(True)
    wire.wait(3.0)
    guest.keyboard.key(b"\x39", True)
    guest.speaker.play(None)
    guest.microphone.listen(False)
    wire.wait(3.0)
    film = {"stream": 0, "codec": "MJPEG", "width": 120, "height": 90, "left": 20, "top": 15}
    number = shown.connection.number
    assert [fields for name, fields in lines if name == "stream"] == [
        {"connection": number, "began": True} | film,
        {"connection": number, "began": False, "stream": 0},
    ]
    playing, saying = heard.connection.number, said.connection.number
    assert [fields for name, fields in lines if name == "sound"] == [
        {"connection": playing, "began": True, "mode": "RAW", "frequency": 48000},
        {"connection": saying, "began": True, "frequency": 48000},
        {"connection": playing, "began": False},
        {"connection": saying, "began": False},
    ]
