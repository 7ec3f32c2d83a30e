"""What is not as it should be in a capture: what, how bad, and where.

:data:`KINDS` has what a decoder finds of its own. The layers below SPICE and the link stage bring codes and texts of their
own; they are those of :mod:`spiceproto.link.records` with ``link-`` in front.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from spiceproto.capture.conversation import Conversation
from spiceproto.errors import SpiceError
from spiceproto.link.records import Severity

__all__ = ["KINDS", "At", "Diagnostic"]

KINDS: Final[Mapping[str, tuple[Severity, str]]] = MappingProxyType(
    {
        "gap": ("warning", "bytes are missing from the capture"),
        "copy": ("note", "another connection has the same link stage: seen twice, on both sides of who changes addresses"),
        "link-stage-lost": ("warning", "bytes of the link stage are missing; the rest cannot be decoded"),
        "link-stage-not-seen": ("note", "the link stage was not seen to its end; what follows it cannot be decoded"),
        "link-stage-recovered": (
            "warning",
            "bytes of the link stage are missing; what there is of it and the messages say the rest",
        ),
        "bytes-after-refusal": ("note", "bytes follow a link stage that failed"),
        "sasl-encrypted": ("note", "the security layer of SASL hides what follows the login"),
        "message-lost": ("warning", "bytes of this message are missing from the capture"),
        "resynchronised": ("warning", "after missing bytes, decoding goes on at a plausible message"),
        "not-resynchronised": ("warning", "after missing bytes, no message could be found"),
        "message-too-long": ("error", "a message is longer than any may be"),
        "message-incomplete": ("note", "the stream ends inside a message"),
        "message-not-seen": ("note", "the capture ends inside a message"),
        "malformed-message": ("error", ""),
        "trailing-bytes": ("warning", "bytes follow the end of the message"),
        "unknown-image-type": ("warning", "a type of image that means nothing"),
        "image-header": ("warning", "a stream does not fit its image"),
        "surface-life": ("warning", ""),
        "unknown-message": ("warning", "a message whose number means nothing on this channel"),
        "channel-unknown": (
            "note",
            "nobody said which channel this is: its own messages are not decoded; --decode-as names it",
        ),
        "agent-message-begun": ("note", "the capture begins inside an agent message; the rest of it is not decoded"),
        "unknown-agent-message": ("warning", "an agent message whose number means nothing"),
        "agent-message-incomplete": ("note", "the stream ends inside an agent message"),
        "agent-message-not-seen": ("note", "the capture ends inside an agent message"),
        "carried-unknown": ("note", "what this channel carries is not what it is for; it is not decoded"),
        "carried-midway": (
            "note",
            "what this channel carries began before; decoding begins at a message that holds whole packets",
        ),
        "carried-incomplete": ("note", "the stream ends inside of what this channel carries"),
        "carried-not-seen": ("note", "the capture ends inside of what this channel carries"),
        "migration-state-unknown": (
            "note",
            "the state of a channel in a form that is not spice-server's; it is not decoded",
        ),
        "migration-state-foreign": ("warning", "the state of another kind of channel"),
        "migration-state-changed": ("warning", "the state of a channel is not the one that the source has sent"),
        "agent-message-lost": ("warning", "bytes of this agent message are missing from the capture"),
    }
)
"""Code to severity and text; that of ``malformed-message`` is the parser's, that of ``surface-life`` has a rule's words."""


class At(msgspec.Struct, frozen=True):
    """A place in a capture.

    * ``sender``: "client" or "server"; "" where it is neither's
    * ``time_ns``: nanoseconds since the epoch
    * ``frame``: the packet, counted from 1
    """

    sender: str
    time_ns: int
    frame: int


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not as it should be.

    * ``severity``, ``code``, ``text``: how bad, what for programs, what for people
    * ``at``: where in the capture
    * ``conversation``: on which connection; None where it is about the file
    * ``number``: of the message it is about, 0 where there is none
    * ``where``: the place inside what was sent
    * ``expected``, ``actual``: what should be there and what is
    """

    severity: str
    code: str
    text: str
    at: At
    conversation: Conversation | None = None
    number: int = 0
    where: str = ""
    expected: str = ""
    actual: str = ""

    @classmethod
    def of(
        cls,
        code: str,
        conversation: Conversation,
        at: At,
        *,
        what: str = "",
        number: int = 0,
        expected: str = "",
        actual: str = "",
    ) -> Diagnostic:
        """One of :data:`KINDS`; ``what`` says of what, where that is to be known."""
        severity, text = KINDS[code]
        return cls(
            severity=severity,
            code=code,
            text=": ".join(part for part in (what, text) if part),
            at=at,
            conversation=conversation,
            number=number,
            expected=expected,
            actual=actual,
        )

    @classmethod
    def malformed(cls, what: str, error: SpiceError, conversation: Conversation, at: At, *, number: int = 0) -> Diagnostic:
        """Something could not be parsed."""
        code = "malformed-message"
        return cls(
            severity=KINDS[code][0],
            code=code,
            text=f"{what}: {error.what}",
            at=at,
            conversation=conversation,
            number=number,
            where=error.path + (f" byte {error.offset}" if error.offset is not None else ""),
            expected=error.expected,
            actual=error.actual,
        )
