"""The suite's end of a conversation, whichever role it plays: its connections, and whether the target goes on.

    AsClient   the target is a server
    AsServer   the target is a client

Both raise :class:`conformance.outcome.Failure` where a target does not do what the way to a channel needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Final

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import Case
from conformance.channels import greeting
from conformance.client_wire import Ask
from conformance.network import ClientNetwork, Network, ServerNetwork
from conformance.outcome import Failure
from conformance.peer import Peer
from conformance.reference_target import EVERY_DEVICE
from conformance.talk import Talk
from conformance.target import Target
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name, channel_type
from spiceproto.enums.link import ChannelType
from spiceproto.message import Sender

__all__ = ["CASES", "LISTED", "MAIN", "SECURE", "AsClient", "AsServer", "End", "Place", "name_of", "open_end"]

Place = tuple[int, int]
"""Type and id of a channel."""

MAIN: Final = (int(ChannelType.MAIN), 0)

LISTED: Final = tuple(
    [(int(channel_type(name)), 0) for name in ("display", "inputs", "cursor", "playback", "record", "port", "usbredir")]
)
"""Channels that the suite as a server may list."""

_ALWAYS: Final = LISTED[:2]
"""Those that it lists in every session: without a display remote-viewer links nothing else."""

CASES: Final[Mapping[str, Case]] = {
    role: Case(f"fuzz-{role}", role, lambda peer: None, "a conversation made up", tags=(EVERY_DEVICE, "picture"))
    for role in ("server", "client")
}
"""What a target is set up for."""

SECURE: Final = Case("fuzz-tls", "client", lambda peer: None, "a conversation made up, over TLS", needs=("client-tls",))
"""What a client is set up for that speaks over TLS."""


class End(ABC):
    """``peer`` is the suite's end; ``own`` its role; ``places`` the channels that may be linked."""

    peer: Peer
    own: Sender
    target: Target

    @property
    @abstractmethod
    def main(self) -> Talk:
        """The main channel."""

    @property
    @abstractmethod
    def places(self) -> tuple[Place, ...]:
        """The channels besides main that there are."""

    @abstractmethod
    def begin(self, wanted: Iterable[Place]) -> None:
        """A session; ``wanted`` are channels that will be spoken on."""

    @abstractmethod
    def talk(self, place: Place, bare: tuple[int, int] | None = None) -> Talk | None:
        """A channel, linked and greeted; None if there is none. With ``bare`` it is linked with these capabilities, of all
        channels and its own, and not greeted.
        """

    @abstractmethod
    def alive(self) -> None:
        """The session goes on: main still answers."""

    @abstractmethod
    def alive_anew(self) -> None:
        """The target begins another session."""

    def answers(self, talk: Talk) -> None:  # noqa: B027 - servers are asked on main only
        """Another channel goes on."""


class AsClient(End):
    """The target is a server. ``by_links``: it is known to answer no second question for its channels."""

    own: Sender = "client"

    def __init__(self, network: ServerNetwork, target: Target, *, by_links: bool = False) -> None:
        self.client = SuiteClient(network, target)
        self.client.known_to_fail = lambda id: by_links
        self.peer = self.client
        self.target = target
        self.listed: set[Place] = set()

    @property
    def main(self) -> Talk:
        return self.client.main_talk

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(sorted(self.listed))

    def begin(self, wanted: Iterable[Place]) -> None:
        _, self.listed = self.client.session()

    def talk(self, place: Place, bare: tuple[int, int] | None = None) -> Talk | None:
        if place not in self.listed:
            return None
        if bare is None:
            talk = self.client.channel(Ask(*place))
            kept = greeting(talk.table).kept_until
            if kept and not self.peer.network.virtual:
                talk.wait_count(kept)
            return talk
        return self.client.link(Ask(*place, capabilities=Capabilities(*bare)))

    def alive(self) -> None:
        self.client.alive(self.main)

    def alive_anew(self) -> None:
        self.client.session()


class AsServer(End):
    """The target is a client."""

    own: Sender = "server"

    def __init__(self, network: ClientNetwork, target: Target) -> None:
        self.server = SuiteServer(network, target)
        self.server.picture = True
        self.peer = self.server
        self.target = target
        self.listed: tuple[Place, ...] = ()

    @property
    def main(self) -> Talk:
        return self.server.main_talk

    @property
    def places(self) -> tuple[Place, ...]:
        return self.listed

    def begin(self, wanted: Iterable[Place]) -> None:
        usual = () if self.peer.network.virtual else _ALWAYS
        self.listed = tuple(dict.fromkeys([*usual, *[place for place in wanted if place != MAIN]]))
        self.server.session(listed=self.listed)
        if not self.peer.network.virtual:
            self.server.link_others()

    def talk(self, place: Place, bare: tuple[int, int] | None = None) -> Talk | None:
        self.server.pump_all()
        return self.server.talks.get(place)

    def alive(self) -> None:
        self.server.alive(self.main)

    def answers(self, talk: Talk) -> None:
        self.server.alive(talk, f"{talk.name} was not hurt")

    def alive_anew(self) -> None:
        self.server.invite_again()
        wire = self.server.asked_for_main(self.server.target.start_time + self.server.network.patience)
        if wire is None:
            raise Failure("another connection of the client", "none")
        talk = wire.link(self.server.usual())
        talk.send(self.server.init())
        self.server.alive(talk)


def open_end(network: Network, target: Target, *, by_links: bool = False) -> End:
    """The suite's end of a conversation with a target."""
    if isinstance(network, ServerNetwork):
        return AsClient(network, target, by_links=by_links)
    assert isinstance(network, ClientNetwork)
    return AsServer(network, target)


def name_of(place: Place) -> str:
    """As steps name a channel."""
    kind, number = place
    return channel_name(kind) + (f":{number}" if number else "")
