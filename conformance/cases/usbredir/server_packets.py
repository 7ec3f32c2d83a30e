"""Servers: what they say of a device, and how they read what a client says (17.1 to 17.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.usbredir.steps import ALL, Device, plugged
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbStatus
from spiceproto.messages import usbredir
from spiceproto.usbredir_packets import NEEDS

_HELLO: Final = ("SPICE-USB-001/hello",)
_ANNOUNCED: Final[Mapping[str, tuple[int, ...]]] = {
    "all": ALL,
    "all but long ids": tuple([item for item in ALL if item != Can.IDS_64BITS]),
}
"""Capabilities, by what they are called in titles."""

_QUESTIONS: Final = (
    usbredir.Reset,
    usbredir.ControlPacket,
    usbredir.SetConfiguration,
    usbredir.BulkPacket,
    usbredir.BulkPacketShort,
)


def _asks(client: SuiteClient, device: Device) -> None:
    """The guest asks something of the device, or nobody knows whether it took it."""
    wait = partial(device.until, lambda: device.of(*_QUESTIONS))
    if not client.target.shows("questions to a USB device", wait, client.network.quiet):
        device.readable()
        if device.talk.closed:
            raise Failure("the channel stays open", f"it was {device.talk.stream.ended}")
        raise NotApplicable("the guest asks nothing of a device")


def _goes_on(client: SuiteClient, device: Device, why: str) -> None:
    client.alive(client.main_talk, why)
    device.talk.expect_open(why)


@server_case("SPICE-USB-001/hello", channel="usbredir")
def hello(client: SuiteClient) -> None:
    """A usbredir channel is linked: the server says HELLO, and asks things of a device, or does not."""
    device = plugged(client)
    device.greeted()
    _goes_on(client, device, "all is in order")


@server_case("SPICE-USB-004/wide", "all", channel="usbredir", requires=_HELLO)
@server_case("SPICE-USB-004/narrow", "all but long ids", channel="usbredir", requires=_HELLO)
def widths(client: SuiteClient, announced: str) -> None:
    """HELLO with and without IDS_64BITS, and a device: what the guest asks has ids of that width. Capabilities."""
    device = plugged(client, _ANNOUNCED[announced])
    device.greeted()
    _asks(client, device)
    _goes_on(client, device, "all is in order")


@server_case("SPICE-USB-006/seven-bytes", 7, channel="usbredir", requires=_HELLO)
@server_case("SPICE-USB-006/one-byte", 1, channel="usbredir", requires=_HELLO)
def pieces(client: SuiteClient, size: int) -> None:
    """HELLO and a device in messages of so many bytes: the guest asks things of it, and the server goes on. Bytes."""
    device = plugged(client, piece=size)
    device.greeted()
    _asks(client, device)
    _goes_on(client, device, "borders of messages mean nothing")


@server_case("SPICE-USB-008/every-bit", channel="usbredir", requires=_HELLO)
def every_bit(client: SuiteClient) -> None:
    """HELLO with three words of capabilities, of which every bit is set, and a device: the server goes on."""
    device = plugged(client, tuple(range(96)))
    device.greeted()
    _goes_on(client, device, "bits without a name mean nothing")


@server_case("SPICE-USB-009/nothing-announced", channel="usbredir", requires=_HELLO)
def nothing_announced(client: SuiteClient) -> None:
    """HELLO without any capability, a device, and its end: no packet comes that needs one."""
    device = plugged(client, ())
    device.greeted()
    device.until(lambda: device.of(*_QUESTIONS), client.network.quiet)
    device.unplug()
    client.wait_quiet()
    wrong = [item.name for item in device.heard if item.header.type in NEEDS]
    if wrong:
        raise Failure("no packet that needs a capability", ", ".join(wrong))


@server_case("SPICE-USB-014/pulled-out", channel="usbredir", requires=_HELLO)
def pulled_out(client: SuiteClient) -> None:
    """A device is pulled out: DEVICE_DISCONNECT_ACK comes, once, if the server has announced it."""
    device = plugged(client)
    device.greeted()
    if not device.side.end.has(Can.DEVICE_DISCONNECT_ACK):
        raise NotApplicable("the target announces no DEVICE_DISCONNECT_ACK")
    device.until(lambda: device.of(*_QUESTIONS), client.network.quiet)
    device.unplug()
    device.expect("DEVICE_DISCONNECT_ACK", lambda: device.of(usbredir.DeviceDisconnectAck))
    client.wait_quiet()
    count = len(device.of(usbredir.DeviceDisconnectAck))
    if count != 1:
        raise Failure("one DEVICE_DISCONNECT_ACK", str(count))


@server_case("SPICE-USB-014/twice", channel="usbredir", requires=("SPICE-USB-014/pulled-out",))
def pulled_out_twice(client: SuiteClient) -> None:
    """A device is pulled out, put in again, and pulled out: each end is acknowledged."""
    device = plugged(client)
    device.greeted()
    if not device.side.end.has(Can.DEVICE_DISCONNECT_ACK):
        raise NotApplicable("the target announces no DEVICE_DISCONNECT_ACK")
    for count in (1, 2):
        device.expect("that the device is in", lambda: device.side.connected)
        device.unplug()
        wanted = count
        device.expect(
            f"DEVICE_DISCONNECT_ACK, {count} of 2",
            lambda: len(device.of(usbredir.DeviceDisconnectAck)) == wanted,  # noqa: B023 - called at once
        )
        device.plug()
    _goes_on(client, device, "all is in order")


@server_case("SPICE-USB-026/configuration", channel="usbredir", requires=_HELLO)
def answers_nothing(client: SuiteClient) -> None:
    """CONFIGURATION_STATUS and CONTROL_PACKET with ids that nobody has used: the server goes on."""
    device = plugged(client)
    device.greeted()
    device.expect("that the device is in", lambda: device.side.connected)
    device.say(usbredir.ConfigurationStatus(UsbStatus.SUCCESS, 1), 0x7FFFFFF1)
    answer = usbredir.ControlPacket(
        endpoint=0x80, request=6, requesttype=0x80, status=UsbStatus.STALL, value=0x100, index=0, length=0, data=b""
    )
    device.say(answer, 0x7FFFFFF2)
    _goes_on(client, device, "an answer to nothing means nothing")
