"""The main channel of a server, behind its link stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.talks import Talks
from spiceproto.messages import common, main

__all__ = ["MAIN", "control", "sends"]

_NO_TYPE: Final = 199
"""A number of a message that nobody has."""


def sends(*values: Any, on: str = "main") -> Callable[[Talks], None]:
    """What a letter does that sends these messages on a channel."""

    def act(talks: Talks) -> None:
        talks.send(*values, on=on)

    return act


def control(verb: str, *values: Any) -> Callable[[Talks], None]:
    """What a letter does that has something done to the server from outside."""

    def act(talks: Talks) -> None:
        talks.control(verb, *values)

    return act


def unknown(on: str = "main") -> Callable[[Talks], None]:
    """What a letter does that sends a message of no type."""

    def act(talks: Talks) -> None:
        talks.talks[on].send_raw(_NO_TYPE, b"", text=f"type {_NO_TYPE}")

    return act


_POINTER: Final = ("control:pointer",)
_AGENT: Final = ("control:agent",)

MAIN: Final = Alphabet(
    name="main",
    role="server",
    doc="The main channel, behind its link stage.",
    begin=Talks,
    letters=(
        Letter("ATTACH_CHANNELS", sends(main.AttachChannels()), owed={"CHANNELS_LIST": "SPICE-MAIN-012"}),
        Letter("MOUSE_MODE_REQUEST SERVER", sends(main.MouseModeRequest(1))),
        Letter("MOUSE_MODE_REQUEST CLIENT", sends(main.MouseModeRequest(2))),
        Letter("MOUSE_MODE_REQUEST other", sends(main.MouseModeRequest(3))),
        Letter("CLIENT_INFO", sends(main.ClientInfo(0))),
        Letter("AGENT_START", sends(main.AgentStart(10))),
        Letter("AGENT_DATA", sends(main.AgentData(b"\x01" * 40))),
        Letter("AGENT_TOKEN", sends(main.AgentToken(1))),
        Letter("MIGRATE_CONNECTED", sends(main.MigrateConnected())),
        Letter("MIGRATE_CONNECT_ERROR", sends(main.MigrateConnectError())),
        Letter("MIGRATE_DST_DO_SEAMLESS", sends(main.MigrateDstDoSeamless(1))),
        Letter("MIGRATE_END", sends(main.MigrateEnd())),
        Letter("MIGRATE_DATA", sends(common.MigrateData(b""))),
        Letter("MIGRATE_FLUSH_MARK", sends(common.MigrateFlushMark())),
        Letter("QUALITY_INDICATOR", sends(main.QualityIndicator(b""))),
        Letter("ACK", sends(common.Ack())),
        Letter("ACK_SYNC", sends(common.AckSync(0))),
        Letter("PONG", sends(common.Pong(0x5EED, 0))),
        Letter("type 199", unknown()),
        Letter("DISCONNECTING", sends(common.Disconnecting(0, 0))),
        Letter("(pointer relative)", control("pointer", "relative"), needs=_POINTER),
        Letter("(pointer absolute)", control("pointer", "absolute"), needs=_POINTER),
        Letter("(agent)", control("agent", True), needs=_AGENT),
        Letter("(no agent)", control("agent", False), needs=_AGENT),
    ),
)
