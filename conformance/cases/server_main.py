"""Servers: the life of a session, its channels, the destination of a migration (spec/03-main.md)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import COMMON, ClientWire, SuiteClient
from conformance.case import server_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk, link_message
from spiceproto import dispatch
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main
from spiceproto.messages.link import LinkReply

_OTHERS: Final = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
_BUNCH: Final = 4

Listed = set[tuple[int, int]]


# -- what many cases share


def _names(listed: Listed) -> str:
    found = [(ChannelType(kind).name.lower() if kind in ChannelType._value2member_map_ else str(kind), number)
             for kind, number in sorted(listed)]  # fmt: skip
    return ", ".join([f"{name}:{number}" for name, number in found]) or "nothing"


def _lists(client: SuiteClient, talk: Talk, count: int) -> list[Listed]:
    """What the next ``count`` CHANNELS_LIST name. Raises Failure."""
    found = []
    for _ in range(count):
        value: main.ChannelsList = talk.expect("CHANNELS_LIST")
        found.append({(int(item.type), item.id) for item in value.channels})
    return found


def _link_all(client: SuiteClient, listed: Listed) -> list[Talk]:
    """Display, inputs and cursor as far as they are listed, once they have begun.

    libspice-server 0.15.1 crashes now and then if a display ends before that.
    """
    talks = []
    for kind in _OTHERS:
        if (kind, 0) in listed:
            talks.append(client.display() if kind == ChannelType.DISPLAY else client.link(kind))
    if not talks:
        raise NotApplicable(f"the list of channels has no display, inputs or cursor: {_names(listed)}")
    _begun(client, talks)
    return talks


def _never(client: SuiteClient, talk: Talk, *names: str, why: str) -> None:
    """None of these has come since the link, nor comes in a short quiet time. Raises Failure."""
    client.step(f"{talk.name}: expect no {' or '.join(names)}: {why}", talk.wire.number)
    client.run(lambda: any(talk.heard.get(name) for name in names) or talk.closed, client.network.quiet)
    found = [name for name in names if talk.count(name)]
    if found:
        raise Failure(f"no {' or '.join(names)} ({why})", f"{' and '.join(found)} came")


def _begun(client: SuiteClient, talks: list[Talk]) -> None:
    for talk in talks:
        last = "MARK" if talk.table == "display" else "INIT"
        client.run(lambda talk=talk, last=last: bool(talk.heard.get(last)) or talk.closed, client.network.quiet)  # type: ignore[misc]


# -- 3.1 life


@server_case("SPICE-MAIN-001/init-first", channel="main")
def init_first(client: SuiteClient) -> None:
    """The first message on main is INIT, and it is well-formed."""
    talk = client.link()
    first = talk.expect_message(text="the first message")
    if first.name != "INIT":
        raise Failure("INIT as the first message", first.name)
    if first.value is None:
        raise Failure("a well-formed INIT", first.error)


@server_case("SPICE-MAIN-001/init-first-for-a-client-without-capabilities", channel="main")
def init_first_for_a_plain_client(client: SuiteClient) -> None:
    """The same for a client that announced nothing, with full headers and no mechanism."""
    client.lean("SPICE-FRAME-001/main-without-mini-header")
    talk = client.try_link(common=NONE, channel=NONE)
    if not isinstance(talk, Talk):
        if talk.error is None:
            raise Failure("link result OK (0) for a client that announced nothing, or a refusal", str(talk))
        raise NotApplicable(f"a client that announced nothing is answered: {talk}")
    first = talk.expect_message(text="the first message")
    if first.name != "INIT":
        raise Failure("INIT as the first message", first.name)


@server_case("SPICE-MAIN-002/once", channel="main")
def init_once(client: SuiteClient) -> None:
    """Lists and requests for mouse modes bring no second INIT."""
    talk, _ = client.session()
    for mode in (MouseMode.SERVER, MouseMode.CLIENT, MouseMode.SERVER):
        if client.init.supported_mouse_modes & mode:
            talk.send(main.MouseModeRequest(mode))
        client.alive(talk)
    _one_init(talk)


@server_case("SPICE-MAIN-002/a-migration-that-never-began", channel="main")
def init_once_after_migrate_end(client: SuiteClient) -> None:
    """MIGRATE_END in a session that does not migrate brings no second INIT."""
    talk, _ = client.session()
    if not talk.server.has(MainCapability.SEMI_SEAMLESS_MIGRATE):
        raise NotApplicable(f"the server announced {talk.server.channel:#x} on main, without SEMI_SEAMLESS_MIGRATE")
    talk.send(main.MigrateEnd())
    talk.send(main.AttachChannels())
    client.run(lambda: talk.closed or talk.heard.get("CHANNELS_LIST", 0) > 1)
    _one_init(talk)


def _one_init(talk: Talk) -> None:
    if talk.count("INIT") != 1:
        raise Failure("one INIT", str(talk.count("INIT")))


@server_case("SPICE-MAIN-003/one-after-the-other", channel="main")
def one_after_the_other(client: SuiteClient) -> None:
    """Sessions that begin while the one before still runs: every id is another one, and none is 0."""
    found: list[int] = []
    for _ in range(4):
        client.main()
        if not client.session_id:
            raise Failure("a session id other than 0", "0")
        if found and client.session_id == found[-1]:
            raise Failure(f"another session id than {found[-1]}, of the session that still runs", str(client.session_id))
        found.append(client.session_id)


@server_case("SPICE-MAIN-003/two-at-once", channel="main", needs=("many-sessions",))
def two_at_once(client: SuiteClient) -> None:
    """Two sessions that run side by side have ids of their own."""
    first = client.main()
    id = client.session_id
    second = client.main()
    if 0 in (id, client.session_id) or id == client.session_id:
        raise Failure("two session ids, neither of them 0", f"{id} and {client.session_id}")
    client.alive(first)
    client.alive(second)


@server_case("SPICE-MAIN-008/not-announced", channel="main")
def no_name(client: SuiteClient) -> None:
    """A client without NAME_AND_UUID gets neither."""
    talk = client.main(channel=NONE.with_(MainCapability.AGENT_CONNECTED_TOKENS))
    client.alive(talk)
    found = [name for name in ("NAME", "UUID") if talk.count(name)]
    if found:
        raise Failure("neither NAME nor UUID for a client without NAME_AND_UUID", " and ".join(found))


@server_case("SPICE-MAIN-010/tokens-announced", "announced", channel="main", needs=("control:agent",))
@server_case("SPICE-MAIN-010/tokens-not-announced", "not announced", channel="main", needs=("control:agent",),
             after=("SPICE-LINK-019/no-channel-words",))  # fmt: skip
def agent_appears(client: SuiteClient, tokens: str) -> None:
    """An agent appears in a running session, twice: the message that the client announced, and not the other."""
    client.control("agent", False)
    announced = tokens == "announced"
    talk = client.main(channel=NONE.with_(MainCapability.AGENT_CONNECTED_TOKENS) if announced else NONE)
    right, wrong = ("AGENT_CONNECTED_TOKENS", "AGENT_CONNECTED")[:: 1 if announced else -1]
    for number in (1, 2):
        client.control("agent", True)
        talk.expect(right)
        client.control("agent", False)
        client.alive(talk)
        if talk.count(right) != number or talk.count(wrong):
            raise Failure(f"{number} {right} and no {wrong}", f"{talk.count(right)} and {talk.count(wrong)}")


# -- 3.2 channels


@server_case("SPICE-MAIN-012/asked-twice", channel="main")
def asked_twice(client: SuiteClient) -> None:
    """Two questions, two whole lists."""
    talk = client.main()
    talk.send(main.AttachChannels())
    (first,) = _lists(client, talk, 1)
    talk.send(main.AttachChannels())
    (second,) = _lists(client, talk, 1)
    _check_list(first)
    if first != second:
        raise Failure(f"the same channels again: {_names(first)}", _names(second))


@server_case("SPICE-MAIN-012/asked-three-times-at-once", channel="main")
def asked_at_once(client: SuiteClient) -> None:
    """Three questions before the first answer, three whole lists."""
    client.lean("SPICE-MAIN-013/nobody-asked")
    talk = client.main()
    for _ in range(3):
        talk.send(main.AttachChannels())
    found = _lists(client, talk, 3)
    _check_list(found[0])
    if found[1:] != found[:-1]:
        raise Failure(f"the same channels in all three lists: {_names(found[0])}", "; ".join(map(_names, found[1:])))
    client.alive(talk)
    if talk.count("CHANNELS_LIST") != 4:
        raise Failure("four CHANNELS_LIST for four ATTACH_CHANNELS", str(talk.count("CHANNELS_LIST")))


@server_case("SPICE-MAIN-012/asked-while-channels-are-linked", channel="main")
def asked_with_channels(client: SuiteClient) -> None:
    """The list is the same when its channels are linked."""
    talk, listed = client.session()
    _link_all(client, listed)
    again = client.channels(talk)
    if again != listed:
        raise Failure(f"the same channels as before they were linked: {_names(listed)}", _names(again))


def _check_list(listed: Listed) -> None:
    mains = {item for item in listed if item[0] == ChannelType.MAIN}
    if mains:
        raise Failure("channels other than main", _names(listed))
    if not listed:
        raise Failure("the channels that the server has", "an empty list")


@server_case("SPICE-MAIN-012/no-channel-missing", channel="main")
def no_channel_missing(client: SuiteClient) -> None:
    """What the list names can be linked, and what it does not name cannot."""
    talk, listed = client.session()
    _link_all(client, listed)
    for kind in (*_OTHERS, ChannelType.PLAYBACK, ChannelType.RECORD):
        if (kind, 0) in listed:
            continue
        answer = client.attempt(kind)
        if answer.kind == "result" and answer.error == LinkErr.OK:
            raise Failure(f"{kind.name.lower()}:0 in the list, for it can be linked", _names(listed))
    client.alive(talk)


@server_case("SPICE-MAIN-013/nobody-asked", channel="main")
def nobody_asked(client: SuiteClient) -> None:
    """No list before the first question, although a mouse mode was asked for."""
    talk = client.main()
    talk.send(main.MouseModeRequest(MouseMode.SERVER))
    _never(client, talk, "CHANNELS_LIST", why="nobody has asked for it")


@server_case("SPICE-MAIN-013/added-before-the-first-question", channel="main", needs=("control:add-channel",))
def added_before(client: SuiteClient) -> None:
    """A channel that is added before the first question is in the first list, and in none before that."""
    talk = client.main()
    client.control("add-channel", ChannelType.DISPLAY, 1)
    _never(client, talk, "CHANNELS_LIST", why="nobody has asked for it")
    listed = client.channels(talk)
    if (ChannelType.DISPLAY, 1) not in listed:
        raise Failure("display:1, which was added, in the list", _names(listed))


@server_case("SPICE-MAIN-014/display-added", channel="main", needs=("control:add-channel",))
def added(client: SuiteClient) -> None:
    """A display that is added at run time: a list with it alone; then it is in every list, and can be linked.

    It may bring other channels with it, each with a list of its own.
    """
    client.lean("SPICE-MAIN-012/asked-twice", "SPICE-MAIN-013/nobody-asked")
    talk, listed = client.session()
    client.control("add-channel", ChannelType.DISPLAY, 1)
    news: Listed = set()
    while not any(kind == ChannelType.DISPLAY for kind, _ in news):
        (one,) = _lists(client, talk, 1)
        if len(one) != 1 or one & (listed | news):
            raise Failure("a list of one channel alone, which no list has named", _names(one))
        news |= one
    again = client.channels(talk)
    if not again >= listed | news:
        raise Failure(f"a list with all channels, {_names(listed | news)} among them", _names(again))
    client.display(next(number for kind, number in news if kind == ChannelType.DISPLAY))
    client.alive(talk)


@server_case("SPICE-MAIN-018/cursor-before-display", "cursor, inputs, display")
@server_case("SPICE-MAIN-018/display-last-but-one", "inputs, display, cursor")
@server_case("SPICE-MAIN-018/display-first", "display, cursor, inputs")
def any_order(client: SuiteClient, order: str) -> None:
    """The other channels, linked in this order."""
    talk, listed = client.session()
    talks = []
    for kind in [ChannelType[name] for name in order.upper().split(", ")]:
        if (kind, 0) in listed:
            talks.append(client.display() if kind == ChannelType.DISPLAY else client.link(kind))
    _begun(client, talks)
    _working(client, talk, talks)


def _working(client: SuiteClient, talk: Talk, talks: list[Talk]) -> None:
    """Every channel is open and has begun. Raises Failure."""
    client.lean("SPICE-MOUSE-018/eight-at-once")
    for other in talks:
        if other.table in ("inputs", "cursor") and not other.count("INIT"):
            other.expect("INIT")
        if other.table == "inputs":
            client.move(other, _BUNCH)
            other.expect("MOUSE_MOTION_ACK")
    client.alive(talk)
    for other in talks:
        other.expect_open()


def _linked_together(client: SuiteClient, listed: Listed, *, backwards: bool) -> list[Talk]:
    """All links at the same time: every step is taken on all of them before the next one."""
    kinds = [kind for kind in _OTHERS if (kind, 0) in listed]
    if len(kinds) < 2:
        raise NotApplicable(f"the list of channels has not two of display, inputs and cursor: {_names(listed)}")
    wires: dict[ChannelType, ClientWire] = {kind: client.begin(kind) for kind in kinds}
    if backwards:
        kinds.reverse()
    replies: dict[ChannelType, LinkReply] = {kind: wires[kind].reply() for kind in kinds}
    announced: dict[ChannelType, Capabilities] = {kind: client.login(wires[kind], replies[kind]) for kind in kinds}
    if backwards:
        kinds.reverse()
    talks = []
    for kind in kinds:
        answer = wires[kind].result()
        if answer.kind != "result" or answer.error != LinkErr.OK:
            raise Failure(f"link result OK (0) for {kind.name.lower()}", str(answer))
        talks.append(client.begun(wires[kind], kind, 0, COMMON, announced[kind]))
        if kind == ChannelType.DISPLAY:
            client.greet_display(talks[-1])
    return talks


@server_case("SPICE-MAIN-018/all-at-once", "in the order of the links")
@server_case("SPICE-MAIN-018/all-at-once-crosswise", "backwards")
def all_at_once(client: SuiteClient, logins: str) -> None:
    """Display, inputs and cursor are linked at the same time; logins follow in this order."""
    talk, listed = client.session()
    client.lean("SPICE-LINK-064/half-a-ticket")
    talks = _linked_together(client, listed, backwards=logins == "backwards")
    _begun(client, talks)
    _working(client, talk, talks)


@server_case("SPICE-MAIN-018/one-hangs", channel="cursor",
             after=("SPICE-LINK-004/byte-by-byte", "SPICE-LINK-064/half-a-header"))  # fmt: skip
def one_hangs(client: SuiteClient) -> None:
    """While one channel stands in the middle of its link message, the others are linked; then it goes on."""
    talk, listed = client.session()
    if (ChannelType.CURSOR, 0) not in listed or (ChannelType.INPUTS, 0) not in listed:
        raise NotApplicable(f"the list of channels has no cursor or no inputs: {_names(listed)}")
    wire = client.connect()
    data = link_message(ChannelType.CURSOR, 0, client.session_id, common_caps=COMMON.common)
    wire.send(data[:20], "the first 20 bytes of a link message for cursor:0")
    keyboard = client.link(ChannelType.INPUTS)
    keyboard.expect("INIT")
    wire.send(data[20:], "the rest of it")
    server = client.login(wire, wire.reply())
    answer = wire.result()
    if answer.kind != "result" or answer.error != LinkErr.OK:
        raise Failure("link result OK (0) for cursor", str(answer))
    cursor = client.begun(wire, ChannelType.CURSOR, 0, COMMON, server)
    _working(client, talk, [keyboard, cursor])


@server_case("SPICE-MAIN-019/client-closes-main")
def client_closes_main(client: SuiteClient) -> None:
    """The client closes main: the server closes every other channel of the session."""
    talk, listed = client.session()
    talks = _link_all(client, listed)
    talk.close()
    _all_closed(talks)


@server_case("SPICE-MAIN-019/server-closes-main", after=("SPICE-FRAME-009/main-mouse-mode-request-1",))
def server_closes_main(client: SuiteClient) -> None:
    """The server closes main, for a body that is too short, and with it every other channel of the session."""
    talk, listed = client.session()
    talks = _link_all(client, listed)
    number, body = dispatch.build("main", "client", main.MouseModeRequest(MouseMode.SERVER))
    talk.send_raw(number, body[:1], text="MOUSE_MODE_REQUEST of 1 byte")
    talk.expect_closed()
    _all_closed(talks)


@server_case("SPICE-MAIN-019/no-other-session", needs=("many-sessions",))
def no_other_session(client: SuiteClient) -> None:
    """Of two sessions that run side by side one is closed; the channels of the other stay."""
    first, listed = client.session()
    first_talks = _link_all(client, listed)
    second, listed = client.session()
    second_talks = _link_all(client, listed)
    first.close()
    _all_closed(first_talks)
    _working(client, second, second_talks)


def _all_closed(talks: list[Talk]) -> None:
    for other in talks:
        other.expect_closed(why="main is closed")


@server_case("SPICE-MAIN-020/inputs", "INPUTS", channel="inputs")
@server_case("SPICE-MAIN-020/cursor", "CURSOR", channel="cursor")
@server_case("SPICE-MAIN-020/display", "DISPLAY", channel="display")
def one_is_lost(client: SuiteClient, kind: str) -> None:
    """The client closes one channel: main answers, and the other channels stay."""
    talk, listed = client.session()
    if (ChannelType[kind], 0) not in listed:
        raise NotApplicable(f"the list of channels has no {kind.lower()}")
    talks = _link_all(client, listed)
    lost = next(other for other in talks if other.table == kind.lower())
    talks.remove(lost)
    lost.close()
    client.alive(talk, f"only {lost.name} was lost")
    client.quiet()
    _working(client, talk, talks)


@server_case("SPICE-MAIN-020/all-one-after-the-other")
def all_are_lost(client: SuiteClient) -> None:
    """The client closes every channel but main, and links inputs again."""
    talk, listed = client.session()
    for other in _link_all(client, listed):
        other.close()
        client.alive(talk, f"only {other.name} was lost")
    if (ChannelType.INPUTS, 0) in listed:
        keyboard = client.link(ChannelType.INPUTS)
        _working(client, talk, [keyboard])


@server_case("SPICE-MAIN-020/closed-in-the-link-stage", channel="inputs")
def lost_in_the_link_stage(client: SuiteClient) -> None:
    """A connection for inputs that is lost in each step of its link stage: main answers."""
    talk, _ = client.session()
    client.connect().close()
    client.alive(talk, "a connection was lost before its link message")
    client.begin(ChannelType.INPUTS).close()
    client.alive(talk, "a connection was lost behind its link message")
    wire = client.begin(ChannelType.INPUTS)
    client.login(wire, wire.reply())
    wire.close()
    client.alive(talk, "a connection was lost behind its login")


# -- 3.3 at the destination of a migration

_EXPECTED: Final = 0x4D494752
"""Id of a session that is about to come from another server."""

_VERSION: Final = 1
_WITHOUT_INIT: Final = ("SPICE-MAIN-022/init-after-migrate-end",)
"""A server for which such a link is a new session answers nothing that belongs to a migration."""


def _destination(client: SuiteClient) -> Talk:
    """A main link that names a session which migrates here. Raises NotApplicable if the server has none and says so."""
    if client.target.meets("control:expect-migration"):
        client.control("expect-migration", _EXPECTED)
        id = _EXPECTED
    else:
        client.main()
        id = client.session_id
    found = client.try_link(ChannelType.MAIN, 0, id, channel=NONE.with_(*MainCapability))
    if isinstance(found, Talk):
        return found
    if found.error is None or client.target.meets("control:expect-migration"):
        raise Failure("link result OK (0) for main with the id of a session that migrates here, or a refusal", str(found))
    raise NotApplicable(f"main with the id of a running session is answered: {found}")


@server_case("SPICE-MAIN-022/init-after-migrate-end", channel="main")
def no_init_before_the_end(client: SuiteClient) -> None:
    """A main link that names a running session: INIT comes after MIGRATE_END, and not before."""
    talk = _destination(client)
    _never(client, talk, "INIT", why="the client has not sent MIGRATE_END")
    if not client.target.meets("control:expect-migration"):
        return
    talk.send(main.MigrateEnd())
    init: main.Init = talk.expect("INIT")
    if not init.session_id:
        raise Failure("a session id other than 0", "0")
    client.alive(talk)


@server_case("SPICE-MAIN-022/init-after-a-refusal", channel="main", needs=("control:expect-migration",))
def no_init_after_a_refusal(client: SuiteClient) -> None:
    """The answer to MIGRATE_DST_DO_SEAMLESS brings no INIT; after a no MIGRATE_END does."""
    talk = _destination(client)
    _need_seamless(talk)
    client.lean("SPICE-MAIN-023/answered")
    talk.send(main.MigrateDstDoSeamless(_VERSION))
    answer = talk.expect_message("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK")
    _never(client, talk, "INIT", why="the client has not sent MIGRATE_END")
    if answer.name == "MIGRATE_DST_SEAMLESS_NACK":
        talk.send(main.MigrateEnd())
        talk.expect("INIT")


def _need_seamless(talk: Talk) -> None:
    if not talk.server.has(MainCapability.SEAMLESS_MIGRATE):
        raise NotApplicable(f"the server announced {talk.server.channel:#x} on main, without SEAMLESS_MIGRATE")


@server_case("SPICE-MAIN-023/answered", _VERSION, channel="main", after=_WITHOUT_INIT)
@server_case("SPICE-MAIN-023/version-of-ones", 0xFFFFFFFF, channel="main", after=_WITHOUT_INIT)
def seamless_is_answered(client: SuiteClient, version: int) -> None:
    """MIGRATE_DST_DO_SEAMLESS is answered once, with yes or with no."""
    talk = _destination(client)
    _need_seamless(talk)
    talk.send(main.MigrateDstDoSeamless(version))
    talk.expect("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK")
    talk.expect_none("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK", why="one question, one answer")


@server_case("SPICE-MAIN-023/nobody-asked", channel="main")
def seamless_unasked(client: SuiteClient) -> None:
    """A main link that names a running session, on which nobody asks: no answer."""
    talk = _destination(client)
    _never(client, talk, "MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK", why="nobody has asked")
