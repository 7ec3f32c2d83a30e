"""Who may see a page that a program of ours serves: its address with the token, and which requests are answered.

Such a page shows what people type, or acts on a desktop, at a port that every program of the machine and every page in its
browser can reach.

* Its token, of 128 bits and new each time, stands in the fragment of the address, which no browser sends anywhere. The page
  says it as the subprotocol of its WebSocket, where browsers let it.
* The host that a request names is the server's own: another name that leads here is refused (DNS rebinding).
* The origin of a WebSocket is the page's own: pages of others are refused.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Sequence
from typing import Final

import msgspec

from spiceproto.errors import LocalError

__all__ = ["ANYWHERE", "SOCKET", "Access", "Place", "place_of"]

ANYWHERE: Final = "127.0.0.1:0"
"""Where a page is served if nobody says it: a free port of this machine."""

SOCKET: Final = "/socket"
"""Path of the WebSocket."""

_PROTOCOL: Final = "t."
"""How the subprotocol begins that says the token."""

_PLACE: Final = re.compile(r"(?:(\[[0-9A-Fa-f:.]+\]|[^\[\]:/@\s]+):)?([0-9]{1,5})")


class Place(msgspec.Struct, frozen=True):
    """Where a page is served: an address or a name without brackets, and a port, 0 for a free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine gets there."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def place_of(text: str, option: str, more: str = "") -> Place:
    """``HOST:PORT``, or ``PORT`` of loopback. Raises LocalError for what is neither, in which ``option`` is named."""
    found = _PLACE.fullmatch(text)
    if found is None or int(found[2]) > 0xFFFF:
        expected = f"HOST:PORT or PORT, such as 127.0.0.1:8080{more}"
        raise LocalError(f"{option} has no such place", expected=expected, actual=repr(text))
    host = (found[1] or "127.0.0.1").strip("[]")
    return Place("127.0.0.1" if host == "localhost" else host, int(found[2]))


class Access:
    """The rules of one server of a page.

    ``port``  where it listens; ``token`` what pages have to know
    """

    def __init__(self, place: Place, port: int, *, secure: bool = False) -> None:
        self.port = port
        self.token = secrets.token_urlsafe(16)
        self._place = place
        self._scheme = "https" if secure else "http"

    @property
    def address(self) -> str:
        """For the browser of the one who may."""
        host = self._place.host
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"{self._scheme}://{_bracketed(host)}:{self.port}/#{self.token}"

    def is_host(self, named: str) -> bool:
        """Whether the Host of a request is this server. A name in it is the one of the option, or this machine's."""
        host, _, port = named.rpartition(":")
        if not host:
            host, port = named, "443" if self._scheme == "https" else "80"
        if port != str(self.port):
            return False
        if host.lower() in ("localhost", self._place.host.lower()):
            return True
        try:
            number = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return not self._place.loopback and host.lower() == socket.gethostname().lower()
        # An address is not a name that somebody else may have led here.
        return number.is_loopback or not self._place.loopback

    def is_origin(self, origin: str, named: str) -> bool:
        """Whether a page of this origin is the server's own, where the request names this host."""
        return origin.lower() == f"{self._scheme}://{named}".lower()

    def knows(self, protocols: Sequence[str]) -> str:
        """The subprotocol among these that says the token; "" for none."""
        wanted = f"{_PROTOCOL}{self.token}".encode()
        return next((one for one in protocols if secrets.compare_digest(one.encode("utf-8", "replace"), wanted)), "")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
