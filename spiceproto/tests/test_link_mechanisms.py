"""SASL mechanisms: both ends with each other, our servers with another library's client, and hostile text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.errors import LocalError
from spiceproto.link import mechanisms
from spiceproto.link.sasl import SaslStep

USERS = {"someone": "sesame", "a,b=c": "p\N{LATIN SMALL LETTER O WITH DIAERESIS}"}
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-1")


def login(name: str, username: str, password: str) -> tuple[SaslStep, SaslStep]:
    """The last step of client and server."""
    client, server = mechanisms.client(username, password, (name,)), mechanisms.server(USERS)
    assert client.choose(tuple(server.mechanisms)) == name
    mine = client.start()
    theirs = server.start(name, mine.data)
    for _ in range(5):
        if theirs.failed or theirs.finished:
            break
        mine = client.step(theirs.data)
        if mine.failed:
            break
        theirs = server.step(mine.data)
    if theirs.finished and theirs.data is not None:
        mine = client.step(theirs.data)
    return mine, theirs


@pytest.mark.parametrize("name", mechanisms.MECHANISMS)
@pytest.mark.parametrize("username", USERS)
def test_good(name: str, username: str) -> None:
    mine, theirs = login(name, username, USERS[username])
    assert mine.finished and theirs.finished and not (mine.failed or theirs.failed)


@pytest.mark.parametrize("name", mechanisms.MECHANISMS)
@pytest.mark.parametrize("username", ("someone", "nobody"))
@pytest.mark.parametrize("password", ("Sesame", "sesame!", " "))
def test_bad(name: str, username: str, password: str) -> None:
    _, theirs = login(name, username, password)
    assert theirs.failed and not theirs.finished


@pytest.mark.parametrize("name", SCRAM)
def test_a_server_that_does_not_know_the_password_is_found_out(name: str) -> None:
    client, server = mechanisms.client("someone", "sesame", (name,)), mechanisms.server({"someone": "other"})
    client.choose((name,))
    challenge = server.start(name, client.start().data)
    client.step(challenge.data)
    assert client.step(b"v=" + bytes(28)).failed
    assert client.step(b"e=other-error").failed


@pytest.mark.parametrize(("identity", "good"), ((b"", True), (b"a=someone", True), (b"a=another", False), (b"someone", False)))
def test_the_authorization_identity(identity: bytes, good: bool) -> None:
    step = mechanisms.server(USERS).start("SCRAM-SHA-256", b"n," + identity + b",n=someone,r=nonce")
    assert step.failed != good
    plain = mechanisms.server(USERS).start("PLAIN", identity.removeprefix(b"a=") + b"\0someone\0sesame")
    assert plain.finished == (identity in (b"", b"a=someone", b"someone"))


@pytest.mark.parametrize(
    "first", (b"p=tls-unique,,n=someone,r=x", b"n,,m=x,n=someone,r=x", b"n,,n=someone,r=", b"n,,n=someone")
)
def test_first_messages_that_are_refused(first: bytes) -> None:
    assert mechanisms.server(USERS).start("SCRAM-SHA-256", first).failed


def test_a_proof_for_another_binding_is_refused() -> None:
    import scramp

    for flag, good in (("n", True), ("y", False)):
        client = scramp.ScramClient(["SCRAM-SHA-256"], "someone", "sesame")
        server = mechanisms.server(USERS)
        first = client.get_client_first().replace("n,,", f"{flag},,", 1)
        challenge = server.start("SCRAM-SHA-256", first.encode())
        assert challenge.data is not None
        client.set_server_first(challenge.data.decode())
        assert server.step(client.get_client_final().encode()).finished == good


@pytest.mark.parametrize("count", ("0", "-1", "1000001", "99999999999", "x", ""))
def test_iterations_are_bounded(count: str) -> None:
    client = mechanisms.client("someone", "sesame")
    client.choose(("SCRAM-SHA-1",))
    assert client.start().data
    assert client.step(f"r=abc,s=AAAA,i={count}".encode()).failed


def test_plain_without_a_first_response() -> None:
    server = mechanisms.server(USERS)
    assert server.start("PLAIN", None) == SaslStep(b"")
    assert server.step(b"\0someone\0sesame").finished


def test_choice() -> None:
    assert mechanisms.client("a", "b").choose(("PLAIN", "SCRAM-SHA-1", "GSSAPI")) == "SCRAM-SHA-1"
    assert mechanisms.client("a", "b").choose(("GSSAPI",)) is None
    assert mechanisms.client("a", "b").start().failed
    for make in (lambda: mechanisms.client("a", "b", ("GSSAPI",)), lambda: mechanisms.server({}, ("GSSAPI",))):
        with pytest.raises(LocalError, match="GSSAPI"):
            make()


@given(name=st.sampled_from(mechanisms.MECHANISMS), steps=st.lists(st.binary(max_size=60), min_size=1, max_size=3))
def test_garbage_fails_and_raises_nothing(name: str, steps: list[bytes]) -> None:
    server = mechanisms.server(USERS)
    assert not server.start(name, steps[0]).finished
    client = mechanisms.client("someone", "sesame", (name,))
    client.choose((name,))
    client.start()
    for step in steps:
        assert not server.step(step).finished
        client.step(step)


@given(name=st.sampled_from(SCRAM), data=st.data())
def test_changed_messages_fail(name: str, data: st.DataObject) -> None:
    client, server = mechanisms.client("someone", "sesame", (name,)), mechanisms.server(USERS)
    client.choose((name,))
    challenge = server.start(name, client.start().data)
    proof = bytearray(client.step(challenge.data).data or b"")
    at = data.draw(st.integers(0, len(proof) - 1))
    proof[at] ^= data.draw(st.integers(1, 255))
    step = server.step(bytes(proof))
    # The last letter of base64 may have bits without a meaning.
    assert step.failed or at >= len(proof) - 2
