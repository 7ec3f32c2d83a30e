"""Sentences that the rules read off any conversation: one case each, and a tour through an ordinary session for all of them.

The tour is made once a run. What the rules find in the conversations of other cases is added when the run is over
(:func:`conformance.runner.finish`), so that such a sentence is as good as all conversations together.
"""

from __future__ import annotations

from functools import partial

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import SANITY, Case, declare
from conformance.requirements import by_rules, requirements
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

__all__ = ["client_tour", "server_tour"]

_KEY = 0x1E


def server_tour(client: SuiteClient) -> None:
    """An ordinary session: main, every first channel that is listed, pointer and keyboard, and both mouse modes."""
    talk, listed = client.session()
    for kind in (ChannelType.DISPLAY, ChannelType.CURSOR):
        if (kind, 0) in listed:
            other = client.display() if kind == ChannelType.DISPLAY else client.link(kind)
            client.run(partial(bool, other.inbox))
    if (ChannelType.INPUTS, 0) in listed:
        keyboard = client.inputs()
        keyboard.send(inputs.KeyDown(_KEY))
        keyboard.send(inputs.KeyUp(_KEY | 0x80))
        supported = int(client.init.supported_mouse_modes)
        for mode in (MouseMode.SERVER, MouseMode.CLIENT):
            if supported & mode:
                client.need_mode(talk, mode)
                client.init = main.Init(client.session_id, 0, supported, mode, 0, 0, 0, 0)
                _move(client, keyboard, mode)
    client.alive(talk)
    talk.close()
    client.quiet()


def _move(client: SuiteClient, keyboard: object, mode: int) -> None:
    from conformance.talk import Talk

    assert isinstance(keyboard, Talk)
    for number in range(8):
        if mode == MouseMode.SERVER:
            keyboard.send(inputs.MouseMotion(1, -1, 0))
        else:
            keyboard.send(inputs.MousePosition(10 + number, 20, 0, 0))
        if number % 4 == 3:
            keyboard.expect("MOUSE_MOTION_ACK")
    keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT))
    keyboard.send(inputs.MouseRelease(MouseButton.LEFT, 0))


def client_tour(server: SuiteServer) -> None:
    """An ordinary session: every channel that the client links, pings, and movements in both mouse modes."""
    talk = server.session()
    server.others()
    server.alive(talk)
    keyboard = server.talks.get((ChannelType.INPUTS, 0))
    if keyboard is not None and {"act:motion", "act:position"} <= server.target.has:
        for mode in (MouseMode.CLIENT, MouseMode.SERVER):
            talk.send(main.MouseModeMessage(MouseMode.SERVER | MouseMode.CLIENT, mode))
            server.alive(talk)
            for number in range(4):
                if mode == MouseMode.CLIENT:
                    server.act("position", x=10 + number, y=20, display=0)
                else:
                    server.act("motion", dx=1, dy=-1)
            server.quiet()
            if keyboard.count("MOUSE_MOTION") + keyboard.count("MOUSE_POSITION") >= 4 * (1 + (mode == MouseMode.SERVER)):
                keyboard.send(inputs.MouseMotionAck())
    server.alive(talk)
    server.quiet()


for _id in sorted(by_rules()):
    _sentence = requirements()[_id]
    for _role, _tour in (("server", server_tour), ("client", client_tour)):
        if _sentence.role in (_role, "both"):
            declare(Case(f"{_id}/observed" if _sentence.role != "both" else f"{_id}/observed-{_role}", _role, _tour,
                         "What the rules see in every conversation of the run", after=(SANITY[_role],),
                         observed=True))  # fmt: skip
