"""Steps that cases about servers share: channels of a session, and whether they go on.

Main shows that it has dealt with what was sent by listing its channels, inputs by acknowledging movements. After a channel
was closed, as a sentence demands, a case asks whether the rest of the session lives.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.cases.mouse.steps import BUNCH, move
from conformance.channels import COMMON, greeting
from conformance.client_wire import Ask
from conformance.expectation import at_least
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_type
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, inputs, main

__all__ = [
    "AFTER_FULL",
    "AT_ANY_TIME",
    "LISTS",
    "PATTERN",
    "begun",
    "goes_on",
    "goes_on_or_closes",
    "let_begin",
    "need_listed",
    "opened",
    "rest_lives",
    "whole_session",
]

AFTER_FULL: Final = ("SPICE-FRAME-001/main-without-mini-header",)
LISTS: Final = ("SPICE-MAIN-012/asked-twice",)
"""Cases without which lists of channels say nothing."""

PATTERN: Final = 0x0123456789ABCDEF
"""A time stamp whose bytes are all different."""

_OTHERS: Final = (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR)

_AT_ANY_TIME: Final[dict[str, tuple[Any, ...]]] = {
    "main": (main.AttachChannels(), main.MouseModeRequest(MouseMode.SERVER), main.AgentStart(1), common.Pong(1, PATTERN)),
    "inputs": (
        inputs.KeyDown(0x1E),
        inputs.KeyUp(0x9E),
        inputs.KeyModifiers(0),
        inputs.MouseMotion(1, 1, 0),
        inputs.MousePosition(x=1, y=1, buttons_state=0, display_id=0),
        inputs.MousePress(1, 1),
        inputs.MouseRelease(1, 0),
    ),
}
AT_ANY_TIME: Final = {
    (table, dispatch.row_of(table, "client", value).name): value for table, values in _AT_ANY_TIME.items() for value in values
}
"""Messages that a client may send at any time, and whose last field does not take the rest of the body, by channel and name."""


# -- channels of a session


def need_listed(client: SuiteClient, kind: int) -> None:
    """A session whose list names the first channel of this type. Raises NotApplicable if it does not."""
    with client.preparing("a session"):
        _, listed = client.session()
    client.need_listed(listed, (kind, 0))


def opened(
    client: SuiteClient,
    table: str,
    *,
    common: Capabilities = COMMON,
    capabilities: Capabilities | None = None,
    answers: bool = True,
    read: bool = True,
) -> Talk:
    """The channel that a case is about, in a new session. Raises NotApplicable if the list does not name it.

    ``common`` stands in for what is announced on all channels, ``capabilities`` for all that is announced on this one. What a
    server says first was read; without ``read`` it lies in the inbox.
    """
    kind = channel_type(table)
    ask = Ask(kind, capabilities=capabilities or client.usual(kind, common=common), answers=answers)
    if kind != ChannelType.MAIN:
        need_listed(client, kind)
    with client.preparing(f"{table}, linked"):
        if kind != ChannelType.MAIN:
            return client.channel(ask, wait=read)
        return client.main(ask) if read else client.link(ask)


def let_begin(client: SuiteClient, talk: Talk, *, until: str = "", within: float | None = None) -> None:
    """A short time in which a server may begin on a channel: it says ``until``, or anything."""
    seconds = client.network.quiet if within is None else within
    client.run(lambda: bool(talk.count(until) if until else talk.inbox) or talk.closed or bool(talk.broken), seconds)


def begun(client: SuiteClient, table: str) -> Talk:
    """A channel; a display has begun: libspice-server 0.15.1 crashes now and then if the channel ends before that."""
    talk = opened(client, table)
    if greeting(table).kept_until:
        let_begin(client, talk, until=greeting(table).kept_until)
    return talk


def whole_session(client: SuiteClient, *, common: Capabilities = COMMON) -> list[Talk]:
    """Main and the other channels of a session, linked and greeted; all that came on them lies in the inboxes."""
    with client.preparing("every channel, linked"):
        talk = client.link(Ask(capabilities=client.usual(common=common)))
        talk.send(main.AttachChannels())
        talk.expect_count("INIT", at_least(1))
        talk.expect_count("CHANNELS_LIST", at_least(1))
        client.session_id = talk.unread("INIT")[0].parsed.session_id
        listed = {(int(item.type), item.id) for item in talk.unread("CHANNELS_LIST")[0].parsed.channels}
        talks = [talk]
        for kind in _OTHERS:
            if (kind, 0) in listed:
                talks.append(client.link(Ask(kind, capabilities=client.usual(kind, common=common))))
                client.greet(talks[-1])
                let_begin(client, talks[-1])
        return talks


# -- whether they go on


def goes_on(client: SuiteClient, talk: Talk, why: str = "") -> None:
    """The server has dealt with all that was sent on main or inputs before. Raises Failure."""
    if talk.table == "main":
        client.alive(talk, why)
        return
    before = talk.count("MOUSE_MOTION_ACK")
    move(client, talk, BUNCH)
    talk.expect_count("MOUSE_MOTION_ACK", at_least(1), after=before, why="four movements" + (f"; {why}" if why else ""))


def goes_on_or_closes(client: SuiteClient, talk: Talk, why: str) -> bool:
    """Whether the server goes on after something for which it may also close the channel. Raises Failure for neither."""
    try:
        goes_on(client, talk, why)
    except Failure:
        if not talk.closed:
            raise
    return not talk.closed


def rest_lives(client: SuiteClient, closed: Talk) -> None:
    """No more than the channel was closed: main goes on; behind main itself a new session is served. Raises Failure."""
    if closed.table == "main":
        client.main()
    else:
        client.alive(client.main_talk, f"no more than {closed.name} is closed")
