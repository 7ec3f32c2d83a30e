"""Faults of an agent's clipboard (14.5)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from reference_server.faults.fault import fault
from reference_server.guest import Cleared, Copied
from reference_server.guests.agent import PlayedAgent
from spiceproto.agent.clipboard import PEER
from spiceproto.agent.talk import build
from spiceproto.enums.agent import AgentMessageType, ClipboardType
from spiceproto.messages import agent

_SELECTION: Final = 4
_GRABS: Final = (
    agent.ClipboardGrab,
    agent.ClipboardGrabSelected,
    agent.ClipboardGrabSerial,
    agent.ClipboardGrabSelectedSerial,
)
_SERIAL: Final = (agent.ClipboardGrabSerial, agent.ClipboardGrabSelectedSerial)
_CONTENTS: Final = (agent.Clipboard, agent.ClipboardSelected)


@fault("agent-grabs-without-selection", "SPICE-AGENT-028", "SPICE-AGENT-029")
class AgentGrabsWithoutSelection(PlayedAgent):
    """Leaves the selection out of CLIPBOARD_GRAB although both have announced selections."""

    def say(self, value: Any) -> None:
        if isinstance(value, _GRABS) and self.terms.selections:
            type, body = build(self.terms, value)
            self.put(type, body[_SELECTION:])
        else:
            super().say(value)


@fault("agent-grabs-without-serial", "SPICE-AGENT-028", "SPICE-AGENT-029")
class AgentGrabsWithoutSerial(PlayedAgent):
    """Leaves the serial out of CLIPBOARD_GRAB although both have announced it."""

    def say(self, value: Any) -> None:
        if isinstance(value, agent.ClipboardGrabSelectedSerial):
            type, body = build(self.terms, value)
            self.put(type, body[:_SELECTION] + body[2 * _SELECTION :])
        else:
            super().say(value)


@fault("agent-grabs-with-selection", "SPICE-AGENT-028")
class AgentGrabsWithSelection(PlayedAgent):
    """Has a selection in CLIPBOARD_GRAB although the client has not announced selections."""

    def say(self, value: Any) -> None:
        if isinstance(value, _GRABS) and not self.terms.selections:
            type, body = build(self.terms, value)
            self.put(type, bytes(_SELECTION) + body)
        else:
            super().say(value)


@fault("agent-serial-stands-still", "SPICE-AGENT-029")
class AgentSerialStandsStill(PlayedAgent):
    """Gives every CLIPBOARD_GRAB the serial 0."""

    def say(self, value: Any) -> None:
        super().say(msgspec.structs.replace(value, serial=0) if isinstance(value, _SERIAL) else value)


@fault("agent-serial-counts-its-own", "SPICE-AGENT-029")
class AgentSerialCountsItsOwn(PlayedAgent):
    """Counts its own grabs alone in the serial of CLIPBOARD_GRAB."""

    grabs = 0

    def announced(self, value: agent.AnnounceCapabilities) -> None:
        self.grabs = 0
        super().announced(value)

    def say(self, value: Any) -> None:
        if isinstance(value, _SERIAL):
            value = msgspec.structs.replace(value, serial=self.grabs)
            self.grabs += 1
        super().say(value)


class _Asking(PlayedAgent):
    """Asks for the clipboard without a reason."""

    def request(self, selection: int, kind: int) -> None:
        """Ask for it."""
        head = bytes((selection, 0, 0, 0)) if self.terms.selections else b""
        self.put(AgentMessageType.CLIPBOARD_REQUEST, head + int(kind).to_bytes(4, "little"))


@fault("agent-asks-for-its-own", "SPICE-AGENT-031")
class AgentAsksForItsOwn(_Asking):
    """Sends CLIPBOARD_REQUEST for what it has grabbed itself."""

    def copied(self, news: Copied) -> None:
        super().copied(news)
        if self.terms.has_selection(news.selection) and self.guest.clipboard.types(news.selection):
            self.request(news.selection, self.guest.clipboard.types(news.selection)[0])


@fault("agent-asks-for-another-format", "SPICE-AGENT-032")
class AgentAsksForAnotherFormat(_Asking):
    """Sends CLIPBOARD_REQUEST for a format that the client has not named."""

    def clipboard(self, value: Any) -> None:
        super().clipboard(value)
        selection = getattr(value, "selection", 0)
        if isinstance(value, _GRABS) and self.clipboards.owner(selection) == PEER:
            named = self.clipboards.types(selection)
            self.request(selection, next(kind for kind in ClipboardType if kind and kind not in named))


@fault("agent-pushes-content", "SPICE-AGENT-033")
class AgentPushesContent(PlayedAgent):
    """Sends CLIPBOARD behind its CLIPBOARD_GRAB, and nobody has asked."""

    def copied(self, news: Copied) -> None:
        super().copied(news)
        if self.terms.has_selection(news.selection):
            head = bytes((news.selection, 0, 0, 0)) if self.terms.selections else b""
            self.put(AgentMessageType.CLIPBOARD, head + b"\1\0\0\0pushed")


@fault("agent-answers-with-another-format", "SPICE-AGENT-033")
class AgentAnswersWithAnotherFormat(PlayedAgent):
    """Says that text which was asked for is a picture."""

    def say(self, value: Any) -> None:
        if isinstance(value, _CONTENTS) and value.type == ClipboardType.UTF8_TEXT:
            value = msgspec.structs.replace(value, type=ClipboardType.IMAGE_BMP)
        super().say(value)


@fault("agent-answers-no-request", "SPICE-AGENT-034")
class AgentAnswersNoRequest(PlayedAgent):
    """Does not answer CLIPBOARD_REQUEST."""

    def say(self, value: Any) -> None:
        if not isinstance(value, _CONTENTS):
            super().say(value)


@fault("agent-does-not-say-no", "SPICE-AGENT-034")
class AgentDoesNotSayNo(PlayedAgent):
    """Does not answer CLIPBOARD_REQUEST for what it does not have."""

    def say(self, value: Any) -> None:
        if not isinstance(value, _CONTENTS) or value.type:
            super().say(value)


@fault("agent-releases-twice", "SPICE-AGENT-035")
class AgentReleasesTwice(PlayedAgent):
    """Sends CLIPBOARD_RELEASE twice."""

    def cleared(self, news: Cleared) -> None:
        value = self.clipboards.release(news.selection)
        self.say(value)
        self.say(value)


@fault("agent-takes-one-grab", "SPICE-AGENT-036")
class AgentTakesOneGrab(PlayedAgent):
    """Passes over a CLIPBOARD_GRAB of a client that owns the clipboard."""

    def clipboard(self, value: Any) -> None:
        selection = getattr(value, "selection", 0)
        if isinstance(value, _GRABS) and selection in (0, 1, 2) and self.clipboards.owner(selection) == PEER:
            types = self.clipboards.types(selection)
            super().clipboard(msgspec.structs.replace(value, types=types))  # its serial counts all the same
        else:
            super().clipboard(value)


@fault("agent-knows-no-limit", "SPICE-AGENT-039")
class AgentKnowsNoLimit(PlayedAgent):
    """Passes over MAX_CLIPBOARD."""

    def limit(self, value: agent.MaxClipboard) -> None:
        pass
