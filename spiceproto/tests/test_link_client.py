"""What a client makes of answers, of any."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link import (
    ClientLink,
    Established,
    LinkReplyReceived,
    Refused,
)
from spiceproto.link.exchange import link_reply, refusal
from spiceproto.tests.link_samples import (
    AUTH_SELECTION,
    CLIENT,
    KEY,
    MAIN,
    SERVER,
    WITH_SASL,
    ClientLogin,
    pieces,
)


@pytest.mark.parametrize("error", [error for error in LinkErr if error])
def test_every_refusal_is_told(error: LinkErr) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    assert client.receive(refusal(error)) == [Refused(error, "reply", "the server refuses the channel")]
    assert client.closing
    client = ClientLink(MAIN, 0, 0, CLIENT)
    client.receive(link_reply(KEY.public_key_der, SERVER))
    assert client.receive(struct.pack("<L", error)) == [Refused(error, "result", "the server refuses the login")]


def test_short_refusal() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    (event,) = client.receive(struct.pack("<4sLLLL", b"REDQ", 2, 2, 4, 5))
    assert isinstance(event, Refused) and event.error == LinkErr.NEED_SECURED


def test_unknown_error_number() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    (event,) = client.receive(struct.pack("<4sLLLL", b"REDQ", 2, 2, 4, 4711))
    assert isinstance(event, Refused) and event.error == 4711


def test_second_link_reply_is_a_refusal() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    client.receive(link_reply(KEY.public_key_der, SERVER))
    (event,) = client.receive(refusal(LinkErr.INVALID_DATA))
    assert isinstance(event, Refused) and event.error == 0x51444552


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad",
        struct.pack("<4sLLL", b"REDQ", 1, 2, 178),
        struct.pack("<4sLLL", b"REDQ", 2, 2, 3),
        struct.pack("<4sLLL", b"REDQ", 2, 2, 8193),
        struct.pack("<4sLLL", b"REDQ", 2, 2, 0xFFFFFFF0),
        struct.pack("<4sLLLL", b"REDQ", 2, 2, 4, 0),
        struct.pack("<4sLLLL", b"REDQ", 2, 2, 177, 0) + bytes(173),
        struct.pack("<4sLLLL162sLLL", b"REDQ", 2, 2, 178, 0, KEY.public_key_der, 1, 0, 178),
        struct.pack("<4sLLLL162sLLLL", b"REDQ", 2, 2, 182, 0, KEY.public_key_der, 1, 0, 0, 0),
    ],
)
def test_what_no_server_says(data: bytes) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    with pytest.raises(RemoteError, match="link stage"):
        client.receive(data)
    assert client.closing


def test_minor_version_means_nothing() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    reply = bytearray(link_reply(KEY.public_key_der, SERVER))
    reply[8] = 99
    assert isinstance(client.receive(bytes(reply))[0], LinkReplyReceived)


def test_server_without_auth_selection_gets_the_ticket_first() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    client.bytes_to_send()
    client.receive(link_reply(KEY.public_key_der, SERVER.without(AUTH_SELECTION)))
    assert KEY.decrypt(client.bytes_to_send()) == b""


@pytest.mark.parametrize("size", [0, 1, 15, 16, 100, 201])
def test_closed_early(size: int) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT)
    client.receive(link_reply(KEY.public_key_der, SERVER)[:size])
    (event,) = client.closed()
    assert isinstance(event, Refused) and event.error is None
    assert client.closed() == []


@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_client_raises_only_remote_errors(data: bytes, behind_reply: bool, sasl: bool) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, sasl=ClientLogin() if sasl else None)
    try:
        if behind_reply:
            client.receive(link_reply(KEY.public_key_der, WITH_SASL if sasl else SERVER))
        client.receive(data)
        client.closed()
    except RemoteError:
        assert client.closing


@given(st.data())
def test_damaged_reply_raises_only_remote_errors(data: st.DataObject) -> None:
    reply = bytearray(link_reply(KEY.public_key_der, SERVER) + struct.pack("<L", 0))
    for _ in range(data.draw(st.integers(1, 4))):
        reply[data.draw(st.integers(0, len(reply) - 1))] = data.draw(st.integers(0, 255))
    client = ClientLink(MAIN, 0, 0, CLIENT)
    try:
        client.receive(bytes(reply))
        client.closed()
    except RemoteError:
        assert client.closing


@given(st.lists(st.integers(0, 1000)), st.booleans())
def test_client_cut_anyhow(places: list[int], sasl: bool) -> None:
    login = link_reply(b"", WITH_SASL) + struct.pack("<L4s", 4, b"STUB") + bytes(4) + b"\0" + bytes(4) + b"\1" + bytes(8)
    data = login if sasl else link_reply(KEY.public_key_der, SERVER) + bytes(4)
    results = []
    for cutting in ([data], pieces(data, places), [data[at : at + 1] for at in range(len(data))]):
        client = ClientLink(MAIN, 0, 0, CLIENT, sasl=ClientLogin(steps=2) if sasl else None)
        found = [event for piece in cutting for event in client.receive(piece)]
        results.append((found, len(client.bytes_to_send())))
    assert results[0] == results[1] == results[2]
    assert isinstance(results[0][0][-1], Established)
