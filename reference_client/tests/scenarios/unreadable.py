"""Faults with bytes that can not be read, are not all there, or too many: what shows each."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make, act, ping
from reference_client.tests.scripted import CHANNELS, ServerLine, session
from spiceproto.channel import Channel, MessageReceived
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.messages import common

_FULL_HEADERS = {key: usual.without(CommonCapability.MINI_HEADER) for key, usual in CHANNELS.items()}


def _is_whole(line: ServerLine) -> bool:
    """An observer can read every message of the client and nothing behind it, and the client closes behind the last of them."""
    link = line.established
    assert link is not None
    seen = Channel("observer", channel_name(link.message.channel_type), link.mini_header)
    seen.receive(line.raw[link.client_offset :], sender="client")
    seen.closed(sender="client")
    while (event := seen.next_event()) is not None:
        if not isinstance(event, MessageReceived) or event.tail:
            return False
    return True


def _all_can_be_read(make: Make) -> bool:
    for channels in (None, _FULL_HEADERS):
        server = session(make(), channels=channels, deaf=True)
        server.main.send(common.SetAck(1, 1), ping(1))
        server.leave()
        if not all(_is_whole(line) for line in server.lines.values()):
            return False
    return True


def _motion_can_be_read(make: Make) -> bool:
    server = session(make(), deaf=True)
    act(server, "motion", 1, 2)
    return _is_whole(server.inputs)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "motion-cut-short": _motion_can_be_read,
    "display-init-cut-short": _all_can_be_read,
    "header-announces-too-much": _all_can_be_read,
    "list-outside-its-message": _all_can_be_read,
    "leaves-inside-a-message": _all_can_be_read,
    "byte-behind-ack": _all_can_be_read,
    "mode-request-too-long": _all_can_be_read,
}
