"""Servers: link reply (1.4): how a refusal looks, and what is refused.

Where the same is among the recordings of QEMU, the case has the tag ``probe:NAME`` of it.
"""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import (
    EVERY_CHANNEL,
    NO_SESSION,
    WRONG_TICKET,
    only_closed,
    refusal,
    refused_channel,
    session_with,
    whole_session,
)
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from conformance.wire_form import header, link_message
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_MESSAGE_SIZE, LINK_REPLY_SIZE

_DISPLAY: Final = ChannelType.DISPLAY
_INPUTS: Final = ChannelType.INPUTS
_INPUTS_IN_CLEAR: Final = Ask(_INPUTS, secure=False)
_ERROR_SIZE: Final = 4


# -- how a refusal looks, and what follows it


def _nothing_but_the_error(body: bytes) -> None:
    """Every byte of a link reply behind its error is 0. Raises Failure."""
    first = next((at for at, byte in enumerate(body) if byte and at >= _ERROR_SIZE), None)
    check_value("link reply", "first byte behind the error that is not 0", first, None)


@server_case("SPICE-LINK-022/version-1", 1, LINK_MESSAGE_SIZE, channel="main", requires=("SPICE-LINK-008/version-1",))
@server_case("SPICE-LINK-022/size-17", 2, 17, channel="main", requires=("SPICE-LINK-012/size-17",))
def whole_refusal(client: SuiteClient, major: int, size: int) -> None:
    """A refusal is a link reply of 178 bytes with nothing but the error in it."""
    wire = client.connect()
    data = header(size, major=major) + link_message(ChannelType.MAIN)[LINK_HEADER_SIZE:]
    wire.send(data, f"a link message of version {major} and size {size}")
    found = refusal(client, wire)
    if found is None:
        return
    _, body = found
    if len(body) == _ERROR_SIZE:
        client.tolerate("a body that ends with the error")
        return
    check_value("link reply", "size", len(body), LINK_REPLY_SIZE)
    _nothing_but_the_error(body)


@server_case("SPICE-LINK-024/after-a-link-reply", channel="main", requires=("SPICE-LINK-008/version-3",))
def after_a_refusal(client: SuiteClient) -> None:
    """Version 3, then a link message without a mistake: the connection is closed, and nothing answers the second."""
    wire = client.ask(major=3)
    answer = wire.answer()
    if only_closed(client, answer):
        return
    answer.expect_refused("reply")
    good = link_message(ChannelType.MAIN, common_caps=COMMON.common)
    wire.send(good, "link header and link message, as they should have been")
    wire.expect_closed()


@server_case("SPICE-LINK-024/after-a-link-result", channel="main", needs=("ticket",), requires=WRONG_TICKET)
def second_try(client: SuiteClient) -> None:
    """A wrong ticket and then the right one on the same connection: it is closed, and the second is not looked at."""
    wire = client.ask_for_ticket()
    wire.send(wire.encrypted(client.password + "x") + wire.encrypted(), "a wrong ticket and the right one behind it")
    wire.result()
    wire.expect_closed()


@server_case("SPICE-LINK-024/after-a-bad-connection-id", channel="display", requires=NO_SESSION)
def after_no_session(client: SuiteClient) -> None:
    """A display of no session: the connection is closed behind the error, and the display's first message is not answered."""
    with client.preparing("a session"):
        client.main()
    wire = client.ask(Ask(_DISPLAY, 0, client.bad_connection_id))
    wire.conclude()
    wire.send(bytes(20), "bytes as if the channel were linked")
    wire.expect_closed()


# -- a channel that needs TLS


@server_case("SPICE-LINK-025/tls-only-channel", channel="inputs", needs=("secured-inputs", "plain"))
def tls_only(client: SuiteClient) -> None:
    """The inputs channel, which demands TLS, without it."""
    talk = session_with(client, _INPUTS)
    client.ask(_INPUTS_IN_CLEAR).answer().expect_error(LinkErr.NEED_SECURED, kind="reply")
    client.alive(talk, "a refused channel does not end it")


@server_case("SPICE-LINK-025/with-tls", channel="inputs", needs=("secured-inputs", "tls"))
def tls_as_demanded(client: SuiteClient) -> None:
    """The inputs channel, which demands TLS, with it."""
    session_with(client, _INPUTS)
    client.link(Ask(_INPUTS, secure=True)).expect("INIT")


@server_case(
    "SPICE-LINK-025/no-key", channel="inputs", needs=("secured-inputs", "plain"), requires=("SPICE-LINK-025/tls-only-channel",)
)
def no_key_without_tls(client: SuiteClient) -> None:
    """Where NEED_SECURED is answered, there is no key and no capability in the link reply."""
    with client.preparing("a session"):
        client.main()
    found = refusal(client, client.ask(_INPUTS_IN_CLEAR))
    if found is not None:
        _nothing_but_the_error(found[1])


# -- channels and sessions that are not there


@server_case("SPICE-LINK-029/type-0", 0, 0, tags=("probe:channel-type-0",))
@server_case("SPICE-LINK-029/type-7", 7, 0)
@server_case("SPICE-LINK-029/type-99", 99, 0, tags=("probe:channel-type-99",))
@server_case("SPICE-LINK-029/type-200", 200, 0)
@server_case("SPICE-LINK-029/display-77", _DISPLAY, 77, channel="display", tags=("probe:display-id-77",))
@server_case("SPICE-LINK-029/inputs-255", _INPUTS, 255, channel="inputs")
def no_such_channel(client: SuiteClient, channel_type: int, channel_id: int) -> None:
    """A channel that the list does not name; the session goes on."""
    ask = Ask(channel_type, channel_id)
    with client.preparing(f"a session that does not list {ask.name}"):
        talk, listed = client.session()
        if (channel_type, channel_id) in listed:
            raise NotApplicable(f"the list of channels names {ask.name}")
    refused_channel(client, ask, LinkErr.CHANNEL_NOT_AVAILABLE, silently=True)
    client.alive(talk, "a channel that is not there does not end it")


@server_case(
    "SPICE-LINK-031/display-of-session-0", _DISPLAY, 0, channel="display", tags=("probe:display-with-connection-id-0",)
)
@server_case(
    "SPICE-LINK-031/display-of-no-session", _DISPLAY, None, channel="display", tags=("probe:display-wrong-connection-id",)
)
@server_case("SPICE-LINK-031/inputs-of-session-0", _INPUTS, 0, channel="inputs")
@server_case("SPICE-LINK-031/inputs-of-no-session", _INPUTS, None, channel="inputs")
def no_such_session(client: SuiteClient, channel_type: int, connection_id: int | None) -> None:
    """A channel that names another session id than that of the running session; the session goes on."""
    talk = session_with(client, channel_type)
    wanted = client.bad_connection_id if connection_id is None else connection_id
    refused_channel(client, Ask(channel_type, 0, wanted), LinkErr.BAD_CONNECTION_ID)
    client.alive(talk, "somebody else's mistake does not end it")


@server_case("SPICE-LINK-031/before-any-session", channel="display")
def before_any_session(client: SuiteClient) -> None:
    """A display while there is no session of ours; a server may as well have no display."""
    ask = Ask(_DISPLAY, 0, client.bad_connection_id)
    refused_channel(client, ask, LinkErr.BAD_CONNECTION_ID, LinkErr.CHANNEL_NOT_AVAILABLE)


@server_case("SPICE-LINK-031/a-session-that-is-over", channel="inputs", needs=("one-session",))
def session_that_is_over(client: SuiteClient) -> None:
    """The id of a session that another client has ended names no session any more."""
    session_with(client, _INPUTS)
    old = client.session_id
    talk = client.main()
    if client.session_id == old:
        raise NotApplicable(f"the next session has the same id, {old:#x}, once that is over")
    refused_channel(client, Ask(_INPUTS, 0, old), LinkErr.BAD_CONNECTION_ID)
    client.alive(talk)


@server_case("SPICE-LINK-033/invented-connection-id", channel="main", tags=("probe:main-with-connection-id",))
def invented_connection_id(client: SuiteClient) -> None:
    """Main with a connection id of which no migration has told the server."""
    wire = client.ask(Ask(ChannelType.MAIN, 0, client.bad_connection_id))
    wire.spoil("they take the connection id for that of a migration")
    answer = wire.conclude()
    if not answer.ok:
        client.note(f"answered with: {answer}")
        answer.expect_error(LinkErr.BAD_CONNECTION_ID)
        return
    found = wire.talk()
    client.run(lambda: found.closed or found.count("INIT") > 0, client.patience_for_a_manner)
    if found.count("INIT"):
        client.tolerate("beginning a new session")
    elif not found.closed and not found.heard:
        client.tolerate("accepting the link and then sending nothing")
    else:
        heard = ", ".join(found.heard) or "nothing"
        raise Failure("the error BAD_CONNECTION_ID (8)", f"link result OK, then {heard}{' and the end' * found.closed}")


@server_case("SPICE-LINK-035/main-1", 1, channel="main", tags=("probe:main-id-1",))
@server_case("SPICE-LINK-035/main-5", 5, channel="main")
def other_main_id(client: SuiteClient, channel_id: int) -> None:
    """Main with a channel id that is not 0: a session as any other, or there is no such channel."""
    wire = client.ask(Ask(ChannelType.MAIN, channel_id))
    answer = wire.conclude()
    if answer.ok:
        talk = wire.talk()
        talk.expect("INIT")
        client.alive(talk)
    elif not only_closed(client, answer):
        answer.expect_error(LinkErr.CHANNEL_NOT_AVAILABLE)


# -- one session at a time


def _first_session(client: SuiteClient) -> list[Talk]:
    """The channels of a session that another client may end; before that all of them are open."""
    with client.preparing("a whole session"):
        talks = whole_session(client)
        client.wait_quiet()
        for talk in talks:
            talk.expect_open("no second client has come")
        return talks


@server_case(
    "SPICE-LINK-036/wrong-ticket", channel="main", needs=("one-session", "ticket"), requires=WRONG_TICKET + EVERY_CHANNEL
)
def takeover_with_a_wrong_ticket(client: SuiteClient) -> None:
    """A second client with a wrong ticket does the first session no harm."""
    talks = _first_session(client)
    client.ask(Ask(password=client.password + "x")).conclude()
    client.alive(talks[0], "nobody else has logged in")
    for talk in talks:
        talk.expect_open("nobody else has logged in")


@server_case("SPICE-LINK-036/before-the-ticket", channel="main", needs=("one-session",), requires=EVERY_CHANNEL)
def takeover_before_the_ticket(client: SuiteClient) -> None:
    """A second client ends the first session when it has logged in, and not when it has only asked for main."""
    talks = _first_session(client)
    wire = client.ask_for_ticket()
    client.alive(talks[0], "the second client has not logged in")
    for talk in talks:
        talk.expect_open("the second client has not logged in")
    wire.ticket()
    wire.expect_logged_in()
    for talk in talks:
        talk.expect_closed(why="a new main link has logged in")


@server_case("SPICE-LINK-036/all-channels", channel="main", needs=("one-session",), requires=EVERY_CHANNEL)
def takeover(client: SuiteClient) -> None:
    """A second client ends the first session with all its channels, and is served."""
    talks = _first_session(client)
    new = client.main()
    for talk in talks:
        talk.expect_closed(why="a new main link has logged in")
    client.alive(new)
