"""TLS around the bytes of one connection, as records that the suite cuts and joins itself.

A socket of :mod:`ssl` writes one record at a time and nothing else. Here what comes is handed in, what is to be sent is handed
out, and whoever has the socket decides where a write begins and ends.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Final

__all__ = ["LARGEST", "Records"]

LARGEST: Final = 1 << 14
"""Bytes inside one record (RFC 8446, 5.1)."""

_CHUNK: Final = 1 << 18


class Records:
    """One end of TLS; a client's names the ``host`` whose certificate is wanted.

    ``ended``   whether the other end has said goodbye, or TLS is broken; ``error`` is what broke it, "" for nothing
    """

    def __init__(self, context: ssl.SSLContext, *, host: str | None = None, server_side: bool = False) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=server_side, server_hostname=host)
        self._left = False
        self.ended = False
        self.error = ""

    def shake(self, sock: socket.socket) -> None:
        """The handshake, over a socket that waits, and that is closed if it fails. Raises OSError, as SSLError is one."""
        try:
            while not self._shaken():
                sock.sendall(self._out.read())
                data = sock.recv(_CHUNK)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            sock.sendall(self._out.read())
        except OSError:
            with contextlib.suppress(OSError):
                sock.sendall(self._out.read())  # the alert that says why
            sock.close()
            raise

    def _shaken(self) -> bool:
        """Whether the handshake is over, as far as what has come goes."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def sealed(self, data: bytes, size: int = LARGEST) -> bytes:
        """Records with these bytes in them, ``size`` in each at most; none once the suite has said goodbye."""
        if self._left:
            return b""
        with contextlib.suppress(ssl.SSLError):  # TLS is broken, which whoever reads sees
            for at in range(0, len(data), size):
                self._tls.write(data[at : at + size])
        return self._out.read()

    def opened(self, data: bytes) -> bytes:
        """What is inside; nothing until a record is whole."""
        self._in.write(data)
        found = []
        while not self.ended:
            try:
                part = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError as error:
                self.ended, self.error = True, type(error).__name__
                break
            self.ended = not part
            found.append(part)
        return b"".join(found)

    def answers(self) -> bytes:
        """Records for the other end that nobody has asked for: alerts, new keys."""
        return self._out.read()

    def goodbye(self) -> bytes:
        """The alert close_notify: nothing more comes from here."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._left = True
        return self._out.read()
