"""Faults of a client whose guest moves (spec/19-migration.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from reference_client.channels import CursorChannel
from reference_client.tests.conversations import Make, alive
from reference_client.tests.migrating import BOTH, MIGRATING, Destination, begin, begin_seamless, move, two
from reference_client.tests.scripted import COMMON, LISTED, SESSION, ScriptedServer, init, session
from reference_client.tests.test_channels_cursor import dot
from reference_client.tests.test_channels_cursor import init as cursor_init
from reference_client.tests.test_channels_drawing import KEPT
from spiceproto.agent import chunks
from spiceproto.enums.agent import AgentCapability, AgentMessageType, ClipboardType
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, display, inputs, main

_MAIN, _DISPLAY, _INPUTS, _CURSOR = [
    (int(kind), 0) for kind in (ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
]
_ALL = {_MAIN, _DISPLAY, _INPUTS, _CURSOR}
_ANSWERS = (main.MigrateConnected, main.MigrateConnectedSeamless, main.MigrateConnectError)


def _answers(source: ScriptedServer) -> list[type]:
    return [type(value) for value in source.main.got if isinstance(value, _ANSWERS)]


def _list(there: Destination, *more: tuple[int, int]) -> None:
    there.main.send(main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in (*LISTED, *more)])))


def _all_shut(source: ScriptedServer) -> bool:
    return not any(connection in source.open for connection in source.connections)


# -- linking the destination


def _links(seamless: bool, make: Make) -> bool:
    """The destination is linked as the source is, and the source hears of it once."""
    source, there = two(make())
    (begin_seamless if seamless else begin)(source)
    if there.lines.keys() != _ALL and seamless and _MAIN not in there.lines:
        return False
    if seamless:
        if there.main.take() != [main.MigrateDstDoSeamless(1)]:
            return False
        there.main.send(main.MigrateDstSeamlessAck())
    if _answers(source) != [main.MigrateConnectedSeamless if seamless else main.MigrateConnected]:
        return False
    if set(there.lines) != _ALL or any(line.take() for line in there.lines.values()):
        return False
    for key, line in there.lines.items():
        here = source.lines[key].established
        if here is None or line.established is None or line.established.message.connection_id != SESSION:
            return False
        if line.established.client != here.client:
            return False
    return alive(source)


def _links_slowly(make: Make) -> bool:
    """Nothing is said to the source before all is linked, and the user is heard meanwhile."""
    source, there = two(make())
    deliver = there.deliver
    held: list[tuple[Any, bytes]] = []

    def deliver_main_alone(connection: Any, data: bytes) -> None:
        if connection is there.connections[0]:
            deliver(connection, data)
        else:
            held.append((connection, data))

    there.deliver = deliver_main_alone  # type: ignore[method-assign]
    begin(source)
    source.client.inputs.key(0x1E)
    source.inputs.send(common.Ping(5, 5, b""))
    if source.inputs.take() != [inputs.KeyDown(0x1E), common.Pong(5, 5)] or _answers(source):
        return False
    there.deliver = deliver  # type: ignore[method-assign]
    for connection, data in held:
        source.deliver(connection, data)
    return _answers(source) == [main.MigrateConnected] and set(there.lines) == _ALL


def _host_ends(make: Make) -> bool:
    """A host with and without a zero byte at its end is the same host."""
    for end in (b"\0", b""):
        source, there = two(make())
        begin(source, host=b"there" + end)
        if [place.host for place in source.places[:1]] != ["there"] or set(there.lines) != _ALL:
            return False
    return True


def _with_tls(make: Make) -> bool:
    """What had TLS has it at the destination, or there is no link."""
    source, there = two(make(tls=True), source={"secured": {ChannelType.INPUTS}})
    begin(source, sport=2)
    if [key for key, line in there.lines.items() if line.connection.secure] != [_INPUTS]:
        return False
    source, there = two(make(tls=True), source={"secured": {ChannelType.INPUTS}})
    begin(source)
    return _answers(source) == [main.MigrateConnectError] and _INPUTS not in there.lines


def _tls_alone(make: Make) -> bool:
    source, there = two(make())
    begin(source, port=0, sport=2)
    return set(there.lines) == _ALL and all(connection.secure for connection in there.connections)


def _subject(make: Make) -> bool:
    """The subject is handed to whoever looks at certificates."""
    source, _ = two(make())
    begin(source, sport=2, subject=b"CN=x\0")
    return bool(source.places) and {place.subject for place in source.places} == {"CN=x"}


def _password(make: Make) -> bool:
    source, there = two(make(password="sesame"), source={"password": b"sesame"}, password=b"sesame")
    begin(source)
    return set(there.lines) == _ALL


def _nack(make: Make) -> bool:
    source, there = two(make())
    begin_seamless(source)
    there.main.send(main.MigrateDstSeamlessNack())
    return _answers(source) == [main.MigrateConnected]


def _says_nothing_unasked(make: Make) -> bool:
    return not _answers(session(make()))


def _not_there(make: Make) -> bool:
    """A destination that lacks a channel is said to be none, and the session goes on."""
    source, there = two(make(), channels={key: each for key, each in MIGRATING.items() if key != _CURSOR})
    begin(source)
    return _answers(source) == [main.MigrateConnectError] and alive(source) and not set(there.connections) & source.open


# -- the ends


def _switches(make: Make) -> bool:
    source, there = two(make())
    source.main.send(main.MigrateSwitchHost(port=1, sport=0, host_data=b"there\0", cert_subject_data=None))
    if _MAIN not in there.lines or not _all_shut(source):
        return False
    established = there.main.established
    return established is not None and established.message.connection_id == 0


def _begins_anew(make: Make) -> bool:
    """A semi-seamless migration to its end."""
    source, there = two(make(canvas=True))
    source.main.send(main.AgentConnectedTokens(10))
    begin(source)
    if there.main.take():
        return False
    for line in source.lines.values():
        line.take()
    source.main.send(main.MigrateEnd())
    if not _all_shut(source) or there.main.take() != [main.MigrateEnd()]:
        return False
    there.main.send(init())
    there.main.send(main.AgentConnectedTokens(10))
    _list(there)
    said = [type(value) for value in there.main.take()]
    if main.AttachChannels not in said or main.AgentStart not in said:
        return False
    return [type(value) for value in there.line(ChannelType.DISPLAY).take()] == [display.Init]


_TEXT = b"a" * 5000


def _copied(make: Make, tokens: int) -> tuple[ScriptedServer, Destination, list[bytes]]:
    """The client has begun to say a long text to the agent, and has no tokens for the rest: what has come of it."""
    source, there = two(make())
    can = 1 << AgentCapability.CLIPBOARD_BY_DEMAND
    source.main.send(main.AgentConnectedTokens(tokens))
    for kind, body in (
        (AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(4) + can.to_bytes(4, "little")),
        (AgentMessageType.CLIPBOARD_REQUEST, int(ClipboardType.UTF8_TEXT).to_bytes(4, "little")),
    ):
        if kind == AgentMessageType.CLIPBOARD_REQUEST:
            source.client.main.agent.clipboard.copy({int(ClipboardType.UTF8_TEXT): _TEXT})
            source.run()
        source.main.send(*[main.AgentData(piece) for piece in chunks(kind, body)])
    return source, there, [value.data for value in source.main.take() if isinstance(value, main.AgentData)]


def _does_not_finish_messages(make: Make) -> bool:
    source, there, before = _copied(make, 3)
    if len(before) != 3:
        return False
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    there.main.send(main.AgentConnectedTokens(100))
    said = [value.data for value in there.main.take() if isinstance(value, main.AgentData)]
    return not any(data.startswith(b"aaaa") for data in said)


def _moved(make: Make, prepare: Callable[[ScriptedServer], None]) -> tuple[ScriptedServer, Destination]:
    """A seamless migration of what a test has prepared, to its end; what was said at the destination is not taken."""
    source, there = two(make(canvas=True), source={"supported": 3, "current": 2})
    prepare(source)
    begin_seamless(source)
    there.main.take()
    there.main.send(main.MigrateDstSeamlessAck())
    for line in source.lines.values():
        line.take()
    move(source)
    return source, there


def _nothing(source: ScriptedServer) -> None:
    """A session as it is."""


def _carries(make: Make) -> bool:
    """Each channel ends with its mark at the source, and begins with its data at the destination."""
    try:
        source, there = _moved(make, _nothing)
    except AssertionError:
        return False
    for key in _ALL:
        marks = [common.MigrateFlushMark()] if key != _CURSOR else []
        data = [common.MigrateData(b"state of " + bytes(str(key), "ascii"))] if key != _CURSOR else []
        if source.lines[key].take() != marks or there.lines[key].take() != data:
            return False
    return True


def _keeps_pictures(make: Make) -> bool:
    """Surfaces, cached images and the pointer are what they were, and the mouse mode too."""

    def prepare(source: ScriptedServer) -> None:
        source.line(ChannelType.DISPLAY).send(display.SurfaceCreate(surface_id=0, width=16, height=8, format=32, flags=1), KEPT)
        source.line(ChannelType.CURSOR).send(cursor_init(dot(0xFFFF0000)))

    source, _ = _moved(make, prepare)
    shown, pointer = source.client.displays[0].canvas, source.client.channels_of(CursorChannel)[0].pointer
    kept = shown is not None and len(shown.surfaces) == 1 and 7 in shown.pixmaps
    return kept and pointer is not None and pointer.shape is not None and source.client.pointing.mode == MouseMode.CLIENT


def _keeps_keys(make: Make) -> bool:
    """A key that is down stays down, and nothing is said of lock keys."""

    def prepare(source: ScriptedServer) -> None:
        source.client.inputs.key(0x1E)
        source.run()

    _, there = _moved(make, prepare)
    return there.inputs.take()[1:] == []


def _hears_halves(make: Make) -> bool:
    """Half an agent message comes from the source, and the other half from the destination."""
    body = bytes(4) + (1 << AgentCapability.CLIPBOARD_BY_DEMAND).to_bytes(4, "little")
    [piece] = chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, body)

    def prepare(source: ScriptedServer) -> None:
        source.main.send(main.AgentConnectedTokens(10), main.AgentData(piece[:10]))

    source, there = _moved(make, prepare)
    there.main.send(main.AgentData(piece[10:]))
    return source.client.main.agent.terms.heard


def _finishes_messages(make: Make) -> bool:
    """What the agent has not got of a message at the source it gets at the destination."""
    source, there, before = _copied(make, 3)
    begin_seamless(source)
    there.main.take()
    there.main.send(main.MigrateDstSeamlessAck())
    move(source)
    there.main.send(main.AgentToken(100))
    after = [value.data for value in there.main.take() if isinstance(value, main.AgentData)]
    return b"".join([*before, *after]).endswith(_TEXT)


# -- cancelled, and what nobody asked for


def _cancels(make: Make) -> bool:
    source, there = two(make())
    begin(source)
    source.main.send(main.MigrateCancel())
    return alive(source) and not any(connection in source.open for connection in there.connections)


def _lives_with(make: Make) -> bool:
    """Messages of a migration where there is none."""
    source, _ = two(make())
    source.main.send(main.MigrateCancel(), main.MigrateEnd(), main.MigrateDstSeamlessAck(), main.MigrateDstSeamlessNack())
    if not alive(source):
        return False
    source.inputs.send(common.Migrate(BOTH), common.MigrateData(b"x"))
    return alive(source)


def _links_late(make: Make) -> bool:
    """A channel that is listed behind a migration is linked at the destination."""
    more = (ChannelType.DISPLAY, 1)
    source, there = two(make(), channels={**MIGRATING, more: COMMON})
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    _list(there, more)
    return (2, 1) in there.lines


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "wants-a-zero-byte-behind-hosts": _host_ends,
    "loses-the-last-byte-of-hosts": _host_ends,
    "links-a-new-session-ahead": partial(_links, False),
    "plain-link-where-tls-was-used": _with_tls,
    "no-tls-where-there-is-no-other-port": _tls_alone,
    "looks-at-no-subject": _subject,
    "no-password-at-the-destination": _password,
    "other-capabilities-at-the-destination": partial(_links, False),
    "connected-before-all-is-linked": _links_slowly,
    "forgets-the-cursor": partial(_links, True),
    "answers-twice": partial(_links, True),
    "does-not-answer": partial(_links, False),
    "seamless-whatever-the-destination-says": _nack,
    "connected-unasked": _says_nothing_unasked,
    "hides-failure": _not_there,
    "leaves-where-it-can-not-go": _not_there,
    "deaf-while-it-links": _links_slowly,
    "init-ahead": partial(_links, False),
    "asks-for-another-version": partial(_links, True),
    "stays-where-nobody-is": _switches,
    "keeps-the-source-behind-switch-host": _switches,
    "goes-on-behind-switch-host": _switches,
    "ends-before-the-source": _begins_anew,
    "keeps-the-source-open": _begins_anew,
    "no-init-where-it-begins-anew": _begins_anew,
    "no-agent-start-where-it-begins-anew": _begins_anew,
    "does-not-ask-again": _begins_anew,
    "agent-message-goes-on-anew": _does_not_finish_messages,
    "no-flush-mark": _carries,
    "flush-mark-unasked": _carries,
    "speaks-behind-the-flush-mark": _carries,
    "changes-the-data": _carries,
    "loses-the-data": _carries,
    "data-where-there-were-none": _carries,
    "init-behind-the-data": _carries,
    "forgets-the-picture": _keeps_pictures,
    "forgets-cached-images": _keeps_pictures,
    "forgets-the-pointer": _keeps_pictures,
    "server-mode-behind-migration": _keeps_pictures,
    "keys-go-up-on-the-way": _keeps_keys,
    "says-lock-keys-on-the-way": _keeps_keys,
    "forgets-half-a-message-of-the-agent": _hears_halves,
    "drops-the-rest-for-the-agent": _finishes_messages,
    "ignores-cancel": _cancels,
    "leaves-on-cancel": _cancels,
    "stray-end-fatal": _lives_with,
    "stray-migrate-fatal": _lives_with,
    "late-channels-at-the-source": _links_late,
}
