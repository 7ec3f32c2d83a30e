"""How patient a shell is with its clients, and how much of what they send it handles at once."""

from __future__ import annotations

import msgspec

__all__ = ["Limits"]


class Limits(msgspec.Struct, frozen=True):
    """How patient the shell is.

    * ``high_water``: bytes waiting for a client above which it is not read from
    * ``send``: bytes waiting above which it is dropped
    * ``stall``: seconds above the high water after which it is dropped
    * ``handshake``: seconds for a TLS handshake
    * ``handshakes``: most of them under way; one more, and the oldest is given up
    * ``turn``: seconds for which a turn goes on to a next few KiB: those of a file take a small part of it
    * ``linger``: seconds for which a connection that is over is still read from. If it were closed while the client sends,
      the client's system could throw away our last words
    * ``lingering``: most connections that are read from like that; one more, and the oldest is closed
    """

    high_water: int = 1 << 20
    send: int = 256 << 20
    stall: float = 30.0
    handshake: float = 10.0
    handshakes: int = 128
    turn: float = 0.001
    linger: float = 1.0
    lingering: int = 64
