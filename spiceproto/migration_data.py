"""What a source hands over in MIGRATE_DATA: whether it is the state of this channel, in the layout of this version.

To the client it is opaque. The destination reads it, and so does whoever looks on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.channel_state import FORMS
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.shown import letters

__all__ = ["REQUIREMENTS", "MigrationData"]

_DATA: Final = "SPICE-MIG-048"

REQUIREMENTS: Final = {_DATA: "looks into a body that is opaque to the channel"}
"""Sentences that are judged here, and why no machine can."""

_TABLE: Final = "migration"
_VERSION: Final = 1
_HEAD: Final = 8


class MigrationData:
    """One channel's; ``table`` is the name of its messages."""

    def __init__(self, channel: tuple[int, int], table: str) -> None:
        self.channel = channel
        self._name = FORMS[table]

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        """A message of the channel."""
        if (sender, name) != ("server", "MIGRATE_DATA") or value is None:
            return
        body = bytes(value.data)
        magic, version = int.from_bytes(body[:4], "little"), int.from_bytes(body[4:_HEAD], "little")
        row = dispatch.row(_TABLE, "server", magic) if len(body) >= _HEAD else None
        if row is None or row.name != self._name:
            text = f"MIGRATE_DATA of another kind than {self._name}"
            found = letters(magic) if len(body) >= _HEAD else f"{len(body)} bytes"
            yield Finding(_DATA, sender, self.channel, text, self._name, row.name if row is not None else found, now)
        elif version != _VERSION:
            text = "MIGRATE_DATA of an unknown version"
            yield Finding(_DATA, sender, self.channel, text, str(_VERSION), str(version), now)
        else:
            try:
                row.parse(body)
            except RemoteError as error:
                text = f"MIGRATE_DATA: {error.path}: {error.what}"
                yield Finding(_DATA, sender, self.channel, text, error.expected, error.actual, now)

    def forget(self, sender: str) -> None:
        """Nothing is remembered."""
