"""Servers: ticket (1.6): the key, what is the password, and when it is wrong.

Tickets are made with the key of the link reply, from the target's password or from what is nearly it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import OTHERS_WAIT, not_logged_in, session_with
from conformance.client_wire import Ask
from conformance.expectation import check_value, other_than
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.sizes import TICKET_SIZE
from spiceproto.ticket import LONGEST_PLAINTEXT

_DISPLAY: Final = ChannelType.DISPLAY
_INPUTS: Final = ChannelType.INPUTS

_KEY_HEAD: Final = "30819f300d06092a864886f70d010101050003818d0030818902818100"
_KEY_TAIL: Final = "0203010001"
"""A SubjectPublicKeyInfo of RSA with 1024 bits and exponent 65537 is this, the 128 bytes of the modulus, and that."""

_MODULUS: Final = slice(len(_KEY_HEAD) // 2, -len(_KEY_TAIL) // 2)

_NO_TICKETS: Final = {
    "zeros": bytes(TICKET_SIZE),
    "ones": b"\xff" * TICKET_SIZE,
    "garbage": bytes(range(TICKET_SIZE)),
}
"""Bytes that no key decrypts. Ones are more than any modulus."""

_WITHOUT_ZERO: Final = ("SPICE-LINK-046/no-zero-byte",)
_EXPIRY: Final = ("ticket", "control:expire-password", "control:set-password")


@contextmanager
def _password_comes_back(client: SuiteClient) -> Iterator[None]:
    """Whatever happens to the password of the target, the next case finds it as it was."""
    try:
        yield
    finally:
        client.control("set-password", client.password)


# -- the key


def _key(client: SuiteClient, channel_type: int = ChannelType.MAIN) -> bytes:
    """The key in a link reply, of a server that takes tickets."""
    wire = client.ask(Ask(channel_type))
    wire.need_ticket_login()
    return wire.key


@server_case("SPICE-LINK-043/key", channel="main")
def key(client: SuiteClient) -> None:
    """The key in the link reply, byte for byte."""
    found = _key(client)
    modulus = int.from_bytes(found[_MODULUS], "big")
    check_value("key", "DER before the modulus", found.hex()[: len(_KEY_HEAD)], _KEY_HEAD, why="RSA, 1024 bits")
    check_value("key", "DER behind the modulus", found.hex()[-len(_KEY_TAIL) :], _KEY_TAIL, why="exponent 65537")
    check_value("modulus", "number of bits", modulus.bit_length(), 1024)
    check_value("modulus", "last bit", modulus & 1, 1, why="it is odd")


@server_case("SPICE-LINK-044/two-links", ChannelType.MAIN, channel="main", requires=OTHERS_WAIT)
@server_case("SPICE-LINK-044/two-channels", _DISPLAY, channel="display", requires=OTHERS_WAIT)
def two_keys(client: SuiteClient, second: int) -> None:
    """The keys of two links differ, which are open at the same time."""
    if second != ChannelType.MAIN:
        session_with(client, second)
    first = _key(client)
    check_value("second link", "key", _key(client, second), other_than(first), why="it has a key of its own")


@server_case("SPICE-LINK-044/one-after-another", channel="main")
def key_of_a_link_that_is_over(client: SuiteClient) -> None:
    """The key of a link that has logged in is not used again."""
    wire = client.ask_for_ticket()
    wire.ticket()
    wire.expect_logged_in()
    check_value("second link", "key", _key(client), other_than(wire.key), why="it has a key of its own")


@server_case("SPICE-LINK-044/four-links", channel="main", requires=("SPICE-LINK-044/one-after-another",))
def four_keys(client: SuiteClient) -> None:
    """The keys of four links, one after another, all differ."""
    keys: list[bytes] = []
    for number in range(1, 5):
        wire = client.ask()
        wire.need_ticket_login()
        check_value(f"link {number}", "key", wire.key, other_than(*keys), why="none of the links before it had that key")
        keys.append(wire.key)
        wire.close()


# -- what in a ticket is the password


@server_case("SPICE-LINK-046/no-zero-byte", b"", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/two-zero-bytes", b"\0\0", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/bytes-behind-the-zero-byte", b"\0and more", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/as-many-bytes-as-fit", b"\0" + b"x" * LONGEST_PLAINTEXT, channel="main", needs=("ticket",))
def behind_the_password(client: SuiteClient, rest: bytes) -> None:
    """The right password, and behind it something else than one zero byte."""
    wire = client.ask_for_ticket()
    wire.plain_ticket((client.password.encode() + rest)[:LONGEST_PLAINTEXT])
    wire.expect_logged_in()


def _nearly(password: bytes, kind: str) -> bytes:
    """A plain text that is nearly right. It has its own zero byte, or none."""
    longest = LONGEST_PLAINTEXT
    table = {
        "wrong": b"not the password\0",
        "empty": b"\0",
        "nothing": b"",
        "zero-byte-first": b"\0" + password + b"\0",
        "one-byte-missing": password[:-1] + b"\0",
        "first-byte-only": password[:1],
        "one-byte-more": password + b"x\0",
        "last-byte-differs": password[:-1] + bytes([password[-1] ^ 1, 0]),
        "other-case": password.swapcase() + b"\0" if password.swapcase() != password else password + b"A\0",
        "60-bytes": b"x" * 60 + b"\0",
        "60-bytes-without-zero": b"x" * 60,
        "61-bytes-without-zero": b"x" * 61,
        "85-bytes-without-zero": b"x" * (longest - 1),
        "86-bytes-without-zero": b"x" * longest,
        "password-and-86-bytes": (password + b"x" * longest)[:longest],
    }
    return table[kind]


@server_case("SPICE-LINK-048/wrong", "wrong", channel="main", needs=("ticket",), tags=("probe:ticket-wrong",))
@server_case("SPICE-LINK-048/empty", "empty", channel="main", needs=("ticket",), tags=("probe:ticket-empty",))
@server_case("SPICE-LINK-048/nothing", "nothing", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/zero-byte-first", "zero-byte-first", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/one-byte-missing", "one-byte-missing", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/first-byte-only", "first-byte-only", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/one-byte-more", "one-byte-more", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/last-byte-differs", "last-byte-differs", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/other-case", "other-case", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/60-bytes", "60-bytes", channel="main", needs=("ticket",), tags=("probe:ticket-60-chars",))
@server_case("SPICE-LINK-048/60-bytes-without-zero", "60-bytes-without-zero", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/61-bytes-without-zero", "61-bytes-without-zero", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/85-bytes-without-zero", "85-bytes-without-zero", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/86-bytes-without-zero", "86-bytes-without-zero", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/password-and-86-bytes", "password-and-86-bytes", channel="main", needs=("ticket",))
def wrong_password(client: SuiteClient, kind: str) -> None:
    """A ticket with something else than the password; then the right one is good on another connection."""
    wire = client.ask_for_ticket()
    wire.plain_ticket(_nearly(client.password.encode(), kind))
    not_logged_in(client, wire, LinkErr.PERMISSION_DENIED)
    client.main()


@server_case("SPICE-LINK-048/zeros", "zeros", channel="main", needs=("ticket",), tags=("probe:ticket-zero",))
@server_case("SPICE-LINK-048/ones", "ones", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/garbage", "garbage", channel="main", needs=("ticket",), tags=("probe:ticket-garbage",))
def cannot_be_decrypted(client: SuiteClient, kind: str) -> None:
    """A ticket that cannot be decrypted, where a password is wanted."""
    _no_ticket_is_refused(client, kind)


def _no_ticket_is_refused(client: SuiteClient, kind: str) -> None:
    wire = client.ask_for_ticket()
    wire.send(_NO_TICKETS[kind], f"{TICKET_SIZE} bytes that are no ticket")
    not_logged_in(client, wire, LinkErr.PERMISSION_DENIED)


@server_case("SPICE-LINK-048/key-of-another-link", channel="main", needs=("ticket",), requires=("SPICE-LINK-044/two-links",))
def key_of_another_link(client: SuiteClient) -> None:
    """The right password, encrypted with the key of another link."""
    other = client.ask().reply().pub_key
    wire = client.ask_for_ticket()
    wire.ticket(key=other)
    not_logged_in(client, wire, LinkErr.PERMISSION_DENIED)


@server_case("SPICE-LINK-048/on-display", channel="display", needs=("ticket",))
def wrong_password_on_display(client: SuiteClient) -> None:
    """A wrong ticket on a display of a running session, which goes on."""
    talk = session_with(client, _DISPLAY)
    wire = client.ask_for_ticket(Ask(_DISPLAY))
    wire.ticket(client.password + "x")
    not_logged_in(client, wire, LinkErr.PERMISSION_DENIED)
    client.alive(talk)


# -- where no password is wanted


@server_case("SPICE-LINK-049/empty", b"\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/nothing", b"", channel="main", needs=("no-ticket",), requires=_WITHOUT_ZERO)
@server_case("SPICE-LINK-049/some-password", b"anything goes\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/no-zero-byte", b"anything goes", channel="main", needs=("no-ticket",), requires=_WITHOUT_ZERO)
@server_case("SPICE-LINK-049/60-bytes", b"\x80" * 60 + b"\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/86-bytes", b"x" * LONGEST_PLAINTEXT, channel="main", needs=("no-ticket",), requires=_WITHOUT_ZERO)
def any_password(client: SuiteClient, plaintext: bytes) -> None:
    """A ticket with any password, where none is wanted."""
    wire = client.ask_for_ticket()
    wire.plain_ticket(plaintext)
    wire.expect_logged_in()
    wire.talk().expect("INIT")


@server_case("SPICE-LINK-050/zeros", "zeros", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-050/ones", "ones", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-050/garbage", "garbage", channel="main", needs=("no-ticket",))
def cannot_be_decrypted_for_nothing(client: SuiteClient, kind: str) -> None:
    """A ticket that cannot be decrypted, where no password is wanted."""
    _no_ticket_is_refused(client, kind)


# -- a password that expires, or changes


@server_case("SPICE-LINK-048/expired", channel="main", needs=_EXPIRY)
def expired(client: SuiteClient) -> None:
    """The right password, which has expired."""
    with _password_comes_back(client):
        client.control("expire-password", 0)
        client.wait_quiet()
        wire = client.ask_for_ticket()
        wire.ticket()
        not_logged_in(client, wire, LinkErr.PERMISSION_DENIED)


@server_case(
    "SPICE-LINK-051/display-after-main", channel="display", needs=_EXPIRY, requires=("SPICE-LINK-052/another-password",)
)
def display_after_expiry(client: SuiteClient) -> None:
    """The password expires between main and display: display is refused, and main goes on."""
    with _password_comes_back(client):
        talk = session_with(client, _DISPLAY)
        client.control("expire-password", 0)
        client.wait_quiet()
        wire = client.ask_for_ticket(Ask(_DISPLAY))
        wire.ticket()
        not_logged_in(client, wire)
        client.alive(talk, "it was linked before the password expired")


@server_case("SPICE-LINK-051/between-link-reply-and-ticket", channel="main", needs=_EXPIRY)
def expires_before_the_ticket(client: SuiteClient) -> None:
    """The password expires when the link reply was sent and the ticket was not: it is the ticket's time that counts."""
    with _password_comes_back(client):
        wire = client.ask_for_ticket()
        client.control("expire-password", 0)
        client.wait_quiet()
        wire.ticket()
        not_logged_in(client, wire)


@server_case("SPICE-LINK-051/in-time", channel="display", needs=_EXPIRY, slow=5.0)
def expires_in_time(client: SuiteClient) -> None:
    """A password that expires in 2 s: main is linked before that, and display is refused after it."""
    with _password_comes_back(client):
        client.control("expire-password", 2)
        talk = session_with(client, _DISPLAY)
        client.wait(4.0)
        wire = client.ask_for_ticket(Ask(_DISPLAY))
        wire.ticket()
        not_logged_in(client, wire)
        client.alive(talk, "it was linked before the password expired")


@server_case(
    "SPICE-LINK-052/another-password",
    channel="inputs",
    needs=("ticket", "control:set-password"),
    requires=("SPICE-LINK-048/wrong",),
)
def another_password(client: SuiteClient) -> None:
    """The password changes in a session: it goes on, and another channel is linked with the new one, not with the old."""
    with _password_comes_back(client):
        talk = session_with(client, _INPUTS)
        other = "another " + client.password
        client.control("set-password", other)
        client.alive(talk, "it has logged in before the password changed")
        wire = client.ask_for_ticket(Ask(_INPUTS))
        wire.ticket()
        not_logged_in(client, wire)
        client.link(Ask(_INPUTS, password=other)).expect("INIT")
        client.alive(talk)
