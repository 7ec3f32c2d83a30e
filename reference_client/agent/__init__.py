"""The guest agent, as a client talks to it over the main channel (spec/14-agent.md).

    talk        Agent: the stream of agent messages both ways, and what both ends have announced
    part        Part: what each of the following is
    clipboard   AgentClipboard: what is copied here and pasted in the guest, and the other way round
    files       AgentFiles: files that go to the guest
    monitors    AgentMonitors: the monitors and desktop settings that the guest should have
    volume      AgentVolume: how loud the guest is

The rules of each are :mod:`spiceproto.agent`'s; here is when a client says what, and what its user is told. All of it is
without I/O: content of files and of the clipboard comes from functions, which whoever has the client gives.
"""

from __future__ import annotations

from reference_client.agent.clipboard import AgentClipboard
from reference_client.agent.files import AgentFiles
from reference_client.agent.monitors import AgentMonitors
from reference_client.agent.talk import Agent
from reference_client.agent.volume import AgentVolume

__all__ = ["Agent", "AgentClipboard", "AgentFiles", "AgentMonitors", "AgentVolume"]
