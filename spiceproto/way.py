"""How a server is reached: where it is, whom to trust there, and through whom."""

from __future__ import annotations

import msgspec

from spiceproto.address import Address, port_number
from spiceproto.errors import LocalError
from spiceproto.http_proxy import Proxy
from spiceproto.transport import Place
from spiceproto.trust import make_context

__all__ = ["Way"]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is reached.

    * ``address``: where it is
    * ``ca_pem``: whom to trust, "" for the system's authorities
    * ``host_subject``: what the certificate must say, "" to compare the host's name
    * ``tls_ciphers``: "" for the usual ones
    * ``proxy``: an HTTP proxy for TCP connections
    """

    address: Address
    ca_pem: str = ""
    host_subject: str = ""
    tls_ciphers: str = ""
    proxy: Proxy | None = None

    @property
    def plain(self) -> bool:
        """Whether there is a way without TLS."""
        return self.address.unix_path is not None or self.address.port is not None

    @property
    def tls(self) -> bool:
        """Whether there is a way with TLS."""
        return self.address.unix_path is None and self.address.tls_port is not None

    def to(self, place: Place | None) -> Way:
        """The way to another server that this one names: trust and proxy stay what they are, and so does a WebSocket.

        Raises LocalError where the session is on no network: who has chosen that is not led out of it.
        """
        if place is None:
            return self
        if self.address.unix_path is not None:
            raise LocalError("a session over a Unix socket does not go to another host", actual=place.host)
        address = Address(
            host=f"[{place.host}]" if ":" in place.host else place.host,
            port=str(place.port) if place.port else None,
            tls_port=str(place.tls_port) if place.tls_port else None,
            websocket=self.address.websocket,
        )
        return msgspec.structs.replace(self, address=address, host_subject=place.subject)

    def around(self, secure: bool) -> str:
        """What is around the bytes of a connection, in words; "" for nothing."""
        found = [f"Unix socket {self.address.unix_path}"] if self.address.unix_path is not None else []
        if self.proxy is not None:
            found.append(f"HTTP proxy to {self.address.host}")
        if secure:
            found.append("TLS")
        if self.address.websocket:
            found.append("WebSocket")
        return ", ".join(found)

    def check(self) -> None:
        """Raise LocalError for hosts and ports that are none, and for TLS that cannot be set up."""
        for what, text in (("a host", self.address.host), ("the path of a socket", self.address.unix_path or "")):
            if "\0" in text:
                raise LocalError(f"not {what}", expected="no zero byte", actual=repr(text))
        if self.proxy is not None:
            self.proxy.check()
        for port in (self.address.port, self.address.tls_port):
            if port is not None:
                port_number(port)
        if self.tls:
            make_context(ca_pem=self.ca_pem, host_subject=self.host_subject, ciphers=self.tls_ciphers)
