"""Clients: mechanism, ticket, SASL (spec/01-link.md, 1.5 to 1.7)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import ServerWire, SuiteServer
from conformance.case import client_case
from conformance.digest_md5 import NAME as DIGEST
from conformance.digest_md5 import DigestServer, Layer
from conformance.outcome import Refusal
from conformance.sasl_login import LARGEST, SaslLogin, said
from conformance.talk import Failure, NotApplicable, error_name, named
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.flow import pong
from spiceproto.messages import common
from spiceproto.ticket import CIPHERTEXT_SIZE, PUBLIC_KEY_SIZE

_REDQ: Final = int.from_bytes(b"REDQ", "little")
_PASSWORD: Final = 60
_LIST: Final = 300
_ROUNDS: Final = 32

_SELECTION: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.MINI_HEADER)
_TICKET: Final = _SELECTION.with_(CommonCapability.AUTH_SPICE)
_SASL: Final = _SELECTION.with_(CommonCapability.AUTH_SASL)
_BOTH: Final = _TICKET.with_(CommonCapability.AUTH_SASL)
_NO_SELECTION: Final = NONE.with_(CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)

_ANNOUNCED: Final = {
    "selection": _SELECTION,
    "selection and ticket": _TICKET,
    "selection, ticket and SASL": _BOTH,
    "ticket without selection": _NO_SELECTION,
}
"""What the suite announces, in the words of the cases' titles."""

_SCRAM: Final = ("SCRAM-SHA-256", "SCRAM-SHA-1")
_ALL: Final = (*_SCRAM, "PLAIN")

_WITH_SASL: Final = ("client-sasl", "client-tls")
"""Over TLS: no client should give its password to PLAIN without it."""

_WAITS: Final = ("SPICE-LINK-003/result-withheld",)
_CHOOSES: Final = ("SPICE-LINK-059/one-of-all",)
_LOGS_IN: Final = (*_CHOOSES, "SPICE-LINK-061/result-after-plain")
_SASL_WAITS: Final = ("SPICE-LINK-003/result-withheld-after-sasl",)


def _asked(server: SuiteServer) -> ServerWire:
    """The first connection, with its link message read."""
    wire = server.accept()
    wire.link_message()
    return wire


# -- 1.5 mechanism


def _mechanism_and_ticket(wire: ServerWire) -> None:
    """Exactly as many bytes as are due at one link; what is in them is for other cases. Raises Failure."""
    size = 4 + CIPHERTEXT_SIZE if wire.selects else CIPHERTEXT_SIZE
    due = f"{size} bytes: a mechanism and a ticket" if wire.selects else f"{size} bytes: a ticket, and no mechanism before it"
    wire.step(f"expect {due}")
    wire.need(size, due)
    wire.silent()
    if wire.stream.received:
        raise Failure(f"{due} (channel type {wire.asked.channel[0]})", f"{size + len(wire.stream.received)} bytes")


@client_case("SPICE-LINK-037/with-selection", "selection and ticket", channel="main", after=_WAITS)
@client_case("SPICE-LINK-037/without-selection", "ticket without selection", channel="main", after=_WAITS)
def mechanism_due(server: SuiteServer, announced: str) -> None:
    """A mechanism before the ticket where both announced the selection, and none where the server did not."""
    wire = _asked(server)
    wire.reply(common=_ANNOUNCED[announced])
    _mechanism_and_ticket(wire)
    wire.result()
    server.begins(wire)


@client_case("SPICE-LINK-037/selection-for-main-only", "selection and ticket", "ticket without selection",
             after=("SPICE-LINK-037/without-selection",))  # fmt: skip
@client_case("SPICE-LINK-037/selection-but-for-main", "ticket without selection", "selection and ticket",
             after=("SPICE-LINK-037/without-selection",))  # fmt: skip
def mechanism_of_each_link(server: SuiteServer, for_main: str, for_others: str) -> None:
    """Each link goes by what was announced on it, not by what was announced on main."""
    talk = server.session(common=_ANNOUNCED[for_main])
    wire = server.another(server.target.start_time + server.network.patience)
    if wire is None:
        raise NotApplicable("the client links no channel but main")
    wire.link_message()
    wire.reply(common=_ANNOUNCED[for_others])
    _mechanism_and_ticket(wire)
    wire.result()
    server.serve(server.begun(wire))
    server.alive(talk)


@client_case("SPICE-LINK-039/ticket-announced", "selection and ticket", (1,), channel="main")
@client_case("SPICE-LINK-039/nothing-announced", "selection", (1,), channel="main")
@client_case("SPICE-LINK-039/both-announced", "selection, ticket and SASL", (1, 2), channel="main")
def choice_of_mechanism(server: SuiteServer, announced: str, allowed: tuple[int, ...]) -> None:
    """The client chooses what the server announced; the ticket if it announced neither."""
    wire = _asked(server)
    if not wire.asked.capabilities.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        raise NotApplicable("the client does not announce PROTOCOL_AUTH_SELECTION")
    wire.reply(common=_ANNOUNCED[announced])
    found = wire.mechanism()
    if found not in allowed:
        wanted = " or ".join([named(AuthMechanism, number) for number in allowed])
        raise Failure(f"mechanism {wanted}", named(AuthMechanism, found))
    if found == AuthMechanism.SPICE:
        wire.ticket()
        wire.result()
        server.begins(wire)
    wire.close()


@client_case("SPICE-LINK-039/sasl-announced", channel="main")
def sasl_only(server: SuiteServer) -> None:
    """A server that announces SASL only gets mechanism 2, or nothing."""
    wire = _asked(server)
    if not wire.asked.capabilities.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        raise NotApplicable("the client does not announce PROTOCOL_AUTH_SELECTION")
    wire.reply(common=_SASL)
    wire.step("expect mechanism 2 (SASL), or nothing")
    wire.silent()
    data = bytes(wire.stream.received)
    if data and data != AuthMechanism.SASL.to_bytes(4, "little"):
        found = named(AuthMechanism, int.from_bytes(data[:4], "little"))
        raise Failure("mechanism SASL (2) alone, or nothing", f"{len(data)} bytes, mechanism {found}")
    wire.close()


# -- 1.6 ticket


def _password_in(plaintext: bytes | None, password: str) -> None:
    """The plain text of a ticket is the password and one zero byte. Raises Failure."""
    if plaintext is None:
        raise Failure("a ticket that RSAES-OAEP (SHA-1, MGF1 with SHA-1, empty label) decrypts with the key of the link reply",
                      "128 bytes that it does not decrypt")  # fmt: skip
    wanted = password.encode() + b"\0"
    if plaintext != wanted:
        raise Failure(f"the password and one zero byte: {wanted!r}", repr(plaintext))


@client_case("SPICE-LINK-045/password-of-the-session", channel="main")
def own_password(server: SuiteServer) -> None:
    """The ticket holds the password that the client was given."""
    wire = _asked(server)
    wire.reply()
    _password_in(wire.login(), server.target.password)
    wire.result()
    server.begins(wire)


@client_case("SPICE-LINK-045/empty-password", 0, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-045/password-of-one-byte", 1, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-045/password-of-60-bytes", 60, channel="main", needs=("act:password",))
def other_password(server: SuiteServer, size: int) -> None:
    """The ticket holds another password: none, a short one, the longest."""
    password = ("0123456789" * 6)[:size]
    server.act("password", text=password)
    wire = _asked(server)
    wire.reply()
    _password_in(wire.login(), password)
    wire.result()
    server.begins(wire)


@client_case("SPICE-LINK-045/key-of-each-link")
def key_of_each_link(server: SuiteServer) -> None:
    """Every channel's ticket is encrypted with the key that came on its own link."""
    talk = server.session()
    links = 0
    for _ in range(8):
        wire = server.another(None if links else server.target.start_time + server.network.patience)
        if wire is None:
            break
        wire.link_message()
        wire.reply()
        _password_in(wire.login(), server.target.password)
        wire.result()
        server.serve(server.begun(wire))
        links += 1
    if not links:
        raise NotApplicable("the client links no channel but main")
    server.alive(talk)


@client_case("SPICE-LINK-047/password-of-61-bytes", "x", 61, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-31-letters-in-62-bytes", "\u00e9", 31, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-85-bytes", "x", 85, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-200-bytes", "x", 200, channel="main", needs=("act:password",))
def long_password(server: SuiteServer, letter: str, count: int) -> None:
    """A password that is too long does not go out as it is: the client says so, or sends no ticket, or a shorter one."""
    try:
        server.act("password", text=letter * count)
    except Refusal as refusal:
        server.note(f"the client refuses it: {refusal}")
        return
    server.invite()
    wire = server.another(server.target.start_time + server.network.quiet)
    if wire is None:
        server.note("the client does not connect")
        return
    wire.link_message()
    wire.reply()
    wire.step("expect no ticket with it")
    before = 4 if wire.selects else 0
    data = wire.take(before + CIPHERTEXT_SIZE, server.network.quiet)
    plaintext = wire.key.decrypt_plaintext(data[before:]) if data is not None else None
    size = len((plaintext or b"").partition(b"\0")[0])
    if size > _PASSWORD:
        raise Failure(f"no ticket with more than {_PASSWORD} bytes of password", f"one with {size}")
    wire.close()


@client_case("SPICE-LINK-053/key-of-zeros", 0, channel="main", needs=("client-sasl",))
@client_case("SPICE-LINK-053/key-of-ones", 0xFF, channel="main", needs=("client-sasl",))
def key_without_meaning(server: SuiteServer, byte: int) -> None:
    """A client that announces SASL chooses it although there is no key."""
    wire = _asked(server)
    if not wire.asked.capabilities.has(CommonCapability.AUTH_SASL):
        raise NotApplicable("the client does not announce AUTH_SASL")
    wire.reply(common=_SASL, key=bytes([byte]) * PUBLIC_KEY_SIZE)
    found = wire.mechanism()
    if found != AuthMechanism.SASL:
        raise Failure("mechanism SASL (2), the only one that was announced", named(AuthMechanism, found))
    wire.close()


@client_case("SPICE-LINK-053/login-without-key", channel="main", needs=_WITH_SASL, after=_LOGS_IN)
def login_without_key(server: SuiteServer) -> None:
    """A whole SASL login where the link reply has zeros for a key."""
    wire = server.over_tls()
    wire.reply(common=_SASL, key=bytes(PUBLIC_KEY_SIZE))
    login = _begin_sasl(wire)
    login.finish(server.target.password, *_ALL)
    login.accept()
    server.begins(wire)


@client_case("SPICE-LINK-054/error", 1, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/need-secured", 5, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/permission-denied", 7, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/bad-connection-id", 8, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/unknown-error", 99, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/second-link-reply", _REDQ, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/highest-error", 0xFFFFFFFF, channel="main", after=_WAITS)
@client_case("SPICE-LINK-054/error-above-8-bits", 0x100, channel="main", after=_WAITS)
def refused_and_tempted(server: SuiteServer, error: int) -> None:
    """A link result with an error, and INIT and a PING behind it all the same: the client answers nothing."""
    wire = _asked(server)
    wire.reply()
    wire.login()
    _tempted(server, wire, error, f"the link result was {error_name(error)}")


def _tempted(server: SuiteServer, wire: ServerWire, error: int, why: str) -> None:
    """A link result, INIT and a PING, and no message for an answer. Raises Failure."""
    talk = server.begun(wire)
    frames = talk.frame(server.init()) + talk.frame(common.Ping(0xBAD, 9, b""))
    wire.send(error.to_bytes(4, "little") + frames, f"link result {error_name(error)}, INIT and PING")
    wire.step("expect no message")
    server.run(lambda: bool(talk.heard) or talk.closed, server.network.quiet)
    if talk.heard:
        raise Failure(f"no message, because {why}", ", ".join(talk.heard))
    wire.close()


# -- 1.7 SASL


def _begin_sasl(wire: ServerWire) -> SaslLogin:
    """The client chooses SASL at a server that announced nothing else. Raises Failure."""
    found = wire.mechanism()
    if found != AuthMechanism.SASL:
        raise Failure("mechanism SASL (2)", named(AuthMechanism, found))
    return SaslLogin(wire)


def _sasl(server: SuiteServer) -> tuple[ServerWire, SaslLogin]:
    """A SASL login over TLS begins."""
    wire = server.over_tls()
    wire.reply(common=_SASL)
    return wire, _begin_sasl(wire)


@client_case("SPICE-LINK-059/one-of-all", _ALL, channel="main", needs=_WITH_SASL)
@client_case("SPICE-LINK-059/plain-alone", ("PLAIN",), channel="main", needs=_WITH_SASL)
@client_case("SPICE-LINK-059/scram-alone", ("SCRAM-SHA-256",), channel="main", needs=_WITH_SASL)
@client_case("SPICE-LINK-059/the-last-of-many", ("X-FIRST", "X-SECOND", "PLAIN"), channel="main", needs=_WITH_SASL)
def choice_in_list(server: SuiteServer, names: tuple[str, ...]) -> None:
    """The mechanism that the client names is in the list."""
    wire, login = _sasl(server)
    login.offer(*names)
    _named_in(login, names)
    wire.close()


@client_case("SPICE-LINK-059/commas-around", channel="main", needs=_WITH_SASL)
def commas_around(server: SuiteServer) -> None:
    """A list with a comma before and behind it, as libspice-server sends it."""
    wire, login = _sasl(server)
    login.offer_text(b",PLAIN,SCRAM-SHA-1,")
    _named_in(login, ("PLAIN", "SCRAM-SHA-1"))
    wire.close()


def _named_in(login: SaslLogin, names: tuple[str, ...]) -> None:
    found, _ = login.start()
    if found not in names:
        raise Failure(f"one of {', '.join(names)}", found)


@client_case("SPICE-LINK-059/none-is-known", ("X-FIRST", "X-SECOND"), channel="main", needs=_WITH_SASL)
@client_case("SPICE-LINK-059/names-that-look-alike", ("XPLAIN", "PLAIN-X", "SCRAM-SHA-2567"), channel="main", needs=_WITH_SASL)
@client_case("SPICE-LINK-059/empty-list", (), channel="main", needs=_WITH_SASL)
def nothing_to_choose(server: SuiteServer, names: tuple[str, ...]) -> None:
    """A list without anything that the client knows: it names none of its own."""
    wire, login = _sasl(server)
    login.offer(*names)
    wire.step("expect no mechanism that is not in the list")
    wire.silent()
    if wire.stream.received:
        _named_in(login, names)
    wire.close()


@client_case("SPICE-LINK-061/result-after-plain", ("PLAIN",), channel="main", needs=_WITH_SASL, after=_CHOOSES)
@client_case("SPICE-LINK-061/result-after-scram", _SCRAM, channel="main", needs=_WITH_SASL, after=_CHOOSES)
def result_after_sasl(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Both results are read as they stand, and messages follow them: these mechanisms have no layer."""
    wire, login = _sasl(server)
    login.finish(server.target.password, *names)
    login.accept()
    server.begins(wire)


@client_case("SPICE-LINK-061/layer-of-digest-md5", channel="main", needs=("client-sasl",), after=_CHOOSES)
def layer_of_digest(server: SuiteServer) -> None:
    """DIGEST-MD5 without TLS: a result in clear, and every byte behind it in the security layer, either way."""
    wire, layer = _layered(server)
    wire.send(layer.wrap(bytes(4)), "link result OK (0) in the layer")
    wire.expect_silence("INIT has not come yet")
    _answered_in_layer(server, wire, layer, b"")


@client_case("SPICE-LINK-004/result-with-init-in-a-layer", channel="main", needs=("client-sasl",),
             after=("SPICE-LINK-061/layer-of-digest-md5",))  # fmt: skip
def result_with_init_in_layer(server: SuiteServer) -> None:
    """DIGEST-MD5 without TLS: the link result, INIT and a PING in the layer, in one write."""
    wire, layer = _layered(server)
    _answered_in_layer(server, wire, layer, bytes(4))


def _layered(server: SuiteServer) -> tuple[ServerWire, Layer]:
    """A login by DIGEST-MD5 up to its result. Raises NotApplicable if the client gives up when nothing else is offered."""
    wire = _asked(server)
    wire.reply(common=_SASL)
    login = _begin_sasl(wire)
    login.offer(DIGEST)
    server.run(lambda: bool(wire.stream.received or wire.stream.ended))
    if wire.stream.ended:
        raise NotApplicable(f"the client gave up when {DIGEST} alone was offered")
    login.start()
    layer = _digest(server, login)
    login.result()
    return wire, layer


def _answered_in_layer(server: SuiteServer, wire: ServerWire, layer: Layer, before: bytes) -> None:
    """INIT and a PING in the layer, in one write with the link result if it stands ``before``, and a PONG. Raises Failure."""
    reader, writer = framing.Reader(True), framing.Writer(True)
    ping = common.Ping(0xD16E, 9, b"")
    parts = [writer.frame(*dispatch.build("main", "server", message)) for message in (server.init(), ping)]
    wire.send(b"".join([layer.wrap(part) for part in (before, *parts) if part]), "INIT and PING in the layer")
    wanted = dispatch.build("main", "client", pong(ping))
    wire.step("expect PONG in the layer")

    def answered() -> bool:
        frames = reader.feed(layer.unwrap(wire.stream.received))
        return any((number, body) == wanted for number, body, *_ in frames)

    try:
        found = server.run(lambda: answered() or bool(wire.stream.ended))
    except (ValueError, RemoteError) as error:
        raise Failure("packets of the security layer, from the first byte behind the result", str(error)) from None
    if not found or wire.stream.ended:
        raise Failure(f"PONG {ping.id} in the security layer", wire.state())
    wire.close()


def _digest(server: SuiteServer, login: SaslLogin) -> Layer:
    """The challenges of DIGEST-MD5. Raises Failure if the client does not show its password."""
    digest = DigestServer("suite", server.target.password, f"suite-{id(login):x}-{server.now:.6f}")
    login.challenge(digest.challenge())
    found = digest.check(said(login.response()) or b"")
    if found is None:
        raise Failure(f"a login by {DIGEST} with the name suite and the password that the client was given",
                      "one that does not show it")  # fmt: skip
    last, layer = found
    login.challenge(last, complete=True)
    return layer


@client_case("SPICE-LINK-003/result-withheld-after-sasl", channel="main", needs=_WITH_SASL, after=_LOGS_IN)
def result_withheld_after_sasl(server: SuiteServer) -> None:
    """No result for a while behind SASL, and then no link result: no message comes before both."""
    wire, login = _sasl(server)
    login.finish(server.target.password, *_ALL)
    wire.expect_silence("the SASL result has not come yet")
    login.result()
    wire.expect_silence("the link result has not come yet")
    wire.result()
    server.begins(wire)


@client_case("SPICE-LINK-054/sasl-result", LinkErr.PERMISSION_DENIED, channel="main", needs=_WITH_SASL, after=_SASL_WAITS)
@client_case("SPICE-LINK-054/unknown-sasl-result", 99, channel="main", needs=_WITH_SASL, after=_SASL_WAITS)
def sasl_refused(server: SuiteServer, error: int) -> None:
    """SASL comes to its end, and its result is an error: no message follows, though a link result OK does."""
    wire, login = _sasl(server)
    login.finish(server.target.password, *_ALL)
    login.result(error)
    _tempted(server, wire, 0, f"the SASL result was {error_name(error)}")


@client_case("SPICE-LINK-054/permission-denied-after-sasl", LinkErr.PERMISSION_DENIED, channel="main", needs=_WITH_SASL,
             after=_SASL_WAITS)  # fmt: skip
@client_case("SPICE-LINK-054/bad-connection-id-after-sasl", LinkErr.BAD_CONNECTION_ID, channel="main", needs=_WITH_SASL,
             after=_SASL_WAITS)  # fmt: skip
def refused_after_sasl(server: SuiteServer, error: int) -> None:
    """SASL succeeds, and the link result behind it is an error: no message follows."""
    wire, login = _sasl(server)
    login.finish(server.target.password, *_ALL)
    login.result()
    _tempted(server, wire, error, f"the link result was {error_name(error)}")


@client_case("SPICE-LINK-057/response-of-plain", ("PLAIN",), channel="main", needs=_WITH_SASL, after=_CHOOSES)
@client_case("SPICE-LINK-057/responses-of-scram", _SCRAM, channel="main", needs=_WITH_SASL, after=_CHOOSES)
def zero_byte_of_responses(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Every response ends with a zero byte that its length counts, and has no second one there."""
    wire, login = _sasl(server)
    for raw in login.finish(server.target.password, *names):
        if raw and raw[-1]:
            raise Failure("a response with a zero byte behind it, which its length counts", f"{len(raw)} bytes that end with "
                          f"{raw[-4:].hex()}")  # fmt: skip
        if raw[-2:-1] == b"\0":
            raise Failure("a response with one zero byte behind it", f"{len(raw)} bytes that end with {raw[-4:].hex()}")
    wire.close()


@client_case("SPICE-LINK-057/empty-last-challenge", b"", channel="main", needs=_WITH_SASL, after=_LOGS_IN)
@client_case("SPICE-LINK-057/absent-last-challenge", None, channel="main", needs=_WITH_SASL, after=_LOGS_IN)
def last_challenge(server: SuiteServer, data: bytes | None) -> None:
    """The challenge that ends PLAIN is absent (length 0) or empty (length 1): the client reads both."""
    wire, login = _sasl(server)
    login.offer("PLAIN")
    login.start()
    login.challenge(data, complete=True)
    login.accept()
    server.begins(wire)


@client_case("SPICE-LINK-058/mechanism-list-of-300-bytes", channel="main", needs=_WITH_SASL, after=_CHOOSES)
def longest_list(server: SuiteServer) -> None:
    """A mechanism list of 300 bytes is read to its end, where PLAIN is."""
    wire, login = _sasl(server)
    login.offer_text(_list_of(_LIST))
    _named_in(login, ("PLAIN",))
    wire.close()


@client_case("SPICE-LINK-058/mechanism-list-of-301-bytes", channel="main", needs=_WITH_SASL, after=_CHOOSES)
def list_too_long(server: SuiteServer) -> None:
    """A mechanism list of 301 bytes is refused."""
    wire, login = _sasl(server)
    login.offer_text(_list_of(_LIST + 1))
    _refused(server, wire, f"a mechanism list of {_LIST + 1} bytes")


@client_case("SPICE-LINK-058/challenge-of-1048576-bytes", channel="main", needs=_WITH_SASL, after=_LOGS_IN)
def longest_challenge(server: SuiteServer) -> None:
    """A challenge of 1048576 bytes is taken: the one that ends PLAIN, which means nothing."""
    wire, login = _sasl(server)
    login.offer("PLAIN")
    login.start()
    login.challenge(bytes(LARGEST - 1), complete=True)
    login.accept()
    server.begins(wire)


@client_case("SPICE-LINK-058/challenge-of-1048577-bytes", channel="main", needs=_WITH_SASL, after=_LOGS_IN)
def challenge_too_long(server: SuiteServer) -> None:
    """A challenge of 1048577 bytes is refused before it is there."""
    wire, login = _sasl(server)
    login.offer("PLAIN")
    login.start()
    wire.send((LARGEST + 1).to_bytes(4, "little"), f"the length of a challenge, {LARGEST + 1}")
    _refused(server, wire, f"a challenge of {LARGEST + 1} bytes")


def _list_of(size: int) -> bytes:
    """A mechanism list of so many bytes, with PLAIN at its end."""
    names = b"".join([b"X-%03d," % number for number in range(size)])
    return names[: size - len(b",PLAIN")] + b",PLAIN"


def _refused(server: SuiteServer, wire: ServerWire, what: str) -> None:
    """The client closes, and answers nothing. Raises Failure."""
    wire.step("expect the connection to be closed")
    server.run(lambda: bool(wire.stream.ended) or bool(wire.stream.received))
    if wire.stream.received or not wire.stream.ended:
        raise Failure(f"the connection is closed because of {what}", wire.state())


@client_case("SPICE-LINK-062/forty-challenges", channel="main", needs=_WITH_SASL, after=_CHOOSES)
def endless_sasl(server: SuiteServer) -> None:
    """One empty challenge after the other: the client gives up after 32."""
    wire, login = _sasl(server)
    login.offer(*_ALL)
    login.start()
    for number in range(1, _ROUNDS + 2):
        login.challenge(b"")
        server.run(lambda: bool(wire.stream.ended) or len(wire.stream.received) >= 4)
        if wire.stream.ended:
            return
        if number <= _ROUNDS:
            login.response()
    raise Failure(f"the login is given up after {_ROUNDS} challenges", f"{wire.state()} after {_ROUNDS + 1}")

