"""How much may be said to an agent: AGENT_DATA is sent only where the target has an agent, and gives a token for it."""

from __future__ import annotations

from typing import Any, Final

from spiceproto.messages import main

__all__ = ["NO_AGENT", "NO_TOKEN", "Tokens"]

NO_AGENT: Final = "the target has no agent"
NO_TOKEN: Final = "the target gives no token for it"


class Tokens:
    """``connected``: whether there is somebody to talk to; ``left``: messages that it takes."""

    def __init__(self) -> None:
        self.connected = False
        self.left = 0

    def heard(self, value: Any) -> None:
        """A message of the target on main."""
        if isinstance(value, main.Init):
            self.connected, self.left = bool(value.agent_connected), value.agent_tokens
        elif isinstance(value, main.AgentConnectedTokens | main.AgentStart):
            self.connected, self.left = True, value.num_tokens
        elif isinstance(value, main.AgentConnected):
            self.connected = True
        elif isinstance(value, main.AgentDisconnected):
            self.connected = False
        elif isinstance(value, main.AgentToken):
            self.left += value.num_tokens

    def ready(self) -> bool:
        """Whether AGENT_DATA may be sent."""
        return self.connected and self.left > 0

    def spent(self) -> None:
        """One was sent."""
        self.left -= 1
