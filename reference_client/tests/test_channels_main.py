"""The main channel: INIT, mouse mode, names, clock, and what means nothing here."""

from __future__ import annotations

import pytest

from reference_client import Client, Options
from reference_client.channels.main import Initialised, MouseModeChanged, Named, SwitchHost
from reference_client.tests.scripted import SESSION, ScriptedServer, session
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import common, display, main


def test_main_says_attach_channels_and_asks_for_client_mode() -> None:
    server = session(Client())
    assert server.main.got == [main.AttachChannels(), main.MouseModeRequest(2)]
    assert server.line(ChannelType.DISPLAY).got == [
        display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 22, glz_dictionary_id=1, glz_dictionary_window_size=1 << 22)
    ]
    assert server.inputs.got == server.line(ChannelType.CURSOR).got == []


@pytest.mark.parametrize(("supported", "current", "prefers"), [(1, 1, True), (3, 2, True), (3, 1, False)])
def test_client_mode_is_asked_for_only_where_it_is_wanted_and_not_there(supported: int, current: int, prefers: bool) -> None:
    server = session(Client(Options(prefer_client_mode=prefers)), supported=supported, current=current)
    assert server.main.got == [main.AttachChannels()]


def test_client_mode_is_asked_for_again_when_it_becomes_possible() -> None:
    server = session(Client(), supported=1)
    server.main.take()
    server.main.send(main.MouseModeMessage(3, 1))
    assert server.main.take() == [main.MouseModeRequest(2)]
    server.main.send(main.MouseModeMessage(3, 2))
    assert server.main.take() == []
    server.main.send(main.MouseModeMessage(3, 1))
    assert server.main.take() == [main.MouseModeRequest(2)], "also where the server has changed it"
    assert [event.mode for event in server.told(MouseModeChanged)] == [1, 2, 1]


def test_the_mode_that_the_user_asks_for_is_not_given_up() -> None:
    server = session(Client(), current=2)
    server.client.main.request_mouse_mode("server")
    server.run()
    server.main.take()
    server.main.send(main.MouseModeMessage(3, 1))
    assert server.main.take() == []
    server.main.send(main.MouseModeMessage(3, 2))
    assert server.main.take() == [main.MouseModeRequest(1)]


def test_nothing_is_said_on_main_before_init_not_even_a_pong() -> None:
    server = ScriptedServer(Client())
    server.main.send(common.Ping(1, 2, b""))
    assert server.main.got == []
    server.init()
    assert server.main.got[:2] == [common.Pong(1, 2), main.AttachChannels()]


def test_a_second_init_changes_nothing() -> None:
    server = session(Client(), supported=1)
    server.main.take()
    server.main.send(
        main.Init(
            session_id=77,
            display_channels_hint=1,
            supported_mouse_modes=3,
            current_mouse_mode=2,
            agent_connected=0,
            agent_tokens=0,
            multi_media_time=0,
            ram_hint=0,
        )
    )
    assert server.main.take() == []
    assert server.client.session_id == SESSION
    assert len(server.told(Initialised)) == 1


@pytest.mark.parametrize(("data", "name"), [(b"guest\0", "guest"), (b"guest", "guest"), (b"", ""), (b"\xff\0x", "\ufffd")])
def test_names_come_with_and_without_a_zero_byte(data: bytes, name: str) -> None:
    server = session(Client())
    server.main.send(main.Name(data))
    assert server.told(Named) == [Named(name)]


def test_the_multimedia_clock_goes_on_modulo_2_to_the_32() -> None:
    server = session(Client(), clock=0xFFFFFF00)
    assert server.client.main.clock.time(1.0) == (0xFFFFFF00 + 1000) & 0xFFFFFFFF
    server.now = 2.0
    server.main.send(main.MultiMediaTime(5))
    assert server.client.main.clock.time(2.5) == 505


def test_messages_of_every_channel_that_mean_nothing_here_are_lived_through() -> None:
    server = session(Client())
    server.main.send(
        main.AgentConnectedTokens(10),
        main.AgentConnected(),
        main.AgentData(b"x"),
        main.AgentToken(1),
        main.AgentDisconnected(0),
        main.MigrateCancel(),
        main.MigrateEnd(),
        main.Uuid(bytes(16)),
        common.Migrate(3),
        common.MigrateData(b"state"),
        main.MigrateDstSeamlessAck(),
        main.MigrateDstSeamlessNack(),
    )
    server.main.take()
    server.main.send(common.Ping(1, 1, b""))
    assert server.main.take() == [common.Pong(1, 1)]


def test_a_server_that_gives_up_the_session_is_told_of() -> None:
    server = session(Client(Options(migration="none")))
    server.main.send(main.MigrateSwitchHost(port=5900, sport=5901, host_data=b"other\0", cert_subject_data=b"CN=x\0"))
    assert server.told(SwitchHost) == [SwitchHost("other", 5900, 5901, "CN=x")]


def test_a_mode_is_asked_for_by_number_or_name_and_after_init() -> None:
    server = ScriptedServer(Client(Options(prefer_client_mode=False)))
    with pytest.raises(LocalError):
        server.client.main.request_mouse_mode(1)
    server.init()
    for mode in (1, "client", "SERVER"):
        server.client.main.request_mouse_mode(mode)
    server.run()
    assert [value.mode for value in server.main.got[1:]] == [1, 2, 1]
    with pytest.raises(LocalError):
        server.client.main.request_mouse_mode("sideways")
