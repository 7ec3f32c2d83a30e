"""Steps that cases about the mouse share; cases of other chapters move it with them, too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.as_client import SuiteClient
from conformance.client_wire import Ask
from conformance.expectation import check, check_value, such
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

__all__ = [
    "BOTH",
    "BUNCH",
    "ask_for",
    "asked_in_vain",
    "both_modes",
    "check_modes",
    "in_mode",
    "move",
    "movement",
    "need_pointer_to_decide",
    "server_mode_only",
    "told",
]

BOTH: Final = MouseMode.SERVER | MouseMode.CLIENT
BUNCH: Final = 4
"""Movements for one acknowledgement."""


def movement(mode: int, number: int = 0) -> inputs.MouseMotion | inputs.MousePosition:
    """What a client sends in a mode; positions differ by ``number``."""
    if mode == MouseMode.CLIENT:
        return inputs.MousePosition(x=10 + number, y=20, buttons_state=0, display_id=0)
    return inputs.MouseMotion(1, -1, 0)


def move(client: SuiteClient, keyboard: Talk, count: int = 1, *, mode: int | None = None) -> None:
    """So many movements on an inputs channel, of the kind for ``mode``: that of INIT if none is given."""
    current = int(client.init.current_mouse_mode) if mode is None else int(mode)
    keyboard.send(*[movement(current, number) for number in range(count)])


# -- the modes of a server


def check_modes(what: str, supported: int, current: int) -> None:
    """SERVER is supported, and one of the supported modes is the current one. Raises Failure."""
    sensible = such("SERVER (1), and CLIENT (2) or not", lambda bits: bits & MouseMode.SERVER and not bits & ~int(BOTH))
    check_value(what, "supported modes", int(supported), sensible)
    one = such(f"exactly one of the supported modes ({int(supported)})", lambda mode: mode in (1, 2) and supported & mode)
    check_value(what, "current mode", int(current), one)


def told(talk: Talk, supported: int) -> None:
    """MOUSE_MODE tells that these modes are supported. Raises Failure."""
    talk.peer.relies_on("SPICE-MOUSE-001/init", "SPICE-MOUSE-010/absolute-pointer", "SPICE-MOUSE-010/neither")
    talk.wait_for("MOUSE_MODE", supported_modes=supported)


def need_pointer_to_decide(client: SuiteClient) -> None:
    """In the session that has begun CLIENT is supported for an absolute pointer, and for no other (SPICE-MOUSE-010).

    Raises NotApplicable where that is not so.
    """
    if client.init.agent_connected:
        raise NotApplicable("INIT says that an agent is connected: CLIENT is supported whatever the pointing device is")
    displays = [kind for kind, _ in client.listed or ()].count(ChannelType.DISPLAY)
    if client.listed is not None and not displays:
        raise client.not_listed(client.listed, (ChannelType.DISPLAY, 0))
    if displays != 1:
        raise NotApplicable(f"the list of channels has {displays} displays: an absolute pointer need not bring CLIENT")


def both_modes(client: SuiteClient) -> Talk:
    """Main of a server that supports both modes; the guest gets an absolute pointer where that is needed."""
    if client.target.meets("control:pointer"):
        client.control("pointer", "absolute")
    talk, _ = client.session()
    supported = int(client.init.supported_mouse_modes)
    if supported & BOTH != BOTH:
        if not client.target.meets("control:pointer"):
            raise NotApplicable(f"supported mouse modes are {supported}")
        need_pointer_to_decide(client)
        told(talk, BOTH)
    return talk


def server_mode_only(client: SuiteClient) -> Talk:
    """Main of a server that supports SERVER alone; the guest gets a relative pointer where that is needed."""
    if client.target.meets("control:pointer"):
        client.control("pointer", "relative")
    talk, _ = client.session()
    supported = int(client.init.supported_mouse_modes)
    if supported != MouseMode.SERVER:
        if not client.target.meets("control:pointer"):
            raise NotApplicable(f"supported mouse modes are {supported}")
        need_pointer_to_decide(client)
        told(talk, MouseMode.SERVER)
    return talk


def ask_for(client: SuiteClient, talk: Talk, mode: int) -> None:
    """Ask for a mode that is not the current one, and get it. Raises Failure."""
    client.relies_on("SPICE-MOUSE-001/init", "SPICE-MOUSE-005/in-turn")
    talk.drop()
    talk.send(main.MouseModeRequest(mode), text=f"MOUSE_MODE_REQUEST {int(mode)}")
    talk.wait_for("MOUSE_MODE", current_mode=MouseMode(mode))


def in_mode(client: SuiteClient, mode: int) -> tuple[Talk, Talk]:
    """Main and inputs of a session in a mode."""
    talk = both_modes(client) if mode == MouseMode.CLIENT else client.session()[0]
    keyboard = client.channel(Ask(ChannelType.INPUTS))
    if int(client.init.current_mouse_mode) != mode:
        ask_for(client, talk, mode)
    return talk, keyboard


def asked_in_vain(client: SuiteClient, talk: Talk, wanted: Iterable[int], *, now: int | None = None) -> None:
    """Requests that change nothing. A MOUSE_MODE that says again what holds is tolerated."""
    client.relies_on("SPICE-MOUSE-001/init")
    current = MouseMode(client.init.current_mouse_mode if now is None else now)
    talk.drop()
    for mode in wanted:
        talk.send(main.MouseModeRequest(mode), text=f"MOUSE_MODE_REQUEST {mode}")
    for message in client.so_far(talk, "MOUSE_MODE", why="a request that changes nothing"):
        check("MOUSE_MODE", message.parsed, current_mode=current, why="the mode stays")
        client.tolerate("MOUSE_MODE although nothing has changed", against="SPICE-MOUSE-004")
