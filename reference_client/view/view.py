"""The server of a view: it gives the page to browsers, and tells the parts what pages say.

The page that came first controls; others look, and any of them can take control over (verb ``take-control``). When the page in
control goes, the one that came next has it. The session goes on without a page. When another session is shown, pages come in
again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client.events import CLOSED, LEFT, Ended, Event
from reference_client.plan import Wish
from reference_client.view.access import place_of, tls_context
from reference_client.view.feature import Feature, Session
from reference_client.view.files import HEADERS, page_files
from reference_client.view.open_page import ANOTHER, OpenPage
from reference_client.view.parts import PARTS
from reference_client.view.sound import Sound
from spiceproto.errors import LocalError
from spiceproto.page_access import Access, Place
from spiceproto.page_requests import Requests

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

__all__ = ["MESSAGE", "PAGES", "View"]

PAGES: Final = 4
"""Pages that may be open at once; each costs as much memory as the displays have pixels."""

MESSAGE: Final = 1 << 20
"""Bytes of the largest message of a page."""

_GOODBYE: Final = 1.0
"""Seconds in which a page may take that the session is over."""

_ENDS: Final = {
    CLOSED: "The server ended the session.",
    LEFT: "The client has left the session.",
}
"""In the words of people, what an orderly end is called."""


_NONE: Final = "There is no session."


class View:
    """A view that listens at a place, of one session after the other. ``context`` is for TLS.

    ``access``  its address, once it listens
    ``pages``   those that see the session that is shown
    """

    parts: ClassVar[Sequence[Callable[[Session], Feature]]] = PARTS

    def __init__(self, place: Place, context: ssl.SSLContext | None = None) -> None:
        self.access: Access | None = None
        self._sound = Sound()
        self._place = place
        self._context = context
        self._requests = Requests(page_files(), HEADERS)
        self.pages: list[OpenPage] = []
        self._session: Session | None = None
        self._parts: list[Feature] = []
        self._server: Server | None = None
        self._ended = _NONE

    @classmethod
    def at(cls, place: str, *, tls: str = "", plain: bool = False) -> View:
        """What the options ask for: a place, the folder of certificates, and whether others may listen in.

        Raises LocalError for a place that is none, one that others reach without TLS, and certificates that are not there.
        """
        found = place_of(place)
        if not (found.loopback or tls or plain):
            expected = "--view-tls DIR, or --view-plain, with which others can listen in"
            raise LocalError("other machines would reach the view", expected=expected, actual=found.host)
        return cls(found, tls_context(tls) if tls else None)

    def wish(self, wish: Wish) -> Wish:
        """The same, for the session that is shown next: pages hear what it plays, and it hears a page's microphone."""
        self._sound = Sound()
        return self._sound.wish(wish)

    def show(self, session: Session) -> None:
        """Show this session, which has not begun."""
        before, self.pages = self.pages, []
        for page in before:
            page.leave(ANOTHER, "another session is shown")
        self._session, self._ended = session, ""
        self._sound.begin(session)
        self._parts = [self._sound, *[part(session) for part in self.parts]]

    async def listen(self) -> str:
        """The address for the user. Raises OSError where that can not be."""
        # Imported where it is used: most sessions have no view.
        from websockets.asyncio.server import serve

        quiet = logging.getLogger("reference_client.view")
        quiet.disabled = True  # what strangers send is nothing to tell
        self._server = await serve(
            self._visit,
            self._place.host,
            self._place.port,
            process_request=self._answer,
            select_subprotocol=self._subprotocol,
            compression=None,
            max_size=MESSAGE,
            server_header=None,
            close_timeout=_GOODBYE,
            logger=quiet,
            ssl=self._context,
        )
        port = self._server.sockets[0].getsockname()[1]
        self.access = Access(self._place, port, secure=self._context is not None)
        return self.access.address

    def on_event(self, event: Event) -> None:
        """What the client tells."""
        for part in self._parts:
            part.event(event)
        if isinstance(event, Ended):
            self._ended = _end(event)
            for page in self.pages:
                page.send_json({"event": "ended", "text": self._ended})

    async def stop(self) -> None:
        """Nobody is shown anything any more."""
        if self._server is not None:
            await asyncio.sleep(0)  # what pages were told last is on its way
            self._server.close()
            await self._server.wait_closed()

    # -- requests

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        assert self.access is not None
        return self._requests.answer(self.access, connection, request, full=len(self.pages) >= PAGES)

    def _subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        assert self.access is not None
        return self._requests.subprotocol(self.access, offered)

    # -- pages

    async def _visit(self, connection: ServerConnection) -> None:
        """One page, from its beginning to its end."""
        from websockets.exceptions import ConnectionClosed

        page = OpenPage(connection)
        saying = asyncio.get_running_loop().create_task(page.say())
        parts = self._parts
        self.pages.append(page)
        try:
            self._settle()
            for part in parts:
                part.opened(page)
            self._carry_out()
            if self._ended:
                page.send_json({"event": "ended", "text": self._ended})
            async for message in connection:
                self._hear(page, message)
        except ConnectionClosed:
            pass
        finally:
            if page in self.pages:
                self.pages.remove(page)
            saying.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await saying
            for part in parts:
                part.closed(page)
            self._settle()
            self._carry_out()

    def _settle(self) -> None:
        """One page controls, if there is any."""
        if self.pages and not any(page.controls for page in self.pages):
            self._give_control(self.pages[0])
        elif self.pages and not self.pages[-1].controls:
            self.pages[-1].send_json({"event": "control", "here": False})

    def _give_control(self, page: OpenPage) -> None:
        for other in self.pages:
            if other is not page and other.controls:
                self._tell(other, "blur", {})
        for other in self.pages:
            other.controls = other is page
            other.send_json({"event": "control", "here": other.controls})

    def _hear(self, page: OpenPage, message: str | bytes) -> None:
        """A message of a page; one that is wrong is refused, and changes nothing."""
        if page not in self.pages:
            return  # it speaks of the session before
        verb = ""
        try:
            if isinstance(message, bytes):
                self._receive(page, message)
            else:
                values = _read(message)
                verb = values.pop("do")
                self._tell(page, verb, values)
        except LocalError as error:
            page.send_json({"event": "refused", "do": verb, "text": str(error)})
        self._carry_out()

    def _tell(self, page: OpenPage, verb: str, values: dict[str, Any]) -> None:
        if verb == "take-control":
            self._give_control(page)
            return
        for part in self._parts:
            if verb in part.verbs:
                part.told(page, verb, values)
                return
        raise LocalError("no part of the view can be told this", actual=repr(verb[:40]))

    def _receive(self, page: OpenPage, data: bytes) -> None:
        kind = data[0] if data else -1
        for part in self._parts:
            if kind in part.kinds:
                part.received(page, kind, memoryview(data))
                return
        raise LocalError("no part of the view takes such bytes", actual=f"kind {kind}")

    def _carry_out(self) -> None:
        if self._session is not None and not self._ended:
            self._session.pump()


def _end(event: Ended) -> str:
    """Why the session is over, as a sentence."""
    if event.orderly:
        return _ENDS.get(event.text) or f"The session is over: {event.text}"
    why = "the server closed it before the session began" if event.text in _ENDS else event.text
    return f"The connection was lost: {why}"


def _read(message: str) -> dict[str, Any]:
    """Raises LocalError."""
    try:
        values = json.loads(message)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not isinstance(values.get("do"), str):
        raise LocalError("no message of a page", expected='{"do": VERB, ...}', actual=repr(message[:40]))
    return values
