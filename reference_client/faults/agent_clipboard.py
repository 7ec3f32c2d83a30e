"""Faults of the clipboard that guest and client share (spec/14-agent.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from reference_client.agent import Agent, AgentClipboard
from reference_client.faults.agent_part import agent_fault
from spiceproto.agent import clipboard
from spiceproto.enums.agent import AgentMessageType, ClipboardSelection, ClipboardType
from spiceproto.messages import agent

_CLIPBOARD: Final = (
    AgentMessageType.CLIPBOARD,
    AgentMessageType.CLIPBOARD_GRAB,
    AgentMessageType.CLIPBOARD_REQUEST,
    AgentMessageType.CLIPBOARD_RELEASE,
)
_SELECTION_SIZE: Final = 4


@agent_fault("no-selections", "SPICE-AGENT-028", "SPICE-AGENT-010", "SPICE-AGENT-029", "SPICE-AGENT-033", "SPICE-MIG-052")
class NoSelections(Agent):
    """Does not say which selection clipboard messages are about, though both have announced it."""

    def put(self, type: int, body: bytes) -> None:
        cut = type in _CLIPBOARD and self.terms.selections
        super().put(type, body[_SELECTION_SIZE:] if cut else body)


@agent_fault("no-grab-serials", "SPICE-AGENT-028", "SPICE-AGENT-029")
class NoGrabSerials(Agent):
    """Leaves the serial of a grab out, though both have announced it."""

    def put(self, type: int, body: bytes) -> None:
        if type == AgentMessageType.CLIPBOARD_GRAB and self.terms.grab_serial:
            start = _SELECTION_SIZE if self.terms.selections else 0
            body = body[:start] + body[start + 4 :]
        super().put(type, body)


@agent_fault("serials-of-its-own", "SPICE-AGENT-029")
class SerialsOfItsOwn(AgentClipboard):
    """Counts grabs from 1."""

    def grab(self, selection: int) -> Any:
        found = super().grab(selection)
        return msgspec.structs.replace(found, serial=found.serial + 1) if hasattr(found, "serial") else found


@agent_fault("takes-late-grabs", "SPICE-AGENT-030")
class TakesLateGrabs(AgentClipboard):
    """Accepts a grab whatever its serial is."""

    def on_clipboard(self, value: Any, now: float) -> None:
        if hasattr(value, "serial"):
            selection = int(getattr(value, "selection", ClipboardSelection.CLIPBOARD))
            value = msgspec.structs.replace(value, serial=self.selections.serial(selection))
        super().on_clipboard(value, now)


class _Speaks(AgentClipboard):
    """Says what is wrong behind what it copies."""

    def copy(self, content: Mapping[int, bytes | None], selection: int = ClipboardSelection.CLIPBOARD) -> None:
        super().copy(content, selection)
        if self.terms.has_selection(selection):
            self.talk.say(self.wrong(int(selection), next(iter(content))))

    def wrong(self, selection: int, kind: int) -> Any:
        raise NotImplementedError


@agent_fault("asks-for-its-own", "SPICE-AGENT-031", "SPICE-AGENT-032")
class AsksForItsOwn(_Speaks):
    """Asks the agent for what was copied here."""

    def wrong(self, selection: int, kind: int) -> Any:
        selected = self.terms.selections
        return agent.ClipboardRequestSelected(selection, bytes(3), kind) if selected else agent.ClipboardRequest(kind)


@agent_fault("asks-for-pictures", "SPICE-AGENT-032", "SPICE-AGENT-036")
class AsksForPictures(AgentClipboard):
    """Asks for a picture in a format that the agent does not have."""

    def request(self, selection: int, kind: int) -> Any:
        found = super().request(selection, kind)
        return None if found is None else msgspec.structs.replace(found, type=ClipboardType.IMAGE_TIFF)


@agent_fault("content-unasked", "SPICE-AGENT-033")
class ContentUnasked(AgentClipboard):
    """Sends what was copied when it is gone, and nobody has asked."""

    def release(self, selection: int = ClipboardSelection.CLIPBOARD) -> None:
        super().release(selection)
        if self.terms.has_selection(selection):
            selected, kind, last = self.terms.selections, ClipboardType.UTF8_TEXT, b"unasked"
            self.talk.say(
                agent.ClipboardSelected(selection=selection, reserved=bytes(3), type=kind, data=last)
                if selected
                else agent.Clipboard(kind, last)
            )


@agent_fault("leaves-requests-unanswered", "SPICE-AGENT-034")
class LeavesRequestsUnanswered(AgentClipboard):
    """Does not answer when there is nothing to be had."""

    def deny(self, event: clipboard.Denied) -> None:
        pass


@agent_fault("releases-twice", "SPICE-AGENT-035")
class ReleasesTwice(AgentClipboard):
    """Says twice that what was copied is gone."""

    def release(self, selection: int = ClipboardSelection.CLIPBOARD) -> None:
        super().release(selection)
        if self.terms.has_selection(selection):
            selected = self.terms.selections
            self.talk.say(agent.ClipboardReleaseSelected(selection, bytes(3)) if selected else agent.ClipboardRelease())


@agent_fault("one-grab-of-an-owner", "SPICE-AGENT-036")
class OneGrabOfAnOwner(AgentClipboard):
    """Keeps the formats of the first grab when the owner grabs again."""

    def on_clipboard(self, value: Any, now: float) -> None:
        selection = int(getattr(value, "selection", ClipboardSelection.CLIPBOARD))
        types = self.selections.types(selection)
        if self.selections.owner(selection) == clipboard.PEER and hasattr(value, "types"):
            value = msgspec.structs.replace(value, types=types)
        super().on_clipboard(value, now)


@agent_fault("line-ends-of-its-own", "SPICE-AGENT-037")
class LineEndsOfItsOwn(AgentClipboard):
    """Sends text as it was copied."""

    def text_for_guest(self, text: bytes) -> bytes:
        return text


@agent_fault("line-ends-of-the-guest", "SPICE-AGENT-038")
class LineEndsOfTheGuest(AgentClipboard):
    """Pastes text as the guest has it."""

    def text_from_guest(self, text: bytes) -> bytes:
        return text


@agent_fault("no-unasked-content", "SPICE-AGENT-040")
class NoUnaskedContent(AgentClipboard):
    """Ends the session for content that nobody has asked for."""

    def on_clipboard(self, value: Any, now: float) -> None:
        content = isinstance(value, agent.Clipboard | agent.ClipboardSelected)
        if content and not any(self._pastes.values()):
            self.talk.host.end("nobody has asked for this", orderly=False)
        super().on_clipboard(value, now)
