"""Servers: the list of channels (3.2)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.main.server_steps import OTHERS, Listed, check_names, link_all
from conformance.client_wire import Ask
from conformance.expectation import check_value, other_than, such
from conformance.naming import channel_names
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

_AGAIN: Final = ("SPICE-MAIN-012/asked-twice",)
"""The case without which one question is all that a list can be asked with."""

_LISTS: Final = ("SPICE-MAIN-027/two-lists", "SPICE-MAIN-028/first-list")
"""Cases without which it says little what a list names."""

_ADDED: Final = "SPICE-MAIN-012/added-before-the-first-question"
"""The case without which a channel that is added may be missing from every list."""


def _next_display(listed: Listed) -> tuple[int, int]:
    """Type and id of a display that no list names yet: what one case has added stays for those behind it."""
    return ChannelType.DISPLAY, max([id for kind, id in listed if kind == ChannelType.DISPLAY], default=-1) + 1


def _next_list(talk: Talk) -> set[tuple[int, int]]:
    """What the next CHANNELS_LIST names. Raises Failure."""
    return {(int(item.type), item.id) for item in talk.expect("CHANNELS_LIST").channels}


def _check_without_main(listed: Listed) -> None:
    """Main is none of the channels that a list names. Raises Failure."""
    other = such("channels other than main", lambda text: "main:" not in text)
    check_value("CHANNELS_LIST", "channels", channel_names(listed), other)


def _check_same(listed: Listed, first: Listed, why: str) -> None:
    check_value("CHANNELS_LIST", "channels", channel_names(listed), channel_names(first), why=why)


@server_case("SPICE-MAIN-012/asked-once", channel="main")
def asked_once(client: SuiteClient) -> None:
    """A question, and a list."""
    _check_without_main(client.channels(client.main()))


@server_case("SPICE-MAIN-012/asked-twice", channel="main")
def asked_twice(client: SuiteClient) -> None:
    """Two questions, two whole lists."""
    talk = client.main()
    first = client.channels(talk)
    second = client.channels(talk)
    _check_without_main(first)
    _check_same(second, first, "the same question again")


@server_case("SPICE-MAIN-012/asked-three-times-at-once", channel="main", requires=_AGAIN)
def asked_at_once(client: SuiteClient) -> None:
    """Three questions before the first answer, three whole lists."""
    client.relies_on("SPICE-MAIN-013/nobody-asked")
    talk = client.main()
    talk.send(*[main.AttachChannels()] * 3)
    first, *others = [_next_list(talk) for _ in range(3)]
    _check_without_main(first)
    for other in others:
        _check_same(other, first, "the same question again")
    client.alive(talk)
    talk.expect_count("CHANNELS_LIST", 4, why="four ATTACH_CHANNELS")


@server_case("SPICE-MAIN-012/asked-while-channels-are-linked", channel="main", requires=_AGAIN)
def asked_with_channels(client: SuiteClient) -> None:
    """The list is the same when its channels are linked."""
    talk, listed = client.session()
    link_all(client, listed)
    _check_same(client.channels(talk), listed, "as before they were linked")


@server_case("SPICE-MAIN-012/no-channel-missing", channel="main")
def no_channel_missing(client: SuiteClient) -> None:
    """What the list names can be linked, and what it does not name cannot."""
    client.relies_on(*_LISTS)
    talk, listed = client.session()
    link_all(client, listed)
    for kind in (*OTHERS, ChannelType.PLAYBACK, ChannelType.RECORD):
        if (kind, 0) in listed:
            continue
        ask = Ask(kind)
        answer = str(client.ask(ask).conclude())
        check_value(f"link of {ask.name}", "answer", answer, other_than("link result OK (0)"), why="no list names it")
    client.alive(talk)


@server_case("SPICE-MAIN-013/nobody-asked", channel="main")
def nobody_asked(client: SuiteClient) -> None:
    """No list before the first question, although a mouse mode was asked for."""
    talk = client.main()
    talk.send(main.MouseModeRequest(MouseMode.SERVER))
    talk.expect_count("CHANNELS_LIST", 0, why="nobody has asked for it", settle=True)


@server_case("SPICE-MAIN-013/added-before-the-first-question", channel="main", needs=("control:add-channel",))
def added_before(client: SuiteClient) -> None:
    """A channel that is added before the first question brings no list."""
    _, listed = client.session()
    display = _next_display(listed)
    talk = client.main()
    client.control("add-channel", *display)
    talk.expect_count("CHANNELS_LIST", 0, why="nobody has asked for it", settle=True)


@server_case("SPICE-MAIN-012/added-before-the-first-question", channel="main", needs=("control:add-channel",))
def added_is_listed(client: SuiteClient) -> None:
    """A channel that is added before the first question is in the first list."""
    client.relies_on("SPICE-MAIN-013/added-before-the-first-question", *_LISTS)
    _, listed = client.session()
    display = _next_display(listed)
    talk = client.main()
    client.control("add-channel", *display)
    client.wait_quiet()
    check_names(client.channels(talk), display, why="it was added")


@server_case("SPICE-MAIN-014/display-added", channel="main", needs=("control:add-channel",))
def added(client: SuiteClient) -> None:
    """A display that is added at run time: a list with it alone; then it is in every list, and can be linked.

    It may bring other channels with it, each with a list of its own.
    """
    client.relies_on("SPICE-MAIN-012/asked-twice", _ADDED, "SPICE-MAIN-013/nobody-asked", *_LISTS)
    talk, listed = client.session()
    client.control("add-channel", *_next_display(listed))
    known, display = set(listed), None
    while display is None:
        one = _next_list(talk)
        check_value("CHANNELS_LIST", "number of channels", len(one), 1, why="a channel was added")
        check_value("CHANNELS_LIST", "channels that other lists have named", channel_names(one & known), "nothing")
        known |= one
        display = next((number for kind, number in one if kind == ChannelType.DISPLAY), None)
    check_names(client.channels(talk), *known, why="lists have named them")
    client.channel(Ask(ChannelType.DISPLAY, display))
    client.alive(talk)


# -- what a list names


@server_case("SPICE-MAIN-027/two-lists", channel="main")
def nothing_twice(client: SuiteClient) -> None:
    """Two questions: neither list names a channel twice."""
    client.relies_on("SPICE-MAIN-012/asked-once")
    talk = client.main()
    for number in (1, 2):
        talk.send(main.AttachChannels())
        if number == 2 and not talk.wait_count("CHANNELS_LIST", 2):
            return
        named = Counter([(int(item.type), item.id) for item in talk.expect("CHANNELS_LIST").channels])
        twice = channel_names([key for key, times in named.items() if times > 1])
        check_value("CHANNELS_LIST", "channels that it names more than once", twice, "nothing")


@server_case("SPICE-MAIN-028/first-list", channel="main")
def of_use(client: SuiteClient) -> None:
    """A display, or inputs, is among the channels of the first list."""
    listed = client.channels(client.main())
    some = such("a display or inputs among them", lambda text: "display:" in text or "inputs:" in text)
    check_value("CHANNELS_LIST", "channels", channel_names(listed), some)
