"""Faults of values: what shows each."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make, act
from reference_client.tests.scripted import session
from spiceproto import dispatch
from spiceproto.channels import channel_name


def _values_are_allowed(make: Make) -> bool:
    server = session(make())
    act(server, "scancode", b"\xe0\x4d")
    sent = [(channel_name(kind), line.got) for (kind, _), line in server.lines.items()]
    return not any(dispatch.outside(table, "client", value) for table, got in sent for value in got)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "negative-window": _values_are_allowed,
}
