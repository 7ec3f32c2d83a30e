"""One channel of a :class:`spiceproto.session.Session`: what is known of it, and what it is held against."""

from __future__ import annotations

from spiceproto import (
    agent_stream,
    contents,
    extents,
    keys,
    migration_offer,
    port_bytes,
    redirection,
    samples,
    video,
)
from spiceproto.capabilities import Capabilities
from spiceproto.channel_state import FORMS
from spiceproto.channels import channel_name
from spiceproto.comparison import Comparison
from spiceproto.enums.link import ChannelType
from spiceproto.machine import Held, Machines
from spiceproto.migration_data import MigrationData
from spiceproto.size_limits import CHANNELS

__all__ = ["Linked", "table_of"]


class Linked:
    """One channel of a session.

    * ``channel``: type and id
    * ``table``: "main", "display", ...; "" for a type without messages
    * ``client``, ``server``: what the ends announced, None if it was not seen
    * ``contents``: what each of its messages is held against
    * ``compared``: what counts and compares on it, beside the tables
    * ``samples``: the one of these that knows how sound is encoded, None for a channel without sound
    * ``held``: name of a machine to the conversation held against it; those of the session are the same in all channels
    * ``open``: whether it is not closed
    * ``gone``: whether it goes on at the destination of a migration
    """

    __slots__ = (
        "channel",
        "channel_id",
        "channel_type",
        "client",
        "compared",
        "contents",
        "gone",
        "held",
        "open",
        "samples",
        "server",
        "table",
    )

    def __init__(
        self,
        channel_type: int,
        channel_id: int,
        client: Capabilities | None,
        server: Capabilities | None,
        held: dict[str, Held],
        machines: Machines,
        clock: video.Clock,
        *,
        midway: bool,
    ) -> None:
        self.channel_type = channel_type
        self.channel_id = channel_id
        self.channel = (channel_type, channel_id)
        self.client = client
        self.server = server
        self.table = table_of(channel_type)
        self.contents = contents.Contents(self.channel, self.table, client, server, machines)
        self.compared: tuple[Comparison, ...] = ()
        self.samples: samples.Samples | None = None
        self.compare_anew(clock, midway=midway)
        self.held = held
        self.open = True
        self.gone = False

    def compare_anew(self, clock: video.Clock, *, midway: bool = False) -> None:
        """What is counted and compared begins; ``midway``: the channel did not begin here."""
        self.compared = _comparisons(self.channel, self.table, clock, midway=midway)
        if self.table in FORMS:
            self.compared += (MigrationData(self.channel, self.table),)
        self.samples = next((item for item in self.compared if isinstance(item, samples.Samples)), None)

    @property
    def is_main(self) -> bool:
        """Whether everything else ends with it."""
        return self.channel_type == ChannelType.MAIN

    def __repr__(self) -> str:
        return f"<member {self.table or self.channel_type}:{self.channel_id}>"


def _comparisons(channel: tuple[int, int], table: str, clock: video.Clock, *, midway: bool) -> tuple[Comparison, ...]:
    match table:
        case "main":
            return (agent_stream.AgentStream(channel, midway=midway), migration_offer.MigrationOffer(channel))
        case "inputs":
            return (keys.Keyboard(channel),)
        case "playback" | "record":
            return (samples.Samples(channel),)
        case "display":
            return (extents.Extents(channel), video.Video(channel, clock))
        case "usbredir":
            return (port_bytes.PortBytes(channel, table), redirection.Redirection(channel, midway=midway))
        case "port" | "webdav":
            return (port_bytes.PortBytes(channel, table),)
    return ()


def table_of(channel_type: int) -> str:
    """The name of the table of a channel's messages; empty for a type without messages."""
    name = channel_name(channel_type)
    return name if name in CHANNELS else ""
