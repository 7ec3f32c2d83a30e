"""The main channel of a client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.channels import LISTED
from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.client_talk import ClientTalk
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, main

__all__ = ["CLIENT"]

_NO_TYPE: Final = 199
_LARGE: Final = 0xFFFF
"""A window that no conversation fills."""


def _sends(*values: Any) -> Callable[[ClientTalk], None]:
    def act(talk: ClientTalk) -> None:
        talk.send(*values)

    return act


def _init(mode: MouseMode) -> Callable[[ClientTalk], None]:
    def act(talk: ClientTalk) -> None:
        talk.send(talk.server.init(current=mode))

    return act


def _list(talk: ClientTalk) -> None:
    talk.server.name_channels(talk.talk, *LISTED)


def _unknown(talk: ClientTalk) -> None:
    talk.talk.send_raw(_NO_TYPE, b"", text=f"type {_NO_TYPE}")


def _close(talk: ClientTalk) -> None:
    talk.talk.close()


_BOTH: Final = MouseMode.SERVER | MouseMode.CLIENT

CLIENT: Final = Alphabet(
    name="client",
    role="client",
    doc="The main channel of a client, behind its link stage.",
    begin=ClientTalk,
    letters=(
        Letter("INIT SERVER", _init(MouseMode.SERVER), owed={"ATTACH_CHANNELS": "SPICE-MAIN-026"}),
        Letter("INIT CLIENT", _init(MouseMode.CLIENT), owed={"ATTACH_CHANNELS": "SPICE-MAIN-026"}),
        Letter("CHANNELS_LIST", _list),
        Letter("MOUSE_MODE SERVER", _sends(main.MouseModeMessage(_BOTH, MouseMode.SERVER))),
        Letter("MOUSE_MODE CLIENT", _sends(main.MouseModeMessage(_BOTH, MouseMode.CLIENT))),
        Letter("SET_ACK", _sends(common.SetAck(1, _LARGE))),
        Letter("AGENT_CONNECTED", _sends(main.AgentConnected())),
        Letter("AGENT_CONNECTED_TOKENS", _sends(main.AgentConnectedTokens(10))),
        Letter("AGENT_DISCONNECTED", _sends(main.AgentDisconnected(0))),
        Letter("NAME", _sends(main.Name(b"guest\0"))),
        Letter("type 199", _unknown),
        Letter("DISCONNECTING", _sends(common.Disconnecting(0, 0))),
        Letter("(the server closes)", _close),
    ),
)
