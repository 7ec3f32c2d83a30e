"""Every fault is seen by the conversation that is made for it, and the clean client is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spec
from reference_client import FAULTS, Client, Options, make_client
from reference_client.events import ChannelRefused, Ended
from reference_client.faults import UNBREAKABLE
from reference_client.tests.hand import KEY, MECHANISM, OK, Hand, header, reply, short_refusal
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, SESSION, ScriptedServer, session
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.derive import sentences
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.link import mechanisms
from spiceproto.messages import common, inputs, main

Make = Callable[..., Client]
_SASL = (COMMON.with_(CommonCapability.AUTH_SASL).without(CommonCapability.AUTH_SPICE)).common
_SASL_OPTIONS: dict[str, Any] = {"sasl": True, "username": "suite", "password": "sesame"}
_INPUTS = (int(ChannelType.INPUTS), 0)
_DISPLAY = (int(ChannelType.DISPLAY), 0)


# -- what a conversation needs


def _mini(type: int, body: bytes) -> bytes:
    return type.to_bytes(2, "little") + len(body).to_bytes(4, "little") + body


def _ping(number: int) -> common.Ping:
    return common.Ping(number, 7, b"")


def _pongs(server: ScriptedServer) -> list[int]:
    return [value.id for value in server.main.got if isinstance(value, common.Pong)]


def _alive(server: ScriptedServer, number: int = 99) -> bool:
    if server.main.connection not in server.open:
        return False
    server.main.send(_ping(number))
    return number in _pongs(server)


def _plaintext(hand: Hand) -> bytes | None:
    sent = hand.taken()
    return KEY.decrypt_plaintext(sent[-128:]) if len(sent) == 132 else None


def _fresh(client: Client) -> Hand:
    """A client in the middle of main's link stage; its link message was taken."""
    hand = Hand(client)
    hand.taken()
    return hand


def _link_message(client: Client) -> bytes:
    found: bytes = Hand(client).sent[0]
    return found


def _movements(server: ScriptedServer) -> list[Any]:
    return [value for value in server.inputs.got if isinstance(value, inputs.MouseMotion | inputs.MousePosition)]


def _act(server: ScriptedServer, verb: str, *values: Any) -> None:
    getattr(server.client, verb)(*values)
    server.run()


# -- link


def _order(make: Make) -> bool:
    hand = _fresh(make(password="sesame"))
    hand.give(reply())
    sent = hand.taken()
    return len(sent) == 132 and sent[:4] == MECHANISM


def _after_ticket(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(_DISPLAY)
    hand.taken(1)
    hand.give(reply(), 1)
    return len(hand.taken(1)) == 132


def _in_pieces(make: Make) -> bool:
    return Hand(make()).log_in(piece=1)


def _behind_result(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.taken()
    talk = Channel("server", "main", True)
    hand.give(OK + talk.send(main.Init(SESSION, 1, 3, 1, 0, 0, 0, 0)))
    return bool(hand.taken())


def _header_is_right(make: Make) -> bool:
    return _link_message(make())[:12] == header(0)[:12]


def _size_is_right(make: Make) -> bool:
    data = _link_message(make())
    size = int.from_bytes(data[12:16], "little")
    return len(data) == 16 + size and 18 <= size <= 4096


def _words_are_inside(make: Make) -> bool:
    data = _link_message(make())
    words = int.from_bytes(data[22:26], "little") + int.from_bytes(data[26:30], "little")
    return 18 <= int.from_bytes(data[30:34], "little") <= len(data) - 16 - 4 * words


def _logs_in_with(**freedom: Any) -> Callable[[Make], bool]:
    def scenario(make: Make) -> bool:
        return Hand(make()).log_in(reply(**freedom))

    return scenario


def _closes_on_huge_reply(make: Make) -> bool:
    hand = Hand(make())
    hand.give(header(0xFFFFFFF0))
    return hand.closes == [0]


def _one_word_of_the_channel(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(_INPUTS)
    hand.taken(1)
    # Two common words; the one of the channel says nothing.
    hand.give(reply(common=(COMMON.common, 1), channel=(0,)), 1)
    hand.give(OK, 1)
    hand.taken(1)
    hand.client.scancode(b"\x1e")
    hand.run()
    return hand.taken(1)[:2] == (101).to_bytes(2, "little")


def _comes_back_with_tls(make: Make) -> bool:
    hand = Hand(make(tls=True))
    hand.give(short_refusal(LinkErr.NEED_SECURED))
    return len(hand.opens) == 2 and hand.opens[1].secure


def _silent_after_error(make: Make) -> bool:
    hand = _fresh(make())
    hand.give(reply(error=LinkErr.CHANNEL_NOT_AVAILABLE))
    return hand.taken() == b""


def _keeps_tls(make: Make) -> bool:
    hand = Hand(make(tls=True, plain=False))
    hand.give(short_refusal(LinkErr.NEED_UNSECURED))
    return all(connection.secure for connection in hand.opens)


def _names_the_session(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(_DISPLAY)
    return hand.sent[1][16:20] == SESSION.to_bytes(4, "little")


def _main_is_new(make: Make) -> bool:
    return _link_message(make())[16:20] == bytes(4)


def _main_has_id_zero(make: Make) -> bool:
    return _link_message(make())[20:22] == b"\1\0"


def _no_mechanism_unasked(make: Make) -> bool:
    hand = _fresh(make())
    hand.give(reply(common=(COMMON.without(CommonCapability.PROTOCOL_AUTH_SELECTION).common,)))
    return len(hand.taken()) == 128


def _mechanism_is_announced(make: Make) -> bool:
    hand = _fresh(make())
    hand.give(reply())
    return hand.taken()[:4] == MECHANISM


def _no_migration_of_its_own(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.taken()
    hand.give(OK)
    talk = Channel("server", "main", True)
    talk.receive(hand.taken())
    found = []
    while (event := talk.next_event()) is not None:
        assert isinstance(event, MessageReceived)
        found.append(type(event.value))
    return main.MigrateEnd not in found


# -- login


def _ticket_is_right(make: Make) -> bool:
    hand = _fresh(make(password="sesame"))
    hand.give(reply())
    return _plaintext(hand) == b"sesame\0"


def _refuses_a_long_password(make: Make) -> bool:
    try:
        hand = _fresh(make(password="x" * 61))
    except LocalError:
        return True
    hand.give(reply())
    return _plaintext(hand) is None


def _sasl_hand(make: Make) -> Hand:
    hand = _fresh(make(**_SASL_OPTIONS))
    hand.give(reply(common=(_SASL,), key=bytes(162)))
    return hand


def _key_is_not_looked_at(make: Make) -> bool:
    return _sasl_hand(make).taken() == (2).to_bytes(4, "little")


def _refuses_every_result(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.give(b"\x63\0\0\0")
    return not hand.established()


def _parts(data: bytes) -> list[bytes]:
    """Byte strings with their lengths before them."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "little")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def _sasl_response(make: Make) -> list[bytes]:
    hand = _sasl_hand(make)
    hand.taken()
    hand.give((5).to_bytes(4, "little") + b"PLAIN")
    return _parts(hand.taken())


def _sasl_ends_with_zero(make: Make) -> bool:
    return _sasl_response(make)[1] == b"\0suite\0sesame\0"


def _sasl_is_listed(make: Make) -> bool:
    return _sasl_response(make)[0] == b"PLAIN"


def _sasl_list_is_limited(make: Make) -> bool:
    hand = _sasl_hand(make)
    hand.give((301).to_bytes(4, "little"))
    return hand.closes == [0]


def _sasl_session(make: Make) -> bool:
    channels: dict[tuple[int, int], Capabilities] = {key: _with_sasl(value) for key, value in CHANNELS.items()}
    server = ScriptedServer(make(**_SASL_OPTIONS), channels=channels, sasl=lambda: mechanisms.server({"suite": "sesame"}))
    return bool(server.client.linked())


def _with_sasl(value: Any) -> Any:
    return value.without(CommonCapability.AUTH_SPICE).with_(CommonCapability.AUTH_SASL)


# -- framing


def _mini_session(make: Make) -> bool:
    hand = Hand(make())
    assert hand.log_in()
    hand.taken()
    talk = Channel("server", "main", True)
    hand.give(talk.send(main.Init(SESSION, 1, 1, 1, 0, 0, 0, 0)))
    return hand.taken() == _mini(104, b"")


def _full_session(make: Make) -> bool:
    hand = Hand(make())
    assert hand.log_in(reply(common=(COMMON.without(CommonCapability.MINI_HEADER).common,)))
    hand.taken()
    talk = Channel("server", "main", False)
    hand.give(talk.send(main.Init(SESSION, 1, 1, 1, 0, 0, 0, 0)))
    return hand.taken() == (1).to_bytes(8, "little") + b"\x68\0" + bytes(8)


def _waits(make: Make) -> bool:
    """Inputs waits for a message of main that comes later; then it goes on."""
    server = session(make())
    serial = server.main.channel.sent_serial + 2  # type: ignore[union-attr]
    server.inputs.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial),)), _ping(5))
    early = any(isinstance(value, common.Pong) for value in server.inputs.got)
    server.main.send(_ping(1), _ping(2))
    late = any(isinstance(value, common.Pong) for value in server.inputs.got)
    return late and not early


def _does_not_wait_for_nobody(make: Make) -> bool:
    server = session(make())
    server.main.send(common.WaitForChannels((common.ChannelWait(ChannelType.DISPLAY, 99, 5),)), _ping(5))
    return _pongs(server) == [5]


def _two_in_one_read(make: Make) -> bool:
    server = session(make())
    server.main.send(_ping(1), _ping(2))
    return _pongs(server) == [1, 2]


def _a_message_in_pieces(make: Make) -> bool:
    server = session(make())
    server.piece = 5
    server.main.send(_ping(1))
    return _pongs(server) == [1]


def _scancode_where_announced(make: Make) -> bool:
    server = session(make(), channels={**CHANNELS, _INPUTS: COMMON})
    _act(server, "scancode", b"\x1e")
    return server.inputs.got == [inputs.KeyDown(0x1E)]


def _unknown_is_skipped(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(250, b"xy")
    return _alive(server)


def _malformed_is_skipped(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(105, b"x")
    return _alive(server)


def _tail_is_ignored(make: Make) -> bool:
    server = session(make())
    server.main.send_raw(105, b"\3\0\1\0" + bytes(8))
    return _alive(server)


def _main_speaks_only_of_what_it_may(make: Make) -> bool:
    """Every type is defined, every size is in bounds; in bytes, because nobody could parse the others."""
    hand = Hand(make())
    hand.begin(*LISTED)
    data, types, largest = hand.taken(), [], 0
    while data:
        size = int.from_bytes(data[2:6], "little")
        types.append(int.from_bytes(data[:2], "little"))
        largest = max(largest, size)
        data = data[6 + size :]
    return set(types) <= {104, 105} and largest < 1024


def _list_in_order(make: Make) -> bool:
    server = session(make())
    server.deliver(server.main.connection, server.main.channel.send_list(_ping(1), _ping(2), _ping(3)))  # type: ignore[union-attr]
    return _pongs(server) == [1, 2, 3]


def _broken_list_is_refused(make: Make) -> bool:
    server = session(make())
    ping = _mini(4, (1).to_bytes(4, "little") + bytes(8))
    server.main.send_raw(8, b"\2\0" + (10).to_bytes(4, "little") + b"\xff\xff\0\0" + ping)
    return not _pongs(server) and _alive(server)


def _inside_does_not_count(make: Make) -> bool:
    server = session(make())
    server.main.send(common.SetAck(1, 1))
    channel = server.main.channel
    assert channel is not None
    server.deliver(server.main.connection, channel.send_list(_ping(1), _ping(2)))
    return sum(isinstance(value, common.Ack) for value in server.main.got) == 1


def _every_window_is_answered(make: Make) -> bool:
    server = session(make())
    server.main.send(common.SetAck(7, 3), common.SetAck(8, 0))
    return [value.generation for value in server.main.got if isinstance(value, common.AckSync)] == [7, 8]


def _window(make: Make) -> tuple[int, int]:
    """ACKs for two messages and for six under a window of three."""
    server = session(make())
    server.main.send(common.SetAck(7, 3))
    server.main.send(_ping(1), _ping(2))
    early = sum(isinstance(value, common.Ack) for value in server.main.got)
    server.main.send(*[_ping(number) for number in range(3, 7)])
    late = sum(isinstance(value, common.Ack) for value in server.main.got)
    return early, late


def _pong_is_right(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Ping(5, 1234, b""))
    return [value for value in server.main.got if isinstance(value, common.Pong)] == [common.Pong(5, 1234)]


def _pong_is_short(make: Make) -> bool:
    hand = Hand(make())
    talk = hand.begin()
    hand.taken()
    hand.give(talk.send(common.Ping(5, 1234, bytes(256000))))
    return hand.taken() == _mini(3, (5).to_bytes(4, "little") + (1234).to_bytes(8, "little"))


def _text_without_end(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Notify(0, 0, 0, 0, b"hello", b""))
    return _alive(server)


def _silent_after_goodbye(make: Make) -> bool:
    server = session(make())
    _act(server, "disconnect")
    return isinstance(server.main.got[-1], common.Disconnecting)


# -- main


def _displays_as_listed(make: Make) -> bool:
    server = session(make(), hint=4)
    return len(server.connections) == 4


def _silent_before_init(make: Make) -> bool:
    return not ScriptedServer(make()).main.got


def _name_without_end(make: Make) -> bool:
    server = session(make())
    server.main.send(main.Name(b"guest"))
    return _alive(server)


def _clock_may_wrap(make: Make) -> bool:
    server = session(make(), clock=0xFFFFFF00)
    server.main.send(main.MultiMediaTime(0x10))
    return _alive(server)


def _links_once(make: Make) -> bool:
    server = session(make())
    server.listing(_INPUTS, _INPUTS)
    return len(server.connections) == 4


def _unknown_channel_is_ignored(make: Make) -> bool:
    server = session(make())
    server.listing((99, 0), (8, 3))
    return _alive(server) and len(server.connections) == 4


def _all_ends_with_main(make: Make) -> bool:
    server = session(make())
    server.main.close()
    return not server.open


def _others_may_go(make: Make) -> bool:
    server = session(make())
    server.line(ChannelType.CURSOR).close()
    return _alive(server) and len(server.open) == 3


def _errors_are_read(make: Make) -> bool:
    server = session(make())
    server.main.send(common.Notify(0, 2, 2, 0, b"bad", b"\0"))
    return _alive(server)


def _no_seamless(make: Make) -> bool:
    return main.MigrateDstDoSeamless not in [type(value) for value in session(make()).main.got]


# -- mouse


def _moves_at_once(make: Make) -> bool:
    server = session(make(prefer_client_mode=False))
    _act(server, "motion", 1, 2)
    return len(_movements(server)) == 1


def _motion_in_server_mode(make: Make) -> bool:
    server = session(make())
    _act(server, "motion", 3, -1)
    _act(server, "position", 10, 10)
    return [type(value) for value in _movements(server)] == [inputs.MouseMotion] * 2


def _position_in_client_mode(make: Make) -> bool:
    server = session(make(), current=2)
    _act(server, "motion", 3, 4)
    _act(server, "position", 10, 20, 0)
    return _movements(server) == [inputs.MousePosition(3, 4, 0, 0), inputs.MousePosition(10, 20, 0, 0)]


def _does_not_go_back(make: Make) -> bool:
    server = session(make())
    _act(server, "motion", 1, 1)
    server.main.send(main.MouseModeMessage(3, 2))
    for _ in range(3):
        _act(server, "motion", 1, 1)
    return [type(value) for value in _movements(server)] == [inputs.MouseMotion] + [inputs.MousePosition] * 3


def _at_most_eight(make: Make) -> bool:
    server = session(make())
    for _ in range(20):
        _act(server, "motion", 1, 2)
    return len(_movements(server)) == 8


def _nothing_is_lost(make: Make) -> bool:
    server = session(make())
    for _ in range(20):
        _act(server, "motion", 1, 2)
    server.inputs.send(inputs.MouseMotionAck())
    found = _movements(server)
    return (sum(value.dx for value in found), sum(value.dy for value in found)) == (20, 40)


def _wheel_is_pressed_and_released(make: Make) -> bool:
    server = session(make())
    _act(server, "wheel", -1)
    return [(type(value), value.button) for value in server.inputs.got] == [(inputs.MousePress, 5), (inputs.MouseRelease, 5)]


def _buttons_after_the_event(make: Make) -> bool:
    server = session(make())
    for verb, button in (("press", 1), ("press", 3), ("release", 1), ("release", 3)):
        _act(server, verb, button)
    return [int(value.buttons_state) for value in server.inputs.got] == [1, 5, 4, 0]


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "ticket-before-mechanism": _order,
    "message-before-result": _after_ticket,
    "link-in-pieces-fails": _in_pieces,
    "drops-bytes-behind-result": _behind_result,
    "wrong-magic": _header_is_right,
    "wrong-major-version": _header_is_right,
    "looks-at-minor-version": _logs_in_with(minor=99),
    "link-message-too-long": _size_is_right,
    "link-message-too-short": _size_is_right,
    "refuses-long-reply": _logs_in_with(pad=4096 - 182),
    "waits-for-any-reply-size": _closes_on_huge_reply,
    "capabilities-outside": _words_are_inside,
    "looks-at-offset-without-words": _logs_in_with(common=(), offset=0xFFFFFFFF),
    "capabilities-must-be-tight": _logs_in_with(gap=1, pad=3),
    "assumes-one-common-word": _one_word_of_the_channel,
    "unknown-capability-fatal": _logs_in_with(common=(0xFFFFFFFB,)),
    "demands-capability-words": _logs_in_with(common=()),
    "demands-whole-refusal": _comes_back_with_tls,
    "ticket-after-error": _silent_after_error,
    "gives-up-tls": _keeps_tls,
    "wrong-connection-id": _names_the_session,
    "main-names-a-session": _main_is_new,
    "main-id-five": _main_has_id_zero,
    "mechanism-unasked": _no_mechanism_unasked,
    "mechanism-left-out": _order,
    "mechanism-not-announced": _mechanism_is_announced,
    "seamless-without-waiting": _no_migration_of_its_own,
    "ticket-without-zero-byte": _ticket_is_right,
    "ticket-with-other-padding": _ticket_is_right,
    "long-password": _refuses_a_long_password,
    "parses-key-early": _key_is_not_looked_at,
    "knows-one-refusal": _refuses_every_result,
    "sasl-without-zero-byte": _sasl_ends_with_zero,
    "no-sasl-limits": _sasl_list_is_limited,
    "sasl-mechanism-not-listed": _sasl_is_listed,
    "sasl-layer-too-early": _sasl_session,
    "full-header-always": _mini_session,
    "mini-header-always": _full_session,
    "serials-from-zero": _full_session,
    "no-count-under-mini-headers": _waits,
    "one-message-a-read": _two_in_one_read,
    "messages-in-pieces-lost": _a_message_in_pieces,
    "scancode-uninvited": _scancode_where_announced,
    "unknown-type-fatal": _unknown_is_skipped,
    "undefined-type": _main_speaks_only_of_what_it_may,
    "malformed-fatal": _malformed_is_skipped,
    "trailing-bytes-fatal": _tail_is_ignored,
    "oversized-message": _main_speaks_only_of_what_it_may,
    "list-backwards": _list_in_order,
    "ignores-lists": _list_in_order,
    "broken-lists-accepted": _broken_list_is_refused,
    "counts-inside-messages": _inside_does_not_count,
    "no-ack-sync": _every_window_is_answered,
    "no-ack": lambda make: _window(make)[1] == 2,
    "ack-too-early": lambda make: _window(make)[0] == 0,
    "invented-generation": _every_window_is_answered,
    "no-pong": _pong_is_right,
    "pong-with-other-timestamp": _pong_is_right,
    "pong-with-padding": _pong_is_short,
    "large-ping-fatal": _pong_is_short,
    "ignores-wait": _waits,
    "waits-for-missing-channel": _does_not_wait_for_nobody,
    "notify-needs-zero-byte": _text_without_end,
    "talks-after-disconnecting": _silent_after_goodbye,
    "trusts-display-hint": _displays_as_listed,
    "attach-before-init": _silent_before_init,
    "sends-client-info": _main_speaks_only_of_what_it_may,
    "sends-quality-indicator": _main_speaks_only_of_what_it_may,
    "name-needs-zero-byte": _name_without_end,
    "clock-must-not-wrap": _clock_may_wrap,
    "double-connect": _links_once,
    "unknown-channel-fatal": _unknown_channel_is_ignored,
    "outlives-main": _all_ends_with_main,
    "dies-with-any-channel": _others_may_go,
    "notify-fatal": _errors_are_read,
    "seamless-unasked": _no_seamless,
    "waits-for-mouse-mode": _moves_at_once,
    "mode-request-before-init": _silent_before_init,
    "position-in-server-mode": _motion_in_server_mode,
    "motion-in-client-mode": _position_in_client_mode,
    "old-kind-after-change": _does_not_go_back,
    "wrong-display-id": _position_in_client_mode,
    "ignores-motion-ack": _at_most_eight,
    "loses-movements": _nothing_is_lost,
    "wheel-without-release": _wheel_is_pressed_and_released,
    "buttons-before-event": _buttons_after_the_event,
}


def _maker(fault: str | None) -> Make:
    def make(**options: Any) -> Client:
        return make_client(Options(**options), fault=fault)

    return make


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_clean_client_passes(name: str) -> None:
    assert SCENARIOS[name](_maker(None))


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_fault_is_seen(name: str) -> None:
    assert not SCENARIOS[name](_maker(name))


def test_every_scenario_has_its_fault() -> None:
    assert set(SCENARIOS) == set(FAULTS)


_SENTENCES = sentences.read(Path(spec.__file__).parent)


def _must_of_clients() -> set[str]:
    return {id for id, item in _SENTENCES.items() if item.level == "MUST" and item.role in ("client", "both")}


def test_every_must_of_a_client_has_a_fault() -> None:
    broken = {fault.requirement for fault in FAULTS.values()}
    assert _must_of_clients() - broken == set(UNBREAKABLE)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_says_what_it_breaks(fault: Any) -> None:
    assert fault.breaks[0] == fault.requirement
    assert set(fault.breaks) <= set(_SENTENCES)
    assert fault.title.endswith(".") and "\n" not in fault.title


def test_an_unknown_fault_is_an_error() -> None:
    with pytest.raises(LocalError):
        make_client(Options(), fault="no-such-fault")


def test_a_session_of_a_fault_ends_as_any_other() -> None:
    for name in FAULTS:
        server = ScriptedServer(make_client(Options(), fault=name))
        for connection in list(server.open):
            server.close(connection)
        assert server.told(Ended) or server.told(ChannelRefused) or name == "outlives-main", name
