"""One SPICE connection of a capture: the link stage, then a row of messages in each direction.

A :class:`Conversation` is the sink that the transport layers feed; it hands what it finds to a
:class:`~spiceproto.capture.consumer.Consumer`. Each direction after the link stage is a :class:`~spiceproto.capture.lane.Lane`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spiceproto import dispatch
from spiceproto.agent import AgentReader
from spiceproto.agent import table as agent_table
from spiceproto.capture.consumer import CHANNELS, Owner, Problem, channel_name
from spiceproto.capture.lane import Lane
from spiceproto.capture.sessions import Session
from spiceproto.enums.agent import AgentMessageType
from spiceproto.errors import RemoteError, SpiceError
from spiceproto.link import Established, Failed, LinkObserver, Opaque, Record
from spiceproto.link import Problem as LinkProblem

if TYPE_CHECKING:
    from spiceproto.capture.layers import Connection

__all__ = ["Conversation"]

_TRANSPORT_NOTES = ("tls-opaque",)


class Conversation:
    """One connection. Attributes are settled once ``connection`` of the consumer was called.

    ``channel``      "main", "display", ...; "channel-77" for a number that means none
    ``table``        the message table of that channel
    ``session``      the session this connection belongs to, or None
    """

    __slots__ = (
        "_agent",
        "_agent_bits",
        "_lanes",
        "_link",
        "_named",
        "channel",
        "channel_id",
        "client_capabilities",
        "connection",
        "connection_id",
        "mini_header",
        "opaque",
        "owner",
        "server_capabilities",
        "session",
        "table",
    )

    def __init__(self, owner: Owner, connection: Connection, *, channel: str | None = None) -> None:
        self.owner = owner
        self.connection = connection
        self.channel = ""
        self.channel_id = 0
        self.table = ""
        self.connection_id = 0
        self.session: Session | None = None
        self.client_capabilities: Any = None
        self.server_capabilities: Any = None
        self.mini_header = True
        self.opaque = 0
        self._named = False
        self._lanes: dict[bool, Lane] = {}
        self._agent = {"client": AgentReader(), "server": AgentReader()}
        self._agent_bits = {"client": 0, "server": 0}
        self._link: LinkObserver | None = LinkObserver()
        if channel is not None:
            name, _, number = channel.partition(":")
            self._link = None
            self.channel = self.table = name
            self.channel_id = int(number or 0)
            self.session = owner.sessions.unlinked(connection.server)
            self._announce()
            self._start(mini=True)

    # -- the sink of the transport

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes of one side."""
        lane = self._lanes.get(from_client)
        if lane is not None:
            lane.receive(from_client, chunk, time_ns, frame)
        elif self._link is not None:
            self._link_stage(from_client, chunk, time_ns, frame)
        else:
            self.opaque += len(chunk)
            self.owner.undecoded += len(chunk)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        sender = "client" if from_client else "server"
        self.report("warning", "gap", "bytes are missing from the capture", sender, time_ns, frame, actual=f"{size} bytes")
        lane = self._lanes.get(from_client)
        if lane is not None:
            lane.gap(size, time_ns, frame)
        elif self._link is not None:
            self._link = None
            self._announce()
            self.report(
                "warning",
                "link-stage-lost",
                "bytes of the link stage are missing; the rest cannot be decoded",
                sender,
                time_ns,
                frame,
            )

    def closed(self, time_ns: int, frame: int) -> None:
        """The end."""
        if self._link is not None:
            self._link_ended(time_ns, frame)
        for lane in self._lanes.values():
            lane.finish(time_ns, frame)
        if self.opaque and self.connection.layers[-1].startswith("sasl"):
            self.report(
                "note",
                "sasl-encrypted",
                "the security layer of SASL hides what follows the login",
                "",
                time_ns,
                frame,
                actual=f"{self.opaque} bytes",
            )
        for sender, reader in self._agent.items():
            if reader.pending:
                self.report(
                    "note",
                    "agent-message-incomplete",
                    "the stream ends inside an agent message",
                    sender,
                    time_ns,
                    frame,
                    actual=f"{reader.pending} bytes",
                )
        self.owner.consumer.closed(self, time_ns, frame)

    # -- the link stage

    def _link_stage(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        assert self._link is not None
        self._link_items(self._link.receive("client" if from_client else "server", chunk), time_ns, frame)

    def _link_items(self, items: list[Any], time_ns: int, frame: int) -> None:
        for item in items:
            if isinstance(item, LinkProblem):
                code = item.code if item.code.startswith("link-") else f"link-{item.code}"
                self.report(
                    item.severity,
                    code,
                    item.rule.removesuffix("."),
                    item.sender,
                    time_ns,
                    frame,
                    expected=item.expected,
                    actual=item.actual,
                    where=f"byte {item.offset} of the link stage",
                )
            elif isinstance(item, Record):
                self._note(item)
                self.owner.consumer.link(self, item, time_ns, frame)
            else:
                self._link_over(item, time_ns, frame)

    def _note(self, item: Record) -> None:
        """The link message says which channel this is."""
        if item.kind == "link-message":
            message = item.value
            self.channel = self.table = channel_name(int(message.channel_type))
            self.channel_id = message.channel_id
            self.connection_id = message.connection_id

    def _link_over(self, item: Any, time_ns: int, frame: int) -> None:
        self._link = None
        if isinstance(item, Failed):
            self._announce()
            self.owner.consumer.link(self, item, time_ns, frame)
            rest = len(item.client_rest) + len(item.server_rest)
            if rest:
                self.owner.undecoded += rest
                self.report(
                    "note",
                    "bytes-after-refusal",
                    "bytes follow a link stage that failed",
                    "",
                    time_ns,
                    frame,
                    actual=f"{rest} bytes",
                )
            return
        established: Established = item.established if isinstance(item, Opaque) else item
        self.client_capabilities = established.client
        self.server_capabilities = established.server
        self.mini_header = established.mini_header
        self.session = self.owner.sessions.linked(self.connection.server, self.connection_id)
        self._announce()
        self.owner.consumer.link(self, item, time_ns, frame)
        if isinstance(item, Opaque):
            self.connection.layers.append(f"sasl-{item.sasl_mechanism.lower()}")
        else:
            self._start(mini=established.mini_header)
        for from_client, begun in ((True, established.client_rest), (False, established.server_rest)):
            if begun:
                self.data(from_client, begun, time_ns, frame)

    def _link_ended(self, time_ns: int, frame: int) -> None:
        assert self._link is not None
        self._link_items(self._link.closed(), time_ns, frame)

    def _announce(self) -> None:
        if not self._named:
            self._named = True
            self.owner.consumer.connection(self)

    def _start(self, *, mini: bool) -> None:
        """Both lanes are open."""
        self.mini_header = mini
        if self.table in CHANNELS:
            self._lanes = {True: Lane(self, "client", mini=mini), False: Lane(self, "server", mini=mini)}
            for from_client, lane in self._lanes.items():
                self.connection.shortcut(self, from_client, lane.receive)

    # -- what some messages mean for the rest

    def hooks(self, sender: str) -> dict[int, Callable[[Lane, bytes, int, int], None]]:
        """Message number to what has to be noted about it."""
        if self.table != "main":
            return {}
        by_name = {"AGENT_DATA": self._agent_data} | ({"INIT": self._main_init} if sender == "server" else {})
        return {row.number: by_name[row.name] for row in dispatch.rows("main", sender).values() if row.name in by_name}

    def _main_init(self, lane: Lane, body: bytes, time_ns: int, frame: int) -> None:
        if self.session is not None and len(body) >= 4:
            self.owner.sessions.identify(self.session, self.connection.server, int.from_bytes(body[:4], "little"))

    def _agent_data(self, lane: Lane, body: bytes, time_ns: int, frame: int) -> None:
        sender = lane.sender
        try:
            found = self._agent[sender].receive(body)
        except RemoteError as error:
            self._agent[sender] = AgentReader()
            self.failed(sender, "agent", error, time_ns, frame)
            return
        for number, _, content in found:
            name = agent_table(self._agent_bits["client"], self._agent_bits["server"])
            if number == AgentMessageType.ANNOUNCE_CAPABILITIES:
                words = content[4 : len(content) & ~3]
                self._agent_bits[sender] = int.from_bytes(words, "little")
            self.owner.consumer.agent(self, sender, name, number, content, time_ns, frame)

    # -- problems

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """The transport below has a problem."""
        severity = "note" if code in _TRANSPORT_NOTES else "warning"
        if code == "tls-opaque":
            self.opaque = self.connection.opaque_bytes
            self.owner.undecoded += self.opaque
        self.report(severity, code, text, "client" if from_client else "server", time_ns, frame)

    def report(
        self,
        severity: str,
        code: str,
        text: str,
        sender: str,
        time_ns: int,
        frame: int,
        *,
        expected: str = "",
        actual: str = "",
        where: str = "",
        number: int = 0,
    ) -> None:
        """Hand a problem of this connection to the consumer."""
        self.owner.consumer.problem(
            Problem(
                severity,
                code,
                text,
                conversation=self,
                sender=sender,
                time_ns=time_ns,
                frame=frame,
                number=number,
                where=where,
                expected=expected,
                actual=actual,
            )
        )

    def failed(self, sender: str, what: str, error: SpiceError, time_ns: int, frame: int, number: int = 0) -> None:
        """A message could not be parsed."""
        place = error.path + (f" byte {error.offset}" if error.offset is not None else "")
        self.report(
            "error",
            "malformed-message",
            f"{what}: {error.what}",
            sender,
            time_ns,
            frame,
            expected=error.expected,
            actual=error.actual,
            where=place,
            number=number,
        )

    def resynchronised(self, lane: Lane, skipped: int, time_ns: int, frame: int) -> None:
        """Messages follow each other again."""
        self.owner.undecoded += skipped
        self.report(
            "warning",
            "resynchronised",
            "after missing bytes, decoding goes on at a plausible message",
            lane.sender,
            time_ns,
            frame,
            actual=f"{skipped} bytes skipped",
        )
