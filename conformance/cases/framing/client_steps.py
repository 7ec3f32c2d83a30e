"""Steps that cases about clients share: what is sent to a client, and whether it goes on."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.channels import COMMON
from conformance.expectation import Expected, says
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.capabilities import Capabilities
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.messages import common

__all__ = [
    "AFTER_ACK",
    "AFTER_FULL",
    "AFTER_LIST",
    "AFTER_SYNC",
    "AFTER_WRITE",
    "closed_in_order",
    "goes_on_or_closes",
    "need_mini_header",
    "notice",
    "opened",
    "ping",
    "pinged",
    "pings",
    "pongs",
    "waiting_for",
]

AFTER_FULL: Final = ("SPICE-FRAME-001/client-full",)
AFTER_WRITE: Final = ("SPICE-FRAME-004/client-two-in-one-write",)
AFTER_SYNC: Final = ("SPICE-FRAME-019/three-windows-on-main",)
AFTER_ACK: Final = ("SPICE-FRAME-020/1-on-main",)
AFTER_LIST: Final = ("SPICE-FRAME-015/two-pings",)


def opened(server: SuiteServer, table: str = "main", *, common: Capabilities = COMMON, answering: bool = False) -> Talk:
    """The channel that a case is about, in a new session; with ``answering`` it has answered a ping."""
    with server.preparing(f"{table}, linked"):
        talk = server.session_on(table, common=common)
        if answering:
            server.alive(talk)
        return talk


def need_mini_header(talk: Talk) -> None:
    """Raises NotApplicable where headers are full."""
    if not talk.mini_header:
        raise NotApplicable("the client did not announce MINI_HEADER")


# -- what is sent


def ping(number: int) -> common.Ping:
    """A PING with this id."""
    return common.Ping(number, 1000 + number, b"")


def pings(*numbers: int) -> list[common.Ping]:
    """PINGs with these ids."""
    return [ping(number) for number in numbers]


def pongs(*numbers: int) -> list[Expected]:
    """The answers to them."""
    return [says("PONG", id=number) for number in numbers]


def pinged(talk: Talk, count: int, *, first: int = 1) -> None:
    """So many PINGs, each of which is answered before this returns. Raises Failure."""
    talk.send(*pings(*range(first, first + count)))
    if count:
        talk.wait_for("PONG", id=first + count - 1)


def waiting_for(*named: tuple[int, int, int]) -> common.WaitForChannels:
    """A wait for messages: type and id of a channel, and a serial."""
    return common.WaitForChannels(tuple([common.ChannelWait(*one) for one in named]))


def notice(text: bytes, behind: bytes = b"") -> common.Notify:
    """NOTIFY with a text and what stands behind it, as a rule a zero byte."""
    return common.Notify(
        time_stamp=1,
        severity=NotifySeverity.WARN,
        visibilty=NotifyVisibility.HIGH,
        what=0,
        message=text,
        terminator=behind,
    )


# -- whether it goes on


def goes_on_or_closes(server: SuiteServer, talk: Talk, why: str, *, tolerated: str) -> None:
    """The channel answers a ping, or the target closes it. Raises Failure."""
    try:
        server.alive(talk, why)
    except Failure:
        if not closed_in_order(server, talk):
            raise
        server.tolerate(tolerated)


def closed_in_order(server: SuiteServer, talk: Talk) -> bool:
    """Whether the target closed the channel; a program that was killed by what it got did not. Raises Failure for that."""
    if not talk.wait_closed(server.network.quiet):
        return False
    server.run(lambda: bool(server.target.ended), server.network.quiet)
    if server.target.ended.startswith("killed by "):
        raise Failure(f"{talk.name} goes on or is closed", f"peer process ended: {server.target.ended}")
    return True
