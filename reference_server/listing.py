"""Which channels a server has, and what it announces of each."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from reference_server.options import Options
from reference_server.watched import Watched
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.link import ChannelType

__all__ = ["Added", "Listing"]


class Added(msgspec.Struct, frozen=True):
    """There is one more channel."""

    key: tuple[int, int]


class Listing(Watched):
    """Tells :class:`Added`.

    ``own``       channel type to what is announced of it besides what all channels have in common
    ``channels``  type and id of every channel to what is announced of it
    """

    def __init__(self, options: Options, own: Mapping[int, Capabilities]) -> None:
        super().__init__()
        self.own = own
        self.channels: dict[tuple[int, int], Capabilities] = {}
        self._options = options

    def announced(self, channel_type: int) -> Capabilities:
        """What is announced of a channel of this type."""
        return self._options.announced(channel_type, self.own.get(channel_type, NONE))

    def add(self, channel_type: int, channel_id: int) -> None:
        """Have this channel; one that is there already is left as it is."""
        key = (int(channel_type), channel_id)
        if key not in self.channels:
            self.channels[key] = self.announced(channel_type)
            self.tell(Added(key))

    @property
    def listed(self) -> list[tuple[int, int]]:
        """What CHANNELS_LIST names: all but main (SPICE-MAIN-012)."""
        return [key for key in self.channels if key[0] != ChannelType.MAIN]

    @property
    def displays(self) -> int:
        """How many display channels there are."""
        return sum(kind == ChannelType.DISPLAY for kind, _ in self.channels)
