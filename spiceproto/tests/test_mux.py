"""Chunks of a webdav channel: what goes in comes out, however it is cut."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from spiceproto.messages.webdav import MuxChunk
from spiceproto.mux import HEADER, MOST, Demultiplexer, multiplex

_NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)


@given(st.lists(st.tuples(_NUMBERS, st.binary(max_size=60)), max_size=8), st.integers(1, 40))
def test_chunks_cut_anywhere(chunks: list[tuple[int, bytes]], step: int) -> None:
    stream = b"".join([multiplex(*chunk) for chunk in chunks])
    parts = Demultiplexer()
    found = [chunk for at in range(0, len(stream), step) for chunk in parts.receive(stream[at : at + step])]
    assert [(chunk.client, chunk.data) for chunk in found] == chunks
    assert parts.pending == 0


def test_bytes_on_the_wire() -> None:
    assert multiplex(-2, b"abc") == struct.pack("<qH", -2, 3) + b"abc"
    assert multiplex(5, b"") == struct.pack("<qH", 5, 0)


def test_what_is_long_comes_in_chunks() -> None:
    data = bytes(range(256)) * 700
    found = Demultiplexer().receive(multiplex(1, data))
    assert [len(chunk.data) for chunk in found] == [MOST, MOST, len(data) - 2 * MOST]
    assert b"".join([chunk.data for chunk in found]) == data


@given(st.binary(max_size=400))
def test_garbage_is_chunks_and_never_more_than_one_is_held(data: bytes) -> None:
    parts = Demultiplexer()
    found = parts.receive(data)
    assert parts.pending + sum(HEADER + len(chunk.data) for chunk in found) == len(data)
    assert parts.pending < HEADER + MOST


def test_what_is_forgotten() -> None:
    parts = Demultiplexer()
    assert parts.receive(multiplex(1, b"hello")[:12]) == []
    parts.forget()
    assert parts.receive(multiplex(2, b"x")) == [MuxChunk(2, b"x")]
