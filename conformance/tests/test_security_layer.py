"""The cases about DIGEST-MD5, which no reference speaks, against ends that do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.cases.link.client_sasl import layer_of_digest, result_with_init_in_layer
from conformance.cases.link.server_sasl import security_layer
from conformance.channels import COMMON
from conformance.digest_client import DigestClient
from conformance.digest_md5 import NAME, DigestServer, Layer
from conformance.keys import ticket_key
from conformance.memory import MemoryClientNetwork, MemoryServerNetwork
from conformance.outcome import Failure, NotApplicable
from conformance.reference_target import MemoryClient, MemoryServer
from conformance.tests.player import Player
from conformance.wire_form import link_message, link_reply
from spiceproto import dispatch, framing
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.flow import pong
from spiceproto.link.sasl import pack
from spiceproto.messages import common, main
from spiceproto.transport import Connection, Send

WITH_SASL = COMMON.with_(CommonCapability.AUTH_SASL).common
INIT = main.Init(
    session_id=7,
    display_channels_hint=1,
    supported_mouse_modes=1,
    current_mouse_mode=1,
    agent_connected=0,
    agent_tokens=0,
    multi_media_time=0,
    ram_hint=0,
)
LIST = main.ChannelsList(())


def counted(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def after_length(data: bytes, skipped: int = 0) -> bytes:
    """What a challenge or a response says."""
    return data[skipped + 4 :].rstrip(b"\0\1")


# -- a server


def server(*, spoil: Callable[[bytes], bytes] = lambda packet: packet, names: str = NAME) -> Player:
    """``spoil`` is done to the packet that has the link result."""
    digest, writer = DigestServer("suite", "sesame", "a nonce"), framing.Writer(True)

    def parts() -> Iterator[bytes]:
        yield link_reply(ticket_key().public_key_der, common_caps=WITH_SASL, channel_caps=0)
        yield counted(names.encode())
        yield pack(digest.challenge()) + b"\0"
        found = digest.check(after_length(end.got[-1]))
        assert found is not None
        last, layer = found
        first = spoil(layer.wrap(bytes(4)))
        yield pack(last) + b"\1" + bytes(4) + first + layer.wrap(writer.frame(*dispatch.build("main", "server", INIT)))
        yield layer.wrap(writer.frame(*dispatch.build("main", "server", LIST)))

    coming = parts()
    end = Player(lambda data: next(coming))
    return end


def at_server(end: Player) -> None:
    security_layer(SuiteClient(MemoryServerNetwork(end), MemoryServer("ref:server")))


def test_a_server_with_a_layer() -> None:
    at_server(server())


def test_a_server_without_the_mechanism() -> None:
    with pytest.raises(NotApplicable, match="the server offers PLAIN, and not DIGEST-MD5"):
        at_server(server(names="PLAIN"))


def test_a_server_whose_link_result_is_in_clear() -> None:
    with pytest.raises(Failure, match="packets of the security layer from the first byte behind the result of SASL"):
        at_server(server(spoil=lambda packet: bytes(4)))


# -- a client


class LayeredClient(Player):
    """It asks for main, and answers each thing that it gets in turn. ``seals``: whether its messages are sealed."""

    def __init__(self, *, seals: bool = True) -> None:
        super().__init__()
        self.digest = DigestClient("suite", "sesame", "localhost", "a number")
        self.layer: Layer | None = None
        self.seals = seals
        self.steps = iter((self.choose, self.name, self.prove, self.agree, self.begin))
        self.answer = lambda data: next(self.steps, self.talk)(data)
        self.sealed = bytearray()
        self.result = b""
        self.reader, self.writer = framing.Reader(True), framing.Writer(True)

    def opened(self, connection: Connection, now: float) -> None:
        self._actions.append(Send(connection, link_message(ChannelType.MAIN, common_caps=WITH_SASL)))

    def choose(self, data: bytes) -> bytes:
        return (2).to_bytes(4, "little")

    def name(self, data: bytes) -> bytes:
        return counted(NAME.encode()) + pack(None)

    def prove(self, data: bytes) -> bytes:
        return pack(self.digest.respond(after_length(data)))

    def agree(self, data: bytes) -> bytes:
        assert self.digest.proves(after_length(data))
        self.layer = self.digest.layer()
        return b""

    def begin(self, data: bytes) -> bytes:
        assert data == bytes(4), "the result of SASL is in clear"
        return b""

    def talk(self, data: bytes) -> bytes:
        assert self.layer is not None
        self.sealed += data
        clear = self.layer.unwrap(self.sealed)
        if not self.result:
            self.result, clear = clear[:4], clear[4:]
            assert self.result == bytes(4), "the link result is the first that is sealed"
        out = b""
        for number, body, *_ in self.reader.feed(clear):
            message = dispatch.rows("main", "server")[number].parse(body)
            if isinstance(message, common.Ping):
                frame = self.writer.frame(*dispatch.build("main", "client", pong(message)))
                out += self.layer.wrap(frame) if self.seals else frame
        return out


@pytest.mark.parametrize("case", [layer_of_digest, result_with_init_in_layer])
def test_a_client_with_a_layer(case: Callable[[SuiteServer], None]) -> None:
    at_client(case, LayeredClient())


@pytest.mark.parametrize("case", [layer_of_digest, result_with_init_in_layer])
def test_a_client_that_answers_in_clear(case: Callable[[SuiteServer], None]) -> None:
    with pytest.raises(Failure, match="packets of the security layer"):
        at_client(case, LayeredClient(seals=False))


def at_client(case: Callable[[SuiteServer], None], end: LayeredClient) -> None:
    target = MemoryClient("ref:client")
    target.invite = lambda network: end.start(network.now)  # type: ignore[method-assign]
    case(SuiteServer(MemoryClientNetwork(end), target))
