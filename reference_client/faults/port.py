"""Faults of ports (spec/15-byte-channels.md, 15.1 and 15.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from reference_client.channels.base import ClientChannel
from reference_client.channels.port import PortChannel
from reference_client.faults.fault import fault
from spiceproto import byte_channel, limits
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LimitError, RemoteError
from spiceproto.messages import port, spicevmc


class _Fatal(PortChannel):
    """Ends the session for what it does not like."""

    def give_up(self, text: str) -> None:
        self.host.end(text, orderly=False)


@fault("port-byte-lost", "SPICE-VMC-001", "SPICE-VMC-024")
class PortByteLost(PortChannel):
    """Leaves the last byte out of what the user writes."""

    def write(self, data: bytes) -> None:
        super().write(data[:-1])


@fault("port-whole-words", "SPICE-VMC-002")
class PortWholeWords(PortChannel):
    """Drops what comes in pieces of fewer than four bytes."""

    def on_data(self, value: spicevmc.Data, now: float) -> None:
        if len(value.data) >= 4:
            super().on_data(value, now)


class _Squeezed(PortChannel):
    """Changes COMPRESSED_DATA."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return value

    def send(self, *values: Any) -> None:
        super().send(*[self.squeezed(value) if isinstance(value, spicevmc.CompressedData) else value for value in values])


@fault("block-longer-than-said", "SPICE-VMC-003", "SPICE-VMC-001")
class BlockLongerThanSaid(_Squeezed):
    """Says one byte less than a block of LZ4 yields."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return msgspec.structs.replace(value, uncompressed_size=(value.uncompressed_size or 0) - 1)


@fault("huge-block", "SPICE-VMC-004", "SPICE-VMC-001")
class HugeBlock(_Squeezed):
    """Sends a block of LZ4 with more than 1048576 bytes."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return byte_channel.compressed(bytes(limits.COMPRESSED_DATA + 1))


@fault("port-blocks-dropped", "SPICE-VMC-006", "SPICE-VMC-007")
class PortBlocksDropped(PortChannel):
    """Drops COMPRESSED_DATA although it has announced that it takes it."""

    def on_compressed_data(self, value: spicevmc.CompressedData, now: float) -> None:
        pass


@fault("port-small-blocks", "SPICE-VMC-007")
class PortSmallBlocks(PortChannel):
    """Closes the channel for COMPRESSED_DATA with more than 65536 bytes."""

    def on_compressed_data(self, value: spicevmc.CompressedData, now: float) -> None:
        if (value.uncompressed_size or 0) > 1 << 16:
            self.line.drop("COMPRESSED_DATA is too large")
        else:
            super().on_compressed_data(value, now)


@fault("port-broken-block-fatal", "SPICE-VMC-008")
class PortBrokenBlockFatal(_Fatal):
    """Ends the session when a block can not be inflated."""

    def on_compressed_data(self, value: spicevmc.CompressedData, now: float) -> None:
        try:
            byte_channel.unpack(value)
        except LimitError:
            super().on_compressed_data(value, now)
        except RemoteError as error:
            self.give_up(str(error))
        else:
            super().on_compressed_data(value, now)


@fault("port-large-block-fatal", "SPICE-VMC-009")
class PortLargeBlockFatal(_Fatal):
    """Ends the session when a block claims too much."""

    def on_compressed_data(self, value: spicevmc.CompressedData, now: float) -> None:
        try:
            byte_channel.unpack(value)
        except LimitError as error:
            self.give_up(str(error))
        except RemoteError:
            super().on_compressed_data(value, now)
        else:
            super().on_compressed_data(value, now)


@fault("second-port-init-fatal", "SPICE-VMC-022")
class SecondPortInitFatal(_Fatal):
    """Ends the session when INIT comes again."""

    begun = False

    def on_init(self, value: port.Init, now: float) -> None:
        if self.begun:
            self.give_up("INIT again")
        else:
            self.begun = True
            super().on_init(value, now)


@fault("unknown-port-event-fatal", "SPICE-VMC-022")
class UnknownPortEventFatal(_Fatal):
    """Ends the session for an EVENT without a name."""

    def on_event(self, value: port.Event, now: float) -> None:
        if value.event not in tuple(PortEvent):
            self.give_up("an unknown event")
        else:
            super().on_event(value, now)


@fault("silent-port-fatal", "SPICE-VMC-022")
class SilentPortFatal(_Fatal):
    """Ends the session for DATA of a port that is closed."""

    def take(self, data: bytes) -> None:
        if self.opened:
            super().take(data)
        else:
            self.give_up("DATA of a closed port")


@fault("port-names-are-text", "SPICE-VMC-023")
class PortNamesAreText(_Fatal):
    """Ends the session for a name that is no text."""

    def on_init(self, value: port.Init, now: float) -> None:
        try:
            bytes(value.name).decode("ascii")
        except UnicodeDecodeError:
            self.give_up("a name that is no text")
        else:
            super().on_init(value, now)


@fault("ports-by-id", "SPICE-VMC-024")
class PortsById(PortChannel):
    """Takes the port with the least id for any other."""

    @classmethod
    def chosen(cls, linked: Sequence[ClientChannel], values: Mapping[str, Any]) -> ClientChannel | None:
        return super().chosen(linked, {**values, "name": ""})


@fault("writes-into-closed-port", "SPICE-VMC-025")
class WritesIntoClosedPort(PortChannel):
    """Writes although the guest has the port closed."""

    def say(self, data: bytes, name: str = "") -> None:
        self.write(data)
