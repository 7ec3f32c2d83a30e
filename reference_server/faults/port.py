"""Faults of ports (spec/15-byte-channels.md, 15.1 and 15.2)."""

from __future__ import annotations

from typing import Any, ClassVar, cast

import msgspec

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.port import PortChannel
from reference_server.faults.fault import fault
from reference_server.server import Server
from spiceproto import byte_channel, limits
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LimitError, RemoteError
from spiceproto.messages import port, spicevmc


@fault("port-loses-bytes", "SPICE-VMC-001", "SPICE-VMC-019")
class PortLosesBytes(PortChannel):
    """Leaves the last byte out of what the guest writes."""

    def write(self, data: bytes) -> None:
        super().write(data[:-1])


@fault("only-whole-words", "SPICE-VMC-002")
class OnlyWholeWords(PortChannel):
    """Drops what comes in pieces of fewer than four bytes."""

    def _data(self, value: spicevmc.Data, now: float) -> None:
        if len(value.data) >= 4:
            super()._data(value, now)

    handlers: ClassVar[Handlers] = PortChannel.handlers | {spicevmc.Data: Handler(_data)}


class _Squeezed(PortChannel):
    """Changes COMPRESSED_DATA."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return value

    def send(self, *values: Any) -> None:
        super().send(*[self.squeezed(value) if isinstance(value, spicevmc.CompressedData) else value for value in values])


@fault("block-shorter-than-said", "SPICE-VMC-003", "SPICE-VMC-001")
class BlockShorterThanSaid(_Squeezed):
    """Says one byte more than a block of LZ4 yields."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return msgspec.structs.replace(value, uncompressed_size=(value.uncompressed_size or 0) + 1)


@fault("block-too-large", "SPICE-VMC-004", "SPICE-VMC-001")
class BlockTooLarge(_Squeezed):
    """Sends a block of LZ4 with more than 1048576 bytes."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return byte_channel.compressed(bytes(limits.COMPRESSED_DATA + 1))


@fault("block-of-no-gain", "SPICE-VMC-005")
class BlockOfNoGain(_Squeezed):
    """Sends what it could compress as type NONE."""

    def squeezed(self, value: spicevmc.CompressedData) -> spicevmc.CompressedData:
        return spicevmc.CompressedData(0, None, byte_channel.unpack(value))


class _Inflating(PortChannel):
    """Does something else with COMPRESSED_DATA."""

    def inflate(self, value: spicevmc.CompressedData, now: float) -> None:
        PortChannel._compressed(self, value, now)

    def _compressed(self, value: spicevmc.CompressedData, now: float) -> None:
        self.inflate(value, now)

    def end_session(self, text: str) -> None:
        cast(Server, self.host).end_session(self.session, text)

    handlers: ClassVar[Handlers] = PortChannel.handlers | {spicevmc.CompressedData: Handler(_compressed)}


@fault("blocks-dropped", "SPICE-VMC-006", "SPICE-VMC-007")
class BlocksDropped(_Inflating):
    """Drops COMPRESSED_DATA although it has announced that it takes it."""

    def inflate(self, value: spicevmc.CompressedData, now: float) -> None:
        pass


@fault("small-blocks-only", "SPICE-VMC-007")
class SmallBlocksOnly(_Inflating):
    """Closes the channel for COMPRESSED_DATA with more than 65536 bytes."""

    def inflate(self, value: spicevmc.CompressedData, now: float) -> None:
        if (value.uncompressed_size or 0) > 1 << 16:
            self.line.drop("COMPRESSED_DATA is too large")
        else:
            super().inflate(value, now)


@fault("broken-block-fatal", "SPICE-VMC-008")
class BrokenBlockFatal(_Inflating):
    """Ends the session when a block can not be inflated."""

    def inflate(self, value: spicevmc.CompressedData, now: float) -> None:
        try:
            byte_channel.unpack(value)
        except LimitError:
            super().inflate(value, now)
        except RemoteError as error:
            self.end_session(str(error))
        else:
            super().inflate(value, now)


@fault("large-block-fatal", "SPICE-VMC-009")
class LargeBlockFatal(_Inflating):
    """Ends the session when a block claims too much."""

    def inflate(self, value: spicevmc.CompressedData, now: float) -> None:
        try:
            byte_channel.unpack(value)
        except LimitError as error:
            self.end_session(str(error))
        except RemoteError:
            super().inflate(value, now)
        else:
            super().inflate(value, now)


@fault("port-event-before-init", "SPICE-VMC-010")
class PortEventBeforeInit(PortChannel):
    """Says that the port is open before it says which it is."""

    def start(self, now: float) -> None:
        self.send(port.Event(PortEvent.BREAK))
        super().start(now)


@fault("port-init-twice", "SPICE-VMC-011")
class PortInitTwice(PortChannel):
    """Sends INIT twice."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(self.init())


@fault("port-without-name", "SPICE-VMC-012")
class PortWithoutName(PortChannel):
    """Sends INIT with a name that is a zero byte."""

    def init(self) -> port.Init:
        return msgspec.structs.replace(super().init(), name=b"\0")


@fault("webdav-on-port", "SPICE-VMC-013")
class WebdavOnPort(PortChannel):
    """Gives a port channel the name of the folder's."""

    def init(self) -> port.Init:
        return msgspec.structs.replace(super().init(), name=b"org.spice-space.webdav.0\0")


@fault("port-always-open", "SPICE-VMC-014")
class PortAlwaysOpen(PortChannel):
    """Says in INIT that the port is open when it is not."""

    def init(self) -> port.Init:
        return msgspec.structs.replace(super().init(), opened=1)


@fault("port-moves-in-silence", "SPICE-VMC-015")
class PortMovesInSilence(PortChannel):
    """Does not say that the guest has opened or closed the port."""

    def move(self, event: PortEvent) -> None:
        pass


@fault("port-closed-twice", "SPICE-VMC-016")
class PortClosedTwice(PortChannel):
    """Says twice that the port is closed."""

    def move(self, event: PortEvent) -> None:
        super().move(event)
        if event == PortEvent.CLOSED:
            super().move(event)


@fault("closed-port-talks", "SPICE-VMC-017")
class ClosedPortTalks(PortChannel):
    """Sends DATA behind CLOSED."""

    def move(self, event: PortEvent) -> None:
        super().move(event)
        if event == PortEvent.CLOSED:
            self.send(spicevmc.Data(b"late"))


@fault("closed-port-fatal", "SPICE-VMC-018")
class ClosedPortFatal(PortChannel):
    """Closes the channel when DATA comes while the guest has the port closed."""

    def hear(self, data: bytes) -> None:
        if self.port.opened:
            super().hear(data)
        else:
            self.line.drop("the port is closed")


class _Hearing(PortChannel):
    """Does something else with EVENT."""

    def event(self, value: port.Event, now: float) -> None:
        PortChannel._event(self, value, now)

    def _event(self, value: port.Event, now: float) -> None:
        self.event(value, now)

    handlers: ClassVar[Handlers] = PortChannel.handlers | {port.Event: Handler(_event)}


@fault("unknown-event-fatal", "SPICE-VMC-018")
class UnknownEventFatal(_Hearing):
    """Closes the channel for an EVENT without a name."""

    def event(self, value: port.Event, now: float) -> None:
        if value.event not in tuple(PortEvent):
            self.line.drop("an unknown event")
        else:
            super().event(value, now)


@fault("ports-mixed", "SPICE-VMC-019")
class PortsMixed(PortChannel):
    """Hands everything to the first port."""

    def hear(self, data: bytes) -> None:
        self.host.guest.ports[self.line.key[0], 0].receive(data)


@fault("port-once", "SPICE-VMC-020")
class PortOnce(PortChannel):
    """Closes a port channel that is linked again in the same session."""

    def start(self, now: float) -> None:
        seen = self.session.__dict__.setdefault("ports", set())
        if self.line.key in seen:
            self.line.drop("it was linked before")
            return
        seen.add(self.line.key)
        super().start(now)


@fault("break-dropped", "SPICE-VMC-021")
class BreakDropped(_Hearing):
    """Does not hand a break to the guest."""

    def event(self, value: port.Event, now: float) -> None:
        if value.event != PortEvent.BREAK:
            super().event(value, now)


@fault("port-says-nothing", "SPICE-VMC-040")
class PortSaysNothing(PortChannel):
    """Sends DATA without bytes behind what the guest writes."""

    def write(self, data: bytes) -> None:
        super().write(data)
        self.send(spicevmc.Data(b""))
