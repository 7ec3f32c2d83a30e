"""The page of a capture that still runs, for browsers of this machine: one address, and a WebSocket.

A page is sent a text message, what stays the same (:func:`~spiceproto.view.document.about`), and then pieces
(:mod:`~spiceproto.view.feed`). It answers each with ``ok``, and gets the next one then: nothing waits for a page that is slow.
Who may come in is the matter of :mod:`spiceproto.page_access`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from spiceproto.page_access import SOCKET, Access, Place
from spiceproto.view.feed import Cursor

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

__all__ = ["PAGES", "PageServer"]

PAGES: Final = 8
"""Pages that may be open at once."""

_MESSAGE: Final = 1 << 10
"""Bytes of the largest message of a page."""

_PACE: Final = 0.2
"""Seconds from one piece with news to the next."""

_GOODBYE: Final = 1.0
"""Seconds in which a page takes that it is over."""

_LAST: Final = 5.0
"""Seconds in which pages get what they do not have yet when it is over."""

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class PageServer:
    """``next`` gives a page the next piece, and may wait: it is called in a thread."""

    def __init__(self, place: Place, page: bytes, about: str, next: Callable[[Cursor], bytes | None]) -> None:
        self.access: Access | None = None
        self._place = place
        self._page = page
        self._about = about
        self._next = next
        self._server: Server | None = None
        self._news: set[asyncio.Event] = set()
        self._served: set[asyncio.Event] = set()
        self._over = False

    async def listen(self) -> str:
        """The address for the user. Raises OSError where that can not be."""
        from websockets.asyncio.server import serve

        quiet = logging.getLogger("spiceproto.view")
        quiet.disabled = True  # what strangers send is nothing to tell
        self._server = await serve(
            self._visit,
            self._place.host,
            self._place.port,
            process_request=self._answer,
            select_subprotocol=self._subprotocol,
            compression=None,
            max_size=_MESSAGE,
            server_header=None,
            close_timeout=_GOODBYE,
            logger=quiet,
        )
        self.access = Access(self._place, self._server.sockets[0].getsockname()[1])
        return self.access.address

    def tell(self) -> None:
        """There is something new. In the loop only."""
        for news in self._news:
            news.set()

    async def stop(self) -> None:
        """Pages get what they do not have yet, for a while; then nobody is shown anything any more."""
        if self._server is None:
            return
        self._over = True
        self.tell()
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(_LAST):
                for served in list(self._served):
                    await served.wait()
        self._server.close()
        await self._server.wait_closed()

    # -- requests

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        assert self.access is not None
        hosts = request.headers.get_all("Host")
        if len(hosts) != 1 or not self.access.is_host(hosts[0]):
            return _said(connection, 421, "this is no host of that name")
        if getattr(request, "method", "GET") != "GET":  # older releases take nothing else
            return _said(connection, 405, "nothing is taken here")
        path = request.path.partition("?")[0]
        if path == "/":
            return self._given(connection)
        if path != SOCKET:
            return _said(connection, 404, "there is no such thing")
        origins = request.headers.get_all("Origin")
        if len(origins) != 1 or not self.access.is_origin(origins[0], hosts[0]):
            return _said(connection, 403, "another page has nothing to see here")
        if not self.access.knows(_protocols(request)):
            return _said(connection, 403, "the token is missing or wrong")
        return _said(connection, 503, "too many pages are open") if len(self._news) >= PAGES else None

    def _given(self, connection: ServerConnection) -> Response:
        answer = connection.respond(200, "")
        answer.body = self._page
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(self._page)),
            **_HEADERS,
        }.items():
            if name in answer.headers:
                del answer.headers[name]
            answer.headers[name] = value
        return answer

    def _subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        assert self.access is not None
        known = self.access.knows(offered)
        return next((one for one in offered if one == known), None)

    # -- pages

    async def _visit(self, connection: ServerConnection) -> None:
        """One page, from its beginning to its end."""
        from websockets.exceptions import ConnectionClosed

        news, served = asyncio.Event(), asyncio.Event()
        self._news.add(news)
        self._served.add(served)
        gone = asyncio.ensure_future(connection.wait_closed())
        try:
            await connection.send(self._about)
            cursor = Cursor()
            while not gone.done():
                news.clear()
                piece = await asyncio.to_thread(self._next, cursor)
                if piece is not None:
                    await connection.send(piece)
                    if await connection.recv() != "ok":
                        await connection.close(1002, "expected ok")
                        return
                elif self._over:
                    return
                else:
                    waiting = asyncio.ensure_future(news.wait())
                    await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    if not self._over:
                        await asyncio.sleep(_PACE)
        except ConnectionClosed:
            pass
        finally:
            gone.cancel()
            served.set()
            self._news.discard(news)
            self._served.discard(served)


def _said(connection: ServerConnection, status: int, text: str) -> Response:
    answer = connection.respond(status, f"{text}\n")
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def _protocols(request: Request) -> list[str]:
    rows = request.headers.get_all("Sec-WebSocket-Protocol")
    return [one.strip() for row in rows for one in row.split(",")]
