"""WAIT_FOR_CHANNELS between the channels of a session."""

from __future__ import annotations

import pytest

from reference_client import Client, events
from reference_client.line import WAITING_BYTES
from reference_client.tests.scripted import session
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common


def test_a_channel_waits_for_another_and_goes_on() -> None:
    server = session(Client())
    serial = server.main.channel.sent_serial  # type: ignore[union-attr]
    wait = common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial + 2),))
    server.inputs.send(wait, common.Ping(1, 1, b""))
    assert server.client.paused(server.inputs.connection)
    server.main.send(common.Ping(2, 2, b""))
    assert server.inputs.got == []
    server.main.send(common.Ping(3, 3, b""))
    assert server.inputs.got == [common.Pong(1, 1)]
    assert not server.client.paused(server.inputs.connection)


def test_channels_that_wait_for_one_another_in_a_row_all_go_on() -> None:
    server = session(Client())
    cursor = server.line(ChannelType.CURSOR)
    serial = server.main.channel.sent_serial  # type: ignore[union-attr]
    cursor.send(common.WaitForChannels((common.ChannelWait(ChannelType.INPUTS, 0, 2),)), common.Ping(1, 1, b""))
    server.inputs.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial + 1),)), common.Ping(2, 2, b""))
    assert cursor.got == server.inputs.got == []
    server.main.send(common.Ping(3, 3, b""))
    assert (cursor.got, server.inputs.got) == ([common.Pong(1, 1)], [common.Pong(2, 2)])


@pytest.mark.parametrize("channel", [(2, 99), (99, 0), (3, 0)])
def test_nobody_waits_for_a_channel_that_is_not_there_or_for_itself(channel: tuple[int, int]) -> None:
    server = session(Client())
    server.inputs.send(common.WaitForChannels((common.ChannelWait(*channel, 1000),)), common.Ping(1, 1, b""))
    assert server.inputs.got == [common.Pong(1, 1)]


def test_the_end_of_a_channel_ends_the_wait_for_it() -> None:
    server = session(Client())
    server.inputs.send(common.WaitForChannels((common.ChannelWait(4, 0, 1000),)), common.Ping(1, 1, b""))
    assert server.inputs.got == []
    server.line(ChannelType.CURSOR).close()
    assert server.inputs.got == [common.Pong(1, 1)]


def test_a_channel_that_waits_does_not_pile_up_without_bound() -> None:
    client = Client()
    server = session(client)
    server.inputs.send(common.WaitForChannels((common.ChannelWait(4, 0, 1000),)))
    assert server.inputs.channel is not None
    for _ in range(WAITING_BYTES // 250000 + 1):
        client.receive(server.inputs.connection, server.inputs.channel.send(common.Ping(1, 1, bytes(250000))), 0.0)
    assert not client.paused(server.inputs.connection)
    assert [type(event) for event in client.take_events()] == [events.ChannelClosed]
