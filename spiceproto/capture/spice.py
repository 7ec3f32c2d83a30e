"""SPICE on one connection of a capture, the layer on top of the others: the link stage, then messages in both directions.

:class:`Spice` is the sink that the layers below feed. The link stage is watched by
:class:`~spiceproto.link.observer.LinkObserver`; after it each direction is a :class:`~spiceproto.capture.lane.Lane`. What
they find goes to a :class:`~spiceproto.capture.consumer.Consumer`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from spiceproto import dispatch
from spiceproto.capture.consumer import Consumer
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.lane import Lane
from spiceproto.capture.layers import Connection, Piece, Recognised
from spiceproto.capture.main_channel import MainChannel
from spiceproto.capture.migrations import Migrations
from spiceproto.capture.outcomes import Outcomes
from spiceproto.capture.repeats import Repeats
from spiceproto.capture.sessions import Gathered, Sessions
from spiceproto.channels import NAMES, channel_name
from spiceproto.errors import RemoteError, SpiceError
from spiceproto.framing import Spans
from spiceproto.link import Established, Failed, Item, LinkObserver, Opaque, Problem, Step

if TYPE_CHECKING:
    from spiceproto.capture.carried import Carried
    from spiceproto.capture.held_connection import HeldConnection

__all__ = ["Owner", "Spice"]

_TRANSPORT_SEVERITIES = {"tls-opaque": "note", "tls-alert": "error", "proxy-refused": "error", "versions-settled": "note"}
_CARRIERS = ("usbredir", "webdav", "port", "smartcard")
"""Channels that carry a protocol of their own."""

_NUMBER = "connection-id"
"""What a link stage has to say about the session that it names."""

_TRANSPORT_ENDS = ("proxy-refused", "proxy-unanswered")
"""Problems of the transport behind which no SPICE follows."""


class Owner(Protocol):
    """What this layer needs of the decoder it works for.

    * ``consumer``: who is told
    * ``sessions``: all of the capture
    * ``outcomes``: what became of them
    * ``migrations``: those that go to another server
    * ``repeats``: link stages, each of which there is once
    * ``undecoded``: bytes that nobody could read
    * ``incomplete``: bytes of messages that the end of a stream cut off
    """

    consumer: Consumer
    sessions: Sessions
    outcomes: Outcomes
    migrations: Migrations
    repeats: Repeats
    undecoded: int
    incomplete: int


def _sender(from_client: bool) -> str:
    return "client" if from_client else "server"


class Spice:
    """One connection, of which ``conversation`` says what is known.

    ``channel``, perhaps with ``:id``, and ``mini`` are for a connection whose link stage the capture does not have; an
    empty channel is one that nobody knows.
    """

    __slots__ = (
        "_begun",
        "_carried",
        "_lanes",
        "_link",
        "_loss",
        "_main",
        "_named",
        "_opaque",
        "_owner",
        "_random",
        "_stray",
        "conversation",
    )

    def __init__(self, owner: Owner, connection: Connection, *, channel: str | None = None, mini: bool = True) -> None:
        self.conversation = conversation = Conversation(connection)
        self._owner = owner
        self._opaque = 0
        self._named = False
        self._stray: tuple[Problem, At] | None = None
        self._random = b""
        self._lanes: dict[bool, Lane] = {}
        self._main = MainChannel(owner, conversation, self)
        self._carried: Carried | None = None
        self._link: LinkObserver | None = LinkObserver()
        self._begun: list[Piece] = []
        self._loss: HeldConnection | None = None
        self._tell_versions()
        if channel is not None:
            name, _, number = channel.partition(":")
            self._link = None
            conversation.channel = name
            conversation.table = name or dispatch.COMMON
            conversation.session = owner.sessions.unlinked(connection.server)
            conversation.channel_id = int(number or 0)
            if connection.recognised is not None:
                conversation.channel_id = conversation.session.count(name)
                self._main.join()
                owner.migrations.joined(self)
            if connection.recognised is None:
                from spiceproto.capture.header_choice import HeaderChoice

                self._loss = HeaderChoice(connection, name)
                return
            self._announce()
            self._start(mini=mini)
            owner.undecoded += connection.skipped_bytes
            if name:
                self._search(connection.lost_ends)
            elif connection.skipped_bytes:
                self.report("channel-unknown", At("", connection.time_ns, connection.frame))

    def _tell_versions(self) -> None:
        """What was found before anybody knew that this is SPICE."""
        connection = self.conversation.connection
        for side, found in connection.versions.items():
            for code, text in (("versions-settled", found.settled_words(side)), ("versions", found.contested_words(side))):
                if text:
                    self.problem(code, text, side == "client", connection.time_ns, connection.frame)

    # -- the sink of the transport

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes of one side."""
        lane = self._lanes.get(from_client)
        if lane is not None:
            connection = self.conversation.connection
            if from_client in connection.unheard_ends:
                connection.unheard_ends.discard(from_client)
                if not lane.begins(chunk):
                    lane.gap(0, At(lane.sender, time_ns, frame))
                connection.shortcut(self, from_client, lane.receive)
            lane.receive(from_client, chunk, time_ns, frame)
        elif self._loss is not None:
            self._loss.data(from_client, chunk, time_ns, frame)
            self._recover()
        elif self._link is not None:
            self._begun.append((from_client, chunk, time_ns, frame))
            if self._begins_late(from_client, chunk):
                self._lose()
                return
            self._link_stage(self._link.receive(_sender(from_client), chunk), time_ns, frame)
        else:
            self._opaque += len(chunk)
            self._owner.undecoded += len(chunk)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        at = At(_sender(from_client), time_ns, frame)
        self.report("gap", at, actual=f"{size} bytes")
        self._main.lose(at)
        lane = self._lanes.get(from_client)
        if lane is not None:
            if self._carried is not None:
                self._carried.lose(at.sender)
            lane.gap(size, at, exact=not any(layer.startswith("tls") for layer in self.conversation.connection.layers))
        elif self._loss is not None:
            self._loss.gap(from_client, size, time_ns, frame)
        elif self._link is not None:
            self._begun.append((from_client, size, time_ns, frame))
            self._lose()

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """The transport below has a problem."""
        if code == "tls-opaque":
            self._opaque = self.conversation.connection.opaque_bytes
            self._owner.undecoded += self._opaque
        if code in _TRANSPORT_ENDS or ((self.conversation.connection.opaque or code == "tls-alert") and not self._begun):
            self._link = None
            self._announce()
        self._owner.consumer.problem(
            Diagnostic(
                severity=_TRANSPORT_SEVERITIES.get(code, "warning"),
                code=code,
                text=text,
                at=At(_sender(from_client), time_ns, frame),
                conversation=self.conversation,
            )
        )

    def closed(self, time_ns: int, frame: int) -> None:
        """Nothing more will come: what is unfinished is told."""
        if self.conversation.connection.midstream and self._link is not None and not any(piece[0] for piece in self._begun):
            self._lose()  # what this answers was said before the capture
        if self._link is not None:
            self._link_stage(self._link.closed(self.conversation.seen_ends[:1]), time_ns, frame)
        elif self._loss is not None:
            self._recover(last=True)
        ends = self.conversation.connection.ends
        for lane in self._lanes.values():
            lane.finish(At(lane.sender, time_ns, frame), ended=lane.sender in ends)
            if self._carried is not None:
                self._carried.finish(At(lane.sender, time_ns, frame), ended=lane.sender in ends)
        if self._stray is not None and not self._owner.migrations.explains(self.conversation):
            self._tell_link_problem(*self._stray)
        at = At("", time_ns, frame)
        if self._opaque and self.conversation.connection.layers[-1].startswith("sasl"):
            self.report("sasl-encrypted", at, actual=f"{self._opaque} bytes")
        self._main.closed(at, ends)
        if self.conversation.copy_of is None:
            self._owner.outcomes.closed(self.conversation)
        self._owner.consumer.closed(self.conversation, at)

    # -- the link stage

    def _link_stage(self, items: list[Item], time_ns: int, frame: int) -> None:
        for item in items:
            if isinstance(item, Problem):
                self._link_problem(item, At(item.sender, time_ns, frame))
            elif isinstance(item, Step):
                self._note(item)
                self._owner.consumer.link(self.conversation, item, At(item.sender, time_ns, frame))
            else:
                self._link_over(item, At("", time_ns, frame))

    def _link_problem(self, item: Problem, at: At) -> None:
        if item.code == _NUMBER and self.conversation.channel == "main":
            if not self._is_expected():
                self._stray = item, at  # what it does there may say that it has come from another server
            return
        self._tell_link_problem(item, at)

    def _tell_link_problem(self, item: Problem, at: At) -> None:
        self._owner.consumer.problem(
            Diagnostic(
                severity=item.severity,
                code=item.code if item.code.startswith("link-") else f"link-{item.code}",
                text=item.rule.removesuffix("."),
                at=at,
                conversation=self.conversation,
                where=f"byte {item.offset} of the link stage",
                expected=item.expected,
                actual=item.actual,
            )
        )

    def _note(self, item: Step) -> None:
        """The link message says which channel this is; some of the rest is in no other link stage."""
        if item.kind == "link-reply":
            self._random = bytes(item.value.pub_key)
        elif item.kind == "ticket":
            self._random = bytes(item.value.encrypted_data)
        elif item.kind in ("sasl-challenge", "sasl-response"):
            self._random += bytes(item.value.data)
        elif item.kind == "link-message":
            conversation, message = self.conversation, item.value
            conversation.channel = conversation.table = channel_name(int(message.channel_type))
            conversation.channel_id = message.channel_id
            conversation.connection_id = message.connection_id

    def _link_over(self, item: Established | Failed | Opaque, at: At) -> None:
        self._link = None
        stage, self._begun = self._begun, []
        conversation = self.conversation
        if isinstance(item, Failed):
            if item.seen and conversation.channel:
                session = self._owner.sessions.find(conversation.connection.server, conversation.connection_id)
                self._owner.outcomes.failed(conversation, session.number if session is not None else 0)
            self._announce()
            self._owner.consumer.link(conversation, item, at)
            rest = len(item.client_rest) + len(item.server_rest)
            self.undecoded(rest)
            if rest and item.seen:
                self.report("bytes-after-refusal", at, actual=f"{rest} bytes")
            elif rest:
                self.report("link-stage-not-seen", at, actual=f"{rest} bytes")
            return
        established = item.established if isinstance(item, Opaque) else item
        conversation.client_capabilities = established.client
        conversation.server_capabilities = established.server
        conversation.mini_header = established.mini_header
        ends = established.client_offset, established.server_offset
        original = self._owner.repeats.find(conversation, stage, ends, self._random)
        if original is not conversation:
            conversation.copy_of = original
            conversation.session = original.session
        else:
            conversation.session = self._session()
            self._owner.outcomes.linked(conversation, at.time_ns)
            self._owner.migrations.linked(self, at.time_ns)
        self._announce()
        if original is not conversation:
            self.report("copy", at, actual=f"connection {original.connection.number}")
        self._owner.consumer.link(conversation, item, at)
        if isinstance(item, Opaque):
            conversation.connection.layers.append(f"sasl-{item.sasl_mechanism.lower()}")
        else:
            self._start(mini=established.mini_header)
        for from_client, begun in ((True, established.client_rest), (False, established.server_rest)):
            if begun:
                self.data(from_client, begun, at.time_ns, at.frame)

    def _session(self) -> Gathered:
        """The one that its link message names."""
        conversation, sessions = self.conversation, self._owner.sessions
        client = conversation.connection.client[0] if conversation.channel == "main" else ""
        return sessions.linked(conversation.connection.server, conversation.connection_id, client)

    def _is_expected(self) -> bool:
        """Whether main may name a session, which is to come from another server."""
        conversation, sessions = self.conversation, self._owner.sessions
        connection, number = conversation.connection, conversation.connection_id
        session = sessions.find(connection.server, number)
        if session is None:
            return sessions.announced(connection.server, connection.client[0]) is not None
        return self._owner.migrations.expects(session.number)

    def _begins_late(self, from_client: bool, chunk: bytes) -> bool:
        """Whether the first bytes of a side are not those of a link stage, and may not be the first that it sent."""
        connection = self.conversation.connection
        known = connection.syn_seen and not (from_client and connection.midstream)
        if known or sum(piece[0] == from_client for piece in self._begun) > 1:
            return False
        return not chunk.startswith(b"REDQ"[: len(chunk)])

    def _lose(self) -> None:
        """Bytes of the link stage are missing: what there is of it, and the messages, have to say the rest."""
        from spiceproto.capture.link_loss import LinkLoss

        self._link = None
        self._loss = LinkLoss(self.conversation.connection, self.conversation.channel)
        for from_client, what, time_ns, frame in self._begun:
            if isinstance(what, int):
                self._loss.gap(from_client, what, time_ns, frame)
            else:
                self._loss.data(from_client, what, time_ns, frame)
        self._begun = []

    def _recover(self, *, last: bool = False) -> None:
        """Go on behind a link stage that is not whole, as soon as it is clear how."""
        loss, conversation = self._loss, self.conversation
        assert loss is not None
        found = loss.look(last=last)
        if found is None:
            if loss.over or last:
                self._loss = None
                self._announce()
                self.report("link-stage-lost", loss.at)
                self.undecoded(loss.size)
            return
        self._loss, at = None, loss.at
        if loss.named:
            conversation.mini_header = found.mini
            self._announce()
            self._go_on(loss, found)
            return
        server, sessions = conversation.connection.server, self._owner.sessions
        if conversation.channel:
            conversation.session = self._session()
            self._owner.outcomes.linked(conversation, at.time_ns)
            self._owner.migrations.linked(self, at.time_ns)
        else:
            conversation.channel = found.channel
            conversation.table = found.channel or dispatch.COMMON
            conversation.session = sessions.joined(server)
            self._owner.migrations.joined(self)
        self._announce()
        self.report("link-stage-recovered", at)
        self._go_on(loss, found)

    def _go_on(self, held: HeldConnection, found: Recognised) -> None:
        """Decode what was held, and what follows."""
        lost = held.lost(found)
        self.conversation.connection.unheard_ends = {end for end, start in found.starts.items() if start is None} - lost
        self.undecoded(sum(held.skipped(found).values()))
        self._start(mini=found.mini)
        self._search(lost)
        for from_client, what, time_ns, frame in held.pieces(found):
            lane = self._lanes[from_client]
            if isinstance(what, int):
                lane.gap(what, At(lane.sender, time_ns, frame))
            else:
                lane.receive(from_client, what, time_ns, frame)

    def _search(self, ends: Collection[bool]) -> None:
        """Messages of these ends begin somewhere in what will come."""
        for from_client in ends:
            lane = self._lanes[from_client]
            lane.gap(0, At(lane.sender, 0, 0))

    def _announce(self) -> None:
        if not self._named:
            self._named = True
            self._owner.consumer.connection(self.conversation)

    def _start(self, *, mini: bool) -> None:
        """Both lanes are open."""
        conversation = self.conversation
        conversation.mini_header = mini
        if conversation.table in _CARRIERS:
            from spiceproto.capture.carried import Carried

            midway = conversation.client_capabilities is None
            self._carried = Carried(conversation, self._owner.consumer, self, midway=midway)
        if conversation.table in (*NAMES, dispatch.COMMON):
            self._lanes = {True: self._lane("client", mini=mini), False: self._lane("server", mini=mini)}
            for from_client, lane in self._lanes.items():
                if from_client not in conversation.connection.unheard_ends:
                    conversation.connection.shortcut(self, from_client, lane.receive)

    def _lane(self, sender: str, *, mini: bool) -> Lane:
        conversation = self.conversation
        emit = self._owner.consumer.lane(conversation, sender)
        if self._carried is not None:
            emit = self._carried.follow(sender, emit)
        hooks = {**self._owner.migrations.hooks(conversation, sender), **self._main.hooks(sender)}
        return Lane(conversation.table, sender, mini=mini, hooks=hooks, emit=emit, reporter=self)

    @property
    def agent_table(self) -> str:
        """That of the messages which client and agent exchange there."""
        return self._main.agent_table

    def go_on(self, source: Spice | None) -> None:
        """It goes on at another server where ``source`` has stopped; None where that was not seen."""
        self._main.go_on(source._main if source is not None else None)
        if self._carried is not None:
            self._carried.go_on(source._carried if source is not None else None)

    # -- the reporter of its lanes

    def report(self, code: str, at: At, *, expected: str = "", actual: str = "") -> None:
        """Hand a problem of this connection to the consumer."""
        self._owner.consumer.problem(Diagnostic.of(code, self.conversation, at, expected=expected, actual=actual))

    def failed(self, what: str, error: SpiceError, at: At) -> None:
        """A message could not be parsed."""
        self._owner.consumer.problem(Diagnostic.malformed(what, error, self.conversation, at))

    def listed(self, spans: Spans, at: At) -> None:
        """Where the messages inside the next one stand in it."""
        self._owner.consumer.listed(self.conversation, at, spans)

    def unlisted(self, type: int, size: int, error: RemoteError, at: At) -> None:
        """The messages inside one cannot be found."""
        self.failed("sub-messages", error, at)
        self._owner.consumer.unlisted(self.conversation, at, type, size, error)

    def unfinished(self, type: int, size: int, have: int, at: At) -> None:
        """A message is not whole and will not be."""
        self._owner.consumer.unfinished(self.conversation, at, type, size, have)

    def undecoded(self, size: int) -> None:
        """Count bytes that nobody could read."""
        self._owner.undecoded += size

    def incomplete(self, size: int) -> None:
        """Count bytes of messages that the end of a stream cut off."""
        self._owner.incomplete += size
