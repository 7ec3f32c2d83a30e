"""A fault of the tunnel channel (spec/16-tunnel.md)."""

from __future__ import annotations

from typing import Any

from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main


@fault("tunnel-in-the-list", "SPICE-TUNNEL-001")
class TunnelInTheList(MainChannel):
    """Names a tunnel in its list of channels."""

    def send(self, *values: Any) -> None:
        super().send(*[self._with_tunnel(value) for value in values])

    @staticmethod
    def _with_tunnel(value: Any) -> Any:
        if not isinstance(value, main.ChannelsList):
            return value
        return main.ChannelsList((*value.channels, main.ChannelId(ChannelType.TUNNEL, 0)))
