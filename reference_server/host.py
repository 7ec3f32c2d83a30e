"""What a channel may ask of its server. There is nothing else of it that a channel knows."""

from __future__ import annotations

from typing import Protocol

from reference_server.agent_line import AgentLine
from reference_server.compression import Compression
from reference_server.departure import Late
from reference_server.encoding import SoundEncoding
from reference_server.guest import Guest
from reference_server.listing import Listing
from reference_server.options import Options
from reference_server.pointing import MouseModes
from reference_server.streaming import Streaming
from reference_server.watched import Told
from spiceproto.transport import Connection

__all__ = ["Host"]


class Host(Protocol):
    """The server, as its channels see it. A channel's own connection is its line, and its client is its session."""

    @property
    def now(self) -> float:
        """The time of the last call."""

    @property
    def here(self) -> bool:
        """Whether the guest is: it may be yet to come from another server, or have gone to one."""

    @property
    def passes_on(self) -> bool:
        """Whether :meth:`pass_on` leads anywhere."""

    def pass_on(self, session: int, late: Late) -> None:
        """Something of a client that a guest is to get which is at another server by now."""

    @property
    def options(self) -> Options:
        """How the server is set up."""

    @property
    def guest(self) -> Guest:
        """The machine behind it."""

    @property
    def modes(self) -> MouseModes:
        """Who moves the pointer."""

    @property
    def agent(self) -> AgentLine:
        """What clients and the agent say to each other."""

    @property
    def compression(self) -> Compression:
        """How images are compressed."""

    @property
    def encoding(self) -> SoundEncoding:
        """How sound is encoded."""

    @property
    def streaming(self) -> Streaming:
        """Which pictures are sent as video."""

    @property
    def listing(self) -> Listing:
        """Which channels there are."""

    def guarded(self, connection: Connection | None, act: Told) -> Told:
        """What a channel does about news: an error in it is the end of that connection, and of no other."""
