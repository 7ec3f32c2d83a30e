"""What a target says of itself: capabilities, channels, mouse modes, agent, migration. Nothing is judged."""

from __future__ import annotations

from typing import Any

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import SANITY, Case
from conformance.cases import all_cases
from conformance.client_wire import Ask
from conformance.network import ClientNetwork, ServerNetwork
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from conformance.target import Target
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode

__all__ = ["probe"]


def _names(channel_type: int, bits: Capabilities) -> dict[str, Any]:
    common, channel = bits.names(channel_type)
    return {"common": list(common), "channel": list(channel), "bits": [hex(bits.common), hex(bits.channel)]}


def _case(role: str) -> Case:
    return next(case for case in all_cases() if case.id == SANITY[role])


def probe(target: Target) -> dict[str, Any]:
    """What is found out, JSON. The target is started and not stopped. Raises TargetUnusable, Failure, NotApplicable."""
    network = target.open(_case(target.role))
    try:
        if isinstance(network, ServerNetwork):
            return _server(SuiteClient(network, target))
        assert isinstance(network, ClientNetwork)
        return _client(SuiteServer(network, target))
    finally:
        target.close(network)


def _modes(bits: int) -> list[str]:
    return [str(mode.name) for mode in MouseMode if int(bits) & int(mode)]


def _server(client: SuiteClient) -> dict[str, Any]:
    talk, listed = client.session()
    init = client.init
    client.wait_quiet()
    found: dict[str, Any] = {
        "session_id": f"{init.session_id:#010x}",
        "mouse_modes": {"supported": _modes(init.supported_mouse_modes), "current": _modes(init.current_mouse_mode)},
        "agent": {"connected": bool(init.agent_connected), "tokens": init.agent_tokens},
        "multi_media_time": init.multi_media_time,
        "migration": [
            str(bit.name)
            for bit in (MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
            if talk.server.has(bit)
        ],
        "first_messages": {talk.name: dict(talk.heard)},
        "channels": {},
    }
    _texts(talk, found)
    channels = {talk.name: _names(ChannelType.MAIN, talk.server)}
    for kind, number in sorted(listed):
        name = f"{channel_name(kind)}:{number}"
        try:
            other = client.channel(Ask(kind, number), wait=False)
        except (Failure, NotApplicable) as error:
            channels[name] = {"refused": str(error)}
            continue
        client.wait_quiet()
        channels[name] = _names(kind, other.server)
        found["first_messages"][name] = dict(other.heard)
    found["channels"] = channels
    return found


def _texts(talk: Talk, found: dict[str, Any]) -> None:
    for message in talk.inbox:
        if message.name == "NAME" and message.value is not None:
            found["name"] = bytes(message.value.name).rstrip(b"\0").decode("utf-8", "replace")
        elif message.name == "UUID" and message.value is not None:
            found["uuid"] = bytes(message.value.uuid).hex()


def _client(server: SuiteServer) -> dict[str, Any]:
    talk = server.session()
    server.link_others()
    server.alive(talk)
    channels, first = {}, {}
    for (kind, number), other in sorted(server.talks.items()):
        name = f"{channel_name(kind)}:{number}"
        message = other.wire.asked.message  # type: ignore[attr-defined]
        channels[name] = _names(kind, other.client) | {"connection_id": f"{message.connection_id:#x}"}
        first[name] = dict(other.heard)
    verbs = sorted([need.partition(":")[2] for need in server.target.has if need.startswith("act:")])
    return {"channels": channels, "first_messages": first, "verbs": verbs}
