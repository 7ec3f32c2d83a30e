"""A lane: messages out of bytes, whatever the cutting; and what it says of bytes that are missing."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from spiceproto import framing, limits
from spiceproto.capture.diagnostics import KINDS, At
from spiceproto.capture.lane import Hook, Lane
from spiceproto.errors import RemoteError, SpiceError

SURFACE_DESTROY, LIST = 315, 8
BODY = struct.pack("<L", 7)


def mini(number: int, body: bytes) -> bytes:
    return struct.pack("<HL", number, len(body)) + body


def full(number: int, body: bytes, serial: int, sub_list: int = 0) -> bytes:
    return struct.pack("<QHLL", serial, number, len(body), sub_list) + body


class Heard:
    """A lane of a display server, with everything it says."""

    def __init__(self, *, mini: bool = True, hooks: dict[int, Hook] | None = None) -> None:
        self.messages: list[tuple[int, bytes, int, tuple[int, ...]]] = []
        self.problems: list[tuple[str, str]] = []
        self.left: list[tuple[int, int, int]] = []
        self.spans: list[framing.Spans] = []
        self.bytes = {"undecoded": 0, "incomplete": 0}
        self.frame = 0
        self.lane = Lane("display", "server", mini=mini, hooks=hooks or {}, emit=self.emit, reporter=self)

    def emit(self, number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        assert time_ns == 1000 * self.frame
        self.messages.append((number, body, serial, frames))

    def report(self, code: str, at: At, *, expected: str = "", actual: str = "") -> None:
        assert code in KINDS and at == At("server", 1000 * self.frame, self.frame)
        self.problems.append((code, actual))

    def failed(self, what: str, error: SpiceError, at: At) -> None:
        self.problems.append((what, error.what))

    def listed(self, spans: framing.Spans, at: At) -> None:
        self.spans.append(spans)

    def unlisted(self, type: int, size: int, error: RemoteError, at: At) -> None:
        self.failed("sub-messages", error, at)

    def unfinished(self, type: int, size: int, have: int, at: At) -> None:
        self.left.append((type, size, have))

    def undecoded(self, size: int) -> None:
        self.bytes["undecoded"] += size

    def incomplete(self, size: int) -> None:
        self.bytes["incomplete"] += size

    def at(self) -> At:
        self.frame += 1
        return At("server", 1000 * self.frame, self.frame)

    def say(self, *chunks: bytes) -> Heard:
        for chunk in chunks:
            at = self.at()
            self.lane.receive(False, chunk, at.time_ns, at.frame)
        return self

    def lose(self, size: int) -> Heard:
        self.lane.gap(size, self.at())
        return self

    def end(self) -> Heard:
        self.lane.finish(self.at())
        return self


def test_lane_of_whole_messages() -> None:
    heard = Heard().say(mini(SURFACE_DESTROY, BODY), mini(102, b"") + mini(SURFACE_DESTROY, BODY)).end()
    assert heard.messages == [
        (SURFACE_DESTROY, BODY, 1, (1,)),
        (102, b"", 2, (2,)),
        (SURFACE_DESTROY, BODY, 3, (2,)),
    ]
    assert not heard.problems


@pytest.mark.parametrize("size", [0, 3, 5000])
@pytest.mark.parametrize("short", [True, False])
def test_lane_byte_by_byte(size: int, short: bool) -> None:
    body = bytes(size)
    data = b"".join(mini(102, body) if short else full(102, body, serial) for serial in (1, 2))
    heard = Heard(mini=short).say(*(data[at : at + 1] for at in range(len(data))))
    half = len(data) // 2
    assert heard.messages == [
        (102, body, 1, tuple(range(1, half + 1))),
        (102, body, 2, tuple(range(half + 1, 2 * half + 1))),
    ]


def test_lane_tells_a_hook_before_the_message_is_handed_on() -> None:
    heard: Heard
    seen: list[Any] = []
    heard = Heard(hooks={102: lambda body, at: seen.append((body, at, len(heard.messages)))})
    long = bytes(5000)
    heard.say(mini(102, b"one"), mini(102, b"two")[:4], mini(102, b"two")[4:], mini(102, long)[:100], mini(102, long)[100:])
    places = [At("server", 1000 * frame, frame) for frame in (1, 3, 5)]
    assert seen == [(b"one", places[0], 0), (b"two", places[1], 1), (long, places[2], 2)]


def test_lane_opens_lists() -> None:
    inner = mini(102, b"")
    heard = Heard().say(mini(LIST, struct.pack("<HL", 1, 6) + inner))
    assert [message[:3] for message in heard.messages] == [(102, b"", 1), (LIST, struct.pack("<HL", 1, 6) + inner, 1)]
    data = mini(LIST, struct.pack("<HL", 1, 6) + inner)
    cut = Heard().say(*(data[at : at + 1] for at in range(len(data))))
    assert [message[:3] for message in cut.messages] == [message[:3] for message in heard.messages]
    heard = Heard(mini=False).say(full(SURFACE_DESTROY, BODY + struct.pack("<HL", 1, 10) + inner, 5, 4))
    assert [message[::2] for message in heard.messages] == [(102, 5), (SURFACE_DESTROY, 5)]
    heard = Heard().say(mini(LIST, struct.pack("<HL", 1, 600)))
    assert [message[0] for message in heard.messages] == [LIST] and heard.problems[0][0] == "sub-messages"


def test_lane_loses_only_the_message_with_the_hole() -> None:
    message = mini(102, bytes(20))
    heard = Heard().say(message[:10]).lose(5).say(message[15:] + mini(SURFACE_DESTROY, BODY)).end()
    assert heard.messages == [(SURFACE_DESTROY, BODY, 2, (3,))]
    assert heard.problems == [("message-lost", "5 bytes missing")]
    assert heard.bytes == {"undecoded": 10 + 11, "incomplete": 0}


def test_lane_finds_messages_again_after_a_hole() -> None:
    heard = Heard().lose(30).say(b"\xff" * 11, mini(SURFACE_DESTROY, BODY) * 3).end()
    assert [message[0] for message in heard.messages] == [SURFACE_DESTROY] * 3
    assert heard.problems == [("resynchronised", "11 bytes skipped")]
    assert heard.bytes["undecoded"] == 11
    at_the_end = Heard().lose(30).say(b"\xff" * 11 + mini(SURFACE_DESTROY, BODY) * 2).end()
    assert len(at_the_end.messages) == 2 and at_the_end.problems == heard.problems


def test_lane_never_finds_messages_again() -> None:
    heard = Heard().lose(30).say(*[b"\xff" * 50_000] * 4).end()
    assert not heard.messages and heard.problems == [("not-resynchronised", "200000 bytes skipped")]
    assert heard.bytes["undecoded"] == 200_000


def test_lane_of_a_message_that_is_too_long() -> None:
    long = struct.pack("<HL", SURFACE_DESTROY, limits.MESSAGE_BODY + 1)
    heard = Heard().say(long, mini(SURFACE_DESTROY, BODY) * 3)
    assert [code for code, _ in heard.problems] == ["message-too-long", "resynchronised"]
    assert len(heard.messages) == 3


def test_lane_that_ends_inside_a_message() -> None:
    heard = Heard().say(mini(102, bytes(20))[:10]).end()
    assert heard.problems == [("message-incomplete", "10 bytes")]
    assert heard.bytes == {"undecoded": 0, "incomplete": 10}
