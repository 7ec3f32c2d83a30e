"""Clients: what a guest asks of a device (17.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.usbredir.steps import Guest, plugged_in
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.usbredir import UsbEndpointType, UsbredirCapability, UsbStatus
from spiceproto.messages import usbredir
from spiceproto.usb_guest import Storage, control, describe, is_storage

_PLUGS: Final = ("SPICE-USB-010/plugs-in",)
_DESCRIBED: Final = ("SPICE-USB-017/described",)

_REQUESTS: Final[Mapping[str, Any]] = {
    "string": control(0x80, 6, 0x300, 0, 255),
    "qualifier": control(0x80, 6, 0x600, 0, 10),
    "bos": control(0x80, 6, 0xF00, 0, 5),
    "status": control(0x80, 0, 0, 0, 2),
    "configuration": usbredir.GetConfiguration(),
    "alternate setting": usbredir.GetAltSetting(0),
    "choose a setting": usbredir.SetAltSetting(0, 0),
    "unknown request": control(0xC0, 0xEE, 0, 0, 16),
    "unknown descriptor": control(0x80, 6, 0x7700, 0, 16),
    "no such configuration": usbredir.SetConfiguration(99),
}
"""Requests by what they are called in titles."""


def _bulk(guest: Guest, endpoint: int, length: int, data: bytes = b"") -> Any:
    if guest.side.end.has(UsbredirCapability.BULK_LENGTH_32BITS):
        return usbredir.BulkPacket(
            endpoint=endpoint, status=UsbStatus.SUCCESS, length=length, stream_id=0, length_high=0, data=data
        )
    return usbredir.BulkPacketShort(endpoint=endpoint, status=UsbStatus.SUCCESS, length=length, stream_id=0, data=data)


def _refused(answer: Any, what: str) -> None:
    status = getattr(answer, "status", None)
    if status is None:
        raise Failure(f"{what}: an answer with a status", type(answer).__name__)
    if status == UsbStatus.SUCCESS:
        raise Failure(f"{what}: another status than SUCCESS", "SUCCESS")


def _reads(guest: Guest) -> int:
    """A bulk endpoint that the guest reads. Raises NotApplicable if there is none."""
    assert guest.side.device is not None
    places = [place for place, kind in enumerate(guest.side.device.ep_info.type) if kind == UsbEndpointType.BULK and place > 15]
    if not places:
        raise NotApplicable("the device has no bulk endpoint that is read")
    return 0x80 | places[0] - 16


def _storage(server: SuiteServer) -> tuple[Guest, Storage]:
    """A drive, described and configured. Raises NotApplicable for another device."""
    guest = plugged_in(server)
    assert guest.side.device is not None
    if not is_storage(guest.side.device):
        raise NotApplicable("the device is no mass storage")
    guest.run(describe(), "its descriptors")
    return guest, Storage(guest.side, guest.side.device)


@client_case("SPICE-USB-017/described", channel="usbredir", requires=_PLUGS)
def described(server: SuiteServer) -> None:
    """RESET, the descriptors, and SET_CONFIGURATION: each request is answered."""
    plugged_in(server).run(describe(), "descriptors and a configuration")


@client_case("SPICE-USB-017/string", "string", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/qualifier", "qualifier", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/bos", "bos", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/status", "status", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/configuration", "configuration", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/alternate-setting", "alternate setting", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-017/choose-a-setting", "choose a setting", channel="usbredir", requires=_DESCRIBED)
def one_request(server: SuiteServer, name: str) -> None:
    """One request, which a device may know or not: it is answered. What is asked for."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    guest.ask(_REQUESTS[name], name)


@client_case("SPICE-USB-017/after-resets", channel="usbredir", requires=_DESCRIBED)
def after_resets(server: SuiteServer) -> None:
    """RESET five times, and the descriptors again: each request is answered."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    for _ in range(5):
        guest.say(usbredir.Reset())
    guest.run(describe(), "its descriptors again")


@client_case("SPICE-USB-017/command", channel="usbredir", requires=_DESCRIBED)
def command(server: SuiteServer) -> None:
    """INQUIRY of a drive: command, data and status travel on its bulk endpoints."""
    guest, storage = _storage(server)
    found = guest.run(storage.inquire(), "INQUIRY")
    if len(found) < 36:
        raise Failure("36 bytes of INQUIRY", f"{len(found)} bytes")


@client_case("SPICE-USB-017/blocks", channel="usbredir", requires=("SPICE-USB-017/command",))
def blocks(server: SuiteServer) -> None:
    """Eight blocks of a drive at once, and then one by one: they are the same."""
    guest, storage = _storage(server)
    capacity = guest.run(storage.capacity(), "READ CAPACITY")
    count = min(capacity.blocks, 8)
    if not count:
        raise NotApplicable("there is nothing in the drive")
    whole = guest.run(storage.blocks(0, count, capacity.size), "READ")
    parts = [guest.run(storage.blocks(place, 1, capacity.size), "READ of one block") for place in range(count)]
    if b"".join(parts) != whole:
        raise Failure("the same bytes", "others, block by block")


@client_case("SPICE-USB-018/eight-bytes", 8, channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-018/one-byte", 1, channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-018/nothing", 0, channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-018/more-than-there-is", 4096, channel="usbredir", requires=_DESCRIBED)
def wished(server: SuiteServer, length: int) -> None:
    """So many bytes of the device descriptor: no more come, and no more than 18. Bytes."""
    answer = plugged_in(server).ask(control(0x80, 6, 0x100, 0, length), "the device descriptor")
    if len(answer.data) > min(length, 18):
        raise Failure(f"at most {min(length, 18)} bytes", f"{len(answer.data)} bytes")


@client_case("SPICE-USB-019/clear-a-halt", channel="usbredir", requires=_DESCRIBED)
def written(server: SuiteServer) -> None:
    """CLEAR_FEATURE of an endpoint, which writes nothing: the answer has no data, and a length of 0."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    answer = guest.ask(control(0x02, 1, 0, _reads(guest), 0), "CLEAR_FEATURE")
    if answer.data or answer.length:
        raise Failure("no data, and a length of 0", f"{len(answer.data)} bytes, length {answer.length}")


@client_case("SPICE-USB-019/a-command", channel="usbredir", requires=("SPICE-USB-017/command",))
def command_written(server: SuiteServer) -> None:
    """A command to a drive: the answer to its 31 bytes has no data, and says what was taken."""
    guest, storage = _storage(server)
    guest.run(storage.command(bytes(6)), "TEST UNIT READY")
    answers = [item.value for item in guest.of(usbredir.BulkPacket, usbredir.BulkPacketShort) if not item.value.endpoint & 0x80]
    if [bytes(item.data) for item in answers] != [b""] * len(answers) or not answers:
        raise Failure("answers without data", f"{len(answers)} answers, {sum(len(item.data) for item in answers)} bytes")


@client_case("SPICE-USB-023/unknown-request", "unknown request", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-023/unknown-descriptor", "unknown descriptor", channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-023/no-such-configuration", "no such configuration", channel="usbredir", requires=_DESCRIBED)
def refused(server: SuiteServer, name: str) -> None:
    """A request that no device knows: it is answered, and not with SUCCESS. What is asked for."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    _refused(guest.ask(_REQUESTS[name], name), name)


@client_case("SPICE-USB-023/no-such-endpoint", 0x8F, channel="usbredir", requires=_DESCRIBED)
@client_case("SPICE-USB-023/no-such-out-endpoint", 0x0F, channel="usbredir", requires=_DESCRIBED)
def no_endpoint(server: SuiteServer, endpoint: int) -> None:
    """A bulk transfer of an endpoint that is not there: it is answered, and not with SUCCESS. Its number."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    data = b"" if endpoint & 0x80 else bytes(8)
    _refused(guest.ask(_bulk(guest, endpoint, 8, data)), f"endpoint {endpoint:#04x}")


@client_case("SPICE-USB-024/nothing-to-say", channel="usbredir", requires=_DESCRIBED)
def cancelled(server: SuiteServer) -> None:
    """A drive is read from without a command, and that is taken back: the answer has the status CANCELLED."""
    guest, _ = _storage(server)
    endpoint = _reads(guest)
    id = guest.side.ask(_bulk(guest, endpoint, 512))
    guest.put(guest.side.taken(), "BULK_PACKET")
    server.wait_quiet()
    kinds = (usbredir.BulkPacket, usbredir.BulkPacketShort)

    def found() -> list[Any]:
        return [item.value for item in guest.of(*kinds) if item.header.id == id]

    if found():
        raise NotApplicable("the device answers at once when it has nothing to say")
    guest.say(usbredir.CancelDataPacket(), id)
    guest.expect("an answer", found)
    if found()[0].status != UsbStatus.CANCELLED:
        raise Failure("CANCELLED", str(found()[0].status))


@client_case("SPICE-USB-025/unused", channel="usbredir", requires=_DESCRIBED)
def cancelled_unused(server: SuiteServer) -> None:
    """CANCEL_DATA_PACKET of ids that nobody has used: the device goes on."""
    guest = plugged_in(server)
    guest.run(describe(), "its descriptors")
    for id in (0, 77, 0x7FFFFFFF):
        guest.say(usbredir.CancelDataPacket(), id)
    guest.ask(usbredir.GetConfiguration(), why="an id that nobody waits for means nothing")
    server.alive(server.main_talk)
