"""How what a stream sends is cut, below the bytes of SPICE."""

from __future__ import annotations

from conformance.tls_records import LARGEST

__all__ = ["Shape"]


class Shape:
    """That of one connection over a socket.

    * ``slice``: bytes of one write, whatever is in them; 0 for all of a record, or of a frame
    * ``record``: bytes in one record of TLS at most
    * ``frame``: bytes in one frame of WebSocket at most; 0 for all that is sent at once
    * ``between``: what stands between two frames of a message, as in :mod:`conformance.websocket_frames`
    """

    def __init__(self) -> None:
        self.slice = 0
        self.record = LARGEST
        self.frame = 0
        self.between = ""
