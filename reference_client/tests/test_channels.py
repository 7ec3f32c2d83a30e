"""The table of channels, and what every channel has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest

from reference_client import Client, Options, events
from reference_client.channels import CHANNELS, WANTED, ClientChannel, CursorChannel, Kind, kind_of
from reference_client.tests.scripted import CHANNELS as ANNOUNCED
from reference_client.tests.scripted import COMMON, session
from spiceproto.capabilities import NONE
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, display


@pytest.mark.parametrize("kind", CHANNELS.values(), ids=lambda kind: kind.channel.__name__)
def test_handlers_and_verbs_are_methods_under_their_own_names(kind: Kind) -> None:
    for method in [*kind.channel.handlers.values(), *kind.channel.verbs.values()]:
        assert getattr(kind.channel, method.__name__) is method


def test_usual_channels() -> None:
    assert {ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR} <= set(WANTED)
    assert set(WANTED) == {number for number, kind in CHANNELS.items() if kind.wanted}


def test_a_type_without_a_row_is_linked_where_it_is_wanted_and_accepts_everything() -> None:
    kind = next((kind for kind in ChannelType if kind not in CHANNELS), None)
    if kind is None:
        pytest.skip("every type has a row")
    key = (kind, 0)
    server = session(Client(Options(channels=(kind,))), channels={**ANNOUNCED, key: COMMON})
    server.listing(key)
    line = server.line(*key)
    line.send(common.Migrate(0), common.Ping(1, 2, b""))
    assert line.got == [common.Pong(1, 2)]
    assert kind_of(kind) == Kind(ClientChannel, NONE, wanted=False)


class Clock(CursorChannel):
    """Wants to be called every five seconds; ``calls`` are those of all of them."""

    calls: ClassVar[list[tuple[str, float]]] = []

    def start(self, now: float) -> None:
        self.calls.append(("start", now))
        self.deadline = now + 5

    def tick(self, now: float) -> None:
        assert self.deadline is not None
        if now >= self.deadline:
            self.calls.append(("tick", now))
            self.deadline = now + 5

    def end(self, now: float) -> None:
        self.calls.append(("end", now))


class ClientWithClock(Client):
    channels: ClassVar[Mapping[int, type[ClientChannel]]] = {**Client.channels, ChannelType.CURSOR: Clock}


@pytest.mark.parametrize("by_server", [True, False])
def test_a_channel_has_a_clock_from_its_start_to_its_end(by_server: bool) -> None:
    Clock.calls = []
    server = session(ClientWithClock())
    assert server.client.deadline == 5.0
    server.client.tick(4.0)
    server.client.tick(5.0)
    server.now = 6.0
    server.line(ChannelType.DISPLAY).send(display.Mark())
    if by_server:
        server.line(ChannelType.CURSOR).close()
    server.leave()
    server.client.tick(20.0)
    assert Clock.calls == [("start", 0.0), ("tick", 5.0), ("end", 6.0)]
    assert server.client.deadline is None
    assert len(server.told(events.Ended)) == 1
