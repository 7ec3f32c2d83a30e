"""Servers: mechanism, ticket, SASL (spec/01-link.md, 1.5 to 1.7).

Tickets are made with the key of the link reply, from the target's password or from what is nearly it. SASL logins are the
suite's own frames around the mechanisms of :mod:`spiceproto.link.mechanisms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from conformance.as_client import COMMON, Answer, ClientWire, SuiteClient
from conformance.case import server_case
from conformance.digest_client import CIPHER, QUALITY, DigestClient
from conformance.digest_md5 import NAME as DIGEST
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk, link_message, named
from spiceproto import capabilities as caps
from spiceproto import dispatch, framing, limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link import mechanisms
from spiceproto.link.sasl import MECHANISM_NAME, ROUNDS, pack, split_mechanisms
from spiceproto.messages import main
from spiceproto.ticket import CIPHERTEXT_SIZE, LONGEST_PLAINTEXT

MAIN: Final = ChannelType.MAIN
DISPLAY: Final = ChannelType.DISPLAY
INPUTS: Final = ChannelType.INPUTS

WITH_SASL: Final = COMMON.with_(CommonCapability.AUTH_SASL)
WITHOUT_SELECTION: Final = COMMON.without(CommonCapability.PROTOCOL_AUTH_SELECTION)

MECHANISM_LIST: Final = 300
"""Bytes of the longest list of SASL mechanisms."""

ALL_ONES: Final = (1 << 32) - 1

KEY_HEAD: Final = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100")
KEY_TAIL: Final = bytes.fromhex("0203010001")
"""A SubjectPublicKeyInfo of RSA with 1024 bits and exponent 65537 is this, the 128 bytes of the modulus, and that."""


# -- how servers answer


def _expect_logged_in(answer: Answer) -> None:
    if answer.kind != "result" or answer.error != LinkErr.OK:
        raise Failure("link result OK (0)", str(answer))


def _denied(client: SuiteClient, wire: ClientWire) -> None:
    """The ticket is refused with PERMISSION_DENIED."""
    answer = wire.result()
    client.note(f"answered with: {answer}")
    if answer.kind != "result" or answer.error != LinkErr.PERMISSION_DENIED:
        raise Failure("link result PERMISSION_DENIED (7)", str(answer))


def _not_logged_in(client: SuiteClient, wire: ClientWire) -> None:
    """The ticket is refused; with which error is another question."""
    answer = wire.result()
    client.note(f"answered with: {answer}")
    if answer.kind != "result" or answer.error == LinkErr.OK:
        raise Failure("link result PERMISSION_DENIED (7)", str(answer))


def _mechanism_refused(client: SuiteClient, wire: ClientWire) -> None:
    """A mechanism is answered with a link result other than OK, or as some servers do it."""
    answer = wire.result()
    client.note(f"answered with: {answer}")
    if answer.kind == "closed":
        client.tolerate("closing without an answer")
        return
    if answer.kind == "second-reply" and answer.error:
        client.tolerate(f"a second link header and link reply with the error {named(LinkErr, answer.error)}")
    elif answer.kind != "result" or not answer.error or answer.error not in LinkErr._value2member_map_:
        names = _mechanism_list(wire, answer)
        raise Failure("a link result other than OK", f"a list of SASL mechanisms: {', '.join(names)}" if names else str(answer))


def _mechanism_list(wire: ClientWire, answer: Answer) -> tuple[str, ...]:
    """The names in a list of mechanisms that stands where a link result belongs; none if something else does."""
    size = answer.error or 0
    if answer.kind == "result" and size > max(LinkErr) and size <= MECHANISM_LIST:
        names = wire.take(size)
        if names is not None and names.isascii():
            return split_mechanisms(names)
    return ()


@contextmanager
def _password_comes_back(client: SuiteClient) -> Iterator[None]:
    """Whatever happens to the password of the target, the next case finds it as it was."""
    try:
        yield
    finally:
        client.control("set-password", client.password)


# -- 1.5 mechanism


@server_case("SPICE-LINK-038/no-auth-selection", channel="main")
def no_auth_selection(client: SuiteClient) -> None:
    """A client without PROTOCOL_AUTH_SELECTION logs in with 128 bytes, and no mechanism before them."""
    found = client.try_link(common=WITHOUT_SELECTION)
    if isinstance(found, Answer):
        if found.kind == "reply" and found.error == LinkErr.VERSION_MISMATCH:
            client.tolerate("the error VERSION_MISMATCH for a client without PROTOCOL_AUTH_SELECTION")
            return
        raise Failure("link result OK (0) for a ticket that comes at once", str(found))
    found.expect("INIT")
    client.alive(found)


@server_case("SPICE-LINK-038/no-auth-selection-on-inputs", channel="inputs")
def no_auth_selection_on_inputs(client: SuiteClient) -> None:
    """Each channel by itself: main logs in with a mechanism, and inputs without."""
    talk, listed = client.session()
    if (INPUTS, 0) not in listed:
        raise NotApplicable("the list of channels has no inputs")
    found = client.try_link(INPUTS, common=WITHOUT_SELECTION)
    if isinstance(found, Talk):
        found.expect("INIT")
    elif found.kind == "reply" and found.error == LinkErr.VERSION_MISMATCH:
        client.tolerate("the error VERSION_MISMATCH for a client without PROTOCOL_AUTH_SELECTION")
    else:
        raise Failure("link result OK (0) for a ticket that comes at once", str(found))
    client.alive(talk)


@server_case("SPICE-LINK-038/mechanism-left-out", channel="main", after=("SPICE-LINK-040/mechanism-77",))
def mechanism_left_out(client: SuiteClient) -> None:
    """Both ends announced PROTOCOL_AUTH_SELECTION, and the ticket comes at once: its first bytes are no mechanism."""
    wire = client.begin()
    reply = wire.reply()
    server = client.announced(reply)
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION) or not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}: no mechanism, or no ticket")
    wire.ticket(reply.pub_key)
    _mechanism_refused(client, wire)


@server_case("SPICE-LINK-040/mechanism-0", 0, channel="main", tags=("probe:auth-mech-0",))
@server_case("SPICE-LINK-040/mechanism-3", 3, channel="main")
@server_case("SPICE-LINK-040/mechanism-7", 7, channel="main", tags=("probe:auth-mech-7",))
@server_case("SPICE-LINK-040/mechanism-77", 77, channel="main")
@server_case("SPICE-LINK-040/mechanism-1-big-endian", 1 << 24, channel="main")
@server_case("SPICE-LINK-040/mechanism-4294967295", ALL_ONES, channel="main")
def unknown_mechanism(client: SuiteClient, number: int) -> None:
    """A mechanism that nobody knows."""
    wire = client.begin()
    server = client.announced(wire.reply())
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}, without PROTOCOL_AUTH_SELECTION")
    wire.mechanism(number)
    _mechanism_refused(client, wire)


@server_case("SPICE-LINK-040/sasl-not-announced", channel="main", tags=("probe:auth-mech-sasl-unoffered",))
def sasl_not_announced(client: SuiteClient) -> None:
    """The mechanism SASL at a server that did not announce AUTH_SASL."""
    _mechanism_refused(client, _sasl_chosen(client, COMMON))


@server_case("SPICE-LINK-041/not-announced", COMMON.common, channel="main")
@server_case("SPICE-LINK-041/announced-by-the-client-only", WITH_SASL.common, channel="main")
def no_mechanism_list(client: SuiteClient, common: int) -> None:
    """The mechanism SASL at a server that did not announce AUTH_SASL: whatever it answers, it is no list of mechanisms."""
    wire = _sasl_chosen(client, Capabilities(common, 0))
    names = _mechanism_list(wire, wire.result())
    if names:
        raise Failure("a link result other than OK", f"a list of SASL mechanisms: {', '.join(names)}")


def _sasl_chosen(client: SuiteClient, common: Capabilities) -> ClientWire:
    """A connection on which the client has chosen SASL, which the server does not have."""
    wire = client.begin(common=common)
    server = client.announced(wire.reply())
    if server.has(CommonCapability.AUTH_SASL):
        raise NotApplicable(f"the server announced AUTH_SASL (common capabilities {server.common:#x})")
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}, without PROTOCOL_AUTH_SELECTION")
    wire.mechanism(AuthMechanism.SASL)
    return wire


@server_case("SPICE-LINK-024/after-a-mechanism", channel="main", after=("SPICE-LINK-040/mechanism-77",))
def after_a_mechanism(client: SuiteClient) -> None:
    """A mechanism that nobody knows, and a good ticket: the connection is closed, and the ticket is not looked at."""
    wire = client.begin()
    reply = wire.reply()
    server = client.announced(reply)
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION) or not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}: no mechanism, or no ticket")
    wire.mechanism(77)
    wire.result()
    wire.ticket(reply.pub_key)
    wire.expect_closed()


@server_case("SPICE-LINK-042/no-auth-selection", channel="main", needs=("sasl-only",))
def sasl_only(client: SuiteClient) -> None:
    """A server that takes SASL only, and a client that cannot choose it."""
    wire = client.begin(common=WITH_SASL.without(CommonCapability.PROTOCOL_AUTH_SELECTION))
    answer = wire.answer()
    if answer.kind != "reply" or answer.error != LinkErr.VERSION_MISMATCH:
        raise Failure("a link reply with the error VERSION_MISMATCH (4)", str(answer))
    wire.expect_closed(rest=True)


@server_case("SPICE-LINK-042/no-words", channel="main", needs=("sasl-only",),
             after=("SPICE-LINK-019/no-channel-words", "SPICE-LINK-020/neither-login"))  # fmt: skip
def sasl_only_and_no_words(client: SuiteClient) -> None:
    """A server that takes SASL only, and a client that announces nothing."""
    wire = client.connect()
    wire.send(link_message(MAIN), "a link message without capability words")
    answer = wire.answer()
    if answer.kind != "reply" or answer.error != LinkErr.VERSION_MISMATCH:
        raise Failure("a link reply with the error VERSION_MISMATCH (4)", str(answer))
    wire.expect_closed(rest=True)


# -- 1.6 ticket


@server_case("SPICE-LINK-004/mechanism-and-ticket", channel="main")
def mechanism_and_ticket(client: SuiteClient) -> None:
    """Mechanism and ticket in one write."""
    wire = client.begin()
    reply = wire.reply()
    server = client.announced(reply)
    if not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION) or not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}: no mechanism, or no ticket")
    wire.send(AuthMechanism.SPICE.to_bytes(4, "little") + wire.encrypted(reply.pub_key), "mechanism and ticket in one write")
    _expect_logged_in(wire.result())
    client.begun(wire, MAIN, 0, COMMON, server).expect("INIT")


def _key(client: SuiteClient, channel_type: int = MAIN) -> bytes:
    """The key in a link reply, of a server that takes tickets."""
    reply = client.begin(channel_type).reply()
    server = client.announced(reply)
    if server.has(CommonCapability.AUTH_SASL) and not server.has(CommonCapability.AUTH_SPICE):
        raise NotApplicable("the server announced AUTH_SASL and no ticket")
    return reply.pub_key


@server_case("SPICE-LINK-043/key", channel="main")
def key(client: SuiteClient) -> None:
    """The key in the link reply, byte for byte."""
    found = _key(client)
    modulus = found[len(KEY_HEAD) : -len(KEY_TAIL)]
    if found[: len(KEY_HEAD)] != KEY_HEAD:
        raise Failure(f"DER of an RSA key of 1024 bits: {KEY_HEAD.hex()} and a modulus", found[: len(KEY_HEAD)].hex())
    if found[-len(KEY_TAIL) :] != KEY_TAIL:
        raise Failure("the exponent 65537 at the end of the 162 bytes: 0203010001", found[-len(KEY_TAIL) :].hex())
    if not modulus[0] & 0x80 or not modulus[-1] & 1:
        raise Failure("an odd modulus of 1024 bits", f"{modulus[:2].hex()}...{modulus[-2:].hex()}")


_OTHERS_WAIT: Final = ("SPICE-LINK-064/half-a-header",)
"""Whether a second link can be begun at all before the first is finished."""


@server_case("SPICE-LINK-044/two-links", MAIN, channel="main", after=_OTHERS_WAIT)
@server_case("SPICE-LINK-044/two-channels", DISPLAY, channel="display", after=_OTHERS_WAIT)
def two_keys(client: SuiteClient, second: int) -> None:
    """The keys of two links differ, which are open at the same time."""
    if second != MAIN:
        client.main()
    if _key(client) == _key(client, second):
        raise Failure("another key for another link", "the same key twice")


@server_case("SPICE-LINK-044/one-after-another", channel="main")
def key_of_a_link_that_is_over(client: SuiteClient) -> None:
    """The key of a link that has logged in is not used again."""
    wire, reply = client.ticket_stage()
    wire.ticket(reply.pub_key)
    _expect_logged_in(wire.result())
    if _key(client) == reply.pub_key:
        raise Failure("another key for another link", "the same key twice")


@server_case("SPICE-LINK-046/no-zero-byte", b"", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/two-zero-bytes", b"\0\0", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/bytes-behind-the-zero-byte", b"\0and more", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-046/as-many-bytes-as-fit", b"\0" + b"x" * LONGEST_PLAINTEXT, channel="main", needs=("ticket",))
def behind_the_password(client: SuiteClient, rest: bytes) -> None:
    """The right password, and behind it something else than one zero byte."""
    wire, reply = client.ticket_stage()
    wire.plain_ticket(reply.pub_key, (client.password.encode() + rest)[:LONGEST_PLAINTEXT])
    _expect_logged_in(wire.result())


def _wrong(password: bytes, kind: str) -> bytes:
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
    wire, reply = client.ticket_stage()
    wire.plain_ticket(reply.pub_key, _wrong(client.password.encode(), kind))
    _denied(client, wire)
    client.main()


_NO_TICKETS: Final = {
    "zeros": bytes(CIPHERTEXT_SIZE),
    "ones": b"\xff" * CIPHERTEXT_SIZE,
    "garbage": bytes(range(CIPHERTEXT_SIZE)),
}
"""Bytes that no key decrypts. Ones are more than any modulus."""


@server_case("SPICE-LINK-048/zeros", "zeros", channel="main", needs=("ticket",), tags=("probe:ticket-zero",))
@server_case("SPICE-LINK-048/ones", "ones", channel="main", needs=("ticket",))
@server_case("SPICE-LINK-048/garbage", "garbage", channel="main", needs=("ticket",), tags=("probe:ticket-garbage",))
def cannot_be_decrypted(client: SuiteClient, kind: str) -> None:
    """A ticket that cannot be decrypted, where a password is wanted."""
    wire, _ = client.ticket_stage()
    wire.send(_NO_TICKETS[kind], f"{CIPHERTEXT_SIZE} bytes that are no ticket")
    _denied(client, wire)


@server_case("SPICE-LINK-048/key-of-another-link", channel="main", needs=("ticket",), after=("SPICE-LINK-044/two-links",))
def key_of_another_link(client: SuiteClient) -> None:
    """The right password, encrypted with the key of another link."""
    other = client.begin().reply().pub_key
    wire, _ = client.ticket_stage()
    wire.ticket(other)
    _denied(client, wire)


@server_case("SPICE-LINK-048/on-display", channel="display", needs=("ticket",))
def wrong_password_on_display(client: SuiteClient) -> None:
    """A wrong ticket on a display of a running session, which goes on."""
    talk, listed = client.session()
    if (DISPLAY, 0) not in listed:
        raise NotApplicable("the list of channels has no display")
    wire, reply = client.ticket_stage(DISPLAY)
    wire.ticket(reply.pub_key, client.password + "x")
    _denied(client, wire)
    client.alive(talk)


@server_case("SPICE-LINK-048/expired", channel="main",
             needs=("ticket", "control:expire-password", "control:set-password"))  # fmt: skip
def expired(client: SuiteClient) -> None:
    """The right password, which has expired."""
    with _password_comes_back(client):
        client.control("expire-password", 0)
        client.quiet()
        wire, reply = client.ticket_stage()
        wire.ticket(reply.pub_key)
        _denied(client, wire)


_WITHOUT_ZERO: Final = ("SPICE-LINK-046/no-zero-byte",)


@server_case("SPICE-LINK-049/empty", b"\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/nothing", b"", channel="main", needs=("no-ticket",), after=_WITHOUT_ZERO)
@server_case("SPICE-LINK-049/some-password", b"anything goes\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/no-zero-byte", b"anything goes", channel="main", needs=("no-ticket",), after=_WITHOUT_ZERO)
@server_case("SPICE-LINK-049/60-bytes", b"\x80" * 60 + b"\0", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-049/86-bytes", b"x" * LONGEST_PLAINTEXT, channel="main", needs=("no-ticket",), after=_WITHOUT_ZERO)
def any_password(client: SuiteClient, plaintext: bytes) -> None:
    """A ticket with any password, where none is wanted."""
    wire, reply = client.ticket_stage()
    wire.plain_ticket(reply.pub_key, plaintext)
    _expect_logged_in(wire.result())
    client.begun(wire, MAIN, 0, COMMON, client.announced(reply)).expect("INIT")


@server_case("SPICE-LINK-050/zeros", "zeros", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-050/ones", "ones", channel="main", needs=("no-ticket",))
@server_case("SPICE-LINK-050/garbage", "garbage", channel="main", needs=("no-ticket",))
def cannot_be_decrypted_for_nothing(client: SuiteClient, kind: str) -> None:
    """A ticket that cannot be decrypted, where no password is wanted."""
    wire, _ = client.ticket_stage()
    wire.send(_NO_TICKETS[kind], f"{CIPHERTEXT_SIZE} bytes that are no ticket")
    _denied(client, wire)


_EXPIRY: Final = ("ticket", "control:expire-password", "control:set-password")


@server_case("SPICE-LINK-051/display-after-main", channel="display", needs=_EXPIRY, after=("SPICE-LINK-052/another-password",))
def display_after_expiry(client: SuiteClient) -> None:
    """The password expires between main and display: display is refused, and main goes on."""
    with _password_comes_back(client):
        talk, listed = client.session()
        if (DISPLAY, 0) not in listed:
            raise NotApplicable("the list of channels has no display")
        client.control("expire-password", 0)
        client.quiet()
        wire, reply = client.ticket_stage(DISPLAY)
        wire.ticket(reply.pub_key)
        _not_logged_in(client, wire)
        client.alive(talk, "it was linked before the password expired")


@server_case("SPICE-LINK-051/between-link-reply-and-ticket", channel="main", needs=_EXPIRY)
def expires_before_the_ticket(client: SuiteClient) -> None:
    """The password expires when the link reply was sent and the ticket was not: it is the ticket's time that counts."""
    with _password_comes_back(client):
        wire, reply = client.ticket_stage()
        client.control("expire-password", 0)
        client.quiet()
        wire.ticket(reply.pub_key)
        _not_logged_in(client, wire)


@server_case("SPICE-LINK-051/in-time", channel="display", needs=_EXPIRY, slow=5.0)
def expires_in_time(client: SuiteClient) -> None:
    """A password that expires in 2 s: main is linked before that, and display is refused after it."""
    with _password_comes_back(client):
        client.control("expire-password", 2)
        talk, listed = client.session()
        if (DISPLAY, 0) not in listed:
            raise NotApplicable("the list of channels has no display")
        client.wait(4.0)
        wire, reply = client.ticket_stage(DISPLAY)
        wire.ticket(reply.pub_key)
        _not_logged_in(client, wire)
        client.alive(talk, "it was linked before the password expired")


@server_case("SPICE-LINK-052/another-password", channel="inputs", needs=("ticket", "control:set-password"),
             after=("SPICE-LINK-048/wrong",))  # fmt: skip
def another_password(client: SuiteClient) -> None:
    """The password changes in a session: it goes on, and another channel is linked with the new one, not with the old."""
    with _password_comes_back(client):
        talk, listed = client.session()
        if (INPUTS, 0) not in listed:
            raise NotApplicable("the list of channels has no inputs")
        other = "another " + client.password
        client.control("set-password", other)
        client.alive(talk, "it has logged in before the password changed")
        wire, reply = client.ticket_stage(INPUTS)
        wire.ticket(reply.pub_key)
        _not_logged_in(client, wire)
        keyboard = client.link(INPUTS, password=other)
        keyboard.expect("INIT")
        client.alive(talk)


# -- 1.7 SASL


def _sasl_stage(
    client: SuiteClient, channel_type: int = MAIN, connection_id: int | None = None, *, secure: bool | None = None
) -> tuple[ClientWire, Capabilities, tuple[str, ...]]:
    """A connection on which the server has sent its list of mechanisms; what it announced, and the list."""
    wire = client.begin(channel_type, 0, connection_id, common=WITH_SASL, secure=secure)
    server = client.announced(wire.reply())
    if not server.has(CommonCapability.AUTH_SASL) or not server.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        raise NotApplicable(f"the server announced common capabilities {server.common:#x}: no SASL")
    wire.mechanism(AuthMechanism.SASL)
    wire.step("expect a list of mechanisms")
    size = int.from_bytes(wire.need(4, "the length of a list of mechanisms"), "little")
    if not 0 < size <= MECHANISM_LIST:
        raise Failure(f"a list of mechanisms of at most {MECHANISM_LIST} bytes", f"{size} bytes are announced")
    return wire, server, split_mechanisms(wire.need(size, f"a list of mechanisms of {size} bytes"))


def _challenge(wire: ClientWire) -> tuple[bytes, bool] | Answer:
    """What the length of the next challenge counts, and whether it is the last; or what came instead."""
    wire.step("expect a challenge")
    head = wire.take(4)
    if head is None:
        return Answer("bytes" if wire.stream.received else "closed" if wire.stream.ended else "silence", stage="login")
    size = int.from_bytes(head, "little")
    if size > limits.SASL_DATA:
        raise Failure(f"a challenge of at most {limits.SASL_DATA} bytes", f"{size} bytes are announced")
    rest = wire.take(size + 1)
    return Answer("bytes", stage="login") if rest is None else (rest[:-1], bool(rest[-1]))


class _Sasl:
    """One login. ``frames`` are the challenges as they came, with what their length counts."""

    def __init__(self, client: SuiteClient, mechanism: str, *, username: str = "", password: str = "",
                 channel_type: int = MAIN, connection_id: int | None = None) -> None:  # fmt: skip
        self.client = client
        self.mechanism = mechanism
        self.wire, self.server, names = _sasl_stage(client, channel_type, connection_id)
        self.login = mechanisms.client(username or client.username, password or client.password, (mechanism,))
        if self.login.choose(names) is None:
            raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}, and not {mechanism}")
        self.frames: list[bytes] = []

    def start(self, *, without_response: bool = False) -> None:
        """Name the mechanism, and say what the client says first."""
        first = None if without_response else self.login.start().data
        name = self.mechanism.encode()
        self.wire.send(len(name).to_bytes(4, "little") + name + pack(first), f"{self.mechanism}, {_bytes(first)}")

    def challenge(self) -> tuple[bytes | None, bool] | Answer:
        """The next challenge, and whether it is the last; or what came instead."""
        found = _challenge(self.wire)
        if isinstance(found, Answer):
            return found
        frame, complete = found
        self.frames.append(frame)
        # Whether the zero byte is there is a question of its own.
        return (frame.removesuffix(b"\0") if frame else None), complete

    def run(self) -> Answer:
        """All challenges and responses; the link result, or what came instead of it or before. The first response was sent."""
        for _ in range(ROUNDS):
            found = self.challenge()
            if isinstance(found, Answer):
                return found
            data, complete = found
            if complete:
                outcome = self.wire.result()
                # Behind how SASL ended comes the link result.
                return self.wire.result() if outcome.kind == "result" and outcome.error == LinkErr.OK else outcome
            step = self.login.step(data)
            if step.failed:
                raise Failure(f"a challenge of {self.mechanism}", repr(data))
            self.wire.send(pack(step.data), f"a response, {_bytes(step.data)}")
        raise Failure(f"an end after {ROUNDS} challenges", "another challenge")


def _bytes(data: bytes | None) -> str:
    return "no data" if data is None else f"{len(data)} bytes"


def _sasl_failed(client: SuiteClient, wire: ClientWire, answer: Answer) -> None:
    """The login ended with a complete challenge, which was read, and PERMISSION_DENIED."""
    client.note(f"answered with: {answer}")
    if answer.kind == "closed":
        client.tolerate("closing without an answer")
        return
    if answer.kind != "result" or answer.error != LinkErr.PERMISSION_DENIED:
        raise Failure("a complete challenge and the link result PERMISSION_DENIED (7)", str(answer))


def _given_up(client: SuiteClient, wire: ClientWire) -> None:
    """The server refuses what it was sent: it closes, or there is a link result other than OK, with or without a challenge."""
    answer = wire.result()
    client.note(f"answered with: {answer}")
    if answer.kind == "closed":
        return
    if answer.kind == "second-reply" and answer.error:
        client.tolerate(f"a second link header and link reply with the error {named(LinkErr, answer.error)}")
        return
    if answer.kind != "result":
        raise Failure("a refusal: the end of the connection, or a link result other than OK", str(answer))
    said = answer.error
    if said == 0:
        # Perhaps not the link result, but the length of a complete challenge before it.
        rest = wire.take(5)
        said = int.from_bytes(rest[1:], "little") if rest is not None and rest[:1] == b"\1" else 0
    if not said or said > max(LinkErr):
        raise Failure("a refusal: the end of the connection, or a link result other than OK", f"the number {said}")


def _taken(wire: ClientWire) -> None:
    """The server has an answer, whatever it is, to what was complete at last."""
    if wire.take(4) is None and not wire.stream.ended:
        raise Failure("an answer", wire.state())


@server_case("SPICE-LINK-057/challenges", "SCRAM-SHA-256", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-057/challenges-of-scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-057/challenges-of-plain", "PLAIN", channel="main", needs=("sasl",))
def zero_bytes(client: SuiteClient, mechanism: str) -> None:
    """A zero byte stands behind every challenge, and its length counts it."""
    sasl = _Sasl(client, mechanism)
    sasl.start()
    sasl.run()
    for number, frame in enumerate(sasl.frames, 1):
        if frame and frame[-1]:
            raise Failure(f"a zero byte at the end of the {len(frame)} bytes of challenge {number}", f"{frame[-8:].hex()}")


@server_case("SPICE-LINK-057/no-first-response", channel="main", needs=("sasl",), after=("SPICE-LINK-061/plain",))
def no_first_response(client: SuiteClient) -> None:
    """A first response that is absent: PLAIN is asked for it with an empty challenge, and logs in."""
    sasl = _Sasl(client, "PLAIN")
    sasl.start(without_response=True)
    found = sasl.challenge()
    if isinstance(found, Answer) or found[0] or found[1]:
        raise Failure("a challenge without data that is not the last", str(found) if isinstance(found, Answer) else repr(found))
    response = sasl.login.start().data
    sasl.wire.send(pack(response), f"a response, {_bytes(response)}")
    _expect_logged_in(sasl.run())


@server_case("SPICE-LINK-058/name-of-0-bytes", 0, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/name-of-101-bytes", MECHANISM_NAME + 1, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/name-of-4294967295-bytes", ALL_ONES, channel="main", needs=("sasl",))
def name_of_a_wrong_size(client: SuiteClient, size: int) -> None:
    """The name of a mechanism is announced with a size out of bounds, and does not follow."""
    wire, _, _ = _sasl_stage(client)
    wire.send(size.to_bytes(4, "little"), f"the length of a mechanism name, {size}")
    _given_up(client, wire)


@server_case("SPICE-LINK-058/name-of-100-bytes", channel="main", needs=("sasl",))
def longest_name(client: SuiteClient) -> None:
    """A mechanism name of 100 bytes is read, and not refused before; it is not in the list."""
    wire, _, _ = _sasl_stage(client)
    wire.send(MECHANISM_NAME.to_bytes(4, "little"), f"the length of a mechanism name, {MECHANISM_NAME}")
    wire.expect_silence("the name has not been sent")
    if wire.stream.ended:
        raise Failure("the server waits for the name of 100 bytes", wire.state())
    wire.send(b"X" * MECHANISM_NAME + pack(None), "a name of 100 bytes, and no first response")
    _taken(wire)


def _offered(client: SuiteClient) -> tuple[ClientWire, bytes]:
    """A connection, and the name of a mechanism in the server's list that the suite knows, as it is sent."""
    wire, _, names = _sasl_stage(client)
    name = next((name for name in mechanisms.MECHANISMS if name in names), "").encode()
    if not name:
        raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}")
    return wire, len(name).to_bytes(4, "little") + name


@server_case("SPICE-LINK-058/response-of-1048577-bytes", limits.SASL_DATA + 1, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/response-of-4294967295-bytes", ALL_ONES, channel="main", needs=("sasl",))
def response_of_a_wrong_size(client: SuiteClient, size: int) -> None:
    """A first response is announced with a size out of bounds, and does not follow."""
    wire, name = _offered(client)
    wire.send(name + size.to_bytes(4, "little"), f"a mechanism, and the length of a first response, {size}")
    _given_up(client, wire)


@server_case("SPICE-LINK-058/later-response-of-1048577-bytes", channel="main", needs=("sasl",))
def later_response_of_a_wrong_size(client: SuiteClient) -> None:
    """The response to a challenge is announced with a size out of bounds, and does not follow."""
    sasl = _Sasl(client, "PLAIN")
    sasl.start(without_response=True)
    found = sasl.challenge()
    if isinstance(found, Answer):
        raise Failure("a challenge", str(found))
    size = limits.SASL_DATA + 1
    sasl.wire.send(size.to_bytes(4, "little"), f"the length of a response, {size}")
    _given_up(client, sasl.wire)


@server_case("SPICE-LINK-058/response-of-1048576-bytes", channel="main", needs=("sasl",))
def longest_response(client: SuiteClient) -> None:
    """A first response of 1048576 bytes is read, and not refused before; it makes no sense."""
    wire, name = _offered(client)
    size = limits.SASL_DATA
    wire.send(name + size.to_bytes(4, "little"), f"a mechanism, and the length of a first response, {size}")
    wire.expect_silence("the response has not been sent")
    if wire.stream.ended:
        raise Failure(f"the server waits for the response of {size} bytes", wire.state())
    wire.send(b"x" * (size - 1) + b"\0", f"{size} bytes")
    _taken(wire)


@server_case("SPICE-LINK-060/plain", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/scram-sha-256", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def wrong_sasl_password(client: SuiteClient, mechanism: str) -> None:
    """A login with a wrong password."""
    sasl = _Sasl(client, mechanism, password=client.password + "x")
    sasl.start()
    _sasl_failed(client, sasl.wire, sasl.run())


@server_case("SPICE-LINK-060/unknown-user", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/unknown-user-of-scram", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def unknown_user(client: SuiteClient, mechanism: str) -> None:
    """A login with a name that nobody has."""
    sasl = _Sasl(client, mechanism, username="nobody-" + client.username)
    sasl.start()
    _sasl_failed(client, sasl.wire, sasl.run())


@server_case("SPICE-LINK-060/response-without-sense", channel="main", needs=("sasl",))
def response_without_sense(client: SuiteClient) -> None:
    """A first response that the mechanism cannot read."""
    sasl = _Sasl(client, "PLAIN")
    sasl.wire.send(len(b"PLAIN").to_bytes(4, "little") + b"PLAIN" + pack(b"no zero bytes"), "PLAIN, 13 bytes without sense")
    _sasl_failed(client, sasl.wire, sasl.run())


@server_case("SPICE-LINK-024/after-sasl", channel="main", needs=("sasl",), after=("SPICE-LINK-060/plain",))
def after_sasl(client: SuiteClient) -> None:
    """A SASL login that failed, and a good one behind it: the connection is closed, and the second is not looked at."""
    sasl = _Sasl(client, "PLAIN", password=client.password + "x")
    sasl.start()
    sasl.run()
    good = f"\0{client.username}\0{client.password}".encode()
    sasl.wire.send(len(b"PLAIN").to_bytes(4, "little") + b"PLAIN" + pack(good), "PLAIN with the right password")
    sasl.wire.expect_closed()


def _sasl_session(client: SuiteClient, mechanism: str) -> Talk:
    """The main channel of a new session, with INIT read."""
    sasl = _Sasl(client, mechanism)
    sasl.start()
    _expect_logged_in(sasl.run())
    talk = client.begun(sasl.wire, MAIN, 0, WITH_SASL, sasl.server)
    client.session_id = talk.expect("INIT").session_id
    return talk


@server_case("SPICE-LINK-061/plain", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-061/scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-061/scram-sha-256", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def no_layer(client: SuiteClient, mechanism: str) -> None:
    """A login by a mechanism without a security layer: the result of SASL, the link result and all messages are in clear."""
    client.lean("SPICE-LINK-057/challenges", "SPICE-LINK-057/challenges-of-scram-sha-1")
    client.alive(_sasl_session(client, mechanism))


@server_case("SPICE-LINK-061/every-channel", channel="inputs", needs=("sasl",))
def every_channel(client: SuiteClient) -> None:
    """Another channel of the session logs in by SASL as well."""
    talk = _sasl_session(client, "PLAIN")
    if (INPUTS, 0) not in client.channels(talk):
        raise NotApplicable("the list of channels has no inputs")
    sasl = _Sasl(client, "PLAIN", channel_type=INPUTS)
    sasl.start()
    _expect_logged_in(sasl.run())
    client.begun(sasl.wire, INPUTS, 0, WITH_SASL, sasl.server).expect("INIT")
    client.alive(talk)


@server_case("SPICE-LINK-031/after-sasl", channel="inputs", needs=("sasl",), after=("SPICE-LINK-061/plain",))
def no_such_session_after_sasl(client: SuiteClient) -> None:
    """A channel of no session logs in by SASL: that went well, and the link result behind it says what did not."""
    sasl = _Sasl(client, "PLAIN", channel_type=INPUTS, connection_id=client.bad_connection_id)
    sasl.start()
    answer = sasl.run()
    if answer.kind != "result" or answer.error != LinkErr.BAD_CONNECTION_ID:
        raise Failure("link result BAD_CONNECTION_ID (8) behind the result OK of SASL", str(answer))


@server_case("SPICE-LINK-061/digest-md5", channel="main", needs=("sasl", "plain"))
def security_layer(client: SuiteClient) -> None:
    """DIGEST-MD5 without TLS: the result of SASL is in clear, and what follows is sealed, beginning with the link result."""
    wire, server, names = _sasl_stage(client, secure=False)
    if DIGEST not in names:
        raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}, and not {DIGEST}")
    login = DigestClient(client.username, client.password, "localhost", "the suite's own number")
    wire.send(len(DIGEST).to_bytes(4, "little") + DIGEST.encode() + pack(None), f"{DIGEST}, no data")
    first = _challenge(wire)
    if isinstance(first, Answer):
        raise Failure("a challenge", str(first))
    response = login.respond(first[0].removesuffix(b"\0"))
    if response is None:
        raise NotApplicable(f"the server's challenge has no {QUALITY} with {CIPHER}: {first[0]!r}")
    wire.send(pack(response), f"a response, {_bytes(response)}")
    last = _challenge(wire)
    if isinstance(last, Answer) or not last[1] or not login.proves(last[0].removesuffix(b"\0")):
        raise Failure("a complete challenge with the server's proof", str(last) if isinstance(last, Answer) else repr(last[0]))
    _expect_logged_in(wire.result())
    sealed = _Sealed(wire, login, caps.mini_header(WITH_SASL, server))
    sealed.expect_result(client)
    sealed.expect(client, "INIT")
    sealed.send(main.AttachChannels(), "ATTACH_CHANNELS, sealed")
    sealed.expect(client, "CHANNELS_LIST")


class _Sealed:
    """The messages of main behind a security layer."""

    def __init__(self, wire: ClientWire, login: DigestClient, mini: bool) -> None:
        self._wire = wire
        self._layer = login.layer()
        self._reader = framing.Reader(mini)
        self._writer = framing.Writer(mini)
        self._rest = b""

    def send(self, value: object, text: str) -> None:
        """A message in a packet of its own."""
        self._wire.send(self._layer.wrap(self._writer.frame(*dispatch.build("main", "client", value))), text)

    def expect_result(self, client: SuiteClient) -> None:
        """The link result, sealed. Raises Failure."""
        wire = self._wire
        wire.step("expect link result OK in a sealed packet")

        def come() -> bool:
            self._unwrap()
            return len(self._rest) >= 4 or bool(wire.stream.ended)

        client.run(come)
        if self._rest[:4] != bytes(4):
            raise Failure("link result OK (0), the first that is sealed", self._rest[:4].hex() or wire.state())
        self._rest = self._rest[4:]

    def expect(self, client: SuiteClient, name: str) -> None:
        """Take packets until this message has come. Raises Failure."""
        wire = self._wire
        wire.step(f"expect {name} in a sealed packet")
        found = False

        def come() -> bool:
            nonlocal found
            self._unwrap()
            message, self._rest = self._rest, b""
            try:
                frames = self._reader.feed(message)
            except RemoteError as error:
                raise Failure("messages in sealed packets", str(error)) from None
            found = found or any(self._names(number, name) for number, *_ in frames)
            return found or bool(wire.stream.ended)

        client.run(come)
        if not found:
            raise Failure(f"{name} in a sealed packet", wire.state())

    def _unwrap(self) -> None:
        """Open what packets there are."""
        try:
            self._rest += self._layer.unwrap(self._wire.stream.received)
        except ValueError as error:
            raise Failure("packets of the security layer from the first byte behind the result of SASL", str(error)) from None

    @staticmethod
    def _names(number: int, name: str) -> bool:
        row = dispatch.row("main", "server", number)
        return row is not None and row.name == name


@server_case("SPICE-LINK-063/silence-in-sasl", channel="main", needs=("sasl",), slow=64.0, after=_OTHERS_WAIT)
def silence_in_sasl(client: SuiteClient) -> None:
    """Connections on which the client falls silent within a SASL login."""
    wires: dict[str, ClientWire] = {"the list of mechanisms": _sasl_stage(client)[0]}
    wires["half a name"], name = _offered(client)
    wires["half a name"].send(name[:7], "half the name of a mechanism")
    sasl = _Sasl(client, "PLAIN")
    sasl.start(without_response=True)
    if not isinstance(sasl.challenge(), Answer):
        wires["a challenge"] = sasl.wire
    client.step("expect every connection to be closed 60 s later")
    client.run(lambda: all(wire.stream.ended for wire in wires.values()), 63.0)
    left = [what for what, wire in wires.items() if not wire.stream.ended]
    if left:
        raise Failure("a link is closed on which the client is silent for 60 s", f"open after 63 s: after {', '.join(left)}")
