"""Servers: mouse modes, movements and their acknowledgement (spec/04-mouse.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

_BOTH: Final = MouseMode.SERVER | MouseMode.CLIENT
_BUNCH: Final = 4
"""Movements for one acknowledgement."""


# -- what many cases share


def _check_modes(supported: int, current: int, where: str) -> None:
    if not supported & MouseMode.SERVER or supported & ~int(_BOTH):
        raise Failure(f"supported modes of {where} with SERVER (1), and CLIENT (2) or not", str(supported))
    if current not in (MouseMode.SERVER, MouseMode.CLIENT) or not supported & current:
        raise Failure(f"exactly one of the supported modes ({supported}) as the current one of {where}", str(current))


def _told(talk: Talk, supported: int) -> main.MouseModeMessage:
    """The next MOUSE_MODE with these supported modes. Raises Failure."""
    talk.peer.lean("SPICE-MOUSE-001/init", "SPICE-MOUSE-010/absolute-pointer", "SPICE-MOUSE-010/neither")
    text = f"MOUSE_MODE with supported modes {int(supported)}"
    found: main.MouseModeMessage = talk.expect("MOUSE_MODE", where=lambda value: value.supported_modes == supported, text=text)
    return found


def _both(client: SuiteClient) -> Talk:
    """Main of a server that supports both modes; the guest gets an absolute pointer where that is needed."""
    if client.target.meets("control:pointer"):
        client.control("pointer", "absolute")
    talk, _ = client.session()
    supported = int(client.init.supported_mouse_modes)
    if supported & _BOTH != _BOTH and client.target.meets("control:pointer"):
        _told(talk, _BOTH)
    elif supported & _BOTH != _BOTH:
        raise NotApplicable(f"supported mouse modes are {supported}")
    return talk


def _server_only(client: SuiteClient) -> Talk:
    """Main of a server that supports SERVER alone; the guest gets a relative pointer where that is needed."""
    if client.target.meets("control:pointer"):
        client.control("pointer", "relative")
    talk, _ = client.session()
    if int(client.init.supported_mouse_modes) != MouseMode.SERVER:
        if not client.target.meets("control:pointer"):
            raise NotApplicable(f"supported mouse modes are {int(client.init.supported_mouse_modes)}")
        _told(talk, MouseMode.SERVER)
    return talk


def _ask(client: SuiteClient, talk: Talk, mode: int) -> main.MouseModeMessage:
    """Ask for a mode that is not the current one. Raises Failure if it is not granted."""
    client.lean("SPICE-MOUSE-001/init", "SPICE-MOUSE-005/in-turn")
    talk.drop()
    talk.send(main.MouseModeRequest(mode), text=f"MOUSE_MODE_REQUEST {int(mode)}")
    text = f"MOUSE_MODE with {MouseMode(mode).name} as the current mode"
    granted: main.MouseModeMessage = talk.expect("MOUSE_MODE", where=lambda value: value.current_mode == mode, text=text)
    return granted


def _in_mode(client: SuiteClient, mode: int) -> tuple[Talk, Talk]:
    """Main and inputs of a session in a mode."""
    if mode == MouseMode.CLIENT:
        talk = _both(client)
    else:
        talk, _ = client.session()
    keyboard = client.inputs()
    if int(client.init.current_mouse_mode) != mode:
        _ask(client, talk, mode)
    return talk, keyboard


def _acks(client: SuiteClient, keyboard: Talk, count: int, moved: str) -> None:
    """So many MOUSE_MOTION_ACK have come in all, and not one more. Raises Failure."""
    client.lean("SPICE-MOUSE-018/eight-at-once")
    keyboard.wire.step(f"expect {count} MOUSE_MOTION_ACK in all")
    client.run(lambda: keyboard.heard.get("MOUSE_MOTION_ACK", 0) >= count or keyboard.closed)
    found = keyboard.count("MOUSE_MOTION_ACK")
    if found != count:
        state = f"inputs was {keyboard.stream.ended}" if keyboard.closed else "inputs is open"
        raise Failure(f"{count} MOUSE_MOTION_ACK for {moved}", f"{found}; {state}")


def _no_more_acks(client: SuiteClient, keyboard: Talk, count: int, moved: str) -> None:
    client.quiet()
    found = keyboard.count("MOUSE_MOTION_ACK")
    if found != count:
        raise Failure(f"{count} MOUSE_MOTION_ACK for {moved}", str(found))
    keyboard.expect_open()


# -- 4.1 mode


@server_case("SPICE-MOUSE-001/init", channel="main")
def modes_of_init(client: SuiteClient) -> None:
    """The modes in INIT, for each kind of pointer that the guest can be given."""
    for pointer in ("relative", "absolute") if client.target.meets("control:pointer") else ("",):
        if pointer:
            client.control("pointer", pointer)
        client.main()
        _check_modes(int(client.init.supported_mouse_modes), int(client.init.current_mouse_mode), "INIT")


@server_case("SPICE-MOUSE-001/changes", channel="main")
def modes_of_changes(client: SuiteClient) -> None:
    """The modes in each MOUSE_MODE, when the client asks for all modes and more, and the guest changes its pointer."""
    talk, _ = client.session()
    for wanted in (MouseMode.CLIENT, MouseMode.SERVER, _BOTH, 0, 4, MouseMode.CLIENT):
        talk.send(main.MouseModeRequest(wanted))
    if client.target.meets("control:pointer"):
        for pointer in ("relative", "absolute", "relative"):
            client.control("pointer", pointer)
    # Not liveness: lists would push what is looked for out of the inbox.
    talk.send(main.AttachChannels())
    client.run(lambda: talk.heard.get("CHANNELS_LIST", 0) > 1 or talk.closed)
    _check_modes(int(client.init.supported_mouse_modes), int(client.init.current_mouse_mode), "INIT")
    for message in talk.inbox:
        if message.name == "MOUSE_MODE":
            if message.value is None:
                raise Failure("a well-formed MOUSE_MODE", message.error)
            _check_modes(int(message.value.supported_modes), int(message.value.current_mode), "MOUSE_MODE")


@server_case("SPICE-MOUSE-003/guest-takes-an-absolute-pointer", channel="main", needs=("control:pointer",))
def guest_becomes_absolute(client: SuiteClient) -> None:
    """The guest takes an absolute pointer: MOUSE_MODE says that CLIENT is supported now."""
    talk = _server_only(client)
    talk.drop()
    client.control("pointer", "absolute")
    _told(talk, _BOTH)


@server_case("SPICE-MOUSE-003/guest-gives-its-absolute-pointer-up", channel="main", needs=("control:pointer",))
def guest_becomes_relative(client: SuiteClient) -> None:
    """The guest gives its absolute pointer up while SERVER is the mode: MOUSE_MODE says that CLIENT is not supported."""
    talk = _both(client)
    if client.init.current_mouse_mode != MouseMode.SERVER:
        _ask(client, talk, MouseMode.SERVER)
    talk.drop()
    client.control("pointer", "relative")
    _told(talk, MouseMode.SERVER)


@server_case("SPICE-MOUSE-003/to-and-fro", channel="main", needs=("control:pointer",))
def guest_changes_often(client: SuiteClient) -> None:
    """The guest changes its pointer four times: after each the client knows what is supported."""
    talk = _server_only(client)
    for pointer, supported in (("absolute", _BOTH), ("relative", MouseMode.SERVER)) * 2:
        talk.drop()
        client.control("pointer", pointer)
        _told(talk, supported)


@server_case("SPICE-MOUSE-004/current-mode", channel="main")
def current_mode(client: SuiteClient) -> None:
    """A request for the current mode changes nothing, and brings no MOUSE_MODE."""
    talk, _ = client.session()
    _asked_in_vain(client, talk, (int(client.init.current_mouse_mode),))


@server_case("SPICE-MOUSE-004/current-mode-after-a-change", channel="main")
def current_mode_after_a_change(client: SuiteClient) -> None:
    """The same in a mode that was asked for."""
    talk = _both(client)
    other = MouseMode.CLIENT if client.init.current_mouse_mode == MouseMode.SERVER else MouseMode.SERVER
    _ask(client, talk, other)
    _asked_in_vain(client, talk, (int(other),), now=int(other))


def _asked_in_vain(client: SuiteClient, talk: Talk, wanted: Iterable[int], *, now: int | None = None) -> None:
    """Requests that change nothing. A MOUSE_MODE that says again what holds is tolerated."""
    client.lean("SPICE-MOUSE-001/init", "SPICE-MAIN-012/asked-twice")
    current = int(client.init.current_mouse_mode) if now is None else now
    talk.drop()
    for mode in wanted:
        talk.send(main.MouseModeRequest(mode), text=f"MOUSE_MODE_REQUEST {mode}")
    lists = talk.count("CHANNELS_LIST")
    talk.send(main.AttachChannels(), text="ATTACH_CHANNELS, to see that the server goes on")
    client.run(lambda: talk.heard.get("CHANNELS_LIST", 0) > lists or talk.closed)
    talk.expect_open("a request that changes nothing")
    if talk.count("CHANNELS_LIST") == lists:
        raise Failure("the session goes on: CHANNELS_LIST", f"nothing for {client.network.patience:g} s")
    for message in talk.inbox:
        if message.name == "MOUSE_MODE":
            if message.value is None or message.value.current_mode != current:
                raise Failure(f"the mode stays {MouseMode(current).name} ({current})", f"MOUSE_MODE {message.value}")
            client.tolerate("MOUSE_MODE although nothing has changed")


@server_case("SPICE-MOUSE-005/in-turn", channel="main")
def granted(client: SuiteClient) -> None:
    """SERVER and CLIENT are asked for in turn, and granted."""
    client.lean("SPICE-MOUSE-003/guest-takes-an-absolute-pointer")
    talk = _both(client)
    modes = [MouseMode.SERVER, MouseMode.CLIENT]
    if client.init.current_mouse_mode == MouseMode.SERVER:
        modes.reverse()
    for mode in modes * 2:
        _ask(client, talk, mode)


@server_case("SPICE-MOUSE-006/client-not-supported", channel="main")
def not_supported(client: SuiteClient) -> None:
    """CLIENT is asked for where SERVER alone is supported."""
    talk = _server_only(client)
    _asked_in_vain(client, talk, (int(MouseMode.CLIENT),), now=int(MouseMode.SERVER))


@server_case("SPICE-MOUSE-006/none", 0, channel="main")
@server_case("SPICE-MOUSE-006/both", 3, channel="main")
@server_case("SPICE-MOUSE-006/a-third", 4, channel="main")
@server_case("SPICE-MOUSE-006/all-bits", 65535, channel="main")
def no_mode(client: SuiteClient, wanted: int) -> None:
    """What is no mode is asked for, where SERVER is the mode."""
    talk, _ = client.session()
    _asked_in_vain(client, talk, (wanted,))


@server_case("SPICE-MOUSE-006/no-mode-in-client-mode", channel="main")
def no_mode_in_client_mode(client: SuiteClient) -> None:
    """What is no mode is asked for where CLIENT is the mode."""
    talk = _both(client)
    if client.init.current_mouse_mode != MouseMode.CLIENT:
        _ask(client, talk, MouseMode.CLIENT)
    _asked_in_vain(client, talk, (0, 3, 4, 65535), now=int(MouseMode.CLIENT))


@server_case("SPICE-MOUSE-009/guest-gives-its-absolute-pointer-up", channel="main", needs=("control:pointer",))
def client_mode_ends(client: SuiteClient) -> None:
    """CLIENT is the mode and the guest gives its absolute pointer up: the next MOUSE_MODE changes both."""
    client.lean("SPICE-MOUSE-010/neither")
    talk = _both(client)
    if client.init.current_mouse_mode != MouseMode.CLIENT:
        _ask(client, talk, MouseMode.CLIENT)
    talk.drop()
    client.control("pointer", "relative")
    told: main.MouseModeMessage = talk.expect("MOUSE_MODE")
    if (told.supported_modes, told.current_mode) != (MouseMode.SERVER, MouseMode.SERVER):
        raise Failure("one MOUSE_MODE with supported modes 1 and current mode 1",
                      f"supported {int(told.supported_modes)}, current {int(told.current_mode)}")  # fmt: skip


@server_case("SPICE-MOUSE-010/absolute-pointer", channel="main", needs=("control:pointer",))
def absolute_pointer(client: SuiteClient) -> None:
    """One display, and a guest with an absolute pointer: CLIENT is supported for whoever comes."""
    client.control("pointer", "absolute")
    _, listed = client.session()
    displays = [item for item in listed if item[0] == ChannelType.DISPLAY]
    if len(displays) != 1:
        raise NotApplicable(f"the list of channels has {len(displays)} displays")
    if not client.init.supported_mouse_modes & MouseMode.CLIENT:
        raise Failure("CLIENT (2) among the supported modes of INIT", str(int(client.init.supported_mouse_modes)))


def _check_no_client_mode(client: SuiteClient, why: str) -> None:
    client.lean("SPICE-MOUSE-001/init")
    if client.init.agent_connected:
        raise NotApplicable("INIT says that an agent is connected")
    if client.init.supported_mouse_modes & MouseMode.CLIENT:
        raise Failure(f"SERVER (1) alone as the supported modes of INIT, {why}", str(int(client.init.supported_mouse_modes)))


@server_case("SPICE-MOUSE-010/neither", channel="main", needs=("control:pointer",))
def neither(client: SuiteClient) -> None:
    """Neither an agent nor an absolute pointer: positions would go nowhere, and CLIENT is not supported."""
    client.control("pointer", "relative")
    client.main()
    _check_no_client_mode(client, "for the guest has a relative pointer")


@server_case("SPICE-MOUSE-010/second-display", channel="main", needs=("control:pointer", "two-displays"))
def second_display(client: SuiteClient) -> None:
    """An absolute pointer and two displays: nobody knows which of them a position is for, and CLIENT is not supported."""
    client.control("pointer", "absolute")
    client.main()
    _check_no_client_mode(client, "for there are two displays")


_POINTER_AND_AGENT: Final = ("control:pointer", "control:agent")


@server_case("SPICE-MOUSE-010/agent-alone", "relative", channel="main", needs=_POINTER_AND_AGENT)
@server_case("SPICE-MOUSE-010/agent-and-absolute-pointer", "absolute", channel="main", needs=_POINTER_AND_AGENT)
def agent_comes(client: SuiteClient, pointer: str) -> None:
    """An agent that moves the pointer appears in a running session: CLIENT is supported, whatever the pointer is."""
    client.control("pointer", pointer)
    client.control("agent", False)
    talk, _ = client.session()
    client.control("agent", True)
    client.alive(talk)
    _client_mode_is_granted(client, talk)
    if pointer == "absolute":
        talk.drop()
        client.control("agent", False)
        client.settled()
        told = [message.value for message in talk.inbox if message.name == "MOUSE_MODE"]
        if any(value is None or not value.supported_modes & MouseMode.CLIENT for value in told):
            raise Failure("CLIENT stays supported: the guest has an absolute pointer", f"MOUSE_MODE {told[-1]}")
        client.alive(talk)


@server_case("SPICE-MOUSE-010/agent-and-two-displays", channel="main",
             needs=(*_POINTER_AND_AGENT, "two-displays"))  # fmt: skip
def agent_and_two_displays(client: SuiteClient) -> None:
    """Two displays, and an agent that moves the pointer: CLIENT is supported."""
    client.control("pointer", "absolute")
    client.control("agent", True)
    talk, _ = client.session()
    _client_mode_is_granted(client, talk)


def _client_mode_is_granted(client: SuiteClient, talk: Talk) -> None:
    """CLIENT is the mode, or becomes it when it is asked for. Raises Failure."""
    if client.init.current_mouse_mode == MouseMode.CLIENT:
        return
    _ask(client, talk, MouseMode.CLIENT)


# -- 4.2 movements


def _kinds(events: Any) -> list[str]:
    """Names of what the guest got: from events with classes, or from lines that begin with a name."""
    if isinstance(events, str):
        return [line.split()[0].lower() for line in events.splitlines() if line.strip()]
    return [type(event).__name__.lower() for event in events if not getattr(event, "bell", False)]


def _movement(mode: int) -> inputs.MouseMotion | inputs.MousePosition:
    """What a client sends in a mode."""
    return inputs.MousePosition(40, 30, 0, 0) if mode == MouseMode.CLIENT else inputs.MouseMotion(5, 7, 0)


_OTHER: Final = {"SERVER": MouseMode.CLIENT, "CLIENT": MouseMode.SERVER}


@server_case("SPICE-MOUSE-014/positions-in-server-mode", "SERVER", channel="inputs")
@server_case("SPICE-MOUSE-014/motions-in-client-mode", "CLIENT", channel="inputs")
def other_kind(client: SuiteClient, mode: str) -> None:
    """Eight movements of the other kind: two acknowledgements, the channel stays, and so does the mode."""
    talk, keyboard = _in_mode(client, MouseMode[mode])
    talk.drop()
    value = _movement(_OTHER[mode])
    for number in (1, 2):
        for _ in range(_BUNCH):
            keyboard.send(value)
        _acks(client, keyboard, number, f"{number * _BUNCH} movements of the other kind")
    _no_more_acks(client, keyboard, 2, "eight movements of the other kind")
    modes = [message for message in talk.inbox if message.name == "MOUSE_MODE"]
    client.alive(talk, "movements of the other kind are ignored")
    if modes:
        raise Failure("no change of the mode because of movements", f"MOUSE_MODE {modes[0].value}")


@server_case("SPICE-MOUSE-014/positions-have-no-effect", "SERVER", channel="inputs", needs=("control:input-events",))
@server_case("SPICE-MOUSE-014/motions-have-no-effect", "CLIENT", channel="inputs", needs=("control:input-events",))
def no_effect(client: SuiteClient, mode: str) -> None:
    """One movement of the right kind, four of the other, and one of the right kind: the guest gets those two alone."""
    _, keyboard = _in_mode(client, MouseMode[mode])
    right, wrong = ("motion", "position") if mode == "SERVER" else ("position", "motion")
    # What earlier cases did may still be on its way to the guest, and arrives before the first.
    keyboard.send(_movement(MouseMode[mode]))
    _guest_gets(client, right)
    client.quiet()
    client.control("input-events")
    for _ in range(_BUNCH):
        keyboard.send(_movement(_OTHER[mode]))
    _acks(client, keyboard, 1, "a movement, and four of the other kind")
    keyboard.send(_movement(MouseMode[mode]))
    found = _guest_gets(client, right)
    if wrong in found:
        raise Failure(f"the guest gets no {wrong} in mode {mode}", f"it got {', '.join(found)}")


def _guest_gets(client: SuiteClient, kind: str) -> list[str]:
    """What the guest got up to an event of this kind. Raises Failure if there is none."""
    found: list[str] = []

    def arrived() -> bool:
        found.extend(_kinds(client.control("input-events")))
        return kind in found

    if not client.run(arrived):
        raise Failure(f"the guest gets a {kind}", f"it got {', '.join(found) or 'nothing'}")
    return found


@server_case("SPICE-MOUSE-014/other-kind-between-buttons", channel="inputs")
def other_kind_between_buttons(client: SuiteClient) -> None:
    """In mode SERVER: positions between a press and its release, as clients send them that do not know the mode."""
    talk, keyboard = _in_mode(client, MouseMode.SERVER)
    keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT))
    for _ in range(_BUNCH):
        keyboard.send(inputs.MousePosition(0xFFFFFFFF, 0xFFFFFFFF, MouseButtonMask.LEFT, 255))
    keyboard.send(inputs.MouseRelease(MouseButton.LEFT, 0))
    _acks(client, keyboard, 1, "four positions")
    client.alive(talk)


# -- 4.3 acknowledgement of movements


@server_case("SPICE-MOUSE-018/eight-motions", "SERVER", channel="inputs")
@server_case("SPICE-MOUSE-018/eight-positions", "CLIENT", channel="inputs")
def eight(client: SuiteClient, mode: str) -> None:
    """Four movements and four more, of the kind that the mode asks for."""
    _, keyboard = _in_mode(client, MouseMode[mode])
    for number in (1, 2):
        client.move(keyboard, _BUNCH, mode=MouseMode[mode])
        _acks(client, keyboard, number, f"{number * _BUNCH} movements")
    _no_more_acks(client, keyboard, 2, "eight movements")


@server_case("SPICE-MOUSE-018/eight-at-once", channel="inputs")
def eight_at_once(client: SuiteClient) -> None:
    """Eight movements before the first acknowledgement."""
    keyboard = client.inputs()
    client.move(keyboard, 2 * _BUNCH)
    _acks(client, keyboard, 2, "eight movements")
    _no_more_acks(client, keyboard, 2, "eight movements")


@server_case("SPICE-MOUSE-018/four-of-each", channel="inputs")
def four_of_each(client: SuiteClient) -> None:
    """Two motions, a change of the mode, four positions, a change, two motions: they count together."""
    talk, keyboard = _in_mode(client, MouseMode.CLIENT)
    _ask(client, talk, MouseMode.SERVER)
    client.move(keyboard, 2, mode=MouseMode.SERVER)
    _ask(client, talk, MouseMode.CLIENT)
    client.move(keyboard, 2, mode=MouseMode.CLIENT)
    _acks(client, keyboard, 1, "two motions and two positions")
    client.move(keyboard, 2, mode=MouseMode.CLIENT)
    _ask(client, talk, MouseMode.SERVER)
    client.move(keyboard, 2, mode=MouseMode.SERVER)
    _acks(client, keyboard, 2, "four motions and four positions")
    _no_more_acks(client, keyboard, 2, "four motions and four positions")


@server_case("SPICE-MOUSE-018/mixed-in-one-mode", channel="inputs")
def mixed_in_one_mode(client: SuiteClient) -> None:
    """A motion and a position by turns, whatever the mode is: they count together."""
    client.lean("SPICE-MOUSE-014/positions-in-server-mode", "SPICE-MOUSE-014/motions-in-client-mode")
    keyboard = client.inputs()
    for number in (1, 2):
        for _ in range(_BUNCH // 2):
            keyboard.send(inputs.MouseMotion(1, 1, 0))
            keyboard.send(inputs.MousePosition(10, 10, 0, 0))
        _acks(client, keyboard, number, f"{number * _BUNCH // 2} motions and as many positions")


@server_case("SPICE-MOUSE-018/forty", channel="inputs")
def forty(client: SuiteClient) -> None:
    """Forty movements, four at a time: ten acknowledgements."""
    keyboard = client.inputs()
    for number in range(1, 11):
        client.move(keyboard, _BUNCH)
        _acks(client, keyboard, number, f"{number * _BUNCH} movements")


@server_case("SPICE-MOUSE-019/three", channel="inputs")
def three(client: SuiteClient) -> None:
    """Three movements bring nothing, a fourth brings one acknowledgement."""
    keyboard = client.inputs()
    client.move(keyboard, 3)
    _no_more_acks(client, keyboard, 0, "three movements")
    client.move(keyboard, 1)
    _acks(client, keyboard, 1, "four movements")


@server_case("SPICE-MOUSE-019/seven", channel="inputs")
def seven(client: SuiteClient) -> None:
    """Seven movements bring one acknowledgement."""
    keyboard = client.inputs()
    client.move(keyboard, 7)
    _acks(client, keyboard, 1, "seven movements")
    _no_more_acks(client, keyboard, 1, "seven movements")


@server_case("SPICE-MOUSE-019/only-movements-count", channel="inputs")
def only_movements_count(client: SuiteClient) -> None:
    """Buttons, keys and lock keys are no movements: three movements and eight of them bring nothing."""
    keyboard = client.inputs()
    client.move(keyboard, 3)
    for _ in range(2):
        keyboard.send(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT))
        keyboard.send(inputs.MouseRelease(MouseButton.LEFT, 0))
        keyboard.send(inputs.KeyDown(0x1E))
        keyboard.send(inputs.KeyUp(0x9E))
    _no_more_acks(client, keyboard, 0, "three movements, buttons and keys")
    client.move(keyboard, 1)
    _acks(client, keyboard, 1, "four movements")


@server_case("SPICE-MOUSE-019/counted-for-each-channel", channel="inputs")
def counted_anew(client: SuiteClient) -> None:
    """Three movements, and the channel is closed and linked again: its count begins at nothing."""
    client.lean("SPICE-MAIN-020/inputs")
    keyboard = client.inputs()
    client.move(keyboard, 3)
    keyboard.close()
    main_talk = client.main_talk
    assert main_talk is not None
    client.alive(main_talk)
    again = client.inputs()
    client.move(again, 1)
    _no_more_acks(client, again, 0, "one movement on a new channel")
    client.move(again, 3)
    _acks(client, again, 1, "four movements on a new channel")
