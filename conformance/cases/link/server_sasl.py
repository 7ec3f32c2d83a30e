"""Servers: SASL (1.7), and what is said of any login (1.4, 1.8) for one by SASL."""

from __future__ import annotations

from typing import Final

from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.sasl import Login, next_challenge, offered, respond, start
from conformance.cases.link.sealed import SealedMain
from conformance.cases.link.server_steps import ALL_ONES, OTHERS_WAIT, all_closed, only_closed
from conformance.client_wire import Ask, ClientWire
from conformance.digest_client import CIPHER, QUALITY, DigestClient
from conformance.digest_md5 import NAME as DIGEST
from conformance.expectation import check, check_value, one_of, such
from conformance.naming import named
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import capabilities as caps
from spiceproto import limits
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import mechanisms
from spiceproto.link.sasl import MECHANISM_NAME, pack
from spiceproto.messages import main

_INPUTS: Final = ChannelType.INPUTS
_WORKS: Final = ("SPICE-LINK-061/plain",)
_REFUSES: Final = ("SPICE-LINK-060/plain",)
_REFUSAL: Final = "a refusal: the end of the connection, or a link result other than OK"


# -- zero bytes


@server_case("SPICE-LINK-057/challenges", "SCRAM-SHA-256", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-057/challenges-of-scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-057/challenges-of-plain", "PLAIN", channel="main", needs=("sasl",))
def zero_bytes(client: SuiteClient, mechanism: str) -> None:
    """A zero byte stands behind every challenge, and its length counts it."""
    login = Login(client, mechanism)
    login.start()
    login.run()
    for number, challenge in enumerate(login.challenges, 1):
        check_value(f"challenge {number}", "last byte", challenge.raw[-1:], one_of(b"\0", b""), why="its length counts it")


@server_case("SPICE-LINK-057/no-first-response", channel="main", needs=("sasl",), requires=_WORKS)
def no_first_response(client: SuiteClient) -> None:
    """A first response that is absent: PLAIN is asked for it with an empty challenge, and logs in."""
    login = Login(client, "PLAIN")
    login.start_with(None)
    check("challenge", next_challenge(login.wire), data=one_of(None, b""), complete=False)
    login.respond_first()
    login.run().expect_logged_in()


# -- sizes


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
        raise Failure(_REFUSAL, str(answer))
    error = answer.error or 0
    if not error:
        # Perhaps not the link result, but the length of a complete challenge before it.
        rest = wire.take(5)
        error = int.from_bytes(rest[1:], "little") if rest is not None and rest[:1] == b"\1" else 0
    check_value("link result", "error", error, such("one other than OK", lambda found: 0 < found <= max(LinkErr)))


def _waits_for(wire: ClientWire, size: int, what: str) -> None:
    """The server reads a size that is in bounds, and waits for as many bytes. Raises Failure."""
    wire.expect_silence(f"{what} of {size} bytes has not been sent", open=True)


def _taken(wire: ClientWire) -> None:
    """The server has an answer, whatever it is, to what was complete at last. Raises Failure."""
    if wire.take(4) is None and not wire.stream.ended:
        raise Failure("an answer", wire.state())


@server_case("SPICE-LINK-058/name-of-0-bytes", 0, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/name-of-101-bytes", MECHANISM_NAME + 1, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/name-of-4294967295-bytes", ALL_ONES, channel="main", needs=("sasl",))
def name_of_a_wrong_size(client: SuiteClient, size: int) -> None:
    """The name of a mechanism is announced with a size out of bounds, and does not follow."""
    wire, _ = offered(client)
    wire.send(size.to_bytes(4, "little"), f"the length of a mechanism name, {size}")
    _given_up(client, wire)


@server_case("SPICE-LINK-058/name-of-100-bytes", channel="main", needs=("sasl",))
def longest_name(client: SuiteClient) -> None:
    """A mechanism name of 100 bytes is read, and not refused before; it is not in the list."""
    wire, _ = offered(client)
    wire.send(MECHANISM_NAME.to_bytes(4, "little"), f"the length of a mechanism name, {MECHANISM_NAME}")
    _waits_for(wire, MECHANISM_NAME, "the name")
    wire.send(b"X" * MECHANISM_NAME + pack(None), f"a name of {MECHANISM_NAME} bytes, and no first response")
    _taken(wire)


def _known(client: SuiteClient) -> tuple[ClientWire, bytes]:
    """A connection, and the name of a mechanism in the server's list that the suite knows, as it is sent."""
    wire, names = offered(client)
    name = next((name for name in mechanisms.MECHANISMS if name in names), "").encode()
    if not name:
        raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}")
    return wire, len(name).to_bytes(4, "little") + name


@server_case("SPICE-LINK-058/response-of-1048577-bytes", limits.SASL_DATA + 1, channel="main", needs=("sasl",))
@server_case("SPICE-LINK-058/response-of-4294967295-bytes", ALL_ONES, channel="main", needs=("sasl",))
def response_of_a_wrong_size(client: SuiteClient, size: int) -> None:
    """A first response is announced with a size out of bounds, and does not follow."""
    wire, name = _known(client)
    wire.send(name + size.to_bytes(4, "little"), f"a mechanism, and the length of a first response, {size}")
    _given_up(client, wire)


@server_case("SPICE-LINK-058/later-response-of-1048577-bytes", channel="main", needs=("sasl",))
def later_response_of_a_wrong_size(client: SuiteClient) -> None:
    """The response to a challenge is announced with a size out of bounds, and does not follow."""
    login = Login(client, "PLAIN")
    login.start_with(None)
    next_challenge(login.wire)
    size = limits.SASL_DATA + 1
    login.wire.send(size.to_bytes(4, "little"), f"the length of a response, {size}")
    _given_up(client, login.wire)


@server_case("SPICE-LINK-058/response-of-1048576-bytes", channel="main", needs=("sasl",))
def longest_response(client: SuiteClient) -> None:
    """A first response of 1048576 bytes is read, and not refused before; it makes no sense."""
    wire, name = _known(client)
    size = limits.SASL_DATA
    wire.send(name + size.to_bytes(4, "little"), f"a mechanism, and the length of a first response, {size}")
    _waits_for(wire, size, "the response")
    wire.send(b"x" * (size - 1) + b"\0", f"{size} bytes")
    _taken(wire)


# -- logins that fail


def _denied(client: SuiteClient, answer: Answer) -> None:
    """The login ended with a complete challenge, which was read, and PERMISSION_DENIED. Raises Failure."""
    if not only_closed(client, answer):
        answer.expect_error(LinkErr.PERMISSION_DENIED, kind="result")


@server_case("SPICE-LINK-060/plain", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/scram-sha-256", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def wrong_sasl_password(client: SuiteClient, mechanism: str) -> None:
    """A login with a wrong password."""
    login = Login(client, mechanism, password=client.password + "x")
    login.start()
    _denied(client, login.run())


@server_case("SPICE-LINK-060/unknown-user", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-060/unknown-user-of-scram", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def unknown_user(client: SuiteClient, mechanism: str) -> None:
    """A login with a name that nobody has."""
    login = Login(client, mechanism, username="nobody-" + client.username)
    login.start()
    _denied(client, login.run())


@server_case("SPICE-LINK-060/response-without-sense", channel="main", needs=("sasl",))
def response_without_sense(client: SuiteClient) -> None:
    """A first response that the mechanism cannot read."""
    login = Login(client, "PLAIN")
    login.start_with(b"no zero bytes")
    _denied(client, login.run())


@server_case("SPICE-LINK-024/after-sasl", channel="main", needs=("sasl",), requires=_REFUSES)
def after_sasl(client: SuiteClient) -> None:
    """A SASL login that failed, and a good one behind it: the connection is closed, and the second is not looked at."""
    login = Login(client, "PLAIN", password=client.password + "x")
    login.start()
    login.run()
    login.start_with(f"\0{client.username}\0{client.password}".encode())
    login.wire.expect_closed()


# -- logins that succeed


def _session(client: SuiteClient, mechanism: str) -> Talk:
    """The main channel of a new session, with INIT read. Raises Failure."""
    talk = Login(client, mechanism).log_in()
    client.session_id = talk.expect("INIT").session_id
    return talk


@server_case("SPICE-LINK-061/plain", "PLAIN", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-061/scram-sha-1", "SCRAM-SHA-1", channel="main", needs=("sasl",))
@server_case("SPICE-LINK-061/scram-sha-256", "SCRAM-SHA-256", channel="main", needs=("sasl",))
def no_layer(client: SuiteClient, mechanism: str) -> None:
    """A login by a mechanism without a security layer: the result of SASL, the link result and all messages are in clear."""
    client.relies_on("SPICE-LINK-057/challenges", "SPICE-LINK-057/challenges-of-scram-sha-1")
    client.alive(_session(client, mechanism))


@server_case("SPICE-LINK-061/every-channel", channel="inputs", needs=("sasl",))
def every_channel(client: SuiteClient) -> None:
    """Another channel of the session logs in by SASL as well."""
    talk = _session(client, "PLAIN")
    client.need_listed(client.channels(talk), (_INPUTS, 0))
    Login(client, "PLAIN", Ask(_INPUTS)).log_in().expect("INIT")
    client.alive(talk)


@server_case("SPICE-LINK-031/after-sasl", channel="inputs", needs=("sasl",), requires=_WORKS)
def no_such_session_after_sasl(client: SuiteClient) -> None:
    """A channel of no session logs in by SASL: that went well, and the link result behind it says what did not."""
    _, listed = client.session()
    client.need_listed(listed, (_INPUTS, 0))
    login = Login(client, "PLAIN", Ask(_INPUTS, 0, client.bad_connection_id))
    login.start()
    login.run().expect_error(LinkErr.BAD_CONNECTION_ID, kind="result")


@server_case("SPICE-LINK-061/digest-md5", channel="main", needs=("sasl", "plain"))
def security_layer(client: SuiteClient) -> None:
    """DIGEST-MD5 without TLS: the result of SASL is in clear, and what follows is sealed, beginning with the link result."""
    wire, names = offered(client, Ask(secure=False))
    if DIGEST not in names:
        raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}, and not {DIGEST}")
    login = DigestClient(client.username, client.password, "localhost", "the suite's own number")
    _digest(wire, login)
    wire.expect_logged_in()
    sealed = SealedMain(wire, login.layer(), mini_header=caps.mini_header(wire.client, wire.announced()))
    sealed.expect_accepted()
    sealed.expect("INIT")
    sealed.send(main.AttachChannels())
    sealed.expect("CHANNELS_LIST")


def _digest(wire: ClientWire, login: DigestClient) -> None:
    """The challenges of DIGEST-MD5. Raises NotApplicable if another layer is wanted than the suite has, Failure."""
    start(wire, DIGEST, None)
    challenge = next_challenge(wire).data
    response = login.respond(challenge or b"")
    if response is None:
        raise NotApplicable(f"the server's challenge has no {QUALITY} with {CIPHER}: {challenge!r}")
    respond(wire, response)
    proof = such("the server's proof", lambda data: login.proves(data or b""))
    check("last challenge", next_challenge(wire), complete=True, data=proof)


# -- silence


@server_case("SPICE-LINK-063/silence-in-sasl", channel="main", needs=("sasl",), slow=64.0, requires=OTHERS_WAIT)
def silence_in_sasl(client: SuiteClient) -> None:
    """Connections on which the client falls silent within a SASL login."""
    wires = {"the list of mechanisms": offered(client)[0]}
    wires["half a name"], name = _known(client)
    wires["half a name"].send(name[:7], "half the name of a mechanism")
    login = Login(client, "PLAIN")
    login.start_with(None)
    if not isinstance(login.try_challenge(), Answer):
        wires["a challenge"] = login.wire
    all_closed(client, wires)
