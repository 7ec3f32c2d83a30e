"""The suite as a client: the target is a server.

A case gets a :class:`SuiteClient`. What it links is an :class:`Ask`, and the link stage a ladder of which a case takes as
many steps as it wants:

    wire = client.connect()              a connection on which nothing was said
    wire = client.ask(Ask(INPUTS))       ... on which a link message was sent
    wire.reply()                         the link reply; wire.answer() if it may be a refusal
    wire.log_in()                        mechanism and ticket; wire.choose_ticket() and wire.ticket() apart
    wire.result()                        how the server took the login; wire.conclude() for all three
    wire.talk()                          the messages of the channel
    client.link(Ask(INPUTS))             all of it, for a case that is about something else

:meth:`SuiteClient.session` and :meth:`SuiteClient.channel` do what stands at the beginning of most cases.

Of a migration :attr:`SuiteClient.destination` is the same client at the other server.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, Unpack

from conformance import channels
from conformance.case import SIGN_OF_LIFE
from conformance.client_wire import Ask, ClientWire
from conformance.naming import channel_names
from conformance.network import ServerNetwork, Stream
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable
from conformance.peer import Peer
from conformance.talk import Message, Talk
from conformance.target import Target
from conformance.wire_form import Freedom, link_message
from spiceproto import dispatch, framing
from spiceproto.capabilities import Capabilities
from spiceproto.controls import control
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main

__all__ = ["SuiteClient"]

_BAD_ID: Final = 0x5EED5EED
_MAIN: Final = Ask()
_OTHER_CHANNELS: Final = (
    "SPICE-LINK-014/every-channel",
    "SPICE-LINK-001/other-channels",
    "SPICE-LINK-003/first-bytes-on-cursor",
)
"""Cases about the links of other channels than main."""

_LIST: Final = "SPICE-MAIN-012/asked-once"
"""The case that shows that a list comes at all."""

_LIST_AGAIN: Final = SIGN_OF_LIFE["server"]
"""The case that shows that a list comes whenever it is asked for."""

_LIST_OF_SENSE: Final = "SPICE-MAIN-028/first-list"
"""The case about a list that names nothing to look at and nothing to type into."""

_SENSE: Final = frozenset({ChannelType.DISPLAY, ChannelType.INPUTS})


class SuiteClient(Peer):
    """The suite's end of a case about a server.

    ``session_id``  of the last INIT; 0 before
    ``init``        the last INIT itself
    ``listed``      type and id of what the last list of that session names; None before
    ``place``       the server that it connects to: 0 for where a session begins, 1 for the destination of a migration
    """

    network: ServerNetwork
    init: main.Init

    def __init__(self, network: ServerNetwork, target: Target) -> None:
        super().__init__(network)
        self.target = target
        self.session_id = 0
        self._main: Talk | None = None
        self.listed: set[tuple[int, int]] | None = None
        self.place = 0
        self._destination: SuiteClient | None = None

    @property
    def destination(self) -> SuiteClient:
        """The same client at the destination of a migration: its clock, its record and what the case rests on are the same.

        Links there, main among them, name the session that it has when this is first asked for.
        """
        if self._destination is None:
            found = self._destination = copy.copy(self)
            found.place, found._main, found.listed = 1, None, None
        return self._destination

    @property
    def password(self) -> str:
        """Of the target, "" for none."""
        return self.target.password

    @property
    def username(self) -> str:
        """Of the target, for SASL; the password is the same as that of the ticket."""
        return self.target.username

    @property
    def main_talk(self) -> Talk:
        """The main channel of the last session."""
        assert self._main is not None, "there is no session yet"
        return self._main

    @property
    def bad_connection_id(self) -> int:
        """An id that no session has."""
        return _BAD_ID if self.session_id != _BAD_ID else _BAD_ID + 1

    def usual(self, channel_type: int = ChannelType.MAIN, *, common: Capabilities | None = None) -> Capabilities:
        """What the suite announces on a channel; ``common`` stands in for the half that all channels have."""
        if common is None and "sasl-only" in self.target.has:
            common = channels.COMMON.with_(CommonCapability.AUTH_SASL)
        return channels.announced("client", channel_type, common)

    def awaits(self, table: str, message: str) -> None:
        self.relies_on(*channels.shown_by("server", table, message))

    # -- the link stage

    def connect(self, ask: Ask = _MAIN) -> ClientWire:
        """A connection on which nothing was said, for what is asked on it later."""
        secure = ask.secure
        if secure is None:
            secure = self.target.secure or ask.channel_type in self.target.secured
        try:
            stream = self.network.connect(secure=secure, place=self.place)
        except TargetUnusable as error:
            raise Failure("a connection", str(error)) from None
        client = self.usual(ask.channel_type) if ask.capabilities is None else ask.capabilities
        password = self.password if ask.password is None else ask.password
        return ClientWire(self, stream, ask, client=client, password=password, username=self.username)

    def ask(self, ask: Ask = _MAIN, **freedom: Unpack[Freedom]) -> ClientWire:
        """A connection on which a link message was sent; ``freedom`` says what is wrong about it."""
        wire = self.connect(ask)
        connection_id = ask.connection_id
        if connection_id is None:
            begins = ask.channel_type == ChannelType.MAIN and not self.place
            connection_id = 0 if begins else self.session_id
        usual = Freedom(common_caps=wire.client.common, channel_caps=wire.client.channel)
        data = link_message(ask.channel_type, ask.channel_id, connection_id, **(usual | freedom))
        wire.send(data, f"link message for {ask.name}, connection id {connection_id}")
        return wire

    def ask_for_ticket(self, ask: Ask = _MAIN, **freedom: Unpack[Freedom]) -> ClientWire:
        """A connection on which the server waits for nothing but the ticket. Raises Failure."""
        wire = self.ask(ask, **freedom)
        wire.reply()
        wire.choose_ticket()
        return wire

    def link(self, ask: Ask = _MAIN, **freedom: Unpack[Freedom]) -> Talk:
        """A channel, linked. Raises Failure if the server refuses."""
        if ask.channel_type != ChannelType.MAIN:
            self.relies_on(*_OTHER_CHANNELS)
        wire = self.ask(ask, **freedom)
        found = wire.conclude()
        if not found.ok:
            raise Failure(found.expected, str(found))
        return wire.talk()

    # -- what most cases begin with

    def main(self, ask: Ask = _MAIN, **freedom: Unpack[Freedom]) -> Talk:
        """The main channel of a new session, with INIT read: ``session_id`` is known."""
        talk = self.link(ask, **freedom)
        self.init = talk.expect("INIT")
        self.session_id = self.init.session_id
        self._main = talk
        self.listed = None
        return talk

    def ahead(self, ask: Ask = _MAIN) -> Talk:
        """Main at the destination of a migration, on which nothing is said before that is over."""
        self._main = self.link(ask)
        return self._main

    def channels(self, talk: Talk) -> set[tuple[int, int]]:
        """Ask for the list of channels."""
        self.relies_on(_LIST)
        talk.send(main.AttachChannels())
        found: main.ChannelsList = talk.expect("CHANNELS_LIST")
        self.listed = {(int(item.type), item.id) for item in found.channels}
        return set(self.listed)

    def not_listed(self, listed: Iterable[tuple[int, int]], *wanted: tuple[int, int]) -> Blocked | NotApplicable:
        """What to raise where a list names none of the channels that a case needs.

        That is a reason of the target's own, unless the list leaves out what every list has to name.
        """
        has = f"the list of channels has no {channel_names(wanted)}, but {channel_names(listed)}"
        if _SENSE.intersection([kind for kind, _ in listed]):
            return NotApplicable(has)
        self.relies_on(_LIST_OF_SENSE)
        return Blocked(has, (_LIST_OF_SENSE,))

    def need_listed(self, listed: Iterable[tuple[int, int]], *wanted: tuple[int, int]) -> None:
        """A list names all of these channels. Raises what :meth:`not_listed` says."""
        missing = set(wanted).difference(listed)
        if missing:
            raise self.not_listed(listed, *missing)

    def session(self, ask: Ask = _MAIN, **freedom: Unpack[Freedom]) -> tuple[Talk, set[tuple[int, int]]]:
        """Main of a new session, and the channels it lists."""
        talk = self.main(ask, **freedom)
        return talk, self.channels(talk)

    def channel(self, ask: Ask, *, wait: bool = True) -> Talk:
        """A channel behind main, linked and greeted: what a client says first is said, and what it waits for has come.

        Without ``wait`` what has come lies in the inbox. Where there is no session there is one then; raises what
        :meth:`not_listed` says if the list that was read last does not name the channel.
        """
        if self._main is None:
            self.session()
        if self.listed is not None:
            self.need_listed(self.listed, (ask.channel_type, ask.channel_id))
        talk = self.link(ask)
        self.greet(talk)
        row = channels.greeting(talk.table)
        if wait and row.awaited:
            talk.expect(row.awaited)
        return talk

    def greet(self, talk: Talk) -> None:
        """What a client says first on a channel. A server may wait for it, and do nothing else meanwhile."""
        talk.send(*channels.greeting(talk.table).client_says)

    def so_far(self, talk: Talk, *names: str, why: str = "") -> list[Message]:
        """What has come on main with these names once the server has dealt with all that was sent to it. Raises Failure.

        The list of channels is asked for, and waited for; of a server that is known not to answer that twice, less is known:
        see :meth:`_still_there`. What lies in the inbox counts as well.
        """
        if self.known_to_fail(_LIST_AGAIN):
            return self._still_there(talk, names, why)
        self.relies_on(_LIST_AGAIN)
        talk.drop("CHANNELS_LIST")
        talk.send(main.AttachChannels(), text="ATTACH_CHANNELS, to see that the server goes on")
        found: list[Message] = []
        try:
            while (message := talk.expect_message("CHANNELS_LIST", *names)).name != "CHANNELS_LIST":
                found.append(message)
            _ = message.parsed
        except Failure as failure:
            raise Failure(f"the session goes on{f' ({why})' if why else ''}: CHANNELS_LIST", failure.actual) from None
        return found

    def _still_there(self, talk: Talk, names: tuple[str, ...], why: str) -> list[Message]:
        """What has come on main, which stays open for a short time, while the server answers another link. Raises Failure."""
        self.step(
            f"see that {talk.name} stays open, and that another link is answered: lists do not come whenever they are asked for"
        )
        self.wait_quiet()
        wire = self.ask()
        answer = wire.answer()
        wire.close()
        if answer.kind == "silence":
            raise Failure(f"the server goes on{f' ({why})' if why else ''}: an answer to another link", str(answer))
        talk.expect_open(why)
        found = talk.unread(*names) if names else []
        talk.drop(*names)
        return found

    def alive(self, talk: Talk, why: str = "") -> None:
        """The main channel still answers: the server has dealt with all that was sent to it before. Raises Failure."""
        talk.drop()
        self.so_far(talk, why=why)

    def finish(self) -> None:
        """Leave channels as clients do: not while the server is still setting them up."""
        if self.network.virtual:
            return
        for stream in self.network.streams:
            line = stream.line
            if not stream.open or line.established is None:
                continue
            table = line.channel.partition(":")[0]
            row = channels.greeting(table)
            if not row.kept_until:
                continue
            writer = framing.Writer(line.established.mini_header)
            if stream.place and not any(_said(stream, table, value) for value in row.client_says):
                continue  # it was linked ahead, or its state has come along: nothing is begun there any more
            for value in row.client_says:
                if not _said(stream, table, value):
                    stream.send(writer.frame(*dispatch.build(table, "client", value)))
            self.network.run(partial(_came, stream, row.kept_until), self.network.patience)

    # -- what a target may or may not have

    def control(self, verb: str, *values: Any) -> Any:
        """Have something done to the server from outside; values in the order of :data:`spiceproto.controls.CONTROLS`.

        Raises NotApplicable where nobody can.
        """
        names = [value.name for value in control("server", verb).values]
        return self.target.tell(self, verb, dict(zip(names, values, strict=True)))


def _said(stream: Stream, table: str, value: Any) -> bool:
    return stream.line.counts["client", dispatch.row_of(table, "client", value).name] > 0


def _came(stream: Stream, name: str) -> bool:
    return bool(stream.ended) or stream.line.counts["server", name] > 0
