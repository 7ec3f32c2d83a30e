"""A device and a guest that talk usbredir to each other, whatever both announce and wherever their bytes are cut."""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import usbredir_device, usbredir_packets
from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import usbredir
from spiceproto.messages.usbredir import ControlPacket, DeviceConnect
from spiceproto.usb_guest import Storage, control, describe
from spiceproto.usbredir_device import WAITING, DeviceSide
from spiceproto.usbredir_end import MOST, UsbredirEnd
from spiceproto.usbredir_host import GuestSide

ALL = tuple(Can)
FORMS = [ALL, (), (Can.IDS_64BITS,), usbredir_device.CAPABILITIES, (Can.EP_INFO_MAX_PACKET_SIZE, Can.BULK_LENGTH_32BITS)]


class Small:
    """A device of a class of its own with two bulk endpoints: what is written to one can be read from the other."""

    def __init__(self) -> None:
        self.connect = DeviceConnect(
            speed=UsbSpeed.HIGH,
            device_class=255,
            device_subclass=0,
            device_protocol=0,
            vendor_id=0x1234,
            product_id=0x5678,
            device_version_bcd=0x0100,
        )
        self.interface_info = usbredir_device.interfaces((0, 255, 0, 0))
        self.ep_info = usbredir_device.endpoints((0x81, UsbEndpointType.BULK, 512), (0x02, UsbEndpointType.BULK, 512))
        self.configuration = 0
        self.held = b""

    def reset(self) -> None:
        self.held = b""

    def configure(self, value: int) -> UsbStatus:
        self.configuration = value
        return UsbStatus.SUCCESS

    def control(self, asked: ControlPacket) -> tuple[UsbStatus, bytes]:
        if (asked.requesttype, asked.request) != (0x80, 6):
            return UsbStatus.STALL, b""
        if asked.value >> 8 == 1:
            return UsbStatus.SUCCESS, struct.pack(
                "<BBHBBBBHHHBBBB", 18, 1, 0x200, 255, 0, 0, 64, 0x1234, 0x5678, 0x100, 0, 0, 0, 1
            )
        return UsbStatus.SUCCESS, struct.pack("<BBHBBBBB", 9, 2, 9, 1, 1, 0, 0x80, 50)

    def write(self, endpoint: int, data: bytes) -> UsbStatus:
        self.held += data
        return UsbStatus.SUCCESS

    def read(self, endpoint: int, wished: int) -> tuple[UsbStatus, bytes] | None:
        if not self.held:
            return None
        found, self.held = self.held[:wished], self.held[wished:]
        return UsbStatus.SUCCESS, found


class Pair:
    """Both sides, joined; ``piece`` is the most bytes that pass at once."""

    def __init__(self, device: tuple[int, ...] = ALL, guest: tuple[int, ...] = ALL, piece: int = 1 << 20) -> None:
        self.device = DeviceSide(Small(), "a device", device)
        self.guest = GuestSide("a guest", guest)
        self.piece = piece
        self.exchange(self.device.begin(), self.guest.begin())

    def exchange(self, to_guest: bytes = b"", to_device: bytes = b"") -> None:
        while to_guest or to_device:
            answers = b"".join([self.guest.receive(part) for part in self._parts(to_guest)])
            to_guest = b"".join([self.device.receive(part) for part in self._parts(to_device)])
            to_device = answers

    def _parts(self, data: bytes) -> list[bytes]:
        return [data[at : at + self.piece] for at in range(0, len(data), self.piece)]

    def run(self, script: Generator[Any, Any, Any]) -> list[Any]:
        done: list[Any] = []
        self.guest.run(script, lambda *found: done.append(found))
        self.exchange(to_device=self.guest.taken())
        return done

    def bulk(self, endpoint: int, length: int, data: bytes = b"") -> Any:
        wide = self.guest.end.has(Can.BULK_LENGTH_32BITS)
        fields: dict[str, Any] = {"endpoint": endpoint, "status": UsbStatus.SUCCESS, "stream_id": 0, "data": data}
        if wide:
            return usbredir.BulkPacket(length=length & 0xFFFF, length_high=length >> 16, **fields)
        return usbredir.BulkPacketShort(length=length, **fields)


@pytest.mark.parametrize("piece", [1, 13, 1 << 20])
@pytest.mark.parametrize("guest", FORMS)
@pytest.mark.parametrize("device", FORMS)
def test_a_device_is_announced_and_asked(device: tuple[int, ...], guest: tuple[int, ...], piece: int) -> None:
    pair = Pair(device, guest, piece)
    assert pair.guest.device is not None and pair.guest.device.interface_info == Small().interface_info
    ((found, error),) = pair.run(describe())
    assert error is None and found.device[8:12] == bytes.fromhex("34127856") and pair.device.device.configuration == 1


def test_requests_wait_for_each_other() -> None:
    pair = Pair()
    answers: list[bytes] = []

    def reading(size: int) -> Generator[Any, Any, None]:
        answers.append((yield pair.bulk(0x81, size)).data)

    for size in (3, 4, 100):
        assert pair.run(reading(size)) == []
    pair.device.device.write(2, b"abcdefgh")
    pair.exchange(to_guest=pair.device.go_on())
    assert answers == [b"abc", b"defg", b"h"]


def test_what_is_read_at_once_is_bounded() -> None:
    pair = Pair()
    pair.device.device.write(2, bytes(20 << 20))
    asked = b"".join([pair.guest.end.packet(pair.bulk(0x81, MOST), number) for number in range(1, 6)])
    longer = pair.guest.end.packet(pair.bulk(0x81, MOST + 1), 6)
    sizes = [len(pair.device.receive(asked + longer))]
    while pair.device.more:
        sizes.append(len(pair.device.go_on()))
    assert len(sizes) == 5 and max(sizes) < MOST + 100
    assert pair.device.device.read(0x81, 1) is None


def test_what_waits_is_bounded_and_taken_back() -> None:
    pair = Pair()
    done: list[Any] = []

    def one() -> Generator[Any, Any, None]:
        done.append((yield pair.bulk(0x81, 8)).status)

    for _ in range(WAITING):
        pair.run(one())
    assert done == []
    pair.run(one())
    assert done == [UsbStatus.INVAL]
    pair.guest.say(usbredir.CancelDataPacket(), 5)
    pair.exchange(to_device=pair.guest.taken())
    assert done[1:] == [UsbStatus.CANCELLED]
    pair.guest.say(usbredir.Reset())
    pair.exchange(to_device=pair.guest.taken())
    assert len(done) == WAITING + 1 and set(done[2:]) == {UsbStatus.CANCELLED}


def test_a_device_comes_again_when_its_end_is_known() -> None:
    pair = Pair()
    ended: list[Any] = []

    def waiting() -> Generator[Any, Any, None]:
        yield pair.bulk(0x81, 8)

    pair.guest.run(waiting(), lambda result, error: ended.append(error))
    pair.exchange(to_device=pair.guest.taken())
    gone = pair.device.unplug()
    assert pair.device.plug() == b"", "not before the other side knows"
    pair.exchange(to_guest=gone)
    assert pair.guest.device is not None and pair.device.connected
    assert isinstance(ended[0], RemoteError)
    assert pair.device.unplug() and pair.device.unplug() == b""


@pytest.mark.parametrize("asked", [usbredir.StartIsoStream(0x83, 1, 1), usbredir.StartInterruptReceiving(0x84)])
def test_streams_are_refused(asked: Any) -> None:
    (found,) = Pair().run(iter_once(asked))
    assert found[0].status == UsbStatus.INVAL


@pytest.mark.parametrize(("endpoint", "answers"), [(0x02, 1), (0x81, 0)])
def test_interrupt_packets_of_endpoints_that_were_not_started(endpoint: int, answers: int) -> None:
    asked = usbredir.InterruptPacket(endpoint=endpoint, status=UsbStatus.SUCCESS, length=0, data=b"")
    assert len(Pair().run(iter_once(asked))) == answers


def iter_once(value: Any) -> Generator[Any, Any, Any]:
    return (yield value)


def test_no_storage() -> None:
    pair = Pair()
    assert pair.guest.device is not None
    storage = Storage(pair.guest, pair.guest.device)
    done = pair.run(storage.inquire())
    assert done == [], "it has said back what it was told, and has nothing more to say"
    pair.exchange(to_guest=pair.device.unplug())
    assert isinstance(done[0][1], RemoteError)


@pytest.mark.parametrize("place", (1, 2))
@pytest.mark.parametrize(
    "wrong",
    [
        usbredir.BulkReceivingStatus(1, 0x81, UsbStatus.SUCCESS),
        usbredir.InterruptPacket(endpoint=1, status=UsbStatus.SUCCESS, length=0, data=b""),
        usbredir.ConfigurationStatus(UsbStatus.SUCCESS, 1),
        usbredir.FilterFilter(b"\0"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_another_answer_than_that_of_a_bulk_endpoint(wrong: Any, place: int) -> None:
    pair = Pair()
    assert pair.guest.device is not None
    done: list[Any] = []
    pair.guest.run(Storage(pair.guest, pair.guest.device).inquire(), lambda *found: done.append(found))
    for number in range(1, place):
        pair.guest.receive(pair.device.end.packet(pair.bulk(2, 31), number))
    pair.guest.receive(pair.device.end.packet(wrong, place))
    assert len(done) == 1 and isinstance(done[0][1], RemoteError)


def test_nothing_is_sent_before_hello() -> None:
    end = UsbredirEnd("client", usbredir_packets.hello("x"))
    with pytest.raises(LocalError):
        end.packet(usbredir.Reset())


@given(st.binary(max_size=200), st.booleans())
def test_garbage_raises_nothing_but_remote_errors(data: bytes, greeted: bool) -> None:
    for side in (DeviceSide(Small(), "x"), GuestSide("x")):
        side.begin()
        try:
            if greeted:
                side.receive(usbredir_packets.packet(usbredir_packets.hello("y", *ALL)))
            side.receive(data)
        except RemoteError:
            pass


def test_control_wishes_are_kept() -> None:
    (found,) = Pair().run(iter_once(control(0x80, 6, 0x100, 0, 5)))
    assert found[0].length == 5 and len(found[0].data) == 5
