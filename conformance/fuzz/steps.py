"""One thing that the suite does in a conversation, as a line of text: what is drawn, played, reduced, kept and read.

    inputs: MOUSE_MOTION {"dx": 1, "dy": 0, "buttons_state": []}     a message with these fields
    main: MOUSE_MODE_REQUEST {"mode": "CLIENT"} ! set mode 9        ... of which one thing is changed, see value_text
    inputs: type 999 00ff                                           a message of this number, its body in digits
    inputs: bytes 6700                                              bytes without a header of the suite
    inputs: pieces 1                                                from now on what is sent comes in pieces of so many bytes
    inputs: together 3                                              the next so many messages in one write
    inputs: silent                                                  nothing is answered there any more
    inputs: close      half-close      reset                        the end of the connection
    inputs: link {"minor": 9}                                       another link of the channel, with this wrong about it
    inputs: raw-link 5245                                           a connection with these bytes in place of a link message
    inputs: bare {"common_caps": 9}                                 the channel is linked so, if it is not, and not greeted
    main: wait 0.5                                                  so many seconds pass
    main: do motion {"dx": 1, "dy": 1}                              a client is told so

and where TLS or WebSocket is around the bytes:

    inputs: slices 5                                                from now on a write has so many bytes, whatever they are
    inputs: records 3                                               ... a record of TLS has so many bytes in it at most
    inputs: frames {"size": 3, "between": "ping"}                   ... a frame, with this between two of a message
    inputs: frame {"opcode": "ping", "data": "00"}                  a frame as it is, see conformance.websocket_frames
    inputs: below 15030300020128                                    bytes below TLS, or between two frames
    inputs: goodbye                                                 the alert close_notify
    main: raw-connect 160301                                        a connection with these bytes in place of a handshake

A channel is linked and greeted by the first step that names it; so any part of a list is a conversation. What can not be
the same twice is no part of a step: tickets, session ids, serials, and the answers to PING and SET_ACK.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from spiceproto.channels import channel_type
from spiceproto.errors import LocalError
from spiceproto.size_limits import CHANNELS

__all__ = ["MOST_LINE", "MOST_STEPS", "WORDS", "Step", "parse", "parse_all", "text"]

WORDS: Final = {
    "type": "a number and digits",
    "bytes": "digits",
    "pieces": "a number",
    "together": "a number",
    "silent": "",
    "close": "",
    "half-close": "",
    "reset": "",
    "link": "JSON",
    "raw-link": "digits",
    "bare": "JSON",
    "wait": "a number",
    "do": "a verb and JSON",
    "slices": "a number",
    "records": "a number",
    "frames": "JSON",
    "frame": "JSON",
    "below": "digits",
    "goodbye": "",
    "raw-connect": "digits",
}
"""Words that are no messages, and what stands behind each."""

_ONE: Final = frozenset({"digits", "a number"})
"""What has no spaces in it."""

MOST_STEPS: Final = 10_000
MOST_LINE: Final = 1 << 20
"""Steps of a file, and letters of a line, that are read: a recorded session is shorter, and an image may be long."""

_COMMENT: Final = "#"


class Step(msgspec.Struct, frozen=True):
    """One step.

    * ``channel``: as in "inputs", or "display:1" for another id than 0
    * ``word``: the name of a message, or one of :data:`WORDS`
    * ``value``: the fields of a message as JSON, or the values of the word
    * ``change``: what is changed of the message's body; "" for nothing
    """

    channel: str
    word: str
    value: str = ""
    change: str = ""

    @property
    def table(self) -> str:
        """Name of the channel's type."""
        return self.channel.partition(":")[0]

    @property
    def place(self) -> tuple[int, int]:
        """Type and id of the channel."""
        table, _, number = self.channel.partition(":")
        return int(channel_type(table)), int(number or 0)

    @property
    def is_message(self) -> bool:
        """Whether it says a message by its name."""
        return self.word not in WORDS

    def __str__(self) -> str:
        value = f" {self.value}" if self.value else ""
        return f"{self.channel}: {self.word}{value}" + (f" ! {self.change}" if self.change else "")


def parse(line: str, where: str = "") -> Step:
    """The step of a line. Raises LocalError for one that is none."""
    if len(line) > MOST_LINE:
        raise LocalError("a line that is too long", expected=f"at most {MOST_LINE} letters", actual=str(len(line)), where=where)
    channel, colon, rest = line.strip().partition(": ")
    table, _, number = channel.partition(":")
    if not colon or not rest:
        raise LocalError("no step", expected="CHANNEL: WORD ...", actual=line[:80], where=where)
    if table not in CHANNELS or (number and not number.isdecimal()) or int(number or 0) > 255:
        raise LocalError("a step on no channel", expected=", ".join(sorted(CHANNELS)), actual=channel[:80], where=where)
    word, _, value = rest.strip().partition(" ")
    if word in WORDS:
        if (value and not WORDS[word]) or (" " in value and WORDS[word] in _ONE):
            raise LocalError(f"{word} with too many values", expected=WORDS[word] or "nothing", actual=value[:80], where=where)
        return Step(channel, word, value)
    if not word.isupper():
        raise LocalError("no word of a step", expected=f"a message, or {', '.join(WORDS)}", actual=word[:80], where=where)
    fields, _, change = value.partition(" ! ") if not value.startswith("! ") else ("", "", value[2:])
    return Step(channel, word, fields.strip(), change.strip())


def parse_all(lines: str | Iterable[str], where: str = "") -> tuple[Step, ...]:
    """The steps of a text; empty lines, and those that begin with ``#``, are none. Raises LocalError, with the line."""
    found = []
    for number, line in enumerate(lines.splitlines() if isinstance(lines, str) else lines, 1):
        if line.strip() and not line.lstrip().startswith(_COMMENT):
            found.append(parse(line, f"{where}, line {number}" if where else f"line {number}"))
            if len(found) > MOST_STEPS:
                raise LocalError("a conversation of too many steps", expected=f"at most {MOST_STEPS}", where=where)
    return tuple(found)


def text(steps: Sequence[Step]) -> str:
    """The lines of steps; :func:`parse_all` reads them again."""
    return "".join([f"{step}\n" for step in steps])
