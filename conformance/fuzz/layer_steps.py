"""Steps about what is around the bytes of SPICE: records of TLS, frames of WebSocket, and the writes below both.

However records, frames and writes are cut, the bytes inside stay the same, and the target goes on. What TLS or WebSocket
forbid lets it close that connection, and no other one.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from conformance.fuzz.steps import Step
from conformance.fuzz.words import digits_of, number_of, words_of
from conformance.talk import Talk
from conformance.tls_records import LARGEST
from conformance.websocket_frames import BETWEEN, Frame
from spiceproto.errors import LocalError

__all__ = ["CUTS", "LAYER_WORDS", "act", "connect_raw"]

LAYER_WORDS: Final = ("slices", "records", "frames", "frame", "below", "goodbye")
CUTS: Final = ("slices", "records", "frames", "frame")
"""Those that hurt nobody, but for a frame that should not be."""

_MOST: Final = 1 << 20


def act(talk: Talk, step: Step) -> str:
    """Do it; why it has hurt the channel, "" if it has not. Raises LocalError, NotImplementedError where it has no sense."""
    stream: Any = talk.stream
    match step.word:
        case "slices":
            _wants(talk, "tls", "websocket")
            stream.shape.slice = number_of(step.value, _MOST, 1)
        case "records":
            _wants(talk, "tls")
            stream.shape.record = number_of(step.value, LARGEST, 1)
        case "frames":
            _wants(talk, "websocket")
            stream.shape.frame, stream.shape.between = _cut(words_of(step.value))
        case "frame":
            _wants(talk, "websocket")
            frame = _frame(words_of(step.value))
            data = frame.encoded(masked=stream.masks)
            if not frame.harmless():
                talk.wire.spoil("a frame of WebSocket is wrong")
                stream.queue(data)
                return "a frame that should not be"
            stream.queue(data)
        case "below":
            _wants(talk, "tls", "websocket")
            data = digits_of(step.value)
            talk.wire.spoil("bytes that no layer has made")
            stream.below(data)
            return "bytes outside of records and frames"
        case "goodbye":
            _wants(talk, "tls")
            stream.say_goodbye()
            return "TLS ended by the suite"
    return ""


def connect_raw(talk: Talk, step: Step) -> None:
    """Another connection with bytes in place of the handshake of TLS or WebSocket. Raises as :func:`act` does."""
    _wants(talk, "tls", "websocket")
    touch = getattr(talk.stream.network, "touch", None)
    if touch is None:
        raise NotImplementedError
    touch(digits_of(step.value))


def _wants(talk: Talk, *layers: str) -> None:
    if not talk.stream.layers.intersection(layers):
        raise NotImplementedError


def _cut(words: dict[str, Any]) -> tuple[int, str]:
    size, between = words.pop("size", 0), words.pop("between", "")
    if words or not isinstance(size, int) or not 0 <= size <= _MOST or between not in BETWEEN:
        raise LocalError("frames without sense", expected=f'{{"size": 1, "between": one of {", ".join(BETWEEN)[2:]}}}')
    return size, between


def _frame(words: dict[str, Any]) -> Frame:
    try:
        return msgspec.convert(words, Frame)
    except msgspec.ValidationError as error:
        raise LocalError(f"no frame: {error}", actual=str(words)[:80]) from None
