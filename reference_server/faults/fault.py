"""How a server that breaks one rule is declared; see :mod:`spiceproto.fault`.

    @fault("init-twice", "SPICE-MAIN-002")
    class InitTwice(MainChannel):
        \"\"\"Sends INIT twice.\"\"\"

        def open_session(self, now: float) -> None:
            super().open_session(now)
            self.send(self.init(now))

What a class derives from says which part of the server it stands in for. A message layer that is wrong on one channel type
only is the ``messages_class`` of a channel that is otherwise right.
"""

from __future__ import annotations

from typing import Final

from reference_server.agent_line import AgentLine
from reference_server.guests.agent import PlayedAgent
from reference_server.line import Line
from reference_server.pointing import MouseModes
from reference_server.policy import Policy
from reference_server.server import Server
from spiceproto.channel import Channel
from spiceproto.fault import Catalogue
from spiceproto.link.server import ServerLink

__all__ = ["fault"]

fault: Final = Catalogue(
    Server,
    parts={
        ServerLink: "link_class",
        Policy: "policy_class",
        Line: "line_class",
        Channel: "channel_class",
        MouseModes: "modes_class",
        AgentLine: "agent_class",
        PlayedAgent: "played_class",
    },
    channels="channels",
)
