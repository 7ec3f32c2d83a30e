"""Streams of agent messages that pass through the server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.fragments import Fragments, Pieces
from spiceproto import limits
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.enums.agent import AgentMessageType
from spiceproto.errors import RemoteError

TEXT = AgentMessageType.CLIPBOARD
CAPABILITIES = AgentMessageType.ANNOUNCE_CAPABILITIES


@given(st.integers(0, 10_000))
def test_a_message_complete(size: int) -> None:
    fragments = Fragments()
    pieces = chunks(TEXT, bytes(size))
    assert [fragments.receive(piece) for piece in pieces] == [True] + [False] * (len(pieces) - 1)
    assert (fragments.type, fragments.size, fragments.left) == (TEXT, size, 0)


@pytest.mark.parametrize(
    ("pieces", "words"),
    (
        ([b"\1"], "header of an agent message is cut"),
        ([chunks(TEXT, b"text")[0][:19]], "header of an agent message is cut"),
        ([b""], "header of an agent message is cut"),
        ([bytes(2049)], "too long"),
        ([b"\2" + chunks(TEXT, b"text")[0][1:]], "unknown agent protocol"),
        ([chunks(TEXT, b"text")[0] + b"x"], "past the size"),
        ([chunks(TEXT, bytes(3000))[0], bytes(973)], "past the size"),
    ),
)
def test_what_no_client_may_send(pieces: list[bytes], words: str) -> None:
    fragments = Fragments()
    for piece in pieces[:-1]:
        fragments.receive(piece)
    with pytest.raises(RemoteError, match=words):
        fragments.receive(pieces[-1])


@given(st.lists(st.integers(0, 6000), max_size=4), st.integers(1, 5000))
def test_what_the_guest_says_in_any_pieces(sizes: list[int], step: int) -> None:
    messages = [(int(TEXT), 0, bytes([number]) * size) for number, size in enumerate(sizes)]
    whole = b"".join(b"".join(chunks(type, body)) for type, _, body in messages)
    pieces, reader = Pieces(CAPABILITIES), AgentReader()
    found, begun = [], 0
    for at in range(0, len(whole), step):
        for piece in pieces.receive(whole[at : at + step]):
            assert len(piece.data) <= limits.AGENT_CHUNK
            begun += piece.begins
            found += list(reader.receive(piece.data))
    assert found == messages and begun == len(messages)


def test_an_announcement_comes_whole() -> None:
    (whole,) = chunks(CAPABILITIES, bytes(2028))
    pieces = Pieces(CAPABILITIES)
    assert list(pieces.receive(whole[:1500])) == []
    (piece,) = pieces.receive(whole[1500:])
    assert piece.data == whole and piece.begins
    long = b"".join(chunks(CAPABILITIES, bytes(5000)))
    with pytest.raises(RemoteError, match="too long"):
        list(pieces.receive(long))


def test_a_guest_that_says_no_message() -> None:
    with pytest.raises(RemoteError, match="unknown agent protocol"):
        list(Pieces().receive(bytes(20)))
