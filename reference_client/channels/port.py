"""Port channels: a serial line of the guest that has a name (spec/15-byte-channels.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client.channels.base import ClientChannel, Handlers, Verbs, text_of
from reference_client.events import Event
from reference_client.host import Host
from reference_client.line import Line
from spiceproto import byte_channel
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LocalError, MissingExtraError, RemoteError
from spiceproto.messages import port, spicevmc

if TYPE_CHECKING:
    from reference_client.port_user import PortUser

__all__ = ["NamedPort", "PortChannel", "PortMoved"]

KEPT: Final = 1 << 20
"""Bytes of the guest that are kept for a user who asks for them."""

_WORDS: Final[Mapping[int, str]] = {PortEvent.OPENED: "opened", PortEvent.CLOSED: "closed", PortEvent.BREAK: "break"}


class PortMoved(Event, frozen=True, tag="port"):
    """A port is there, or the guest has done something to it: ``what`` is linked, opened, closed or break."""

    channel: str
    id: int
    name: str
    what: str
    opened: bool


class NamedPort(ClientChannel):
    """``name`` is the port's, "" before INIT; ``opened`` says whether the guest has it open."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.name = ""
        self.opened = False

    # -- for whoever derives from it

    def named(self) -> None:
        """INIT has come for the first time with a name."""

    def moved(self) -> None:
        """INIT has come, or the guest has opened or closed the port."""

    def take(self, data: bytes) -> None:
        """The next bytes of the guest."""

    def heard(self, what: str) -> None:
        """INIT, or an EVENT with a name."""
        self.host.tell(PortMoved(channel=self.line.name, id=self.id, name=self.name, what=what, opened=self.opened))

    # -- what the server says

    def on_init(self, value: port.Init, now: float) -> None:
        """Which port it is."""
        first = not self.name
        self.name = text_of(bytes(value.name))
        self.opened = value.opened != 0
        self.heard("linked")
        if first and self.name:
            self.named()
        self.moved()

    def on_event(self, value: port.Event, now: float) -> None:
        """The guest has opened it, closed it, or sent a break."""
        what = _WORDS.get(value.event)
        if what is None:
            return
        if value.event != PortEvent.BREAK:
            self.opened = value.event == PortEvent.OPENED
        self.heard(what)
        self.moved()

    def on_data(self, value: spicevmc.Data, now: float) -> None:
        """Bytes of the guest."""
        self.take(bytes(value.data))

    def on_compressed_data(self, value: spicevmc.CompressedData, now: float) -> None:
        """The same, compressed; without them the stream has a hole, and the channel ends."""
        try:
            data = byte_channel.unpack(value)
        except (RemoteError, MissingExtraError) as error:
            self.line.drop(f"COMPRESSED_DATA: {error}")
            return
        self.take(data)

    handlers: ClassVar[Handlers] = {
        port.Init: on_init,
        port.Event: on_event,
        spicevmc.Data: on_data,
        spicevmc.CompressedData: on_compressed_data,
    }

    # -- what the client says

    @property
    def room(self) -> bool:
        """Whether what is written now would leave soon."""
        return not self.line.crowded

    def write(self, data: bytes) -> None:
        """Bytes for the guest."""
        self.send(*byte_channel.pieces(data, lz4=self.server_has(SpicevmcCapability.DATA_COMPRESS_LZ4)))


class PortChannel(NamedPort):
    """A port with a user, if ``Options.port`` knows one by its name; else what comes is kept for the verb ``port-read``."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.user: PortUser | None = None
        self.kept = bytearray()
        self.events: list[str] = []

    def named(self) -> None:
        """A port is given to its user once, whatever else the server calls it later."""
        if self.host.options.port is not None:
            self.user = self.host.options.port(self.name)
            if self.user is not None:
                self.user.linked(self)

    def heard(self, what: str) -> None:
        """For the user, and for the verb."""
        super().heard(what)
        if what != "linked" and len(self.events) < KEPT:
            self.events.append(what)

    def moved(self) -> None:
        """The user learns it."""
        if self.user is not None:
            self.user.moved()

    def take(self, data: bytes) -> None:
        """For the user, or kept."""
        if self.user is not None:
            self.user.receive(data)
        elif len(self.kept) < KEPT:
            self.kept += data

    @property
    def waits(self) -> bool:
        """Whether the user has not taken what came."""
        return self.user is not None and self.user.full

    def hold(self, held: bool, now: float) -> None:
        """What was written is out, or waits."""
        if not held:
            self.moved()

    def end(self, now: float) -> None:
        """The user learns that, too."""
        if self.user is not None:
            self.user.ended()

    # -- what somebody with words may wish

    @classmethod
    def chosen(cls, linked: Sequence[ClientChannel], values: Mapping[str, Any]) -> ClientChannel | None:
        """The port with the name in ``values``; the first one for none."""
        name = values["name"]
        ports = [channel for channel in linked if isinstance(channel, cls)]
        return next((channel for channel in sorted(ports, key=lambda item: item.id) if name in ("", channel.name)), None)

    def say(self, data: bytes, name: str = "") -> None:
        """Bytes for the guest. Raises LocalError while the guest has the port closed (SPICE-VMC-025).

        ``name`` is the port's, here and below: :meth:`chosen` has looked at it.
        """
        if not self.opened:
            raise LocalError("the guest has the port closed", actual=self.name)
        self.write(data)

    def tell_open(self, opened: bool, name: str = "") -> None:
        """Say that whoever has the port here has come or gone."""
        self.send(port.Event(PortEvent.OPENED if opened else PortEvent.CLOSED))

    def send_break(self, name: str = "") -> None:
        """A break for the guest."""
        self.send(port.Event(PortEvent.BREAK))

    def read(self, name: str = "") -> dict[str, Any]:
        """What has come since the last time, as hexadecimal digits, and what the guest did to the port."""
        found = {"data": self.kept.hex(), "events": self.events, "opened": self.opened}
        self.kept, self.events = bytearray(), []
        return found

    verbs: ClassVar[Verbs] = {
        "port-write": say,
        "port-open": tell_open,
        "port-break": send_break,
        "port-read": read,
    }
