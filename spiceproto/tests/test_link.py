"""The link stage: client against server in memory, against recorded answers of a real server, and seen from outside."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto import limits, ticket
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, MainCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.link import (
    ClientLink,
    Established,
    Event,
    Failed,
    Item,
    KeyReceived,
    LinkMessageReceived,
    LinkObserver,
    LinkPolicy,
    LinkReplyReceived,
    Opaque,
    Problem,
    Record,
    Refused,
    SaslStep,
    ServerLink,
)
from spiceproto.link.exchange import link_message, link_reply, refusal
from spiceproto.link.records import CODES
from spiceproto.link.structures import parse_header, parse_reply
from spiceproto.ticket import TicketKey

AUTH_SELECTION = CommonCapability.PROTOCOL_AUTH_SELECTION
AUTH_SPICE = CommonCapability.AUTH_SPICE
AUTH_SASL = CommonCapability.AUTH_SASL
MINI_HEADER = CommonCapability.MINI_HEADER
MAIN = ChannelType.MAIN
DISPLAY = ChannelType.DISPLAY
SESSION = 0x12345678

KEY = TicketKey.generate()
CLIENT = NONE.with_(AUTH_SELECTION, MINI_HEADER, MainCapability.NAME_AND_UUID)
SERVER = NONE.with_(AUTH_SELECTION, AUTH_SPICE, MINI_HEADER, MainCapability.SEAMLESS_MIGRATE)
WITH_SASL = SERVER.without(AUTH_SPICE).with_(AUTH_SASL)


class Policy(LinkPolicy):
    """One key for all links: making them is what would take the time here."""

    def ticket_key(self) -> TicketKey:
        return KEY


def policy(announced: Capabilities = SERVER, **rest: Any) -> LinkPolicy:
    channels = {(MAIN, 0): announced, (DISPLAY, 0): announced.with_(DisplayCapability.MONITORS_CONFIG)}
    return Policy(channels, sessions={SESSION}, **rest)


class Login:
    """Both sides of a mechanism that says ``steps`` things and then compares passwords."""

    def __init__(self, name: str = "STUB", password: bytes = b"sesame", steps: int = 2) -> None:
        self.name = name
        self.password = password
        self.left = steps

    mechanisms: Sequence[str] = ("OTHER", "STUB", "SCRAM-STUB")

    def choose(self, mechanisms: tuple[str, ...]) -> str | None:
        return self.name if self.name in mechanisms else None


class ClientLogin(Login):
    def start(self) -> SaslStep:
        return SaslStep(None)

    def step(self, challenge: bytes | None) -> SaslStep:
        self.left -= 1
        return SaslStep(self.password if self.left <= 0 else b"", finished=self.left <= 0)


class ServerLogin(Login):
    def start(self, mechanism: str, response: bytes | None) -> SaslStep:
        assert mechanism == self.name and response is None
        return SaslStep(b"challenge")

    def step(self, response: bytes | None) -> SaslStep:
        self.left -= 1
        if self.left > 0:
            return SaslStep(b"again" if response == b"" else b"strange")
        return SaslStep(None, finished=True) if response == self.password else SaslStep(None, failed=True)


class Run:
    """Client and server until both have nothing more to say; an observer watches."""

    def __init__(self, client: ClientLink, server: ServerLink, now: float = 0.0) -> None:
        self.client: list[Event] = []
        self.server: list[Event] = []
        self.items: list[Item] = []
        self.bytes = {"client": b"", "server": b""}
        observer = LinkObserver()
        while True:
            up = client.bytes_to_send()
            self.items += observer.receive("client", up)
            if up:
                self.server += server.receive(up, now)
            down = server.bytes_to_send()
            self.items += observer.receive("server", down)
            if down:
                self.client += client.receive(down)
            self.bytes["client"] += up
            self.bytes["server"] += down
            if not up and not down:
                break
        self.items += observer.closed()
        if server.closing:
            self.client += client.closed()
        if client.closing:
            self.server += server.closed()

    @property
    def ends(self) -> tuple[Event, Event, Item]:
        return self.client[-1], self.server[-1], self.items[-1]

    def established(self) -> tuple[Established, Established, Established]:
        client, server, seen = self.ends
        assert isinstance(client, Established) and isinstance(server, Established) and isinstance(seen, Established)
        assert client == server == seen
        return client, server, seen

    def refused(self, error: LinkErr | None, stage: str) -> None:
        client, server, seen = self.ends
        assert isinstance(client, Refused) and isinstance(server, Refused) and isinstance(seen, Failed), self.ends
        assert client.error == server.error == seen.error == error
        assert server.stage == stage


def run(announced: Capabilities = SERVER, client: Capabilities = CLIENT, *, kind: int = MAIN, number: int = 0,
        connection: int = 0, password: bytes | str = b"sesame", required: bytes | None = b"sesame",
        secure: bool = False, now: float = 0.0, login: ClientLogin | None = None, **rest: Any) -> Run:  # fmt: skip
    return Run(
        ClientLink(kind, number, connection, client, password=password, sasl=login),
        ServerLink(policy(announced, password=required, **rest), secure=secure),
        now,
    )


def bits(**on: bool) -> Capabilities:
    return NONE.with_(*[CommonCapability[name] for name, value in on.items() if value])


# -- client and server


@pytest.mark.parametrize("flags", range(32))
def test_all_combinations_of_announcements(flags: int) -> None:
    client_selects, client_mini, server_selects, server_mini, spice = [bool(flags >> bit & 1) for bit in range(5)]
    client = bits(PROTOCOL_AUTH_SELECTION=client_selects, MINI_HEADER=client_mini)
    server = bits(PROTOCOL_AUTH_SELECTION=server_selects, MINI_HEADER=server_mini, AUTH_SPICE=spice)
    found = run(server, client)
    established, _, _ = found.established()
    assert established.mini_header == (client_mini and server_mini)
    word = 4 if client_selects and server_selects else 0
    common = 4 if client.common else 0
    assert established.client_offset == 16 + 18 + common + word + 128 == len(found.bytes["client"])
    assert established.server_offset == len(found.bytes["server"])
    assert not [item for item in found.items if isinstance(item, Problem)]


def test_events_in_order() -> None:
    found = run()
    assert [type(event) for event in found.client] == [LinkReplyReceived, Established]
    assert [type(event) for event in found.server] == [LinkMessageReceived, Established]
    first = found.client[0]
    assert isinstance(first, LinkReplyReceived)
    assert (first.capabilities, first.reply.pub_key) == (SERVER, KEY.public_key_der)


@pytest.mark.parametrize("password", [b"wrong", b"", b"Sesame", b"x" * 60])
def test_wrong_ticket(password: bytes) -> None:
    run(password=password).refused(LinkErr.PERMISSION_DENIED, "ticket")


def test_ticketing_off_takes_any_ticket() -> None:
    for password in (b"", b"anything"):
        run(password=password, required=None).established()


def test_empty_password_lets_nobody_in() -> None:
    run(password=b"", required=b"").refused(LinkErr.PERMISSION_DENIED, "ticket")


def test_password_too_long() -> None:
    with pytest.raises(LocalError):
        run(password=b"x" * 61)


@pytest.mark.parametrize(("expires", "now", "good"), [(10, 9, True), (10, 10, True), (10, 11, False), (None, 1e9, True)])
def test_expired_ticket(expires: float | None, now: float, good: bool) -> None:
    found = run(expires=expires, now=now)
    if good:
        found.established()
    else:
        found.refused(LinkErr.PERMISSION_DENIED, "ticket")


@pytest.mark.parametrize("required", [b"sesame", None])
@pytest.mark.parametrize("data", [bytes(128), b"\x55" * 128, b"\xff" * 128])
def test_undecryptable_ticket(required: bytes | None, data: bytes) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, password=None)
    server = ServerLink(policy(password=required))
    server.receive(client.bytes_to_send())
    assert isinstance(client.receive(server.bytes_to_send())[-1], KeyReceived)
    client.send_ticket(data)
    (refused,) = server.receive(client.bytes_to_send())
    assert refused == Refused(LinkErr.PERMISSION_DENIED, "ticket", "the ticket is not good")
    assert client.receive(server.bytes_to_send()) == [Refused(7, "result", "the server refuses the login")]


@pytest.mark.parametrize("plaintext", [b"sesame", b"sesame\0", b"sesame\0junk"])
def test_zero_byte_and_what_follows_it(plaintext: bytes) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, password=None)
    server = ServerLink(policy(password=b"sesame"))
    server.receive(client.bytes_to_send())
    client.receive(server.bytes_to_send())
    client.send_ticket(ticket.encrypt_plaintext(KEY.public_key_der, plaintext))
    assert isinstance(server.receive(client.bytes_to_send())[-1], Established)


def test_password_later() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, password=None)
    with pytest.raises(LocalError):
        client.send_password(b"sesame")
    server = ServerLink(policy(password=b"sesame"))
    server.receive(client.bytes_to_send())
    assert client.receive(server.bytes_to_send())[-1] == KeyReceived(KEY.public_key_der)
    assert client.bytes_to_send() == struct.pack("<L", 1)
    server.receive(struct.pack("<L", 1))
    with pytest.raises(LocalError):
        client.send_password(b"x" * 61)
    client.send_password("sesame")
    with pytest.raises(LocalError):
        client.send_password("sesame")
    assert isinstance(server.receive(client.bytes_to_send())[-1], Established)
    assert isinstance(client.receive(server.bytes_to_send())[-1], Established)


def test_tls_required_and_forbidden() -> None:
    run(secured={MAIN}).refused(LinkErr.NEED_SECURED, "reply")
    run(secured={MAIN}, secure=True).established()
    run(unsecured={MAIN}, secure=True).refused(LinkErr.NEED_UNSECURED, "reply")
    run(unsecured={MAIN}).established()
    run(secured={DISPLAY}).established()


@pytest.mark.parametrize(("kind", "number"), [(0, 0), (DISPLAY, 1), (7, 0), (10, 77), (200, 0)])
def test_no_such_channel(kind: int, number: int) -> None:
    run(kind=kind, number=number, connection=SESSION).refused(LinkErr.CHANNEL_NOT_AVAILABLE, "reply")


@pytest.mark.parametrize("connection", [0, 1, SESSION ^ 1])
def test_bad_connection_id(connection: int) -> None:
    run(kind=DISPLAY, connection=connection).refused(LinkErr.BAD_CONNECTION_ID, "result")


def test_connection_ids() -> None:
    run(kind=DISPLAY, connection=SESSION).established()
    run(connection=SESSION).refused(LinkErr.BAD_CONNECTION_ID, "result")
    run(connection=77, migrations={77}).established()
    run(kind=DISPLAY, connection=77, migrations={77}).established()
    run(number=5).established()


def test_rest_belongs_to_the_messages() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, password=b"sesame")
    server = ServerLink(policy(password=b"sesame"))
    server.receive(client.bytes_to_send())
    client.receive(server.bytes_to_send())
    found = server.receive(client.bytes_to_send() + b"client says")[-1]
    assert isinstance(found, Established) and found.client_rest == b"client says"
    assert found.client_offset == 16 + 18 + 8 + 4 + 128
    found = client.receive(server.bytes_to_send() + b"server says")[-1]
    assert isinstance(found, Established) and found.server_rest == b"server says"
    with pytest.raises(LocalError):
        client.receive(b"more")


# -- SASL


def test_sasl() -> None:
    for steps in (1, 2, 5):
        found = run(WITH_SASL, login=ClientLogin(steps=steps), sasl=lambda steps=steps: ServerLogin(steps=steps))
        client, server, seen = found.ends
        assert client == server
        assert isinstance(client, Established) and client.mechanism == AuthMechanism.SASL
        assert seen == client  # nothing follows, so nothing says that it would be encrypted
        assert isinstance(found.client[0], LinkReplyReceived) and not any(found.client[0].reply.pub_key)
        kinds = [item.kind for item in found.items if isinstance(item, Record)]
        assert kinds[4:] == [
            "auth-mechanism", "sasl-mechanism-list", "sasl-start", "sasl-challenge",
            *["sasl-response", "sasl-challenge"] * steps, "sasl-result", "link-result",
        ]  # fmt: skip
        assert not [item for item in found.items if isinstance(item, Problem)]


def test_sasl_with_the_wrong_password() -> None:
    run(WITH_SASL, login=ClientLogin(password=b"x"), sasl=ServerLogin).refused(LinkErr.PERMISSION_DENIED, "sasl")


def test_sasl_beside_tickets() -> None:
    both = SERVER.with_(AUTH_SASL)
    client, _, _ = run(both, login=ClientLogin(), sasl=ServerLogin).ends
    assert isinstance(client, Established) and client.mechanism == AuthMechanism.SASL
    established, _, _ = run(both, sasl=ServerLogin).established()
    assert established.mechanism == AuthMechanism.SPICE


def test_sasl_without_a_common_mechanism() -> None:
    client, server, _ = run(WITH_SASL, login=ClientLogin(name="ELSE"), sasl=ServerLogin).ends
    assert isinstance(client, Refused) and client.error is None and client.stage == "sasl"
    assert isinstance(server, Refused)


def test_sasl_only_and_a_client_without() -> None:
    client, _, _ = run(WITH_SASL, sasl=ServerLogin).ends
    assert client == Refused(None, "mechanism", "the server wants SASL, and there is none here")
    run(WITH_SASL, CLIENT.without(AUTH_SELECTION), sasl=ServerLogin).refused(LinkErr.VERSION_MISMATCH, "reply")


def start_sasl(announced: Capabilities = WITH_SASL, sasl: Any = ServerLogin) -> ServerLink:
    server = ServerLink(policy(announced, sasl=sasl))
    server.receive(link_message(MAIN, 0, 0, CLIENT))
    server.bytes_to_send()
    server.receive(struct.pack("<L", 2))
    return server


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<L", 0),
        struct.pack("<L", 101),
        struct.pack("<L4sL", 4, b"NONE", 0),
        struct.pack("<L4sL", 4, b"STUB", limits.SASL_DATA + 1),
        struct.pack("<L4sL", 4, b"\xff\xfe\0\1", 0),
    ],
)
def test_server_refuses_bad_sasl_frames(data: bytes) -> None:
    server = start_sasl()
    assert server.bytes_to_send() == struct.pack("<L", 21) + b"OTHER,STUB,SCRAM-STUB"
    refused = server.receive(data)[-1]
    assert isinstance(refused, Refused) and refused.error == LinkErr.INVALID_DATA
    assert server.bytes_to_send() == bytes(4) + b"\1" + struct.pack("<L", 3)
    assert server.closing


def test_sasl_comes_to_an_end() -> None:
    server = start_sasl(sasl=lambda: ServerLogin(steps=1000))
    server.receive(struct.pack("<L4sL", 4, b"STUB", 0))
    for _ in range(100):
        if server.finished:
            break
        server.receive(struct.pack("<L", 0))
    assert server.closing
    client = ClientLink(MAIN, 0, 0, CLIENT, sasl=ClientLogin(steps=1000))
    client.receive(link_reply(b"", WITH_SASL) + struct.pack("<L4s", 4, b"STUB"))
    with pytest.raises(LimitError):
        for _ in range(100):
            client.receive(bytes(5))


@pytest.mark.parametrize("data", [struct.pack("<L", 301), struct.pack("<L4sL", 4, b"STUB", limits.SASL_DATA + 1)])
def test_client_bounds_sasl(data: bytes) -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, sasl=ClientLogin())
    client.receive(link_reply(b"", WITH_SASL))
    with pytest.raises(LimitError, match="link stage"):
        client.receive(data)
    assert client.receive(data) == []


def test_client_does_not_look_at_the_key_before_it_chose() -> None:
    client = ClientLink(MAIN, 0, 0, CLIENT, sasl=ClientLogin())
    assert len(client.receive(link_reply(b"", WITH_SASL))) == 1
    client = ClientLink(MAIN, 0, 0, CLIENT)
    with pytest.raises(RemoteError, match="no key"):
        client.receive(link_reply(b"", SERVER))


# -- what a server answers


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


def words(common: int, channel: int, offset: int, data: bytes = bytes(8)) -> bytes:
    body = struct.pack("<LBBLLL", 0, 1, 0, common, channel, offset) + data
    return struct.pack("<4sLLL", b"REDQ", 2, 2, len(body)) + body


@pytest.mark.parametrize(
    ("common", "channel", "offset"), [(1, 1, 0), (1, 1, 17), (1, 1, 19), (1, 2, 18), (1025, 0, 18), (1 << 30, 1, 18)]
)
def test_bad_capability_words(common: int, channel: int, offset: int) -> None:
    assert answer(words(common, channel, offset)) == refusal(LinkErr.INVALID_DATA)


@pytest.mark.parametrize(
    "data",
    [words(0, 0, 0), words(0, 0, 0xFFFFFFFF), words(1, 1, 22, bytes(12)), words(16, 16, 18, b"\xff" * 128),
     words(1, 1, 18, bytes(4096 - 18))],
)  # fmt: skip
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


# -- what a client makes of answers


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


# -- any cutting gives the same


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *[place % (len(data) + 1) for place in places]})
    return [data[start:end] for start, end in pairwise(edges)]


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


# -- recorded links with a real server


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "data" / name).read_text())
    return loaded


class Recording:
    """Steps of (sender, bytes) in the order of the capture."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.steps = [(sender, bytes.fromhex(data)) for step in case["steps"] for sender, data in step.items()]
        self.seen: dict[str, Any] = case.get("seen", {})

    def __getitem__(self, sender: str) -> bytes:
        return b"".join([data for who, data in self.steps if who == sender])


RECORDED = {case["case"]: Recording(case) for case in load("link_probes.json")["cases"]}
LOGIN = Recording(load("link_sasl.json"))


def observe(steps: list[tuple[str, bytes]]) -> list[Item]:
    observer = LinkObserver()
    items = [item for sender, data in steps for item in observer.receive(sender, data)]
    return items + observer.closed()


OUTCOMES = {
    "bad-magic": ("reply", LinkErr.INVALID_MAGIC, ["magic"]),
    "lowercase-magic": ("reply", LinkErr.INVALID_MAGIC, ["magic"]),
    "major-1": ("reply", LinkErr.VERSION_MISMATCH, ["version"]),
    "major-3": ("reply", LinkErr.VERSION_MISMATCH, ["version"]),
    "size-0": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-17": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-4097": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "size-huge": ("reply", LinkErr.INVALID_DATA, ["link-message-size"]),
    "caps-offset-huge": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-offset-0": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-count-huge": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "caps-count-beyond-end": ("reply", LinkErr.INVALID_DATA, ["capability-words"]),
    "channel-type-0": ("reply", None, ["connection-id", "no-reply"]),
    "channel-type-99": ("reply", None, ["connection-id", "no-reply"]),
    "display-with-connection-id-0": ("result", LinkErr.BAD_CONNECTION_ID, ["connection-id"]),
    "display-wrong-connection-id": ("result", LinkErr.BAD_CONNECTION_ID, []),
    "display-id-77": ("reply", None, ["no-reply"]),
    "auth-mech-0": ("mechanism", LinkErr.INVALID_DATA, ["mechanism-unknown", "second-link-reply"]),
    "auth-mech-7": ("mechanism", LinkErr.INVALID_DATA, ["mechanism-unknown", "second-link-reply"]),
    "auth-mech-sasl-unoffered": ("sasl", None, ["mechanism-not-announced", "unannounced-sasl"]),
    "ticket-garbage": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-zero": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-wrong": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-empty": ("result", LinkErr.PERMISSION_DENIED, []),
    "ticket-60-chars": ("result", LinkErr.PERMISSION_DENIED, []),
    "half-header-1.5s": ("header", None, ["truncated"]),
    "byte-by-byte": ("mechanism", None, []),
}
"""How the links that came to nothing ended: stage, error, codes of the problems."""

NOTES = {
    "minor-0": ["minor-version"],
    "minor-99": ["minor-version"],
    "size-4096-padded": ["bytes-behind-capabilities"],
    "main-with-connection-id": ["connection-id"],
}


@pytest.mark.parametrize("name", RECORDED)
def test_observer_of_recorded_links(name: str) -> None:
    recording = RECORDED[name]
    items = observe(recording.steps)
    codes = [item.code for item in items if isinstance(item, Problem)]
    end = items[-1]
    if name in OUTCOMES:
        stage, error, problems = OUTCOMES[name]
        assert isinstance(end, Failed)
        assert (end.stage, end.error, codes) == (stage, error, problems)
        assert recording.seen.get("error", 0) == (error if stage == "reply" and error else 0)
    else:
        assert isinstance(end, Established)
        assert codes == NOTES.get(name, [])
        assert recording.seen["auth_result"] == 0
        assert [hex(end.server.common)] == recording.seen["common"]
        assert [hex(end.server.channel)] == recording.seen["channel"]
        assert end.mini_header == (name not in ("good-main-full-header", "no-caps-at-all"))
        assert recording["client"][end.client_offset :] == end.client_rest
        assert recording["server"][end.server_offset :].startswith(end.server_rest)
    for sender in ("client", "server"):
        records = [item for item in items if isinstance(item, Record) and item.sender == sender]
        assert all(one.end == other.start for one, other in pairwise(records))
        assert all(0 <= item.offset <= len(recording[sender]) for item in items
                   if isinstance(item, Problem) and item.sender == sender)  # fmt: skip


def comparable(items: list[Item], later: dict[str, bytes]) -> list[Any]:
    """The items, with what came behind the last one added to its rest."""
    *others, end = items
    base = end.established if isinstance(end, Opaque) else end
    assert isinstance(base, Established | Failed)
    rests = [base.client_rest + later["client"], base.server_rest + later["server"]]
    bare = [getattr(base, name) for name in base.__struct_fields__ if not name.endswith("_rest")]
    return [*others, type(end), bare, rests]


def walk(steps: list[tuple[str, bytes]]) -> list[Any]:
    observer = LinkObserver()
    items: list[Item] = []
    later = {"client": b"", "server": b""}
    for sender, data in steps:
        if observer.finished:
            later[sender] += data
        items += observer.receive(sender, data)
    return comparable(items + observer.closed(), later)


@settings(max_examples=60)
@given(st.sampled_from([*RECORDED, "sasl"]), st.randoms(use_true_random=False), st.lists(st.integers(0, 5000), max_size=20))
def test_observer_in_any_interleaving(name: str, random: Any, places: list[int]) -> None:
    recording = RECORDED.get(name, LOGIN)
    cut = {sender: pieces(recording[sender], places) for sender in ("client", "server")}
    steps = []
    while cut["client"] or cut["server"]:
        sender = random.choice([sender for sender in cut if cut[sender]])
        steps.append((sender, cut[sender].pop(0)))
    assert walk(steps) == walk(recording.steps)


def test_observer_byte_by_byte() -> None:
    for recording in [*RECORDED.values(), LOGIN]:
        single = [(sender, data[at : at + 1]) for sender, data in recording.steps for at in range(len(data))]
        assert walk(single) == walk(recording.steps)


@pytest.mark.parametrize("name", ["good-main", "auth-mech-0", "no-caps-at-all", "sasl"])
def test_observer_truncated(name: str) -> None:
    recording = RECORDED.get(name, LOGIN)
    for sender in ("client", "server"):
        for size in range(0, len(recording[sender]), 7):
            other = "server" if sender == "client" else "client"
            items = observe([(sender, recording[sender][:size]), (other, recording[other])])
            assert isinstance(items[-1], Failed | Established | Opaque)


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(max_size=200)), max_size=8))
def test_observer_never_raises(steps: list[tuple[str, bytes]]) -> None:
    assert isinstance(observe(steps)[-1], Failed | Established | Opaque)


@given(st.sampled_from([*RECORDED, "sasl"]), st.data())
def test_observer_of_damaged_links_never_raises(name: str, data: st.DataObject) -> None:
    steps = [(sender, bytearray(content)) for sender, content in RECORDED.get(name, LOGIN).steps]
    for _ in range(data.draw(st.integers(1, 5))):
        _, content = data.draw(st.sampled_from(steps))
        content[data.draw(st.integers(0, min(len(content), 300) - 1))] = data.draw(st.integers(0, 255))
    items = observe([(sender, bytes(content)) for sender, content in steps])
    assert isinstance(items[-1], Failed | Established | Opaque)
    assert all(item.code in CODES and item.rule for item in items if isinstance(item, Problem))


def test_observer_of_a_client_that_leaves_the_mechanism_out() -> None:
    recording = RECORDED["auth-mech-0"]
    steps = list(recording.steps)
    steps[2] = ("client", b"\xa5" * 128)
    items = observe(steps)
    codes = [item.code for item in items if isinstance(item, Problem)]
    assert codes == ["mechanism-word-missing", "second-link-reply"]


def test_observer_of_a_short_list_and_of_a_refusal_that_looks_like_one() -> None:
    start = [
        ("client", link_message(MAIN, 0, 0, CLIENT) + struct.pack("<L", 2)),
        ("server", link_reply(b"", WITH_SASL)),
    ]
    end = observe([*start, ("server", struct.pack("<L", 7))])[-1]
    assert isinstance(end, Failed) and (end.stage, end.error) == ("mechanism", LinkErr.PERMISSION_DENIED)
    items = observe([*start, ("server", struct.pack("<L5s", 5, b"PLAIN"))])
    assert isinstance(items[-2], Record) and items[-2].kind == "sasl-mechanism-list"


def test_observer_of_one_direction() -> None:
    recording = RECORDED["good-main"]
    for sender in ("client", "server"):
        assert isinstance(observe([(sender, recording[sender])])[-1], Failed)


def test_every_exported_name_is_there() -> None:
    from spiceproto import link

    assert set(link._PART_OF) == set(link.__all__)
    assert all(getattr(link, name) is not None for name in link.__all__)
    with pytest.raises(AttributeError):
        link.Nothing  # noqa: B018


def test_observer_needs_neither_client_nor_server() -> None:
    import subprocess
    import sys

    code = "import sys; from spiceproto.link import LinkObserver; print([m for m in sys.modules if '.link.' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "observer" in found and "client" not in found and "server'" not in found.replace("observer'", "")


def test_every_code_is_used() -> None:
    import spiceproto.link.observer as module

    text = Path(module.__file__).read_text()
    assert not [code for code in CODES if f'"{code}"' not in text]


def test_observer_too_much() -> None:
    observer = LinkObserver()
    items: list[Item] = []
    for _ in range(200):
        items += observer.receive("server", bytes(1 << 16))
    assert isinstance(items[-1], Failed)
    assert [item.code for item in items if isinstance(item, Problem)] == ["too-much"]


def test_observer_tells_a_security_layer_from_clear_text() -> None:
    end = observe(LOGIN.steps)[-1]
    assert isinstance(end, Opaque)
    assert (end.sasl_mechanism, end.established.server_offset, end.established.client_offset) == (
        "DIGEST-MD5",
        423,
        331,
    )
    messages = struct.pack("<HLL", 103, 4, 0)
    before, sasl_result = LOGIN.steps[:-1], LOGIN.steps[-1][1][:50]
    end = observe([*before, ("server", sasl_result + bytes(4) + messages)])[-1]
    assert isinstance(end, Established) and end.server_rest == messages
    end = observe([*before, ("server", sasl_result + struct.pack("<L", LinkErr.BAD_CONNECTION_ID))])[-1]
    assert isinstance(end, Failed) and end.error == LinkErr.BAD_CONNECTION_ID
    assert isinstance(observe([*before, ("server", sasl_result)])[-1], Failed)


def test_observer_recognises_a_mechanism_by_its_number() -> None:
    recording = RECORDED["good-main"]
    steps = list(recording.steps)
    message = link_message(MAIN, 0, 0, CLIENT.without(AUTH_SELECTION))
    steps[0] = ("client", message)
    items = observe(steps)
    assert isinstance(items[-1], Established)
    assert [item.code for item in items if isinstance(item, Problem)] == ["mechanism-word-unexpected"]


# -- our server beside the recorded one

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
