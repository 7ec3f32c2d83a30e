"""Clients: HELLO, forms of packets, and a device that comes (17.1, 17.2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.usbredir.steps import ALL, Guest, asked, plugged_in
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.messages import usbredir
from spiceproto.usb_guest import control
from spiceproto.usbredir_packets import NEEDS

_HELLO: Final = ("SPICE-USB-001/hello-of-a-client",)
_PLUGS: Final = ("SPICE-USB-010/plugs-in",)


def _without(*left: Can) -> tuple[int, ...]:
    return tuple([item for item in ALL if item not in left])


def _answers(guest: Guest, why: str) -> None:
    """The device still says what it is."""
    answer = guest.ask(control(0x80, 6, 0x100, 0, 18), "the device descriptor", why)
    if not isinstance(answer, usbredir.ControlPacket):
        raise Failure("a CONTROL_PACKET", type(answer).__name__)


@client_case("SPICE-USB-001/hello-of-a-client", channel="usbredir")
def hello(server: SuiteServer) -> None:
    """A usbredir channel is linked, and the suite says HELLO: so does the client, before anything else, if it has a device."""
    guest = asked(server)
    wait = partial(guest.until, lambda: guest.heard)
    if not server.target.shows("a USB device", wait, server.network.quiet) and not guest.broken:
        raise NotApplicable("the target says nothing there: it has no device")
    guest.greeted()


@client_case("SPICE-USB-010/plugs-in", channel="usbredir", requires=_HELLO)
def plugs_in(server: SuiteServer) -> None:
    """HELLO: the client describes a device and plugs it in; interfaces and endpoints come first."""
    guest = plugged_in(server)
    names = [item.name for item in guest.heard]
    first = names[: names.index("DEVICE_CONNECT")]
    if not {"INTERFACE_INFO", "EP_INFO"} <= set(first):
        raise Failure("INTERFACE_INFO and EP_INFO before DEVICE_CONNECT", ", ".join(names))


_FORMS: Final[Mapping[str, tuple[int, ...]]] = {
    "no capability": (),
    "the version": (Can.CONNECT_DEVICE_VERSION,),
    "sizes of packets": (Can.EP_INFO_MAX_PACKET_SIZE, Can.IDS_64BITS),
    "all but streams": _without(Can.BULK_STREAMS),
    "all": ALL,
    "all but long ids": _without(Can.IDS_64BITS),
}
"""What is announced, by what it is called in titles."""


@client_case("SPICE-USB-005/nothing", "no capability", 8, 96, channel="usbredir", requires=_HELLO)
@client_case("SPICE-USB-005/version", "the version", 10, 96, channel="usbredir", requires=_HELLO)
@client_case("SPICE-USB-005/packet-size", "sizes of packets", 8, 160, channel="usbredir", requires=_HELLO)
@client_case("SPICE-USB-005/no-streams", "all but streams", 10, 160, channel="usbredir", requires=_HELLO)
def forms(server: SuiteServer, announced_here: str, connect: int, ends: int) -> None:
    """HELLO with some capabilities: DEVICE_CONNECT and EP_INFO have the size that follows. Capabilities, bytes."""
    capabilities = _FORMS[announced_here]
    guest = plugged_in(server, capabilities)
    peer = guest.greeted()
    announced = [item for item in capabilities if peer.capabilities and peer.capabilities[0] >> item & 1]
    connect = connect if Can.CONNECT_DEVICE_VERSION in announced or connect == 8 else 8
    ends = ends if Can.EP_INFO_MAX_PACKET_SIZE in announced or ends == 96 else 96
    sizes = {item.name: item.header.length for item in guest.heard}
    found = (sizes["DEVICE_CONNECT"], sizes["EP_INFO"])
    if found != (connect, ends):
        raise Failure(f"DEVICE_CONNECT of {connect} bytes, EP_INFO of {ends}", f"{found[0]} and {found[1]}")


@client_case("SPICE-USB-004/wide-at-a-client", "all", channel="usbredir", requires=_PLUGS)
@client_case("SPICE-USB-004/narrow-at-a-client", "all but long ids", channel="usbredir", requires=_PLUGS)
def widths(server: SuiteServer, announced: str) -> None:
    """HELLO with and without IDS_64BITS: the device is described and answers with ids of that width. Capabilities."""
    _answers(plugged_in(server, _FORMS[announced]), "ids are as both have announced")


@client_case("SPICE-USB-006/seven-bytes-to-a-client", 7, channel="usbredir", requires=_PLUGS)
@client_case("SPICE-USB-006/one-byte-to-a-client", 1, channel="usbredir", requires=_PLUGS)
def pieces(server: SuiteServer, size: int) -> None:
    """HELLO and a request in messages of so many bytes: the device answers. Bytes."""
    _answers(plugged_in(server, piece=size), "borders of messages mean nothing")


@client_case("SPICE-USB-006/together", channel="usbredir", requires=_PLUGS)
def together(server: SuiteServer) -> None:
    """Three requests in one message: each is answered."""
    guest = plugged_in(server)
    first = len(guest.of(usbredir.ConfigurationStatus))
    for _ in range(3):
        guest.side.ask(usbredir.GetConfiguration())
    guest.put(guest.side.taken(), "GET_CONFIGURATION three times")
    guest.expect("three answers", lambda: len(guest.of(usbredir.ConfigurationStatus)) - first >= 3)


@client_case("SPICE-USB-008/every-bit-to-a-client", channel="usbredir", requires=_PLUGS)
def every_bit(server: SuiteServer) -> None:
    """HELLO with three words of capabilities, of which every bit is set: the device is plugged in, and answers."""
    _answers(plugged_in(server, tuple(range(96))), "bits without a name mean nothing")


@client_case("SPICE-USB-009/nothing-announced-to-a-client", channel="usbredir", requires=_PLUGS)
def nothing_announced(server: SuiteServer) -> None:
    """HELLO without any capability: no packet comes that needs one, and the device answers."""
    guest = plugged_in(server, ())
    _answers(guest, "a guest without capabilities is one")
    wrong = [item.name for item in guest.heard if item.header.type in NEEDS]
    if wrong:
        raise Failure("no packet that needs a capability", ", ".join(wrong))
