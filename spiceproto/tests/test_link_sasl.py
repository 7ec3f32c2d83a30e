"""SASL in the link stage: both ends, bounds, and what is refused."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from spiceproto import limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.errors import LimitError, RemoteError
from spiceproto.link import (
    ClientLink,
    Established,
    LinkReplyReceived,
    Problem,
    Refused,
    ServerLink,
    Step,
)
from spiceproto.link.exchange import link_message, link_reply
from spiceproto.tests.link_samples import (
    AUTH_SASL,
    AUTH_SELECTION,
    CLIENT,
    MAIN,
    SERVER,
    WITH_SASL,
    ClientLogin,
    ServerLogin,
    policy,
    run,
)


def test_sasl() -> None:
    for steps in (1, 2, 5):
        found = run(WITH_SASL, login=ClientLogin(steps=steps), sasl=lambda steps=steps: ServerLogin(steps=steps))
        client, server, seen = found.ends
        assert client == server
        assert isinstance(client, Established) and client.mechanism == AuthMechanism.SASL
        assert seen == client  # nothing follows, so nothing says that it would be encrypted
        assert isinstance(found.client[0], LinkReplyReceived) and not any(found.client[0].reply.pub_key)
        kinds = [item.kind for item in found.items if isinstance(item, Step)]
        assert kinds[4:] == [
            "auth-mechanism",
            "sasl-mechanism-list",
            "sasl-start",
            "sasl-challenge",
            *["sasl-response", "sasl-challenge"] * steps,
            "sasl-result",
            "link-result",
        ]
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


@pytest.mark.parametrize("name", ["X", "x" * 100])
def test_server_takes_mechanism_names_of_1_to_100_bytes(name: str) -> None:
    server = start_sasl(sasl=lambda: Named(name))
    server.bytes_to_send()
    data = struct.pack("<L", len(name)) + name.encode() + struct.pack("<L", 0)
    assert server.receive(data) == [] and not server.closing
    assert server.bytes_to_send() == struct.pack("<L", 10) + b"challenge\0" + b"\0"


class Named(ServerLogin):
    """Has one mechanism, with any name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.mechanisms = (name,)


def test_server_takes_a_response_up_to_the_limit() -> None:
    server = start_sasl()
    server.receive(struct.pack("<L4sL", 4, b"STUB", 0))
    assert server.receive(struct.pack("<L", limits.SASL_DATA)) == [] and not server.closing


def test_server_gives_up_after_32_challenges() -> None:
    server = start_sasl(sasl=lambda: ServerLogin(steps=1000))
    server.receive(struct.pack("<L4sL", 4, b"STUB", 0))
    for _ in range(31):
        assert server.receive(struct.pack("<L", 0)) == [] and not server.closing
    refused = server.receive(struct.pack("<L", 0))[-1]
    assert isinstance(refused, Refused) and refused.error == LinkErr.PERMISSION_DENIED and server.closing


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
