"""The clipboard of the page's machine and that of the guest.

SPICE's clipboard is lazy, and so is this: each side says in which formats it has something, and hands it out when it is asked.
A page tells what its user copied when he pastes on it or presses a button, and keeps it; the guest asks when somebody pastes
there. What is copied in the guest is told to the page, which asks for it when its user wants it. Text and PNG, at most
:data:`~reference_client.view.transfer.LARGEST` bytes; only the page in control takes part.

    page    clipboard-grab      formats: ["text", "png"], of what its user copied
            clipboard-release   what he copied is gone
            clipboard-fetch     number, format: what was copied in the guest; answered by pieces or by clipboard-none
            clipboard-none      number: what was wanted is not to be had
    view    clipboard           agent: whether the guest has one; formats: of what was copied there
            clipboard-wanted    number, format: answered by pieces or by clipboard-none
            clipboard-none      number, text: why
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

from reference_client.agent.clipboard import FORMATS, ClipboardGrabbed, ClipboardReleased, ClipboardWanted
from reference_client.agent.talk import AgentAnnounced, AgentGone
from reference_client.events import Ended, Event
from reference_client.view.feature import Page, Session
from reference_client.view.transfer import KIND, LARGEST, Collector, TooLarge, check_piece, pieces
from reference_client.view.values import choice, integer
from spiceproto.enums.agent import ClipboardSelection
from spiceproto.errors import LocalError

__all__ = ["Clipboard"]

_SHARED: Final = ("text", "png")
"""Formats that browsers have."""

_SELECTION: Final = "clipboard"

_REQUESTS: Final = 16
"""What may be under way at once, each way; more is not to be had."""

_LAST: Final = (1 << 32) - 1
"""Of the numbers of requests."""


class Clipboard:
    """One clipboard for the session. Raises LocalError for what no page of ours says, and for what the session cannot have."""

    verbs: tuple[str, ...] = ("clipboard-grab", "clipboard-release", "clipboard-fetch", "clipboard-none")
    kinds: tuple[int, ...] = (KIND,)

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pages: set[Page] = set()
        self._agent = False
        self._formats: tuple[str, ...] = ()
        self._owner: Page | None = None
        self._number = 0
        self._wanted: dict[int, str] = {}
        self._collector = Collector()
        self._fetches = 0

    # -- pages

    def opened(self, page: Page) -> None:
        """It is told how it stands."""
        self._pages.add(page)
        page.send_json(self._state())

    def closed(self, page: Page) -> None:
        """What its user copied is gone with it."""
        self._pages.discard(page)
        if page is self._owner:
            self._release()

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        """What a page wants."""
        if verb == "clipboard-none":
            number = integer(values, "number", 0, _LAST)
            if page is self._owner and self._collector.drop(number):
                self._supply(number, None)
            return
        if not page.controls:
            raise LocalError("a page that only looks has no part in the clipboard")
        if verb == "clipboard-grab":
            self._grab(page, values.get("formats"))
        elif verb == "clipboard-fetch":
            self._fetch(page, integer(values, "number", 0, _LAST), choice(values, "format", *_SHARED))
        elif page is self._owner:
            self._release()

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        """A piece of what a page was asked for."""
        check_piece(data)
        if page is not self._owner:
            return
        try:
            found = self._collector.receive(data)
        except TooLarge as error:
            self._collector.drop(error.number)
            self._supply(error.number, None)
            raise
        if found is not None:
            self._supply(*found)

    def event(self, event: Event) -> None:
        """The agent comes and goes; somebody copies or pastes in the guest."""
        if isinstance(event, AgentAnnounced):
            self._agent = True
        elif isinstance(event, AgentGone | Ended):
            self._agent, self._formats = False, ()
            self._forget()
        elif isinstance(event, ClipboardGrabbed) and event.selection == _SELECTION:
            self._formats = tuple([name for name in _SHARED if name in event.formats])
            self._owner = None
            self._forget()
        elif isinstance(event, ClipboardReleased) and event.selection == _SELECTION:
            self._formats = ()
        elif isinstance(event, ClipboardWanted) and event.selection == _SELECTION:
            self._want(event.format)
            return
        else:
            return
        for page in self._pages:
            page.send_json(self._state())

    def _state(self) -> dict[str, Any]:
        return {"event": "clipboard", "agent": self._agent, "formats": self._formats}

    # -- what is copied on the page's machine

    def _grab(self, page: Page, formats: object) -> None:
        if not isinstance(formats, list) or not formats or not all(name in _SHARED for name in formats):
            raise LocalError("the formats of what was copied", expected=", ".join(_SHARED), actual=repr(formats)[:80])
        self._forget()
        self._owner, self._formats = page, ()
        self._session.client.main.agent.clipboard.copy({FORMATS[name]: None for name in _SHARED if name in formats})
        for other in self._pages:
            other.send_json(self._state())

    def _release(self) -> None:
        self._forget()
        self._owner = None
        with contextlib.suppress(LocalError):  # the session may be over
            self._session.client.main.agent.clipboard.release()

    def _want(self, name: str) -> None:
        """Somebody pastes in the guest: the page is asked, if what is copied is its own."""
        if self._owner is None:
            return
        self._number = self._number + 1 & _LAST
        self._wanted[self._number] = name
        if len(self._wanted) > _REQUESTS:
            # An event is told in the middle of something.
            asyncio.get_running_loop().call_soon(self._supply_and_pump, self._number)
        else:
            self._collector.want(self._number)
            self._owner.send_json({"event": "clipboard-wanted", "number": self._number, "format": name})

    def _supply_and_pump(self, number: int) -> None:
        self._supply(number, None)
        self._session.pump()

    def _supply(self, number: int, content: bytes | None) -> None:
        name = self._wanted.pop(number, None)
        if name is not None:
            with contextlib.suppress(LocalError):  # the session may be over
                self._session.client.main.agent.clipboard.supply(ClipboardSelection.CLIPBOARD, FORMATS[name], content)

    def _forget(self) -> None:
        """Nothing is waited for any more; who still waits in the guest gets nothing."""
        for number in list(self._wanted):
            self._collector.drop(number)
            asyncio.get_running_loop().call_soon(self._supply_and_pump, number)

    # -- what is copied in the guest

    def _fetch(self, page: Page, number: int, name: str) -> None:
        if self._fetches >= _REQUESTS:
            page.send_json({"event": "clipboard-none", "number": number, "text": "too much is under way"})
            return

        def then(kind: int, content: bytes) -> None:
            self._fetches -= 1
            if page not in self._pages:
                return
            if not kind or len(content) > LARGEST:
                text = f"it is larger than {LARGEST >> 20} MiB" if kind else "it is not to be had"
                page.send_json({"event": "clipboard-none", "number": number, "text": text})
                return
            for piece in pieces(number, content):
                page.send_bytes(piece)

        try:
            self._session.client.main.agent.clipboard.paste(then, kind=FORMATS[name])
        except LocalError as error:
            page.send_json({"event": "clipboard-none", "number": number, "text": str(error)})
        else:
            self._fetches += 1
