"""The clipboard of the client's user and that of the guest.

What is copied here is offered to the guest, and goes there when somebody pastes; it is offered again to an agent that comes
later. What is copied in the guest is told, and comes here when it is asked for (:meth:`AgentClipboard.paste`). Text has LF
here, and in the guest the line ends that its agent announced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from reference_client.agent.part import Handlers, Part, Talk
from reference_client.events import Event
from spiceproto import limits
from spiceproto.agent import clipboard, line_ends
from spiceproto.agent.clipboard import Clipboards
from spiceproto.enums.agent import AgentCapability, ClipboardSelection, ClipboardType
from spiceproto.errors import LocalError
from spiceproto.messages import agent

__all__ = [
    "FORMATS",
    "LARGEST",
    "SELECTIONS",
    "AgentClipboard",
    "ClipboardGrabbed",
    "ClipboardPasted",
    "ClipboardReleased",
    "ClipboardWanted",
    "format_of",
    "selection_named",
]

FORMATS: Final[Mapping[str, int]] = {
    "text": int(ClipboardType.UTF8_TEXT),
    "png": int(ClipboardType.IMAGE_PNG),
    "bmp": int(ClipboardType.IMAGE_BMP),
    "tiff": int(ClipboardType.IMAGE_TIFF),
    "jpeg": int(ClipboardType.IMAGE_JPG),
    "files": int(ClipboardType.FILE_LIST),
}
"""Formats by the names that people use, those that are asked for first in front."""

SELECTIONS: Final[Mapping[str, int]] = {kind.name.lower(): int(kind) for kind in ClipboardSelection if kind.name}

LARGEST: Final = limits.AGENT_MESSAGE - 64
"""Bytes of content: a message has a few more."""

_BEGINNINGS: Final = {b"\x89PNG\r\n\x1a\n": "png", b"BM": "bmp", b"II*\0": "tiff", b"MM\0*": "tiff", b"\xff\xd8\xff": "jpeg"}

Then = Callable[[int, bytes], None]
"""Is called with the format and the content; with NONE and nothing where there is none to be had."""


class ClipboardGrabbed(Event, frozen=True, tag="clipboard-grabbed"):
    """Something was copied in the guest, and can be had in these formats."""

    selection: str
    formats: tuple[str, ...]


class ClipboardReleased(Event, frozen=True, tag="clipboard-released"):
    """What was copied in the guest is gone."""

    selection: str


class ClipboardWanted(Event, frozen=True, tag="clipboard-wanted"):
    """Somebody pastes in the guest what was copied here."""

    selection: str
    format: str


class ClipboardPasted(Event, frozen=True, tag="clipboard-pasted"):
    """What was copied in the guest has come; ``format`` is "" where it was not to be had. ``size`` is its length in bytes."""

    selection: str
    format: str
    size: int


def format_of(content: bytes) -> int:
    """The format of a picture or text, by its bytes. Raises LocalError for what is neither."""
    for beginning, name in _BEGINNINGS.items():
        if content.startswith(beginning):
            return FORMATS[name]
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise LocalError("not what a clipboard can have", expected="UTF-8 text or a picture", actual=str(error)) from error
    return FORMATS["text"]


def selection_named(name: str) -> int:
    """A selection by its name. Raises LocalError for a name that is none."""
    if name not in SELECTIONS:
        raise LocalError("no such selection", expected=", ".join(SELECTIONS), actual=name)
    return SELECTIONS[name]


def _format_name(number: int) -> str:
    return next((name for name, known in FORMATS.items() if known == number), str(number) if number else "")


def _selection_name(number: int) -> str:
    return next((name for name, known in SELECTIONS.items() if known == number), str(number))


class AgentClipboard(Part):
    """What each selection has here; :class:`Clipboards` knows who owns which."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self.selections = Clipboards(talk.terms)
        self._here: dict[int, dict[int, bytes | None]] = {}
        self._pastes: dict[int, list[tuple[int, Then]]] = {}
        self._due: deque[tuple[int, int, bytes]] = deque()
        self.terms.max_clipboard = talk.host.options.max_clipboard

    # -- what the user does

    def copy(self, content: Mapping[int, bytes | None], selection: int = ClipboardSelection.CLIPBOARD) -> None:
        """Something was copied here: its content by formats. None is asked for when it is needed: see :meth:`supply`."""
        self._here[int(selection)] = {int(kind): data for kind, data in content.items()}
        self.talk.say(self.grab(int(selection)))

    def grab(self, selection: int) -> Any:
        """The message that tells the guest of what was copied here; None where it is not to be told."""
        return self.selections.grab(selection, self._here[selection])

    def release(self, selection: int = ClipboardSelection.CLIPBOARD) -> None:
        """What was copied here is gone."""
        self._here.pop(int(selection), None)
        self.talk.say(self.selections.release(int(selection)))

    def paste(self, then: Then, selection: int = ClipboardSelection.CLIPBOARD, kind: int | None = None) -> None:
        """Ask for what was copied in the guest; without ``kind`` in the format that is best. ``then`` is called in any case.

        Raises LocalError where there is nothing to be had, or not so.
        """
        selection = int(selection)
        has = self.selections.types(selection) if self.selections.owner(selection) == clipboard.PEER else ()
        if kind is None:
            kind = next((known for known in FORMATS.values() if known in has), has[0] if has else None)
        request = None if kind is None else self.request(selection, int(kind))
        if kind is None or request is None:
            formats = ", ".join(map(_format_name, has)) or "something that was copied there"
            raise LocalError("the guest has nothing to be pasted", expected=formats, actual=_format_name(kind or 0))
        self._pastes.setdefault(selection, []).append((int(kind), then))
        self.talk.say(request)

    def request(self, selection: int, kind: int) -> Any:
        """The message that asks for what was copied in the guest; None where there is nothing."""
        return self.selections.request(selection, kind)

    def supply(self, selection: int, kind: int, content: bytes | None) -> None:
        """The content that was asked for by ClipboardWanted; None if it is not to be had any more."""
        self.talk.say(self.content(selection, kind, content))

    def content(self, selection: int, kind: int, content: bytes | None) -> Any:
        """The message with it; None where nobody waits for it."""
        if content is not None and kind == ClipboardType.UTF8_TEXT:
            content = self.text_for_guest(content)
        if content is None or len(content) > LARGEST:
            return self.selections.supply(selection)
        return self.selections.supply(selection, kind, content)

    def text_for_guest(self, text: bytes) -> bytes:
        """Text with the line ends of the guest."""
        return line_ends.to_guest(text, crlf=self.terms.crlf)

    def text_from_guest(self, text: bytes) -> bytes:
        """Text with line ends of LF."""
        return line_ends.from_guest(text, crlf=self.terms.crlf)

    # -- what the agent does

    def agreed(self, now: float) -> None:
        """How much may be copied, and what is on the clipboard here."""
        if self.terms.max_clipboard >= 0 and self.terms.peer_has(AgentCapability.MAX_CLIPBOARD):
            self.talk.say(agent.MaxClipboard(self.terms.max_clipboard))
        for selection in list(self._here):
            if self.selections.owner(selection) == clipboard.HERE:
                self.talk.say(self.grab(selection))

    def inherit(self, before: AgentClipboard) -> None:
        """What was copied here is there for another agent."""
        self._here = dict(before._here)
        for selection, content in self._here.items():
            if before.selections.owner(selection) == clipboard.HERE:
                self.selections.grab(selection, content)  # nobody is there to be told yet

    def lost(self, now: float) -> None:
        self._due.clear()
        self.terms.max_clipboard = self.talk.host.options.max_clipboard
        for event in self.selections.reset():
            self._tell(event)
        pastes, self._pastes = self._pastes, {}
        for selection, waiting in pastes.items():
            for _, then in waiting:
                self._pasted(selection, int(ClipboardType.NONE), b"", then)

    def on_clipboard(self, value: Any, now: float) -> None:
        """Grab, request, content or release."""
        event = self.selections.receive(value)
        if isinstance(event, clipboard.Denied):
            self.deny(event)
        elif isinstance(event, clipboard.Wanted):
            self._wanted(event)
        elif isinstance(event, clipboard.Content):
            self._content(event)
        elif event is not None:
            self._tell(event)

    def deny(self, event: clipboard.Denied) -> None:
        """Every request has an answer (SPICE-AGENT-034)."""
        self.talk.say(event.answer)

    def _tell(self, event: clipboard.Event) -> None:
        name = _selection_name(event.selection)
        if isinstance(event, clipboard.Grabbed):
            self._here.pop(event.selection, None)
            self.talk.host.tell(ClipboardGrabbed(name, tuple(map(_format_name, event.types))))
        else:
            self.talk.host.tell(ClipboardReleased(name))

    def _wanted(self, event: clipboard.Wanted) -> None:
        self.talk.host.tell(ClipboardWanted(_selection_name(event.selection), _format_name(event.type)))
        content = self._here[event.selection][event.type]
        if content is not None:
            self._due.append((event.selection, event.type, content))

    def fill(self, now: float) -> None:
        """Contents leave one after the other: an agent may ask for the same again and again, and take nothing."""
        if self._due:
            self.talk.queue(self.content(*self._due.popleft()))

    def _content(self, event: clipboard.Content) -> None:
        waiting = self._pastes.get(event.selection, [])
        found = next((item for item in waiting if item[0] == event.asked), None)
        if found is not None:
            waiting.remove(found)
            data = event.data
            if event.type == ClipboardType.UTF8_TEXT:
                data = self.text_from_guest(data)
            self._pasted(event.selection, event.type, data, found[1])

    def _pasted(self, selection: int, kind: int, data: bytes, then: Then) -> None:
        self.talk.host.tell(ClipboardPasted(_selection_name(selection), _format_name(kind), len(data)))
        then(kind, data)

    handlers: ClassVar[Handlers] = dict.fromkeys(
        (
            agent.Clipboard,
            agent.ClipboardSelected,
            agent.ClipboardGrab,
            agent.ClipboardGrabSelected,
            agent.ClipboardGrabSerial,
            agent.ClipboardGrabSelectedSerial,
            agent.ClipboardRequest,
            agent.ClipboardRequestSelected,
            agent.ClipboardRelease,
            agent.ClipboardReleaseSelected,
        ),
        on_clipboard,
    )
