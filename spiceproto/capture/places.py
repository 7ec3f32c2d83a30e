"""Connections that the caller names: by the address of the server, or by both ends."""

from __future__ import annotations

from collections.abc import Mapping

from spiceproto.errors import LocalError

__all__ = ["Address", "Named", "Place", "Places"]

Address = tuple[str, int]

Place = tuple[str | None, int] | tuple[str | None, int, str | None, int]
"""Address and port of a server; or of a client, then of a server. None stands for any address."""

Named = Mapping[Place, str] | Mapping[tuple[str | None, int], str]
"""What is said of each."""


class Places:
    """What was said of connections. Raises LocalError for an address that is none."""

    __slots__ = ("_named",)

    def __init__(self, named: Named) -> None:
        self._named: dict[Place, str] = {_normal(place): what for place, what in named.items()}

    def __bool__(self) -> bool:
        return bool(self._named)

    def find(self, client: Address, server: Address) -> str | None:
        """What was said of the connection with these ends, of both before of one; None if nothing was."""
        named = self._named
        for first in (client, (None, client[1])):
            for second in (server, (None, server[1])):
                found = named.get((*first, *second))
                if found is not None:
                    return found
        found = named.get(server)
        return named.get((None, server[1])) if found is None else found

    def side(self, client: Address, server: Address) -> str | None:
        """``client`` or ``server``: the end, as they are taken so far, that was named as the server; None if neither was."""
        if self.find(client, server) is not None:
            return "server"
        return "client" if self.find(server, client) is not None else None


def _normal(place: Place) -> Place:
    """The addresses as connections write them."""
    if len(place) == 2:
        return _address(place[0]), place[1]
    return _address(place[0]), place[1], _address(place[2]), place[3]


def _address(text: str | None) -> str | None:
    if text is None:
        return None
    from socket import AF_INET, AF_INET6, inet_ntop, inet_pton  # not at import: it costs milliseconds

    family = AF_INET6 if ":" in text else AF_INET
    try:
        return inet_ntop(family, inet_pton(family, text))
    except (OSError, ValueError) as error:
        raise LocalError("not an IP address", expected="for instance 192.0.2.1 or 2001:db8::1", actual=text) from error
