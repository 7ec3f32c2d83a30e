"""How one client leaves this server for another one: what it was told, what it said, and what its channels have to do.

The server tells a session (:class:`reference_server.session.Session`) what happens, and channels watch:

    MigrationBegins     main tells the client of the destination, if the client can be told
    MigrationCancelled  main takes it back
    Leaves              every channel says the last that is to be said here

and at the destination

    Came                the guest is here: what it does from now on the client has not seen
    Arrived             main has heard that the session goes on here: so do the channels that were linked ahead
    Broken              a channel can not go on with what the client brought: the session ends
    Late                something that the client had said at the source when the guest had gone
"""

from __future__ import annotations

from typing import Literal

import msgspec

from spiceproto.messages.main import DstInfo, MigrateSwitchHost

__all__ = [
    "Arrived",
    "Broken",
    "Came",
    "Departure",
    "Destination",
    "Kind",
    "Late",
    "Leaves",
    "MigrationBegins",
    "MigrationCancelled",
]

Kind = Literal["seamless", "semi-seamless", "switch-host"]
"""What a client keeps: everything; its links, made ahead; or nothing."""


class Destination(msgspec.Struct, frozen=True):
    """The other server as clients reach it: a port is 0 if there is none. ``subject`` is that of its certificate; "" for the
    host name to be compared.
    """

    host: str
    port: int = 0
    tls_port: int = 0
    subject: str = ""

    def info(self) -> DstInfo:
        """As MIGRATE_BEGIN says it (SPICE-MIG-003, SPICE-MIG-004)."""
        return DstInfo(port=self.port, sport=self.tls_port, host_data=_ended(self.host), cert_subject_data=self._subject())

    def switch(self) -> MigrateSwitchHost:
        """As MIGRATE_SWITCH_HOST says it."""
        return MigrateSwitchHost(
            port=self.port, sport=self.tls_port, host_data=_ended(self.host), cert_subject_data=self._subject()
        )

    def _subject(self) -> bytes | None:
        return _ended(self.subject) if self.subject else None


def _ended(text: str) -> bytes:
    return text.encode() + b"\0"


class MigrationBegins(msgspec.Struct, frozen=True):
    """A client is to link the destination ahead."""

    departure: Departure


class MigrationCancelled(msgspec.Struct, frozen=True):
    """The client stays here."""

    departure: Departure


class Leaves(msgspec.Struct, frozen=True):
    """The guest is at the destination: the client goes there now, in this way."""

    kind: Kind


class Came(msgspec.Struct, frozen=True):
    """The guest is here, and is about to go on: what it does from now on, no source has told the client."""


class Arrived(msgspec.Struct, frozen=True):
    """The session goes on here, ``seamless`` or from its beginning."""

    seamless: bool


class Broken(msgspec.Struct, frozen=True):
    """The session can not go on."""

    text: str


class Late(msgspec.Struct, frozen=True):
    """What the client said on a channel at the source, type and body of one message; None when that was all."""

    key: tuple[int, int]
    message: tuple[int, bytes] | None


class Departure:
    """Of one client.

    ``destination``  where it is to go
    ``wanted``       how, at best
    ``asked``        what its main channel asked it for; ``switch-host`` if for nothing
    ``said``         what it answered: ``seamless``, ``semi-seamless`` or ``failed``; None for nothing yet
    """

    def __init__(self, destination: Destination, wanted: Kind) -> None:
        self.destination = destination
        self.wanted = wanted
        self.asked: Kind = "switch-host"
        self.said: Literal["seamless", "semi-seamless", "failed"] | None = None

    @property
    def waits(self) -> bool:
        """Whether an answer is to be expected."""
        return self.asked != "switch-host" and self.said is None

    def connected(self, *, seamless: bool) -> None:
        """The client has linked the destination. More than it was asked for means no more than that."""
        if self.waits:
            self.said = "seamless" if seamless and self.asked == "seamless" else "semi-seamless"

    def failed(self) -> None:
        """It could not."""
        if self.waits:
            self.said = "failed"

    @property
    def kind(self) -> Kind:
        """How it goes, as things are now (SPICE-MIG-007, SPICE-MIG-030, SPICE-MIG-040)."""
        return "switch-host" if self.said is None or self.said == "failed" else self.said
