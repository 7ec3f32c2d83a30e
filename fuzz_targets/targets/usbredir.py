"""Packets of usbredir: cut anywhere they are the same, and what is built of them is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from fuzz_targets.parts import same_in_pieces, told
from fuzz_targets.target import Target, holds
from spiceproto import schema, usbredir_packets, wire
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.enums.usbredir import UsbredirCapability
from spiceproto.errors import LocalError
from spiceproto.usbredir import Usbredir

__all__ = ["TARGETS"]

_HELLOS: Final = (
    b"",
    usbredir_packets.packet(usbredir_packets.hello("a program 1.0", *[int(item) for item in UsbredirCapability])),
    usbredir_packets.packet(usbredir_packets.hello("a program 1.0")),
)
"""What the other side has said."""


def once(data: bytes) -> None:
    """The packets of one side, behind a byte that says which, and what the other one has said."""
    how = data[0] if data else 0
    sender, other = ("client", "server") if how & 1 else ("server", "client")

    def make() -> Callable[[bytes], Iterator[Any]]:
        stream = Usbredir(kept=1 << 16)
        stream.receive(other, _HELLOS[(how >> 1) % len(_HELLOS)])

        def receive(piece: bytes) -> Iterator[Any]:
            for packet in stream.receive(sender, piece):
                yield packet.header, packet.value, packet.stray, str(packet.error), packet.name, packet.capabilities

        return receive

    # Without the HELLO of the other side, what follows in a message says how wide ids are: then it matters how it is cut.
    known = _HELLOS[(how >> 1) % len(_HELLOS)]
    found = same_in_pieces(make, data[1:]) if known else told(make(), [data[1:]])[0]
    for header, value, stray, *_ in found:
        if value is None or stray:
            continue
        try:
            number, body = usbredir_packets.build(value)
        except LocalError:
            continue
        again = usbredir_packets.read(sender, number, body, len(body), None)
        holds("built again it is another packet", number == header.type and again.error is None, header, value, again)


def seeds() -> Iterator[bytes]:
    """A HELLO, and legal packets behind it."""
    chooser = RandomChooser(Random(5))
    for how in range(6):
        for rows in (schema.rows("usb", "client"), schema.rows("usb", "server")):
            for number, row in rows.items():
                body = wire.build(row.body, legal_value(row.body, chooser))
                for wide in (False, True):
                    head = number.to_bytes(4, "little") + len(body).to_bytes(4, "little") + bytes(8 if wide else 4)
                    yield bytes([how]) + _HELLOS[1 if wide else 2] + head + body


TARGETS: Final = [Target("usbredir", "packets or RemoteError, the same in pieces", once, seeds, 2048)]
