"""What all channels of a server have in common: what is done with which message, a clock, and whom they listen to.

A channel is one class in a file of its own and one row in :data:`reference_server.channels.CHANNELS`. It is made when the
client has logged in, and lives from :meth:`ServerChannel.start` to :meth:`ServerChannel.end`. Of the server it knows
:class:`reference_server.host.Host`, of the client its session, of the connection its line; never another channel.

A channel that a client has linked ahead of a migration waits in silence until its session has arrived, and nothing that the
client says is heard before (:meth:`ServerChannel.await_arrival`). Then it begins as any other, or goes on where the source
left it: with the data of the source if such a channel has some (``carried``), else at once. The guest is there before that:
what it does meanwhile, and nobody can see later, the channel takes down (:meth:`ServerChannel.guest_came`). At the source it
ends with MIGRATE, and with the data if there are some (:meth:`ServerChannel.set_out`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

import msgspec

from reference_server.channels import moving
from reference_server.departure import Arrived, Broken, Came, Leaves
from reference_server.host import Host
from reference_server.line import Line
from reference_server.migration import PATIENCE
from reference_server.session import Session
from reference_server.watched import Told, Watched
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.base import WireEnum
from spiceproto.enums.common import MigrateFlags
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import common

__all__ = ["Handler", "Handlers", "ServerChannel"]


class Handler(msgspec.Struct, frozen=True):
    """What is done with a message.

    * ``act``: called with the channel, the message and the time
    * ``states``: in which states of the channel; in others the message is accepted, and that is all. Empty for any state
    """

    act: Callable[[Any, Any, float], None]
    states: tuple[str, ...] = ()


_ON_THE_WAY: Final = ("leaving", "moving")

Handlers = dict[type, Handler]
"""Class of a message to what is done with it."""


Beside = TypeVar("Beside")

_WITH_DATA: Final = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER


class ServerChannel:
    """One channel of one client.

    * ``carried``: the class of the data that go to the destination; None for none
    * ``handlers``: what is done with the messages of the client; one without a row is accepted, and that is all
    * ``messages_class``: the message layer of channels of this class, if it is not the server's
    * ``state``: the word that the rows of ``handlers`` go by; ``arriving``, ``moving`` and ``leaving`` are those of a migration
    * ``host``, ``line``, ``session``: server, connection and client
    * ``client``: what the client announced
    """

    carried: ClassVar[type | None] = None
    handlers: ClassVar[Handlers] = {}
    messages_class: ClassVar[type[Channel] | None] = None

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        self.host = host
        self.line = line
        self.session = session
        self.client: Capabilities = established.client
        self.state = "linked"
        self._watched: list[tuple[Watched, Told]] = []
        self._watched_early: list[tuple[Watched, Told]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} on {self.line.connection}>"

    @property
    def id(self) -> int:
        """The channel id."""
        return self.line.key[1]

    @property
    def messages(self) -> Channel:
        """The message layer."""
        return self.line.messages

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        return None

    @property
    def few_messages(self) -> bool:
        """Whether clients send large messages here, as far as has been seen."""
        return False

    @property
    def full(self) -> bool:
        """Whether nothing more of the client's should be read for now."""
        return False

    def client_has(self, capability: WireEnum) -> bool:
        """Whether the client announced a capability of this channel (SPICE-FRAME-005)."""
        return self.client.has(capability)

    # -- what channels do

    def start(self, now: float) -> None:
        """The link stage is over."""

    def handle(self, value: Any, now: float) -> None:
        """A message of the client."""
        if self.line.left:
            return
        if self.state in _ON_THE_WAY and self.handle_on_the_way(value, now):
            return
        handler = self.handlers.get(type(value))
        if handler is not None and (not handler.states or self.state in handler.states):
            handler.act(self, value, now)

    def tick(self, now: float) -> None:
        """Time has passed."""

    def ready(self) -> None:
        """The client has acknowledged enough: what waited was sent, and more can be."""

    def end(self, now: float) -> None:
        """The channel is closed; nothing can be sent any more."""
        for watched, told in self._watched:
            watched.unwatch(told)

    # -- migration: at the source

    def begin(self, now: float) -> None:
        """:meth:`start`, and listen for the end of the session here."""
        self.watch(self.session, self._leaves, Leaves)
        self.start(now)

    def _leaves(self, news: Leaves) -> None:
        if self.state == "arriving":
            self.line.drop("the session leaves before it has arrived")
        elif news.kind == "seamless":
            self.set_out(self.host.now)
        else:
            self.line.leave(self.host.now + PATIENCE)

    def set_out(self, now: float) -> None:
        """Go on at the destination (SPICE-MIG-041, SPICE-MIG-042)."""
        self.settle(now)
        self.send(self.migrate())
        if self.carried is None:
            self.depart()
        else:
            self.state = "leaving"
            self.line.limit(now + PATIENCE)

    def migrate(self) -> common.Migrate:
        """What the client is still to do here."""
        return common.Migrate(MigrateFlags(0) if self.carried is None else _WITH_DATA)

    def last(self, now: float) -> tuple[common.MigrateData, ...]:
        """What is said behind MIGRATE (SPICE-MIG-042)."""
        return (moving.data(self.pack(now)),)

    def depart(self) -> None:
        """All is said."""
        self.line.leave(self.host.now + PATIENCE)

    def settle(self, now: float) -> None:
        """Say what is still to be said before MIGRATE."""

    def pack(self, now: float) -> Any:
        """What the destination has to know, a value of ``carried``."""
        raise NotImplementedError

    def beside(self) -> Any:
        """What goes to the destination with the guest, and not through the client, once the guest stands still: a structure, or
        None. Nothing of it changes until :meth:`unfreeze`, and there :meth:`brought` has it.
        """
        return None

    def unfreeze(self) -> None:
        """The guest has stayed, and goes on."""

    def late(self, value: Any, now: float) -> None:
        """What the client has said before it heard of the end; what nobody keeps is lost, as on a machine that stands still."""

    # -- migration: at the destination

    def await_arrival(self) -> None:
        """The client has linked ahead: nothing is said, and nothing heard, until the session has arrived (SPICE-MIG-020)."""
        self.state = "arriving"
        self.line.hold()
        self.watch(self.session, self._came, Came)
        self.watch(self.session, self._arrived, Arrived)
        self.watch(self.session, self._leaves, Leaves)

    def _arrived(self, news: Arrived) -> None:
        if self.state != "arriving":
            return
        now = self.host.now
        if not news.seamless:
            self.arrive()
            self.start(now)
        elif self.carried is None:
            self.arrive()
            self.go_on(None, now)
        else:
            self.state = "moving"
        self.line.release(now)

    def _came(self, news: Came) -> None:
        self._end_early()
        self.guest_came()

    def guest_came(self) -> None:
        """The guest is here, and the channel goes on later: take down what happens meanwhile, with :meth:`watch_early`, as far
        as :meth:`go_on` can not find it out. Who begins anew needs nothing of it.
        """

    def watch_early(self, watched: Watched, told: Told, *news: type) -> None:
        """Listen to something until the channel begins, or goes on."""
        self.watch(watched, told, *news)
        self._watched_early.append(self._watched[-1])

    def arrive(self) -> None:
        """The channel is about to begin, or to go on."""
        self.state = "linked"
        self._end_early()

    def _end_early(self) -> None:
        early, self._watched_early = self._watched_early, []
        for pair in early:
            self._watched.remove(pair)
            pair[0].unwatch(pair[1])

    def brought(self, kind: type[Beside]) -> Beside | None:
        """What came with the guest for this channel (:meth:`beside`). Raises RemoteError if it is nothing of this kind."""
        found = self.session.beside.get(self.line.key)
        if found is None:
            return None
        try:
            return msgspec.convert(found, kind)
        except msgspec.ValidationError as error:
            raise RemoteError(f"what came with the guest for a channel: {error}") from None

    def go_on(self, data: Any, now: float) -> None:
        """Go on where the source left the channel, with what it has sent, a value of ``carried``; None where it sends nothing.

        Raises RemoteError for what it can not have sent.
        """
        self.start(now)

    def handle_on_the_way(self, value: Any, now: float) -> bool:
        """A message at the source after MIGRATE, or at the destination before MIGRATE_DATA; whether that was all about it."""
        if self.state == "leaving":
            if isinstance(value, common.MigrateFlushMark):
                self.line.send(*self.last(now))
                self.depart()
            elif type(value) in self.handlers:
                self.late(value, now)
            return True
        assert self.carried is not None
        if isinstance(value, common.MigrateData):
            self.arrive()
            try:
                self.go_on(moving.read(self.carried, value), now)
            except RemoteError as error:
                self.refuse_data(error)
        elif type(value) in self.handlers:
            # Who brings nothing begins anew.
            self.arrive()
            self.start(now)
            return False
        return True

    def refuse_data(self, error: RemoteError) -> None:
        """The client brings what is of no use (SPICE-MIG-056): without this channel the session can not go on."""
        self.session.tell(Broken(f"{type(self).__name__} can not go on: {error}"))

    # -- what channels need for it

    def send(self, *values: Any) -> None:
        """Send messages; those for which the client has to acknowledge others wait. Behind MIGRATE nothing is sent."""
        if self.state != "leaving":
            self.line.send(*values)

    def watch(self, watched: Watched, told: Told, *news: type) -> None:
        """Listen to something until the end."""
        told = self.host.guarded(self.line.connection, told)
        self._watched.append((watched, told))
        watched.watch(told, *news)
