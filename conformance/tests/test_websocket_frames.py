"""Frames of WebSocket: the right ones as the library reads them, the wrong ones as they are said."""

from __future__ import annotations

import pytest
from websockets.frames import Frame as Parsed
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from conformance.websocket_frames import BETWEEN, Frame, fragments
from spiceproto.errors import LocalError


def heard(data: bytes) -> tuple[list[Parsed], ServerProtocol]:
    """What a server of WebSocket makes of it."""
    protocol = ServerProtocol(state=State.OPEN)
    protocol.receive_data(data)
    return [event for event in protocol.events_received() if isinstance(event, Parsed)], protocol


@pytest.mark.parametrize("size", [1, 3, 7, 100])
@pytest.mark.parametrize("between", BETWEEN)
def test_fragments_are_one_message(size: int, between: str) -> None:
    data = bytes(range(20))
    frames, protocol = heard(b"".join(fragments(data, size, between, masked=True)))
    said = [frame for frame in frames if frame.opcode in (Opcode.BINARY, Opcode.CONT)]
    assert b"".join([bytes(frame.data) for frame in said]) == data
    assert [frame.fin for frame in said] == [False] * (len(said) - 1) + [True] and said[0].opcode is Opcode.BINARY
    assert protocol.state is State.OPEN and all(len(frame.data) <= size for frame in said)
    assert any(frame.opcode is Opcode.PING for frame in frames) == (between == "ping" and size < 20)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_lengths_have_the_form_that_they_need(size: int) -> None:
    (frame,), protocol = heard(Frame(data="5a" * size).encoded(masked=True))
    assert bytes(frame.data) == b"Z" * size and protocol.state is State.OPEN


@pytest.mark.parametrize(
    "frame",
    [
        Frame(mask=""),
        Frame(reserved=4),
        Frame(opcode=3),
        Frame(opcode="continuation"),
        Frame(opcode="ping", final=False),
        Frame(opcode="ping", data="00" * 126),
        Frame(opcode="close"),
    ],
)
def test_what_is_wrong_closes_it_and_is_not_harmless(frame: Frame) -> None:
    assert heard(frame.encoded(masked=True))[1].state is not State.OPEN and not frame.harmless()


@pytest.mark.parametrize("frame", [Frame(), Frame(opcode="ping"), Frame(opcode="pong", data="00" * 125)])
def test_what_is_harmless_closes_nothing(frame: Frame) -> None:
    assert heard(frame.encoded(masked=True))[1].state is State.OPEN and frame.harmless()


def test_bytes_of_spice_are_not_harmless_nor_is_text() -> None:
    assert not Frame(opcode="text").harmless() and not Frame(data="00").harmless() and not Frame(data="00", width=64).harmless()


def test_a_length_may_be_a_lie_and_a_key_may_be_none() -> None:
    assert Frame(data="00", size=200, mask="").encoded(masked=True) == bytes.fromhex("827e00c800")
    assert Frame(data="01", width=64, mask="ff000000").encoded(masked=False) == bytes.fromhex("82ff0000000000000001ff000000fe")
    assert Frame(opcode="pong").encoded(masked=False) == bytes.fromhex("8a00")


@pytest.mark.parametrize(
    "frame",
    [
        Frame(opcode=16),
        Frame(opcode="hello"),
        Frame(data="0"),
        Frame(mask="00"),
        Frame(reserved=8),
        Frame(width=5),
        Frame(size=126, width=7),
        Frame(size=-1),
        Frame(size=1 << 64),
    ],
)
def test_what_fits_in_no_frame(frame: Frame) -> None:
    with pytest.raises(LocalError):
        frame.encoded(masked=True)
