"""Clients: SASL (1.7), and what is said of any login (1.1, 1.6) for one by SASL."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import announcing, tempted
from conformance.cases.link.sealed import SealedMain
from conformance.digest_md5 import NAME as DIGEST
from conformance.digest_md5 import DigestServer, Layer
from conformance.expectation import check_value, one_of, other_than, such
from conformance.naming import error_name
from conformance.outcome import Failure, NotApplicable
from conformance.sasl_login import LARGEST, SaslLogin, said
from conformance.server_wire import ServerWire
from spiceproto import capabilities as caps
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.messages import common
from spiceproto.sizes import PUBLIC_KEY_SIZE

_LIST: Final = 300
_ROUNDS: Final = 32

_SASL: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.MINI_HEADER, CommonCapability.AUTH_SASL)
_SCRAM: Final = ("SCRAM-SHA-256", "SCRAM-SHA-1")
_ALL: Final = (*_SCRAM, "PLAIN")

_PING: Final = common.Ping(0xD16E, 9, b"")

_WITH_SASL: Final = ("client-sasl", "client-tls")
"""Over TLS: no client should give its password to PLAIN without it."""

_CHOOSES: Final = ("SPICE-LINK-059/one-of-all",)
_LOGS_IN: Final = (*_CHOOSES, "SPICE-LINK-061/result-after-plain")
_WAITS: Final = ("SPICE-LINK-003/result-withheld-after-sasl",)
_DIGEST_WORKS: Final = ("SPICE-LINK-061/layer-of-digest-md5",)


# -- how a login begins, and how a client gives up


def _begin(wire: ServerWire) -> SaslLogin:
    """The client chooses SASL at a server that announced nothing else. Raises Failure."""
    check_value("login", "mechanism", wire.mechanism(), AuthMechanism.SASL, why="the only one that was announced")
    return SaslLogin(wire)


def _sasl(server: SuiteServer, *, key: bytes | None = None) -> tuple[ServerWire, SaslLogin]:
    """A SASL login over TLS begins; ``key`` stands in the link reply where that of the ticket does."""
    wire = server.asked(secure=True)
    _need_selection(wire)
    wire.reply(wire.usual(common=_SASL), key=key)
    return wire, _begin(wire)


def _need_selection(wire: ServerWire) -> None:
    """Raises NotApplicable for a client that cannot say that it chooses SASL: a server with SASL alone refuses it."""
    if not wire.asked.capabilities.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        wire.refuse(LinkErr.VERSION_MISMATCH)
        wire.close()
        raise NotApplicable("the client does not announce PROTOCOL_AUTH_SELECTION, and so cannot choose SASL")


def _proved(server: SuiteServer, *names: str) -> tuple[ServerWire, SaslLogin]:
    """A login by one of these mechanisms up to its result. Raises Failure if the client does not show its password."""
    wire, login = _sasl(server)
    login.finish(server.target.password, *names)
    return wire, login


def _gives_up(server: SuiteServer, wire: ServerWire) -> bool:
    """Whether the client ends the connection where it could answer."""
    server.run(lambda: bool(wire.stream.received or wire.stream.ended))
    return bool(wire.stream.ended)


# -- the choice of a mechanism


def _named_in(login: SaslLogin, names: tuple[str, ...]) -> None:
    found, _ = login.start()
    listed = such(" or ".join(names) or "none, for the list is empty", names.__contains__)
    check_value("SASL login", "mechanism", found, listed)


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


@client_case("SPICE-LINK-053/key-of-zeros", 0, channel="main", needs=("client-sasl",))
@client_case("SPICE-LINK-053/key-of-ones", 0xFF, channel="main", needs=("client-sasl",))
def key_without_meaning(server: SuiteServer, byte: int) -> None:
    """A client that announces SASL chooses it although there is no key."""
    wire = announcing(server, CommonCapability.AUTH_SASL)
    _need_selection(wire)
    wire.reply(wire.usual(common=_SASL), key=bytes([byte]) * PUBLIC_KEY_SIZE)
    _begin(wire)
    wire.close()


@client_case("SPICE-LINK-053/login-without-key", channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
def login_without_key(server: SuiteServer) -> None:
    """A whole SASL login where the link reply has zeros for a key."""
    wire, login = _sasl(server, key=bytes(PUBLIC_KEY_SIZE))
    login.finish(server.target.password, *_ALL)
    login.accept()
    server.init_and_ping(wire)


# -- challenges and responses


@client_case("SPICE-LINK-057/response-of-plain", ("PLAIN",), channel="main", needs=_WITH_SASL, requires=_CHOOSES)
@client_case("SPICE-LINK-057/responses-of-scram", _SCRAM, channel="main", needs=_WITH_SASL, requires=_CHOOSES)
def zero_byte_of_responses(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Every response ends with a zero byte that its length counts, and has no second one there."""
    wire, login = _sasl(server)
    for number, raw in enumerate(login.finish(server.target.password, *names), 1):
        what = f"SASL response {number}"
        check_value(what, "last byte", raw[-1:], one_of(b"\0", b""), why="a zero byte, which the length counts")
        check_value(what, "last byte but one", raw[-2:-1], other_than(b"\0"), why="there is one zero byte behind it")
    wire.close()


@client_case("SPICE-LINK-057/empty-last-challenge", b"", channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
@client_case("SPICE-LINK-057/absent-last-challenge", None, channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
def last_challenge(server: SuiteServer, data: bytes | None) -> None:
    """The challenge that ends PLAIN is absent (length 0) or empty (length 1): the client reads both."""
    _plain_ends_with(server, data)


def _plain_ends_with(server: SuiteServer, data: bytes | None) -> None:
    """A login by PLAIN, whose last challenge says this: the session begins. Raises Failure."""
    wire, login = _sasl(server)
    login.offer("PLAIN")
    login.start()
    login.challenge(data, complete=True)
    login.accept()
    server.init_and_ping(wire)


@client_case("SPICE-LINK-058/mechanism-list-of-300-bytes", channel="main", needs=_WITH_SASL, requires=_CHOOSES)
def longest_list(server: SuiteServer) -> None:
    """A mechanism list of 300 bytes is read to its end, where PLAIN is."""
    wire, login = _sasl(server)
    login.offer_text(_list_of(_LIST))
    _named_in(login, ("PLAIN",))
    wire.close()


@client_case("SPICE-LINK-058/mechanism-list-of-301-bytes", channel="main", needs=_WITH_SASL, requires=_CHOOSES)
def list_too_long(server: SuiteServer) -> None:
    """A mechanism list of 301 bytes is refused."""
    wire, login = _sasl(server)
    login.offer_text(_list_of(_LIST + 1))
    wire.expect_closed(why=f"a mechanism list of {_LIST + 1} bytes")


def _list_of(size: int) -> bytes:
    """A mechanism list of so many bytes, with PLAIN at its end."""
    names = b"".join([b"X-%03d," % number for number in range(size)])
    return names[: size - len(b",PLAIN")] + b",PLAIN"


@client_case("SPICE-LINK-058/challenge-of-1048576-bytes", channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
def longest_challenge(server: SuiteServer) -> None:
    """A challenge of 1048576 bytes is taken: the one that ends PLAIN, which means nothing."""
    _plain_ends_with(server, bytes(LARGEST - 1))


@client_case("SPICE-LINK-058/challenge-of-1048577-bytes", channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
def challenge_too_long(server: SuiteServer) -> None:
    """A challenge of 1048577 bytes is refused before it is there."""
    wire, login = _sasl(server)
    login.offer("PLAIN")
    login.start()
    wire.send((LARGEST + 1).to_bytes(4, "little"), f"the length of a challenge, {LARGEST + 1}")
    wire.expect_closed(why=f"a challenge of {LARGEST + 1} bytes")


@client_case("SPICE-LINK-062/forty-challenges", channel="main", needs=_WITH_SASL, requires=_CHOOSES)
def endless_sasl(server: SuiteServer) -> None:
    """One empty challenge after the other: the client gives up after 32."""
    wire, login = _sasl(server)
    login.offer(*_ALL)
    login.start()
    for _ in range(_ROUNDS):
        login.challenge(b"")
        if _gives_up(server, wire):
            return
        login.response()
    login.challenge(b"")
    wire.expect_closed(why=f"{_ROUNDS} challenges came before")


# -- both results


@client_case("SPICE-LINK-003/result-withheld-after-sasl", channel="main", needs=_WITH_SASL, requires=_LOGS_IN)
def result_withheld_after_sasl(server: SuiteServer) -> None:
    """No result for a while behind SASL, and then no link result: no message comes before both."""
    wire, login = _proved(server, *_ALL)
    wire.expect_silence("the SASL result has not come yet")
    login.result()
    wire.expect_silence("the link result has not come yet")
    wire.result()
    server.init_and_ping(wire)


@client_case("SPICE-LINK-061/result-after-plain", ("PLAIN",), channel="main", needs=_WITH_SASL, requires=_CHOOSES)
@client_case("SPICE-LINK-061/result-after-scram", _SCRAM, channel="main", needs=_WITH_SASL, requires=_CHOOSES)
def result_after_sasl(server: SuiteServer, names: tuple[str, ...]) -> None:
    """Both results are read as they stand, and messages follow them: these mechanisms have no layer."""
    wire, login = _proved(server, *names)
    login.accept()
    server.init_and_ping(wire)


@client_case("SPICE-LINK-054/sasl-result", LinkErr.PERMISSION_DENIED, channel="main", needs=_WITH_SASL, requires=_WAITS)
@client_case("SPICE-LINK-054/unknown-sasl-result", 99, channel="main", needs=_WITH_SASL, requires=_WAITS)
def sasl_refused(server: SuiteServer, error: int) -> None:
    """SASL comes to its end, and its result is an error: no message follows, though a link result OK does."""
    wire, login = _proved(server, *_ALL)
    login.result(error)
    tempted(server, wire, LinkErr.OK, f"the SASL result was {error_name(error)}")


@client_case(
    "SPICE-LINK-054/permission-denied-after-sasl",
    LinkErr.PERMISSION_DENIED,
    channel="main",
    needs=_WITH_SASL,
    requires=_WAITS,
)
@client_case(
    "SPICE-LINK-054/bad-connection-id-after-sasl",
    LinkErr.BAD_CONNECTION_ID,
    channel="main",
    needs=_WITH_SASL,
    requires=_WAITS,
)
def refused_after_sasl(server: SuiteServer, error: int) -> None:
    """SASL succeeds, and the link result behind it is an error: no message follows."""
    wire, login = _proved(server, *_ALL)
    login.result()
    tempted(server, wire, error, f"the link result was {error_name(error)}")


# -- the security layer


@client_case("SPICE-LINK-061/layer-of-digest-md5", channel="main", needs=("client-sasl",), requires=_CHOOSES)
def layer_of_digest(server: SuiteServer) -> None:
    """DIGEST-MD5 without TLS: a result in clear, and every byte behind it in the security layer, either way."""
    wire, sealed = _layered(server)
    sealed.accept()
    wire.expect_silence("INIT has not come yet")
    sealed.send(server.init(), _PING)
    sealed.expect("PONG", id=_PING.id, timestamp=_PING.timestamp)
    wire.close()


@client_case("SPICE-LINK-004/result-with-init-in-a-layer", channel="main", needs=("client-sasl",), requires=_DIGEST_WORKS)
def result_with_init_in_layer(server: SuiteServer) -> None:
    """DIGEST-MD5 without TLS: the link result, INIT and a PING in the layer, in one write."""
    wire, sealed = _layered(server)
    sealed.accept(server.init(), _PING)
    sealed.expect("PONG", id=_PING.id, timestamp=_PING.timestamp)
    wire.close()


def _layered(server: SuiteServer) -> tuple[ServerWire, SealedMain]:
    """A login by DIGEST-MD5 up to its result. Raises NotApplicable if the client gives up when nothing else is offered."""
    wire = server.asked()
    _need_selection(wire)
    wire.reply(wire.usual(common=_SASL))
    login = _begin(wire)
    login.offer(DIGEST)
    if _gives_up(server, wire):
        raise NotApplicable(f"the client gave up when {DIGEST} alone was offered")
    login.start()
    layer = _digest(server, login)
    login.result()
    return wire, SealedMain(wire, layer, mini_header=caps.mini_header(wire.asked.capabilities, wire.server))


def _digest(server: SuiteServer, login: SaslLogin) -> Layer:
    """The challenges of DIGEST-MD5. Raises Failure if the client does not show its password."""
    digest = DigestServer("suite", server.target.password, f"suite-{id(login):x}-{server.now:.6f}")
    login.challenge(digest.challenge())
    found = digest.check(said(login.response()) or b"")
    if found is None:
        raise Failure(
            f"a login by {DIGEST} with the name suite and the password that the client was given", "one that does not show it"
        )
    last, layer = found
    login.challenge(last, complete=True)
    return layer
