"""Faults of the guest agent: each changes what a client, or the agent's device, gets in a long conversation."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from reference_server import FAULTS, Guest
from reference_server.guest import AgentChunk
from reference_server.tests.agent_client import ALL, AgentClient
from reference_server.tests.memory import Wire, serve
from spiceproto.agent.pieces import chunks
from spiceproto.agent.talk import build
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort, ClipboardType, FileXferStatus
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.messages import agent, inputs, main

TEXT, PNG = ClipboardType.UTF8_TEXT, ClipboardType.IMAGE_PNG
FAULTY = [name for name, fault in FAULTS.items() if fault.requirement.startswith("SPICE-AGENT")]


class Sure(AgentClient):
    """Says everything in the layout of a talk in which both have announced all, whatever the agent has."""

    def say(self, *values: Any) -> None:
        full = Terms(mask(ALL), client=True)
        full.said, full.peer = True, full.mine
        for value in values:
            self.put(*build(full, value))


class Conversation:
    """What is seen of a server in ``seen``: messages of the main channel by piece, chunks on the device, how it ends."""

    def __init__(self, fault: str | None, **options: Any) -> None:
        self.seen: list[Any] = []
        self.guest = Guest(size=(64, 48))
        self.wire: Wire = serve(self.guest, fault=fault, multi_client=True, **options)
        self.guest.agent.watch(lambda news: self.seen.append(("device", news.port, news.data)), AgentChunk)
        self.line, _ = self.wire.main()
        self.line.read()

    def play(self) -> None:
        """The agent comes."""
        self.wire.server.played_class(self.guest, 1)

    def read(self, client: AgentClient) -> None:
        """What has come."""
        try:
            self.seen.append(client.hear())
        except (RemoteError, AssertionError) as error:
            self.seen.append(str(error))
        self.seen.append([(type(value).__name__, value) for value in client.others if isinstance(value, main.AgentToken)])
        self.seen.append(client.line.closed)
        client.others.clear()


def _whole(fault: str | None, **options: Any) -> list[Any]:
    """An agent that is played, a client that can do all, and then one that can do less."""
    talk = Conversation(fault, **options)
    line, guest = talk.line, talk.guest
    other, _ = talk.wire.main()
    line.send(main.AgentStart(5))
    line.send(main.AgentToken(5))
    talk.play()
    line.send(*[main.AgentData(piece) for piece in chunks(AgentMessageType.MAX_CLIPBOARD, bytes(4))])
    client = Sure(line)
    if not line.closed:
        _converse(talk, client)
    talk.seen.append((line.closed, other.closed))
    if not other.closed:
        less = AgentClient(other, [AgentCapability.REPLY])
        less.start()
        less.say(less.terms.announce())
        talk.read(less)
        less.offer(3, "x", 1 << 50)
        guest.clipboard.copy({TEXT: b"for nobody"})
        talk.read(less)
        other.hang_up()
    return talk.seen


def _converse(talk: Conversation, client: AgentClient) -> None:
    line, guest, wire = talk.line, talk.guest, talk.wire
    client.start(0xFFFF)
    client.say(client.terms.announce())
    talk.read(client)
    client.say(client.terms.announce())
    talk.read(client)
    client.grab(TEXT, serial=0)
    client.grab(PNG, serial=1)
    talk.seen.append((guest.clipboard.owner(), guest.clipboard.types()))
    guest.clipboard.paste(PNG)
    talk.read(client)
    client.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=PNG, data=bytes(5000)))
    for text in (b"one", b"two", b"three" * 1000):
        guest.clipboard.copy({TEXT: text})
    talk.read(client)
    client.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT), agent.ClipboardRequestSelected(0, bytes(3), PNG))
    talk.read(client)
    client.say(agent.MaxClipboard(4), agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    talk.read(client)
    guest.clipboard.clear()
    client.say(
        agent.MonitorsConfig(0, (agent.MonConfig(height=50, width=60, depth=32, x=0, y=0),) * 2),
        agent.FileXferStart(1, b"nothing"),
    )
    for number, name in enumerate(("../file", "plain"), 10):
        client.offer(number, name, 3)
        client.send(number, b"a")
        client.send(number, b"bc" + b"d" * (name == "plain"))
    client.say(agent.FileXferStatusMessage(9, FileXferStatus.CANCELLED, b""))
    talk.read(client)
    talk.seen.append([(file.name, file.whole) for file in guest.disk.log])
    for _ in range(200):
        client.say(agent.MaxClipboard(-1))
    talk.read(client)
    mouse = wire.link(ChannelType.INPUTS)
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    if not mouse.closed and mouse.channel is not None:
        mouse.send(inputs.MousePosition(x=5, y=6, buttons_state=0, display_id=0), inputs.MousePress(1, 1))
    guest.agent.say(AgentPort.SERVER_PORT, chunks(AgentMessageType.REPLY, bytes(8))[0])
    talk.read(client)
    client.put(AgentMessageType.MONITORS_CONFIG, b"\xff\xff\xff\xff" + bytes(4))
    talk.read(client)
    if not line.closed:
        line.hang_up()


def _tokens(fault: str | None) -> list[Any]:
    """A client that gives few tokens."""
    talk = Conversation(fault)
    talk.play()
    client = AgentClient(talk.line)
    client.start(1)
    client.say(client.terms.announce())
    talk.guest.clipboard.copy({TEXT: b"text"})
    talk.read(client)
    talk.line.send(main.AgentToken(1))
    talk.guest.clipboard.copy({PNG: b"text"})
    talk.read(client)
    return talk.seen


def _one_clipboard(fault: str | None) -> list[Any]:
    """A client that has announced no selections."""
    talk = Conversation(fault)
    talk.play()
    client = AgentClient(talk.line, [AgentCapability.CLIPBOARD_BY_DEMAND])
    client.start()
    client.say(client.terms.announce())
    talk.guest.clipboard.copy({TEXT: b"text"})
    talk.read(client)
    return talk.seen


def _seen(fault: str | None) -> list[Any]:
    off = {"copy_paste": False, "file_transfer": False}
    return [_whole(fault), _whole(fault, **off), _tokens(fault), _one_clipboard(fault)]


@cache
def _right() -> str:
    return repr(_seen(None))


def test_without_a_fault_it_is_the_same_each_time() -> None:
    assert repr(_seen(None)) == _right()


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_seen(fault: str) -> None:
    assert repr(_seen(fault)) != _right()
