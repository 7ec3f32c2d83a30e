"""One channel of a :class:`spiceproto.session.Session`: what is known of it, and what it is held against."""

from __future__ import annotations

from typing import ClassVar

from spiceproto import agent_stream, contents, extents, keys, port_bytes, redirection, samples, video
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType
from spiceproto.machine import Held, Machines
from spiceproto.rules import MACHINES
from spiceproto.size_limits import CHANNELS

__all__ = ["Linked", "table_of"]


class Linked:
    """One channel of a session.

    * ``channel``: type and id
    * ``table``: "main", "display", ...; "" for a type without messages
    * ``client``, ``server``: what the ends announced, None if it was not seen
    * ``agent``: for main, what its AGENT_DATA carry
    * ``contents``: what each of its messages is held against
    * ``extents``: for a display, how large its things are
    * ``keyboard``: for inputs, what the client says of its keys
    * ``port_bytes``: for a byte channel, what its bytes have to be
    * ``samples``: for sound, what a stretch of it has to be
    * ``video``: for a display, what is known of its streams
    * ``redirection``: for usbredir, what its packets have to be
    * ``held``: name of a machine to the conversation held against it; those of the session are the same in all channels
    * ``open``: whether it is not closed

    ``COUNTED`` names those in which messages are counted and compared.
    """

    COUNTED: ClassVar = ("agent", "extents", "keyboard", "port_bytes", "redirection", "samples", "video")
    __slots__ = (
        "agent",
        "channel",
        "channel_id",
        "channel_type",
        "client",
        "contents",
        "extents",
        "held",
        "keyboard",
        "open",
        "port_bytes",
        "redirection",
        "samples",
        "server",
        "table",
        "video",
    )

    def __init__(
        self,
        channel_type: int,
        channel_id: int,
        client: Capabilities | None,
        server: Capabilities | None,
        held: dict[str, Held],
        machines: Machines = MACHINES,
        *,
        whole: bool = True,
    ) -> None:
        self.channel_type = channel_type
        self.channel_id = channel_id
        self.channel = (channel_type, channel_id)
        self.client = client
        self.server = server
        self.table = table_of(channel_type)
        self.contents = contents.Contents(self.channel, self.table, client, server, machines)
        self.agent = agent_stream.AgentStream(self.channel) if self.table == "main" else None
        self.extents = extents.Extents(self.channel) if self.table == "display" else None
        self.keyboard = keys.Keyboard(self.channel) if self.table == "inputs" else None
        self.port_bytes = port_bytes.PortBytes(self.channel, self.table) if self.table in port_bytes.TABLES else None
        self.samples = samples.Samples(self.channel) if self.table in ("playback", "record") else None
        self.video = video.Video(self.channel) if self.table == "display" else None
        self.redirection = redirection.Redirection(self.channel, midway=not whole) if self.table == "usbredir" else None
        self.held = held
        self.open = True

    @property
    def is_main(self) -> bool:
        """Whether everything else ends with it."""
        return self.channel_type == ChannelType.MAIN

    def __repr__(self) -> str:
        return f"<member {self.table or self.channel_type}:{self.channel_id}>"


def table_of(channel_type: int) -> str:
    """The name of the table of a channel's messages; empty for a type without messages."""
    name = channel_name(channel_type)
    return name if name in CHANNELS else ""
