"""What the conversations with faulty clients have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client import Client, Options, make_client
from reference_client.tests.hand import KEY, Hand
from reference_client.tests.scripted import ScriptedServer
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, inputs

Make = Callable[..., Client]
INPUTS = (int(ChannelType.INPUTS), 0)
DISPLAY = (int(ChannelType.DISPLAY), 0)


def maker(fault: str | None) -> Make:
    """Makes clients that have this fault, from options."""

    def make(**options: Any) -> Client:
        return make_client(Options(**options), fault=fault)

    return make


def mini(type: int, body: bytes) -> bytes:
    return type.to_bytes(2, "little") + len(body).to_bytes(4, "little") + body


def ping(number: int) -> common.Ping:
    return common.Ping(number, 7, b"")


def pongs(server: ScriptedServer) -> list[int]:
    return [value.id for value in server.main.got if isinstance(value, common.Pong)]


def alive(server: ScriptedServer, number: int = 99) -> bool:
    if server.main.connection not in server.open:
        return False
    server.main.send(ping(number))
    return number in pongs(server)


def plaintext(hand: Hand) -> bytes | None:
    sent = hand.taken()
    return KEY.decrypt_plaintext(sent[-128:]) if len(sent) == 132 else None


def fresh(client: Client) -> Hand:
    """A client in the middle of main's link stage; its link message was taken."""
    hand = Hand(client)
    hand.taken()
    return hand


def link_message(client: Client) -> bytes:
    found: bytes = Hand(client).sent[0]
    return found


def movements(server: ScriptedServer) -> list[Any]:
    return [value for value in server.inputs.got if isinstance(value, inputs.MouseMotion | inputs.MousePosition)]


def act(server: ScriptedServer, verb: str, *values: Any) -> None:
    """The user does something with mouse or keyboard."""
    getattr(server.client.inputs, verb)(*values)
    server.run()
