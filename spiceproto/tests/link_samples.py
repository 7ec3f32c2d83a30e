"""Both ends of a link stage in memory, watched by an observer; and recorded links with a real server."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import (
    ClientLink,
    Established,
    Event,
    Failed,
    Item,
    LinkObserver,
    LinkPolicy,
    Refused,
    SaslStep,
    ServerLink,
)
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


def run(
    announced: Capabilities = SERVER,
    client: Capabilities = CLIENT,
    *,
    kind: int = MAIN,
    number: int = 0,
    connection: int = 0,
    password: bytes | str = b"sesame",
    required: bytes | None = b"sesame",
    secure: bool = False,
    now: float = 0.0,
    login: ClientLogin | None = None,
    **rest: Any,
) -> Run:
    return Run(
        ClientLink(kind, number, connection, client, password=password, sasl=login),
        ServerLink(policy(announced, password=required, **rest), secure=secure),
        now,
    )


def words(common: int, channel: int, offset: int, data: bytes = bytes(8)) -> bytes:
    """A link message with so many capability words at an offset."""
    body = struct.pack("<LBBLLL", 0, 1, 0, common, channel, offset) + data
    return struct.pack("<4sLLL", b"REDQ", 2, 2, len(body)) + body


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    """Cut at the places, whatever numbers they are."""
    edges = sorted({0, len(data), *[place % (len(data) + 1) for place in places]})
    return [data[start:end] for start, end in pairwise(edges)]


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
