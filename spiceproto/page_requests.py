"""What a server of a page answers to requests: its files, the WebSocket of a page that may come in, and refusals.

Who may come in is the matter of :mod:`spiceproto.page_access`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from spiceproto.page_access import SOCKET, Access

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

__all__ = ["PageFile", "Requests"]

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer of every server of a page."""


class PageFile(msgspec.Struct, frozen=True):
    """A file and its type."""

    type: str
    data: bytes


class Requests:
    """``files`` by their paths, and nothing else, are given to anybody; ``headers`` are more that every answer has."""

    def __init__(self, files: Mapping[str, PageFile], headers: Mapping[str, str]) -> None:
        self._files = files
        self._headers = {**_HEADERS, **headers}

    def answer(self, access: Access, connection: ServerConnection, request: Request, *, full: bool) -> Response | None:
        """The answer to a request; None for the WebSocket of a page that may come in. ``full``: there are enough of them."""
        hosts = request.headers.get_all("Host")
        if len(hosts) != 1 or not access.is_host(hosts[0]):
            return self._refused(connection, 421, "this is no host of that name")
        if getattr(request, "method", "GET") != "GET":  # older releases take nothing else
            return self._refused(connection, 405, "nothing is taken here")
        path = request.path.partition("?")[0]
        if path != SOCKET:
            file = self._files.get(path)
            return self._refused(connection, 404, "there is no such thing") if file is None else self._given(connection, file)
        origins = request.headers.get_all("Origin")
        if len(origins) != 1 or not access.is_origin(origins[0], hosts[0]):
            return self._refused(connection, 403, "another page has nothing to say here")
        if not access.knows(_protocols(request)):
            return self._refused(connection, 403, "the token is missing or wrong")
        return self._refused(connection, 503, "too many pages are open") if full else None

    @staticmethod
    def subprotocol(access: Access, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """That which says the token."""
        known = access.knows(offered)
        return next((one for one in offered if one == known), None)

    def _refused(self, connection: ServerConnection, status: int, text: str) -> Response:
        answer = connection.respond(status, f"{text}\n")
        answer.headers.update(self._headers)
        return answer

    def _given(self, connection: ServerConnection, file: PageFile) -> Response:
        answer = connection.respond(200, "")
        answer.body = file.data
        for name, value in {"Content-Type": file.type, "Content-Length": str(len(file.data)), **self._headers}.items():
            if name in answer.headers:
                del answer.headers[name]
            answer.headers[name] = value
        return answer


def _protocols(request: Request) -> list[str]:
    rows = request.headers.get_all("Sec-WebSocket-Protocol")
    return [one.strip() for row in rows for one in row.split(",")]
