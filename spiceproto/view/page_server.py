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

from spiceproto.page_access import Access, Place
from spiceproto.page_requests import PageFile, Requests
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

_HEADERS: Final = {"Content-Security-Policy": "frame-ancestors 'none'"}


class PageServer:
    """``next`` gives a page the next piece, and may wait: it is called in a thread."""

    def __init__(self, place: Place, page: bytes, about: str, next: Callable[[Cursor], bytes | None]) -> None:
        self.access: Access | None = None
        self._place = place
        self._requests = Requests({"/": PageFile("text/html; charset=utf-8", page)}, _HEADERS)
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
        return self._requests.answer(self.access, connection, request, full=len(self._news) >= PAGES)

    def _subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        assert self.access is not None
        return self._requests.subprotocol(self.access, offered)

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
