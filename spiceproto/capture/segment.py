"""A TCP segment as it is handed from one to the next, by all who do not leave it to the fast path."""

from __future__ import annotations

from typing import Protocol

import msgspec

__all__ = ["ACK", "FIN", "RST", "SYN", "Segment", "Segments"]

FIN, SYN, RST, ACK = 1, 2, 4, 16


class Segment(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """One segment.

    * ``key``: addresses and ports, as they lie in the packet
    * ``seq``, ``ack``, ``flags``: of its header
    * ``payload``: what was captured of its bytes; ``missing`` more were sent
    * ``time_ns``, ``frame``: of its packet
    * ``head``: the TCP header with its options; empty where it was not kept
    * ``instead``: it counts instead of those of these frames, whose checksums are wrong
    """

    key: bytes
    seq: int
    ack: int
    flags: int
    payload: bytes
    missing: int = 0
    time_ns: int
    frame: int
    head: bytes = b""
    instead: tuple[int, ...] = ()


class Segments(Protocol):
    """Whom packets are handed to."""

    def segment(self, segment: Segment, /) -> None:
        """The next one."""

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Somebody says that a segment did not arrive."""
