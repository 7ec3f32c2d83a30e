"""The message layer of every channel: events or a refusal, the same however the bytes are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from fuzz_targets.parts import same_in_pieces
from fuzz_targets.target import Target
from spiceproto import schema, wire
from spiceproto.channel import Channel, Role
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.framing import Writer
from spiceproto.message import Sender
from spiceproto.size_limits import CHANNELS

__all__ = ["TARGETS"]

_TABLES: Final = sorted(CHANNELS)
_MESSAGES: Final = 6
"""Of a seed."""


def _how(data: bytes) -> tuple[str, Role, bool]:
    """What the first byte says: the channel, whose end it is, whether headers are short."""
    number = data[0] if data else 0
    return _TABLES[(number >> 2) % len(_TABLES)], ("server" if number & 1 else "client"), bool(number & 2)


def once(data: bytes) -> None:
    """The bytes of a peer, behind one that says which channel it is."""
    table, role, mini = _how(data)

    def make() -> Callable[[bytes], Iterator[str]]:
        channel = Channel(role, table, mini)

        def receive(piece: bytes) -> Iterator[str]:
            channel.receive(piece)
            while (event := channel.next_event()) is not None:
                yield repr(event)

        return receive

    same_in_pieces(make, data[1:])


def seeds() -> Iterator[bytes]:
    """A few legal messages of each channel and sender, under both headers."""
    chooser, dice = RandomChooser(Random(2)), Random(3)
    senders: tuple[Sender, ...] = ("server", "client")
    for number, table in enumerate(_TABLES):
        for sender in senders:
            rows = list(schema.rows(table, sender).values())
            for mini in (False, True):
                writer = Writer(mini)
                chosen = dice.sample(rows, min(_MESSAGES, len(rows)))
                frames = [writer.frame(row.number, wire.build(row.body, legal_value(row.body, chooser))) for row in chosen]
                head = number << 2 | 2 * mini | (sender == "client")
                yield bytes([head]) + b"".join(frames)


TARGETS: Final = [Target("message-layer", "events or RemoteError, the same in pieces", once, seeds)]
