"""Servers: mouse modes (4.1)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.mouse.steps import (
    BOTH,
    ask_for,
    asked_in_vain,
    both_modes,
    check_modes,
    need_pointer_to_decide,
    server_mode_only,
    told,
)
from conformance.expectation import check, having, lacking
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

_POINTER_AND_AGENT: Final = ("control:pointer", "control:agent")


@server_case("SPICE-MOUSE-001/init", channel="main")
def modes_of_init(client: SuiteClient) -> None:
    """The modes in INIT, for each kind of pointer that the guest can be given."""
    for pointer in ("relative", "absolute") if client.target.meets("control:pointer") else ("",):
        if pointer:
            client.control("pointer", pointer)
        client.main()
        check_modes("INIT", client.init.supported_mouse_modes, client.init.current_mouse_mode)


@server_case("SPICE-MOUSE-001/changes", channel="main")
def modes_of_changes(client: SuiteClient) -> None:
    """The modes in each MOUSE_MODE, when the client asks for all modes and more, and the guest changes its pointer."""
    client.relies_on("SPICE-MOUSE-006/none", "SPICE-MOUSE-006/both", "SPICE-MOUSE-006/a-third")
    talk, _ = client.session()
    for wanted in (MouseMode.CLIENT, MouseMode.SERVER, BOTH, 0, 4, MouseMode.CLIENT):
        talk.send(main.MouseModeRequest(wanted))
    if client.target.meets("control:pointer"):
        for pointer in ("relative", "absolute", "relative"):
            client.control("pointer", pointer)
    changes = client.so_far(talk, "MOUSE_MODE")
    check_modes("INIT", client.init.supported_mouse_modes, client.init.current_mouse_mode)
    for message in changes:
        check_modes("MOUSE_MODE", message.parsed.supported_modes, message.parsed.current_mode)


@server_case("SPICE-MOUSE-003/guest-takes-an-absolute-pointer", channel="main", needs=("control:pointer",))
def guest_becomes_absolute(client: SuiteClient) -> None:
    """The guest takes an absolute pointer: MOUSE_MODE says that CLIENT is supported now."""
    talk = server_mode_only(client)
    need_pointer_to_decide(client)
    talk.drop()
    client.control("pointer", "absolute")
    told(talk, BOTH)


@server_case("SPICE-MOUSE-003/guest-gives-its-absolute-pointer-up", channel="main", needs=("control:pointer",))
def guest_becomes_relative(client: SuiteClient) -> None:
    """The guest gives its absolute pointer up while SERVER is the mode: MOUSE_MODE says that CLIENT is not supported."""
    talk = both_modes(client)
    need_pointer_to_decide(client)
    if client.init.current_mouse_mode != MouseMode.SERVER:
        ask_for(client, talk, MouseMode.SERVER)
    talk.drop()
    client.control("pointer", "relative")
    told(talk, MouseMode.SERVER)


@server_case("SPICE-MOUSE-003/to-and-fro", channel="main", needs=("control:pointer",))
def guest_changes_often(client: SuiteClient) -> None:
    """The guest changes its pointer four times: after each the client knows what is supported."""
    talk = server_mode_only(client)
    need_pointer_to_decide(client)
    for pointer, supported in (("absolute", BOTH), ("relative", MouseMode.SERVER)) * 2:
        talk.drop()
        client.control("pointer", pointer)
        told(talk, supported)


@server_case("SPICE-MOUSE-004/current-mode", channel="main")
def current_mode(client: SuiteClient) -> None:
    """A request for the current mode changes nothing, and brings no MOUSE_MODE."""
    talk, _ = client.session()
    asked_in_vain(client, talk, (int(client.init.current_mouse_mode),))


@server_case("SPICE-MOUSE-004/current-mode-after-a-change", channel="main")
def current_mode_after_a_change(client: SuiteClient) -> None:
    """The same in a mode that was asked for."""
    talk = both_modes(client)
    other = MouseMode.CLIENT if client.init.current_mouse_mode == MouseMode.SERVER else MouseMode.SERVER
    ask_for(client, talk, other)
    asked_in_vain(client, talk, (int(other),), now=other)


@server_case("SPICE-MOUSE-005/in-turn", channel="main")
def granted(client: SuiteClient) -> None:
    """SERVER and CLIENT are asked for in turn, and granted."""
    client.relies_on("SPICE-MOUSE-003/guest-takes-an-absolute-pointer")
    talk = both_modes(client)
    modes = [MouseMode.SERVER, MouseMode.CLIENT]
    if client.init.current_mouse_mode == MouseMode.SERVER:
        modes.reverse()
    for mode in modes * 2:
        ask_for(client, talk, mode)


@server_case("SPICE-MOUSE-005/before-the-list", channel="main", requires=("SPICE-MOUSE-005/in-turn",))
def granted_before_the_list(client: SuiteClient) -> None:
    """The other mode is asked for behind INIT, before ATTACH_CHANNELS, and granted."""
    with client.preparing("a server that supports both modes"):
        both_modes(client)
    talk = client.main()
    if int(client.init.supported_mouse_modes) & BOTH != BOTH:
        raise NotApplicable(f"supported mouse modes are {int(client.init.supported_mouse_modes)}")
    ask_for(client, talk, MouseMode.CLIENT if client.init.current_mouse_mode == MouseMode.SERVER else MouseMode.SERVER)


@server_case("SPICE-MOUSE-006/client-not-supported", channel="main")
def not_supported(client: SuiteClient) -> None:
    """CLIENT is asked for where SERVER alone is supported."""
    talk = server_mode_only(client)
    asked_in_vain(client, talk, (int(MouseMode.CLIENT),), now=MouseMode.SERVER)


@server_case("SPICE-MOUSE-006/none", 0, channel="main")
@server_case("SPICE-MOUSE-006/both", 3, channel="main")
@server_case("SPICE-MOUSE-006/a-third", 4, channel="main")
@server_case("SPICE-MOUSE-006/all-bits", 65535, channel="main")
def no_mode(client: SuiteClient, wanted: int) -> None:
    """What is no mode is asked for, whatever modes are supported."""
    talk, _ = client.session()
    asked_in_vain(client, talk, (wanted,))


@server_case("SPICE-MOUSE-006/no-mode-in-client-mode", "CLIENT", channel="main")
@server_case("SPICE-MOUSE-006/no-mode-in-server-mode", "SERVER", channel="main")
def no_mode_of_two(client: SuiteClient, mode: str) -> None:
    """What is no mode is asked for where both modes are supported, and this is the mode."""
    talk = both_modes(client)
    current = MouseMode[mode]
    if client.init.current_mouse_mode != current:
        ask_for(client, talk, current)
    for wanted in (0, 3, 4, 65535):
        asked_in_vain(client, talk, (wanted,), now=current)


@server_case("SPICE-MOUSE-009/guest-gives-its-absolute-pointer-up", channel="main", needs=("control:pointer",))
def client_mode_ends(client: SuiteClient) -> None:
    """CLIENT is the mode and the guest gives its absolute pointer up: the next MOUSE_MODE changes both."""
    client.relies_on("SPICE-MOUSE-010/neither")
    talk = both_modes(client)
    need_pointer_to_decide(client)
    if client.init.current_mouse_mode != MouseMode.CLIENT:
        ask_for(client, talk, MouseMode.CLIENT)
    talk.drop()
    client.control("pointer", "relative")
    talk.expect("MOUSE_MODE", supported_modes=MouseMode.SERVER, current_mode=MouseMode.SERVER)


@server_case("SPICE-MOUSE-010/absolute-pointer", channel="main", needs=("control:pointer",))
def absolute_pointer(client: SuiteClient) -> None:
    """One display, and a guest with an absolute pointer: CLIENT is supported for whoever comes."""
    client.control("pointer", "absolute")
    _, listed = client.session()
    displays = [item for item in listed if item[0] == ChannelType.DISPLAY]
    if not displays:
        raise client.not_listed(listed, (ChannelType.DISPLAY, 0))
    if len(displays) != 1:
        raise NotApplicable(f"the list of channels has {len(displays)} displays")
    check("INIT", client.init, supported_mouse_modes=having(MouseMode.CLIENT))


def _check_no_client_mode(client: SuiteClient, why: str) -> None:
    client.relies_on("SPICE-MOUSE-001/init")
    if client.init.agent_connected:
        raise NotApplicable("INIT says that an agent is connected")
    check("INIT", client.init, supported_mouse_modes=lacking(MouseMode.CLIENT), why=why)


@server_case("SPICE-MOUSE-010/neither", channel="main", needs=("control:pointer",))
def neither(client: SuiteClient) -> None:
    """Neither an agent nor an absolute pointer: positions would go nowhere, and CLIENT is not supported."""
    client.control("pointer", "relative")
    client.main()
    _check_no_client_mode(client, "the guest has a relative pointer")


@server_case("SPICE-MOUSE-010/second-display", channel="main", needs=("control:pointer", "two-displays"))
def second_display(client: SuiteClient) -> None:
    """An absolute pointer and two displays: nobody knows which of them a position is for, and CLIENT is not supported."""
    client.control("pointer", "absolute")
    client.main()
    _check_no_client_mode(client, "there are two displays")


@server_case("SPICE-MOUSE-010/agent-alone", "relative", channel="main", needs=_POINTER_AND_AGENT)
@server_case("SPICE-MOUSE-010/agent-and-absolute-pointer", "absolute", channel="main", needs=_POINTER_AND_AGENT)
def agent_comes(client: SuiteClient, pointer: str) -> None:
    """An agent that moves the pointer appears in a running session: CLIENT is supported, whatever the pointer is."""
    client.control("pointer", pointer)
    client.control("agent", False)
    talk, listed = client.session()
    client.control("agent", True)
    client.alive(talk)
    _client_mode_is_granted(client, talk)
    if pointer == "absolute" and [kind for kind, _ in listed].count(ChannelType.DISPLAY) == 1:
        talk.drop()
        client.control("agent", False)
        for message in client.so_far(talk, "MOUSE_MODE"):
            stays = having(MouseMode.CLIENT)
            check("MOUSE_MODE", message.parsed, supported_modes=stays, why="the guest has an absolute pointer")


@server_case("SPICE-MOUSE-010/agent-and-two-displays", channel="main", needs=(*_POINTER_AND_AGENT, "two-displays"))
def agent_and_two_displays(client: SuiteClient) -> None:
    """Two displays, and an agent that moves the pointer: CLIENT is supported."""
    client.control("pointer", "absolute")
    client.control("agent", True)
    talk, _ = client.session()
    _client_mode_is_granted(client, talk)


def _client_mode_is_granted(client: SuiteClient, talk: Talk) -> None:
    """CLIENT is the mode, or becomes it when it is asked for. Raises Failure."""
    if client.init.current_mouse_mode != MouseMode.CLIENT:
        ask_for(client, talk, MouseMode.CLIENT)
