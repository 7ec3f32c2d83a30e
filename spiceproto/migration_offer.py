"""Where a source sends its client: whether a host and a port are named, and whether texts end as receivers expect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spiceproto.finding import Finding

__all__ = ["REQUIREMENTS", "MigrationOffer"]

_PLACE, _ZERO = "SPICE-MIG-003", "SPICE-MIG-004"

REQUIREMENTS: Final = {
    _PLACE: "is about one of two fields that may be 0",
    _ZERO: "looks at the last byte of a text",
}
"""Sentences that are judged here, and why no machine can."""

_OFFERS: Final = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST")


class MigrationOffer:
    """That of one main channel."""

    def __init__(self, channel: tuple[int, int]) -> None:
        self.channel = channel

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        """A message of the channel."""
        if sender != "server" or name not in _OFFERS or value is None:
            return
        place = value if name == "MIGRATE_SWITCH_HOST" else value.dst_info
        host, subject = bytes(place.host_data or b""), bytes(place.cert_subject_data or b"")
        if not host.rstrip(b"\0"):
            yield Finding(_PLACE, sender, self.channel, f"{name} without a host", "a host", "none", now)
        if not place.port and not place.sport:
            yield Finding(_PLACE, sender, self.channel, f"{name} without a port", "a port other than 0", "0 and 0", now)
        for field, text in (("host_data", host), ("cert_subject_data", subject)):
            if text and not text.endswith(b"\0"):
                found = repr(text[-1:])[2:-1]
                yield Finding(_ZERO, sender, self.channel, f"{name} has {field} without an end", "a zero byte", found, now)

    def forget(self, sender: str) -> None:
        """Nothing is remembered."""
