"""Chunks on the device between server and guest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.agent.device import ChunkReader, DeviceReader, wrap
from spiceproto.agent.pieces import chunks
from spiceproto.errors import LimitError, RemoteError


def test_a_chunk_complete() -> None:
    assert wrap(1, b"abc") == b"\1\0\0\0\3\0\0\0abc"
    assert list(ChunkReader().receive(wrap(2, b"abc"))) == [(2, b"abc")]


def test_what_is_long_is_cut() -> None:
    whole = wrap(1, bytes(5000))
    assert [len(part) for _, part in ChunkReader(2048).receive(whole)] == [2048, 2048, 904]


def test_a_chunk_too_long() -> None:
    with pytest.raises(LimitError, match="a chunk is too long"):
        list(ChunkReader(2048).receive(b"\1\0\0\0" + (2049).to_bytes(4, "little")))


def test_an_empty_chunk_is_nothing() -> None:
    assert list(ChunkReader().receive(wrap(1, b"") + wrap(2, b"x"))) == [(2, b"x")]


@pytest.mark.parametrize("port", [0, 3, 0xFFFFFFFF])
def test_an_unknown_port(port: int) -> None:
    with pytest.raises(RemoteError, match="an unknown port"):
        list(ChunkReader().receive(port.to_bytes(4, "little") + bytes(4)))


@given(
    st.lists(st.tuples(st.sampled_from((1, 2)), st.integers(1, 16), st.binary(max_size=3000)), max_size=6),
    st.integers(1, 900),
    st.randoms(use_true_random=False),
)
def test_two_streams_interleaved_in_any_way(messages: list[tuple[int, int, bytes]], step: int, random: object) -> None:
    """Pieces of the two ports mixed, and the whole cut anywhere: each message comes once, in the order of its own port."""
    waiting = {port: [p for at, kind, body in messages if at == port for p in chunks(kind, body)] for port in (1, 2)}
    stream = b""
    while any(waiting.values()):
        port = random.choice([port for port, left in waiting.items() if left])  # type: ignore[attr-defined]
        stream += wrap(port, waiting[port].pop(0))
    reader = DeviceReader(2048)
    found = [item for at in range(0, len(stream), step) for item in reader.receive(stream[at : at + step])]
    for port in (1, 2):
        assert [(kind, body) for at, kind, _, body in found if at == port] == [
            (kind, body) for at, kind, body in messages if at == port
        ]
