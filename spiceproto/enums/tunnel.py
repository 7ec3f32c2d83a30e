"""Numbers of the tunnel channel, which no current program speaks."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class TunnelServiceType(WireEnum):
    """Kind of a tunnelled service."""

    INVALID = 0
    GENERIC = 1
    IPP = 2
    """A printer."""


class TunnelIpType(WireEnum):
    """Kind of an address."""

    INVALID = 0
    IPv4 = 1
