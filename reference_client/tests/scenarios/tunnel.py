"""A fault of the tunnel channel (spec/16-tunnel.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import ChannelType

_TUNNEL = (int(ChannelType.TUNNEL), 0)


def _links_none(make: Make) -> bool:
    known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {_TUNNEL: COMMON}
    server = ScriptedServer(make(), channels=known)
    server.init()
    server.listing(_TUNNEL, *LISTED)
    return _TUNNEL not in server.lines


SCENARIOS: dict[str, Callable[[Make], bool]] = {"links-tunnels": _links_none}
