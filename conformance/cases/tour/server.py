"""The tour of a server: two sessions, in which the suite links every channel that is listed and lets each of them speak.

In the first the suite announces as little as it can, so that a server that says more than it may is heard. In the second it
announces everything that needs no answer, and what a client does on a channel is done: a row for each type.

Only the first session has to come to its end. What is refused or left unsaid in the second is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from conformance import channels
from conformance.as_client import SuiteClient
from conformance.cases.main.server_steps import begun
from conformance.cases.tour.server_agent import talk_to_agent
from conformance.cases.tour.server_display import look
from conformance.cases.tour.server_inputs import play, point
from conformance.cases.tour.server_smartcard import put_in_card
from conformance.cases.tour.server_sound import listen, sing
from conformance.cases.tour.server_usb import plug_in
from conformance.client_wire import Ask
from conformance.outcome import Blocked, Failure
from conformance.talk import Talk
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import (
    DisplayCapability,
    InputsCapability,
    MainCapability,
    PlaybackCapability,
    RecordCapability,
    SpicevmcCapability,
)
from spiceproto.enums.link import ChannelType

__all__ = ["VISITS", "Visit", "server_tour"]

Speak = Callable[[SuiteClient, Talk], None]
"""What is done on a channel, once it is linked and greeted."""


def _nothing(client: SuiteClient, talk: Talk) -> None:
    """The channel is linked, and kept."""


class Visit(msgspec.Struct, frozen=True):
    """How the second session treats channels of one type.

    * ``announced``: what the suite announces on it: all that a server may use without being owed an answer
    * ``speak``: what is done there
    """

    announced: tuple[WireEnum, ...] = ()
    speak: Speak = _nothing


_BYTES: Final = Visit((SpicevmcCapability.DATA_COMPRESS_LZ4,))

VISITS: Final[Mapping[str, Visit]] = {
    "main": Visit((MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS)),
    # STREAM_REPORT would owe reports, and GL_SCANOUT needs descriptors, which only Unix sockets carry.
    "display": Visit(
        (
            DisplayCapability.SIZED_STREAM,
            DisplayCapability.MONITORS_CONFIG,
            DisplayCapability.COMPOSITE,
            DisplayCapability.A8_SURFACE,
            DisplayCapability.LZ4_COMPRESSION,
            DisplayCapability.MULTI_CODEC,
            DisplayCapability.CODEC_MJPEG,
            DisplayCapability.CODEC_VP8,
            DisplayCapability.CODEC_H264,
            DisplayCapability.CODEC_VP9,
            DisplayCapability.CODEC_H265,
        ),
        look,
    ),
    "inputs": Visit((InputsCapability.KEY_SCANCODE,), play),
    "playback": Visit((PlaybackCapability.VOLUME, PlaybackCapability.LATENCY, PlaybackCapability.OPUS), listen),
    "record": Visit((RecordCapability.VOLUME, RecordCapability.OPUS), sing),
    "port": _BYTES,
    "webdav": _BYTES,
    "smartcard": Visit(speak=put_in_card),
    "usbredir": Visit((SpicevmcCapability.DATA_COMPRESS_LZ4,), plug_in),
}
"""Name of a channel type to how it is treated; others are linked and kept."""

_OTHER: Final = Visit()

_INPUTS: Final = (int(ChannelType.INPUTS), 0)


def server_tour(client: SuiteClient) -> None:
    """A session with little, and one with everything."""
    _plain(client)
    _rich(client)


def _plain(client: SuiteClient) -> None:
    """An ordinary session: main, every first channel of the usual types that is listed, pointer and keyboard."""
    talk, listed = client.session()
    begun(
        client, [client.channel(Ask(*other), wait=False) for other in channels.LISTED if other in listed and other != _INPUTS]
    )
    with client.visiting("inputs"):
        client.need_listed(listed, _INPUTS)
        point(client, client.channel(Ask(*_INPUTS)))
    client.alive(talk)
    talk.close()
    client.wait_quiet()


def _rich(client: SuiteClient) -> None:
    """Every channel that is listed, with everything announced; each is given something to answer."""
    talk, listed = client.session(Ask(capabilities=_announced(ChannelType.MAIN)))
    others = sorted(listed - {(int(ChannelType.MAIN), 0)})
    client.network.transcript.offered.update([f"{channel_name(kind)}:{number}" for kind, number in others])
    linked: list[Talk] = []
    for kind, number in others:
        with _as_far_as_it_goes(client, f"the link of {channel_name(kind)}:{number}"):
            linked.append(client.channel(Ask(kind, number, capabilities=_announced(kind)), wait=False))
    begun(client, linked)
    client.alive(talk)
    with _as_far_as_it_goes(client, "the agent"):
        talk_to_agent(client, talk)
    for other in linked:
        with _as_far_as_it_goes(client, other.name):
            VISITS.get(other.table, _OTHER).speak(client, other)
    client.wait_quiet()
    client.alive(talk)
    talk.close()
    client.wait_quiet()


@contextmanager
def _as_far_as_it_goes(client: SuiteClient, what: str) -> Iterator[None]:
    """A part of the tour that others do not rest on: what goes wrong in it is for the cases about it to say."""
    try:
        yield
    except (Blocked, Failure) as why:
        client.note(f"{what} was left early: {why}")


def _announced(kind: int) -> Capabilities:
    row = VISITS.get(channel_name(kind), _OTHER)
    return Capabilities(channels.COMMON.common, NONE.with_(*row.announced).channel)
