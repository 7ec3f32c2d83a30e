"""The main channel between clients and the agent: tokens, pieces, filters, and agents that go and come."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server import Guest
from reference_server.guest import AgentChunk
from reference_server.tests.agent_client import AgentClient, session
from reference_server.tests.memory import Line, Wire, serve, small
from spiceproto import dispatch
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.agent.terms import bits_of
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort, ClipboardType
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import agent, inputs, main

TEXT = ClipboardType.UTF8_TEXT
PIECE = chunks(AgentMessageType.MAX_CLIPBOARD, bytes(4))[0]
LONG = chunks(AgentMessageType.CLIPBOARD, bytes(5000))


class Port:
    """The device side of an agent's port, with nobody who plays an agent: ``heard`` is what came, by port."""

    def __init__(self, guest: Guest) -> None:
        self.agent = guest.agent
        self.heard: list[tuple[int, bytes]] = []
        guest.agent.watch(self._hear, AgentChunk)

    def _hear(self, news: AgentChunk) -> None:
        self.heard.append((news.port, news.data))

    def messages(self, port: int) -> list[tuple[int, bytes]]:
        """Whole messages of one stream."""
        reader = AgentReader()
        return [(type, body) for number, data in self.heard if number == port for type, _, body in reader.receive(data)]

    def say(self, type: int, body: bytes, *, port: int = AgentPort.CLIENT_PORT, step: int = 1 << 20) -> None:
        """A message of the agent, in chunks of so many bytes."""
        whole = b"".join(chunks(type, body))
        for at in range(0, len(whole), step):
            self.agent.say(port, whole[at : at + step])


def ported(**options: Any) -> tuple[Wire, Line, Port]:
    """A server with an agent on the device, and a client that has linked main."""
    guest = small()
    wire = serve(guest, **options)
    port = Port(guest)
    guest.agent.set_present(True)
    line, _ = wire.main()
    line.read()
    return wire, line, port


def tokens(line: Line) -> int:
    return sum(value.num_tokens for value in line.read() if isinstance(value, main.AgentToken))


def heard(line: Line) -> list[tuple[int, bytes]]:
    reader = AgentReader()
    return [
        (type, body)
        for value in line.read()
        if isinstance(value, main.AgentData)
        for type, _, body in reader.receive(value.data)
    ]


def test_what_a_client_says_is_handed_on_as_it_is() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10), *[main.AgentData(piece) for piece in (PIECE, *LONG)])
    assert port.heard == [(AgentPort.CLIENT_PORT, piece) for piece in (PIECE, *LONG)]


@pytest.mark.parametrize("step", (1, 7, 2048, 100_000))
def test_what_the_agent_says_is_handed_on_as_it_is(step: int) -> None:
    _, line, port = ported()
    line.send(main.AgentStart(0xFFFFFFFF))
    body = bytes(range(256)) * 40
    port.say(AgentMessageType.CLIPBOARD, body, step=step)
    port.say(AgentMessageType.REPLY, bytes(8), port=AgentPort.SERVER_PORT, step=step)
    port.say(AgentMessageType.CLIPBOARD_RELEASE, b"", step=step)
    assert heard(line) == [(AgentMessageType.CLIPBOARD, body), (AgentMessageType.CLIPBOARD_RELEASE, b"")]


def test_tokens_come_back_when_the_agent_has_read() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10))
    line.send(*[main.AgentData(PIECE)] * 300)
    assert tokens(line) == 300
    port.agent.hold()
    line.send(*[main.AgentData(PIECE)] * 100)
    assert tokens(line) == 0 and not line.closed
    port.agent.go_on()
    assert tokens(line) == 100


def test_a_client_without_tokens_is_bounded() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10))
    port.agent.hold()
    line.send(*[main.AgentData(PIECE)] * 150)
    assert not line.closed
    line.send(*[main.AgentData(PIECE)] * 50)
    assert line.closed


def test_an_agent_that_reads_nothing_and_clients_that_come_and_go() -> None:
    wire, line, port = ported()
    port.agent.hold()
    for _ in range(100):
        line.send(main.AgentStart(10))
        line.send(*[main.AgentData(piece) for piece in chunks(AgentMessageType.CLIPBOARD, bytes(300_000))[:140]])
        line.hang_up()
        line, _ = wire.main()
    assert port.agent.unread < 1000
    line.send(main.AgentStart(10), main.AgentData(PIECE))
    port.agent.go_on()
    assert port.heard[-1] == (AgentPort.CLIENT_PORT, PIECE)
    gone = dispatch.build("agent", "server", agent.ClientDisconnected())[0]
    assert [type for type, _ in port.messages(AgentPort.SERVER_PORT)].count(gone) == 100


def test_the_server_keeps_to_the_tokens_of_the_client() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(2))
    for _ in range(5):
        port.say(AgentMessageType.CLIPBOARD_RELEASE, b"")
    assert len(heard(line)) == 2
    line.send(main.AgentToken(1))
    assert len(heard(line)) == 1
    line.send(main.AgentToken(0xFFFFFFFF))
    assert len(heard(line)) == 2


def test_a_client_that_takes_nothing_slows_the_agent_down() -> None:
    wire, line, port = ported()
    line.send(main.AgentStart(0))
    port.say(AgentMessageType.CLIPBOARD, bytes(200_000))
    assert not port.agent.slow
    port.say(AgentMessageType.CLIPBOARD, bytes(200_000))
    assert port.agent.slow
    line.send(main.AgentToken(1000))
    wire.server.tick(wire.now)
    assert len(heard(line)) == 2 and not port.agent.slow


def test_a_client_that_takes_nothing_and_leaves_frees_the_agent() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(0))
    port.say(AgentMessageType.CLIPBOARD, bytes(400_000))
    assert port.agent.slow
    line.hang_up()
    assert not port.agent.slow
    assert port.messages(AgentPort.SERVER_PORT) == [(AgentMessageType.CLIENT_DISCONNECTED, b"")]


def test_much_goes_out_in_turns() -> None:
    wire, line, port = ported()
    line.send(main.AgentStart(0xFFFFFFFF))
    for _ in range(4):
        port.say(AgentMessageType.CLIPBOARD, bytes(200_000))
    assert len(heard(line)) == 1 and wire.server.deadline == wire.now
    reader = AgentReader()
    count = 0
    for _ in range(10):
        wire.server.tick(wire.now)
        for value in line.read():
            count += len(list(reader.receive(value.data))) if isinstance(value, main.AgentData) and reader.pending else 0
    assert wire.server.deadline != wire.now and not port.agent.slow


@pytest.mark.parametrize("piece", (PIECE[:19], b"", PIECE + b"x", b"\2" + PIECE[1:], LONG[0] + b"x"))
def test_pieces_that_no_client_may_send_end_the_session(piece: bytes) -> None:
    _, line, _ = ported()
    line.send(main.AgentStart(10))
    line.send(main.AgentData(piece))
    assert line.closed


def test_before_agent_start_nothing_is_handed_on() -> None:
    _, line, port = ported()
    line.send(*[main.AgentData(PIECE)] * 3)
    assert port.heard == [] and not line.closed
    port.say(AgentMessageType.CLIPBOARD_RELEASE, b"")
    assert heard(line) == []


def test_an_agent_that_goes_and_comes() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10), main.AgentData(LONG[0]))
    port.heard.clear()
    port.agent.set_present(False)
    line.send(main.AgentToken(5), main.AgentStart(3), main.AgentData(LONG[1]))
    port.agent.set_present(True)
    assert [type(value).__name__ for value in line.read()] == [
        "AgentDisconnected",
        "MouseModeMessage",
        "AgentConnectedTokens",
        "MouseModeMessage",
    ]
    line.send(main.AgentStart(3), main.AgentData(LONG[2]), main.AgentData(PIECE))
    # What was left of the message for the old agent is nobody's, whenever it came.
    assert port.messages(AgentPort.CLIENT_PORT) == [(AgentMessageType.MAX_CLIPBOARD, bytes(4))]
    for _ in range(5):
        port.say(AgentMessageType.CLIPBOARD_RELEASE, b"")
    assert len(heard(line)) == 3, "tokens begin anew"


def test_a_client_that_drops_what_was_for_the_old_agent() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10), main.AgentData(LONG[0]))
    port.agent.set_present(False)
    port.agent.set_present(True)
    port.heard.clear()
    line.send(main.AgentStart(10), main.AgentData(PIECE))
    assert port.messages(AgentPort.CLIENT_PORT) == [(AgentMessageType.MAX_CLIPBOARD, bytes(4))]


def test_messages_of_two_clients_are_not_mixed() -> None:
    wire, one, port = ported(multi_client=True)
    two, _ = wire.main()
    one.send(main.AgentStart(10), main.AgentData(LONG[0]))
    two.send(main.AgentStart(10), main.AgentData(PIECE), main.AgentData(LONG[0]))
    one.send(main.AgentData(LONG[1]))
    assert [data for _, data in port.heard] == LONG[:2]
    one.send(main.AgentData(LONG[2]))
    assert [data for _, data in port.heard] == [*LONG, PIECE, LONG[0]]
    two.hang_up()
    one.send(main.AgentData(PIECE))
    assert port.heard[-2:] == [
        (AgentPort.SERVER_PORT, chunks(AgentMessageType.CLIENT_DISCONNECTED, b"")[0]),
        (AgentPort.CLIENT_PORT, PIECE),
    ]


def test_a_client_that_comes_in_the_middle_of_a_message() -> None:
    wire, one, port = ported(multi_client=True)
    one.send(main.AgentStart(10))
    whole = b"".join(chunks(AgentMessageType.CLIPBOARD, bytes(4000)))
    port.agent.say(AgentPort.CLIENT_PORT, whole[:3000])
    two, _ = wire.main()
    two.read()
    two.send(main.AgentStart(10))
    port.agent.say(AgentPort.CLIENT_PORT, whole[3000:])
    port.say(AgentMessageType.CLIPBOARD_RELEASE, b"")
    assert heard(two) == [(AgentMessageType.CLIPBOARD_RELEASE, b"")]
    assert [type for type, _ in heard(one)] == [AgentMessageType.CLIPBOARD, AgentMessageType.CLIPBOARD_RELEASE]


def test_an_agent_that_says_no_message_is_gone() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10))
    port.agent.say(AgentPort.CLIENT_PORT, bytes(40))
    assert not port.agent.present and not line.closed
    assert "AgentDisconnected" in line.names()


def test_filters() -> None:
    off = {"copy_paste": False, "file_transfer": False}
    _, line, port = ported(**off)
    line.send(main.AgentStart(10))
    line.send(
        *[
            main.AgentData(piece)
            for kind in (AgentMessageType.CLIPBOARD_GRAB, AgentMessageType.FILE_XFER_START, AgentMessageType.MONITORS_CONFIG)
            for piece in chunks(kind, bytes(3000))
        ]
        * 20
    )
    assert {type for type, _ in port.messages(AgentPort.CLIENT_PORT)} == {AgentMessageType.MONITORS_CONFIG}
    assert tokens(line) == 100, "what is held back gives its tokens back, too: 120, and those of a batch that is not full"
    bits = 1 << AgentCapability.CLIPBOARD_BY_DEMAND | 1 << AgentCapability.CLIPBOARD_SELECTION | 1 << AgentCapability.REPLY
    port.say(AgentMessageType.CLIPBOARD_REQUEST, bytes(4))
    port.say(AgentMessageType.FILE_XFER_STATUS, bytes(8))
    port.say(AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(4) + bits.to_bytes(4, "little") + bytes(4))
    ((type, body),) = heard(line)
    expected = 1 << AgentCapability.REPLY | 1 << AgentCapability.FILE_XFER_DISABLED
    assert (type, body) == (AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(4) + expected.to_bytes(4, "little") + bytes(4))


def test_without_filters_an_announcement_is_as_it_came() -> None:
    _, line, port = ported()
    line.send(main.AgentStart(10))
    body = bytes(range(40))
    port.say(AgentMessageType.ANNOUNCE_CAPABILITIES, body)
    assert heard(line) == [(AgentMessageType.ANNOUNCE_CAPABILITIES, body)]


def test_positions_and_buttons_go_through_the_agent() -> None:
    wire, line, port = ported()
    mouse = wire.link(ChannelType.INPUTS)
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    mouse.send(
        inputs.MousePosition(x=11, y=12, buttons_state=0, display_id=0),
        inputs.MousePress(button=1, buttons_state=1),
        inputs.MousePress(button=6, buttons_state=33),
        inputs.MousePress(button=4, buttons_state=33),
        inputs.MouseRelease(button=4, buttons_state=33),
    )
    mouse.hang_up()
    states = [body for type, body in port.messages(AgentPort.SERVER_PORT) if type == AgentMessageType.MOUSE_STATE]
    found = [(int.from_bytes(body[:4], "little"), int.from_bytes(body[8:12], "little")) for body in states]
    assert found == [(11, 0), (11, 2), (11, 66), (11, 82), (11, 66), (11, 0)]


def test_places_of_the_pointer_give_way_to_later_ones() -> None:
    wire, line, port = ported()
    mouse = wire.link(ChannelType.INPUTS)
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    port.agent.hold()
    mouse.send(*[inputs.MousePosition(x=x, y=1, buttons_state=0, display_id=0) for x in range(1000)])
    mouse.send(inputs.MousePress(button=1, buttons_state=1))
    assert port.agent.unread < 40
    port.agent.go_on()
    states = [body for type, body in port.messages(AgentPort.SERVER_PORT)]
    assert int.from_bytes(states[-1][:4], "little") == 999 and states[-1][8] == 2 and states[-2][8] == 0


def test_graphics_devices_for_an_agent_that_wants_them() -> None:
    _, _, port = ported(displays=2)
    bits = 1 << AgentCapability.GRAPHICS_DEVICE_INFO
    port.say(AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(4))
    assert port.messages(AgentPort.SERVER_PORT) == []
    port.say(AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(4) + bits.to_bytes(4, "little"))
    ((type, body),) = port.messages(AgentPort.SERVER_PORT)
    assert type == AgentMessageType.GRAPHICS_DEVICE_INFO and body[0] == 2 and b"pci/0000/03.0\0" in body


def test_a_client_leaves_a_played_agent() -> None:
    wire, client = session()
    client.grab(TEXT)
    client.line.hang_up()
    guest = wire.server.guest
    assert guest.clipboard.owner() == "nobody" and guest.agent.present
    line, init = wire.main()
    assert init.agent_connected
    other = AgentClient(line)
    assert bits_of(other.greet().caps) & 1 << AgentCapability.CLIPBOARD_BY_DEMAND
    other.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
    assert other.hear() == [agent.ClipboardSelected(selection=0, reserved=bytes(3), type=ClipboardType.NONE, data=b"")]
