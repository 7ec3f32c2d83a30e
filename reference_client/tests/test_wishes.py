"""What a user may wish: channels by name, and verbs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.channels import CursorChannel, DisplayChannel
from reference_client.tests.scripted import ScriptedServer, session
from reference_client.wishes import VERBS
from spiceproto.controls import control
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import display, inputs, main


def test_channels_have_names_while_they_are_linked() -> None:
    server = session(Client())
    client = server.client
    assert (client.main.id, client.inputs.id, list(client.displays)) == (0, 0, [0])
    assert client.channel(CursorChannel) is client.channel(CursorChannel, 0)
    server.inputs.close()
    with pytest.raises(LocalError, match="there is no inputs channel"):
        _ = client.inputs


@pytest.mark.parametrize("name", ["main", "inputs"])
def test_what_is_not_linked_has_no_wishes(name: str) -> None:
    client = Client()
    client.start(0.0)
    with pytest.raises(LocalError, match=f"there is no {name} channel"):
        getattr(client, name)


def test_an_id_that_is_not_there_is_an_error() -> None:
    client = session(Client()).client
    with pytest.raises(LocalError, match="there is no display channel 3; expected 0"):
        _ = client.displays[3]
    with pytest.raises(LocalError, match="there is no display channel 3"):
        client.channel(DisplayChannel, 3)
    assert client.displays.get(3) is None


def test_a_picture_stays_when_the_session_is_over() -> None:
    server = session(Client(Options(canvas=True)))
    create = display.SurfaceCreate(surface_id=0, width=4, height=3, format=32, flags=1)
    server.line(ChannelType.DISPLAY).send(create)
    server.leave()
    assert server.client.displays[0].picture().shape == (3, 4, 3)


def test_without_a_canvas_there_is_no_picture() -> None:
    with pytest.raises(LocalError, match="there is no picture"):
        session(Client()).client.displays[0].picture()


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_has_the_values_of_its_method(verb: str) -> None:
    method = VERBS[verb].verbs[verb]
    assert getattr(VERBS[verb], method.__name__) is method
    parameters = list(inspect.signature(method).parameters)[1:]
    assert parameters == [value.name for value in control("client", verb).values]


def test_a_verb_is_done_by_its_channel() -> None:
    server = session(Client(Options(prefer_client_mode=False)))
    server.main.take()
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("mouse-mode", {"mode": "client"}),
        ("scancode", {"data": "1e9e"}),
        ("key", {"code": 0x11D}),
    ]
    for verb, values in wishes:
        server.client.wish(verb, values)
    server.run()
    assert server.main.take() == [main.MouseModeRequest(2)]
    assert server.inputs.take() == [inputs.KeyScancode(b"\x1e\x9e"), inputs.KeyDown(0x1DE0)]


@pytest.mark.parametrize(
    ("verb", "values", "text"),
    [
        ("motion", {"dx": 1}, "a value is missing: dy"),
        ("motion", {"dx": "1", "dy": 1}, "dx is not what it should be"),
        ("motion", {"dx": 1, "dy": 1, "dz": 1}, "a value that motion does not have"),
        ("mouse-mode", {"mode": "sideways"}, "mode is not what it should be"),
        ("scancode", {"data": "xy"}, "data is not what it should be"),
        ("fly", {}, "a client can not be told this"),
        ("state", {}, "no channel can be told this"),
    ],
)
def test_what_cannot_be_wished(verb: str, values: dict[str, Any], text: str) -> None:
    server = session(Client())
    server.inputs.take()
    with pytest.raises(LocalError, match=text):
        server.client.wish(verb, values)
    server.run()
    assert server.inputs.take() == []


def test_a_verb_needs_its_channel() -> None:
    with pytest.raises(LocalError, match="there is no inputs channel"):
        ScriptedServer(Client()).client.wish("motion", {"dx": 1, "dy": 1})
