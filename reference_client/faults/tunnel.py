"""A fault of the tunnel channel (spec/16-tunnel.md)."""

from __future__ import annotations

from reference_client.client import Client
from reference_client.faults.fault import fault
from spiceproto.enums.link import ChannelType


@fault("links-tunnels", "SPICE-TUNNEL-002")
class LinksTunnels(Client):
    """Links a tunnel that a list names."""

    def wants(self, channel_type: int, channel_id: int) -> bool:
        tunnel = channel_type == ChannelType.TUNNEL and (channel_type, channel_id) not in self.lines
        return tunnel or super().wants(channel_type, channel_id)
