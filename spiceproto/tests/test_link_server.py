"""What a server answers, to anything; and ours beside a recorded one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import LinkErr
from spiceproto.link import (
    Established,
    LinkMessageReceived,
    LinkPolicy,
    Refused,
    ServerLink,
)
from spiceproto.link.exchange import link_message, link_reply, refusal
from spiceproto.link.structures import parse_header, parse_reply
from spiceproto.tests.link_samples import (
    CLIENT,
    DISPLAY,
    KEY,
    MAIN,
    RECORDED,
    SERVER,
    WITH_SASL,
    ServerLogin,
    policy,
    words,
)
from spiceproto.ticket import TicketKey


def answer(data: bytes, server: ServerLink | None = None) -> bytes:
    server = server or ServerLink(policy(password=b"sesame"))
    events = server.receive(data)
    assert isinstance(events[-1], Refused) and server.closing
    assert server.receive(b"more") == []
    return server.bytes_to_send()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"REDX", LinkErr.INVALID_MAGIC),
        (b"GET / HTTP/1.1\r\n", LinkErr.INVALID_MAGIC),
        (struct.pack("<4sLLL", b"REDQ", 0, 2, 18), LinkErr.VERSION_MISMATCH),
        (struct.pack("<4sLLL", b"REDQ", 1, 2, 18), LinkErr.VERSION_MISMATCH),
        (struct.pack("<4sLLL", b"REDQ", 3, 2, 18), LinkErr.VERSION_MISMATCH),
        (struct.pack("<4sLLL", b"REDQ", 2, 2, 0), LinkErr.INVALID_DATA),
        (struct.pack("<4sLLL", b"REDQ", 2, 2, 17), LinkErr.INVALID_DATA),
        (struct.pack("<4sLLL", b"REDQ", 2, 2, 4097), LinkErr.INVALID_DATA),
        (struct.pack("<4sLLL", b"REDQ", 2, 2, 0xFFFFFFFF), LinkErr.INVALID_DATA),
    ],
)
def test_bad_header(data: bytes, error: LinkErr) -> None:
    assert answer(data) == refusal(error)
    assert len(refusal(error)) == 194


@pytest.mark.parametrize(
    ("common", "channel", "offset"), [(1, 1, 0), (1, 1, 17), (1, 1, 19), (1, 2, 18), (1025, 0, 18), (1 << 30, 1, 18)]
)
def test_bad_capability_words(common: int, channel: int, offset: int) -> None:
    assert answer(words(common, channel, offset)) == refusal(LinkErr.INVALID_DATA)


@pytest.mark.parametrize(
    "data",
    [
        words(0, 0, 0),
        words(0, 0, 0xFFFFFFFF),
        words(1, 1, 22, bytes(12)),
        words(16, 16, 18, b"\xff" * 128),
        words(1, 1, 18, bytes(4096 - 18)),
    ],
)
def test_good_capability_words(data: bytes) -> None:
    server = ServerLink(policy())
    (event,) = server.receive(data)
    assert isinstance(event, LinkMessageReceived)
    assert server.bytes_to_send() == link_reply(KEY.public_key_der, SERVER)


@pytest.mark.parametrize("mechanism", [0, 2, 7, 77, 0xFFFFFFFF])
def test_bad_mechanism_is_answered_with_a_result(mechanism: int) -> None:
    server = ServerLink(policy())
    server.receive(link_message(MAIN, 0, 0, CLIENT))
    server.bytes_to_send()
    assert answer(struct.pack("<L", mechanism), server) == struct.pack("<L", LinkErr.INVALID_DATA)


def test_ticket_at_a_server_for_sasl_only() -> None:
    server = ServerLink(policy(WITH_SASL, sasl=ServerLogin))
    server.receive(link_message(MAIN, 0, 0, CLIENT))
    server.bytes_to_send()
    assert answer(struct.pack("<L", 1), server) == struct.pack("<L", LinkErr.INVALID_DATA)


@given(st.binary(max_size=300))
def test_server_never_raises(data: bytes) -> None:
    server = ServerLink(policy())
    server.receive(data)
    server.receive(link_message(MAIN, 0, 0, CLIENT) + struct.pack("<L", 1) + data)
    server.closed()


def test_server_byte_by_byte() -> None:
    for data in (RECORDED["good-main"]["client"], RECORDED["size-huge"]["client"], words(1, 2, 18)):
        whole = ServerLink(policy())
        expected = whole.receive(data)
        single = ServerLink(policy())
        found = []
        for at in range(len(data)):
            found += single.receive(data[at : at + 1])
        assert found == expected
        assert single.bytes_to_send() == whole.bytes_to_send()


DEVIATIONS = {
    "channel-type-0": "the specification asks for CHANNEL_NOT_AVAILABLE; the recorded server closes in silence",
    "channel-type-99": "the same",
    "display-id-77": "the same",
    "main-with-connection-id": "an id that no migration announced is refused; the recorded server takes any",
    "auth-mech-0": "a bad mechanism is answered with a link result; the recorded server sends a second link reply",
    "auth-mech-7": "the same",
    "auth-mech-sasl-unoffered": "a mechanism that was not announced is refused; the recorded server begins SASL",
}
"""Where our server answers differently on purpose, and why."""

OTHER_ANSWERS = {
    "channel-type-0": refusal(LinkErr.CHANNEL_NOT_AVAILABLE),
    "channel-type-99": refusal(LinkErr.CHANNEL_NOT_AVAILABLE),
    "display-id-77": refusal(LinkErr.CHANNEL_NOT_AVAILABLE),
    "main-with-connection-id": struct.pack("<L", LinkErr.BAD_CONNECTION_ID),
    "auth-mech-0": struct.pack("<L", LinkErr.INVALID_DATA),
    "auth-mech-7": struct.pack("<L", LinkErr.INVALID_DATA),
    "auth-mech-sasl-unoffered": struct.pack("<L", LinkErr.INVALID_DATA),
}


class Impersonated:
    """A key that knows what the recorded tickets held; the recorded server's private key is lost."""

    def __init__(self, name: str, public_key: bytes) -> None:
        self.public_key_der = public_key
        self._name = name

    def decrypt(self, data: bytes) -> bytes | None:
        if self._name in ("ticket-garbage", "ticket-zero"):
            return None
        return {"ticket-wrong": b"open", "ticket-empty": b"", "ticket-60-chars": b"x" * 60}.get(self._name, b"sesame")


def recorded_policy(name: str) -> LinkPolicy:
    announced = {(MAIN, 0): Capabilities(0xB, 0xF), (DISPLAY, 0): Capabilities(0xB, 0x1052)}

    class Recorded(LinkPolicy):
        def ticket_key(self) -> TicketKey:
            reply = RECORDED[name]["server"][16:202]
            return Impersonated(name, parse_reply(reply).pub_key)  # type: ignore[return-value]

    return Recorded(announced, password=b"sesame")


@pytest.mark.parametrize("name", RECORDED)
def test_our_server_answers_as_the_recorded_one(name: str) -> None:
    recording = RECORDED[name]
    server = ServerLink(recorded_policy(name))
    sent = []
    established = False
    for sender, data in recording.steps:
        if sender == "client" and not server.finished:
            established = any(isinstance(event, Established) for event in server.receive(data))
            sent.append(server.bytes_to_send())
    ours = b"".join(sent)
    theirs = recording["server"]
    if name in DEVIATIONS:
        same = theirs[:202] if theirs else b""
        assert ours == same + OTHER_ANSWERS[name]
        assert server.closing and not established
    elif established:
        assert theirs[: len(ours)] == ours and len(ours) == 206
        assert recording.seen["auth_result"] == 0
    else:
        assert ours == theirs
        assert server.closing == (recording.seen.get("after") in ("closed", "reset"))


def test_recorded_replies_are_what_we_build() -> None:
    for name, recording in RECORDED.items():
        if recording.seen.get("error") == 0:
            data = recording["server"][:202]
            reply = parse_reply(data[16:])
            assert parse_header(data[:16]).size == 186
            channel = 0x1052 if name.startswith("display") else 0xF
            assert link_reply(reply.pub_key, Capabilities(0xB, channel)) == data
    assert link_message(MAIN, 0, 0, Capabilities(0xD, 0x9)) == RECORDED["good-main"]["client"][:42]


def test_a_connection_has_no_tls_unless_somebody_says_so() -> None:
    server = ServerLink(policy(secured={MAIN}))
    refused = server.receive(link_message(MAIN, 0, 0, CLIENT))[-1]
    assert isinstance(refused, Refused) and refused.error == LinkErr.NEED_SECURED
