"""What cases about the guest agent have in common: one end of the talk inside AGENT_DATA, as the suite plays it.

    agent = greeted(server)               the suite is the server, and the agent behind it
    end = talking(client)                 the suite is a client, and the target has an agent of its own
    device = on_device(client)            ... and the suite plays the agent of the target as well, on its device

Either end says values and expects values; they are parsed and built under the terms that both have announced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import msgspec

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.peer import Peer
from conformance.talk import Talk
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentPort, ClipboardType
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.messages import agent, main

__all__ = [
    "CLIPBOARD",
    "FILES",
    "PNG",
    "TEXT",
    "USUAL",
    "AgentEnd",
    "Device",
    "agent_of",
    "connected",
    "disconnected",
    "greeted",
    "on_device",
    "talking",
    "usual_but",
]

TEXT, PNG = ClipboardType.UTF8_TEXT, ClipboardType.IMAGE_PNG

_CAP = AgentCapability
CLIPBOARD: Final = (_CAP.CLIPBOARD_BY_DEMAND, _CAP.CLIPBOARD_SELECTION, _CAP.CLIPBOARD_GRAB_SERIAL)
FILES: Final = (_CAP.FILE_XFER_DETAILED_ERRORS,)
USUAL: Final = (
    _CAP.MONITORS_CONFIG,
    _CAP.REPLY,
    _CAP.GUEST_LINEEND_LF,
    _CAP.SPARSE_MONITORS_CONFIG,
    _CAP.MONITORS_CONFIG_POSITION,
    *CLIPBOARD,
    *FILES,
)
"""What the suite announces at either end, unless a case says otherwise."""

_TOKENS: Final = 10
_PLENTY: Final = 0xFFFFFFFF


def usual_but(*without: AgentCapability, more: Iterable[AgentCapability] = ()) -> tuple[AgentCapability, ...]:
    """What is usual without these, and with some more."""
    return (*[item for item in USUAL if item not in without], *more)


class AgentEnd:
    """One end on a main channel. ``terms`` are what both have announced; ``heard`` is what came and no step has taken.

    ``keeps_tokens``: nothing is given back for what comes
    """

    def __init__(self, peer: Peer, talk: Talk, capabilities: Iterable[AgentCapability], *, client: bool) -> None:
        self.peer = peer
        self.talk = talk
        self.terms = Terms(mask(capabilities), client=client)
        self.heard: list[Any] = []
        self.raw: list[tuple[int, bytes]] = []
        self.keeps_tokens = False
        self._reader = AgentReader()
        self._given = 0
        self._pieces = 0

    # -- out

    def say(self, *values: Any) -> None:
        """Agent messages, each in pieces as usual."""
        for value in values:
            self.say_raw(*build(self.terms, value), text=type(value).__name__)

    def say_raw(self, number: int, body: bytes, *, text: str = "") -> None:
        """One of any type and body."""
        self.pieces(*chunks(number, body), text=text or f"an agent message of type {number}, {len(body)} bytes")

    def pieces(self, *pieces: bytes, text: str = "a piece") -> None:
        """AGENT_DATA as they are."""
        self.talk.send(*[main.AgentData(piece) for piece in pieces], text=f"AGENT_DATA: {text}")

    def announce(self, *, request: bool = True) -> None:
        """ANNOUNCE_CAPABILITIES."""
        self.say(self.terms.announce(request=request))

    # -- in

    def listen(self) -> bool:
        """Take what has come, and give tokens back; whether anything has. Raises Blocked for what is no agent message."""
        self.peer.pump_all()
        found = list(self.talk.pieces)  # also those that a step passed over which waited for something else
        self.talk.drop("AGENT_DATA")
        try:
            for message in found:
                for number, _, body in self._reader.receive(bytes(message.parsed.data)):
                    self._take(number, body)
        except RemoteError as error:
            raise self._unreadable(error) from None
        self._pieces += len(found)
        if found and not self.keeps_tokens:
            self._given += len(found)
            self.talk.send(main.AgentToken(len(found)), text="AGENT_TOKEN")
        return bool(found)

    def _unreadable(self, error: RemoteError) -> Blocked:
        """What is wrong with pieces, and with fields, has sentences of its own, which the rules decide."""
        id = {"protocol": "SPICE-AGENT-007", "size": "SPICE-AGENT-006"}.get(error.path, "SPICE-AGENT-010")
        return Blocked(f"what the target says is no agent message: {error}", (f"{id}/observed-{self.peer.network.role}",))

    def _take(self, number: int, body: bytes) -> None:
        self.raw.append((number, body))
        value = parse(self.terms, number, body)
        if isinstance(value, agent.AnnounceCapabilities):
            self.terms.receive(value)
        if value is not None:
            self.heard.append(value)

    def forget(self) -> None:
        """The agent is gone: begin anew."""
        self.terms.reset()
        self.heard.clear()
        self._reader = AgentReader()

    def wait(self, until: Callable[[], bool], within: float | None = None) -> bool:
        """Let things happen until ``until`` holds; whether it does. While pieces of a message come, the time begins anew."""

        def look() -> bool:
            while not self.talk.closed and self.listen():
                if until():
                    return True
            return until() or self.talk.closed

        while True:
            before = self._pieces
            self.peer.run(partial(self._moves, look, before), within)
            if self._pieces == before or not self._reader.pending or self.talk.closed or until():
                return until()

    def _moves(self, look: Callable[[], bool], before: int) -> bool:
        """Whether what is waited for is there, or more of a message than before."""
        return look() or (self._pieces != before and self._reader.pending > 0)

    def comes(self, kind: str, *, within: float | None = None, **fields: Any) -> Any:
        """The next message whose class is called so (or begins so: all layouts of a clipboard message), with these fields.

        None if it does not come in time; the usual patience is a short quiet where ``within`` is not given.
        """
        found: list[Any] = []

        def look() -> bool:
            for place, value in enumerate(self.heard):
                if _is(value, kind) and all(getattr(value, name, None) == wanted for name, wanted in fields.items()):
                    found.append(value)
                    del self.heard[: place + 1]
                    return True
            return False

        self.wait(lambda: bool(found) or look(), self.peer.network.quiet if within is None else within)
        return found[0] if found else None

    def expect(self, kind: str, *, why: str = "", **fields: Any) -> Any:
        """The same, waited for. Raises Failure."""
        said = ", ".join([f"{name} {wanted!r}" for name, wanted in fields.items()])
        self.peer.step(f"expect agent message {kind}{f' with {said}' * bool(said)}")
        value = self.comes(kind, within=self.peer.network.patience, **fields)
        if value is None:
            state = f"{self.talk.name} was {self.talk.stream.ended}" if self.talk.closed else self._last()
            raise Failure(f"agent message {kind}{f' with {said}' * bool(said)}{f' ({why})' * bool(why)}", state)
        return value

    def _last(self) -> str:
        return ", ".join([type(value).__name__ for value in self.heard[-6:]]) or "nothing like it"

    def expect_none(self, kind: str, *, why: str) -> None:
        """None comes in a short quiet time. Raises Failure."""
        self.peer.step(f"expect no agent message {kind}: {why}")
        if self.comes(kind) is not None:
            raise Failure(f"no agent message {kind} ({why})", "it came")

    # -- what both ends say of clipboards, in the layout of the terms

    def grab(self, *types: int, serial: int = 0, selection: int = 0) -> Any:
        """CLIPBOARD_GRAB."""
        kinds = types or (TEXT,)
        if self.terms.selections and self.terms.grab_serial:
            return agent.ClipboardGrabSelectedSerial(selection=selection, reserved=bytes(3), serial=serial, types=kinds)
        if self.terms.selections:
            return agent.ClipboardGrabSelected(selection, bytes(3), kinds)
        return agent.ClipboardGrabSerial(serial, kinds) if self.terms.grab_serial else agent.ClipboardGrab(kinds)

    def request(self, type: int = TEXT) -> Any:
        """CLIPBOARD_REQUEST."""
        if self.terms.selections:
            return agent.ClipboardRequestSelected(0, bytes(3), type)
        return agent.ClipboardRequest(type)

    def content(self, data: bytes, type: int = TEXT) -> Any:
        """CLIPBOARD."""
        return (
            agent.ClipboardSelected(selection=0, reserved=bytes(3), type=type, data=data)
            if self.terms.selections
            else agent.Clipboard(type, data)
        )


def _is(value: Any, kind: str) -> bool:
    name = type(value).__name__
    return name in (kind, f"{kind}Selected", f"{kind}Serial", f"{kind}SelectedSerial")


# -- the suite is a server, and its agent


def agent_of(server: SuiteServer, capabilities: Iterable[AgentCapability] = USUAL, *, tokens: int = _TOKENS) -> AgentEnd:
    """A session in which an agent comes, to which the target has said AGENT_START.

    Raises NotApplicable if it does not talk to any. That the agent comes late lets no step pass over what is said to it.
    """
    talk = server.session(init=msgspec.structs.replace(server.init(), agent_tokens=tokens))
    able = talk.client.has(MainCapability.AGENT_CONNECTED_TOKENS)
    talk.send(main.AgentConnectedTokens(tokens) if able else main.AgentConnected())

    def wait(within: float | None) -> bool:
        return talk.wait_count("AGENT_START", within=within)

    if not server.target.shows("a talk with an agent", wait, server.network.quiet):
        raise NotApplicable("the target says nothing to an agent")
    return AgentEnd(server, talk, capabilities, client=False)


def greeted(server: SuiteServer, capabilities: Iterable[AgentCapability] = USUAL, *, tokens: int = _TOKENS) -> AgentEnd:
    """The same, and both have announced; what the target said then is taken. Raises Failure."""
    end = agent_of(server, capabilities, tokens=tokens)
    end.expect("AnnounceCapabilities", why="it comes first")
    end.announce(request=False)
    server.relies_on("SPICE-AGENT-020/first")
    end.wait(lambda: False, server.network.quiet)
    end.heard.clear()
    return end


def disconnected(end: AgentEnd) -> None:
    """The agent goes."""
    end.talk.send(main.AgentDisconnected(LinkErr.OK))
    end.terms.reset()


def connected(end: AgentEnd, tokens: int = _TOKENS) -> None:
    """Another comes, and the target greets it. Raises Failure."""
    before = end.talk.count("AGENT_START")
    able = end.talk.client.has(MainCapability.AGENT_CONNECTED_TOKENS)
    end.talk.send(main.AgentConnectedTokens(tokens) if able else main.AgentConnected())
    end.talk.expect_count("AGENT_START", 1, after=before, why="another agent has come")


# -- the suite is a client


def talking(
    client: SuiteClient, capabilities: Iterable[AgentCapability] = USUAL, *, tokens: int = _PLENTY, announce: bool = True
) -> AgentEnd:
    """A session whose guest has an agent, which is greeted; it has answered. Raises Failure.

    The target is told to have one if it has none (``control:agent``).
    """
    client.relies_on("SPICE-AGENT-015/one-piece", "SPICE-AGENT-016/one-piece")
    talk = client.main()
    if not client.init.agent_connected:
        if not client.target.meets("control:agent"):
            raise NotApplicable("the guest has no agent")
        client.control("agent", True)
        client.run(lambda: _came(talk) or talk.closed)
        if not _came(talk):
            raise Failure("AGENT_CONNECTED, or AGENT_CONNECTED_TOKENS", "nothing like it")
    end = AgentEnd(client, talk, capabilities, client=True)
    if announce:
        talk.send(main.AgentStart(tokens))
        end.announce()
        while end.expect("AnnounceCapabilities", why="the agent was asked").request:
            pass
    return end


def _came(talk: Talk) -> bool:
    return talk.count("AGENT_CONNECTED") + talk.count("AGENT_CONNECTED_TOKENS") > 0


class Device:
    """The agent of the target, played by the suite on its device. ``chunks`` are those that came, as (port, bytes)."""

    def __init__(self, client: SuiteClient) -> None:
        self.client = client
        self.chunks: list[tuple[int, bytes]] = []
        self.say(b"")

    def say(self, data: bytes, port: int = AgentPort.CLIENT_PORT) -> None:
        """One chunk."""
        for chunk in self.client.control("agent-device", port, data.hex()) or ():
            self.chunks.append((chunk["port"], bytes.fromhex(chunk["data"])))

    def message(self, value: Any, terms: Terms | None = None) -> bytes:
        """The bytes of an agent message, header included."""
        number, body = build(terms or Terms(0, client=False), value)
        return b"".join(chunks(number, body))

    def heard(self, port: int) -> list[tuple[int, bytes]]:
        """The messages that came on a port so far, as (type, body). Raises Failure for what is no agent message."""
        self.say(b"")
        reader = AgentReader()
        try:
            return [(number, body) for at, data in self.chunks if at == port for number, _, body in reader.receive(data)]
        except RemoteError as error:
            raise Failure(f"agent messages on port {port} of the device", str(error)) from None

    def wait(self, until: Callable[[], bool]) -> bool:
        """Let things happen until ``until`` holds of what was heard."""

        def look() -> bool:
            self.say(b"")
            return until()

        return self.client.run(look)


def on_device(client: SuiteClient) -> tuple[Device, Talk]:
    """A session, and the suite as the agent of the target on its device. Raises Blocked if the client is not told of it."""
    device = Device(client)
    talk = client.main()
    if not client.init.agent_connected and not talk.wait_count("AGENT_CONNECTED_TOKENS"):
        raise Blocked("the agent on the device is not announced", ("SPICE-MAIN-010/tokens-announced",))
    return device, talk
