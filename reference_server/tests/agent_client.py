"""A client's half of the talk with an agent, on a line of :mod:`reference_server.tests.memory`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reference_server import GUESTS, Guest
from reference_server.tests.memory import Line, Wire, serve, small
from spiceproto.agent import file_start
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability
from spiceproto.messages import agent, main

__all__ = ["ALL", "AgentClient", "session"]

ALL = tuple(AgentCapability)
_NOT_CLIENTS = (AgentCapability.FILE_XFER_DISABLED, AgentCapability.CLIPBOARD)


class AgentClient:
    """Announces ``capabilities``. ``others`` are messages of the main channel that are not the agent's, as they come."""

    def __init__(self, line: Line, capabilities: Iterable[int] = ALL) -> None:
        self.line = line
        self.terms = Terms(mask(each for each in capabilities if each not in _NOT_CLIENTS), client=True)
        self.others: list[Any] = []
        self._reader = AgentReader()

    def start(self, tokens: int = 0xFFFFFFFF) -> None:
        """AGENT_START, and nothing else."""
        self.line.send(main.AgentStart(tokens))

    def greet(self, tokens: int = 0xFFFFFFFF) -> agent.AnnounceCapabilities:
        """AGENT_START and the announcement; the agent's answer."""
        self.start(tokens)
        self.say(self.terms.announce())
        (answer,) = [each for each in self.hear() if isinstance(each, agent.AnnounceCapabilities)]
        return answer

    def say(self, *values: Any) -> None:
        """Agent messages."""
        for value in values:
            self.put(*build(self.terms, value))

    def put(self, type: int, body: bytes) -> None:
        """An agent message as type and body."""
        self.line.send(*[main.AgentData(piece) for piece in chunks(type, body)])

    def hear(self) -> list[Any]:
        """Agent messages that have come since the last call."""
        found = []
        for value in self.line.read():
            if not isinstance(value, main.AgentData):
                self.others.append(value)
                continue
            for type, _, body in self._reader.receive(value.data):
                message = parse(self.terms, type, body)
                if isinstance(message, agent.AnnounceCapabilities):
                    assert self.terms.receive(message) is None or message.request
                found.append(message)
        return found

    # -- messages

    def grab(self, *types: int, selection: int = 0, serial: int = 0) -> None:
        """CLIPBOARD_GRAB with a selection and a serial."""
        self.say(agent.ClipboardGrabSelectedSerial(selection=selection, reserved=bytes(3), serial=serial, types=types))

    def offer(self, id: int, name: str, size: int) -> None:
        """FILE_XFER_START."""
        self.say(agent.FileXferStart(id, file_start.build(file_start.FileStart(name, size))))

    def send(self, id: int, data: bytes) -> None:
        """FILE_XFER_DATA."""
        self.say(agent.FileXferData(id, data))


def session(
    program: str = "agent", *, guest: Guest | None = None, capabilities: Iterable[int] = ALL, **options: Any
) -> tuple[Wire, AgentClient]:
    """A server whose guest runs this program, and a client that has greeted its agent."""
    guest = guest or small()
    wire = serve(guest, **options)
    GUESTS[program](guest, wire.server.listing.displays)
    line, _ = wire.main()
    client = AgentClient(line, capabilities)
    line.read()
    client.greet()
    return wire, client
