"""In which order channels are linked that a list names, and that each is linked once whatever the order is."""

from __future__ import annotations

import pytest

from reference_client import Client, Options
from reference_client.tests.scripted import LISTED, ScriptedServer
from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs

DISPLAY, INPUTS, CURSOR = (2, 0), (3, 0), (4, 0)


def listed(order: str) -> ScriptedServer:
    """The list has come; behind main nothing has been said on any channel."""
    server = ScriptedServer(Client(Options(link_order=order)))
    server.init()
    server.listing(*LISTED)
    return server


@pytest.mark.parametrize(
    ("order", "wanted"), [("parallel", [DISPLAY, INPUTS, CURSOR]), ("reversed", [CURSOR, INPUTS, DISPLAY])]
)
def test_all_at_once(order: str, wanted: list[tuple[int, int]]) -> None:
    server = listed(order)
    assert list(server.lines)[1:] == wanted
    server.listing(*LISTED)
    assert len(server.connections) == 4


def test_one_behind_the_other_once_the_server_has_spoken() -> None:
    server = listed("sequential")
    assert list(server.lines)[1:] == [DISPLAY]
    server.listing(*LISTED, (ChannelType.INPUTS, 0))
    assert list(server.lines)[1:] == [DISPLAY], "what waits is not linked a second time"
    server.line(ChannelType.DISPLAY).send_raw(250, b"")
    assert list(server.lines)[1:] == [DISPLAY, INPUTS]
    server.line(ChannelType.INPUTS).send(inputs.Init(0))
    assert list(server.lines)[1:] == [DISPLAY, INPUTS, CURSOR]
    assert len(server.connections) == 4


def test_a_channel_that_is_lost_holds_nobody_up() -> None:
    server = listed("sequential")
    server.line(ChannelType.DISPLAY).close()
    assert list(server.lines)[1:] == [DISPLAY, INPUTS]


def test_a_server_that_says_nothing_is_waited_for_as_long_as_a_link_may_take() -> None:
    server = listed("sequential")
    client = server.client
    assert client.deadline == client.options.link_timeout
    server.wait(client.options.link_timeout)
    assert list(server.lines)[1:] == [DISPLAY, INPUTS]


def test_who_leaves_links_nothing_more() -> None:
    server = listed("sequential")
    server.leave()
    server.line(ChannelType.DISPLAY).send_raw(250, b"")
    assert list(server.lines)[1:] == [DISPLAY]
