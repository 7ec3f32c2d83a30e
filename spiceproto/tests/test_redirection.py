"""What packets of a usbredir channel are held against: a good conversation, and one mistake each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spiceproto import usbredir_packets as packets
from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbStatus
from spiceproto.messages import spicevmc, usbredir
from spiceproto.session import Session
from spiceproto.tests.test_usbredir_packets import CONNECT, ENDS
from spiceproto.usb_guest import control
from spiceproto.usbredir_device import interfaces

ALL = tuple(Can)


class Talk:
    """Both sides of one channel, and what is found."""

    def __init__(self, *, whole: bool = True) -> None:
        self.session = Session(whole=whole)
        self.member = self.session.link(ChannelType.USBREDIR, 0, 0)
        self.session.take_findings()

    def raw(self, sender: str, data: bytes) -> list[str]:
        self.session.message(self.member, sender, "DATA", spicevmc.Data(data))
        return [item.requirement for item in self.session.take_findings()]

    def say(self, sender: str, value: Any, id: int = 0, *, wide: bool = True) -> list[str]:
        return self.raw(sender, packets.packet(value, id, wide=wide))

    def begin(self, *capabilities: Can) -> Talk:
        for sender in ("client", "server"):
            assert self.say(sender, packets.hello("x", *(capabilities or ALL))) == []
        return self

    def plugged(self) -> Talk:
        for value in (interfaces((0, 8, 6, 0x50)), ENDS, CONNECT):
            assert self.say("client", value) == []
        return self


def answer(asked: usbredir.ControlPacket, data: bytes = b"", **more: Any) -> usbredir.ControlPacket:
    fields = {name: getattr(asked, name) for name in asked.__struct_fields__}
    return usbredir.ControlPacket(**(fields | {"data": data, "length": len(data)} | more))


ASKED = control(0x80, 6, 0x100, 0, 18)
WRITTEN = usbredir.BulkPacket(endpoint=2, status=UsbStatus.SUCCESS, length=3, stream_id=0, length_high=0, data=b"abc")


def test_nothing_is_wrong_with_a_good_conversation() -> None:
    talk = Talk().begin().plugged()
    for id in (7, 8, 7):  # ids come again
        assert talk.say("server", ASKED, id) == []
        assert talk.say("client", answer(ASKED, bytes(18)), id) == []
    assert talk.say("server", WRITTEN, 1 << 40) == []
    taken = usbredir.BulkPacket(endpoint=2, status=UsbStatus.SUCCESS, length=3, stream_id=0, length_high=0, data=b"")
    assert talk.say("client", taken, 1 << 40) == []
    assert talk.say("client", usbredir.DeviceDisconnect()) == []
    assert talk.say("server", ASKED, 9) == [], "it was under way"
    assert talk.say("server", usbredir.DeviceDisconnectAck()) == []
    assert talk.plugged().say("client", usbredir.DeviceDisconnect()) == []


def _plugged(act: Callable[[Talk], list[str]]) -> Callable[[], list[str]]:
    return lambda: act(Talk().begin().plugged())


def _asked(said: usbredir.ControlPacket, id: int = 5) -> Callable[[], list[str]]:
    def act(talk: Talk) -> list[str]:
        assert talk.say("server", ASKED, 5) == []
        return talk.say("client", said, id)

    return _plugged(act)


def _impatient(talk: Talk) -> list[str]:
    talk.say("client", usbredir.DeviceDisconnect())
    return [*talk.say("client", interfaces()), *talk.say("client", ENDS), *talk.say("client", CONNECT)]


def _twice(talk: Talk) -> list[str]:
    talk.say("server", ASKED, 5)
    talk.say("client", answer(ASKED, bytes(18)), 5)
    return talk.say("client", answer(ASKED, bytes(18)), 5)


def _back(talk: Talk) -> list[str]:
    talk.say("server", WRITTEN, 3)
    return talk.say("client", WRITTEN, 3)


INTERRUPT = usbredir.InterruptPacket(endpoint=0x83, status=UsbStatus.SUCCESS, length=1, data=b"x")
WRONG: dict[str, Callable[[], list[str]]] = {
    "SPICE-USB-001": lambda: Talk().say("client", usbredir.DeviceDisconnect(), wide=False),
    "SPICE-USB-002": lambda: Talk().begin().say("server", packets.hello("x", *ALL)),
    "SPICE-USB-003": lambda: (
        talk := Talk(),
        talk.say("client", packets.hello("x")),
        talk.say("client", interfaces(), wide=False),
    )[2],
    "SPICE-USB-004": lambda: (
        talk := Talk().begin(),
        talk.say("client", interfaces(), wide=False),
        talk.say("client", ENDS, wide=False),
    )[2],
    "SPICE-USB-005": lambda: Talk().begin().raw("client", packets.packet(interfaces(), 0, wide=True) + b"\xff" * 16),
    "SPICE-USB-007": lambda: Talk().say("client", packets.hello("x", Can.BULK_STREAMS)),
    "SPICE-USB-009": lambda: Talk().begin(Can.IDS_64BITS).say("server", usbredir.FilterFilter(b"-1,-1,-1,-1,1\0")),
    "SPICE-USB-010": lambda: Talk().begin().say("client", CONNECT),
    "SPICE-USB-011": _plugged(lambda talk: talk.say("client", CONNECT)),
    "SPICE-USB-012": lambda: Talk().begin().say("client", usbredir.DeviceDisconnect()),
    "SPICE-USB-013": lambda: Talk().begin().say("server", ASKED, 1),
    "SPICE-USB-014": _plugged(lambda talk: talk.say("server", usbredir.DeviceDisconnectAck())),
    "SPICE-USB-015": _plugged(_impatient),
    "SPICE-USB-016": _plugged(_twice),
    "SPICE-USB-018": _asked(answer(ASKED, bytes(19))),
    "SPICE-USB-019": _plugged(_back),
    "SPICE-USB-020": _asked(answer(ASKED, bytes(18), endpoint=0x81)),
    "SPICE-USB-021": _asked(answer(ASKED, bytes(18), length=4)),
    "SPICE-USB-022": _plugged(lambda talk: talk.say("server", answer(ASKED, b"x"), 3)),
    "SPICE-USB-027": _plugged(lambda talk: talk.say("client", INTERRUPT)),
    "SPICE-USB-028": lambda: Talk().begin().say("server", usbredir.FilterFilter(b"-1,-1,-1,-1,1")),
}


@pytest.mark.parametrize("requirement", WRONG)
def test_a_mistake_breaks_its_sentence_alone(requirement: str) -> None:
    assert WRONG[requirement]() == [requirement]


def test_who_joins_midway_accuses_nobody() -> None:
    talk = Talk(whole=False)
    assert talk.say("server", ASKED, 5) == []
    assert talk.say("client", answer(ASKED, bytes(18)), 5) == []
    assert talk.say("client", answer(ASKED, bytes(18)), 6) == [], "it may have been asked before"
    assert talk.say("client", CONNECT) == []


def test_behind_a_hole_nobody_is_accused() -> None:
    talk = Talk().begin().plugged()
    talk.session.missed(talk.member, "server")
    assert talk.say("client", answer(ASKED, bytes(18)), 6) == []


def test_streams_that_were_started() -> None:
    talk = Talk().begin().plugged()
    assert talk.say("server", usbredir.StartInterruptReceiving(0x83), 1) == []
    assert talk.say("client", usbredir.InterruptReceivingStatus(UsbStatus.SUCCESS, 0x83), 1) == []
    assert talk.say("client", INTERRUPT, 0) == [] and talk.say("client", INTERRUPT, 1) == []
