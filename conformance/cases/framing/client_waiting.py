"""Clients: waiting, notices and leaving (2.7)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import AFTER_FULL, notice, opened, ping, pings, pongs, waiting_for
from conformance.cases.framing.steps import FULL, check_left
from conformance.channels import COMMON
from conformance.talk import Talk
from spiceproto.channels import channel_type
from spiceproto.enums.link import ChannelType

# -- waiting for messages of other channels


@client_case("SPICE-FRAME-034/inputs-for-main", "inputs", "main", channel="inputs")
@client_case("SPICE-FRAME-034/main-for-inputs", "main", "inputs", channel="main")
@client_case("SPICE-FRAME-034/cursor-for-display", "cursor", "display", channel="cursor")
@client_case("SPICE-FRAME-034/display-for-inputs", "display", "inputs", channel="display")
@client_case("SPICE-FRAME-034/under-full-headers", "inputs", "main", True, channel="inputs", requires=AFTER_FULL)
def waiting(server: SuiteServer, table: str, other: str, full: bool = False) -> None:
    """A channel waits for a message that is sent a little later on another: channel, the other, full headers."""
    first, second = (channel_type(table), 0), (channel_type(other), 0)
    with server.preparing(f"{table} and {other}, linked"):
        linked = [each for each in (first, second) if each[0] != ChannelType.MAIN]
        server.session(*linked, common=FULL if full else COMMON)
        talk, named = server.talks[first], server.talks[second]
        server.alive(named)
    before = talk.count("PONG")
    talk.send(waiting_for((*second, named.sent_serial + 1)), *pings(2, 3))
    talk.expect_none("PONG", after=before, why=f"message {named.sent_serial + 1} of {named.name} was not sent")
    server.alive(named, f"{talk.name} waits, and not this channel")
    talk.expect_all(*pongs(2, 3), why=f"{named.name} has handled the message")


@client_case("SPICE-FRAME-034/for-two-channels", "display", channel="inputs")
@client_case("SPICE-FRAME-034/for-two-channels-in-turn", "main", channel="inputs")
def waiting_for_two(server: SuiteServer, earlier: str) -> None:
    """Inputs waits for messages of main and display, which come one after the other: which is earlier."""
    with server.preparing("inputs and display, linked"):
        talk = server.session((ChannelType.INPUTS, 0), (ChannelType.DISPLAY, 0))
        waits, picture = server.talks[ChannelType.INPUTS, 0], server.talks[ChannelType.DISPLAY, 0]
        server.alive(talk)
        server.alive(picture)
    first, last = (talk, picture) if earlier == "main" else (picture, talk)
    before = waits.count("PONG")
    waits.send(waiting_for((ChannelType.MAIN, 0, talk.sent_serial + 1), (ChannelType.DISPLAY, 0, picture.sent_serial + 1)))
    waits.send(ping(2))
    server.alive(first)
    waits.expect_none("PONG", after=before, why=f"of two channels it waits for, only {first.name} has handled its message")
    server.alive(last)
    waits.wait_for("PONG", id=2)


@client_case("SPICE-FRAME-034/handled-before", channel="inputs")
def waiting_for_the_past(server: SuiteServer) -> None:
    """Inputs waits for the first and the last message that main has handled."""
    keyboard = opened(server, "inputs")
    talk = server.main_talk
    server.alive(talk)
    keyboard.send(waiting_for((ChannelType.MAIN, 0, 1), (ChannelType.MAIN, 0, talk.sent_serial)))
    server.alive(keyboard, "it waited for what main has handled")


@client_case("SPICE-FRAME-035/display-99", ChannelType.DISPLAY, 99, channel="main")
@client_case("SPICE-FRAME-035/type-99", 99, 0, channel="main")
@client_case("SPICE-FRAME-035/listed-never", ChannelType.RECORD, 0, channel="main")
def waiting_for_nobody(server: SuiteServer, kind: int, id: int) -> None:
    """A wait for a channel that is not there, then a ping: its type, its id."""
    talk = opened(server)
    with server.preparing("a list of channels"):
        server.list_channels(talk, (ChannelType.INPUTS, 0))
    talk.send(waiting_for((kind, id, 5)))
    server.alive(talk, f"there is no channel of type {kind} with id {id} to wait for")


@client_case("SPICE-FRAME-035/another-id", channel="inputs")
def waiting_for_another_id(server: SuiteServer) -> None:
    """Main waits for an inputs channel that is not there, beside one that is."""
    keyboard = opened(server, "inputs")
    talk = server.main_talk
    talk.send(waiting_for((ChannelType.INPUTS, 1, keyboard.sent_serial + 5)))
    server.alive(talk, "there is inputs:0, and no inputs:1 to wait for")


@client_case(
    "SPICE-FRAME-035/closed", channel="main", requires=("SPICE-FRAME-034/main-for-inputs", "SPICE-MAIN-020/client-loses-inputs")
)
def waiting_for_the_dead(server: SuiteServer) -> None:
    """A wait during which the channel is closed, and one for a channel that was closed.

    A client that links the channel again waits for the new one, whose serials begin anew (SPICE-FRAME-034).
    """
    keyboard = opened(server, "inputs")
    talk = server.main_talk
    server.alive(talk)
    wanted = keyboard.sent_serial + 5
    before = talk.count("PONG")
    talk.send(waiting_for((ChannelType.INPUTS, 0, wanted)), ping(1))
    talk.expect_none("PONG", after=before, why="inputs has not handled the message")
    keyboard.close()
    _goes_on_without(server, keyboard, wanted, 1)
    talk.send(waiting_for((ChannelType.INPUTS, 0, wanted)), ping(2))
    _goes_on_without(server, keyboard, wanted, 2)


def _goes_on_without(server: SuiteServer, lost: Talk, wanted: int, number: int) -> None:
    """The PONG with this number comes on main: ``lost`` is not there any more, or is linked again and comes to ``wanted``."""
    talk, channel = server.main_talk, (ChannelType.INPUTS, 0)

    def linked() -> Talk | None:
        again = server.talks[channel]
        return again if again is not lost and again.stream.open else None

    def answered() -> bool:
        return any(message.value is not None and message.value.id == number for message in talk.unread("PONG"))

    server.run(lambda: talk.closed or answered() or linked() is not None)
    again = linked()
    if again is not None and again.sent_serial < wanted:
        again.send(*pings(*range(wanted)))
    talk.wait_for("PONG", id=number, why="inputs is not there any more" if again is None else "inputs is there again")


# -- notices


_NOTICES: Final[dict[str, tuple[bytes, bytes]]] = {
    "with-a-zero-byte": (b"The connection is not secure", b"\0"),
    "without-a-zero-byte": (b"The connection is not secure", b""),
    "no-text": (b"", b"\0"),
    "no-text-and-no-zero-byte": (b"", b""),
    "zero-byte-counted": (b"The connection is not secure\0", b""),
    "no-utf-8": (b"\xff\xfe not a text of UTF-8 \xc3", b""),
    "60000-bytes": (b"x" * 60000, b""),
}
"""Texts of NOTIFY, and what stands behind them."""


def notices(server: SuiteServer, which: str) -> None:
    """NOTIFY with a text, then a ping."""
    text, behind = _NOTICES[which]
    talk = opened(server)
    talk.send(notice(text, behind))
    server.alive(talk, f"NOTIFY has {len(text)} bytes of text and {len(behind)} behind them")
    talk.expect_open()


for _slug in _NOTICES:
    client_case(f"SPICE-FRAME-036/{_slug}", _slug, channel="main")(notices)


# -- leaving


@client_case("SPICE-FRAME-037/client-leaves", needs=("act:disconnect",))
def leaving(server: SuiteServer) -> None:
    """The client is told to leave: no message behind DISCONNECTING, and the channel is closed."""
    with server.preparing("every channel, linked"):
        server.session()
        server.link_others()
    server.act("disconnect")
    for each in server.talking:
        each.expect_closed(why="the client leaves")
    for each in server.talking:
        check_left(each)
