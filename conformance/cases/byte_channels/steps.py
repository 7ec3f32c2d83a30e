"""What cases about byte channels have in common: a port on either side, the stream out of its messages, and broken blocks."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.channels import LISTED
from conformance.client_wire import Ask
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import byte_channel
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import DataCompressionType
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.messages.spicevmc import CompressedData, Data

__all__ = [
    "AS_SEEN",
    "BROKEN",
    "TOO_LARGE",
    "check_stream",
    "compressed",
    "data",
    "empty",
    "need_lz4",
    "of_client",
    "of_guest",
    "on_channel",
    "opened",
    "pattern",
    "stream",
    "the_port",
]

AS_SEEN: Final = 122_906
"""Bytes of the largest COMPRESSED_DATA that a client was seen to send."""

_READS: Final = 100
"""Times that the guest is asked for what others have left in its port."""

_PIECE: Final = 40
"""Bytes of a stream that are shown where they differ."""


def pattern(size: int, first: int = 0) -> bytes:
    """Bytes of which each stretch is another one, and that compress well."""
    return b"".join([b"%08d" % number for number in range(first, first + size // 8 + 1)])[:size]


def compressed(data: bytes) -> CompressedData:
    """COMPRESSED_DATA of type LZ4. Raises NotApplicable where the suite can not compress."""
    try:
        return byte_channel.compressed(data)
    except MissingExtraError as error:
        raise NotApplicable(f"the suite can not compress: {error}") from None


def _block(size: int, block: bytes) -> CompressedData:
    return CompressedData(DataCompressionType.LZ4, size, block)


_GOOD: Final = bytes.fromhex("1f780100ffffffd350") + b"xxxxx"
"""Block of 1001 x."""

BROKEN: Final[dict[str, CompressedData]] = {
    "no-block": _block(1000, b"\xf0" + bytes(range(200, 240))),
    "cut": _block(1001, _GOOD[:-3]),
    "holds-more": _block(900, _GOOD),
    "type-2": CompressedData(2, 5, b"hello"),
    "type-255": CompressedData(255, 5, b"hello"),
}
"""What can not be inflated, or has a type without a name."""

TOO_LARGE: Final[dict[str, CompressedData]] = {
    "64-mib": _block(1 << 26, _GOOD),
    "4-gib": _block(0xFFFFFFFF, _GOOD),
    "beyond-expansion": _block(255 * len(_GOOD) + 1, _GOOD),
}
"""Sizes that can not be true."""


def the_port(client: SuiteClient, number: int = 0, kind: int = ChannelType.PORT) -> Talk:
    """A port of a server, linked, with INIT read, and open if the guest can be told so. Raises NotApplicable if it has none."""
    talk = client.channel(Ask(kind, number))
    opened(client, number if kind == ChannelType.PORT else None)
    return talk


def opened(client: SuiteClient, number: int | None) -> None:
    """An earlier case may have had the guest close the port."""
    if number is not None and client.target.meets("control:port-open"):
        client.control("port-open", True, number)


def on_channel(server: SuiteServer, kind: int = ChannelType.PORT, *first: Any) -> Talk:
    """A channel that a client has linked; ``first`` is said there in place of INIT, if anything is given.

    Raises NotApplicable if it links none.
    """
    key = (int(kind), 0)
    if first:
        server.greetings["port" if kind == ChannelType.PORT else "webdav"] = first
    server.session(listed=(*LISTED, key))
    return server.linked(*key)


def need_lz4(talk: Talk, role: str) -> None:
    """Raises NotApplicable unless the target announced that it inflates."""
    announced = talk.client if role == "client" else talk.server
    if not announced.has(SpicevmcCapability.DATA_COMPRESS_LZ4):
        raise NotApplicable(f"the target announces no DATA_COMPRESS_LZ4 on {talk.name}")


def stream(talk: Talk, size: int) -> bytes:
    """The next ``size`` bytes of the stream of the target, and what else came with them. Raises Failure."""
    found = b""
    while len(found) < size:
        message = talk.expect_message("DATA", "COMPRESSED_DATA", text=f"{size - len(found)} bytes more")
        try:
            found += byte_channel.unpack(message.parsed)
        except RemoteError as error:
            raise Failure("COMPRESSED_DATA that can be inflated", str(error)) from None
        except MissingExtraError as error:
            raise NotApplicable(f"the suite can not inflate: {error}") from None
    return found


def check_stream(found: bytes, wanted: bytes, why: str) -> None:
    """What came is what was written. Raises Failure."""
    if found == wanted:
        return
    place = next((at for at, (one, other) in enumerate(zip(found, wanted, strict=False)) if one != other), None)
    if place is None:
        raise Failure(f"{len(wanted)} bytes ({why})", f"{len(found)} bytes, the same as far as they go")
    expected, actual = [f"{data[place : place + _PIECE]!r} at byte {place}" for data in (wanted, found)]
    raise Failure(f"{expected} ({why})", actual)


def of_client(client: SuiteClient, wanted: bytes, why: str, number: int = 0) -> None:
    """The guest has read these bytes from its port, and no others. Raises Failure."""
    found = b""
    before = -1
    while before < len(found) < len(wanted) or before < 0:
        before = len(found)

        def more() -> bool:
            nonlocal found
            found += bytes.fromhex(client.control("port-read", number)["data"])
            return len(found) > before  # noqa: B023 - called at once

        client.run(more)
    check_stream(found, wanted, why)


def of_guest(server: SuiteServer, wanted: bytes, why: str, name: str = "") -> None:
    """The client's user has read these bytes, and no others. Raises Failure."""
    found: Any = server.act("port-read", name=name)
    check_stream(bytes.fromhex(found["data"]), wanted, why)


def empty(client: SuiteClient, number: int = 0) -> None:
    """What others have sent to the guest's port is read, and forgotten."""
    for _ in range(_READS):
        if not client.control("port-read", number)["data"]:
            break


def data(*pieces: bytes) -> list[Data]:
    """DATA, one for each."""
    return [Data(piece) for piece in pieces]
