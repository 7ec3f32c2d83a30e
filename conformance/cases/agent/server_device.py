"""Servers: between clients and the device of the agent, both of which the suite plays (14.1 to 14.3, 14.9)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.agent.steps import CLIPBOARD, USUAL, AgentEnd, Device, on_device
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.agent.file_start import FileStart, build
from spiceproto.agent.terms import Terms, mask, words_of
from spiceproto.enums.agent import AgentButtonMask, AgentCapability, AgentMessageType, AgentPort
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import agent, inputs, main

_DEVICE: Final = ("control:agent-device",)
_HANDS_ON: Final = ("SPICE-AGENT-015/one-piece",)
_BACK: Final = ("SPICE-AGENT-016/one-piece",)
_LARGEST: Final = 2048
_UNKNOWN: Final = 99
"""A type that means nothing: whatever stands in it is handed on as it is."""


def _greet(device: Device, talk: Talk, capabilities: tuple[AgentCapability, ...] = USUAL, tokens: int = 1000) -> AgentEnd:
    """The client greets the agent on the device, and both have announced the same. Raises Failure."""
    end = AgentEnd(device.client, talk, capabilities, client=True)
    talk.send(main.AgentStart(tokens))
    end.announce()
    if not device.wait(lambda: bool(device.heard(AgentPort.CLIENT_PORT))):
        raise Failure("ANNOUNCE_CAPABILITIES on port 1 of the device", "nothing")
    device.say(device.message(agent.AnnounceCapabilities(0, words_of(mask(capabilities)))))
    end.expect("AnnounceCapabilities", why="the agent has answered")
    return end


def _messages(device: Device, number: int, wanted: int = 1, port: int = AgentPort.CLIENT_PORT) -> list[bytes]:
    """Bodies of the messages of a type that came on a port, once there are so many. Raises Failure."""

    def found() -> list[bytes]:
        return [body for kind, body in device.heard(port) if kind == number]

    device.wait(lambda: len(found()) >= wanted)
    if len(found()) < wanted:
        raise Failure(f"{wanted} agent messages of type {number} on port {port} of the device", str(len(found())))
    return found()


@server_case("SPICE-AGENT-015/one-piece", 10, channel="main", needs=_DEVICE)
@server_case("SPICE-AGENT-015/several-pieces", 9000, channel="main", needs=_DEVICE, requires=_HANDS_ON)
def handed_on(client: SuiteClient, size: int) -> None:
    """The client sends a message: it is on port 1 of the device as it was, in chunks of at most 2048 bytes. Bytes."""
    device, talk = on_device(client)
    end = _greet(device, talk)
    body = bytes(range(256)) * 40
    end.say_raw(_UNKNOWN, body[:size])
    (found,) = _messages(device, _UNKNOWN)
    if found != body[:size]:
        raise Failure("the message as the client sent it", "another one")
    largest = max(len(data) for _, data in device.chunks)
    if largest > _LARGEST:
        raise Failure(f"chunks of at most {_LARGEST} bytes", f"one of {largest}")


@server_case("SPICE-AGENT-016/one-piece", 0, 10, channel="main", needs=_DEVICE, requires=_HANDS_ON)
@server_case("SPICE-AGENT-016/one-large-chunk", 0, 5000, channel="main", needs=_DEVICE, requires=_BACK)
@server_case("SPICE-AGENT-016/small-chunks", 700, 5000, channel="main", needs=_DEVICE, requires=_BACK)
def handed_back(client: SuiteClient, step: int, size: int) -> None:
    """The agent says a message on port 1: the client gets it as it was. Bytes of a chunk (0 for one), and of the message."""
    device, talk = on_device(client)
    end = _greet(device, talk)
    body = (bytes(range(256)) * 20)[:size]
    stream = (1).to_bytes(4, "little") + _UNKNOWN.to_bytes(4, "little") + bytes(8) + size.to_bytes(4, "little") + body
    for at in range(0, len(stream), step or len(stream)):
        device.say(stream[at : at + (step or len(stream))])
    end.raw.clear()
    end.wait(lambda: bool(end.raw), client.network.patience)
    if end.raw != [(_UNKNOWN, body)]:
        sizes = ", ".join([f"type {number}, {len(found)} bytes" for number, found in end.raw]) or "nothing"
        raise Failure(f"the message as the agent sent it, {size} bytes", sizes)


@server_case("SPICE-AGENT-017/port-2", channel="main", needs=_DEVICE, requires=_BACK)
def other_port(client: SuiteClient) -> None:
    """The agent says one message on port 2, and another on port 1: the client gets the other alone."""
    device, talk = on_device(client)
    end = _greet(device, talk)
    end.raw.clear()
    device.say(device.message(agent.Reply(AgentMessageType.MONITORS_CONFIG, 2)), AgentPort.SERVER_PORT)
    device.say(device.message(agent.Reply(AgentMessageType.MONITORS_CONFIG, 1)))
    end.wait(lambda: bool(end.raw), client.network.patience)
    end.wait(lambda: False, client.network.quiet)
    check_value("", "REPLYs of the agent that came", [body[4] for number, body in end.raw if number == 3], [1])


@server_case("SPICE-AGENT-018/leaves", channel="main", needs=_DEVICE, requires=_HANDS_ON)
def leaves(client: SuiteClient) -> None:
    """A client that has talked to the agent leaves: the agent is told CLIENT_DISCONNECTED."""
    device, talk = on_device(client)
    _greet(device, talk)
    talk.close()

    def told() -> bool:
        return any(
            number == AgentMessageType.CLIENT_DISCONNECTED
            for port in (AgentPort.CLIENT_PORT, AgentPort.SERVER_PORT)
            for number, _ in device.heard(port)
        )

    if not device.wait(told):
        raise Failure("CLIENT_DISCONNECTED on the device", "nothing like it")


def _states(device: Device) -> list[tuple[int, int, int]]:
    terms = Terms(0, client=False)
    from spiceproto.agent.talk import parse

    found = [parse(terms, number, body) for number, body in device.heard(AgentPort.SERVER_PORT) if number == 1]
    return [(state.x, state.y, int(state.buttons)) for state in found]


@server_case("SPICE-AGENT-019/position", False, channel="main", needs=_DEVICE, requires=_HANDS_ON)
@server_case("SPICE-AGENT-019/buttons", True, channel="main", needs=_DEVICE, requires=_HANDS_ON)
def pointer(client: SuiteClient, pressed: bool) -> None:
    """CLIENT mode by the agent, and the client places the pointer: MOUSE_STATE on port 2 has it. With a button."""
    device, talk = on_device(client)
    _greet(device, talk, (*USUAL, AgentCapability.MOUSE_STATE))
    client.channels(talk)
    line = client.channel(Ask(ChannelType.INPUTS))
    talk.send(main.MouseModeRequest(MouseMode.CLIENT))
    if not client.run(lambda: _mode(client, talk) == MouseMode.CLIENT):
        raise NotApplicable("the mode does not become CLIENT by the agent")
    line.send(inputs.MousePosition(x=7, y=9, buttons_state=0, display_id=0))
    wanted = (7, 9, 0)
    if pressed:
        line.send(inputs.MousePress(MouseButton.RIGHT, MouseButtonMask.RIGHT))
        wanted = (7, 9, int(AgentButtonMask.RBUTTON))
    device.wait(lambda: wanted in _states(device))
    if wanted not in _states(device):
        raise Failure(f"MOUSE_STATE with x, y and buttons {wanted}", str(_states(device)[-4:]))


def _mode(client: SuiteClient, talk: Talk) -> int:
    found = [message.parsed.current_mode for message in talk.unread("MOUSE_MODE")]
    return int(found[-1] if found else client.init.current_mouse_mode)


# -- tokens, and agents that are not there


@server_case("SPICE-AGENT-001/one-token", channel="main", needs=_DEVICE, requires=("SPICE-AGENT-016/one-large-chunk",))
def tokens(client: SuiteClient) -> None:
    """The client gives two tokens, and the agent says much: two pieces come, and two more for two more tokens."""
    device, talk = on_device(client)
    end = AgentEnd(client, talk, USUAL, client=True)
    talk.send(main.AgentStart(2))
    end.announce()
    device.wait(lambda: bool(device.heard(AgentPort.CLIENT_PORT)))
    body = bytes(9000)
    stream = (1).to_bytes(4, "little") + _UNKNOWN.to_bytes(4, "little") + bytes(8) + len(body).to_bytes(4, "little") + body
    device.say(device.message(agent.AnnounceCapabilities(0, words_of(mask(USUAL)))))
    device.say(stream)
    talk.expect_count("AGENT_DATA", 2, settle=True, why="AGENT_START gave two tokens")
    talk.send(main.AgentToken(2))
    talk.expect_count("AGENT_DATA", 4, settle=True, why="AGENT_TOKEN gave two more")


@server_case("SPICE-AGENT-002/start", main.AgentStart(10), channel="main")
@server_case("SPICE-AGENT-002/token", main.AgentToken(10), channel="main")
def without_agent(client: SuiteClient, value: Any) -> None:
    """A guest without an agent, and a message for it: the server goes on. The message."""
    talk = client.main()
    if client.init.agent_connected:
        raise NotApplicable("the guest has an agent")
    talk.send(value)
    client.alive(talk)


def _piece() -> main.AgentData:
    header = (1).to_bytes(4, "little") + _UNKNOWN.to_bytes(4, "little") + bytes(8) + (4).to_bytes(4, "little")
    return main.AgentData(header + b"late")


@server_case("SPICE-AGENT-003/gone", channel="main", needs=("control:agent",))
def gone(client: SuiteClient) -> None:
    """An agent that was greeted goes, and a piece comes that was under way: the server goes on."""
    talk = client.main()
    _come(client, talk)
    talk.send(main.AgentStart(10), _piece())
    client.alive(talk)
    client.control("agent", False)
    talk.expect("AGENT_DISCONNECTED")
    talk.send(_piece())
    client.alive(talk)


@server_case("SPICE-AGENT-003/not-greeted", channel="main", needs=_DEVICE, requires=_HANDS_ON)
def not_greeted(client: SuiteClient) -> None:
    """An agent is there, and a piece comes before AGENT_START: the server goes on, and the agent hears nothing of it."""
    device, talk = on_device(client)
    talk.send(_piece())
    client.alive(talk)
    _greet(device, talk)
    check_value(
        "", "messages of the client before its greeting", [body for number, body in device.heard(1) if number == _UNKNOWN], []
    )


def _come(client: SuiteClient, talk: Talk) -> None:
    if not client.init.agent_connected:
        if not client.target.meets("control:agent"):
            raise NotApplicable("the guest has no agent")
        client.control("agent", True)
        if not client.run(lambda: talk.count("AGENT_CONNECTED") + talk.count("AGENT_CONNECTED_TOKENS") > 0):
            raise Failure("AGENT_CONNECTED, or AGENT_CONNECTED_TOKENS", "nothing like it")


def _has_tokens(talk: Talk, wanted: int) -> bool:
    """Whether so many tokens have come back, or none will."""
    found: int = sum([message.parsed.num_tokens for message in talk.unread("AGENT_TOKEN")])
    return found >= wanted or talk.closed


@server_case("SPICE-AGENT-004/three-times", channel="main")
def tokens_come_back(client: SuiteClient) -> None:
    """Three times as many messages as there are tokens, each as soon as there is one for it: there is one for each."""
    talk = client.main()
    _come(client, talk)
    tokens = client.init.agent_tokens
    talk.send(main.AgentStart(1000))
    for sent in range(3 * tokens):
        enough = max(sent + 1 - tokens, 0)
        found = client.run(partial(_has_tokens, talk, enough))
        if talk.count("AGENT_DISCONNECTED"):
            raise Blocked("the agent has gone")
        if not found:
            raise Failure("a token for another AGENT_DATA", f"none behind {sent} of them")
        talk.send(_piece())
    talk.drop("AGENT_TOKEN")
    client.alive(talk)


# -- what is held back

_CLIP: Final = agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(1,))


@server_case("SPICE-AGENT-062/of-the-client", True, channel="main", needs=(*_DEVICE, "copy-paste-off"), requires=_HANDS_ON)
@server_case("SPICE-AGENT-062/of-the-agent", False, channel="main", needs=(*_DEVICE, "copy-paste-off"), requires=_BACK)
def no_clipboard(client: SuiteClient, from_client: bool) -> None:
    """Copy and paste is off, and one end grabs and releases: nothing of it reaches the other. Whether it is the client."""
    device, talk = on_device(client)
    end = _greet_filtered(device, talk)
    words = mask(CLIPBOARD)
    both = Terms(words, client=from_client)
    both.announce()
    both.peer = words
    values = (_CLIP, agent.ClipboardReleaseSelected(0, bytes(3)))
    kinds = {AgentMessageType.CLIPBOARD_GRAB, AgentMessageType.CLIPBOARD_RELEASE}
    if from_client:
        end.terms = both
        end.say(*values)
        end.say_raw(_UNKNOWN, b"behind")
        _messages(device, _UNKNOWN)
        came = [number for number, _ in device.heard(AgentPort.CLIENT_PORT) if number in kinds]
    else:
        end.raw.clear()
        for value in values:
            device.say(device.message(value, both))
        device.say(device.message(agent.Reply(2, 1)))
        end.wait(lambda: bool(end.raw), client.network.patience)
        end.wait(lambda: False, client.network.quiet)
        came = [number for number, _ in end.raw if number in kinds]
    check_value("", "clipboard messages that came", came, [])


def _greet_filtered(device: Device, talk: Talk) -> AgentEnd:
    """As :func:`_greet`; that anything is handed on has cases of its own."""
    device.client.relies_on("SPICE-AGENT-015/one-piece", "SPICE-AGENT-016/one-piece")
    return _greet(device, talk)


@server_case("SPICE-AGENT-063/offered", channel="main", needs=(*_DEVICE, "file-transfer-off"), requires=_HANDS_ON)
def no_files(client: SuiteClient) -> None:
    """File transfer is off, and a file is offered all the same: the agent hears nothing of it."""
    device, talk = on_device(client)
    end = _greet_filtered(device, talk)
    start = agent.FileXferStart(1, build(FileStart("x", 1)))
    end.say(start, agent.FileXferData(1, b"x"), agent.FileXferStatusMessage(1, 1, b""))
    end.say_raw(_UNKNOWN, b"behind")
    _messages(device, _UNKNOWN)
    kinds = {AgentMessageType.FILE_XFER_START, AgentMessageType.FILE_XFER_DATA, AgentMessageType.FILE_XFER_STATUS}
    check_value("", "messages of files that came", [number for number, _ in device.heard(1) if number in kinds], [])


@server_case(
    "SPICE-AGENT-064/copy-paste", AgentCapability.CLIPBOARD_BY_DEMAND, False, channel="main", needs=(*_DEVICE, "copy-paste-off")
)
@server_case(
    "SPICE-AGENT-064/file-transfer",
    AgentCapability.FILE_XFER_DISABLED,
    True,
    channel="main",
    needs=(*_DEVICE, "file-transfer-off"),
)
def announced_so(client: SuiteClient, capability: AgentCapability, wanted: bool) -> None:
    """Something is off, and the agent announces itself: its announcement says so. A capability, and whether it is there."""
    device, talk = on_device(client)
    end = _greet_filtered(device, talk)
    check_value("", f"{capability.name} announced", end.terms.peer_has(capability), wanted)
