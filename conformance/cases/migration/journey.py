"""One client's way from a source to its destination: the steps that cases about the two servers of a migration share.

    journey = set_out(client, SEAMLESS)     a session at the source, with the channels that a case needs
    journey.begin()                         the source tells of the destination
    journey.link()                          all channels are linked there
    journey.connected()                     ... and the source hears of it
    journey.finish()                        the guest goes over
    journey.arrive()                        the client follows

Each kind is what the client announces; the server can do as much at least, or the case is not applicable. A case that is about
one step does this one itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from conformance.as_client import SuiteClient
from conformance.cases.main.server_steps import begun, need_announced
from conformance.client_wire import Ask
from conformance.outcome import Blocked, NotApplicable
from conformance.talk import Message, Talk
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main

__all__ = [
    "ALL",
    "CANCELS",
    "HANDS_OVER",
    "PICTURES",
    "SEAMLESS",
    "SEMI_SEAMLESS",
    "SWITCH_HOST",
    "TAKES_ALONG",
    "USUAL",
    "WITH_STATE",
    "Journey",
    "Kind",
    "set_out",
]


class Kind(msgspec.Struct, frozen=True):
    """A kind of migration.

    * ``name``: of the kind
    * ``announced``: what a client announces on main for it
    * ``begins``: the message that tells of the destination; "" for none
    """

    name: str
    announced: tuple[MainCapability, ...]
    begins: str

    def __str__(self) -> str:
        return self.name


SWITCH_HOST: Final = Kind("switch host", (), "")
SEMI_SEAMLESS: Final = Kind("semi-seamless", (MainCapability.SEMI_SEAMLESS_MIGRATE,), "MIGRATE_BEGIN")
SEAMLESS: Final = Kind(
    "seamless", (MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE), "MIGRATE_BEGIN_SEAMLESS"
)

HANDS_OVER: Final = ("control:migrate-begin", "control:migrate-finish")
"""Needs of a case about a server that hands its guest over."""
TAKES_ALONG: Final = (*HANDS_OVER, "semi-seamless")
"""... and its clients."""
WITH_STATE: Final = (*HANDS_OVER, "seamless")
"""... and what is on their channels."""
CANCELS: Final = ("control:migrate-begin", "control:migrate-cancel", "semi-seamless")
"""Needs of a case about a migration that is called off."""

PICTURES: Final = (ChannelType.DISPLAY,)
USUAL: Final = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
"""Channels that cases link behind main, as far as they are listed."""
ALL: Final = (
    *USUAL,
    ChannelType.PLAYBACK,
    ChannelType.RECORD,
    ChannelType.SMARTCARD,
    ChannelType.USBREDIR,
    ChannelType.PORT,
    ChannelType.WEBDAV,
)
"""Every channel that there is."""

_Channel = tuple[int, int]

_TOKENS: Final = 1000


class Journey:
    """A session on its way.

    * ``client``, ``there``: the client at the source, and at the destination
    * ``main``, ``others``: its channels at the source, these by type and id
    * ``main_there``, ``others_there``: those at the destination, once they are linked
    * ``told``: the body of what told of the destination
    * ``data``: channel to the body of its MIGRATE_DATA, main among them
    * ``between``: channel to what came behind MIGRATE and before these
    * ``passed``: is given what lies before MIGRATE on a channel and no step has taken
    """

    def __init__(self, client: SuiteClient, kind: Kind, capabilities: Capabilities, talk: Talk) -> None:
        self.client = client
        self.kind = kind
        self.capabilities = capabilities
        self.main = talk
        self.others: dict[_Channel, Talk] = {}
        self._main_there: Talk | None = None
        self._agent_started = False
        self.others_there: dict[_Channel, Talk] = {}
        self.told: Any = None
        self.data: dict[str, Message] = {}
        self.between: dict[str, list[Message]] = {}
        self.passed: Callable[[Talk, Message], None] = lambda talk, message: None

    @property
    def there(self) -> SuiteClient:
        """The client at the destination."""
        return self.client.destination

    @property
    def main_there(self) -> Talk:
        """Main at the destination."""
        assert self._main_there is not None, "main is not linked there yet"
        return self._main_there

    def talk(self, kind: ChannelType, number: int = 0) -> Talk:
        """A channel at the source. Raises NotApplicable where there is none."""
        return self._one(self.others, kind, number)

    def talk_there(self, kind: ChannelType, number: int = 0) -> Talk:
        """A channel at the destination."""
        return self._one(self.others_there, kind, number)

    def _one(self, talks: dict[_Channel, Talk], kind: int, number: int) -> Talk:
        if (int(kind), number) not in talks:
            raise NotApplicable(f"the server lists no {channel_name(kind)}:{number}")
        return talks[int(kind), number]

    def start_agent(self) -> None:
        """AGENT_START, once: where an agent is connected, libspice-server 0.15.1 ends without it."""
        if not self._agent_started:
            self._agent_started = True
            self.main.send(main.AgentStart(_TOKENS))

    # -- before the guest goes

    def begin(self) -> Any:
        """The source is told of the destination, and tells the client. Raises Failure."""
        self.client.control("migrate-begin")
        if self.kind.begins:
            self.told = self.main.expect(self.kind.begins, why="the source was told of a destination")
        return self.told

    def link_main(self) -> Talk:
        """Main at the destination, on which nothing is said yet."""
        self._main_there = self.there.ahead(Ask(capabilities=self.capabilities, ahead=True))
        return self.main_there

    def ask(self, version: int | None = None) -> str:
        """Whether the destination knows the data of the source: the name of the answer. Raises Failure."""
        asked = int(self.told.src_mig_version) if version is None else version
        self.main_there.send(main.MigrateDstDoSeamless(asked))
        return self.main_there.expect_message("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK").name

    def link_others(self) -> None:
        """All other channels at the destination, as they are at the source; nothing is said there."""
        for (kind, number), talk in self.others.items():
            ask = Ask(kind, number, capabilities=talk.client, ahead=True)
            self.others_there[kind, number] = self.there.link(ask)

    def link(self) -> None:
        """All channels at the destination, which knows the data of the source if it has to. Raises Blocked."""
        with self.client.preparing("the destination, linked ahead"):
            self.link_main()
            if self.kind is SEAMLESS and self.ask() != "MIGRATE_DST_SEAMLESS_ACK":
                raise Blocked("the destination does not know the data of the source")
            self.link_others()

    def connected(self) -> None:
        """The source hears that all channels are linked."""
        self.main.send(main.MigrateConnectedSeamless() if self.kind is SEAMLESS else main.MigrateConnected())

    def prepare(self) -> None:
        """All that comes before the guest goes, for a case that is about what comes then. Raises Blocked."""
        with self.client.preparing(f"a {self.kind} migration that has begun"):
            self.begin()
            if self.kind is not SWITCH_HOST:
                self.link()
                self.connected()

    # -- the guest goes

    def finish(self) -> None:
        """The guest goes over."""
        self.client.control("migrate-finish")

    def arrive(self) -> None:
        """The client follows, as its kind of migration wants it. Raises Failure."""
        {SWITCH_HOST.name: self._switch, SEMI_SEAMLESS.name: self._follow, SEAMLESS.name: self._take_along}[self.kind.name]()

    def go(self) -> None:
        """All of it, for a case about what comes behind. Raises Blocked."""
        self.prepare()
        with self.client.preparing(f"a {self.kind} migration"):
            self.finish()
            self.arrive()

    def _switch(self) -> None:
        self.told = self.main.expect("MIGRATE_SWITCH_HOST", why="the guest has gone")
        self.leave()
        self.others_there = {}
        self.there.session_id = 0
        self._main_there = self.there.main(Ask(connection_id=0, capabilities=self.capabilities))
        self.there.channels(self.main_there)
        for kind, number in self.others:
            self.others_there[kind, number] = self.there.channel(Ask(kind, number), wait=False)
        begun(self.there, self.others_there.values())

    def _follow(self) -> None:
        self.main.expect("MIGRATE_END", why="the guest has gone")
        self.begin_anew()

    def begin_anew(self) -> None:
        """The session begins anew at the destination. Raises Failure."""
        self.leave()
        self.main_there.send(main.MigrateEnd())
        for talk in [self.main_there, *self.others_there.values()]:
            talk.go_on()
        self.there.init = self.main_there.expect("INIT", why="the client has said MIGRATE_END")
        self.there.session_id = self.there.init.session_id
        self.there.channels(self.main_there)
        for talk in self.others_there.values():
            self.there.greet(talk)
        begun(self.there, self.others_there.values())

    def _take_along(self) -> None:
        self.hand_over(self.main, self.main_there)
        for channel, talk in self.others.items():
            self.hand_over(talk, self.others_there[channel])
        self.leave()
        # A list that is asked for before the destination has read all of that is not given (libspice-server 0.15.1).
        self.client.wait_quiet()

    def hand_over(self, talk: Talk, there: Talk) -> None:
        """The state of one channel, from the source to the destination. Raises Failure."""
        found = self.data_of(talk)
        if found is not None:
            there.send(common.MigrateData(found.body), text="MIGRATE_DATA as it came")
        there.go_on()

    def data_of(self, talk: Talk) -> Message | None:
        """What the source wants the destination to know of a channel; None for nothing. Raises Failure."""
        *before, last = talk.up_to("MIGRATE", why="the guest has gone")
        for message in before:
            self.passed(talk, message)
        flags = int(last.parsed.flags)
        if flags & MigrateFlags.NEED_FLUSH:
            talk.send(common.MigrateFlushMark())
        if not flags & MigrateFlags.NEED_DATA_TRANSFER:
            return None
        *between, found = talk.up_to("MIGRATE_DATA", why="it was announced")
        self.between[talk.name] = between
        self.data[talk.name] = found
        return found

    def leave(self) -> None:
        """The client closes its connections to the source, main at the end."""
        for talk in [*self.others.values(), self.main]:
            talk.wire.close()

    def drop(self) -> None:
        """The client gives up what it has linked at the destination."""
        for talk in [*self.others_there.values(), *([self.main_there] if self._main_there is not None else [])]:
            talk.wire.close()
        self.others_there.clear()
        self._main_there = None

    # -- behind it

    def alive(self, why: str = "") -> None:
        """The session goes on at the destination. Raises Failure."""
        self.there.alive(self.main_there, why)
        for talk in self.others_there.values():
            talk.expect_open(why)


def set_out(client: SuiteClient, kind: Kind, channels: Iterable[ChannelType] = USUAL, *, agent: bool = True) -> Journey:
    """A session at the source whose client can follow in this way, with the channels that are listed of these types.

    ``agent``: whether it says AGENT_START to an agent that is there. Raises NotApplicable if the server announced less.
    """
    capabilities = client.usual().with_(*kind.announced)
    wanted = tuple(channels)
    with client.preparing("a session at the source"):
        talk, listed = client.session(Ask(capabilities=capabilities))
        if wanted and not any(kind in (ChannelType.DISPLAY, ChannelType.INPUTS) for kind, _ in listed):
            raise client.not_listed(listed, *[(int(kind), 0) for kind in wanted])
        for capability in kind.announced:
            need_announced(talk, capability)
        journey = Journey(client, kind, capabilities, talk)
        if agent and client.init.agent_connected:
            journey.start_agent()
        for number in wanted:
            for channel in sorted(listed):
                if channel[0] == number:
                    journey.others[channel] = client.channel(Ask(*channel), wait=False)
        begun(client, journey.others.values())
    return journey
