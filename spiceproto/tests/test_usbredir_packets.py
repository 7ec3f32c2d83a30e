"""Forms of usbredir packets: chosen by capabilities, told by their size, read and built again; filters."""

from __future__ import annotations

import pytest

from spiceproto import usbredir_packets as packets
from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbredirType as Type
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.messages import usbredir
from spiceproto.usbredir_device import endpoints, interfaces
from spiceproto.usbredir_filter import Filter, FilterRule

CONNECT = usbredir.DeviceConnect(
    speed=UsbSpeed.HIGH,
    device_class=0,
    device_subclass=0,
    device_protocol=0,
    vendor_id=0x1234,
    product_id=0x5678,
    device_version_bcd=0x0100,
)
SHORT = usbredir.DeviceConnectShort(
    speed=UsbSpeed.HIGH, device_class=8, device_subclass=0, device_protocol=0, vendor_id=0x1234, product_id=0x5678
)
ENDS = endpoints((0x81, UsbEndpointType.BULK, 512), (0x02, UsbEndpointType.BULK, 512))
LONG = usbredir.BulkPacket(
    endpoint=0x81, status=UsbStatus.SUCCESS, length=0xE000, stream_id=0, length_high=1, data=bytes(0x1E000)
)
BRIEF = usbredir.BulkPacketShort(endpoint=0x81, status=UsbStatus.SUCCESS, length=5, stream_id=0, data=b"12345")


def mask(*bits: Can) -> int:
    return sum(1 << bit for bit in bits)


@pytest.mark.parametrize(
    ("value", "common", "size"),
    [
        (CONNECT, mask(Can.CONNECT_DEVICE_VERSION), 10),
        (SHORT, 0, 8),
        (ENDS, mask(Can.BULK_STREAMS, Can.EP_INFO_MAX_PACKET_SIZE), 288),
        (
            usbredir.EpInfo(
                type=ENDS.type, interval=ENDS.interval, interface=ENDS.interface, max_packet_size=ENDS.max_packet_size
            ),
            mask(Can.EP_INFO_MAX_PACKET_SIZE),
            160,
        ),
        (usbredir.EpInfoShort(ENDS.type, ENDS.interval, ENDS.interface), 0, 96),
        (interfaces((0, 8, 6, 0x50)), 0, 132),
        (LONG, mask(Can.BULK_LENGTH_32BITS), 10 + 0x1E000),
        (BRIEF, 0, 13),
        (usbredir.ConfigurationStatus(UsbStatus.STALL, 1), 0, 2),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else "",
)
def test_a_form_is_read_and_built_again(value: object, common: int, size: int) -> None:
    number, body = packets.build(value)
    assert len(body) == size
    assert packets.read("client", number, body, size, common) == packets.Read(value)
    if not isinstance(value, usbredir.ConfigurationStatus | usbredir.InterfaceInfo):
        assert packets.read("client", number, body, size, None).value == value, "the size tells which form it is"


def test_sizes_and_lengths() -> None:
    assert packets.bulk_length(LONG) == 0x1E000 and packets.bulk_length(BRIEF) == 5
    assert [row for row in ENDS.type if row == UsbEndpointType.BULK] == [UsbEndpointType.BULK] * 2
    assert ENDS.type[17] == ENDS.type[2] == UsbEndpointType.BULK and ENDS.type[5] == UsbEndpointType.INVALID


def test_a_form_that_was_not_agreed_on() -> None:
    _, body = packets.build(CONNECT)
    assert packets.read("client", Type.DEVICE_CONNECT, body, 10, 0).stray == 2
    _, body = packets.build(SHORT)
    assert packets.read("client", Type.DEVICE_CONNECT, body, 8, mask(Can.CONNECT_DEVICE_VERSION)).error is not None


def test_what_the_other_side_sends() -> None:
    assert packets.read("client", Type.RESET, b"", 0, 0).error is not None
    assert packets.read("server", Type.DEVICE_DISCONNECT, b"", 0, 0).error is not None
    assert packets.read("server", Type.RESET, b"", 0, 0).value == usbredir.Reset()


def test_a_request_to_read_is_of_no_known_form_to_who_joins() -> None:
    _, body = packets.build(
        usbredir.BulkPacketShort(endpoint=0x81, status=UsbStatus.SUCCESS, length=512, stream_id=0, data=b"")
    )
    assert packets.read("server", Type.BULK_PACKET, body, len(body), None).value is None


def test_headers() -> None:
    assert packets.packet(usbredir.Reset(), 7) == bytes.fromhex("030000000000000007000000")
    assert packets.packet(usbredir.Reset(), 7, wide=True) == bytes.fromhex("03000000000000000700000000000000")
    hello = packets.packet(packets.hello("a program", *Can), 0, wide=True)
    assert len(hello) == 12 + 68 and hello[-4:] == b"\xff\0\0\0"
    assert packets.bits(packets.hello("x", 0, 33)) == 1 | 1 << 33
    with pytest.raises(LocalError):
        packets.build(object())


RULES = "0x08,-1,-1,-1,1|-1,0x1234,-1,-1,1|-1,-1,-1,-1,0"


def test_a_filter() -> None:
    found = Filter.parse(RULES)
    assert found.rules[0] == FilterRule(8, -1, -1, -1, True) and len(found.rules) == 3
    assert Filter.parse(found.text()) == found
    assert found.allows(CONNECT, interfaces((0, 8, 6, 0x50)))
    assert found.allows(CONNECT, interfaces((0, 3, 1, 1))), "of this vendor anything"
    other = usbredir.DeviceConnectShort(
        speed=1, device_class=0, device_subclass=0, device_protocol=0, vendor_id=1, product_id=1
    )
    assert not found.allows(other, interfaces((0, 3, 1, 1)))
    assert not found.allows(other, interfaces((0, 8, 6, 0x50), (1, 3, 1, 1))), "every interface"
    assert not Filter.parse("").allows(CONNECT, interfaces((0, 8, 6, 0x50))), "no rule fits"


@pytest.mark.parametrize("text", ["1,2,3", "a,-1,-1,-1,1", "-1,-1,-1,-1,2", "-1,-1,-1,-1,-1", "256,-1,-1,-1,1", "1,2,3,4,5,6"])
def test_no_filter(text: str) -> None:
    with pytest.raises(RemoteError):
        Filter.parse(text)


def test_too_long_a_filter() -> None:
    with pytest.raises(LimitError):
        Filter.parse("|".join(["-1,-1,-1,-1,1"] * 1025))
