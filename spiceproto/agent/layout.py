"""Which layout the bodies of the clipboard's messages have: that depends on what *both* client and agent announced."""

from __future__ import annotations

from spiceproto.enums.agent import AgentCapability

__all__ = ["JOINED", "table"]

JOINED = 1 << AgentCapability.CLIPBOARD_SELECTION | 1 << AgentCapability.CLIPBOARD_GRAB_SERIAL
"""What both are likely to have announced, for somebody who joined later."""


def table(client: int, agent: int) -> str:
    """The message table that holds once client and agent have announced these capability bits (0 before that)."""
    both = client & agent
    name = "agent"
    if both >> AgentCapability.CLIPBOARD_SELECTION & 1:
        name += "_selection"
    if both >> AgentCapability.CLIPBOARD_GRAB_SERIAL & 1:
        name += "_serial"
    return name
