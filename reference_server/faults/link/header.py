"""Faults in link header and size of the link message (spec/01-link.md, SPICE-LINK-005 to 012)."""

from __future__ import annotations

from typing import Final

from reference_server.faults.fault import fault
from reference_server.faults.link.words import u32
from spiceproto.enums.link import LinkErr
from spiceproto.link.server import ServerLink
from spiceproto.link.structures import parse_header
from spiceproto.sizes import (
    LINK_MESSAGE_SIZE,
)

_MAGIC: Final = b"REDQ"


@fault("answers-as-version-1", "SPICE-LINK-005")
class AnswersAsVersion1(ServerLink):
    """Has major version 1 in its link header."""

    def send(self, data: bytes) -> None:
        super().send(_MAGIC + u32(1) + data[8:] if data.startswith(_MAGIC) else data)


@fault("other-minor-version", "SPICE-LINK-010")
class OtherMinorVersion(ServerLink):
    """Has minor version 3 in its link header."""

    def send(self, data: bytes) -> None:
        super().send(data[:8] + u32(3) + data[12:] if data.startswith(_MAGIC) else data)


@fault("any-magic", "SPICE-LINK-006")
class AnyMagic(ServerLink):
    """Does not look at the first four bytes."""

    def on_magic(self, data: bytes) -> None:
        super().on_magic(_MAGIC)


@fault("wrong-error-for-a-bad-magic", "SPICE-LINK-006")
class WrongErrorForABadMagic(ServerLink):
    """Answers a wrong magic with INVALID_DATA."""

    def answer_error(self, error: LinkErr, text: str) -> None:
        super().answer_error(LinkErr.INVALID_DATA if error == LinkErr.INVALID_MAGIC else error, text)


@fault("any-major-version", "SPICE-LINK-008")
class AnyMajorVersion(ServerLink):
    """Takes any major version for 2."""

    def on_header(self, data: bytes) -> None:
        super().on_header(u32(2) + data[4:])


@fault("wants-minor-version-2", "SPICE-LINK-009")
class WantsMinorVersion2(ServerLink):
    """Refuses a minor version other than 2."""

    def on_header(self, data: bytes) -> None:
        if data[4:8] != u32(2):
            self.answer_error(LinkErr.VERSION_MISMATCH, "another minor version")
        else:
            super().on_header(data)


@fault("waits-for-a-long-link-message", "SPICE-LINK-012")
class WaitsForALongLinkMessage(ServerLink):
    """Waits for a link message of any size."""

    def on_header(self, data: bytes) -> None:
        header = parse_header(self.magic + data)
        super().on_header(data[:8] + u32(min(header.size, 4096)))
        if header.size > 4096 and not self.finished:
            self.expect("message", header.size, self.on_link_message)


@fault("refuses-long-link-messages", "SPICE-LINK-012")
class RefusesLongLinkMessages(ServerLink):
    """Refuses link messages of more than 1024 bytes."""

    def on_header(self, data: bytes) -> None:
        size = int.from_bytes(data[8:12], "little")
        super().on_header(data if size <= 1024 else data[:8] + bytes(4))


@fault("reads-short-link-messages", "SPICE-LINK-012")
class ReadsShortLinkMessages(ServerLink):
    """Takes a link message of fewer than 18 bytes, and zeros for the rest."""

    def on_header(self, data: bytes) -> None:
        size = int.from_bytes(data[8:12], "little")
        if size < LINK_MESSAGE_SIZE and data[:4] == u32(2):
            self.expect("message", size, lambda short: self.on_link_message(short.ljust(LINK_MESSAGE_SIZE, b"\0")))
        else:
            super().on_header(data)
