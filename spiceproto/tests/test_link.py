"""The link stage: client against server in memory."""

from __future__ import annotations

import struct

import pytest

from spiceproto import ticket
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import LinkErr
from spiceproto.errors import LocalError
from spiceproto.link import (
    ClientLink,
    Established,
    KeyReceived,
    LinkMessageReceived,
    LinkReplyReceived,
    Problem,
    Refused,
    ServerLink,
)
from spiceproto.tests.link_samples import (
    CLIENT,
    DISPLAY,
    KEY,
    MAIN,
    SERVER,
    SESSION,
    policy,
    run,
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


def test_every_exported_name_is_there() -> None:
    from spiceproto import link

    assert set(link._PART_OF) == set(link.__all__)
    assert all(getattr(link, name) is not None for name in link.__all__)
    with pytest.raises(AttributeError):
        link.Nothing  # noqa: B018
