"""The main channel."""

from __future__ import annotations

import pytest

from reference_server.channels import moving, usual
from reference_server.channels.agent import AGENT_TOKENS
from reference_server.tests.memory import BOTH, PIECES, error, serve, small
from spiceproto.capabilities import NONE
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, inputs, main, migration


@PIECES
def test_main(piece: int) -> None:
    wire = serve(small(), piece=piece, name="guest", uuid=b"u" * 16)
    line, init = wire.main()
    assert init.session_id and init.display_channels_hint == 1
    assert (init.supported_mouse_modes, init.current_mouse_mode) == (MouseMode.SERVER, MouseMode.SERVER)
    assert line.values[1:3] == [main.Name(b"guest\0"), main.Uuid(b"u" * 16)]
    assert isinstance(line.values[3], common.Ping) and len(line.values) == 4
    line.send(main.AttachChannels(), main.AttachChannels())
    lists = line.read()
    assert len(lists) == 2 and lists[0] == lists[1]
    assert [(item.type, item.id) for item in lists[0].channels] == [key for key in usual(1) if key[0] != ChannelType.MAIN]


def test_without_capabilities() -> None:
    wire = serve(small())
    line = wire.link(common=NONE, own=NONE)
    init, ping = line.read()
    assert isinstance(init, main.Init)
    assert isinstance(ping, common.Ping)
    wire.session_id = init.session_id
    assert "MonitorsConfig" not in wire.display(common=NONE, own=NONE).names()


def test_notify_and_the_warning_about_inputs() -> None:
    wire = serve(small())
    line, _ = wire.main()
    line.read()
    wire.link(ChannelType.INPUTS)
    wire.server.notify("hello", NotifySeverity.ERROR)
    warning, notice = line.read()
    assert warning.severity == NotifySeverity.WARN
    assert (notice.severity, notice.message, notice.terminator) == (NotifySeverity.ERROR, b"hello", b"\0")


_STATE = migration.Main(
    header=moving.header(migration.Main),
    agent_base=moving.device(connected=False),
    client_agent_started=0,
    agent2client_chunk_header_size=0,
    agent2client_chunk_header=migration.ChunkHeader(port=0, size=0),
    agent2client_msg_header_done=0,
    agent2client_msg_header_ptr=None,
    agent2client_msg_remaining=0,
    agent2client_msg_filter_result=0,
    client2agent_msg_remaining=0,
    client2agent_msg_filter_result=0,
)


@pytest.mark.parametrize(("seamless", "answer"), ((False, main.MigrateDstSeamlessNack()), (True, main.MigrateDstSeamlessAck())))
def test_the_destination_of_a_migration(seamless: bool, answer: object) -> None:
    wire = serve(small(), seamless=seamless)
    wire.server.expect_migration(77)
    line = wire.link(connection_id=77)
    assert line.refused is None and line.read() == []
    line.send(main.MigrateDstDoSeamless(1), main.MigrateDstDoSeamless(1), main.AttachChannels())
    assert line.read() == [answer]
    wire.session_id = 77
    screen = wire.link(ChannelType.DISPLAY)
    wire.wait(40)
    assert not screen.closed
    line.send(moving.data(_STATE) if seamless else main.MigrateEnd())
    first = line.read()[0]
    assert type(first).__name__ == ("MultiMediaTime" if seamless else "Init")
    assert seamless or first.session_id == 77
    line.send(main.MigrateDstDoSeamless(1), main.AttachChannels())
    assert line.names() == ["ChannelsList"]
    assert error(wire.link(connection_id=77)) == LinkErr.BAD_CONNECTION_ID, "a migration is over once"


def test_the_agent() -> None:
    guest = small()
    wire = serve(guest, multi_client=True)
    knows, _ = wire.main()
    does_not, _ = wire.main(own=NONE)
    for line in (knows, does_not):
        line.read()
    knows.send(main.AgentStart(10), main.AgentToken(1), main.AgentData(b"lost"))
    assert knows.read() == []
    guest.agent.set_present(True)
    mode = main.MouseModeMessage(BOTH, MouseMode.SERVER)
    assert knows.read() == [main.AgentConnectedTokens(AGENT_TOKENS), mode]
    assert does_not.read() == [main.AgentConnected(), mode]
    knows.send(main.AgentData(b"of an agent that was not greeted"))
    assert knows.read() == []
    guest.agent.set_present(False)
    assert knows.names() == ["AgentDisconnected", "MouseModeMessage"]


def test_a_client_that_answers_pings_stays_and_one_that_does_not_goes() -> None:
    wire = serve(small(), ping_interval=10.0, silence=30.0)
    line, _ = wire.main()
    keys = wire.link(ChannelType.INPUTS)
    for _ in range(30):
        wire.wait(10)
        assert "Ping" in line.names()
    assert not line.closed
    for _ in range(10):
        # No PONG, but a movement now and then: alive.
        wire.wait(10)
        keys.send(inputs.MouseMotion(1, 1, 0))
    assert not line.closed
    wire.wait(29)
    assert not line.closed
    wire.wait(2)
    assert line.closed and keys.closed


def test_padding_of_the_first_ping() -> None:
    wire = serve(small(), ping_padding=256_000)
    line, _ = wire.main()
    wire.wait(10)
    line.read()
    assert [len(ping.data) for ping in line.values if isinstance(ping, common.Ping)] == [256_000, 0]
