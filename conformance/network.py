"""Between the suite and a target: streams of bytes, and a clock.

A case never sleeps and never reads: it sends, and then lets the network run until something has come or a time is over
(:meth:`Network.run`). The same case runs over sockets and in memory, where the clock is virtual and waiting costs
nothing.

    Stream          one connection, from the suite's side
    Destination     where a second server is: the destination of a migration
    Network         a clock, and all streams of one case
    ServerNetwork   the target is a server: the suite connects
    ClientNetwork   the target is a client: the suite is connected to

:mod:`conformance.memory` and :mod:`conformance.sockets` have the two kinds of each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

import msgspec

from conformance.transcript import Line, Transcript

__all__ = ["NO_DESTINATION", "ClientNetwork", "Destination", "Network", "ServerNetwork", "Stream"]

NO_DESTINATION: Final = "the target is one server, and has no destination"


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where clients find a second server of the suite.

    * ``host``: an address
    * ``port``, ``tls_port``: without TLS and with it; 0 for none
    * ``subject``: of its certificate, as clients compare it; "" where there is none
    * ``stranger``: another address of it, which the certificate does not name; "" where this system has none
    * ``closed_port``: a port of this host at which nobody listens
    * ``expired_port``, ``self_signed_port``: ports with TLS and a certificate of this subject that has ended, and one that the
      authority did not sign; 0 for none
    """

    host: str
    port: int
    tls_port: int
    subject: str
    stranger: str
    closed_port: int
    expired_port: int = 0
    self_signed_port: int = 0


class Stream(ABC):
    """One connection. ``received`` are bytes that nobody has taken yet.

    ``place``   where it leads to, or came to: 0 where a session begins, 1 the destination of a migration
    ``ended``   "" while the target may still send; else how it ended: "closed" or "reset"
    ``unsent``  whether bytes wait until the target takes them; they go out while the network runs
    """

    unsent = False

    def __init__(self, network: Network, number: int, *, secure: bool = False, place: int = 0) -> None:
        self.network = network
        self.number = number
        self.secure = secure
        self.place = place
        self.received = bytearray()
        self.ended = ""
        self.line: Line = network.transcript.open(number, network.now, secure=secure, place=place)
        self._left = False

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Bytes for the target."""

    @abstractmethod
    def _shut(self) -> None:
        """Close for good."""

    def half_close(self) -> None:
        """Send no more, but listen. Raises NotImplementedError where the transport cannot (TLS, WebSocket)."""
        raise NotImplementedError

    @property
    def layers(self) -> frozenset[str]:
        """What is around the bytes of SPICE: "tls", "websocket"."""
        return frozenset()

    @property
    def open(self) -> bool:
        """Whether both ends may send."""
        return not self.ended and not self._left

    def send(self, data: bytes) -> None:
        """Bytes for the target; they are lost if it has closed."""
        if not data or self._left:
            return
        network = self.network
        network.transcript.lines[self.number - 1].sent(network.own_role, data, network.now)
        if not self.ended:
            self._write(data)

    def close(self) -> None:
        """End the connection."""
        if self._left:
            return
        self._left = True
        if not self.ended:
            self.line.closed(self.network.own_role, self.network.now)
        self._shut()

    # -- what networks tell

    def arrived(self, data: bytes) -> None:
        """The target sent bytes."""
        if not data or self._left:
            return
        transcript = self.network.transcript
        transcript.came(len(data))
        if not transcript.flood:
            self.line.sent(self.network.role, data, self.network.now)
            self.received += data

    def lost(self, how: str, text: str = "") -> None:
        """The target closed ("closed") or broke ("reset") the connection; ``text`` says how, if it was not in order."""
        if not self.ended:
            self.ended = how
            if not self._left:
                self.line.closed(self.network.role, self.network.now, text or ("reset" if how == "reset" else ""))


class Network(ABC):
    """All streams of one case. ``role`` is what the target is.

    ``virtual``   whether the clock only counts
    ``patience``  seconds in which a target is expected to answer
    ``quiet``     seconds after which what has not come is taken for not coming
    ``piece``     bytes are sent in pieces of this size; 0 for whole
    """

    role = "server"
    own_role = "client"

    def __init__(self, *, patience: float, quiet: float, piece: int = 0) -> None:
        self.transcript = Transcript(self.role)
        self.patience = patience
        self.quiet = quiet
        self.piece = piece
        self.streams: list[Stream] = []

    virtual = False
    sight = 0.0
    """Seconds in which a picture is expected to become right, once the client goes on."""

    def saw(self, seconds: float) -> None:  # noqa: B027 - in memory it is right at once
        """A picture was looked at for so long, and became right."""

    @property
    @abstractmethod
    def now(self) -> float:
        """Seconds since the case began."""

    @abstractmethod
    def run(self, until: Callable[[], bool], within: float) -> bool:
        """Let things happen until ``until`` holds or so many seconds are over; whether it holds."""

    def hurry(self) -> None:  # noqa: B027 - a clock that only counts need not
        """Nobody is accused by this case: it need not wait for answers longer than the target has ever needed."""

    def stop(self) -> None:
        """The case is over: close everything."""
        for stream in self.streams:
            stream.close()


class ServerNetwork(Network):
    """The target is a server; one that can hand over its sessions is two, the source and the destination."""

    @abstractmethod
    def connect(self, *, secure: bool | None = None, place: int = 0) -> Stream:
        """A connection to the target, with TLS or without; None for what the target wants. Raises TargetUnusable.

        ``place``: 0 for where a session begins, 1 for the destination of a migration.
        """


class ClientNetwork(Network):
    """The target is a client. Its connections appear in ``streams`` while :meth:`run` runs."""

    role = "client"
    own_role = "server"

    @abstractmethod
    def destination(self) -> Destination:
        """A second address to which the target can connect, from now on; its streams have place 1. Always the same one."""
